// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas's mouse and keyboard.
#include "ui/document/edits.h"
#include "ui/topology/canvas.h"

#include <QHelpEvent>
#include <QInputDevice>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace packetarium::ui {
namespace {

constexpr double dragFrom = 4;
constexpr double wheelPan = 60; // pixels per notch

bool isToggle(Qt::KeyboardModifiers modifiers) {
  return modifiers & (Qt::ShiftModifier | Qt::ControlModifier);
}

// How far to scroll in a tick for a pointer at an edge or beyond it.
QPointF beyondEdge(QPointF point, const QRectF &viewport) {
  constexpr double margin = 6, share = 0.25, most = 20;
  const auto beyond = [&](double at, double low, double high) {
    const double over = at < low + margin    ? at - low - margin
                        : at > high - margin ? at - high + margin
                                             : 0;
    return std::clamp(over * share, -most, most);
  };
  return {beyond(point.x(), viewport.left(), viewport.right()),
          beyond(point.y(), viewport.top(), viewport.bottom())};
}

QPoint arrowOf(int key) {
  switch (key) {
  case Qt::Key_Left: return {-1, 0};
  case Qt::Key_Right: return {1, 0};
  case Qt::Key_Up: return {0, -1};
  case Qt::Key_Down: return {0, 1};
  default: return {};
  }
}

} // namespace

bool Canvas::event(QEvent *event) {
  if (event->type() == QEvent::ToolTip) {
    auto *help = static_cast<QHelpEvent *>(event);
    const bool busy =
        m_drag != Drag::None || holdsTool() || m_badges->badgeAt(help->pos(), m_scene);
    const QString text = busy ? QString()
                         : m_overHandle
                             ? tr("Drag to a node to link it, or click here and then there (L)")
                             : toolTipOf(hitAt(help->pos()));
    if (text.isEmpty())
      QToolTip::hideText();
    else
      QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride) {
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool busy = m_drag != Drag::None || holdsTool();
    const bool nudges = key->modifiers() == Qt::ControlModifier && !arrowOf(key->key()).isNull();
    // The space bar plays when it comes up again, unless the ground was dragged with it.
    const bool space = key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier;
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (nudges || space || (busy && (enter || key->key() == Qt::Key_Escape))) {
      event->accept();
      return true;
    }
  }
  if (event->type() == QEvent::NativeGesture) {
    auto *gesture = static_cast<QNativeGestureEvent *>(event);
    if (gesture->gestureType() == Qt::ZoomNativeGesture) {
      CanvasTransform t = m_scene.transform();
      t.zoomAt(gesture->position(), 1 + gesture->value());
      setTransform(t, true);
      return true;
    }
  }
  return QWidget::event(event);
}

// ---- the mouse --------------------------------------------------------------------------------

void Canvas::mousePressEvent(QMouseEvent *event) {
  m_pointer = event->position();
  m_askedAt.reset();
  if (m_drag != Drag::None) { // another button: what was begun is given up
    cancel();
    return;
  }
  const bool left = event->button() == Qt::LeftButton;
  m_press = {
      event->position(), {}, {}, false, false, event->modifiers(), m_scene.transform().origin,
      m_state.marked()};
  m_press.pans = event->button() == Qt::MiddleButton || (left && m_spaceHeld);
  if (m_press.pans) {
    m_spaceUsed = true;
    m_drag = Drag::Armed;
    return refreshCursor();
  }
  if (!left) return;
  if (m_knife.isActive()) {
    m_press.hit = hitAt(m_press.at);
    m_drag = Drag::Armed;
    return;
  }
  if (const auto badge = m_badges->badgeAt(m_press.at, m_scene); badge && !m_linkTool.isActive())
    return m_badges->toggle(*badge);
  m_badges->close();
  m_press.hit = hitAt(m_press.at);
  m_press.id = idOf(m_press.hit);
  m_drag = Drag::Armed;
  if (m_linkTool.isActive()) return;
  if (const auto node = handleAt(m_press.at)) {
    m_press.onHandle = true;
    m_press.hit = {CanvasHit::Kind::Node, *node, 0};
    m_press.id = idOf(m_press.hit);
    return;
  }
  if (isToggle(event->modifiers())) return;
  // One of several that are marked may be the handle of them all: then the release decides.
  if (!m_press.id.empty() && !m_state.isMarked(m_press.id))
    m_state.mark({m_press.id});
  else if (m_press.id.empty() && m_press.hit.kind != CanvasHit::Kind::Nothing)
    m_state.select(selectionOf(m_press.hit));
}

