// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/pair_lab.h"

#include "tests/core/programs/fake_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace packetarium::programs::testing::pair {
namespace {

void addCard(net::NodeSpec &node, std::uint64_t mac, const std::string &address) {
  net::InterfaceSpec card;
  card.name = fmt::format("eth{}", node.interfaces.size());
  card.mac = wire::MacAddress::fromBits(mac);
  if (!address.empty()) card.address = wire::Ipv4Prefix::parse(address);
  node.interfaces.push_back(card);
}

void plug(net::Blueprint &network, NodeIndex from, std::uint32_t card, NodeIndex to,
          std::uint32_t port) {
  const LinkIndex link{static_cast<std::uint32_t>(network.links.size())};
  net::LinkSpec spec;
  spec.id = fmt::format("l{}", link.value);
  spec.ends = {{{from, card}, {to, port}}};
  spec.rateBps = 1'000'000'000;
  spec.delay = Duration::us(5);
  network.links.push_back(spec);
  network.nodes[from.value].interfaces[card].link = link;
  network.nodes[to.value].interfaces[port].link = link;
  network.nodes[to.value].interfaces[port].end = 1;
}

void route(net::NodeSpec &node) {
  std::vector<net::Route> routes;
  for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) {
    const wire::Ipv4Prefix own = *node.interfaces[i].address;
    routes.push_back({{own.network(), own.length}, {}, i});
  }
  node.routes = std::make_shared<const net::RouteTable>(std::move(routes));
}

} // namespace

Lab lab(std::uint64_t seed) {
  net::Blueprint network;
  network.seed = seed;
  const std::vector<std::string> hosts = {"a", "b", "client", "witness", "power"};
  for (std::uint64_t i = 0; i <= hosts.size(); ++i) {
    net::NodeSpec node;
    const bool host = i < hosts.size();
    node.id = node.name = host ? hosts[i] : "switch";
    node.kind = host ? net::NodeKind::Host : net::NodeKind::Switch;
    if (host) addCard(node, 0x020000000000 + i, fmt::format("192.0.2.{}/24", i + 1));
    if (i < 2) addCard(node, 0x020000000100 + i, fmt::format("10.0.0.{}/30", i + 1));
    for (std::uint64_t port = 0; !host && port < hosts.size(); ++port)
      addCard(node, 0x020000000200 + port, "");
    if (host) route(node);
    network.nodes.push_back(std::move(node));
  }
  for (std::uint32_t i = 0; i < hosts.size(); ++i) plug(network, NodeIndex{i}, 0, middle, i);
  plug(network, a, 1, b, 1);
  return Lab(std::move(network));
}

Given vrrp(std::int64_t priority, Given given) {
  given.insert({{"service", std::string("web")},
                {"addresses", rowsOf("address", {virtualAddress})},
                {"priority", priority}});
  return given;
}

Given member(const std::string &node, std::int64_t priority, Given given) {
  given.insert({{"service", std::string("web")},
                {"addresses", rowsOf("address", {virtualAddress})},
                {"peers", rowsOf("address", {node == "a" ? "10.0.0.2" : "10.0.0.1"})},
                {"priority", priority}});
  return given;
}

std::vector<RoleAt> roles(const Run &run) {
  std::vector<RoleAt> out;
  for (const Line &l : run.of(trace::RecordKind::Fact))
    if (l.record.detail == static_cast<std::uint16_t>(trace::FactTopic::Role))
      out.push_back({l.record.at, l.record.node, l.second, l.third});
  return out;
}

std::vector<std::string> roleNames(const Run &run) {
  std::vector<std::string> out;
  for (const RoleAt &r : roles(run))
    if (r.role != "witness") out.push_back((r.node == a.value ? "a " : "b ") + r.role);
  return out;
}

SimTime stageAt(const Run &run, NodeIndex node, std::string_view stage, Duration after) {
  for (const Line &l : run.facts(node.value, trace::FactTopic::Failover))
    if (l.second == stage && l.record.at >= SimTime::zero() + after) return l.record.at;
  return SimTime::max();
}

Duration bothActive(const Run &run, SimTime end) {
  bool active[2] = {}, up[2] = {true, true};
  SimTime since = SimTime::zero();
  Duration longest;
  const auto both = [&] { return active[0] && up[0] && active[1] && up[1]; };
  for (const Line &l : run.lines()) {
    const trace::Record &r = l.record;
    const bool role = r.kind == trace::RecordKind::Fact &&
                      r.detail == static_cast<std::uint16_t>(trace::FactTopic::Role);
    if (r.node > 1 || (!role && r.kind != trace::RecordKind::NodeState)) continue;
    if (both()) longest = std::max(longest, r.at - since);
    if (role) active[r.node] = l.second == "active";
    if (!role) {
      up[r.node] = r.detail == static_cast<std::uint16_t>(trace::NodeHealth::Up);
      if (r.detail == static_cast<std::uint16_t>(trace::NodeHealth::Crashed))
        active[r.node] = false;
    }
    since = r.at;
  }
  return both() ? std::max(longest, end - since) : longest;
}

} // namespace packetarium::programs::testing::pair
