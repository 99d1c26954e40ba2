// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/placeable.h"
#include "core/scenario/scenario.h"

#include <string>
#include <string_view>
#include <vector>

/// Whole arrangements that a person puts into a topology at once: machines, cables, services that
/// know each other, and clients that ask them.
namespace packetarium::scenario {

/// In the order in which they are offered. Their kind is of no meaning.
std::span<const Placeable> placeableGroups();
bool isGroup(std::string_view key);

/// Adds a group around a place, under free ids and names, in a subnet that nothing else uses;
/// gives the new ids of its nodes and links. Nothing is added when the key is no group's.
/// clients: hosts with clients, 1 to 50 (two primaries have one each).
std::vector<std::string> placeGroup(Scenario &scenario, std::string_view key, Position at,
                                    int clients = 1);

/// The load of `bench cluster`: a failover pair, a load balancer with three web servers, a primary
/// with two replicas and a witness, and 20 clients that ask ten times a second each, for 60 s.
Scenario clusterBenchmark();

} // namespace packetarium::scenario