void Canvas::mouseMoveEvent(QMouseEvent *event) {
  m_pointer = event->position();
  m_askedAt.reset();
  const QPointF moved = *m_pointer - m_press.at;
  if (m_drag == Drag::Armed && moved.manhattanLength() >= dragFrom) startDrag();
  if (m_drag == Drag::Pan) {
    CanvasTransform t = m_scene.transform();
    t.origin = m_press.origin + moved;
    return setTransform(t, true);
  }
  const bool beyond =
      m_drag != Drag::None && m_drag != Drag::Armed && !beyondEdge(*m_pointer, viewport()).isNull();
  if (!beyond)
    m_edgeScroll.stop();
  else if (!m_edgeScroll.isActive())
    m_edgeScroll.start();
  follow(*m_pointer);
}

void Canvas::follow(QPointF point) {
  switch (m_drag) {
  case Drag::Move: return moveTo(point);
  case Drag::Band: return bandTo(point);
  case Drag::Knife: m_knife.aim(point, m_scene); return update();
  default: return pointAt(point);
  }
}

// The ground comes on under what is held at an edge; the place it was taken from goes with it.
void Canvas::scrollAtEdge() {
  const bool drags = m_drag == Drag::Move || m_drag == Drag::Band || m_drag == Drag::Link;
  const QPointF by = drags && m_pointer ? beyondEdge(*m_pointer, viewport()) : QPointF();
  if (by.isNull()) return m_edgeScroll.stop();
  CanvasTransform t = m_scene.transform();
  t.origin -= by;
  m_press.at -= by;
  setTransform(t, true);
  follow(*m_pointer);
}

void Canvas::startDrag() {
  QToolTip::hideText();
  const CanvasHit::Kind kind = m_press.hit.kind;
  const bool node = kind == CanvasHit::Kind::Node;
  if (m_press.pans) {
    m_drag = Drag::Pan;
  } else if (m_knife.isActive()) {
    m_drag = Drag::Knife;
    m_knife.start(m_press.at);
  } else if (m_linkTool.isActive()) {
    m_drag = Drag::Link; // the button was pressed after the tool was taken up
    if (m_linkTool.from().empty() && node) m_linkTool.begin(m_press.id, m_press.at);
  } else if (m_press.onHandle || (node && m_press.modifiers == Qt::ControlModifier)) {
    m_drag = Drag::Link;
    m_linkTool.begin(m_press.id, m_press.at);
  } else if (node || kind == CanvasHit::Kind::Note) {
    startMove();
  } else {
    m_drag = Drag::Band;
  }
  m_badges->close();
  refreshCursor();
}

void Canvas::mouseReleaseEvent(QMouseEvent *event) {
  m_pointer = event->position();
  m_edgeScroll.stop();
  const Drag drag = std::exchange(m_drag, Drag::None);
  switch (drag) {
  case Drag::Move: finishMove(); break;
  case Drag::Link: finishLink(*m_pointer); break;
  case Drag::Band: update(); break;
  case Drag::Knife: finishKnife(*m_pointer); break;
  case Drag::Armed:
    if (!m_press.pans) click(m_press.modifiers);
    break;
  case Drag::Pan:
  case Drag::None: break;
  }
  pointAt(*m_pointer);
}

// The button came up where it went down.
void Canvas::click(Qt::KeyboardModifiers modifiers) {
  if (m_knife.isActive()) { // one cable, or the knife is put away
    if (m_press.hit.kind == CanvasHit::Kind::Link) m_actions.cutAll({m_press.hit.index});
    return (void)cancel();
  }
  if (m_linkTool.isActive()) {
    const bool node = m_press.hit.kind == CanvasHit::Kind::Node;
    if (!node) return (void)cancel();
    if (m_linkTool.from().empty()) return beginLink(m_press.id);
    if (m_press.id != m_linkTool.from()) completeLink(m_press.id);
    return;
  }
  if (m_press.onHandle) return beginLink(m_press.id);
  if (m_press.hit.kind == CanvasHit::Kind::Nothing) {
    if (!isToggle(modifiers)) m_state.clearSelection();
    return;
  }
  if (m_press.id.empty()) return m_state.select(selectionOf(m_press.hit));
  if (isToggle(modifiers)) return m_state.toggleMark(m_press.id);
  m_state.mark({m_press.id});
}

