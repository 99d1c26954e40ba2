// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/packet_sprites.h"

#include <QPainterPath>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

using wire::ProtocolClass;

constexpr double spriteWidth = 16;
constexpr double spriteHeight = 10;
constexpr double margin = 2; // around each, for smooth edges

ProtocolClass classOf(std::uint8_t protocol) { return static_cast<ProtocolClass>(protocol); }

QPainterPath shapeOf(const QRectF &box, ProtocolClass protocol) {
  QPainterPath path;
  const double r = box.height() / 2;
  switch (protocol) {
  case ProtocolClass::Arp:
  case ProtocolClass::Ethernet:
    path.addPolygon(QPolygonF({{box.left(), box.center().y()},
                               {box.center().x(), box.top() - 1},
                               {box.right(), box.center().y()},
                               {box.center().x(), box.bottom() + 1}}));
    path.closeSubpath();
    break;
  case ProtocolClass::Icmp:
  case ProtocolClass::Vrrp:
  case ProtocolClass::Ip:
    path.addPolygon(QPolygonF({{box.left() + r, box.top()},
                               {box.right() - r, box.top()},
                               {box.right(), box.center().y()},
                               {box.right() - r, box.bottom()},
                               {box.left() + r, box.bottom()},
                               {box.left(), box.center().y()}}));
    path.closeSubpath();
    break;
  case ProtocolClass::Udp:
  case ProtocolClass::Dns: path.addRoundedRect(box, r, r); break;
  case ProtocolClass::Voice: path.addEllipse(box.center(), r + 0.5, r + 0.5); break;
  default: path.addRoundedRect(box, r * 0.45, r * 0.45); break;
  }
  return path;
}

} // namespace

QColor packetColour(const Theme &theme, std::uint8_t protocol) {
  switch (classOf(protocol)) {
  case ProtocolClass::Tcp: return theme.tcp;
  case ProtocolClass::Http: return theme.http;
  case ProtocolClass::Ip:
  case ProtocolClass::Icmp:
  case ProtocolClass::Udp:
  case ProtocolClass::Dns: return theme.ip;
  case ProtocolClass::Arp:
  case ProtocolClass::Vrrp:
  case ProtocolClass::Ethernet: return theme.arp;
  case ProtocolClass::Cluster: return theme.cluster;
  case ProtocolClass::Voice:
  case ProtocolClass::Tls: return theme.tls;
  case ProtocolClass::Other: break;
  }
  return theme.dim;
}

void PacketSprites::paintOne(QPainter &painter, const QRectF &box, std::uint8_t protocol,
                             const QColor &fill, const QColor &line) {
  painter.setPen(line.isValid() ? QPen(line, std::max(1.0, box.height() / 9)) : QPen(Qt::NoPen));
  painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
  painter.drawPath(shapeOf(box, classOf(protocol)));
  const bool sealed = classOf(protocol) == ProtocolClass::Tls;
  if ((classOf(protocol) != ProtocolClass::Http && !sealed) || !fill.isValid()) return;
  painter.setPen(QPen(line.isValid() ? line : QColor(255, 255, 255, 170), box.height() / 8));
  if (sealed) { // a keyhole
    painter.drawLine(QPointF(box.center().x(), box.top() + box.height() * 0.3),
                     QPointF(box.center().x(), box.top() + box.height() * 0.7));
    return;
  }
  // The message inside.
  const double y = box.center().y();
  painter.drawLine(QPointF(box.left() + box.width() * 0.28, y),
                   QPointF(box.right() - box.width() * 0.28, y));
}

void PacketSprites::prepare(const Theme &theme, double scale, double dpr) {
  const QRgb key[3] = {theme.canvas.rgb(), theme.tcp.rgb(), theme.http.rgb()};
  if (scale == m_scale && dpr == m_dpr && std::equal(key, key + 3, m_key)) return;
  m_scale = scale;
  m_dpr = dpr;
  std::copy(key, key + 3, m_key);
  const double cellWidth = std::ceil((spriteWidth * scale + 2 * margin) * dpr);
  const double cellHeight = std::ceil((spriteHeight * scale + 2 * margin) * dpr);
  m_size = QSizeF(cellWidth, cellHeight);
  m_atlas = QPixmap(static_cast<int>(cellWidth) * classes, static_cast<int>(cellHeight));
  m_atlas.fill(Qt::transparent);
  QPainter painter(&m_atlas);
  painter.setRenderHint(QPainter::Antialiasing);
  for (int i = 0; i < classes; ++i) {
    const QPointF centre(cellWidth * (i + 0.5), cellHeight / 2);
    const QSizeF size(spriteWidth * scale * dpr, spriteHeight * scale * dpr);
    paintOne(painter, QRectF(centre - QPointF(size.width(), size.height()) / 2, size),
             static_cast<std::uint8_t>(i), packetColour(theme, static_cast<std::uint8_t>(i)),
             theme.canvas);
  }
}

void PacketSprites::add(QPointF centre, std::uint8_t protocol) {
  const int index = protocol < classes ? protocol : 0;
  // On whole device pixels the raster engine copies instead of resampling.
  const double x = std::round((centre.x()) * m_dpr - m_size.width() / 2) + m_size.width() / 2;
  const double y = std::round((centre.y()) * m_dpr - m_size.height() / 2) + m_size.height() / 2;
  m_fragments.push_back(QPainter::PixmapFragment::create(
      QPointF(x, y) / m_dpr, QRectF(m_size.width() * index, 0, m_size.width(), m_size.height()),
      1 / m_dpr, 1 / m_dpr));
}

void PacketSprites::draw(QPainter &painter) {
  if (m_fragments.empty()) return;
  painter.drawPixmapFragments(m_fragments.data(), static_cast<int>(m_fragments.size()), m_atlas);
}

} // namespace packetarium::ui
