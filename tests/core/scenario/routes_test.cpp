// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/scenario/build.h"
#include "core/scenario/templates.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

constexpr std::uint64_t far = 1'000'000'000;
using Matrix = std::vector<std::vector<std::uint64_t>>;

/// Routers joined at random by point-to-point links with random costs; some links are down.
Scenario randomRouters(std::uint64_t number, std::uint32_t routers, std::uint32_t links) {
  RandomStream random(number, "test", "routers");
  Scenario s;
  s.id = "routers";
  for (std::uint32_t i = 0; i < routers; ++i) {
    Node node;
    node.id = "r" + std::to_string(i);
    node.kind = NodeKind::Router;
    s.nodes.push_back(node);
  }
  const auto plug = [&s](std::uint64_t n) {
    Node &node = s.nodes[n];
    node.interfaces.push_back({"e" + std::to_string(node.interfaces.size()), {}, {}});
    return LinkEnd{node.id, node.interfaces.back().id};
  };
  for (std::uint32_t i = 0; i < links; ++i) {
    const auto a = random.below(routers);
    const auto b = (a + 1 + random.below(routers - 1)) % routers;
    Link link;
    link.id = "l" + std::to_string(i);
    link.from = plug(a);
    link.to = plug(b);
    link.cost = static_cast<std::uint32_t>(1 + random.below(4));
    link.up = random.below(8) != 0;
    s.links.push_back(link);
  }
  return s;
}

/// Floyd and Warshall, on the routers alone.
Matrix distances(const Scenario &s) {
  const std::size_t n = s.nodes.size();
  Matrix d(n, std::vector<std::uint64_t>(n, far));
  const auto index = [&s](const std::string &id) {
    return static_cast<std::size_t>(s.node(id) - s.nodes.data());
  };
  for (std::size_t i = 0; i < n; ++i) d[i][i] = 0;
  for (const Link &l : s.links) {
    if (!l.up) continue;
    auto &there = d[index(l.from.node)][index(l.to.node)];
    auto &back = d[index(l.to.node)][index(l.from.node)];
    there = back = std::min<std::uint64_t>(there, l.cost);
  }
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) d[i][j] = std::min(d[i][j], d[i][k] + d[k][j]);
  return d;
}

struct Way {
  bool arrived = false;
  std::uint64_t cost = 0;
  std::vector<std::uint32_t> nodes;
};

/// Follows the tables hop by hop, as a packet would.
Way follow(const BuiltScenario &built, const Scenario &s, std::uint32_t from,
           wire::Ipv4Address to) {
  const auto &nodes = built.plan->network.nodes;
  Way way;
  for (std::uint32_t at = from, hops = 0; hops <= nodes.size(); ++hops) {
    way.nodes.push_back(at);
    for (const auto &interface : nodes[at].interfaces)
      if (interface.address && interface.address->address == to) way.arrived = true;
    if (way.arrived) return way;
    const auto route = nodes[at].routes->lookup(to);
    if (!route) return way;
    const auto &out = nodes[at].interfaces[route->interface];
    const auto &link = built.plan->network.links[out.link.value];
    const auto &end = link.ends[1 - out.end];
    if (!route->nextHop.isAny() &&
        nodes[end.node.value].interfaces[end.interface].address->address != route->nextHop)
      return way; // the next hop is not at the other end
    way.cost += s.links[out.link.value].cost;
    at = end.node.value;
  }
  return way;
}

} // namespace

TEST_CASE("Following the tables costs what Floyd and Warshall say, or leads nowhere as they say") {
  for (std::uint64_t number = 0; number < 30; ++number) {
    Scenario s = randomRouters(number, 12, 20);
    complete(s);
    const auto built = build(s);
    REQUIRE(built.ok());
    const Matrix d = distances(s);
    for (std::uint32_t from = 0; from < s.nodes.size(); ++from)
      for (std::uint32_t to = 0; to < s.nodes.size(); ++to)
        for (const Interface &i : s.nodes[to].interfaces) {
          const Link *link = linkAt(s, s.nodes[to].id, i.id);
          if (from == to || link == nullptr || !link->up) continue;
          INFO("document " << number << " from " << from << " to " << i.address->text());
          // The subnet lies between two routers, and its nearer end is looked for.
          const auto other = link->from.node == s.nodes[to].id ? link->to.node : link->from.node;
          const auto o = static_cast<std::size_t>(s.node(other) - s.nodes.data());
          const std::uint64_t straight = d[from][to], across = d[from][o] + link->cost;
          const Way way = follow(*built, s, from, i.address->address);
          CHECK(way.arrived == (straight < far));
          if (!way.arrived) continue;
          if (d[from][to] < d[from][o]) CHECK(way.cost == straight);
          if (d[from][o] < d[from][to]) CHECK(way.cost == across);
          if (d[from][o] == d[from][to]) CHECK((way.cost == straight || way.cost == across));
        }
  }
}

