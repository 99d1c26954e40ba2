// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/cap_dial.h"
#include "ui/charts/figure.h"
#include "ui/judge/background.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

class QBoxLayout;
class QProgressBar;
class QPushButton;
class QScrollArea;

namespace packetarium::ui {

class ClampedLabel;
class DialAxis;
class DialTable;
class ElidedLabel;
class EmptyState;
class IconButton;

/// The CAP dial: the open scenario's clients, seed and partition with four kinds of stores, side by
/// side in one table and on one time axis; and without the partition. Runs on another thread, when
/// it is asked to.
class DialView : public QWidget {
  Q_OBJECT
public:
  explicit DialView(ViewState &state, QWidget *parent = nullptr);

  void start();
  void cancel();
  [[nodiscard]] bool isRunning() const { return m_work.isBusy(); }
  /// Shows these instead of running.
  void present(std::vector<experiments::DialRow> rows);
  [[nodiscard]] const std::vector<experiments::DialRow> &rows() const { return m_rows; }
  [[nodiscard]] DialTable &table() const { return *m_table; }
  [[nodiscard]] DialAxis &axis() const { return *m_axis; }
  [[nodiscard]] QString message() const;
  /// Puts the chosen design's store into the document, as one edit that can be undone.
  void openDesign();
  [[nodiscard]] std::vector<Figure> exportable() const;

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;
  void showEvent(QShowEvent *event) override;

private:
  void build();
  void arrange();
  void refresh();
  void take(Result<std::vector<experiments::DialRow>> result);
  void onDocumentChanged(ChangeEvent event);
  void showMoments();
  void openExport();
  [[nodiscard]] SimTime end() const;

  ViewState &m_state;
  QWidget *m_content;
  EmptyState *m_empty;
  ElidedLabel *m_summary;
  QProgressBar *m_progress;
  QPushButton *m_run, *m_open;
  IconButton *m_export;
  QScrollArea *m_area;
  QBoxLayout *m_halves;
  DialTable *m_table;
  DialAxis *m_axis;
  ClampedLabel *m_words; ///< below the rest, where there is room for it
  std::vector<experiments::DialRow> m_rows;
  ScenarioPtr m_basis; ///< that the rows are of
  QString m_fault;
  bool m_outdated = false;
  bool m_applying = false; ///< the change that comes is our own
  Background m_work;
};

} // namespace packetarium::ui
