// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/edit_menu.h"

#include "ui/shell/commands.h"

#include <QAction>
#include <QMenu>
#include <QWidget>

namespace packetarium::ui {

EditMenu::EditMenu(ViewState &state, const EditHooks &hooks, QWidget *window)
    : QObject(window), m_state(state), m_window(window) {
  const auto keys = [](auto... key) { return QList<QKeySequence>{QKeySequence(key)...}; };
  add(hooks.cut, tr("Cu&t"), keys(QKeySequence::Cut), tr("Cut what is marked"), Needs::Marked);
  add(hooks.copy, tr("&Copy"), keys(QKeySequence::Copy), tr("Copy what is marked"), Needs::Marked);
  add(hooks.paste, tr("&Paste"), keys(QKeySequence::Paste), tr("Paste nodes, links and notes"),
      Needs::Nothing);
  add(hooks.duplicate, tr("D&uplicate"), keys(Qt::CTRL | Qt::Key_D),
      tr("A copy of what is marked, beside it"), Needs::Marked);
  add(hooks.removeMarked, tr("&Delete"), keys(Qt::Key_Delete, Qt::Key_Backspace),
      tr("Take away what is marked"), Needs::Marked);
  addSeparator();
  add(hooks.rename, tr("&Rename"), keys(Qt::Key_F2), tr("Another name, or another text for a note"),
      Needs::OneNamed);
  add(hooks.addNote, tr("Add a &Note"), keys(Qt::Key_N), tr("Text on the canvas"), Needs::Nothing);
  add(hooks.linkMarked, tr("&Link"), keys(Qt::Key_L), tr("Link the marked nodes"), Needs::Nodes);
  addSeparator();
  add(hooks.markAll, tr("Mark &All"), keys(Qt::CTRL | Qt::Key_A),
      tr("Mark every node, link and note"), Needs::Nodes);
  m_zoom = add(hooks.zoomToMarked, tr("Zoom to What Is Marked"),
               keys(Qt::CTRL | Qt::SHIFT | Qt::Key_0), tr("Zoom to what is marked"), Needs::Marked);
  if (m_zoom != nullptr) m_entries.pop_back();
  connect(&state, &ViewState::markedChanged, this, &EditMenu::refresh);
  connect(&state, &ViewState::documentChanged, this, &EditMenu::refresh);
  refresh();
}

QAction *EditMenu::add(const std::function<void()> &does, const QString &text,
                       const QList<QKeySequence> &keys, const QString &tip, Needs needs) {
  if (!does) return nullptr;
  auto *action = new QAction(text, this);
  action->setShortcuts(keys);
  action->setToolTip(QStringLiteral("%1 (%2)").arg(tip, shortcutsText(*action)));
  connect(action, &QAction::triggered, this, does);
  m_window->addAction(action);
  m_entries.push_back({action, needs});
  return action;
}

void EditMenu::addTo(QMenu &menu) const {
  for (const Entry &entry : m_entries)
    entry.action != nullptr ? menu.addAction(entry.action) : void(menu.addSeparator());
}

bool EditMenu::isMet(Needs needs) const {
  const auto &marked = m_state.marked();
  switch (needs) {
  case Needs::Nothing: return true;
  case Needs::Nodes: return !m_state.scenario().nodes.empty() || !m_state.scenario().notes.empty();
  case Needs::Marked: return !marked.empty();
  case Needs::OneNamed:
    return marked.size() == 1 && m_state.scenario().link(marked.front()) == nullptr;
  }
  return false;
}

void EditMenu::refresh() {
  for (const Entry &entry : m_entries)
    if (entry.action != nullptr) entry.action->setEnabled(isMet(entry.needs));
  if (m_zoom != nullptr) m_zoom->setEnabled(isMet(Needs::Marked));
}

} // namespace packetarium::ui
