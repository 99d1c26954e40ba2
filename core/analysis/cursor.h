// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/trace/chunk.h"

#include <optional>

namespace packetarium::analysis {

/// A place in a run: the state after all records up to and with upTo, at the instant at (which lies
/// at or after that record and before the one that follows). {0, 0} is the start.
struct Cursor {
  SimTime at;
  trace::Sequence upTo = 0;
  bool operator==(const Cursor &) const = default;
};

/// The cursor at an instant: after everything that happened at or before it. While the chunk there
/// is not in memory the cursor names that chunk's opening, and frameAt answers pending.
Cursor cursorAt(const trace::Trace &trace, SimTime t);
/// The cursor just after a record; none when its chunk is not in memory.
std::optional<Cursor> cursorAfter(const trace::Trace &trace, trace::Sequence sequence);

} // namespace packetarium::analysis
