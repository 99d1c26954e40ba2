// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/edit_actions.h"

#include "core/scenario/json.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/theme/icons.h"
#include "ui/topology/free_ground.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr QPoint besides{3 * gridStep, 3 * gridStep};

std::vector<QPointF> placesIn(const scenario::Scenario &fragment) {
  std::vector<QPointF> places;
  for (const scenario::Node &node : fragment.nodes)
    places.emplace_back(node.position.x, node.position.y);
  for (const scenario::CanvasNote &note : fragment.notes)
    places.emplace_back(note.position.x + 40, note.position.y + 8); // as FreeGround has notes
  return places;
}

QPointF middleOf(const std::vector<QPointF> &places) {
  const auto [left, right] = std::minmax_element(
      places.begin(), places.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); });
  const auto [top, bottom] = std::minmax_element(
      places.begin(), places.end(), [](QPointF a, QPointF b) { return a.y() < b.y(); });
  return {(left->x() + right->x()) / 2, (top->y() + bottom->y()) / 2};
}

} // namespace

EditActions::EditActions(ViewState &state, QObject *parent) : QObject(parent), m_state(state) {}

void EditActions::setPointer(std::function<std::optional<QPointF>()> pointer) {
  m_pointer = std::move(pointer);
}

bool EditActions::isNote(const std::string &id) const {
  const auto &notes = m_state.scenario().notes;
  return std::any_of(notes.begin(), notes.end(), [&id](const auto &n) { return n.id == id; });
}

std::vector<std::string> EditActions::markedNodes() const {
  std::vector<std::string> ids;
  for (const std::string &id : m_state.marked())
    if (m_state.scenario().node(id) != nullptr) ids.push_back(id);
  return ids;
}

std::vector<std::string> EditActions::movable() const {
  std::vector<std::string> ids;
  for (const std::string &id : m_state.marked())
    if (m_state.scenario().node(id) != nullptr || isNote(id)) ids.push_back(id);
  return ids;
}

bool EditActions::report(const Status &status) {
  if (!status) Q_EMIT failed(QString::fromStdString(status.faults().front().text()));
  return status.ok();
}

// ---- the clipboard ----------------------------------------------------------------------------

bool EditActions::canPaste() const {
  const QString text = QGuiApplication::clipboard()->text();
  return text.trimmed().startsWith(u'{') && text.contains(QStringLiteral("\"nodes\""));
}

void EditActions::copy() {
  const auto ids = movable();
  if (ids.empty()) return Q_EMIT failed(tr("Mark nodes or notes to copy them."));
  QGuiApplication::clipboard()->setText(copiedText(m_state.scenario(), ids));
}

void EditActions::cut() {
  const auto ids = movable();
  if (ids.empty()) return Q_EMIT failed(tr("Mark nodes or notes to cut them out."));
  copy();
  removeMarked();
}

void EditActions::duplicate() {
  const auto ids = movable();
  if (ids.empty()) return Q_EMIT failed(tr("Mark nodes or notes to duplicate them."));
  const auto places = placesIn(scenario::fragment(m_state.scenario(), ids));
  const QPoint by = FreeGround(m_state.scenario()).clearOf(places, besides, besides);
  const auto added = ui::duplicate(m_state.document(), ids, by);
  if (!added) return Q_EMIT failed(QString::fromStdString(added.faults().front().text()));
  m_state.mark(*added);
  m_state.mark(movable());
}

// Where the pointer is, or beside the original, and so that it covers nothing.
void EditActions::paste() {
  const QString text = QGuiApplication::clipboard()->text();
  const auto read = scenario::parse(text.toStdString(), scenario::Accept::Conflicts);
  const auto places = read ? placesIn(*read) : std::vector<QPointF>{};
  if (places.empty()) return Q_EMIT failed(tr("The clipboard holds no part of a scenario."));
  QPoint by = besides;
  if (const auto at = m_pointer ? m_pointer() : std::nullopt)
    by = ((*at - middleOf(places)) / gridStep).toPoint() * gridStep;
  by = FreeGround(m_state.scenario()).clearOf(places, by, besides);
  const auto added = pasteText(m_state.document(), text, by);
  if (!added) return Q_EMIT failed(QString::fromStdString(added.faults().front().text()));
  m_state.mark(*added);
  m_state.mark(movable());
}

// ---- other edits ------------------------------------------------------------------------------

void EditActions::removeMarked() {
  const std::vector<std::string> ids = m_state.marked();
  if (ids.empty()) return Q_EMIT failed(tr("Nothing is marked."));
  if (report(removeAll(m_state.document(), ids)))
    Q_EMIT done(m_state.document().undoStack().undoText());
}

void EditActions::markAll() {
  std::vector<std::string> ids;
  for (const scenario::Node &node : m_state.scenario().nodes) ids.push_back(node.id);
  for (const scenario::CanvasNote &note : m_state.scenario().notes) ids.push_back(note.id);
  m_state.mark(std::move(ids));
}

