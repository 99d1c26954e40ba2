// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineF>
#include <QRectF>
#include <QSizeF>

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

namespace packetarium::ui {

// Finds room for labels: none ever covers a tile or another label, and lines are avoided where
// there is a choice. Knows rectangles and lines only, in widget pixels.
class LabelPlacer {
public:
  explicit LabelPlacer(const QRectF &viewport = {});

  void clear(const QRectF &viewport);
  // What a label must not cover.
  void block(const QRectF &box);
  // What a label had better not cross.
  void avoid(const QLineF &line);

  // The first of the candidates that is free and crosses no line; else the free one that crosses
  // the least; none when all are taken. The winner becomes blocked.
  std::optional<std::size_t> place(const std::vector<QRectF> &candidates);
  // The same without blocking it.
  [[nodiscard]] std::optional<std::size_t> find(const std::vector<QRectF> &candidates) const;
  [[nodiscard]] bool isFree(const QRectF &box) const;
  // Pixels of lines that lie within the box.
  [[nodiscard]] double crossing(const QRectF &box) const;

private:
  static constexpr int cell = 128;
  using Cells = std::unordered_map<std::int64_t, std::vector<std::uint32_t>>;
  template <class Visit> static void eachCell(const QRectF &box, Visit visit);

  QRectF m_viewport;
  std::vector<QRectF> m_boxes;
  std::vector<QLineF> m_lines;
  Cells m_boxCells;
  Cells m_lineCells;
};

// Where a label of a size may stand around a box, best place first: below, right, above, left, then
// the corners.
[[nodiscard]] std::vector<QRectF> placesAround(const QRectF &box, const QSizeF &label, double gap);
// Beside a point on a line that goes in a direction (any length): on either side of it, at its
// middle and further along to both ends.
[[nodiscard]] std::vector<QRectF> placesAlong(const QLineF &line, const QSizeF &label, double gap);

} // namespace packetarium::ui
