// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/label_board.h"
#include "ui/sequence/ladder_layout.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace packetarium::ui {
namespace {

constexpr double steepDegrees = 38; // beyond it words would lie on their side
constexpr double shortestPx = 26;
constexpr int crowd = 2;         // arrows through a label that make it one of many
constexpr double lockPx = 11;    // before words of what is encrypted
constexpr double repeatPx = 150; // words that a crowd hides are said again after this much
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

bool crosses(const ArrowShape &arrow, const QPolygonF &box, const QRectF &bounds) {
  for (std::size_t p = 1; p < arrow.points.size(); ++p) {
    const QLineF line(arrow.points[p - 1], arrow.points[p]);
    if (std::max(line.y1(), line.y2()) < bounds.top() ||
        std::min(line.y1(), line.y2()) > bounds.bottom())
      continue;
    for (qsizetype side = 0; side < box.size(); ++side)
      if (line.intersects(QLineF(box[side], box[(side + 1) % box.size()]), nullptr) ==
          QLineF::BoundedIntersection)
        return true;
  }
  return false;
}

// How many arrows pass through a box. They lie in order of their beginnings, so that only those
// near it have to be looked at.
int crossings(const std::vector<ArrowShape> &arrows, const QPolygonF &box,
              const ArrowShape *self = nullptr) {
  constexpr std::ptrdiff_t lookBack = 96; // that began above and may still be under way
  const QRectF bounds = box.boundingRect();
  const auto begins = [](const ArrowShape &a, double y) { return a.points.front().y() < y; };
  auto first = std::lower_bound(arrows.begin(), arrows.end(), bounds.top(), begins);
  const auto last = std::lower_bound(first, arrows.end(), bounds.bottom(), begins);
  first -= std::min(lookBack, first - arrows.begin());
  return static_cast<int>(std::count_if(
      first, last, [&](const ArrowShape &a) { return &a != self && crosses(a, box, bounds); }));
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
  label.angle = std::round(angle); // few angles, so that glyphs are drawn once for each
  const double radians = label.angle * M_PI / 180;
  label.centre = at + QPointF(std::sin(radians), -std::cos(radians)) * (height / 2 + 0.5);
  return label;
}

} // namespace

void LadderLayout::placeLabels(const analysis::Ladder &ladder) {
  LabelBoard board;
  placeReasons(ladder, board);
  placeMarkWords(board);
  placeArrowWords(ladder, board);
}

// Reasons go first: they say more than what was lost.
void LadderLayout::placeReasons(const analysis::Ladder &ladder, LabelBoard &board) {
  const QFontMetricsF metrics(m_type.tiny());
  for (ArrowShape &shape : m_arrows) {
    if (!shape.lost) continue;
    LadderLabel reason;
    reason.text = reasonOf(ladder.arrows[shape.arrow]);
    reason.width = metrics.horizontalAdvance(reason.text) + m_type.px(4);
    reason.height = metrics.height();
    const bool rightward = shape.points.back().x() >= shape.points.front().x();
    const double side = rightward ? 1 : -1;
    // Beside the cross and a little above it: at the moment of the loss the line of now is there.
    reason.centre = shape.points.back() +
                    QPointF(side * (reason.width / 2 + m_type.px(8)), -reason.height / 2 + 1);
    if (!board.isFree(reason.outline())) continue;
    board.put(reason.outline());
    shape.reason = reason;
  }
}

// Above the line of the mark or below it, where the fewest arrows pass; at an end rather than
// between.
void LadderLayout::placeMarkWords(LabelBoard &board) {
  if (m_columns.empty()) return;
  const QFontMetricsF metrics(m_type.tiny());
  const double room = std::max(m_columns.back() - m_columns.front(), 80.0) - m_type.px(20);
  for (MarkShape &mark : m_marks) {
    if (!mark.label.isShown()) continue;
    LadderLabel label = mark.label;
    label.text = metrics.elidedText(label.text, Qt::ElideRight, room);
    label.width = metrics.horizontalAdvance(label.text) + m_type.px(6);
    label.height = metrics.height();
    const double inset = label.width / 2 + m_type.px(8);
    const double first = m_columns.front() + inset, last = m_columns.back() - inset;
    mark.label = {};
    int fewest = 0;
    for (const double side : {-1.0, 1.0})
      for (const double x : {first, last, (first + last) / 2, first + (last - first) / 4,
                             first + (last - first) * 3 / 4}) {
        label.centre = {x, mark.y + side * (label.height / 2 + 1)};
        if (!board.isFree(label.outline())) continue;
        const int crossed = crossings(m_arrows, label.outline());
        if (mark.label.isShown() && crossed >= fewest) continue;
        mark.label = label;
        fewest = crossed;
      }
    if (mark.label.isShown()) board.put(mark.label.outline());
  }
}

void LadderLayout::placeArrowWords(const analysis::Ladder &ladder, LabelBoard &board) {
  const QFontMetricsF metrics(m_type.tiny());
  // Where a crowd said these words last, by ends and words.
  std::map<std::tuple<std::uint32_t, std::uint32_t, QString>, double> said;
  for (ArrowShape &shape : m_arrows) {
    const analysis::LadderArrow &arrow = ladder.arrows[shape.arrow];
    shape.words = wordsOf(arrow);
    const QLineF line = longestPart(shape);
    const double lock = arrow.encrypted ? m_type.px(lockPx) : 0;
    const double room = line.length() - m_type.px(20) - lock;
    if (room < m_type.px(shortestPx)) continue;
    const QString text = metrics.elidedText(shape.words, Qt::ElideRight, room);
    if (text.isEmpty() || text == QStringLiteral("…")) continue;
    const double width = metrics.horizontalAdvance(text) + m_type.px(6) + lock;
    // Words stay between the lifelines of their arrow where that is wide enough for them.
    const double from = xOf(arrow.fromNode).value_or(0), to = xOf(arrow.toNode).value_or(m_width);
    const double near = std::min(from, to), far = std::max(from, to);
    int fewest = 0;
    for (const double share : placesAlong) {
      if (width / 2 > std::min(share, 1 - share) * line.length() - m_type.px(4)) continue;
      LadderLabel label = labelAt(line, share, text, width, metrics.height());
      label.locked = arrow.encrypted;
      const QRectF bounds = label.outline().boundingRect();
      if (far - near > width + 2 * m_type.px(6) &&
          (bounds.left() < near + 3 || bounds.right() > far - 3))
        continue;
      if (!board.isFree(label.outline())) continue;
      const int crossed = crossings(m_arrows, label.outline(), &shape);
      if (shape.label.isShown() && crossed >= fewest) continue;
      shape.label = label;
      fewest = crossed;
      if (crossed == 0) break;
    }
    if (!shape.label.isShown()) continue;
    const double y = shape.label.centre.y();
    const auto key = std::tuple(arrow.fromNode, arrow.toNode, shape.words);
    const auto before = said.find(key);
    if (fewest > crowd && before != said.end() && y - before->second < m_type.px(repeatPx)) {
      shape.label = {};
      continue;
    }
    said[key] = y;
    board.put(shape.label.outline());
  }
}

} // namespace packetarium::ui
