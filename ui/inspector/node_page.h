// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/world/world.h"
#include "ui/playback/view_state.h"

#include <QTimer>
#include <QWidget>

#include <string>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class NodeForm;
class Pill;
class TabStrip;

/// The chosen node: its health, what can befall it, and side by side its live tables at the cursor
/// and its properties in the document. While the run plays the tables are in front; at rest, once
/// one edits the document or stands at the start, the properties are, and so they are as long as
/// the person asked for them.
class NodePage : public QWidget {
  Q_OBJECT
public:
  enum Tab { Live, Properties };

  explicit NodePage(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] Tab tab() const;
  void setTab(Tab tab);
  [[nodiscard]] NodeForm &form() const { return *m_form; }

private:
  QWidget *makeHead();
  void chooseTab();
  void refresh();
  void ask();
  void show(const world::NodeDescription &description);
  void showHealth();
  void act(scenario::ScriptEntry::Kind action);

  [[nodiscard]] std::string idOf(NodeIndex node) const;

  ViewState &m_state;
  NodeIndex m_node;
  std::string m_shownId;
  QTimer m_asking; ///< the state is asked for at most a few times a second
  SimTime m_askedAt = SimTime::max();
  ElidedLabel *m_title;
  QLabel *m_subtitle;
  Pill *m_pill;
  QPushButton *m_crash;
  QPushButton *m_pause;
  QLabel *m_error;
  QLabel *m_tables;
  TabStrip *m_tabs;
  QStackedWidget *m_stack;
  NodeForm *m_form;
  bool m_turning = false;
  bool m_keep = false; ///< the person asked for the properties: of the next nodes too
  QString m_shown;
};

/// The tables of a described node as rich text, for the page and for copying.
[[nodiscard]] QString tablesText(const std::vector<programs::Described> &tables,
                                 const Theme &theme);

} // namespace packetarium::ui
