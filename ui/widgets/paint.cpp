// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/paint.h"

#include "ui/theme/theme.h"

#include <QPen>

namespace packetarium::ui {

void paintFrame(QPainter &painter, const QRectF &box, double radius, const QColor &fill,
                const QColor &line, double width) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(fill);
  painter.setPen(line.alpha() == 0 ? QPen(Qt::NoPen) : QPen(line, width));
  const double inset = line.alpha() == 0 ? 0.0 : width / 2;
  painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius);
  painter.restore();
}

void paintFocusRing(QPainter &painter, const QRectF &box, double radius, const Theme &theme) {
  paintFrame(painter, box, radius, Qt::transparent, theme.accent, 2.0);
}

} // namespace packetarium::ui
