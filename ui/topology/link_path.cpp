// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/link_path.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {

QPointF edgeTowards(const QRectF &box, QPointF target) {
  const QPointF centre = box.center();
  const QPointF d = target - centre;
  const double across = d.x() == 0 ? 1e9 : box.width() / 2 / std::abs(d.x());
  const double down = d.y() == 0 ? 1e9 : box.height() / 2 / std::abs(d.y());
  return centre + d * std::min({across, down, 1.0});
}

QPointF rightOf(const QLineF &line) {
  const double length = line.length();
  if (length < 1e-6) return {};
  return QPointF(-line.dy(), line.dx()) / length;
}

QLineF linkLine(const QRectF &tileA, const QRectF &tileB, double lane) {
  const QPointF shift = rightOf(QLineF(tileA.center(), tileB.center())) * lane;
  const QPointF from = edgeTowards(tileA, tileB.center()) + shift;
  const QPointF to = edgeTowards(tileB, tileA.center()) + shift;
  const QPointF way = tileB.center() - tileA.center();
  const QPointF seen = to - from;
  if (QPointF::dotProduct(way, seen) <= 0) return {from, from};
  return {from, to};
}

double distanceTo(const QLineF &line, QPointF point) {
  const QPointF d = line.p2() - line.p1();
  const double square = QPointF::dotProduct(d, d);
  const double t =
      square == 0 ? 0 : std::clamp(QPointF::dotProduct(point - line.p1(), d) / square, 0.0, 1.0);
  return QLineF(line.pointAt(t), point).length();
}

} // namespace packetarium::ui
