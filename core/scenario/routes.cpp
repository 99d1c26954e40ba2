// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/routes.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace packetarium::scenario {
namespace {

constexpr std::uint64_t unreached = ~std::uint64_t{0};

wire::Ipv4Prefix networkOf(wire::Ipv4Prefix p) { return {p.network(), p.length}; }

const std::optional<wire::Ipv4Prefix> &addressAt(const Topology &t, Port port) {
  return t.scenario.nodes[port.node].interfaces[port.interface].address;
}

} // namespace

ShortestPaths::ShortestPaths(const Topology &topology) : m_topology(topology) {
  findSubnets();
  const std::size_t vertices = m_edgesFrom.size() - 1;
  m_reached.resize(vertices);
  m_translates.resize(vertices);
  for (std::uint32_t n = 0; n < topology.scenario.nodes.size(); ++n) {
    if (topology.scenario.nodes[n].natOutside.empty()) continue;
    m_translators.push_back(n);
    m_translates[vertexOf(n)] = 1;
  }
}

/// Who shares a segment but not a subnet is no neighbour.
void ShortestPaths::findSubnets() {
  std::vector<std::vector<Port>> members;
  for (const Topology::Segment &segment : m_topology.segments) {
    std::map<wire::Ipv4Prefix, std::vector<Port>> here;
    for (const Port &port : segment.ports)
      if (const auto &address = addressAt(m_topology, port))
        here[networkOf(*address)].push_back(port);
    for (auto &[prefix, ports] : here) {
      m_subnets.push_back({prefix, static_cast<std::uint32_t>(members.size())});
      members.push_back(std::move(ports));
    }
  }
  m_subnetCount = static_cast<std::uint32_t>(members.size());
  std::vector<std::vector<Edge>> edges(members.size() + m_topology.scenario.nodes.size());
  for (std::uint32_t i = 0; i < m_subnetCount; ++i) connect(i, members[i], edges);
  for (const std::vector<Edge> &from : edges) {
    m_edgesFrom.push_back(static_cast<std::uint32_t>(m_edges.size()));
    m_edges.insert(m_edges.end(), from.begin(), from.end());
  }
  m_edgesFrom.push_back(static_cast<std::uint32_t>(m_edges.size()));
  std::sort(m_subnets.begin(), m_subnets.end(), [](const Subnet &a, const Subnet &b) {
    return std::tie(a.prefix, a.vertex) < std::tie(b.prefix, b.vertex);
  });
}

void ShortestPaths::connect(std::uint32_t subnet, const std::vector<Port> &ports,
                            std::vector<std::vector<Edge>> &edges) const {
  for (const Port &port : ports) {
    if (!isRouter(m_topology.scenario.nodes[port.node].kind)) continue;
    const std::uint32_t link = m_topology.linkOf[port.node][port.interface];
    const std::uint32_t cost = m_topology.scenario.links[link].cost;
    edges[vertexOf(port.node)].push_back({subnet, cost, port.interface});
    edges[subnet].push_back({vertexOf(port.node), 0, port.interface});
  }
}

std::size_t ShortestPaths::routesMax() const {
  const auto &nodes = m_topology.scenario.nodes;
  const auto routers =
      std::count_if(nodes.begin(), nodes.end(), [](const Node &n) { return isRouter(n.kind); });
  return static_cast<std::size_t>(routers) * m_subnets.size();
}

void ShortestPaths::relax(std::uint32_t to, std::uint64_t distance, FirstHop hop) {
  Reached &reached = m_reached[to];
  if (distance < reached.distance) {
    reached = {distance, hop};
    Level &level = m_levels[distance];
    (to < m_subnetCount ? level.subnets : level.routers).push_back(to);
  } else if (distance == reached.distance && hop < reached.first) {
    reached.first = hop;
  }
}

/// A way through a translating router leads nowhere: from outside nobody knows what is inside, and
/// from inside a default route is taken.
void ShortestPaths::settle(std::uint32_t vertex, std::uint32_t source) {
  const bool subnet = vertex < m_subnetCount;
  if (vertex != source && m_translates[vertex] != 0) return;
  const Reached here = m_reached[vertex];
  for (std::uint32_t e = m_edgesFrom[vertex]; e < m_edgesFrom[vertex + 1]; ++e) {
    const Edge &edge = m_edges[e];
    FirstHop hop = here.first;
    if (vertex == source) hop.leaveBy(edge.interface);
    // The first router met behind a subnet of the source is the next hop.
    if (subnet && !hop.meetsRouter()) hop.meet(edge.to, edge.interface);
    if (edge.to != source) relax(edge.to, here.distance + edge.cost, hop);
  }
}

