// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/packet.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPixmap>
#include <QPointF>
#include <QRectF>

#include <cstdint>
#include <vector>

namespace packetarium::ui {

// The colour a packet has on the canvas, by its wire::ProtocolClass as a number.
[[nodiscard]] QColor packetColour(const Theme &theme, std::uint8_t protocol);

// Pictures of packets, one for each class, in one pixmap: shape as well as colour tells them apart,
// since no hue is seen alike by everyone. Drawn in one call however many there are.
class PacketSprites {
public:
  static constexpr int classes = 13;

  // Paints them anew when anything changed. scale 1: 16 x 10 pixels.
  void prepare(const Theme &theme, double scale, double dpr);
  [[nodiscard]] QSizeF size() const { return m_size; }

  void clear() { m_fragments.clear(); }
  void add(QPointF centre, std::uint8_t protocol);
  void draw(QPainter &painter);
  // One by itself, bigger or turned; outlined only when it is lost.
  static void paintOne(QPainter &painter, const QRectF &box, std::uint8_t protocol,
                       const QColor &fill, const QColor &line);

private:
  QPixmap m_atlas;
  QSizeF m_size;
  double m_scale = 0;
  double m_dpr = 0;
  QRgb m_key[3] = {};
  std::vector<QPainter::PixmapFragment> m_fragments;
};

} // namespace packetarium::ui
