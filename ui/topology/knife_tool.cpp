// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/knife_tool.h"

#include "ui/document/faults.h"

#include <QCoreApplication>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString say(const char *text) { return QCoreApplication::translate("KnifeTool", text); }

} // namespace

void KnifeTool::stop() {
  m_active = false;
  m_stroke.reset();
  m_crossed.clear();
}

void KnifeTool::aim(QPointF at, const CanvasScene &scene) {
  if (!m_stroke) return;
  m_stroke->setP2(at);
  m_crossed.clear();
  const auto &links = m_state.network().links;
  for (std::uint32_t i = 0; i < scene.lines().size() && i < links.size(); ++i)
    if (m_stroke->intersects(scene.lines()[i], nullptr) == QLineF::BoundedIntersection &&
        conditionAt(m_state.scenario(), links[i].id, FaultAction::CutLink, m_state.now()) != 0)
      m_crossed.push_back(i);
}

QString KnifeTool::words() const {
  if (!m_stroke) return say("Draw a stroke across the cables to cut. Esc puts the knife away.");
  switch (m_crossed.size()) {
  case 0: return say("No cable lies under the stroke");
  case 1: return say("Cut %1").arg(m_state.linkName(m_crossed.front()));
  default: return say("Cut %1 cables").arg(m_crossed.size());
  }
}

// What will be cut lights up, with a mark where the knife goes through.
void KnifeTool::paint(QPainter &painter, const CanvasScene &scene) const {
  if (!m_stroke) return;
  const Theme &theme = m_state.theme();
  QColor glow = theme.bad;
  glow.setAlphaF(0.3F);
  for (const std::uint32_t link : m_crossed) {
    if (link >= scene.lines().size()) continue;
    const QLineF &line = scene.lines()[link];
    painter.setPen(QPen(glow, 8, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(line);
    QPen broken(theme.bad, 2);
    broken.setDashPattern({3, 2});
    painter.setPen(broken);
    painter.drawLine(line);
    QPointF where;
    if (m_stroke->intersects(line, &where) != QLineF::BoundedIntersection) continue;
    painter.setPen(QPen(theme.bad, 1.6));
    painter.setBrush(theme.badSoft);
    painter.drawEllipse(where, 5, 5);
  }
  const QColor ink = m_crossed.empty() ? theme.dim : theme.bad;
  painter.setPen(QPen(theme.canvas, 4.5, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(*m_stroke);
  painter.setPen(QPen(ink, 2, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(*m_stroke);
  painter.setBrush(ink);
  painter.setPen(Qt::NoPen);
  painter.drawEllipse(m_stroke->p1(), 3.5, 3.5);
}

} // namespace packetarium::ui
