// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/cursor.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::analysis {

enum class StepSize : std::uint8_t {
  Event,   ///< the next record
  Hop,     ///< the next frame that came out of a link, or was lost
  Message, ///< the next packet that reached whom it was for, or was lost
  Phase    ///< the next stop of the scenario's list of phases
};

/// A stop of stepping by phase: a Phase record of a node.
struct PhaseStopSpec {
  std::string milestone;
  std::uint32_t node = NodeIndex::noneValue; ///< none: any node
  std::uint32_t nth = 0; ///< which occurrence at that node, from 1; 0: every one
};

/// What steps are looked for in; the references must hold during the call.
struct StepContext {
  const trace::Trace &trace;
  const net::Blueprint &network;
  const Chronicle &chronicle;
  const std::vector<PhaseStopSpec> &phases;
};

struct StepResult {
  std::optional<Cursor> cursor;           ///< none: there is no such stop (yet)
  std::optional<std::size_t> pendingSlot; ///< that must be in memory to answer
};

/// The first stop after the cursor.
StepResult next(const StepContext &context, Cursor from, StepSize size);
/// The last stop before the cursor; the start of the run when there is none. Undoes next exactly:
/// from a stop, previous(next(stop)) is that stop.
StepResult previous(const StepContext &context, Cursor from, StepSize size);

/// Which entry of the list a phase mark matches; none when it is no stop.
std::optional<std::size_t> phaseStopOf(const Chronicle &chronicle, const PhaseMark &mark,
                                       const std::vector<PhaseStopSpec> &phases);
/// The last stop at or before the record, as index into the list.
std::optional<std::size_t> currentPhaseStop(const Chronicle &chronicle, trace::Sequence upTo,
                                            const std::vector<PhaseStopSpec> &phases);

} // namespace packetarium::analysis
