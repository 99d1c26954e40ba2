// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/free_ground.h"

#include "ui/topology/link_path.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double cell = 128; // no room is larger
constexpr int ringsMax = 60;
constexpr int ringsClearOfLinks = 4;
constexpr int stepsMax = 400;
constexpr std::size_t groupLooked = 200; // of a larger group, the rest follows the first
constexpr double clearOfLink = 36;

std::int64_t cellOf(double x, double y) {
  const auto column = static_cast<std::int64_t>(std::floor(x / cell));
  const auto row = static_cast<std::int64_t>(std::floor(y / cell));
  return column * (std::int64_t{1} << 32) + row;
}

QPointF pointOf(const scenario::Position &p) { return {double(p.x), double(p.y)}; }

} // namespace

FreeGround::FreeGround(const scenario::Scenario &scenario) {
  std::unordered_map<std::string_view, QPointF> at;
  for (const scenario::Node &node : scenario.nodes) {
    const QPointF place = pointOf(node.position);
    at[node.id] = place;
    m_cells[cellOf(place.x(), place.y())].push_back(place);
  }
  for (const scenario::Link &link : scenario.links)
    m_links.emplace_back(at[link.from.node], at[link.to.node]);
  for (const scenario::CanvasNote &note : scenario.notes) {
    const QPointF place = pointOf(note.position) + QPointF(40, 8);
    m_cells[cellOf(place.x(), place.y())].push_back(place);
  }
}

bool FreeGround::isFree(QPointF at, const QSizeF &room) const {
  for (const double dx : {-cell, 0.0, cell})
    for (const double dy : {-cell, 0.0, cell}) {
      const auto found = m_cells.find(cellOf(at.x() + dx, at.y() + dy));
      if (found == m_cells.end()) continue;
      for (const QPointF &other : found->second)
        if (std::abs(other.x() - at.x()) < room.width() &&
            std::abs(other.y() - at.y()) < room.height())
          return false;
    }
  return true;
}

bool FreeGround::isClearOfLinks(QPointF at) const {
  return std::none_of(m_links.begin(), m_links.end(),
                      [at](const QLineF &link) { return distanceTo(link, at) < clearOfLink; });
}

QPointF FreeGround::nearest(QPointF wanted, const QSizeF &room) const {
  // Clear of links if that can be had near by: in a dense network it cannot.
  if (room == nameRoom)
    if (const auto found = search(wanted, room, ringsClearOfLinks, true)) return *found;
  return search(wanted, room, ringsMax, false).value_or(wanted);
}

std::optional<QPointF> FreeGround::search(QPointF wanted, const QSizeF &room, int rings,
                                          bool avoidLinks) const {
  const auto good = [&](QPointF at) {
    return isFree(at, room) && (!avoidLinks || isClearOfLinks(at));
  };
  if (good(wanted)) return wanted;
  for (int ring = 1; ring <= rings; ++ring) {
    std::optional<QPointF> best;
    double least = 0;
    // Candidates to the right come first, then below: people read on in that direction.
    for (int i = ring; i >= -ring; --i)
      for (int j = ring; j >= -ring; --j) {
        if (std::max(std::abs(i), std::abs(j)) != ring) continue;
        const QPointF at = wanted + QPointF(i * room.width(), j * room.height());
        const double distance = QLineF(at, wanted).length() + (i < 0 ? 1 : 0) + (j < 0 ? 0.5 : 0);
        if ((best && distance >= least) || !good(at)) continue;
        best = at;
        least = distance;
      }
    if (best) return best;
  }
  return std::nullopt;
}

QPoint FreeGround::clearOf(const std::vector<QPointF> &group, QPoint by, QPoint step) const {
  const std::size_t looked = std::min(group.size(), groupLooked);
  const QSizeF room(64, 80);
  for (int i = 0; i < stepsMax; ++i, by += step) {
    const bool free =
        std::all_of(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(looked),
                    [&](QPointF at) { return isFree(at + by, room); });
    if (free) break;
  }
  return by;
}

} // namespace packetarium::ui
