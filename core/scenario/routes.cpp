// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/routes.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace packetarium::scenario {
namespace {

constexpr std::uint64_t unreached = ~std::uint64_t{0};

wire::Ipv4Prefix networkOf(wire::Ipv4Prefix p) { return {p.network(), p.length}; }

const std::optional<wire::Ipv4Prefix> &addressAt(const Topology &t, Port port) {
  return t.scenario.nodes[port.node].interfaces[port.interface].address;
}

} // namespace

ShortestPaths::ShortestPaths(const Topology &topology)
    : m_topology(topology), m_segments(static_cast<std::uint32_t>(topology.segments.size())),
      m_edges(topology.segments.size() + topology.scenario.nodes.size()),
      m_distance(m_edges.size()), m_first(m_edges.size()) {
  for (std::uint32_t s = 0; s < m_segments; ++s) connect(s);
  for (std::uint32_t n = 0; n < topology.scenario.nodes.size(); ++n)
    if (!topology.scenario.nodes[n].natOutside.empty()) m_translators.push_back(n);
  std::sort(m_destinations.begin(), m_destinations.end(), [](const auto &a, const auto &b) {
    return std::tie(a.prefix, a.segment) < std::tie(b.prefix, b.segment);
  });
}

void ShortestPaths::connect(std::uint32_t segment) {
  std::vector<wire::Ipv4Prefix> prefixes;
  for (const Port &port : m_topology.segments[segment].ports) {
    const Node &node = m_topology.scenario.nodes[port.node];
    const auto &address = addressAt(m_topology, port);
    if (!address) continue;
    prefixes.push_back(networkOf(*address));
    if (!isRouter(node.kind)) continue;
    const std::uint32_t link = m_topology.linkOf[port.node][port.interface];
    const std::uint32_t cost = m_topology.scenario.links[link].cost;
    m_edges[vertexOf(port.node)].push_back({segment, cost, port.interface});
    m_edges[segment].push_back({vertexOf(port.node), 0, port.interface});
  }
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  for (const wire::Ipv4Prefix &prefix : prefixes) m_destinations.push_back({prefix, segment});
}

std::size_t ShortestPaths::routesMax() const {
  const auto &nodes = m_topology.scenario.nodes;
  const auto routers =
      std::count_if(nodes.begin(), nodes.end(), [](const Node &n) { return isRouter(n.kind); });
  return static_cast<std::size_t>(routers) * m_destinations.size();
}

void ShortestPaths::relax(std::uint32_t to, std::uint64_t distance, FirstHop hop) {
  if (distance < m_distance[to]) {
    m_distance[to] = distance;
    m_first[to] = hop;
    m_heap.emplace_back(distance, to);
    std::push_heap(m_heap.begin(), m_heap.end(), std::greater<>{});
  } else if (distance == m_distance[to] && hop < m_first[to]) {
    m_first[to] = hop;
  }
}

/// A packet passes a translating router only from its inside to its outside: from a segment, such
/// a router is left by no way but its own use as a source.
void ShortestPaths::settle(std::uint32_t vertex, std::uint32_t source) {
  const bool segment = vertex < m_segments;
  if (!segment && vertex != source &&
      !m_topology.scenario.nodes[vertex - m_segments].natOutside.empty())
    return;
  for (const Edge &edge : m_edges[vertex]) {
    FirstHop hop = m_first[vertex];
    if (vertex == source) hop.interface = edge.interface;
    // The first router met behind a segment next to the source is the next hop.
    if (segment && hop.router == none) {
      hop.router = edge.to;
      hop.routerInterface = edge.interface;
    }
    if (edge.to != source) relax(edge.to, m_distance[vertex] + edge.cost, hop);
  }
}

void ShortestPaths::search(std::uint32_t router) {
  std::fill(m_distance.begin(), m_distance.end(), unreached);
  std::fill(m_first.begin(), m_first.end(), FirstHop{});
  m_heap.clear();
  const std::uint32_t source = vertexOf(router);
  m_distance[source] = 0;
  m_heap.emplace_back(0, source);
  while (!m_heap.empty()) {
    // Segments have the smaller numbers, so at equal distance they come before the routers that
    // they lead to at no cost: all equally short ways are known when a router is settled.
    std::pop_heap(m_heap.begin(), m_heap.end(), std::greater<>{});
    const auto [distance, vertex] = m_heap.back();
    m_heap.pop_back();
    if (distance == m_distance[vertex]) settle(vertex, source);
  }
}

std::optional<net::Route> ShortestPaths::routeTo(wire::Ipv4Prefix prefix,
                                                 std::uint32_t vertex) const {
  const FirstHop &hop = m_first[vertex];
  if (m_distance[vertex] == unreached || hop.router == none) return {};
  const auto &address =
      addressAt(m_topology, {hop.router - m_segments, hop.routerInterface});
  return net::Route{prefix, address->address, hop.interface};
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
    const std::uint64_t distance = m_distance[vertexOf(t)];
    const bool translatesIt =
        realmOf(t, Side::Inside) == realm && realmOf(t, Side::Outside) != realm;
    if (t == router || distance == unreached || !translatesIt) continue;
    if (best == none || distance < m_distance[vertexOf(best)]) best = t;
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
  for (const Destination &d : m_destinations) {
    const auto route = routeTo(d.prefix, d.segment);
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
    if (const auto &address = node.interfaces[i].address; address && address->contains(*node.gateway)) {
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
