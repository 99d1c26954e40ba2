// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/figure.h"
#include "ui/playback/view_state.h"
#include "ui/services/services_shown.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <string>

class QBoxLayout;
class QScrollArea;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;
class FigureStrip;
class IconButton;
class LostList;
class MachineBoard;
class OutageBoard;
class RibbonCanvas;
class SegmentedControl;

/// How available each service is, by what its clients saw: ribbons and figures; and of the chosen
/// one where its outages went, which writes were lost, and what the machines cost.
class ServicesView : public QWidget {
  Q_OBJECT
public:
  enum class Page { Outages, Lost, Machines };
  explicit ServicesView(ViewState &state, QWidget *parent = nullptr);

  void setPage(Page page);
  [[nodiscard]] const ServicesShown &shown() const { return m_shown; }
  [[nodiscard]] RibbonCanvas &ribbons() const { return *m_ribbons; }
  [[nodiscard]] OutageBoard &board() const { return *m_board; }
  [[nodiscard]] LostList &lost() const { return *m_lost; }
  [[nodiscard]] FigureStrip &figures() const { return *m_strip; }
  /// Shows these values instead of the run's, until something happens in the run.
  void present(ServicesShown shown);
  /// The ribbons and the anatomies of the chosen service over the whole run as far as it is known.
  [[nodiscard]] std::vector<Figure> exportable() const;

protected:
  void showEvent(QShowEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  [[nodiscard]] QWidget *makeLeft();
  [[nodiscard]] QWidget *makeRight();
  [[nodiscard]] ServicesShown read(SimTime from, SimTime to, analysis::Cursor at) const;
  void notice();
  void forget();
  void refreshSoon();
  void refresh();
  void arrange();
  void showService();
  void showMoments();
  void sayEmpty();
  void goToRecord(trace::Sequence record);
  void openExport();

  ViewState &m_state;
  QWidget *m_content;
  QBoxLayout *m_halves;
  QWidget *m_left, *m_right;
  QScrollArea *m_leftScroll = nullptr, *m_boardScroll = nullptr;
  RibbonCanvas *m_ribbons;
  FigureStrip *m_strip;
  SegmentedControl *m_tabs;
  IconButton *m_export;
  QStackedWidget *m_pages;
  OutageBoard *m_board;
  ElidedLabel *m_noOutage;
  LostList *m_lost;
  MachineBoard *m_machines;
  EmptyState *m_empty;
  ServicesShown m_shown;
  ServicesShown m_ahead;   ///< as known at m_seen
  analysis::Cursor m_seen; ///< how far the run has been watched
  bool m_aheadStale = true;
  std::string m_service; ///< the chosen one; empty: the first
  QTimer m_soon;
};

} // namespace packetarium::ui