void Canvas::mouseDoubleClickEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton || holdsTool() || handleAt(event->position()) ||
      m_badges->badgeAt(event->position(), m_scene) || isToggle(event->modifiers()))
    return mousePressEvent(event);
  const CanvasHit hit = hitAt(event->position());
  if (hit.kind == CanvasHit::Kind::Nothing) fit();
  if (hit.kind == CanvasHit::Kind::Node || hit.kind == CanvasHit::Kind::Note) {
    m_state.mark({idOf(hit)});
    m_edits->rename();
  }
}

// What lies under the pointer while no button is down, or while a link is drawn.
void Canvas::pointAt(QPointF point) {
  const CanvasHit hit = hitAt(point);
  if (m_linkTool.isActive()) {
    const bool node = hit.kind == CanvasHit::Kind::Node;
    m_linkTool.aim(point, node ? std::optional(hit.index) : std::nullopt);
    update();
    return refreshCursor();
  }
  if (m_knife.isActive()) {
    m_state.hover(hit.kind == CanvasHit::Kind::Link ? selectionOf(hit) : Selection());
    update();
    return refreshCursor();
  }
  constexpr double near = 27; // as far as the handles reach
  const auto before = m_handleNode;
  const bool wasOver = m_overHandle;
  if (hit.kind == CanvasHit::Kind::Node)
    m_handleNode = hit.index;
  else if (m_handleNode &&
           (*m_handleNode >= m_scene.tiles().size() ||
            !m_scene.tiles()[*m_handleNode].adjusted(-near, -near, near, near).contains(point)))
    m_handleNode.reset();
  m_overHandle = handleAt(point).has_value();
  m_state.hover(m_overHandle ? Selection::ofNode({*handleAt(point)}) : selectionOf(hit));
  m_badges->pointAt(m_badges->badgeAt(point, m_scene));
  if (before != m_handleNode || wasOver || m_overHandle) update();
  refreshCursor();
}

void Canvas::refreshCursor() {
  const auto shape = [&] {
    if (m_drag == Drag::Pan || (m_drag == Drag::Armed && m_press.pans)) return Qt::ClosedHandCursor;
    if (m_spaceHeld) return Qt::OpenHandCursor;
    if (m_drag == Drag::Move) return Qt::ClosedHandCursor;
    if (m_knife.isActive()) return Qt::CrossCursor;
    if (m_linkTool.isActive())
      return m_linkTool.isRefused() ? Qt::ForbiddenCursor : Qt::CrossCursor;
    if (m_overHandle || m_drag == Drag::Band) return Qt::CrossCursor;
    if (!m_pointer) return Qt::ArrowCursor;
    if (m_badges->badgeAt(*m_pointer, m_scene)) return Qt::PointingHandCursor;
    switch (hitAt(*m_pointer).kind) {
    case CanvasHit::Kind::Node:
    case CanvasHit::Kind::Note: return Qt::OpenHandCursor;
    case CanvasHit::Kind::Nothing: return Qt::ArrowCursor;
    default: return Qt::PointingHandCursor;
    }
  }();
  if (cursor().shape() != shape) setCursor(shape);
}

void Canvas::leaveEvent(QEvent *) {
  m_pointer.reset();
  m_overHandle = false;
  m_handleNode.reset();
  m_badges->pointAt(std::nullopt);
  m_state.hover({});
  update();
}

// Up and down zooms; sideways, with Shift, or with two fingers on a touchpad it pans.
void Canvas::wheelEvent(QWheelEvent *event) {
  CanvasTransform t = m_scene.transform();
  const QPointF notches = QPointF(event->angleDelta()) / 120.0;
  if (m_drag == Drag::Move || m_drag == Drag::Band || m_drag == Drag::Knife) return event->accept();
  if (notches.isNull()) return event->ignore();
  const bool touchpad =
      event->device() != nullptr && event->device()->type() == QInputDevice::DeviceType::TouchPad;
  const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
  const bool zooms = event->modifiers().testFlag(Qt::ControlModifier);
  if (!zooms && (touchpad || shift || notches.y() == 0)) {
    const bool turned = shift && notches.x() == 0; // a wheel that only turns one way
    t.origin += (turned ? QPointF(notches.y(), 0) : notches) * wheelPan;
  } else {
    t.zoomAt(event->position(), std::pow(1.15, notches.y()));
  }
  setTransform(t, true);
  event->accept();
}

