// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/node_marks.h"

#include "ui/cluster/role_words.h"
#include "ui/theme/icons.h"
#include "ui/topology/link_tool.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double marksFromEdge = 22; // on smaller tiles they would be specks

double markSide(const QRectF &tile) { return std::clamp(tile.width() / 48, 0.8, 1.4) * 17; }

QRectF cornerBox(const QRectF &tile, bool left, bool top, int place = 0) {
  const double side = markSide(tile);
  const double x = left ? tile.left() - side * 0.35 + place * side * 0.95
                        : tile.right() - side * 0.65 - place * side * 0.95;
  const double y = top ? tile.top() - side * 0.35 : tile.bottom() - side * 0.65;
  return {x, y, side, side};
}

void paintChip(QPainter &painter, const QRectF &box, std::string_view icon, const QColor &ink,
               const Theme &theme) {
  painter.setPen(QPen(ink, 1.2));
  painter.setBrush(mix(ink, theme.canvas, theme.isDark() ? 0.22 : 0.12));
  painter.drawEllipse(box.adjusted(0.6, 0.6, -0.6, -0.6));
  const double pad = box.width() * 0.19;
  paintIcon(painter, icon, box.adjusted(pad, pad, -pad, -pad), ink);
}

} // namespace

void paintNodeMarks(QPainter &painter, const QRectF &tile, const CanvasLook::Node &look,
                    const Theme &theme) {
  if (tile.width() < marksFromEdge) return;
  if (look.side > 0) {
    const QColor hue = theme.series[(look.side + 1) % theme.series.size()];
    QPen band(hue, 2.4);
    if (look.side % 2 == 0) band.setDashPattern({3, 1.6});
    paintRing(painter, tile, tile.width() / CanvasScene::tileEdge, 3.2, band);
    const QRectF box = cornerBox(tile, false, false);
    painter.setPen(QPen(theme.canvas, 1.2));
    painter.setBrush(hue);
    painter.drawEllipse(box);
    QFont font = painter.font();
    font.setPixelSize(std::max(8, static_cast<int>(box.height() * 0.68)));
    font.setWeight(QFont::Bold);
    painter.save();
    painter.setFont(font);
    painter.setPen(contrastRatio(theme.onAccent, hue) > contrastRatio(theme.text, hue)
                       ? theme.onAccent
                       : theme.text);
    painter.drawText(box, Qt::AlignCenter, QString::number(look.side));
    painter.restore();
  }
  if (!look.roleIcon.empty())
    paintChip(painter, cornerBox(tile, true, true), look.roleIcon,
              roleColour(theme, static_cast<RoleRank>(look.rank)), theme);
  int place = 0;
  if (look.slow)
    paintChip(painter, cornerBox(tile, true, false, place++), "slow", theme.warn, theme);
  if (look.clockWrong)
    paintChip(painter, cornerBox(tile, true, false, place), "clock", theme.warn, theme);
}

std::vector<QRectF> nodeMarkBoxes(const QRectF &tile, const CanvasLook::Node &look) {
  std::vector<QRectF> boxes;
  if (tile.width() < marksFromEdge) return boxes;
  if (look.side > 0) {
    boxes.push_back(tile.adjusted(-5, -5, 5, 5));
    boxes.push_back(cornerBox(tile, false, false));
  }
  if (!look.roleIcon.empty()) boxes.push_back(cornerBox(tile, true, true));
  if (look.slow || look.clockWrong) boxes.push_back(cornerBox(tile, true, false));
  return boxes;
}

void paintOneWayBadge(QPainter &painter, const QLineF &way, double scale, const Theme &theme) {
  if (way.length() < 24) return;
  const QPointF along = (way.p2() - way.p1()) / way.length();
  const QPointF aside(-along.y(), along.x());
  const QPointF at = way.center();
  const double r = 9 * scale;
  painter.setPen(QPen(theme.warn, 1.4));
  painter.setBrush(theme.warnSoft);
  painter.drawEllipse(at, r, r);
  painter.setPen(QPen(theme.warn, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const QPointF tip = at + along * r * 0.5;
  painter.drawLine(at - along * r * 0.5, tip);
  painter.drawLine(tip, tip - along * r * 0.4 + aside * r * 0.34);
  painter.drawLine(tip, tip - along * r * 0.4 - aside * r * 0.34);
}

QString roleLine(const CanvasLook::Node &look, const QString &address) {
  if (look.role.isEmpty()) return {};
  if (!look.lag.isEmpty()) return look.role + QStringLiteral(" · ") + look.lag;
  return address.isEmpty() ? look.role : look.role + QStringLiteral(" · ") + address;
}

} // namespace packetarium::ui
