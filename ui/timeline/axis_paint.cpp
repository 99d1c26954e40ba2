// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/axis_paint.h"

#include "ui/widgets/format.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {

void paintAxis(QPainter &painter, const TimeAxis &axis, double top, double bottom, double pixelsMin,
               const Theme &theme, const Typography &type) {
  painter.setFont(type.tiny());
  const QFontMetricsF metrics(type.tiny());
  const double left = axis.left, right = left + axis.width, foot = bottom + type.px(3);
  double free = -1e9;
  for (const SimTime &t : ticksOf(axis, pixelsMin)) {
    const double x = std::round(axis.x(t)) + 0.5;
    painter.setPen(QPen(theme.line, 1));
    painter.drawLine(QPointF(x, top), QPointF(x, foot));
    const QString text = formatTimeShort(t.ns());
    const double wide = metrics.horizontalAdvance(text);
    const double at = std::clamp(x - wide / 2, left, std::max(left, right - wide));
    if (at < free) continue;
    painter.setPen(theme.dim);
    painter.drawText(QRectF(at, foot, wide + 1, metrics.height()), Qt::AlignLeft, text);
    free = at + wide + type.px(8);
  }
}

void paintMoments(QPainter &painter, const TimeAxis &axis, SimTime now,
                  std::optional<SimTime> pointed, double top, double bottom, const Theme &theme) {
  const auto vertical = [&](SimTime t, const QPen &pen) {
    if (t < axis.from || t > axis.to) return;
    const double x = std::round(axis.x(t)) + 0.5;
    painter.setPen(pen);
    painter.drawLine(QPointF(x, top), QPointF(x, bottom));
  };
  vertical(now, QPen(theme.accent, 1, Qt::DashLine));
  if (pointed) vertical(*pointed, QPen(theme.text, 1));
}

} // namespace packetarium::ui
