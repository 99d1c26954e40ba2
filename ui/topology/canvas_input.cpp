// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas's mouse, keyboard and tooltips.
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double dragFrom = 4;
constexpr int snap = 4;

QString healthText(trace::NodeHealth health) {
  switch (health) {
  case trace::NodeHealth::Up: return Canvas::tr("up");
  case trace::NodeHealth::Crashed: return Canvas::tr("crashed");
  case trace::NodeHealth::Paused: return Canvas::tr("paused");
  case trace::NodeHealth::Starting: return Canvas::tr("starting");
  }
  return {};
}

} // namespace

CanvasHit Canvas::hitAt(QPointF point) const {
  return m_scene.hitAt(point, m_state.frame(), falling());
}

Selection Canvas::selectionOf(const CanvasHit &hit) const {
  switch (hit.kind) {
  case CanvasHit::Kind::Node: return Selection::ofNode({hit.index});
  case CanvasHit::Kind::Link: return Selection::ofLink({hit.index});
  case CanvasHit::Kind::Packet:
  case CanvasHit::Kind::Drop: return m_state.packetOf(hit.record);
  case CanvasHit::Kind::Nothing: break;
  }
  return {};
}

QString Canvas::toolTipOf(const CanvasHit &hit) const {
  const analysis::Frame &frame = m_state.frame();
  if (hit.kind == CanvasHit::Kind::Node && hit.index < frame.nodes.size()) {
    const CanvasModel::Node &node = m_scene.model().nodes[hit.index];
    QString text = node.name;
    if (!node.address.isEmpty()) text += QStringLiteral("\n") + node.address;
    text += QStringLiteral("\n") + healthText(frame.nodes[hit.index]);
    if (m_look.nodes[hit.index].degraded) text += tr(", a cable of it is cut");
    return text + tr("\nRight click or F: let it fail");
  }
  if (hit.kind == CanvasHit::Kind::Link && hit.index < frame.links.size()) {
    const analysis::LinkView &link = frame.links[hit.index];
    QString text = m_state.linkName(hit.index);
    if (!link.up) return text + QStringLiteral("\n") + m_look.links[hit.index].condition;
    text += QStringLiteral("\n") + m_look.links[hit.index].caption;
    if (link.loss > 0) text += tr("\n%1 of frames are lost").arg(formatPercent(link.loss));
    text += tr("\nin use %1 there, %2 back")
                .arg(formatPercent(link.directions[0].utilisation),
                     formatPercent(link.directions[1].utilisation));
    return text + tr("\nRight click or F: cut it");
  }
  if (hit.kind == CanvasHit::Kind::Packet || hit.kind == CanvasHit::Kind::Drop) {
    const trace::Record *record = m_state.trace().record(hit.record);
    if (record == nullptr) return {};
    QString text = const_cast<Canvas *>(this)->packetLabel(record->packet);
    if (hit.kind == CanvasHit::Kind::Drop) {
      const auto sentence = trace::sentence(static_cast<trace::DropReason>(record->detail));
      return text + QStringLiteral("\n") +
             QString::fromUtf8(sentence.data(), static_cast<qsizetype>(sentence.size())) +
             tr("\nClick: why?");
    }
    return text + QStringLiteral("\n") + formatBytes(trace::sentArgs(*record).frameBytes);
  }
  return {};
}

