// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace packetarium::ui {

// Between simulated time and pixels, for a stretch of the run shown in a strip. A plain value.
struct TimeAxis {
  SimTime from;
  SimTime to;       // after from
  double left = 0;  // pixel of from
  double width = 1; // pixels between from and to
  SimTime end;      // of the run: the stretch never leaves 0 .. end

  static constexpr std::int64_t spanNsMin = 1'000;

  double x(SimTime t) const;
  // Held to 0 .. end.
  SimTime at(double x) const;
  // What a pointer there means; none beside the strip.
  std::optional<SimTime> under(double x) const;
  Duration span() const { return to - from; }
  double nsPerPixel() const { return static_cast<double>(span().ns()) / width; }

  // Shows factor times less (above 1) or more of the run, with the time under x left where it is.
  void zoomAt(double x, double factor);
  void panBy(double pixels);
  void showAll();
  // Moves on by a page when t has left the stretch or its last part; true when it moved.
  bool follow(SimTime t);
  void setSpan(SimTime newFrom, SimTime newTo);

  bool operator==(const TimeAxis &) const = default;
};

// Round instants of the stretch, 1, 2 or 5 times a power of ten apart, no closer than so many
// pixels.
std::vector<SimTime> ticksOf(const TimeAxis &axis, double pixelsMin);

} // namespace packetarium::ui
