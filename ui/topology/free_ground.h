// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <QLineF>
#include <QPoint>
#include <QPointF>
#include <QSizeF>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace packetarium::ui {

// Where on the plane something can be put down without covering what lies there already.
class FreeGround {
public:
  // Distances between the middles of two tiles: so that they do not touch, and so that their names
  // have room too.
  static constexpr QSizeF tileRoom{56, 56};
  static constexpr QSizeF nameRoom{112, 96};

  explicit FreeGround(const scenario::Scenario &scenario);

  // No node lies nearer than room, in both directions.
  [[nodiscard]] bool isFree(QPointF at, const QSizeF &room) const;
  // The place itself when it is free, else the nearest free one on a raster of this room around it.
  // With nameRoom it keeps clear of links where it can, so that nothing seems to lie on one.
  [[nodiscard]] QPointF nearest(QPointF wanted, const QSizeF &room) const;
  // How far to move all of a group, by steps of so much, until it covers nothing.
  [[nodiscard]] QPoint clearOf(const std::vector<QPointF> &group, QPoint by, QPoint step) const;

private:
  [[nodiscard]] bool isClearOfLinks(QPointF at) const;
  [[nodiscard]] std::optional<QPointF> search(QPointF wanted, const QSizeF &room, int rings,
                                              bool avoidLinks) const;

  std::unordered_map<std::int64_t, std::vector<QPointF>> m_cells;
  std::vector<QLineF> m_links;
};

} // namespace packetarium::ui
