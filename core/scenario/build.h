// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/json.h"
#include "core/scenario/scenario.h"
#include "core/world/plan.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace packetarium::scenario {

/// What a World is made from, and the way between ids of the document and indices of the run.
struct BuiltScenario {
  std::shared_ptr<const world::Plan> plan;
  world::Script script;
  SimTime end;
  std::unordered_map<std::string, NodeIndex> nodes;
  std::unordered_map<std::string, LinkIndex> links;
  std::uint64_t routesDigest = 0; ///< of all that the routing tables were made from

  /// Invalid index when there is none of that id.
  NodeIndex node(std::string_view id) const;
  LinkIndex link(std::string_view id) const;
  const std::string &nodeId(NodeIndex n) const { return plan->network.nodes[n.value].id; }
  const std::string &linkId(LinkIndex l) const { return plan->network.links[l.value].id; }
};

/// Chooses what the document leaves open and writes it into the document: MAC addresses (from the
/// ids), addresses of linked interfaces, gateways, name servers, resolvers, routes. What is there
/// already stays, so it can be called after every edit.
void complete(Scenario &scenario);

/// Validates, completes a copy, and builds. Conflicts of addresses (conflicts.h) are no hindrance.
/// When an earlier build of nearly the same document is given, its routing tables are taken over
/// where nothing changed that they depend on: they are most of the work in a large network.
Result<BuiltScenario> build(const Scenario &scenario, const BuiltScenario *like = nullptr);
/// The same for a document that validate() and complete() have gone over already.
Result<BuiltScenario> buildWhole(const Scenario &completed, const BuiltScenario *like = nullptr);

/// Digest of all that shortest paths depend on: nodes, interfaces, links, costs.
std::uint64_t topologyDigest(const Scenario &scenario);

/// Sets one value by ids: "links.l1.rate_bps=1000000", "nodes.web.programs.http.port=8080",
/// "seed=7". The fault names what exists when the path leads nowhere.
Status applySetting(Scenario &scenario, std::string_view setting);

/// The ids of the built-in scenarios; "web-request" (the default one) comes first.
std::vector<std::string> builtInIds();
/// A built-in scenario by id; a fault lists those there are.
Result<Scenario> loadBuiltIn(std::string_view id);
/// An id of a built-in scenario, or else the path of a file.
Result<Scenario> loadIdOrFile(const std::string &idOrFile, Accept accept = Accept::Faultless);
constexpr std::string_view defaultScenarioId = "web-request";

} // namespace packetarium::scenario
