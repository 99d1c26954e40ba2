// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/topology_sketch.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QPainter>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double tileMax = 30; // pixels at scale 1
constexpr double tileMin = 14; // below, a dot
constexpr std::size_t iconsMax = 64;

} // namespace

TopologySketch::TopologySketch(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setMinimumHeight(hub.typography().px(260));
}

void TopologySketch::show(scenario::Scenario scenario) {
  m_scenario = std::move(scenario);
  update();
}

QSize TopologySketch::sizeHint() const {
  return {m_hub.typography().px(460), m_hub.typography().px(260)};
}

void TopologySketch::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paintFrame(painter, rect(), type.px(8), theme.canvas, theme.line);
  if (m_scenario.nodes.empty()) {
    painter.setFont(type.secondary());
    painter.setPen(theme.dim);
    painter.drawText(rect(), Qt::AlignCenter, QObject::tr("An empty canvas"));
    return;
  }
  QRectF plane;
  for (const scenario::Node &node : m_scenario.nodes)
    plane |= QRectF(node.position.x, node.position.y, 1, 1);
  const double pad = type.px(24);
  const QRectF room = QRectF(rect()).adjusted(pad, pad, -pad, -pad);
  const double zoom = std::min(room.width() / plane.width(), room.height() / plane.height());
  const auto at = [&](const scenario::Node &node) {
    return room.center() +
           (QPointF(node.position.x, node.position.y) - plane.center()) * std::min(zoom, 1.0);
  };
  painter.setPen(QPen(theme.faint, 1.2));
  for (const scenario::Link &link : m_scenario.links) {
    const auto *a = m_scenario.node(link.from.node);
    const auto *b = m_scenario.node(link.to.node);
    if (a != nullptr && b != nullptr) painter.drawLine(at(*a), at(*b));
  }
  const double tile = std::clamp(120 * std::min(zoom, 1.0) * 0.45, 4.0, tileMax * type.scale());
  const bool dots = tile < tileMin || m_scenario.nodes.size() > iconsMax;
  for (const scenario::Node &node : m_scenario.nodes) {
    const QPointF centre = at(node);
    if (dots) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(theme.accent);
      painter.drawEllipse(centre, 2.5, 2.5);
      continue;
    }
    const QRectF box(centre.x() - tile / 2, centre.y() - tile / 2, tile, tile);
    paintFrame(painter, box, tile * 0.28, theme.tile, theme.line);
    const double inset = tile * 0.2;
    paintIcon(painter, scenario::name(node.kind), box.adjusted(inset, inset, -inset, -inset),
              theme.text);
  }
}

} // namespace packetarium::ui
