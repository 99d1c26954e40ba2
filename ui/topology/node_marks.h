// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/static_layer.h"

#include <QPainter>

namespace packetarium::ui {

// What a tile wears at its corners: the role in a service at the upper left, a slow processor and a
// wrong clock at the lower left, the side of a partition as a band with its number below right.
void paintNodeMarks(QPainter &painter, const QRectF &tile, const CanvasLook::Node &look,
                    const Theme &theme);
// The boxes of these that reach beyond the tile, for labels to leave free.
[[nodiscard]] std::vector<QRectF> nodeMarkBoxes(const QRectF &tile, const CanvasLook::Node &look);
// In the middle of a link that carries frames one way only: an arrow along that way.
void paintOneWayBadge(QPainter &painter, const QLineF &way, double scale, const Theme &theme);

// "primary · 3 behind", or with the address where it is not behind; empty without a role.
[[nodiscard]] QString roleLine(const CanvasLook::Node &look, const QString &address);

} // namespace packetarium::ui
