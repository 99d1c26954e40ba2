// SPDX-License-Identifier: GPL-3.0-or-later
// What the canvas does to the document: placing, moving, linking, writing, and the context menu.
#include "core/scenario/placeable.h"
#include "ui/document/edits.h"
#include "ui/theme/icons.h"
#include "ui/topology/canvas.h"
#include "ui/topology/free_ground.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QMenu>
#include <QMimeData>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double nameGap = 4; // from the tile to the name being edited

const scenario::Placeable *placeableOf(const QMimeData *data) {
  if (data == nullptr || !data->hasFormat(QLatin1String(Canvas::placeableMime))) return nullptr;
  return scenario::findPlaceable(
      data->data(QLatin1String(Canvas::placeableMime)).trimmed().toStdString());
}

QPointF pointOf(scenario::Position p) { return {double(p.x), double(p.y)}; }

} // namespace

// ---- moving and marking -----------------------------------------------------------------------

void Canvas::startMove() {
  if (!m_state.isMarked(m_press.id)) {
    auto ids = m_state.marked();
    if (!(m_press.modifiers & Qt::ShiftModifier)) ids.clear();
    ids.push_back(m_press.id);
    m_state.mark(std::move(ids));
  }
  m_move = {};
  m_move.ids = m_edits->movable();
  for (const std::string &id : m_move.ids) {
    if (const NodeIndex node = m_state.built().node(id); node.valid())
      m_move.nodes.push_back(node.value);
    else if (const auto note = noteIndex(id))
      m_move.notes.push_back(*note);
  }
  const bool node = m_press.hit.kind == CanvasHit::Kind::Node;
  m_move.from = node ? m_scene.model().nodes[m_press.hit.index].at
                     : m_scene.model().notes[m_press.hit.index].at;
  m_drag = Drag::Move;
  m_autoFit = false;
  m_state.hover({});
  lift(true);
}

// While they move, they are painted above a still picture of all the rest.
void Canvas::lift(bool on) {
  m_look.liftedNodes.clear();
  m_look.liftedNotes.clear();
  if (on) {
    m_look.liftedNodes.resize(m_scene.model().nodes.size());
    m_look.liftedNotes.resize(m_scene.model().notes.size());
    for (const std::uint32_t node : m_move.nodes) m_look.liftedNodes[node] = true;
    for (const std::uint32_t note : m_move.notes) m_look.liftedNotes[note] = true;
  }
  invalidate();
}

// The thing under the pointer snaps to the grid, the others keep their distance from it.
void Canvas::moveTo(QPointF point) {
  const QPointF moved = (point - m_press.at) / m_scene.zoom();
  const QPointF to = pointOf(snapped(m_move.from + moved));
  const QPoint by = (to - m_move.from).toPoint();
  if (by == m_move.by) return;
  m_scene.move(m_move.nodes, m_move.notes, by - m_move.by);
  m_move.by = by;
  update();
}

void Canvas::finishMove() {
  const QPoint by = m_move.by;
  m_scene.move(m_move.nodes, m_move.notes, -by);
  const std::vector<std::string> ids = m_move.ids;
  m_move = {};
  lift(false);
  if (!by.isNull()) m_edits->report(moveBy(m_state.document(), ids, by, false));
}

// Marks what the band touches; links only where it touches nothing else.
void Canvas::bandTo(QPointF point) {
  m_band = QRectF(m_press.at, point).normalized();
  std::vector<std::string> found;
  for (std::uint32_t i = 0; i < m_scene.tiles().size(); ++i)
    if (m_band.intersects(m_scene.tiles()[i])) found.push_back(idOf({CanvasHit::Kind::Node, i, 0}));
  for (std::size_t i = 0; showsWords(m_scene) && i < m_scene.model().notes.size(); ++i)
    if (m_band.intersects(noteBoxOf(i))) found.push_back(m_scene.model().notes[i].id);
  for (std::uint32_t i = 0; found.empty() && i < m_scene.lines().size(); ++i) {
    // Only links that lie in the band as a whole: those that pass by are not meant.
    const QLineF &line = m_scene.lines()[i];
    if (m_band.contains(line.p1()) && m_band.contains(line.p2()))
      found.push_back(idOf({CanvasHit::Kind::Link, i, 0}));
  }
  std::vector<std::string> ids;
  if (m_press.modifiers & (Qt::ShiftModifier | Qt::ControlModifier)) ids = m_press.marked;
  for (std::string &id : found)
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
  if (ids != m_state.marked()) m_state.mark(std::move(ids));
  update();
}

