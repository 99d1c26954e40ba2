// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineF>
#include <QPointF>
#include <QRectF>

namespace packetarium::ui {

// Where the ray from a box's centre towards a point leaves the box.
[[nodiscard]] QPointF edgeTowards(const QRectF &box, QPointF target);
// The visible part of a link between two tiles, shifted sideways by lane; empty (zero length) when
// the tiles touch.
[[nodiscard]] QLineF linkLine(const QRectF &tileA, const QRectF &tileB, double lane);
// How far a point is from a line's segment.
[[nodiscard]] double distanceTo(const QLineF &line, QPointF point);
// The unit vector to the right of the way from p1 to p2 (on screen); (0, 0) for an empty line.
[[nodiscard]] QPointF rightOf(const QLineF &line);

} // namespace packetarium::ui
