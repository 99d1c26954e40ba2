// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>
#include <QRectF>

namespace packetarium::ui {

struct Theme;

// Strokes that several of the small widgets share.

// A rectangle whose 1 px line falls on whole pixels, inside box.
void paintFrame(QPainter &painter, const QRectF &box, double radius, const QColor &fill,
                const QColor &line, double width = 1.0);
// The keyboard focus ring, just inside box.
void paintFocusRing(QPainter &painter, const QRectF &box, double radius, const Theme &theme);

} // namespace packetarium::ui
