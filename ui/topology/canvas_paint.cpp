// SPDX-License-Identifier: GPL-3.0-or-later
// What the canvas paints from frame to frame, over the static layer.
#include "core/scenario/placeable.h"
#include "core/wire/dissect.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/document/edits.h"
#include "ui/topology/canvas.h"
#include "ui/topology/hint_arrow.h"
#include "ui/topology/link_path.h"
#include "ui/topology/pointer_words.h"
#include "ui/widgets/floating_card.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr qsizetype labelsKept = 5000;
constexpr double handleRadius = 6.5;
constexpr std::size_t ringsUpTo = 120; // more marked nodes are framed all at once

QColor faded(QColor colour, double alpha) {
  colour.setAlphaF(static_cast<float>(alpha));
  return colour;
}

} // namespace

void Canvas::ensureStatic() {
  const double dpr = devicePixelRatioF();
  const QSize device = (QSizeF(size()) * dpr).toSize();
  if (!m_staticStale && m_static.size() == device) return;
  if (m_static.size() != device) m_static = QPixmap(device);
  m_static.setDevicePixelRatio(dpr);
  m_staticStale = false;
  std::vector<QRectF> keepFree;
  if (!m_zoomCard->isHidden()) keepFree.emplace_back(m_zoomCard->geometry());
  if (const QRect card = m_cards->frame(); !card.isEmpty()) keepFree.emplace_back(card);
  m_hintRing = hintRing();
  const Selection hinted = m_cards->hintTarget();
  const bool around = !m_hintRing.isEmpty();
  m_staticLayer.setRing(around && hinted.kind == Selection::Kind::Node
                            ? std::optional(hinted.node.value)
                            : std::nullopt,
                        around ? m_hintRing.adjusted(-2, -2, 2, 2) : QRectF());
  QPainter painter(&m_static);
  painter.setRenderHint(QPainter::TextAntialiasing);
  m_staticLayer.paint(painter, m_scene, m_look, m_state.theme(), m_state.typography(), viewport(),
                      keepFree);
  painter.end();
  m_tags->place(m_scene, m_staticLayer);
  if (!m_hintRing.isEmpty()) aimHint();
}

void Canvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  if (m_look.nodes.size() != m_scene.tiles().size() ||
      m_look.links.size() != m_scene.lines().size()) {
    painter.fillRect(rect(), m_state.theme().canvas);
    return;
  }
  ensureStatic();
  painter.drawPixmap(0, 0, m_static);
  painter.setRenderHint(QPainter::Antialiasing);
  paintDials(painter);
  if (m_drag == Drag::Move)
    paintLifted(painter, m_scene, m_look, m_state.theme(), m_state.typography());
  paintMarks(painter);
  paintSelection(painter);
  const Selection &selection = m_state.selection();
  LiveContext context{m_state.theme(), m_state.typography(), viewport(), devicePixelRatioF()};
  context.selectedOrigin = selection.isPacket() ? selection.origin : 0;
  context.selectedRecord = selection.isPacket() ? selection.record : 0;
  context.hoveredRecord = m_state.hovered().isPacket() ? m_state.hovered().record : 0;
  context.label = [this](PacketId id) { return packetLabel(id); };
  context.originOf = [this](PacketId id) {
    const wire::Packet *packet = m_state.trace().packet(id);
    return packet != nullptr ? packet->origin : PacketId{0};
  };
  m_liveLayer.paint(painter, m_scene, m_state.frame(), falling(), m_staticLayer.placer(), context);
  m_tags->paint(painter);
  paintHoveredLink(painter);
  if (m_drag != Drag::Move) paintHintPointer(painter);
  m_badges->paint(painter, m_scene);
  paintHandles(painter);
  m_linkTool.paint(painter, m_scene, viewport());
  m_knife.paint(painter, m_scene);
  paintBand(painter);
  paintDrop(painter);
  paintWords(painter);
  if (hasFocus() && m_focusByKeyboard && m_state.marked().empty() && m_state.selection().isNone()) {
    painter.setPen(QPen(m_state.theme().accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(viewport().adjusted(0.5, 0.5, -0.5, -0.5));
  }
}

// The rings run on with the cursor's time, so they are painted anew each time; the tile lies over
// its ring, and the marks at its corners over both.
void Canvas::paintDials(QPainter &painter) {
  m_dials =
      raftDials(consensusOf(m_state), m_scene, m_state.frame().cursor.at, m_state.typography());
  for (const RaftDial &dial : m_dials) {
    const QRectF &tile = m_scene.tiles()[dial.node];
    if (!dialBox(tile).adjusted(-20, -8, 20, 8).intersects(viewport())) continue;
    paintDial(painter, dial, m_state.theme(), m_state.typography());
    paintTile(painter, tile, m_scene.model().nodes[dial.node].icon, m_look.nodes[dial.node],
              m_state.theme());
    paintDialMarks(painter, dial, m_state.theme(), m_state.typography());
  }
}

// What lies under the pointer, and where the selected link is.
void Canvas::paintSelection(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const auto glow = [&](std::uint32_t link, double width, double alpha) {
    if (link >= m_scene.lines().size()) return;
    painter.setPen(QPen(faded(theme.accent, alpha), width, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(m_scene.lines()[link]);
  };
  const Selection &hovered = m_state.hovered();
  if (hovered.kind == Selection::Kind::Node && hovered.node.value < m_scene.tiles().size() &&
      !m_linkTool.isActive())
    paintRing(painter, m_scene.tiles()[hovered.node.value], m_scene.zoom(), 4.5,
              QPen(theme.faint, 1.2));
  if (hovered.kind == Selection::Kind::Link) glow(hovered.link.value, 7, 0.18);
  for (const std::string &id : m_state.marked())
    if (const LinkIndex link = m_state.built().link(id); link.valid()) glow(link.value, 8, 0.35);
}

// One marked thing is ringed with dots, as what the other views show; several are ringed whole.
void Canvas::paintMarks(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  if (m_drag == Drag::Move && m_move.ids.size() > ringsUpTo) return; // they show by moving
  const bool several = m_state.marked().size() > 1;
  QPen pen(theme.accent, 1.8);
  if (!several) pen.setDashPattern({1.6, 1.4});
  const QBrush tint = faded(theme.accent, several ? 0.16 : 0.08);
  if (m_state.marked().size() > ringsUpTo) {
    QVector<QRectF> boxes;
    for (const std::string &id : m_state.marked())
      if (const NodeIndex node = m_state.built().node(id);
          node.valid() && node.value < m_scene.tiles().size())
        boxes.push_back(m_scene.tiles()[node.value].adjusted(-3, -3, 3, 3));
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.accent, 1));
    painter.setBrush(tint);
    painter.drawRects(boxes);
    painter.setRenderHint(QPainter::Antialiasing, true);
    return;
  }
  for (const std::string &id : m_state.marked()) {
    if (const NodeIndex node = m_state.built().node(id); node.valid()) {
      if (node.value >= m_scene.tiles().size()) continue;
      const QRectF &tile = m_scene.tiles()[node.value];
      if (tile.adjusted(-8, -8, 8, 8).intersects(viewport()))
        paintRing(painter, tile, m_scene.zoom(), 4.5, pen, tint);
    } else if (const auto note = noteIndex(id); note && showsWords(m_scene)) {
      painter.setPen(pen);
      painter.setBrush(tint);
      painter.drawRoundedRect(noteBoxOf(*note).adjusted(-5, -4, 5, 4), 5, 5);
    }
  }
}

std::array<QRectF, 4> Canvas::handlesOf(std::uint32_t node) const {
  constexpr double reach = 12;    // a target of 24 px
  constexpr double away = 14;     // from the tile's edge
  constexpr double tileFrom = 22; // on smaller tiles they would be in each other's way
  if (node >= m_scene.tiles().size()) return {};
  const QRectF &tile = m_scene.tiles()[node];
  if (tile.width() < tileFrom || m_bare || m_onStage) return {};
  const QRectF name = m_staticLayer.nameBox(node);
  const QPointF centre = tile.center();
  const QPointF places[] = {{tile.right() + away, centre.y()},
                            {tile.left() - away, centre.y()},
                            {centre.x(), tile.top() - away},
                            {centre.x(), tile.bottom() + away}};
  std::array<QRectF, 4> boxes;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const QRectF seen(places[i] - QPointF(handleRadius, handleRadius),
                      QSizeF(2 * handleRadius, 2 * handleRadius));
    if (!name.intersects(seen))
      boxes[i] = QRectF(places[i] - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
  }
  return boxes;
}

void Canvas::paintHandles(QPainter &painter) const {
  if (m_drag != Drag::None && m_drag != Drag::Armed) return;
  if (holdsTool() || m_drop.what != nullptr || m_editor->isOpen()) return;
  const Theme &theme = m_state.theme();
  const auto paintOf = [&](std::uint32_t node) {
    for (const QRectF &box : handlesOf(node)) {
      if (box.isEmpty()) continue;
      const bool over = m_overHandle && m_pointer && box.contains(*m_pointer);
      const QPointF at = box.center();
      const double r = over ? handleRadius + 2 : handleRadius;
      painter.setPen(QPen(theme.accent, 1.4));
      painter.setBrush(over ? theme.accent : theme.panel);
      painter.drawEllipse(at, r, r);
      painter.setPen(QPen(over ? theme.onAccent : theme.accent, 1.6, Qt::SolidLine, Qt::RoundCap));
      painter.drawLine(at - QPointF(r * 0.42, 0), at + QPointF(r * 0.42, 0));
      painter.drawLine(at - QPointF(0, r * 0.42), at + QPointF(0, r * 0.42));
    }
  };
  const Selection &selection = m_state.selection();
  // Those of the selected node, while there is a pointer that could take them.
  if (m_pointer && selection.kind == Selection::Kind::Node && selection.node.value != m_handleNode)
    paintOf(selection.node.value);
  if (m_handleNode) paintOf(*m_handleNode);
}

void Canvas::paintBand(QPainter &painter) const {
  if (m_drag != Drag::Band) return;
  const Theme &theme = m_state.theme();
  painter.setPen(QPen(theme.accent, 1));
  painter.setBrush(faded(theme.accent, 0.1));
  painter.drawRect(m_band.normalized());
}

// What is dragged in: its tile where it will lie, or the node it will run on.
void Canvas::paintDrop(QPainter &painter) const {
  if (m_drop.what == nullptr) return;
  const Theme &theme = m_state.theme();
  if (m_drop.host && *m_drop.host < m_scene.tiles().size()) {
    const QColor ink = m_drop.fault.isEmpty() ? theme.accent : theme.bad;
    paintRing(painter, m_scene.tiles()[*m_drop.host], m_scene.zoom(), 4, QPen(ink, 2.4),
              faded(ink, 0.14));
    return;
  }
  const scenario::Position at = snapped(m_scene.transform().toPlane(m_drop.pointer));
  const double edge = CanvasScene::tileEdge * m_scene.zoom();
  const QPointF centre = m_scene.transform().toScreen(QPointF(at.x, at.y));
  const QRectF tile(centre - QPointF(edge, edge) / 2, QSizeF(edge, edge));
  painter.setOpacity(0.75);
  paintTile(painter, tile, m_drop.what->icon, {}, theme);
  painter.setOpacity(1);
  paintRing(painter, tile, m_scene.zoom(), 3, QPen(theme.accent, 1.4));
}

void Canvas::paintWords(QPainter &painter) const {
  const auto say = [&](QPointF at, const QString &words, PointerTone tone) {
    paintPointerWords(painter, at, words, tone, m_state.theme(), m_state.typography(), viewport());
  };
  if (m_knife.isCutting() && m_pointer) {
    say(*m_pointer, m_knife.words(), PointerTone::Good);
  } else if (m_knife.isActive()) {
    return paintStatusWords(painter, m_knife.words(), m_state.theme(), m_state.typography(),
                            viewport(), m_staticLayer.placer());
  }
  if (m_linkTool.isActive()) {
    const bool target = m_linkTool.target() && *m_linkTool.target() < m_scene.tiles().size();
    // What is general stands at the edge, where it covers nothing.
    if (!target)
      return paintStatusWords(painter, m_linkTool.words(), m_state.theme(), m_state.typography(),
                              viewport(), m_staticLayer.placer());
    say(m_pointer ? *m_pointer : m_scene.tiles()[*m_linkTool.target()].center(), m_linkTool.words(),
        m_linkTool.isRefused() ? PointerTone::Refused : PointerTone::Good);
  }
  if (m_drop.what != nullptr && m_drop.host) {
    const auto title = m_drop.what->title;
    const QString what = QString::fromUtf8(title.data(), static_cast<qsizetype>(title.size()));
    say(m_drop.pointer,
        m_drop.fault.isEmpty() ? tr("%1 on %2").arg(what, m_state.nodeName(*m_drop.host))
                               : m_drop.fault,
        m_drop.fault.isEmpty() ? PointerTone::Good : PointerTone::Refused);
  }
}

// What a link can do and does, beside it while it is pointed at or chosen.
void Canvas::paintHoveredLink(QPainter &painter) {
  if (m_captions) return;
  const Selection &hovered = m_state.hovered();
  const Selection &what = hovered.kind == Selection::Kind::Link ? hovered : m_state.selection();
  if (what.kind != Selection::Kind::Link || what.link.value >= m_scene.lines().size()) return;
  const QString text = m_look.links[what.link.value].caption;
  const QFontMetricsF metrics(m_state.typography().secondary());
  const QSizeF size(std::ceil(metrics.horizontalAdvance(text)) + 12, metrics.height() + 6);
  const auto places = placesAlong(m_scene.lines()[what.link.value], size, 8);
  const auto place = m_staticLayer.placer().find(places);
  if (!place) return;
  const Theme &theme = m_state.theme();
  painter.setPen(QPen(theme.line, 1));
  painter.setBrush(theme.panel);
  painter.drawRoundedRect(places[*place], 5, 5);
  painter.setFont(m_state.typography().secondary());
  painter.setPen(theme.text);
  painter.drawText(places[*place], Qt::AlignCenter, text);
}

// A ring around what the hint means, and a short arrow to it from where nothing is in the way.
void Canvas::paintHintPointer(QPainter &painter) const {
  if (m_hintRing.isEmpty()) return;
  QPen pen(m_state.theme().accent, 1.6);
  pen.setDashPattern({3, 3});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(m_hintRing);
  const QPointF tip = m_hintArrow.p1();
  const QPointF way = (m_hintArrow.p2() - tip) / std::max(1.0, m_hintArrow.length());
  const QPointF side(-way.y(), way.x());
  painter.setPen(QPen(m_state.theme().accent, 2, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(m_hintArrow);
  painter.drawLine(tip, tip + way * 7 + side * 5);
  painter.drawLine(tip, tip + way * 7 - side * 5);
}

QRectF Canvas::hintRing() const {
  const Selection target = m_cards->hintTarget();
  if (target.isNone() || m_cards->frame().isEmpty() || m_bare) return {};
  const QPointF at = centreOf(target);
  const double zoom = std::max(m_scene.zoom(), 0.5);
  double radius = target.kind == Selection::Kind::Node ? 36 * zoom : 13;
  // Around a member's ring and the votes for it, so that the arrow has somewhere to stand.
  if (target.kind == Selection::Kind::Node && target.node.value < m_look.nodes.size() &&
      m_look.nodes[target.node.value].dial)
    radius = 46 * zoom + 7;
  return {at.x() - radius, at.y() - radius, 2 * radius, 2 * radius};
}

void Canvas::aimHint() {
  m_hintArrow = aimedArrow(m_staticLayer.placer(), m_hintRing.adjusted(-2, -2, 2, 2),
                           QRectF(m_cards->frame()).center());
  for (const QRectF &part : partsOf(m_hintArrow)) m_staticLayer.block(part);
}

std::vector<FallingPacket> Canvas::falling() const {
  const analysis::Frame &frame = m_state.frame();
  const Playback &playback = m_state.playback();
  const double now = playback.presentationAt(frame.cursor.at);
  return m_scene.falling(
      frame, [&](Duration age) { return now - playback.presentationAt(frame.cursor.at - age); });
}

QString Canvas::packetLabel(PacketId id) {
  const auto known = m_labels.constFind(id);
  if (known != m_labels.constEnd()) return *known;
  const wire::Packet *packet = m_state.trace().packet(id);
  if (packet == nullptr) return {};
  if (m_labels.size() > labelsKept) m_labels.clear();
  return *m_labels.insert(id, QString::fromStdString(wire::shortLabel(*packet)));
}

} // namespace packetarium::ui
