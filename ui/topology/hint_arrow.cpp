// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/hint_arrow.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int arrowDirections = 24;
constexpr double arrowGap = 4, arrowLength = 30, partHalf = 5;
constexpr double partTaken = 1000, turnCost = 8; // a free way round goes before the nearest side

} // namespace

std::vector<QRectF> partsOf(const QLineF &arrow) {
  std::vector<QRectF> parts;
  const int count = std::max(1, static_cast<int>(std::ceil(arrow.length() / (2 * partHalf))));
  for (int i = 0; i <= count; ++i) {
    const QPointF at = arrow.pointAt(static_cast<double>(i) / count);
    parts.emplace_back(at.x() - partHalf, at.y() - partHalf, 2 * partHalf, 2 * partHalf);
  }
  return parts;
}

QLineF aimedArrow(const LabelPlacer &placer, const QRectF &ring, QPointF towards) {
  const QPointF at = ring.center();
  const double radius = ring.width() / 2;
  const double wanted = std::atan2(towards.y() - at.y(), towards.x() - at.x());
  double least = 1e9;
  QLineF best;
  for (int i = 0; i < arrowDirections; ++i) {
    const double turn = (i % 2 == 0 ? 1 : -1) * ((i + 1) / 2) * 2 * M_PI / arrowDirections;
    const QPointF way(std::cos(wanted + turn), std::sin(wanted + turn));
    const QLineF arrow(at + way * (radius + arrowGap),
                       at + way * (radius + arrowGap + arrowLength));
    double cost = std::abs(turn) * turnCost;
    for (const QRectF &part : partsOf(arrow)) {
      cost += placer.crossing(part);
      // The ring's own box is round the ring's corners too, where the arrow may stand.
      if (!part.intersects(ring) && !placer.isFree(part)) cost += partTaken;
    }
    if (cost >= least) continue;
    least = cost;
    best = arrow;
  }
  return best;
}

} // namespace packetarium::ui
