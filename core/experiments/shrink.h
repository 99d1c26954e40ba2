// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/swarm_faults.h"
#include "core/experiments/verdict.h"

#include <functional>

/// A scenario that breaks a promise, made as small as it can be while it still breaks it.
namespace packetarium::experiments {

struct ShrinkOptions {
  JudgeOptions judge;
  std::uint64_t runsMax = 1000; ///< the smallest so far is given when they are used up
  unsigned threads = 0;         ///< 0: as the machine has
  /// Told on the calling thread.
  std::function<void(std::uint64_t runs, std::size_t faults)> progress;
};

struct Shrunk {
  scenario::Scenario scenario; ///< with a card and bookmarks that tell what breaks
  Violation violation;
  std::size_t faultsBefore = 0, faults = 0; ///< a crash and its restart are one
  std::uint64_t runs = 0;
};

/// Leaves out faults by delta debugging (Zeller and Hildebrandt 2002), then single entries
/// (restarts that are not needed), clients, and time after the violation; then makes what is left
/// shorter and rounder. What is smaller counts when it breaks the promise with any of a few seeds:
/// the document that is given may have another one than that which came. The same for any number of
/// threads. Faults when the scenario cannot be built, or does not break the promise. Cancelled:
/// gives the smallest so far.
Result<Shrunk> shrink(const scenario::Scenario &violating, Promise promise,
                      const ShrinkOptions &options);

} // namespace packetarium::experiments
