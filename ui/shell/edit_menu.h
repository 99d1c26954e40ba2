// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QObject>

#include <functional>
#include <vector>

class QAction;
class QMenu;
class QWidget;

namespace packetarium::ui {

// What the entries of the Edit menu do. An empty one is not offered.
struct EditHooks {
  std::function<void()> cut, copy, paste, duplicate, removeMarked, markAll;
  std::function<void()> rename, addNote, linkMarked, zoomToMarked;
};

// The actions of the Edit menu, with their shortcuts; each is enabled while it can do something.
class EditMenu : public QObject {
  Q_OBJECT
public:
  EditMenu(ViewState &state, const EditHooks &hooks, QWidget *window);

  void addTo(QMenu &menu) const;
  // Zooming goes into the View menu.
  [[nodiscard]] QAction *zoomToMarked() const { return m_zoom; }

private:
  enum class Needs { Nothing, Nodes, Marked, OneNamed };
  struct Entry {
    QAction *action = nullptr;
    Needs needs = Needs::Nothing;
  };
  QAction *add(const std::function<void()> &does, const QString &text,
               const QList<QKeySequence> &keys, const QString &tip, Needs needs);
  void addSeparator() { m_entries.push_back({}); }
  [[nodiscard]] bool isMet(Needs needs) const;
  void refresh();

  ViewState &m_state;
  QWidget *m_window;
  std::vector<Entry> m_entries; // without an action: a separator
  QAction *m_zoom = nullptr;
};

} // namespace packetarium::ui
