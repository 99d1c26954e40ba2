// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_book.h"
#include "ui/playback/view_state.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

class QScrollArea;
class QStackedLayout;

namespace packetarium::ui {

class ChartPanel;
class EmptyState;
class IconButton;

struct ChartGrid {
  int columns = 1, rows = 1;
  bool operator==(const ChartGrid &) const = default;
};
// How to set out so many charts in a space so that they keep a good shape; sizes at scale 1.
[[nodiscard]] ChartGrid chartGrid(int charts, double width, double height);

// Small multiples of what is measured in the run, up to the moment that is shown.
class ChartsView : public QWidget {
  Q_OBJECT
public:
  explicit ChartsView(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] const ChartBook &book() const { return *m_book; }
  [[nodiscard]] const std::vector<ChartPanel *> &panels() const { return m_panels; }
  // All charts over the whole run as far as it is known, for plots so many pixels wide.
  [[nodiscard]] std::vector<ChartData> wholeRun(std::size_t pixels) const;
  void refresh();

protected:
  void showEvent(QShowEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  [[nodiscard]] QWidget *makeTools();
  [[nodiscard]] std::pair<SimTime, SimTime> span() const;
  [[nodiscard]] ChartPanel *makePanel();
  void refreshSoon();
  void showMoments();
  void arrange();
  void openExport(const QString &chartId);

  ViewState &m_state;
  ChartBook *m_book;
  QScrollArea *m_scroll;
  QWidget *m_sheet;
  EmptyState *m_empty;
  QStackedLayout *m_stack;
  IconButton *m_export = nullptr, *m_recent = nullptr;
  std::vector<ChartPanel *> m_panels;
  QTimer m_soon;
};

} // namespace packetarium::ui
