// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/net/route_table.h"
#include "core/scenario/topology.h"

#include <map>
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
  /// The way out of the source in one word, so that of two the better one is the lesser: its
  /// interface, the vertex of the next router (none: the subnet is connected), that one's
  /// interface.
  class FirstHop {
  public:
    std::uint32_t interface() const { return static_cast<std::uint32_t>(m_word >> 40); }
    std::uint32_t router() const { return static_cast<std::uint32_t>(m_word >> 16) & noRouter; }
    std::uint32_t routerInterface() const { return static_cast<std::uint16_t>(m_word); }
    bool meetsRouter() const { return router() != noRouter; }
    void leaveBy(std::uint32_t interface) {
      m_word = (m_word & 0xffffffffffULL) | std::uint64_t{interface} << 40;
    }
    void meet(std::uint32_t router, std::uint32_t itsInterface) {
      m_word = (m_word & ~0xffffffffffULL) | std::uint64_t{router} << 16 | itsInterface;
    }
    auto operator<=>(const FirstHop &) const = default;

  private:
    static constexpr std::uint32_t noRouter = 0xffffff;
    std::uint64_t m_word = std::uint64_t{noRouter} << 40 | std::uint64_t{noRouter} << 16;
  };
  struct Reached {
    std::uint64_t distance = 0;
    FirstHop first;
  };
  /// Vertices at one distance. Costs are few and whole, so there are few levels at a time.
  struct Level {
    std::vector<std::uint32_t> subnets, routers;
  };
  struct Subnet {
    wire::Ipv4Prefix prefix;
    std::uint32_t vertex = 0;
  };

  std::uint32_t vertexOf(std::uint32_t node) const { return m_subnetCount + node; }
  void findSubnets();
  void connect(std::uint32_t subnet, const std::vector<Port> &ports,
               std::vector<std::vector<Edge>> &edges) const;
  void search(std::uint32_t router);
  void settle(std::uint32_t vertex, std::uint32_t source);
  void relax(std::uint32_t to, std::uint64_t distance, FirstHop hop);
  void settleAll(std::uint64_t distance, const std::vector<std::uint32_t> &vertices,
                 std::uint32_t source);
  enum class Side { Inside, Outside };
  /// The realm a router belongs to; a translating one belongs to two.
  std::uint32_t realmOf(std::uint32_t router, Side side) const;
  std::optional<net::Route> defaultRoute(std::uint32_t router) const;
  std::optional<net::Route> routeTo(wire::Ipv4Prefix prefix, std::uint32_t vertex) const;

  const Topology &m_topology;
  std::uint32_t m_subnetCount = 0;
  std::vector<Edge> m_edges;                ///< by vertex: subnets first, then nodes
  std::vector<std::uint32_t> m_edgesFrom;   ///< where a vertex's edges begin; one more at the end
  std::vector<std::uint8_t> m_translates;   ///< by vertex
  std::vector<Subnet> m_subnets;            ///< ordered by prefix
  std::vector<std::uint32_t> m_translators; ///< nodes, in order
  std::vector<Reached> m_reached;           ///< by vertex
  std::map<std::uint64_t, Level> m_levels;  ///< by distance: what is still to be settled
};

/// The subnets a node is plugged into and, for a host, the way by its gateway.
std::vector<net::Route> connectedRoutes(const Topology &topology, std::uint32_t node);
/// A route of the document with its interface looked up.
std::optional<net::Route> toRoute(const Topology &topology, std::uint32_t node,
                                  const StaticRoute &route);

} // namespace packetarium::scenario
