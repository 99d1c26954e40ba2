// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/live_layer.h"

#include "ui/topology/link_path.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLinearGradient>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double usedFrom = 0.04;
constexpr double busyFrom = 0.6;
constexpr double fullFrom = 0.92;
constexpr std::size_t smoothLinesMax = 400;

double spriteScale(const CanvasScene &scene, std::size_t packets) {
  const double zoomed = std::clamp(std::sqrt(scene.zoom()), 0.55, 1.6);
  return packets > 3000 ? std::min(zoomed, 0.6) : packets > 600 ? std::min(zoomed, 0.8) : zoomed;
}

double fadeOf(const FallingPacket &packet) {
  return std::clamp((CanvasScene::fallSeconds - packet.seconds) / 0.7, 0.0, 1.0);
}

} // namespace

QString dropLabel(trace::DropReason reason) {
  QString word = QString::fromUtf8(trace::name(reason).data(),
                                   static_cast<qsizetype>(trace::name(reason).size()));
  return QCoreApplication::translate("Canvas", "lost: %1").arg(word.replace(u'-', u' '));
}

void LiveLayer::paint(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                      const std::vector<FallingPacket> &falling, const LabelPlacer &fixed,
                      const LiveContext &context) {
  m_taken.clear(context.viewport);
  std::swap(m_lastPlace, m_thisPlace);
  m_thisPlace.clear();
  // No label may lie on any packet, its own included.
  if (frame.packets.size() <= tailsMax) {
    for (const analysis::PacketView &packet : frame.packets) {
      if (packet.link >= scene.lines().size()) continue;
      const QPointF at = scene.pointOn(packet.link, packet.end, packet.progress);
      m_taken.block(QRectF(at.x() - 8, at.y() - 6, 16, 12));
    }
  }
  painter.setRenderHint(QPainter::Antialiasing, frame.links.size() <= smoothLinesMax);
  paintUse(painter, scene, frame, context);
  painter.setRenderHint(QPainter::Antialiasing, true);
  paintFlows(painter, scene, frame, context);
  if (frame.packets.size() <= tailsMax) paintTails(painter, scene, frame, context);
  paintQueues(painter, scene, frame, fixed, context);
  paintPackets(painter, scene, frame, context);
  paintFalling(painter, falling, fixed, context);
  paintLabels(painter, scene, frame, fixed, context);
}

// Use of a link by colour and by width. Each of the few classes is one call.
void LiveLayer::paintUse(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                         const LiveContext &context) const {
  std::array<QVector<QLineF>, 3> lines;
  const std::size_t count = std::min(frame.links.size(), scene.lines().size());
  for (std::size_t i = 0; i < count; ++i) {
    const analysis::LinkView &link = frame.links[i];
    if (!link.up) continue;
    const double use = std::max(link.directions[0].utilisation, link.directions[1].utilisation);
    if (use < usedFrom) continue;
    lines[use >= fullFrom ? 2 : use >= busyFrom ? 1 : 0].push_back(scene.lines()[i]);
  }
  const Theme &theme = context.theme;
  const double thin = std::clamp(scene.zoom(), 0.5, 1.3);
  const struct {
    QColor colour;
    double width;
  } looks[] = {{mix(theme.good, theme.canvas, 0.6), 2.6}, {theme.warn, 3.4}, {theme.bad, 4.4}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].isEmpty()) continue;
    painter.setPen(QPen(looks[i].colour, looks[i].width * thin));
    painter.drawLines(lines[i]);
  }
}

void LiveLayer::paintFlows(QPainter &painter, const CanvasScene &scene,
                           const analysis::Frame &frame, const LiveContext &context) {
  for (const analysis::FlowView &flow : frame.flows) {
    if (flow.link >= scene.lines().size()) continue;
    QColor colour = packetColour(context.theme, flow.protocol);
    colour.setAlphaF(0.55F);
    const double width = std::clamp(std::log2(1.0 + flow.packets) * 0.9, 2.0, 10.0);
    QPen pen(colour, width * std::clamp(scene.zoom(), 0.4, 1.2));
    pen.setDashPattern({2, 0.6});
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    const QLineF way = scene.directed(flow.link, flow.end);
    painter.drawLine(way.translated(rightOf(way) * 3 * scene.zoom()));
  }
}

