// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/label_placer.h"

#include <QLineF>
#include <QRectF>

#include <vector>

namespace packetarium::ui {

// The arrow that points at a ring, from its tip outwards: on the side of `towards` (where the
// words are that it belongs to) if nothing lies there, else as near to that side as there is room.
// The ring may be taken itself; what is inside the box around it is no hindrance.
[[nodiscard]] QLineF aimedArrow(const LabelPlacer &placer, const QRectF &ring, QPointF towards);

// Small boxes that cover an arrow, so that labels leave it free.
[[nodiscard]] std::vector<QRectF> partsOf(const QLineF &arrow);

} // namespace packetarium::ui
