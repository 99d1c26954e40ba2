// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/time_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr double leastPx = 0.5; // between any two instants, so that the mapping can be inverted
constexpr double nsPerMs = 1e6;

} // namespace

double TimeScale::straight(Duration wait) const {
  return static_cast<double>(wait.ns()) / nsPerMs * m_options.pxPerMs;
}

TimeScale::TimeScale(std::vector<LadderInstant> instants, const TimeScaleOptions &options)
    : m_options(options) {
  std::stable_sort(instants.begin(), instants.end(),
                   [](const LadderInstant &a, const LadderInstant &b) { return a.at < b.at; });
  constexpr double never = -std::numeric_limits<double>::infinity();
  double lastStart = never, lastEnd = never;
  for (std::size_t i = 0; i < instants.size();) {
    const SimTime at = instants[i].at;
    bool start = false, end = false, mark = false;
    for (; i < instants.size() && instants[i].at == at; ++i) {
      start = start || instants[i].kind == LadderInstant::Kind::Start;
      end = end || instants[i].kind == LadderInstant::Kind::End;
      mark = mark || instants[i].kind == LadderInstant::Kind::Mark;
    }
    double y = 0;
    if (!m_knots.empty()) {
      const Knot &before = m_knots.back();
      const double whole = straight(at - before.at);
      y = before.y + std::clamp(whole, leastPx, std::max(leastPx, m_options.stillPxMax));
      if (start) y = std::max(y, lastStart + m_options.startPx);
      if (end) y = std::max(y, lastEnd + m_options.endPx);
      if (mark) y = std::max(y, before.y + m_options.markPx);
      if (whole > m_options.stillPxMax) m_breaks.push_back({before.at, at, before.y, y});
    }
    if (start) lastStart = y;
    if (end) lastEnd = y;
    m_knots.push_back({at, y});
  }
}

// Grows ever more slowly and never beyond the room a shortened wait has.
double TimeScale::after(Duration wait) const {
  const double room = std::max(leastPx, m_options.stillPxMax);
  return room * (1 - std::exp(-straight(wait) / room));
}

double TimeScale::y(SimTime t) const {
  if (m_knots.empty()) return 0;
  if (t <= m_knots.front().at) return -after(m_knots.front().at - t);
  if (t >= m_knots.back().at) return m_knots.back().y + after(t - m_knots.back().at);
  const auto right = std::upper_bound(m_knots.begin(), m_knots.end(), t,
                                      [](SimTime at, const Knot &k) { return at < k.at; });
  const Knot &a = *(right - 1);
  const Knot &b = *right;
  const double share =
      static_cast<double>((t - a.at).ns()) / static_cast<double>((b.at - a.at).ns());
  return a.y + share * (b.y - a.y);
}

SimTime TimeScale::at(double y) const {
  if (m_knots.empty()) return {};
  if (y <= m_knots.front().y) return m_knots.front().at;
  if (y >= m_knots.back().y) {
    const double room = std::max(leastPx, m_options.stillPxMax);
    const double share = std::min((y - m_knots.back().y) / room, 1 - 1e-9);
    const double ms = -std::log(1 - share) * room / m_options.pxPerMs;
    return m_knots.back().at + Duration::ns(static_cast<std::int64_t>(ms * nsPerMs));
  }
  const auto right = std::upper_bound(m_knots.begin(), m_knots.end(), y,
                                      [](double at, const Knot &k) { return at < k.y; });
  const Knot &a = *(right - 1);
  const Knot &b = *right;
  const double share = (y - a.y) / (b.y - a.y);
  const auto ns = static_cast<std::int64_t>(share * static_cast<double>((b.at - a.at).ns()));
  return a.at + Duration::ns(ns);
}

} // namespace packetarium::ui
