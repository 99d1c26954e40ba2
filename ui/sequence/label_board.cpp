// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/label_board.h"

#include <QRectF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace packetarium::ui {
namespace {

struct Span {
  double from = std::numeric_limits<double>::infinity();
  double to = -std::numeric_limits<double>::infinity();
};

Span along(const QPolygonF &shape, QPointF axis) {
  Span span;
  for (const QPointF &p : shape) {
    const double at = p.x() * axis.x() + p.y() * axis.y();
    span.from = std::min(span.from, at);
    span.to = std::max(span.to, at);
  }
  return span;
}

// Two convex shapes are apart when one of their sides parts them.
bool sidePartsThem(const QPolygonF &a, const QPolygonF &b) {
  for (qsizetype i = 0; i < a.size(); ++i) {
    const QPointF side = a[(i + 1) % a.size()] - a[i];
    const QPointF axis(-side.y(), side.x());
    const Span of = along(a, axis), other = along(b, axis);
    if (of.to <= other.from || other.to <= of.from) return true;
  }
  return false;
}

int rowOf(double y, double height) { return static_cast<int>(std::floor(y / height)); }

} // namespace

bool overlaps(const QPolygonF &a, const QPolygonF &b) {
  return !sidePartsThem(a, b) && !sidePartsThem(b, a);
}

bool LabelBoard::isFree(const QPolygonF &box) const {
  const QRectF bounds = box.boundingRect();
  for (int row = rowOf(bounds.top(), rowPx); row <= rowOf(bounds.bottom(), rowPx); ++row) {
    const auto found = m_rows.find(row);
    if (found == m_rows.end()) continue;
    for (const std::size_t i : found->second)
      if (overlaps(m_boxes[i], box)) return false;
  }
  return true;
}

void LabelBoard::put(const QPolygonF &box) {
  const QRectF bounds = box.boundingRect();
  for (int row = rowOf(bounds.top(), rowPx); row <= rowOf(bounds.bottom(), rowPx); ++row)
    m_rows[row].push_back(m_boxes.size());
  m_boxes.push_back(box);
}

} // namespace packetarium::ui
