// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstddef>
#include <vector>

namespace packetarium::analysis {

struct SeriesPoint {
  SimTime at;
  double value = 0;
  bool operator==(const SeriesPoint &) const = default;
};

/// What a chart draws in one pixel column: first, lowest, highest and last value there.
struct SeriesColumn {
  bool empty = true;
  double first = 0, min = 0, max = 0, last = 0;
  SimTime firstAt, lastAt;
};

/// A quantity over time. Bounded: when full, neighbouring points are merged pairwise so that the
/// lowest and highest values survive.
class TimeSeries {
public:
  explicit TimeSeries(std::size_t pointsMax = 1u << 17) : m_max(pointsMax) {}
  /// at must not lie before the last point.
  void add(SimTime at, double value);
  /// Forgets points at or after t.
  void truncate(SimTime t);
  const std::vector<SeriesPoint> &points() const { return m_points; }
  bool empty() const { return m_points.empty(); }

  /// One column per pixel of [from, to).
  std::vector<SeriesColumn> decimate(SimTime from, SimTime to, std::size_t pixels) const;
  /// The last value at or before t; fallback when there is none.
  double valueAt(SimTime t, double fallback = 0) const;
  /// Lowest and highest value within; false when no point lies there.
  bool range(SimTime from, SimTime to, double &lowest, double &highest) const;

private:
  void halve();
  std::size_t m_max;
  std::vector<SeriesPoint> m_points;
};

} // namespace packetarium::analysis
