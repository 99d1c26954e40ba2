// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

#include <optional>
#include <vector>

class QLabel;
class QVBoxLayout;

namespace packetarium::ui {

class StepRow;

// What the open scenario tells: its summary, the steps of its story with the present one marked (a
// click goes there), and what to watch, to try and to notice.
class StoryPanel : public QWidget {
  Q_OBJECT
public:
  explicit StoryPanel(ViewState &state, QWidget *parent = nullptr);

private:
  void rebuild();
  void refresh();
  void addLines(const QString &title, std::string_view icon, const std::vector<std::string> &lines);
  void goTo(std::size_t phase);
  std::vector<bool> reachedRows() const;

  ViewState &m_state;
  QVBoxLayout *m_column;
  QWidget *m_content = nullptr;
  std::vector<StepRow *> m_steps;   // by phase; null where a phase has no row
  std::vector<std::size_t> m_rowOf; // phase to the row of its step
  std::optional<std::size_t> m_current;
  bool m_stale = true; // the rows do not show m_current yet
  QString m_shownId;
};

} // namespace packetarium::ui
