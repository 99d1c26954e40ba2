// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/label_placer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace packetarium::ui {
namespace {

// The part of the line inside the box (Liang and Barsky 1984); its length.
double lengthInside(const QLineF &line, const QRectF &box) {
  double from = 0;
  double to = 1;
  const double p[] = {-line.dx(), line.dx(), -line.dy(), line.dy()};
  const double q[] = {line.x1() - box.left(), box.right() - line.x1(), line.y1() - box.top(),
                      box.bottom() - line.y1()};
  for (int i = 0; i < 4; ++i) {
    if (p[i] == 0) {
      if (q[i] < 0) return 0;
      continue;
    }
    const double t = q[i] / p[i];
    if (p[i] < 0)
      from = std::max(from, t);
    else
      to = std::min(to, t);
  }
  return from < to ? (to - from) * line.length() : 0;
}

} // namespace

LabelPlacer::LabelPlacer(const QRectF &viewport) : m_viewport(viewport) {}

void LabelPlacer::clear(const QRectF &viewport) {
  m_viewport = viewport;
  m_boxes.clear();
  m_lines.clear();
  m_boxCells.clear();
  m_lineCells.clear();
}

template <class Visit> void LabelPlacer::eachCell(const QRectF &box, Visit visit) {
  const auto index = [](double v) { return static_cast<std::int32_t>(std::floor(v / cell)); };
  for (std::int32_t y = index(box.top()); y <= index(box.bottom()); ++y)
    for (std::int32_t x = index(box.left()); x <= index(box.right()); ++x)
      visit(static_cast<std::int64_t>(y) << 32 | static_cast<std::uint32_t>(x),
            QRectF(x * cell, y * cell, cell, cell));
}

void LabelPlacer::block(const QRectF &box) {
  if (!box.intersects(m_viewport)) return;
  const auto index = static_cast<std::uint32_t>(m_boxes.size());
  m_boxes.push_back(box);
  eachCell(box & m_viewport,
           [&](std::int64_t key, const QRectF &) { m_boxCells[key].push_back(index); });
}

void LabelPlacer::avoid(const QLineF &line) {
  const QRectF box = QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1);
  if (!box.intersects(m_viewport)) return;
  const auto index = static_cast<std::uint32_t>(m_lines.size());
  m_lines.push_back(line);
  eachCell(box & m_viewport, [&](std::int64_t key, const QRectF &area) {
    if (lengthInside(line, area) > 0) m_lineCells[key].push_back(index);
  });
}

bool LabelPlacer::isFree(const QRectF &box) const {
  if (!m_viewport.contains(box)) return false;
  bool free = true;
  eachCell(box, [&](std::int64_t key, const QRectF &) {
    const auto found = m_boxCells.find(key);
    if (!free || found == m_boxCells.end()) return;
    free = std::none_of(found->second.begin(), found->second.end(),
                        [&](std::uint32_t i) { return m_boxes[i].intersects(box); });
  });
  return free;
}

double LabelPlacer::crossing(const QRectF &box) const {
  double sum = 0;
  std::vector<std::uint32_t> seen;
  eachCell(box, [&](std::int64_t key, const QRectF &) {
    const auto found = m_lineCells.find(key);
    if (found == m_lineCells.end()) return;
    for (const std::uint32_t i : found->second) {
      if (std::find(seen.begin(), seen.end(), i) != seen.end()) continue;
      seen.push_back(i);
      sum += lengthInside(m_lines[i], box);
    }
  });
  return sum;
}

std::optional<std::size_t> LabelPlacer::find(const std::vector<QRectF> &candidates) const {
  std::optional<std::size_t> best;
  double least = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!isFree(candidates[i])) continue;
    const double cost = crossing(candidates[i]);
    if (cost == 0) return i;
    if (!best || cost < least) {
      best = i;
      least = cost;
    }
  }
  return best;
}

std::optional<std::size_t> LabelPlacer::place(const std::vector<QRectF> &candidates) {
  const auto found = find(candidates);
  if (found) block(candidates[*found]);
  return found;
}

std::vector<QRectF> placesAround(const QRectF &box, const QSizeF &label, double gap) {
  const double w = label.width();
  const double h = label.height();
  const double cx = box.center().x() - w / 2;
  const double cy = box.center().y() - h / 2;
  const double below = box.bottom() + gap;
  const double above = box.top() - gap - h;
  const double right = box.right() + gap * 2;
  const double left = box.left() - gap * 2 - w;
  return {{cx, below, w, h},
          {right, cy, w, h},
          {cx, above, w, h},
          {left, cy, w, h},
          {box.center().x(), below, w, h},
          {box.center().x() - w, below, w, h},
          {right, box.top() - h * 0.6, w, h},
          {right, box.bottom() - h * 0.4, w, h},
          {left, box.top() - h * 0.6, w, h},
          {left, box.bottom() - h * 0.4, w, h},
          {box.center().x(), above, w, h},
          {box.center().x() - w, above, w, h}};
}

std::vector<QRectF> placesAlong(const QLineF &line, const QSizeF &label, double gap) {
  std::vector<QRectF> places;
  if (line.length() < 1) return places;
  const QPointF along = (line.p2() - line.p1()) / line.length();
  const QPointF normal(-along.y(), along.x());
  // Far enough that the box clears the line whatever its slope.
  const double reach =
      (std::abs(normal.x()) * label.width() + std::abs(normal.y()) * label.height()) / 2;
  for (const double share : {0.5, 0.38, 0.62, 0.27, 0.73}) {
    const QPointF at = line.pointAt(share);
    for (const double side : {normal.y() < 0 ? 1.0 : -1.0, normal.y() < 0 ? -1.0 : 1.0}) {
      const QPointF centre = at + normal * side * (reach + gap);
      places.emplace_back(centre - QPointF(label.width(), label.height()) / 2, label);
    }
  }
  return places;
}

} // namespace packetarium::ui
