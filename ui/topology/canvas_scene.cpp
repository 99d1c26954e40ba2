// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/canvas_scene.h"

#include "core/analysis/delivery.h"
#include "ui/topology/link_path.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double packetReach = 9;
constexpr double linkReach = 12; // a target of 24 px
// Sideways distance of a frame from the middle of its link, at 100 %.
constexpr double laneOffset = 3;

} // namespace

void CanvasScene::setModel(CanvasModel model) {
  m_model = std::move(model);
  layOut();
}

void CanvasScene::setTransform(const CanvasTransform &transform) {
  m_transform = transform;
  layOut();
}

void CanvasScene::move(const std::vector<std::uint32_t> &nodes,
                       const std::vector<std::uint32_t> &notes, QPointF by) {
  for (const std::uint32_t node : nodes) m_model.nodes[node].at += by;
  for (const std::uint32_t note : notes) m_model.notes[note].at += by;
  layOut();
}

void CanvasScene::layOut() {
  const double edge = tileEdge * m_transform.zoom;
  m_tiles.clear();
  m_tiles.reserve(m_model.nodes.size());
  for (const CanvasModel::Node &node : m_model.nodes) {
    const QPointF centre = m_transform.toScreen(node.at);
    m_tiles.emplace_back(centre.x() - edge / 2, centre.y() - edge / 2, edge, edge);
  }
  m_lines.clear();
  m_lines.reserve(m_model.links.size());
  for (const CanvasModel::Link &link : m_model.links)
    m_lines.push_back(linkLine(m_tiles[link.a], m_tiles[link.b], link.lane * m_transform.zoom));
}

QLineF CanvasScene::directed(std::uint32_t link, std::uint8_t end) const {
  const QLineF &line = m_lines[link];
  return end == 0 ? line : QLineF(line.p2(), line.p1());
}

QPointF CanvasScene::pointOn(std::uint32_t link, std::uint8_t end, double share) const {
  const QLineF way = directed(link, end);
  return way.pointAt(share) + rightOf(way) * laneOffset * std::min(m_transform.zoom, 1.0);
}

/// On the link it was to go by, so far from the tile that it falls clear of the name below.
void CanvasScene::fallBesideMouth(FallingPacket &packet, const analysis::DropView &drop) const {
  constexpr double clearOfName = 26;
  const std::uint8_t end = m_model.links[drop.link].a == drop.node ? 0 : 1;
  const QLineF way = directed(drop.link, end);
  const double share = way.length() > 0 ? std::min(0.4, clearOfName / way.length()) : 0;
  packet.at = pointOn(drop.link, end, share);
  packet.drift = way.dx() < 0 ? -packet.drift : packet.drift;
}

std::vector<FallingPacket>
CanvasScene::falling(const analysis::Frame &frame,
                     const std::function<double(Duration)> &secondsSince) const {
  std::vector<FallingPacket> all;
  for (const analysis::DropView &drop : frame.drops) {
    if (analysis::isHarmless(drop.reason)) continue;
    FallingPacket packet{drop.record, drop.packet, drop.reason, drop.protocol, {}, 0};
    packet.seconds = secondsSince(drop.age);
    if (packet.seconds > fallSeconds) continue;
    const bool link = drop.link < m_lines.size();
    const bool node = drop.node < m_tiles.size();
    if (drop.onLink && link)
      packet.at = pointOn(drop.link, drop.end, drop.position);
    else if (node && link)
      fallBesideMouth(packet, drop);
    else if (node)
      packet.at = m_tiles[drop.node].center() + QPointF(m_tiles[drop.node].width() / 2 + 4, 0);
    else if (link)
      packet.at = pointOn(drop.link, drop.end, 0);
    else
      continue;
    // A queue is at the link's mouth, not in the middle of the tile.
    if (!drop.onLink && link && drop.reason == trace::DropReason::QueueFull)
      packet.at = pointOn(drop.link, drop.end, 0.12);
    all.push_back(packet);
  }
  return all;
}

QPointF CanvasScene::fallenTo(const FallingPacket &packet) {
  const double t = std::min(packet.seconds / 0.7, 1.0);
  return packet.at + QPointF(packet.drift * t, 26 * t * t);
}

CanvasHit CanvasScene::hitAt(QPointF point, const analysis::Frame &frame,
                             const std::vector<FallingPacket> &falling) const {
  CanvasHit hit;
  double nearest = packetReach + 4;
  for (const FallingPacket &packet : falling) {
    const double distance = QLineF(fallenTo(packet), point).length();
    if (distance > nearest) continue;
    nearest = distance;
    hit = {CanvasHit::Kind::Drop, 0, packet.record};
  }
  if (hit.kind == CanvasHit::Kind::Drop) return hit;
  const auto tileAt = [&](double margin) -> std::optional<std::uint32_t> {
    for (std::size_t i = m_tiles.size(); i-- > 0;)
      if (m_tiles[i].adjusted(-margin, -margin, margin, margin).contains(point))
        return static_cast<std::uint32_t>(i);
    return std::nullopt;
  };
  // Inside a tile it is the tile that is meant, whatever comes and goes at its edge.
  if (const auto tile = tileAt(0)) return {CanvasHit::Kind::Node, *tile, 0};
  nearest = packetReach;
  for (const analysis::PacketView &packet : frame.packets) {
    if (packet.link >= m_lines.size()) continue;
    const QPointF d = pointOn(packet.link, packet.end, packet.progress) - point;
    const double distance = std::hypot(d.x(), d.y());
    if (distance > nearest) continue;
    nearest = distance;
    hit = {CanvasHit::Kind::Packet, packet.link, packet.sent};
  }
  if (hit.kind != CanvasHit::Kind::Nothing) return hit;
  if (const auto tile = tileAt(3)) return {CanvasHit::Kind::Node, *tile, 0};
  nearest = linkReach;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    const double distance = distanceTo(m_lines[i], point);
    if (distance > nearest) continue;
    nearest = distance;
    hit = {CanvasHit::Kind::Link, static_cast<std::uint32_t>(i), 0};
  }
  return hit;
}

std::optional<std::uint32_t> CanvasScene::nodeTowards(std::uint32_t from, QPointF direction) const {
  std::optional<std::uint32_t> best;
  double least = 0;
  const QPointF start = m_tiles[from].center();
  const QPointF side(-direction.y(), direction.x());
  for (std::size_t i = 0; i < m_tiles.size(); ++i) {
    const QPointF way = m_tiles[i].center() - start;
    const double ahead = QPointF::dotProduct(way, direction);
    const double aside = std::abs(QPointF::dotProduct(way, side));
    if (i == from || ahead <= 0 || aside > ahead * 2) continue;
    const double cost = ahead + 2 * aside;
    if (best && cost >= least) continue;
    best = static_cast<std::uint32_t>(i);
    least = cost;
  }
  return best;
}

} // namespace packetarium::ui
