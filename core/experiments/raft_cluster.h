// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <map>
#include <string>

namespace packetarium::experiments {

/// A Raft cluster around a switch, with clients: what benchmarks and swarms are made of.
struct RaftCluster {
  int members = 5, clients = 3; ///< clients: hosts with one closed-loop client each
  Duration linkDelay = Duration::ms(5);
  Duration duration = Duration::seconds(60);
  Duration diskSync = Duration::ms(2);
  /// On top of what makes it a cluster: "flaw", "reads", "snapshot_entries"; "keys", "think_ns".
  std::map<std::string, programs::ParameterValue> memberParameters, clientParameters;
};
/// Members are m1, m2, ..., clients c1, c2, ..., links m1-switch, ...
scenario::Scenario raftCluster(const RaftCluster &wanted);

/// The load of `bench raft`: five members, three clients that think for 10 ms, links of 5 ms, 60 s.
scenario::Scenario raftBenchmark();

/// The hardest to bear for swarms, and on purpose so: three members with slow disks (20 ms) close
/// to each other, so that what is promised is long on its way to the disk; one entry in a message;
/// snapshots after 30 entries; five busy clients on one key that give up soon and ask again. Five
/// seconds.
RaftCluster harshRaftCluster();

} // namespace packetarium::experiments
