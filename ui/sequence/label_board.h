// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPolygonF>

#include <unordered_map>
#include <vector>

namespace packetarium::ui {

// Whether two convex four-sided figures share any area.
[[nodiscard]] bool overlaps(const QPolygonF &a, const QPolygonF &b);

// Remembers where words lie, so that no two lie over one another. Any size, any tilt.
class LabelBoard {
public:
  [[nodiscard]] bool isFree(const QPolygonF &box) const;
  void put(const QPolygonF &box);

private:
  static constexpr double rowPx = 64;
  std::vector<QPolygonF> m_boxes;
  std::unordered_map<int, std::vector<std::size_t>> m_rows; // boxes by the rows they touch
};

} // namespace packetarium::ui
