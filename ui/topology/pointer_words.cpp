// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/pointer_words.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {

void paintPointerWords(QPainter &painter, QPointF pointer, const QString &words, PointerTone tone,
                       const Theme &theme, const Typography &type, const QRectF &viewport) {
  if (words.isEmpty()) return;
  const QFontMetricsF metrics(type.secondary());
  const double widest = std::min<double>(type.px(280), std::max(80.0, viewport.width() - 48));
  const QRectF text = metrics.boundingRect(QRectF(0, 0, widest, 400), Qt::TextWordWrap, words);
  QRectF box(pointer + QPointF(18, 18),
             QSizeF(std::ceil(text.width()) + 2.0 * type.px(10), std::ceil(text.height()) + 12));
  if (box.right() > viewport.right() - 8) box.moveRight(pointer.x() - 12);
  if (box.bottom() > viewport.bottom() - 8) box.moveBottom(pointer.y() - 12);
  box.moveLeft(std::max(box.left(), viewport.left() + 8));
  const bool refused = tone == PointerTone::Refused;
  painter.setPen(QPen(refused ? theme.bad : theme.line, 1));
  painter.setBrush(refused ? theme.badSoft : theme.panel);
  painter.drawRoundedRect(box, 6, 6);
  painter.setFont(type.secondary());
  painter.setPen(refused ? theme.bad : tone == PointerTone::Good ? theme.text : theme.dim);
  painter.drawText(box, int(Qt::AlignCenter) | int(Qt::TextWordWrap), words);
}

} // namespace packetarium::ui
