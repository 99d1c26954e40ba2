// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/scenario/scenario.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

/// How long a Raft cluster is without a leader when its leader crashes, measured in the simulator
/// as the paper did (Ongaro and Ousterhout 2014, section 9.3 and figure 16).
namespace packetarium::experiments {

struct RaftElectionOptions {
  Duration timeoutMin = Duration::ms(150), timeoutMax = Duration::ms(300);
  int servers = 5;    ///< 3 to 9; one of them leads, and crashes
  int ineligible = 2; ///< of the others: so many have shorter logs, and cannot win
  Duration delayMin = Duration::us(600), delayMax = Duration::us(5400); ///< one way, uniform
  std::uint32_t trials = 1000;
  std::uint64_t seed = 1;
  unsigned threads = 0; ///< 0: as the machine has
  std::function<void(std::uint32_t done, std::uint32_t of)> progress;
  const std::atomic<bool> *cancelled = nullptr;
};

struct RaftElectionReport {
  /// From each crash to the first heartbeat of the next leader; ascending.
  std::vector<Duration> downtimes;
  std::uint32_t split = 0;      ///< trials in which it took more than one new term
  std::uint32_t unfinished = 0; ///< trials without a new leader after a minute: not in downtimes
  /// Nearest rank; there must be a trial. share 0 to 1.
  Duration quantile(double share) const;
  Duration mean() const;
};

/// Servers joined each to each by links of the delay. The leader's heartbeats, one to everybody at
/// once every half of the least timeout, end at an instant drawn uniformly between two of them.
/// Servers that cannot win got heartbeats, but never what their logs lack. The same for any number
/// of threads. Faults name an option that makes no sense.
Result<RaftElectionReport> measureRaftElections(const RaftElectionOptions &options);

/// The scenario of one trial, up to the crash, which comes after crashAfter.
scenario::Scenario raftElectionScenario(const RaftElectionOptions &options, std::uint64_t seed);

/// The share of elections that no candidate wins in the first term when live of n servers may all
/// win, their timeouts are uniform over a range, and a message takes the share l of the range:
/// enough time out before the first request for votes reaches them.
double splitVoteProbability(int n, int live, double l);

} // namespace packetarium::experiments