bool Canvas::cancel() {
  const bool held = holdsTool();
  const Drag drag = std::exchange(m_drag, Drag::None);
  m_linkTool.stop();
  takeKnife(false);
  if (drag == Drag::Move) {
    m_scene.move(m_move.nodes, m_move.notes, -m_move.by);
    m_move = {};
    lift(false);
  }
  if (drag == Drag::Band) m_state.mark(m_press.marked);
  if (drag == Drag::None && !held) return false;
  refreshCursor();
  update();
  return true;
}

void Canvas::abandon() {
  m_drag = Drag::None;
  m_linkTool.stop();
  takeKnife(false);
  m_move = {};
  m_look.liftedNodes.clear();
  m_look.liftedNotes.clear();
  refreshCursor();
}

// ---- linking ----------------------------------------------------------------------------------

void Canvas::beginLink(const std::string &wanted) {
  std::string from = wanted;
  if (from.empty() && m_pointer && !m_linkTool.isActive())
    if (const auto under = nodeAt(*m_pointer)) from = idOf({CanvasHit::Kind::Node, *under, 0});
  // L a second time, at another node: that is the other end.
  if (m_linkTool.isActive() && !m_linkTool.from().empty() && !from.empty() &&
      from != m_linkTool.from()) {
    completeLink(from);
    return;
  }
  const NodeIndex node = m_state.built().node(from);
  m_linkTool.begin(from, m_pointer.value_or(viewport().center()));
  if (!m_pointer && node.valid()) m_linkTool.aim(centreOf(Selection::ofNode(node)), std::nullopt);
  m_overHandle = false;
  m_state.hover({});
  setFocus(Qt::OtherFocusReason);
  refreshCursor();
  update();
  announce();
}

// False when they cannot be linked; then the tool waits for another node.
bool Canvas::completeLink(const std::string &to) {
  const std::string from = m_linkTool.from();
  const NodeIndex node = m_state.built().node(to);
  if (node.valid() && !m_linkTool.faultOf(node.value).empty()) {
    Q_EMIT m_edits->failed(QString::fromStdString(m_linkTool.faultOf(node.value)));
    return false;
  }
  m_linkTool.stop();
  m_autoFit = false;
  m_edits->link(from, to);
  refreshCursor();
  update();
  return true;
}

void Canvas::finishLink(QPointF point) {
  const auto target = nodeAt(point);
  const std::string to = target ? idOf({CanvasHit::Kind::Node, *target, 0}) : std::string();
  // A button that comes up near where it went down was a click: the tool stays in the hand.
  if (to == m_linkTool.from() || (!target && handleAt(point) && m_press.onHandle)) return update();
  if (to.empty() || m_linkTool.from().empty() || !completeLink(to)) cancel();
}

// ---- the knife --------------------------------------------------------------------------------

void Canvas::takeKnife(bool on) {
  m_knifeButton->setChecked(on);
  if (on == m_knife.isActive()) return;
  if (on) {
    cancel();
    m_knife.begin();
    m_knifeButton->setChecked(true);
    m_overHandle = false;
    m_handleNode.reset();
    m_state.hover({});
    setFocus(Qt::OtherFocusReason);
  } else {
    m_knife.stop();
  }
  refreshCursor();
  update();
  if (on) announce();
  Q_EMIT knifeChanged(on);
}

// All that was crossed is cut in one edit; the knife stays in the hand when it met nothing.
void Canvas::finishKnife(QPointF point) {
  m_knife.aim(point, m_scene);
  const std::vector<std::uint32_t> crossed = m_knife.crossed();
  m_knife.stop();
  if (crossed.empty()) {
    m_knife.begin();
    return update();
  }
  m_knife.begin(); // so that it is put away with its button
  takeKnife(false);
  m_actions.cutAll(crossed);
}

