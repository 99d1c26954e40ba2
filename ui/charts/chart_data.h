// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <QList>
#include <QPointF>
#include <QString>

#include <cstddef>
#include <optional>
#include <vector>

namespace packetarium::ui {

// One line of a chart, already decimated: x in the chart's unit of time, y in its unit.
struct ChartLine {
  QString name;           // empty where the title says it all
  std::size_t colour = 0; // index into Theme::series
  bool filled = false;    // the ground below is tinted
  QList<QPointF> points;
  // The value at x: that of the last point at or before it.
  [[nodiscard]] std::optional<double> at(double x) const;
};

// How many cases a point of a line stands for, so that nobody reads too much into a few.
struct ChartBin {
  double from = 0, to = 0; // on the axis of time
  std::size_t count = 0;
  double low = 0, high = 0; // between which the value lies that chance alone would let one measure
};

// What one chart shows, as values: for the view, the export and the tests alike.
struct ChartData {
  QString id; // stem of an exported file
  QString title;
  QString unit; // of y
  QString help; // one sentence: what the lines mean
  SimTime from, to;
  QString timeUnit;      // "s" or "ms"
  double timeFactor = 1; // of seconds to that unit
  double yMax = 1, yStep = 1;
  double yFixed = 0; // where the y axis ends whatever the values are; 0: as they need
  std::vector<ChartLine> lines;
  std::vector<ChartBin> bins; // side by side; drawn as faint bars with counts, and whiskers
  QString binUnit;            // "reads"

  [[nodiscard]] double x(SimTime t) const { return t.toSeconds() * timeFactor; }
  [[nodiscard]] SimTime time(double x) const {
    return SimTime::fromNs(static_cast<std::int64_t>(x / timeFactor * 1e9));
  }
  [[nodiscard]] bool hasPoints() const;
  // The stretch that x lies in; null: in none.
  [[nodiscard]] const ChartBin *binAt(double x) const;
  // Sets the unit of time that suits from and to; call before points are made.
  void setSpan(SimTime spanFrom, SimTime spanTo);
  // Makes the y axis reach over all points in round steps, at most so many.
  void fitHeight(int steps = 4);
};

// 1, 2, 2.5 or 5 times a power of ten: the smallest at or above the value; 1 for 0 and below.
[[nodiscard]] double roundStep(double atLeast);
// The end of a time axis that shows all up to now and some room to come: 1, 1.5, 2, 3, 5 or 7.5
// times a power of ten seconds, so that it moves only now and then.
[[nodiscard]] SimTime roundSpan(SimTime now);

} // namespace packetarium::ui
