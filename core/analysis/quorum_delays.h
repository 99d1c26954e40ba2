// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"
#include "core/cluster/pbs.h"
#include "core/world/plan.h"

#include <optional>
#include <string_view>
#include <vector>

/// A quorum store of a run as the model of stale reads (core/cluster/pbs.h) takes it.
namespace packetarium::analysis {

/// Each key lies with members of its own, and its clients turn to members that need not be among
/// them: every such constellation is a placement, with the share of reads that fall to it.
struct QuorumDelays {
  int n = 3, r = 1, w = 1; ///< at most as many as there are members
  std::vector<cluster::PbsPlacement> placements;
  double longestMs = 0; ///< one way between two members, at most
  double diskMs = 0;    ///< a replica writes to its disk before it acknowledges
  bool operator==(const QuorumDelays &) const = default;
};
/// Of the quorum store of that service, by what the plan says: where the keys lie on the ring,
/// which member each client turns to, and the delays of the links between. None: it is no quorum
/// store, no client writes what another one reads, or there is no way between them. Not in it:
/// faults, queues, lost frames, repair, and session guarantees.
std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan, std::string_view service);

/// A time in which more than chance decides what is stale.
struct RestlessTime {
  SimTime from, to; ///< to: SimTime::max() while it lasts
  bool operator==(const RestlessTime &) const = default;
};
/// While nodes are down, links are cut, or either is not as the plan says, and so long after as a
/// quorum store needs to bring its replicas up: convergenceSettle, and after a disk was lost as
/// long as a round of comparing with all other members takes. In order, apart from one another.
std::vector<RestlessTime> restlessTimes(const FactBook &facts, const world::Plan &plan,
                                        std::string_view service);

} // namespace packetarium::analysis
