// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/series.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

auto firstAt(const std::vector<SeriesPoint> &points, SimTime t) {
  return std::lower_bound(points.begin(), points.end(), t,
                          [](const SeriesPoint &p, SimTime at) { return p.at < at; });
}

/// Column of an instant; exact for every span that fits 63 bits.
std::size_t columnOf(SimTime t, SimTime from, SimTime to, std::size_t pixels) {
  __extension__ using Wide = __int128;
  const Wide span = to.ns() - from.ns();
  const Wide at = t.ns() - from.ns();
  return static_cast<std::size_t>(at * static_cast<Wide>(pixels) / span);
}

} // namespace

void TimeSeries::add(SimTime at, double value) {
  if (m_points.size() >= m_max) halve();
  m_points.push_back({at, value});
}

void TimeSeries::halve() {
  // Of every four points the lowest and the highest stay, in their order.
  std::vector<SeriesPoint> kept;
  kept.reserve(m_points.size() / 2 + 2);
  for (std::size_t i = 0; i < m_points.size(); i += 4) {
    const auto begin = m_points.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end =
        m_points.begin() + static_cast<std::ptrdiff_t>(std::min(i + 4, m_points.size()));
    auto [low, high] = std::minmax_element(
        begin, end, [](const auto &a, const auto &b) { return a.value < b.value; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
  }
  m_points = std::move(kept);
}

void TimeSeries::truncate(SimTime t) { m_points.erase(firstAt(m_points, t), m_points.end()); }

std::vector<SeriesColumn> TimeSeries::decimate(SimTime from, SimTime to, std::size_t pixels) const {
  std::vector<SeriesColumn> columns(pixels);
  if (to <= from || pixels == 0) return columns;
  for (auto it = firstAt(m_points, from); it != m_points.end() && it->at < to; ++it) {
    SeriesColumn &c = columns[columnOf(it->at, from, to, pixels)];
    if (c.empty) c = {false, it->value, it->value, it->value, it->value, it->at, it->at};
    c.min = std::min(c.min, it->value);
    c.max = std::max(c.max, it->value);
    c.last = it->value;
    c.lastAt = it->at;
  }
  return columns;
}

double TimeSeries::valueAt(SimTime t, double fallback) const {
  const auto after = std::upper_bound(m_points.begin(), m_points.end(), t,
                                      [](SimTime at, const SeriesPoint &p) { return at < p.at; });
  return after == m_points.begin() ? fallback : (after - 1)->value;
}

bool TimeSeries::range(SimTime from, SimTime to, double &lowest, double &highest) const {
  const auto begin = firstAt(m_points, from);
  bool any = false;
  for (auto it = begin; it != m_points.end() && it->at <= to; ++it) {
    lowest = any ? std::min(lowest, it->value) : it->value;
    highest = any ? std::max(highest, it->value) : it->value;
    any = true;
  }
  return any;
}

} // namespace packetarium::analysis
