// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_facts.h"
#include "core/base/sim_time.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace packetarium::analysis {

/// How far each member of a replicated service is behind the one that serves, from what all of them
/// told of their logs: the truth at each instant, not what a member has heard. The same numbers as
/// LogView::lag, kept up as records come. A value.
class ReplicationLags {
public:
  struct Lag {
    std::uint32_t node = 0;
    std::string service;
    std::uint64_t entries = 0; ///< that the serving member's log has beyond this one's
    /// Since when the first of them is in the service's log; meaningless when there is none.
    SimTime since;
  };

  /// The next record of a run. What changed by it, by node.
  std::vector<Lag> take(const trace::Record &record, const trace::Chunk &chunk);
  /// Members that are behind just now, by service and node.
  std::vector<Lag> behind() const;

private:
  /// A log from its first index on: of each entry its epoch.
  struct Log {
    std::uint64_t base = 0, baseEpoch = 0; ///< of the snapshot that stands for the first entries
    std::vector<std::uint64_t> epochs;
    std::uint64_t last() const { return base + epochs.size(); }
    std::uint64_t lastEpoch() const { return epochs.empty() ? baseEpoch : epochs.back(); }
    void cutFrom(std::uint64_t index);
    void append(std::uint64_t index, std::uint64_t epoch);
    void stand(const SnapshotHeld &snapshot);
  };
  struct Member {
    bool serves = false;
    bool told = false; ///< something about its log
    Log log;
    std::uint64_t lag = 0;
    bool known = false; ///< its lag was given to somebody
  };
  struct Service {
    std::map<std::uint32_t, Member> members; ///< by node
    /// By index - 1: the epoch of the newest entry there, and when it was first in any log.
    std::vector<std::pair<std::uint64_t, SimTime>> first;
  };
  void takeLog(Service &service, Member &member, const LogChange &change, SimTime at) const;
  std::vector<Lag> compare(const std::string &name, Service &service) const;
  static const Member *leader(const Service &service);
  static Lag lagOf(const std::string &name, const Service &service, std::uint32_t node);

  std::map<std::string, Service, std::less<>> m_services;
};

} // namespace packetarium::analysis
