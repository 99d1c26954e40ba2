// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/programs/raft/core.h"

namespace packetarium::programs::raft {

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
