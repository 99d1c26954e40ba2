// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/conflicts.h"
#include "ui/playback/view_state.h"

#include <QObject>
#include <QPointF>
#include <QString>

#include <functional>
#include <optional>
#include <string>
#include <vector>

class QMenu;

namespace packetarium::ui {

// What can be done to what is marked, for the Edit menu and the canvas's context menu. Each is one
// undoable edit of the document. What needs a place on the canvas or an editor is asked of the
// canvas by a signal.
class EditActions : public QObject {
  Q_OBJECT
public:
  explicit EditActions(ViewState &state, QObject *parent = nullptr);

  // Gives the place of the pointer on the plane, while it is over the canvas: what is pasted goes
  // there, else a step beside where it was copied.
  void setPointer(std::function<std::optional<QPointF>()> pointer);

  // The marked nodes and notes: what can be copied and moved.
  [[nodiscard]] std::vector<std::string> movable() const;
  [[nodiscard]] bool canPaste() const;
  // Fills a menu with what can be done to what is marked, with the shortcuts beside it.
  void fill(QMenu &menu);
  // Moves what is marked by steps of the grid; moves that follow one another are one step of undo.
  void nudge(QPoint steps);
  void cure(const scenario::Conflict &conflict);
  // Links two nodes, and says so when that cannot be.
  void link(const std::string &from, const std::string &to);
  // Tells a refused edit to whoever shows messages; true when it was not refused.
  bool report(const Status &status);

public Q_SLOTS:
  void cut();
  void copy();
  void paste();
  void duplicate();
  void removeMarked();
  void markAll(); // all nodes and notes
  void rename();
  void addNote();
  // Two nodes: with each other. Several and one switch (or else one router): all of them with it.
  // One or none: the canvas lets the other be pointed at.
  void linkMarked();
  void zoomToMarked();

Q_SIGNALS:
  void done(const QString &label); // something worth offering an undo for
  void failed(const QString &message);
  void renameRequested(const QString &node);
  void noteEditRequested(const QString &note); // empty: a new one
  void linkRequested(const QString &from);     // empty: any node may be the first
  void zoomRequested();

private:
  [[nodiscard]] std::vector<std::string> markedNodes() const;
  [[nodiscard]] bool isNote(const std::string &id) const;
  void linkAllTo(const std::string &hub, const std::vector<std::string> &nodes);

  ViewState &m_state;
  std::function<std::optional<QPointF>()> m_pointer;
};

} // namespace packetarium::ui
