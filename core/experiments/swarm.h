// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/swarm_faults.h"
#include "core/experiments/verdict.h"

#include <functional>

/// Many runs of a scenario, each with faults drawn from its own seed, each judged.
namespace packetarium::experiments {

struct SwarmOptions {
  std::uint64_t runs = 100;
  std::uint64_t firstSeed = 1;   ///< the others follow it
  std::vector<Promise> promises; ///< empty: promisesOf the scenario
  DrawOptions faults;
  JudgeOptions judge;
  bool stopAtFirst = false; ///< runs of later seeds than the first violation's are left out
  unsigned threads = 0;     ///< 0: as the machine has
  /// Told now and then, on the calling thread.
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

struct SwarmReport {
  std::vector<Promise> promises;     ///< that were expected
  std::vector<Violation> violations; ///< the first of each run that has one, by seed
  std::uint64_t done = 0;            ///< runs that were judged
  std::uint64_t undecided = 0;       ///< of them: a judgement was not finished in its budget
  std::uint64_t operations = 0;      ///< of clients, in all runs
  bool cancelled = false;
};

/// Runs on threads of its own. The same for any number of threads, as far as judgements end in
/// their budgets. Faults when the scenario cannot be built, promises nothing that could be broken,
/// or has nothing to break.
Result<SwarmReport> swarm(const scenario::Scenario &scenario, const SwarmOptions &options);

} // namespace packetarium::experiments
