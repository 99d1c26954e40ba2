// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_data.h"

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

// The smallest of the factors times a power of ten that is at least the value, which is above 0.
template <std::size_t N> double roundUp(double value, const double (&factors)[N]) {
  double power = std::pow(10.0, std::floor(std::log10(value)));
  for (int i = 0; i < 3; ++i, power *= 10)
    for (const double factor : factors)
      if (factor * power >= value * (1 - 1e-9)) return factor * power;
  return power;
}

} // namespace

std::optional<double> ChartLine::at(double x) const {
  const auto it = std::upper_bound(points.begin(), points.end(), x,
                                   [](double v, const QPointF &p) { return v < p.x(); });
  if (it == points.begin()) return std::nullopt;
  return std::prev(it)->y();
}

bool ChartData::hasPoints() const {
  return std::any_of(lines.begin(), lines.end(), [](const auto &l) { return !l.points.isEmpty(); });
}

const ChartBin *ChartData::binAt(double x) const {
  for (const ChartBin &bin : bins)
    if (bin.from <= x && x < bin.to) return &bin;
  return nullptr;
}

void ChartData::setSpan(SimTime spanFrom, SimTime spanTo) {
  from = spanFrom;
  to = std::max(spanTo, spanFrom + Duration::us(1));
  const bool small = (to - SimTime::zero()) < Duration::seconds(1);
  timeUnit = small ? QStringLiteral("ms") : QStringLiteral("s");
  timeFactor = small ? 1000 : 1;
}

void ChartData::fitHeight(int steps) {
  steps = std::max(1, steps);
  if (yFixed > 0) {
    yStep = roundStep(yFixed / steps);
    yMax = yFixed;
    return;
  }
  double top = 0;
  for (const ChartLine &line : lines)
    for (const QPointF &p : line.points) top = std::max(top, p.y());
  yStep = roundStep(top / steps * 1.02);
  yMax = top > 0 ? yStep * std::ceil(top * 1.02 / yStep - 1e-9) : steps * yStep;
}

double roundStep(double atLeast) {
  static constexpr double factors[] = {1, 2, 2.5, 5};
  return atLeast > 0 ? roundUp(atLeast, factors) : 1;
}

SimTime roundSpan(SimTime now) {
  static constexpr double factors[] = {1, 1.5, 2, 3, 5, 7.5};
  const double seconds = std::max(0.01, now.toSeconds() * 1.02);
  return SimTime::fromNs(std::llround(roundUp(seconds, factors) * 1e9));
}

} // namespace packetarium::ui
