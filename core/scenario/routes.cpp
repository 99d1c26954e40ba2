// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/routes.h"

#include <algorithm>
#include <functional>
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
  m_distance.resize(m_edges.size());
  m_first.resize(m_edges.size());
  for (std::uint32_t n = 0; n < topology.scenario.nodes.size(); ++n)
    if (!topology.scenario.nodes[n].natOutside.empty()) m_translators.push_back(n);
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
  m_edges.resize(members.size() + m_topology.scenario.nodes.size());
  for (std::uint32_t i = 0; i < m_subnetCount; ++i) connect(i, members[i]);
  std::sort(m_subnets.begin(), m_subnets.end(), [](const Subnet &a, const Subnet &b) {
    return std::tie(a.prefix, a.vertex) < std::tie(b.prefix, b.vertex);
  });
}

void ShortestPaths::connect(std::uint32_t subnet, const std::vector<Port> &ports) {
  for (const Port &port : ports) {
    if (!isRouter(m_topology.scenario.nodes[port.node].kind)) continue;
    const std::uint32_t link = m_topology.linkOf[port.node][port.interface];
    const std::uint32_t cost = m_topology.scenario.links[link].cost;
    m_edges[vertexOf(port.node)].push_back({subnet, cost, port.interface});
    m_edges[subnet].push_back({vertexOf(port.node), 0, port.interface});
  }
}

std::size_t ShortestPaths::routesMax() const {
  const auto &nodes = m_topology.scenario.nodes;
  const auto routers =
      std::count_if(nodes.begin(), nodes.end(), [](const Node &n) { return isRouter(n.kind); });
  return static_cast<std::size_t>(routers) * m_subnets.size();
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

/// A way through a translating router leads nowhere: from outside nobody knows what is inside, and
/// from inside a default route is taken.
void ShortestPaths::settle(std::uint32_t vertex, std::uint32_t source) {
  const bool subnet = vertex < m_subnetCount;
  if (!subnet && vertex != source &&
      !m_topology.scenario.nodes[vertex - m_subnetCount].natOutside.empty())
    return;
  for (const Edge &edge : m_edges[vertex]) {
    FirstHop hop = m_first[vertex];
    if (vertex == source) hop.interface = edge.interface;
    // The first router met behind a subnet of the source is the next hop.
    if (subnet && hop.router == none) {
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
    // Subnets have the smaller numbers, so at equal distance they come before the routers that
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
  const auto &address = addressAt(m_topology, {hop.router - m_subnetCount, hop.routerInterface});
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
