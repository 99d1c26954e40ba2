// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <vector>

namespace packetarium::ui {

// What needs room of its own on the ladder's time axis.
struct LadderInstant {
  enum class Kind { Start, End, Mark };
  SimTime at;
  Kind kind = Kind::Start;
};

struct TimeScaleOptions {
  double pxPerMs = 1;     // where nothing stretches or shortens it; above 0
  double startPx = 16;    // at least, from one start of an arrow to the next at a later instant
  double endPx = 8;       // the same for ends
  double markPx = 18;     // above a mark, for its words
  double stillPxMax = 44; // a wait longer than this is shortened to it, and marked
};

// Maps simulated time to a height in pixels: piecewise linear, strictly increasing. Makes room
// where much happens at once and shortens long waits, so that a handshake of milliseconds and a
// pause of seconds can both be read.
class TimeScale {
public:
  // A wait that was shortened.
  struct Break {
    SimTime from, to;
    double fromY = 0, toY = 0;
  };

  TimeScale() = default;
  // The instants may come in any order. y is 0 at the first.
  TimeScale(std::vector<LadderInstant> instants, const TimeScaleOptions &options);

  [[nodiscard]] double y(SimTime t) const;
  // The inverse of y, held to the instants it was made of at the lower end.
  [[nodiscard]] SimTime at(double y) const;
  [[nodiscard]] const std::vector<Break> &breaks() const { return m_breaks; }
  [[nodiscard]] bool isEmpty() const { return m_knots.empty(); }
  [[nodiscard]] double height() const { return m_knots.empty() ? 0 : m_knots.back().y; }

private:
  struct Knot {
    SimTime at;
    double y = 0;
  };
  [[nodiscard]] double after(Duration wait) const; // height of what lies behind the last knot
  [[nodiscard]] double straight(Duration wait) const;

  TimeScaleOptions m_options;
  std::vector<Knot> m_knots; // strictly increasing in both
  std::vector<Break> m_breaks;
};

} // namespace packetarium::ui
