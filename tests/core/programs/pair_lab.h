// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/programs/lab.h"

#include <string>
#include <vector>

/// Two servers, a client, a witness and a power switch on one Ethernet switch, and a cable of its
/// own between the servers for heartbeats.
namespace packetarium::programs::testing::pair {

constexpr NodeIndex a{0}, b{1}, client{2}, witness{3}, power{4}, middle{5};
constexpr LinkIndex toA{0}, toB{1}, toClient{2}, toWitness{3}, toPower{4}, heartbeats{5};
inline const std::string virtualAddress = "192.0.2.10";
inline const wire::Ipv4Address virtualIp = wire::Ipv4Address::of(192, 0, 2, 10);

Lab lab(std::uint64_t seed = 1);

using Given = std::map<std::string, ParameterValue>;
/// What VRRP is told on both, with what else is given.
Given vrrp(std::int64_t priority, Given given = {});
/// What a member is told: heartbeats by the cable only, unless peers are given.
Given member(const std::string &node, std::int64_t priority, Given given = {});

/// What a node was for the service from some instant on.
struct RoleAt {
  SimTime at;
  std::uint32_t node = 0;
  std::string role, why;
};
std::vector<RoleAt> roles(const Run &run);
/// "a active", "b backup", in order.
std::vector<std::string> roleNames(const Run &run);
/// When a node first told this stage of a failover after an instant; SimTime::max() if never.
SimTime stageAt(const Run &run, NodeIndex node, std::string_view stage, Duration after = {});
/// The longest time during which two nodes that ran were both active.
Duration bothActive(const Run &run, SimTime end);

} // namespace packetarium::programs::testing::pair