void EditActions::rename() {
  const auto ids = movable();
  if (ids.size() != 1) return Q_EMIT failed(tr("Mark one node to rename it."));
  if (isNote(ids.front())) return Q_EMIT noteEditRequested(QString::fromStdString(ids.front()));
  Q_EMIT renameRequested(QString::fromStdString(ids.front()));
}

void EditActions::addNote() { Q_EMIT noteEditRequested({}); }

void EditActions::zoomToMarked() { Q_EMIT zoomRequested(); }

void EditActions::nudge(QPoint steps) {
  const auto ids = movable();
  if (!ids.empty()) report(moveBy(m_state.document(), ids, steps * gridStep, true));
}

void EditActions::cure(const scenario::Conflict &conflict) {
  if (report(cureConflict(m_state.document(), conflict)))
    Q_EMIT done(m_state.document().undoStack().undoText());
}

void EditActions::link(const std::string &from, const std::string &to) {
  const auto made = connectNodes(m_state.document(), from, to);
  if (!made) return Q_EMIT failed(QString::fromStdString(made.faults().front().message));
  m_state.mark({*made});
}

void EditActions::linkMarked() {
  const auto nodes = markedNodes();
  if (nodes.size() < 2)
    return Q_EMIT linkRequested(nodes.empty() ? QString() : QString::fromStdString(nodes.front()));
  if (nodes.size() == 2) return link(nodes[0], nodes[1]);
  const auto onlyOf = [&](auto is) -> std::string {
    std::vector<std::string> found;
    for (const std::string &id : nodes)
      if (is(m_state.scenario().node(id)->kind)) found.push_back(id);
    return found.size() == 1 ? found.front() : std::string();
  };
  std::string hub = onlyOf([](scenario::NodeKind k) { return k == scenario::NodeKind::Switch; });
  if (hub.empty()) hub = onlyOf([](scenario::NodeKind k) { return scenario::isRouter(k); });
  if (hub.empty())
    return Q_EMIT failed(tr("Mark two nodes to link them, or several and one switch or router."));
  linkAllTo(hub, nodes);
}

void EditActions::linkAllTo(const std::string &hub, const std::vector<std::string> &nodes) {
  std::string fault;
  const Status status = m_state.document().edit(
      tr("Link %1 nodes with %2").arg(nodes.size() - 1).arg(targetLabel(m_state.scenario(), hub)),
      [&](scenario::Scenario &s) {
        for (const std::string &id : nodes) {
          if (id == hub) continue;
          const std::string why = scenario::linkFault(s, id, hub);
          if (!why.empty())
            fault = why;
          else
            (void)scenario::connect(s, id, hub);
        }
      });
  if (report(status) && !fault.empty()) Q_EMIT failed(QString::fromStdString(fault));
}

// ---- the context menu -------------------------------------------------------------------------

void EditActions::fill(QMenu &menu) {
  menu.setToolTipsVisible(true);
  const Theme &theme = m_state.theme();
  const auto add = [&](const char *icon, const QString &text, const QKeySequence &key,
                       const QString &help, void (EditActions::*does)()) {
    QAction *action = menu.addAction(ui::icon(icon, theme), text);
    action->setShortcut(key);
    action->setToolTip(QStringLiteral("%1 (%2)").arg(help, key.toString(QKeySequence::NativeText)));
    // The Edit menu has the same keys; here they are shown and not listened to.
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, does);
  };
  const std::size_t nodes = markedNodes().size();
  const auto ids = movable();
  if (nodes == 1 && ids.size() == 1) {
    add("link", tr("Link from Here"), QKeySequence(Qt::Key_L),
        tr("Draws a link from here to the node you point at next"), &EditActions::linkMarked);
  } else if (nodes > 1) {
    add("link", tr("Link"), QKeySequence(Qt::Key_L), tr("Links what is marked"),
        &EditActions::linkMarked);
  }
  if (ids.size() == 1)
    add("edit", nodes == 1 ? tr("Rename") : tr("Edit Note"), QKeySequence(Qt::Key_F2),
        nodes == 1 ? tr("Gives it another name") : tr("Changes the text"), &EditActions::rename);
  if (!menu.isEmpty()) menu.addSeparator();
  if (!ids.empty()) {
    add("cut", tr("Cut"), QKeySequence::Cut, tr("Copies it and takes it away"), &EditActions::cut);
    add("copy", tr("Copy"), QKeySequence::Copy, tr("Copies it as scenario text"),
        &EditActions::copy);
    add("duplicate", tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D),
        tr("Puts a copy beside it"), &EditActions::duplicate);
  }
  if (!m_state.marked().empty())
    return add("trash", tr("Delete"), QKeySequence(Qt::Key_Delete), tr("Takes it away"),
               &EditActions::removeMarked);
  if (canPaste())
    add("copy", tr("Paste"), QKeySequence::Paste, tr("Puts here what was copied"),
        &EditActions::paste);
  add("edit", tr("Add a Note"), QKeySequence(Qt::Key_N), tr("Writes a text on the canvas"),
      &EditActions::addNote);
  if (!m_state.scenario().nodes.empty())
    add("list", tr("Mark All"), QKeySequence::SelectAll, tr("Marks all nodes and notes"),
        &EditActions::markAll);
}

} // namespace packetarium::ui