// ---- the keyboard -----------------------------------------------------------------------------

KeyHelpGroup Canvas::keyHelp() {
  using Keys = QList<QKeySequence>;
  const auto arrows = [](Qt::KeyboardModifiers with) {
    return Keys{with | Qt::Key_Left, with | Qt::Key_Right, with | Qt::Key_Up, with | Qt::Key_Down};
  };
  return {tr("On the canvas"),
          {{tr("Next, previous node"), {Qt::Key_Tab, Qt::SHIFT | Qt::Key_Tab}, {}},
           {tr("Node in that direction"), arrows(Qt::AltModifier), {}},
           {tr("Node above, below"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Move what is marked"), arrows(Qt::ControlModifier), {}},
           {tr("Give up what was begun; mark nothing"), {Qt::Key_Escape}, {}},
           {tr("Link to the node that is chosen"), {Qt::Key_Return}, {}},
           {tr("Mark one more"), {}, tr("Shift+click")},
           {tr("Link two nodes"), {}, tr("Ctrl+drag")},
           {tr("Move the ground"), {}, tr("Space+drag")}}};
}

void Canvas::focusInEvent(QFocusEvent *event) {
  m_focusByKeyboard =
      event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
  QWidget::focusInEvent(event);
  update();
}

void Canvas::focusOutEvent(QFocusEvent *event) {
  m_spaceHeld = false;
  QWidget::focusOutEvent(event);
  update();
}

// Tab goes from node to node in the order of the document, and on when there are no more.
bool Canvas::focusNextPrevChild(bool next) {
  const auto count = static_cast<std::int64_t>(m_scene.tiles().size());
  const Selection &selection = m_state.selection();
  std::int64_t node = next ? -1 : count;
  if (selection.kind == Selection::Kind::Node) node = selection.node.value;
  node += next ? 1 : -1;
  if (!hasFocus() || node < 0 || node >= count) return QWidget::focusNextPrevChild(next);
  m_state.select(Selection::ofNode({static_cast<std::uint32_t>(node)}));
  return true;
}

void Canvas::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Escape) {
    if (cancel() || m_badges->close()) return;
    if (m_state.selection().isNone() && m_state.marked().empty())
      return QWidget::keyPressEvent(event);
    return m_state.clearSelection();
  }
  if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
    if (!event->isAutoRepeat()) {
      m_spaceHeld = true;
      m_spaceUsed = false;
      refreshCursor();
    }
    return;
  }
  if (linkByKeys(event->key())) return;
  const QPoint arrow = arrowOf(event->key());
  if (!arrow.isNull() && event->modifiers() == Qt::ControlModifier) return m_edits->nudge(arrow);
  // Plain left and right step through time, here as everywhere.
  const bool wanted = event->modifiers().testFlag(Qt::AltModifier) || arrow.x() == 0;
  if (arrow.isNull() || !wanted || !stepNode(arrow)) QWidget::keyPressEvent(event);
}

void Canvas::keyReleaseEvent(QKeyEvent *event) {
  if (event->key() != Qt::Key_Space || event->isAutoRepeat() || !m_spaceHeld)
    return QWidget::keyReleaseEvent(event);
  m_spaceHeld = false;
  refreshCursor();
  if (!m_spaceUsed) m_state.playback().toggle();
}

// To the nearest node in a direction; false when there is no node at all.
bool Canvas::stepNode(QPointF direction) {
  if (m_scene.tiles().empty()) return false;
  const Selection &selection = m_state.selection();
  if (selection.kind != Selection::Kind::Node || selection.node.value >= m_scene.tiles().size())
    m_state.select(Selection::ofNode({0}));
  else if (const auto node = m_scene.nodeTowards(selection.node.value, direction))
    m_state.select(Selection::ofNode({*node}));
  return true;
}

// While a link is drawn by keyboard, Enter takes the selected node.
bool Canvas::linkByKeys(int key) {
  if (!m_linkTool.isActive() || (key != Qt::Key_Return && key != Qt::Key_Enter)) return false;
  const Selection &selection = m_state.selection();
  if (selection.kind != Selection::Kind::Node) return true;
  const std::string id = idOf({CanvasHit::Kind::Node, selection.node.value, 0});
  if (m_linkTool.from().empty())
    beginLink(id);
  else if (id != m_linkTool.from())
    completeLink(id);
  return true;
}

} // namespace packetarium::ui
