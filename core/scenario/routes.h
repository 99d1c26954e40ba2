// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/net/route_table.h"
#include "core/scenario/topology.h"

#include <optional>
#include <vector>

namespace packetarium::scenario {

/// Shortest paths by link cost from every router to every subnet of its realm, as OSPF would find
/// them (RFC 2328 section 16.1). Of equally long ways the one by the first interface, then to the
/// first router of the document is taken. Routers inside a translated realm get a default route to
/// the nearest translating router. Directly connected subnets are left out.
class ShortestPaths {
public:
  /// Links that are down are no way.
  explicit ShortestPaths(const Topology &topology);
  /// How many routes all routers have together, connected ones included, at most.
  std::size_t routesMax() const;
  /// The chosen routes of a router, ordered by prefix.
  std::vector<net::Route> routesOf(std::uint32_t router);

private:
  struct Edge {
    std::uint32_t to = 0; ///< vertex: subnet, or router behind the subnets
    std::uint32_t cost = 0;
    std::uint32_t interface = 0; ///< of the router, whichever side it is on
  };
  struct FirstHop {
    std::uint32_t interface = none;
    std::uint32_t router = none; ///< vertex of the next router; none: the subnet is connected
    std::uint32_t routerInterface = 0;
    auto operator<=>(const FirstHop &) const = default;
  };
  struct Subnet {
    wire::Ipv4Prefix prefix;
    std::uint32_t vertex = 0;
  };

  std::uint32_t vertexOf(std::uint32_t node) const { return m_subnetCount + node; }
  void findSubnets();
  void connect(std::uint32_t subnet, const std::vector<Port> &ports);
  void search(std::uint32_t router);
  void settle(std::uint32_t vertex, std::uint32_t source);
  void relax(std::uint32_t to, std::uint64_t distance, FirstHop hop);
  enum class Side { Inside, Outside };
  /// The realm a router belongs to; a translating one belongs to two.
  std::uint32_t realmOf(std::uint32_t router, Side side) const;
  std::optional<net::Route> defaultRoute(std::uint32_t router) const;
  std::optional<net::Route> routeTo(wire::Ipv4Prefix prefix, std::uint32_t vertex) const;

  const Topology &m_topology;
  std::uint32_t m_subnetCount = 0;
  std::vector<std::vector<Edge>> m_edges;   ///< by vertex: subnets first, then nodes
  std::vector<Subnet> m_subnets;            ///< ordered by prefix
  std::vector<std::uint32_t> m_translators; ///< nodes, in order
  std::vector<std::uint64_t> m_distance;
  std::vector<FirstHop> m_first;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> m_heap;
};

/// The subnets a node is plugged into and, for a host, the way by its gateway.
std::vector<net::Route> connectedRoutes(const Topology &topology, std::uint32_t node);
/// A route of the document with its interface looked up.
std::optional<net::Route> toRoute(const Topology &topology, std::uint32_t node,
                                  const StaticRoute &route);

} // namespace packetarium::scenario
