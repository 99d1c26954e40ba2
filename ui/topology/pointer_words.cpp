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
  painter.setPen(refused ? theme.bad : theme.text);
  const double pad = type.px(10) - 1;
  painter.drawText(box.adjusted(pad, 0, -pad, 0), int(Qt::AlignCenter) | int(Qt::TextWordWrap),
                   words);
}

void paintStatusWords(QPainter &painter, const QString &words, const Theme &theme,
                      const Typography &type, const QRectF &viewport, const LabelPlacer &taken) {
  const QFontMetricsF metrics(type.secondary());
  const QSizeF size(std::ceil(metrics.horizontalAdvance(words)) + 2.0 * type.px(12),
                    metrics.height() + 12);
  const double middle = viewport.center().x() - size.width() / 2;
  const double left = viewport.left() + 16, right = viewport.right() - 64 - size.width();
  const double top = viewport.top() + 12, bottom = viewport.bottom() - 12 - size.height();
  std::vector<QRectF> places;
  for (const QPointF at : {QPointF(middle, top), QPointF(middle, bottom), QPointF(left, top),
                           QPointF(right, top), QPointF(left, bottom), QPointF(right, bottom)})
    places.emplace_back(at, size);
  const QRectF box = places[taken.find(places).value_or(0)];
  painter.setPen(QPen(theme.accent, 1));
  painter.setBrush(theme.panel);
  painter.drawRoundedRect(box, size.height() / 2, size.height() / 2);
  painter.setFont(type.secondary());
  painter.setPen(theme.text);
  painter.drawText(box, Qt::AlignCenter, words);
}

} // namespace packetarium::ui