TEST_CASE("Routes do not depend on the order of equal choices, and stay as written") {
  Scenario s = randomRouters(3, 12, 24);
  for (Link &l : s.links) l.cost = 1;
  complete(s);
  const ChosenRoutes chosen = s.routes;
  REQUIRE(chosen.topology == topologyDigest(s));
  Scenario again = s;
  again.routes = {};
  complete(again);
  CHECK(again.routes == chosen);
  // A written route holds although a fresh choice would differ.
  auto &routes = s.routes.byNode.begin()->second;
  REQUIRE_FALSE(routes.empty());
  routes.erase(routes.begin());
  const ChosenRoutes edited = s.routes;
  complete(s);
  CHECK(s.routes == edited);
  // A changed cost makes them void.
  s.links[0].cost = 7;
  complete(s);
  CHECK(s.routes.topology != edited.topology);
}

TEST_CASE("From home everything is reached, and nobody outside knows the way in") {
  const Scenario s = *loadBuiltIn("web-request");
  const auto built = build(s);
  REQUIRE(built.ok());
  const auto at = [&](const char *id) { return built->node(id).value; };
  const auto web = wire::Ipv4Address::of(192, 0, 2, 1);
  const Way way = follow(*built, s, at("browser"), web);
  CHECK(way.arrived);
  CHECK(way.nodes == std::vector<std::uint32_t>{at("browser"), at("home-router"), at("isp"),
                                                at("core"), at("web")});
  CHECK(follow(*built, s, at("browser"), wire::Ipv4Address::of(198, 51, 100, 53)).arrived);
  CHECK(follow(*built, s, at("web"), wire::Ipv4Address::of(203, 0, 113, 7)).arrived);
  CHECK_FALSE(follow(*built, s, at("web"), wire::Ipv4Address::of(192, 168, 1, 10)).arrived);
}

TEST_CASE("A router deep inside a home network has a default route to the one that translates") {
  Scenario s;
  s.id = "deep";
  const auto add = [&s](const char *id, NodeKind kind, std::vector<const char *> interfaces) {
    Node node;
    node.id = id;
    node.kind = kind;
    for (const char *i : interfaces) node.interfaces.push_back({i, {}, {}});
    s.nodes.push_back(node);
  };
  const auto join = [&s](const char *id, LinkEnd a, LinkEnd b) {
    Link link;
    link.id = id;
    link.from = a;
    link.to = b;
    s.links.push_back(link);
  };
  add("host", NodeKind::Host, {"e"});
  add("inner", NodeKind::Router, {"a", "b"});
  add("home", NodeKind::HomeRouter, {"in", "out"});
  add("far", NodeKind::Router, {"a", "b"});
  add("server", NodeKind::Server, {"e"});
  s.nodes[2].natOutside = "out";
  join("l1", {"host", "e"}, {"inner", "a"});
  join("l2", {"inner", "b"}, {"home", "in"});
  join("l3", {"home", "out"}, {"far", "a"});
  join("l4", {"far", "b"}, {"server", "e"});
  complete(s);
  const auto built = build(s);
  REQUIRE(built.ok());
  CHECK(follow(*built, s, 0, s.nodes[4].interfaces[0].address->address).arrived);
  CHECK(follow(*built, s, 2, s.nodes[0].interfaces[0].address->address).arrived);
  CHECK_FALSE(follow(*built, s, 4, s.nodes[0].interfaces[0].address->address).arrived);
}

TEST_CASE("A thousand routers are given their routes in about a second") {
  const auto s = generate(gridBenchmark());
  REQUIRE(s.ok());
  REQUIRE(s->nodes.size() == 1000);
  const auto start = std::chrono::steady_clock::now();
  const auto built = build(*s);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  REQUIRE(built.ok());
  CHECK(taken.count() < 10); // about 1 s alone; room for a busy machine
  const Way way = follow(*built, *s, 0, s->nodes[999].interfaces[0].address->address);
  CHECK(way.arrived);
  CHECK(way.nodes.size() == 24 + 39 + 1);
}