// ---- placing ----------------------------------------------------------------------------------

QPointF Canvas::middleOfView() const { return m_scene.transform().toPlane(viewport().center()); }

std::optional<QPointF> Canvas::pointer() const {
  if (m_askedAt) return m_scene.transform().toPlane(*m_askedAt);
  if (!m_pointer) return std::nullopt;
  return m_scene.transform().toPlane(*m_pointer);
}

void Canvas::place(const QString &key) {
  const scenario::Placeable *what = scenario::findPlaceable(key.toStdString());
  if (what == nullptr) return;
  const FreeGround ground(m_state.scenario());
  placeAt(*what, ground.nearest(pointOf(snapped(middleOfView())), FreeGround::nameRoom));
}

void Canvas::placeAt(const scenario::Placeable &what, QPointF plane) {
  m_autoFit = false;
  const auto id = placeNode(m_state.document(), what, plane);
  if (!id) return Q_EMIT m_edits->failed(QString::fromStdString(id.faults().front().text()));
  m_state.mark({*id});
  reveal(*id);
  setFocus(Qt::OtherFocusReason);
}

void Canvas::dragEnterEvent(QDragEnterEvent *event) {
  m_drop.what = placeableOf(event->mimeData());
  if (m_drop.what == nullptr) return event->ignore();
  cancel();
  event->acceptProposedAction();
  aimDrop(event->position());
}

void Canvas::dragMoveEvent(QDragMoveEvent *event) {
  if (m_drop.what == nullptr) return event->ignore();
  aimDrop(event->position());
  if (m_drop.fault.isEmpty())
    event->acceptProposedAction();
  else
    event->ignore();
}

void Canvas::dragLeaveEvent(QDragLeaveEvent *) {
  m_drop = {};
  update();
}

// A service goes onto the node it is dropped on; a device always on the ground.
void Canvas::aimDrop(QPointF point) {
  m_drop.pointer = point;
  m_drop.host = m_drop.what->isService() ? nodeAt(point) : std::nullopt;
  m_drop.fault.clear();
  if (m_drop.host)
    m_drop.fault = QString::fromStdString(
        scenario::installFault(m_state.scenario(), idOf({CanvasHit::Kind::Node, *m_drop.host, 0})));
  update();
}

void Canvas::dropEvent(QDropEvent *event) {
  if (m_drop.what == nullptr) return event->ignore();
  aimDrop(event->position());
  const Drop drop = std::exchange(m_drop, {});
  update();
  if (!drop.fault.isEmpty()) {
    event->ignore();
    return Q_EMIT m_edits->failed(drop.fault);
  }
  event->acceptProposedAction();
  if (drop.host) {
    const std::string host = idOf({CanvasHit::Kind::Node, *drop.host, 0});
    const auto program = installService(m_state.document(), host, *drop.what);
    if (!program)
      return Q_EMIT m_edits->failed(QString::fromStdString(program.faults().front().text()));
    m_state.mark({host});
    return setFocus(Qt::OtherFocusReason);
  }
  const QPointF at = pointOf(snapped(m_scene.transform().toPlane(drop.pointer)));
  placeAt(*drop.what, FreeGround(m_state.scenario()).nearest(at, FreeGround::tileRoom));
}

// ---- names and notes --------------------------------------------------------------------------

void Canvas::editName(const std::string &node) {
  const scenario::Node *found = m_state.scenario().node(node);
  if (found == nullptr) return;
  reveal(node);
  m_editor->open(InPlaceEditor::What::Name, QString::fromStdString(node),
                 QString::fromStdString(found->name));
  placeEditor();
}

// An empty id: a new note, where the pointer is or in the middle.
void Canvas::editNote(const std::string &note) {
  const auto index = noteIndex(note);
  if (!index && !note.empty()) return;
  const FreeGround ground(m_state.scenario());
  if (!index)
    m_noteAt = pointer() ? *pointer()
                         : ground.nearest(middleOfView(), FreeGround::nameRoom) - QPointF(40, 8);
  m_empty->hide();
  m_editor->open(InPlaceEditor::What::Note, QString::fromStdString(note),
                 index ? m_scene.model().notes[*index].text : QString());
  placeEditor();
}

