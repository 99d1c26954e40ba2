// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/raft_election.h"
#include "core/experiments/swarm.h"

#include <optional>
#include <string>
#include <vector>

/// Commands that make many runs of one question.
namespace packetarium::cli {

struct SwarmCliOptions {
  std::string scenario;
  experiments::SwarmOptions swarm;
  std::vector<std::string> settings;
  std::optional<Duration> until;
  bool shrink = false;
  std::string save; ///< file for the shrunken scenario, or for the violating one
  bool json = false;
};
/// 0: no violation; 1: there is one; 2: the scenario is unreadable or cannot be judged.
int swarm(const SwarmCliOptions &options);

struct RaftElectionCliOptions {
  experiments::RaftElectionOptions election;
  bool json = false;
};
int calcRaftElection(const RaftElectionCliOptions &options);
/// "150-300" or "150ms-300ms", in milliseconds when there is no unit; nothing when it is neither.
std::optional<std::pair<Duration, Duration>> parseTimeoutRange(const std::string &text);

} // namespace packetarium::cli