void LiveLayer::paintQueues(QPainter &painter, const CanvasScene &scene,
                            const analysis::Frame &frame, const LabelPlacer &fixed,
                            const LiveContext &context) {
  if (scene.zoom() < 0.3) return;
  const double s = std::clamp(scene.zoom(), 0.6, 1.3);
  std::size_t first = 0;
  while (first < frame.queued.size()) {
    const analysis::QueuedView &head = frame.queued[first];
    std::size_t last = first;
    while (last < frame.queued.size() && frame.queued[last].link == head.link &&
           frame.queued[last].end == head.end)
      ++last;
    const std::size_t length = last - first;
    if (head.link < scene.lines().size()) {
      const QLineF way = scene.directed(head.link, head.end);
      const QPointF along = way.length() > 0 ? (way.p2() - way.p1()) / way.length() : QPointF();
      // On the far side of the lane, so that what leaves does not run through what waits.
      const QPointF mouth = way.p1() + along * 8 * s - rightOf(way) * 17 * s;
      constexpr std::size_t barsMax = 8;
      const std::size_t bars = std::min(length, barsMax);
      QRectF stack;
      for (std::size_t i = 0; i < bars; ++i) {
        const QPointF centre = mouth + along * (static_cast<double>(i) * 5.0 * s);
        const QRectF bar(centre - QPointF(1.8, 4.5) * s, QSizeF(3.6, 9) * s);
        painter.setPen(Qt::NoPen);
        painter.setBrush(packetColour(context.theme, frame.queued[first + i].protocol));
        painter.drawRoundedRect(bar, 1.2, 1.2);
        stack |= bar;
      }
      m_taken.block(stack);
      const std::uint32_t limit =
          head.link < frame.links.size() ? frame.links[head.link].queueLimit : 0;
      const QString text =
          QCoreApplication::translate("Canvas", "queue %1/%2").arg(length).arg(limit);
      const QColor ink = length >= limit ? context.theme.bad : context.theme.dim;
      painter.setFont(context.type.tiny());
      if (scene.zoom() >= 0.5)
        paintText(painter, text, stack, ink, fixed, head.link * 2ULL + head.end + (1ULL << 62));
    }
    first = last;
  }
}

void LiveLayer::paintTails(QPainter &painter, const CanvasScene &scene,
                           const analysis::Frame &frame, const LiveContext &context) const {
  const double thin = 3 * std::clamp(scene.zoom(), 0.5, 1.3);
  for (const analysis::PacketView &packet : frame.packets) {
    if (packet.link >= scene.lines().size()) continue;
    const double length = scene.lines()[packet.link].length();
    if (length < 1) continue;
    const double body = (packet.progress - packet.tail) * length;
    const double reach = std::clamp(body, 14.0, 44.0) / length;
    const QPointF head = scene.pointOn(packet.link, packet.end, packet.progress);
    const QPointF end =
        scene.pointOn(packet.link, packet.end, std::max(0.0, packet.progress - reach));
    QColor colour = packetColour(context.theme, packet.protocol);
    QLinearGradient fade(head, end);
    colour.setAlphaF(0.75F);
    fade.setColorAt(0, colour);
    colour.setAlphaF(0);
    fade.setColorAt(1, colour);
    painter.setPen(QPen(QBrush(fade), thin, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(end, head);
  }
}

bool LiveLayer::isMarked(const analysis::PacketView &packet, const LiveContext &context) const {
  if (packet.sent == context.selectedRecord || packet.sent == context.hoveredRecord) return true;
  return context.selectedOrigin != 0 && context.originOf &&
         context.originOf(packet.packet) == context.selectedOrigin;
}

void LiveLayer::paintPackets(QPainter &painter, const CanvasScene &scene,
                             const analysis::Frame &frame, const LiveContext &context) {
  const double scale = spriteScale(scene, frame.packets.size());
  m_sprites.prepare(context.theme, scale, context.dpr);
  m_sprites.clear();
  const QSizeF size = QSizeF(16, 10) * scale;
  for (const analysis::PacketView &packet : frame.packets) {
    if (packet.link >= scene.lines().size()) continue;
    const QPointF at = scene.pointOn(packet.link, packet.end, packet.progress);
    if (!context.viewport.contains(at)) continue;
    m_sprites.add(at, packet.protocol);
  }
  m_sprites.draw(painter);
  if (context.selectedRecord == 0 && context.hoveredRecord == 0 && context.selectedOrigin == 0)
    return;
  for (const analysis::PacketView &packet : frame.packets) {
    if (packet.link >= scene.lines().size() || !isMarked(packet, context)) continue;
    const QPointF at = scene.pointOn(packet.link, packet.end, packet.progress);
    const QRectF box =
        QRectF(at - QPointF(size.width(), size.height()) / 2, size).adjusted(-4, -4, 4, 4);
    painter.setPen(QPen(context.theme.accent, 1.6));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(box, 5, 5);
  }
}

void LiveLayer::paintFalling(QPainter &painter, const std::vector<FallingPacket> &falling,
                             const LabelPlacer &fixed, const LiveContext &context) {
  for (const FallingPacket &packet : falling) {
    const QPointF at = CanvasScene::fallenTo(packet);
    painter.save();
    painter.setOpacity(fadeOf(packet));
    painter.translate(at);
    painter.rotate(26 * std::min(packet.seconds / 0.7, 1.0));
    PacketSprites::paintOne(painter, {-7.5, -5, 15, 10}, packet.protocol, context.theme.canvas,
                            context.theme.bad);
    painter.setPen(QPen(context.theme.bad, 1.3));
    painter.drawLine(QPointF(-3, -2), QPointF(3, 2));
    painter.restore();
    const QRectF box(at.x() - 10, at.y() - 8, 20, 16);
    m_taken.block(box);
    if (packet.record == context.selectedRecord || packet.record == context.hoveredRecord) {
      painter.setPen(QPen(context.theme.accent, 1.6));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 5, 5);
    }
  }
  paintReasons(painter, falling, fixed, context);
}

// One label for all that died near one another of the same cause, at the latest of them.
void LiveLayer::paintReasons(QPainter &painter, const std::vector<FallingPacket> &falling,
                             const LabelPlacer &fixed, const LiveContext &context) {
  constexpr double near = 60;
  constexpr std::size_t labelsMost = 12;
  std::vector<const FallingPacket *> heads;
  std::vector<int> counts;
  for (auto packet = falling.rbegin(); packet != falling.rend(); ++packet) {
    if (fadeOf(*packet) < 0.25) continue;
    const auto head = std::find_if(heads.begin(), heads.end(), [&](const FallingPacket *other) {
      return other->reason == packet->reason && QLineF(other->at, packet->at).length() < near;
    });
    if (head != heads.end()) {
      ++counts[static_cast<std::size_t>(head - heads.begin())];
    } else if (heads.size() < labelsMost) {
      heads.push_back(&*packet);
      counts.push_back(1);
    }
  }
  painter.setFont(context.type.secondary());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const QPointF at = CanvasScene::fallenTo(*heads[i]);
    QString text = dropLabel(heads[i]->reason);
    if (counts[i] > 1) text += QStringLiteral(" ×%1").arg(counts[i]);
    const QRectF box(at.x() - 10, at.y() - 8, 20, 16);
    // Why is worth words even where the nearest room is a little further off.
    for (const double off : {0.0, 12.0, 26.0})
      if (paintText(painter, text, box.adjusted(-off, -off, off, off), context.theme.bad, fixed,
                    heads[i]->record))
        break;
  }
}