void ShortestPaths::search(std::uint32_t router) {
  std::fill(m_reached.begin(), m_reached.end(), Reached{unreached, {}});
  const std::uint32_t source = vertexOf(router);
  m_reached[source].distance = 0;
  m_levels[0].routers.push_back(source);
  while (!m_levels.empty()) {
    // At equal distance subnets come before the routers that they lead to at no cost: all equally
    // short ways are known when a router is settled.
    const auto &[distance, level] = *m_levels.begin();
    settleAll(distance, level.subnets, source);
    settleAll(distance, level.routers, source);
    m_levels.erase(m_levels.begin());
  }
}

void ShortestPaths::settleAll(std::uint64_t distance, const std::vector<std::uint32_t> &vertices,
                              std::uint32_t source) {
  for (std::size_t i = 0; i < vertices.size(); ++i)
    if (m_reached[vertices[i]].distance == distance) settle(vertices[i], source);
}

std::optional<net::Route> ShortestPaths::routeTo(wire::Ipv4Prefix prefix,
                                                 std::uint32_t vertex) const {
  const FirstHop &hop = m_reached[vertex].first;
  if (m_reached[vertex].distance == unreached || !hop.meetsRouter()) return {};
  const auto &address =
      addressAt(m_topology, {hop.router() - m_subnetCount, hop.routerInterface()});
  return net::Route{prefix, address->address, hop.interface()};
}

std::uint32_t ShortestPaths::realmOf(std::uint32_t router, Side side) const {
  const Node &node = m_topology.scenario.nodes[router];
  for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) {
    const std::uint32_t segment = m_topology.segmentOf[router][i];
    const bool outside = node.interfaces[i].id == node.natOutside;
    if (segment != none && (node.natOutside.empty() || outside == (side == Side::Outside)))
      return m_topology.segments[segment].realm;
  }
  return none;
}

/// From inside a translated realm the way out leads to the nearest router that translates it.
std::optional<net::Route> ShortestPaths::defaultRoute(std::uint32_t router) const {
  const std::uint32_t realm = realmOf(router, Side::Outside);
  std::uint32_t best = none;
  for (const std::uint32_t t : m_translators) {
    const std::uint64_t distance = m_reached[vertexOf(t)].distance;
    const bool translatesIt =
        realmOf(t, Side::Inside) == realm && realmOf(t, Side::Outside) != realm;
    if (t == router || distance == unreached || !translatesIt) continue;
    if (best == none || distance < m_reached[vertexOf(best)].distance) best = t;
  }
  if (best == none) return {};
  return routeTo({}, vertexOf(best));
}

std::vector<net::Route> ShortestPaths::routesOf(std::uint32_t router) {
  std::vector<net::Route> routes;
  search(router);
  if (const auto route = defaultRoute(router)) routes.push_back(*route);
  std::vector<wire::Ipv4Prefix> connected;
  for (const net::Route &route : connectedRoutes(m_topology, router))
    connected.push_back(route.prefix);
  for (const Subnet &d : m_subnets) {
    const auto route = routeTo(d.prefix, d.vertex);
    if (!route || std::find(connected.begin(), connected.end(), d.prefix) != connected.end())
      continue;
    const bool repeated = !routes.empty() && routes.back().prefix == d.prefix;
    if (!repeated) routes.push_back(*route);
  }
  return routes;
}

std::vector<net::Route> connectedRoutes(const Topology &t, std::uint32_t n) {
  std::vector<net::Route> routes;
  const Node &node = t.scenario.nodes[n];
  for (std::uint32_t i = 0; i < node.interfaces.size(); ++i)
    if (const auto &address = node.interfaces[i].address; address && t.linkOf[n][i] != none)
      routes.push_back({networkOf(*address), {}, i});
  if (!node.gateway) return routes;
  for (std::uint32_t i = 0; i < node.interfaces.size(); ++i)
    if (const auto &address = node.interfaces[i].address;
        address && address->contains(*node.gateway)) {
      routes.push_back({{}, *node.gateway, i});
      break;
    }
  return routes;
}

std::optional<net::Route> toRoute(const Topology &t, std::uint32_t node, const StaticRoute &route) {
  const std::uint32_t i = t.interface(node, route.interface);
  if (i == none) return {};
  return net::Route{route.prefix, route.nextHop, i};
}

} // namespace packetarium::scenario