bool Canvas::event(QEvent *event) {
  if (event->type() == QEvent::ToolTip) {
    auto *help = static_cast<QHelpEvent *>(event);
    const QString text = toolTipOf(hitAt(help->pos()));
    if (text.isEmpty())
      QToolTip::hideText();
    else
      QToolTip::showText(help->globalPos(), text, this);
    return true;
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

void Canvas::mousePressEvent(QMouseEvent *event) {
  m_pressedAt = event->position();
  const CanvasHit hit = hitAt(m_pressedAt);
  if (event->button() == Qt::LeftButton && hit.kind != CanvasHit::Kind::Nothing)
    m_state.select(selectionOf(hit));
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  m_drag = Drag::Armed;
  const bool node = event->button() == Qt::LeftButton && hit.kind == CanvasHit::Kind::Node;
  m_dragNode = node ? std::optional(hit.index) : std::nullopt;
  m_dragFrom = node ? m_scene.model().nodes[hit.index].at : m_scene.transform().origin;
}

void Canvas::mouseMoveEvent(QMouseEvent *event) {
  const QPointF moved = event->position() - m_pressedAt;
  if (m_drag == Drag::Armed && moved.manhattanLength() >= dragFrom)
    m_drag = m_dragNode ? Drag::Node : Drag::Ground;
  if (m_drag == Drag::Node) {
    QPointF at = m_dragFrom + moved / m_scene.zoom();
    at = QPointF(std::round(at.x() / snap) * snap, std::round(at.y() / snap) * snap);
    m_scene.setNodePosition(*m_dragNode, at);
    m_autoFit = false;
    return invalidate();
  }
  if (m_drag == Drag::Ground) {
    setCursor(Qt::ClosedHandCursor);
    CanvasTransform t = m_scene.transform();
    t.origin = m_dragFrom + moved;
    return setTransform(t, true);
  }
  const CanvasHit hit = hitAt(event->position());
  m_state.hover(selectionOf(hit));
  setCursor(hit.kind == CanvasHit::Kind::Nothing ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void Canvas::mouseReleaseEvent(QMouseEvent *event) {
  const Drag drag = std::exchange(m_drag, Drag::None);
  if (drag == Drag::Node) return finishNodeDrag();
  if (drag == Drag::Ground) return setCursor(Qt::ArrowCursor);
  if (drag == Drag::Armed && event->button() == Qt::LeftButton &&
      hitAt(event->position()).kind == CanvasHit::Kind::Nothing)
    m_state.clearSelection();
}

void Canvas::finishNodeDrag() {
  const QPointF at = m_scene.model().nodes[*m_dragNode].at;
  const std::string id = m_state.network().nodes[*m_dragNode].id;
  const scenario::Position place{static_cast<std::int32_t>(at.x()),
                                 static_cast<std::int32_t>(at.y())};
  const Status status = m_state.document().edit(tr("Move %1").arg(m_state.nodeName(*m_dragNode)),
                                                [&](scenario::Scenario &s) {
                                                  if (scenario::Node *node = s.node(id))
                                                    node->position = place;
                                                });
  if (!status) Q_EMIT m_actions.failed(QString::fromStdString(status.faults().front().text()));
}

void Canvas::mouseDoubleClickEvent(QMouseEvent *event) {
  if (hitAt(event->position()).kind == CanvasHit::Kind::Nothing) fit();
}

void Canvas::leaveEvent(QEvent *) { m_state.hover({}); }

void Canvas::wheelEvent(QWheelEvent *event) {
  CanvasTransform t = m_scene.transform();
  const double notches = event->angleDelta().y() / 120.0;
  if (notches == 0) return event->ignore();
  t.zoomAt(event->position(), std::pow(1.15, notches));
  setTransform(t, true);
  event->accept();
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
  if (event->key() == Qt::Key_Escape && !m_state.selection().isNone())
    return m_state.clearSelection();
  const Selection &selection = m_state.selection();
  QPointF direction;
  if (event->key() == Qt::Key_Left) direction = {-1, 0};
  if (event->key() == Qt::Key_Right) direction = {1, 0};
  if (event->key() == Qt::Key_Up) direction = {0, -1};
  if (event->key() == Qt::Key_Down) direction = {0, 1};
  // Plain left and right step through time, here as everywhere.
  const bool wanted = event->modifiers().testFlag(Qt::AltModifier) || direction.x() == 0;
  if (direction.isNull() || !wanted || m_scene.tiles().empty())
    return QWidget::keyPressEvent(event);
  if (selection.kind != Selection::Kind::Node || selection.node.value >= m_scene.tiles().size())
    return m_state.select(Selection::ofNode({0}));
  if (const auto node = m_scene.nodeTowards(selection.node.value, direction))
    m_state.select(Selection::ofNode({*node}));
}

void Canvas::contextMenuEvent(QContextMenuEvent *event) {
  const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
  Selection what = keyboard ? m_state.selection() : selectionOf(hitAt(event->pos()));
  const QPoint at = keyboard ? mapToGlobal(centreOf(what)) : event->globalPos();
  auto *menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("canvasMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (what.kind == Selection::Kind::Node || what.kind == Selection::Kind::Link) {
    m_state.select(what);
    m_actions.fill(*menu, what);
  } else {
    menu->addAction(tr("Show everything"), this, &Canvas::fit);
    QAction *captions = menu->addAction(tr("Delay and rate of every link"));
    captions->setCheckable(true);
    captions->setChecked(m_captions);
    connect(captions, &QAction::toggled, this, &Canvas::setCaptions);
  }
  menu->popup(at);
}

void Canvas::onSelection() {
  update();
  announce();
}

// A screen reader hears what the ring shows.
void Canvas::announce() {
  const Selection &selection = m_state.selection();
  QString text = tr("Nothing is selected");
  if (selection.kind == Selection::Kind::Node)
    text = toolTipOf({CanvasHit::Kind::Node, selection.node.value, 0});
  if (selection.kind == Selection::Kind::Link)
    text = toolTipOf({CanvasHit::Kind::Link, selection.link.value, 0});
  if (selection.isPacket()) text = packetLabel(selection.packet);
  setAccessibleDescription(text.replace(u'\n', QStringLiteral(", ")));
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
}

} // namespace packetarium::ui