void LiveLayer::paintLabels(QPainter &painter, const CanvasScene &scene,
                            const analysis::Frame &frame, const LabelPlacer &fixed,
                            const LiveContext &context) {
  if (!context.label) return;
  std::vector<const analysis::PacketView *> shown;
  for (const analysis::PacketView &packet : frame.packets) {
    if (packet.link >= scene.lines().size()) continue;
    if (!context.viewport.contains(scene.pointOn(packet.link, packet.end, packet.progress)))
      continue;
    shown.push_back(&packet);
  }
  const std::size_t limit = scene.zoom() >= labelsFromZoom ? zoomedLabelsMax : labelsMax;
  const bool all = shown.size() <= limit && scene.zoom() >= 0.45;
  QFont font = context.type.secondary();
  font.setWeight(QFont::DemiBold);
  painter.setFont(font);
  for (const auto *packet : shown) {
    if (!all && !isMarked(*packet, context)) continue;
    const QPointF at = scene.pointOn(packet->link, packet->end, packet->progress);
    const QRectF box(at.x() - 9, at.y() - 7, 18, 14);
    paintText(painter, context.label(packet->packet), box,
              packetColour(context.theme, packet->protocol), fixed, packet->sent);
  }
}

bool LiveLayer::paintText(QPainter &painter, const QString &text, const QRectF &around,
                          const QColor &ink, const LabelPlacer &fixed, trace::Sequence steadyFor) {
  if (text.isEmpty()) return true;
  const QFontMetricsF metrics(painter.font());
  const QString shown = metrics.elidedText(text, Qt::ElideRight, 170);
  const QSizeF size(std::ceil(metrics.horizontalAdvance(shown)) + 2, metrics.height());
  std::vector<QRectF> places = placesAround(around, size, 2);
  std::swap(places[0], places[2]); // above first: names stand below
  const auto isFree = [&](const QRectF &box) { return fixed.isFree(box) && m_taken.isFree(box); };
  std::optional<std::size_t> chosen;
  const auto last = m_lastPlace.find(steadyFor);
  if (last != m_lastPlace.end() && isFree(places[last->second])) chosen = last->second;
  double least = 1e9;
  for (std::size_t i = 0; !chosen && i < places.size(); ++i)
    if (isFree(places[i]) && fixed.crossing(places[i]) == 0) chosen = i;
  if (!chosen) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!isFree(places[i])) continue;
      const double cost = fixed.crossing(places[i]);
      if (cost >= least) continue;
      least = cost;
      chosen = i;
    }
  }
  if (!chosen) return false;
  m_thisPlace[steadyFor] = *chosen;
  const QRectF &box = places[*chosen];
  m_taken.block(box);
  painter.setPen(ink);
  painter.drawText(box, Qt::AlignCenter, shown);
  return true;
}

} // namespace packetarium::ui
