// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/fact_book.h"
#include "core/trace/chunk.h"
#include "core/world/plan.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace packetarium::analysis {

/// How much happened in one pixel column of the timeline.
struct ActivityColumn {
  float sent = 0;
  float dropped = 0;
  float retransmitted = 0;
};

/// Density of events over [from, to). Chunks in memory are counted exactly where columns are
/// narrower than a chunk, dropped ones are spread evenly over their time.
std::vector<ActivityColumn> activityOf(const trace::Trace &trace, SimTime from, SimTime to,
                                       std::size_t columns);

/// A fault as a bar on the timeline.
struct FaultClip {
  enum class Kind : std::uint8_t {
    Cut,
    Crash,
    Pause,
    Rate, ///< from here to Flap in the order of trace::LinkQuantity
    Delay,
    Jitter,
    Loss,
    Queue,
    Duplicate,
    Reorder,
    Corrupt,
    Blocked,
    Flap,
    Slowness, ///< from here on in the order of trace::NodeQuantity
    ClockOffset,
    ClockDrift,
    Partition
  };
  Kind kind = Kind::Cut;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t link = LinkIndex::noneValue;
  SimTime from, to;  ///< to: end of the run while it lasts
  bool open = false; ///< nothing ends it
  double value = 0;  ///< of a changed condition, in the unit of its quantity
  /// Index of the script entries that begin and end it; -1: none (it happened otherwise).
  int beginEntry = -1, endEntry = -1;
};

constexpr int faultClipKinds = static_cast<int>(FaultClip::Kind::Partition) + 1;
/// The kind that a changed quantity begins; nothing for what passes at once (a lost disk).
std::optional<FaultClip::Kind> clipKindOf(trace::LinkQuantity quantity);
std::optional<FaultClip::Kind> clipKindOf(trace::NodeQuantity quantity);

/// The clips that a script will make (known before anything has run), ordered by begin.
std::vector<FaultClip> faultClips(const world::Script &script, SimTime end);
/// The clips that a run has seen, as far as it got.
std::vector<FaultClip> faultClips(const Chronicle &chronicle, SimTime knownUntil);
/// The same of a run's facts; clips that last go up to the latest change.
std::vector<FaultClip> faultClips(const FactBook &facts);

} // namespace packetarium::analysis
