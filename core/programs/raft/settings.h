// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/programs/raft/core.h"

namespace packetarium::programs::raft {

/// How far the clocks of a cluster may run wrong, as a share either way, while reads in leases stay
/// linearizable. A leader counts its lease from when it asked, a voter its silence from when it
/// heard: at worst the leader's clock is slow by d and the voter's fast by d, so that
/// lease <= election_min * (1 - d) / (1 + d). 0: no drift at all.
double driftAllowed(Duration lease, Duration electionMin);
/// A lease of 0 is nine tenths of the shortest election time-out: good for drifts up to 1/19.
constexpr std::int64_t leaseTenths = 9;

/// What a document asks of a member.
struct Settings {
  explicit Settings(const ParameterValues &v);

  std::string service;
  std::uint16_t port = 0, memberPort = 0;
  Rules rules;
  bool learner = false;
  Duration joinAfter, leaveAfter; ///< 0: never
  Duration serviceTime;
  std::string initialLog;
  Term initialTerm = 0;
};

/// Everybody, and who this node is among them.
struct Cast {
  Book book;
  MemberId self = nobody; ///< nobody when no row has an address of this node, and it is no learner
  Configuration first;    ///< who has a vote at the very start
};
/// own: addresses of this node. Without rows it is alone.
Cast castOf(const std::vector<ParameterRow> &rows, const std::vector<wire::Ipv4Address> &own,
            const std::string &nodeName, bool learner);

/// Entries of the terms in the text ("1 1 2"), the same at every member that has them.
Log initialLogOf(std::string_view terms);

std::vector<Parameter> memberParameters();

} // namespace packetarium::programs::raft
