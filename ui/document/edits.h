// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/conflicts.h"
#include "core/scenario/edit.h"
#include "ui/document/document.h"

#include <QPoint>
#include <QString>

#include <string>
#include <vector>

namespace packetarium::ui {

// What a person does to a topology by hand. Each is one undoable edit with a name for the menu; a
// fault's message is a sentence for people.

// Distance of the grid to which what is placed and moved snaps, in pixels at 100 %.
constexpr int gridStep = 8;
[[nodiscard]] scenario::Position snapped(QPointF plane);

// Gives the id of the new node.
Result<std::string> placeNode(Document &document, const scenario::Placeable &what, QPointF at);
// Puts a service's program on a node that is there; gives the program's id.
Result<std::string> installService(Document &document, const std::string &node,
                                   const scenario::Placeable &service);
// Gives the id of the new link.
Result<std::string> connectNodes(Document &document, const std::string &a, const std::string &b);
Result<std::string> addNote(Document &document, const QString &text, QPointF at);

Status removeAll(Document &document, const std::vector<std::string> &ids);
// Nodes and notes among the ids move; moves of the same ids that follow one another become one
// when merge is true (keys), a drag is one anyway.
Status moveBy(Document &document, const std::vector<std::string> &ids, QPoint by, bool merge);
Status renameNode(Document &document, const std::string &node, const QString &name);
Status setNoteText(Document &document, const std::string &note, const QString &text);
Status cureConflict(Document &document, const scenario::Conflict &conflict);

// Nodes, the links between them, and notes as scenario JSON, for the clipboard.
[[nodiscard]] QString copiedText(const scenario::Scenario &scenario,
                                 const std::vector<std::string> &ids);
// Adds what such text holds, moved by so much; gives the ids of what was added. A fault when the
// text is no scenario.
Result<std::vector<std::string>> pasteText(Document &document, const QString &text, QPoint by);
// Moved from the originals by so much.
Result<std::vector<std::string>> duplicate(Document &document, const std::vector<std::string> &ids,
                                           QPoint by = {3 * gridStep, 3 * gridStep});

} // namespace packetarium::ui