void Canvas::placeEditor() {
  if (!m_editor->isOpen()) return;
  const std::string id = m_editor->id().toStdString();
  if (m_editor->what() == InPlaceEditor::What::Note) {
    const auto note = noteIndex(id);
    if (!note && !id.empty()) return m_editor->dismiss();
    const QPointF at = note ? m_scene.model().notes[*note].at : pointOf(snapped(m_noteAt));
    return m_editor->placeAt(m_scene.transform().toScreen(at));
  }
  const NodeIndex node = m_state.built().node(id);
  if (!node.valid() || node.value >= m_scene.tiles().size()) return m_editor->dismiss();
  const QRectF &tile = m_scene.tiles()[node.value];
  const QRectF name = m_staticLayer.nameBox(node.value);
  m_editor->placeAt(name.isEmpty() ? QPointF(tile.center().x(), tile.bottom() + nameGap)
                                   : QPointF(name.center().x(), name.top()));
}

void Canvas::onCommitted(InPlaceEditor::What what, const QString &id, const QString &text) {
  const std::string key = id.toStdString();
  if (what == InPlaceEditor::What::Name) {
    m_edits->report(renameNode(m_state.document(), key, text));
  } else if (!key.empty()) {
    m_edits->report(setNoteText(m_state.document(), key, text));
  } else if (!text.isEmpty()) {
    const auto note = addNote(m_state.document(), text, m_noteAt);
    if (!note) return Q_EMIT m_edits->failed(QString::fromStdString(note.faults().front().text()));
    m_state.mark({*note});
  }
}

// ---- the context menu -------------------------------------------------------------------------

void Canvas::contextMenuEvent(QContextMenuEvent *event) {
  if (cancel()) return;
  const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
  const CanvasHit hit = keyboard ? CanvasHit{} : hitAt(event->pos());
  const std::string id = idOf(hit);
  if (!keyboard && !m_state.isMarked(id)) {
    if (id.empty())
      m_state.clearSelection();
    else
      m_state.mark({id});
  }
  const Selection what = m_state.selection();
  const auto &marked = m_state.marked();
  QPoint at = event->pos();
  if (keyboard)
    at = marked.empty() ? viewport().center().toPoint()
                        : m_scene.transform().toScreen(boundsOf(marked).center()).toPoint();
  if (!keyboard) m_askedAt = at;
  auto *menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("canvasMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (what.kind == Selection::Kind::Node)
    for (const scenario::Conflict &conflict : m_badges->of(what.node.value)) {
      QAction *cure = menu->addAction(icon("warning", m_state.theme(), m_state.theme().warn),
                                      QString::fromStdString(conflict.cure));
      cure->setToolTip(QString::fromStdString(conflict.sentence));
      connect(cure, &QAction::triggered, this, [this, conflict] { m_edits->cure(conflict); });
    }
  if (!menu->isEmpty()) menu->addSeparator();
  m_edits->fill(*menu);
  if (what.kind == Selection::Kind::Node || what.kind == Selection::Kind::Link)
    m_actions.fill(*menu, what);
  m_actions.fillPartitions(*menu);
  if (marked.empty()) {
    menu->addSeparator();
    menu->addAction(tr("Show everything"), this, &Canvas::fit);
    QAction *captions = menu->addAction(tr("Delay and rate of every link"));
    captions->setCheckable(true);
    captions->setChecked(m_captions);
    connect(captions, &QAction::toggled, this, &Canvas::setCaptions);
  }
  menu->popup(mapToGlobal(at));
}

void Canvas::onSelection() {
  const Selection &selection = m_state.selection();
  // A link that is drawn by keyboard goes to whatever is selected.
  if (m_linkTool.isActive() && !m_pointer && selection.kind == Selection::Kind::Node)
    m_linkTool.aim(centreOf(selection), selection.node.value);
  update();
  announce();
}

} // namespace packetarium::ui
