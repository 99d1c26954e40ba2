// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/judge/raft_invariants.h"
#include "core/scenario/build.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace packetarium::cli {

/// What to run and which files to write beside; an empty name writes none.
struct RunRequest {
  scenario::Scenario scenario;
  std::optional<Duration> until; ///< instead of the scenario's own duration
  std::string pcap, keylog, trace, metrics, history;
};

struct RunOutcome {
  SimTime simulated;
  double wallSeconds = 0;
  std::uint64_t events = 0;
  std::uint64_t fingerprint = 0;
  std::map<std::string, double> metrics;
  bool interrupted = false;
  std::optional<judge::Breach> breach; ///< the promise whose breach ended the run
};

/// Runs to the end on this thread. Records are handed to the files chunk by chunk and dropped, so
/// memory stays bounded however long the run is. Setting the flag ends it early, in good order.
Result<RunOutcome> runHeadless(const RunRequest &request, const std::atomic<bool> &stop);

} // namespace packetarium::cli
