// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/scenario.h"

#include <string>
#include <vector>

namespace packetarium::scenario {

/// Something that was set by hand and cannot work as it stands. The document may be kept and run
/// with it, as a real network may; the person is told, and offered a cure.
struct Conflict {
  enum class Kind {
    DuplicateAddress, ///< two interfaces with the same address
    SubnetElsewhere,  ///< another link has the same subnet
    PrefixLength,     ///< neighbours disagree where the subnet ends
    OtherSubnet,      ///< no neighbour on the link is in this subnet
    Gateway,          ///< the gateway cannot be reached, or is the host itself
    NextHop,          ///< a static route's next hop cannot be reached
    LeaseDrift        ///< a clock drifts further than the leases of its Raft member allow; no fault
  };
  Kind kind = Kind::DuplicateAddress;
  std::string path;      ///< in the document: nodes[1].interfaces[0].address
  std::string node;      ///< id
  std::string interface; ///< id within the node; empty for the gateway and routes
  std::size_t route = 0; ///< of NextHop: its place in the node's static routes
  std::string message;   ///< as validate tells it, with paths
  std::string sentence;  ///< for people, with names
  std::string cure;      ///< what cure() does: "Choose a free address for pc 2"
};

/// All of them, in the order of the nodes. Only for a document without faults.
std::vector<Conflict> conflicts(const Scenario &scenario);

/// Gives what the conflict is about back to the program, which chooses anew with complete().
void cure(Scenario &scenario, const Conflict &conflict);

} // namespace packetarium::scenario
