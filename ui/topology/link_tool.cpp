// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/link_tool.h"

#include "core/scenario/edit.h"
#include "ui/topology/link_path.h"

#include <QCoreApplication>

#include <algorithm>

namespace packetarium::ui {
namespace {

// Beyond this many nodes only the one under the pointer is looked at.
constexpr std::size_t allLightUpTo = 150;

QString say(const char *text) { return QCoreApplication::translate("LinkTool", text); }

QColor faded(QColor colour, double alpha) {
  colour.setAlphaF(static_cast<float>(alpha));
  return colour;
}

} // namespace

void paintRing(QPainter &painter, const QRectF &tile, double zoom, double away, const QPen &pen,
               const QBrush &fill) {
  const double radius = CanvasScene::tileRadius * zoom + away;
  painter.setPen(pen);
  painter.setBrush(fill);
  painter.drawRoundedRect(tile.adjusted(-away, -away, away, away), radius, radius);
}

void LinkTool::begin(const std::string &from, QPointF pointer) {
  m_active = true;
  m_from = from;
  m_pointer = pointer;
  m_target.reset();
  m_faults.clear();
}

void LinkTool::stop() {
  m_active = false;
  m_from.clear();
  m_target.reset();
  m_faults.clear();
}

void LinkTool::aim(QPointF pointer, std::optional<std::uint32_t> target) {
  m_pointer = pointer;
  m_target = target && idOf(*target) != m_from ? target : std::nullopt;
}

std::string LinkTool::idOf(std::uint32_t node) const {
  const auto &nodes = m_state.network().nodes;
  return node < nodes.size() ? nodes[node].id : std::string();
}

const std::string &LinkTool::faultOf(std::uint32_t node) const {
  const auto known = m_faults.find(node);
  if (known != m_faults.end()) return known->second;
  std::string fault;
  if (!m_from.empty()) fault = scenario::linkFault(m_state.scenario(), m_from, idOf(node));
  return m_faults.emplace(node, std::move(fault)).first->second;
}

QString LinkTool::words() const {
  if (m_from.empty())
    return m_target ? say("Link from %1").arg(m_state.nodeName(*m_target))
                    : say("Point at the node to link from. Esc cancels.");
  if (!m_target) return say("Point at the node to link with. Esc cancels.");
  if (isRefused()) return QString::fromStdString(faultOf(*m_target));
  const NodeIndex from = m_state.built().node(m_from);
  return say("Link %1 and %2").arg(m_state.nodeName(from.value), m_state.nodeName(*m_target));
}

// Those that can be linked light up, the others step back.
void LinkTool::paintTargets(QPainter &painter, const CanvasScene &scene,
                            const QRectF &viewport) const {
  const Theme &theme = m_state.theme();
  if (m_from.empty() || scene.tiles().size() > allLightUpTo) return;
  for (std::uint32_t i = 0; i < scene.tiles().size(); ++i) {
    const QRectF &tile = scene.tiles()[i];
    if (!tile.intersects(viewport) || idOf(i) == m_from) continue;
    if (faultOf(i).empty())
      paintRing(painter, tile, scene.zoom(), 3.5, QPen(faded(theme.accent, 0.6), 1.2));
    else
      paintRing(painter, tile, scene.zoom(), 1, Qt::NoPen, faded(theme.canvas, 0.6));
  }
}

void LinkTool::paint(QPainter &painter, const CanvasScene &scene, const QRectF &viewport) const {
  if (!m_active) return;
  const Theme &theme = m_state.theme();
  paintTargets(painter, scene, viewport);
  const bool refused = isRefused();
  const QColor ink = refused ? theme.bad : theme.accent;
  if (m_target && *m_target < scene.tiles().size())
    paintRing(painter, scene.tiles()[*m_target], scene.zoom(), 4, QPen(ink, 2.4), faded(ink, 0.14));
  const NodeIndex from = m_state.built().node(m_from);
  if (!from.valid() || from.value >= scene.tiles().size()) return;
  const QRectF &tile = scene.tiles()[from.value];
  paintRing(painter, tile, scene.zoom(), 4, QPen(theme.accent, 1.8));
  if (tile.contains(m_pointer)) return;
  QPointF end = m_pointer;
  if (m_target && *m_target < scene.tiles().size())
    end = edgeTowards(scene.tiles()[*m_target], tile.center());
  QPen pen(ink, 2, Qt::SolidLine, Qt::RoundCap);
  if (!m_target || refused) pen.setDashPattern({3, 3});
  painter.setPen(pen);
  painter.drawLine(edgeTowards(tile, end), end);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ink);
  painter.drawEllipse(end, 4, 4);
}

} // namespace packetarium::ui
