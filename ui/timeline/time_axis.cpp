// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/time_axis.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {

double TimeAxis::x(SimTime t) const {
  return left + static_cast<double>((t - from).ns()) / nsPerPixel();
}

SimTime TimeAxis::at(double pixel) const {
  const double ns = static_cast<double>(from.ns()) + (pixel - left) * nsPerPixel();
  const double held = std::clamp(ns, 0.0, static_cast<double>(end.ns()));
  return SimTime::fromNs(std::min(std::llround(held), static_cast<long long>(end.ns())));
}

void TimeAxis::setSpan(SimTime newFrom, SimTime newTo) {
  const std::int64_t endNs = std::max<std::int64_t>(end.ns(), spanNsMin);
  const std::int64_t spanNs = std::clamp((newTo - newFrom).ns(), spanNsMin, endNs);
  const std::int64_t begin = std::clamp<std::int64_t>(newFrom.ns(), 0, endNs - spanNs);
  from = SimTime::fromNs(begin);
  to = SimTime::fromNs(begin + spanNs);
}

std::optional<SimTime> TimeAxis::under(double x) const {
  if (x < left - 1 || x > left + width + 1) return std::nullopt;
  return at(std::clamp(x, left, left + width));
}

void TimeAxis::zoomAt(double pixel, double factor) {
  const double share = (pixel - left) / width;
  const double ns = static_cast<double>(from.ns()) + share * static_cast<double>(span().ns());
  const double longest = static_cast<double>(std::max<std::int64_t>(end.ns(), spanNsMin));
  const double spanNs = std::clamp(static_cast<double>(span().ns()) / factor,
                                   static_cast<double>(spanNsMin), longest);
  const auto begin = static_cast<std::int64_t>(std::llround(ns - share * spanNs));
  setSpan(SimTime::fromNs(begin), SimTime::fromNs(begin + std::llround(spanNs)));
}

void TimeAxis::panBy(double pixels) {
  const auto ns = Duration::ns(std::llround(pixels * nsPerPixel()));
  setSpan(from + ns, to + ns);
}

void TimeAxis::showAll() { setSpan(SimTime::zero(), end); }

bool TimeAxis::follow(SimTime t) {
  const Duration margin = span() / 20;
  if (t >= from && (t <= to - margin || to >= end)) return false;
  const TimeAxis before = *this;
  const SimTime begin = t - span() / 10;
  setSpan(begin, begin + span());
  return !(before == *this);
}

std::vector<SimTime> ticksOf(const TimeAxis &axis, double pixelsMin) {
  const double least = pixelsMin * axis.nsPerPixel();
  double step = std::pow(10, std::floor(std::log10(std::max(least, 1.0))));
  for (const double times : {1.0, 2.0, 5.0, 10.0}) {
    if (step * times < least) continue;
    step *= times;
    break;
  }
  const std::int64_t stepNs = std::max<std::int64_t>(std::llround(step), 1);
  std::vector<SimTime> ticks;
  std::int64_t t = (axis.from.ns() + stepNs - 1) / stepNs * stepNs;
  for (; t <= axis.to.ns(); t += stepNs) ticks.push_back(SimTime::fromNs(t));
  return ticks;
}

} // namespace packetarium::ui
