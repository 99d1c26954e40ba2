// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/world/world.h"
#include "ui/playback/view_state.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace packetarium::ui {

class ElidedLabel;
class Pill;

/// The chosen node: its health, what can befall it, and its live tables at the cursor.
class NodePage : public QWidget {
  Q_OBJECT
public:
  explicit NodePage(ViewState &state, QWidget *parent = nullptr);

private:
  void refresh();
  void ask();
  void show(const world::NodeDescription &description);
  void showHealth();
  void act(scenario::ScriptEntry::Kind action);

  ViewState &m_state;
  NodeIndex m_node;
  QTimer m_asking; ///< the state is asked for at most a few times a second
  SimTime m_askedAt = SimTime::max();
  ElidedLabel *m_title;
  QLabel *m_subtitle;
  Pill *m_pill;
  QPushButton *m_crash;
  QPushButton *m_pause;
  QLabel *m_tables;
  QString m_shown;
};

/// The tables of a described node as rich text, for the page and for copying.
[[nodiscard]] QString tablesText(const std::vector<programs::Described> &tables,
                                 const Theme &theme);

} // namespace packetarium::ui
