// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/label_board.h"
#include "ui/sequence/ladder_layout.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double steepDegrees = 38; // beyond it words would lie on their side
constexpr double shortestPx = 26;
constexpr double placesAlong[] = {0.5, 0.36, 0.64, 0.24, 0.76};

QString wordsOf(const analysis::LadderArrow &arrow) {
  const QString label = QString::fromStdString(arrow.label);
  if (!arrow.retransmission) return label;
  return QCoreApplication::translate("Ladder", "%1 (again)").arg(label);
}

QString reasonOf(const analysis::LadderArrow &arrow) {
  const std::string_view name = trace::name(arrow.reason);
  QString words = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
  return QCoreApplication::translate("Ladder", "lost: %1")
      .arg(words.replace(QLatin1Char('-'), QLatin1Char(' ')));
}

// The part of a way by hops with the most room for words.
QLineF longestPart(const ArrowShape &shape) {
  QLineF longest;
  for (std::size_t i = 1; i < shape.points.size(); ++i) {
    const QLineF part(shape.points[i - 1], shape.points[i]);
    if (part.length() > longest.length()) longest = part;
  }
  return longest;
}

int crossings(const std::vector<ArrowShape> &arrows, std::size_t self, const QPolygonF &box) {
  constexpr std::size_t near = 10;
  int count = 0;
  const std::size_t first = self > near ? self - near : 0;
  for (std::size_t i = first; i < std::min(arrows.size(), self + near); ++i) {
    if (i == self) continue;
    for (std::size_t p = 1; p < arrows[i].points.size(); ++p) {
      const QLineF line(arrows[i].points[p - 1], arrows[i].points[p]);
      for (qsizetype side = 0; side < box.size(); ++side)
        if (line.intersects(QLineF(box[side], box[(side + 1) % box.size()]), nullptr) ==
            QLineF::BoundedIntersection) {
          ++count;
          break;
        }
    }
  }
  return count;
}

// The words at a share of the way, above the line, or beside it where it is steep.
LadderLabel labelAt(const QLineF &line, double share, const QString &text, double width,
                    double height) {
  LadderLabel label;
  label.text = text;
  label.width = width;
  label.height = height;
  double angle = -line.angle();
  while (angle > 90) angle -= 180;
  while (angle < -90) angle += 180;
  const QPointF at = line.pointAt(share);
  if (std::abs(angle) > steepDegrees) {
    const double side = angle > 0 ? 1 : -1; // where the line leaves room
    label.centre = at + QPointF(side * (width / 2 + 6), -height / 2);
    return label;
  }
  label.angle = angle;
  const double radians = angle * M_PI / 180;
  label.centre = at + QPointF(std::sin(radians), -std::cos(radians)) * (height / 2 + 0.5);
  return label;
}

} // namespace

void LadderLayout::placeLabels(const analysis::Ladder &ladder) {
  const QFontMetricsF metrics(m_type.tiny());
  const double height = metrics.height();
  LabelBoard board;
  for (const MarkShape &mark : m_marks) {
    if (mark.text.isEmpty() || m_columns.empty()) continue;
    const double width = metrics.horizontalAdvance(mark.text) + m_type.px(8);
    const QRectF box(m_columns.front() + m_type.px(8), mark.y - height, width, height);
    board.put(QPolygonF({box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()}));
  }
  // Reasons go first: they say more than what was lost.
  for (ArrowShape &shape : m_arrows) {
    if (!shape.lost) continue;
    LadderLabel reason;
    reason.text = reasonOf(ladder.arrows[shape.arrow]);
    reason.width = metrics.horizontalAdvance(reason.text) + 2;
    reason.height = height;
    const bool rightward = shape.points.back().x() >= shape.points.front().x();
    const double side = rightward ? 1 : -1;
    reason.centre = shape.points.back() + QPointF(side * (reason.width / 2 + m_type.px(9)), 0);
    if (!board.isFree(reason.outline())) continue;
    board.put(reason.outline());
    shape.reason = reason;
  }
  for (std::size_t i = 0; i < m_arrows.size(); ++i) {
    ArrowShape &shape = m_arrows[i];
    const QLineF line = longestPart(shape);
    const double room = line.length() - m_type.px(20);
    if (room < m_type.px(shortestPx)) continue;
    const QString words = wordsOf(ladder.arrows[shape.arrow]);
    const QString text = metrics.elidedText(words, Qt::ElideRight, room);
    if (text.isEmpty() || text == QStringLiteral("…")) continue;
    const double width = metrics.horizontalAdvance(text) + 2;
    LadderLabel best;
    int fewest = 0;
    for (const double share : placesAlong) {
      if (width / 2 > std::min(share, 1 - share) * line.length() - m_type.px(4)) continue;
      const LadderLabel label = labelAt(line, share, text, width, height);
      const QPolygonF box = label.outline();
      if (!board.isFree(box)) continue;
      const int crossed = crossings(m_arrows, i, box);
      if (best.isShown() && crossed >= fewest) continue;
      best = label;
      fewest = crossed;
      if (crossed == 0) break;
    }
    if (!best.isShown()) continue;
    board.put(best.outline());
    shape.label = best;
  }
}

} // namespace packetarium::ui
