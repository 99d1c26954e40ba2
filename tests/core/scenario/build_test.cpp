// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/scenario/templates.h"
#include "core/world/world.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

std::string faultsOf(const Scenario &s) {
  const auto built = build(s);
  std::string all;
  if (!built.ok())
    for (const Fault &fault : built.faults()) all += fault.text() + "\n";
  return all;
}

} // namespace

TEST_CASE("Every built-in scenario is valid and can be built") {
  const auto ids = builtInIds();
  REQUIRE(ids.size() >= 7);
  CHECK(ids.front() == "web-request");
  for (const std::string &id : ids) {
    INFO(id);
    const auto loaded = loadBuiltIn(id);
    REQUIRE(loaded.ok());
    CHECK(faultsOf(*loaded) == "");
  }
}

TEST_CASE("Every built-in scenario has a card, a hint, bookmarks and a layout without collisions") {
  for (const std::string &id : builtInIds()) {
    INFO(id);
    const Scenario s = *loadBuiltIn(id);
    CHECK_FALSE(s.title.empty());
    CHECK_FALSE(s.tab.empty());
    CHECK_FALSE(s.summary.empty());
    CHECK_FALSE(s.card.watch.empty());
    CHECK_FALSE(s.card.tryOut.empty());
    CHECK_FALSE(s.card.notice.empty());
    CHECK_FALSE(s.card.hint.text.empty());
    CHECK(s.bookmarks.size() >= 3);
    for (const Bookmark &b : s.bookmarks) CHECK(b.at <= SimTime::zero() + s.duration);
    for (std::size_t i = 0; i < s.nodes.size(); ++i)
      for (std::size_t j = i + 1; j < s.nodes.size(); ++j) {
        const double dx = s.nodes[i].position.x - s.nodes[j].position.x;
        const double dy = s.nodes[i].position.y - s.nodes[j].position.y;
        INFO(s.nodes[i].id << " and " << s.nodes[j].id);
        CHECK(dx * dx + dy * dy >= 110.0 * 110.0);
      }
  }
}

TEST_CASE("The default scenario walks eleven steps in five stages") {
  const Scenario s = *loadBuiltIn(defaultScenarioId);
  std::set<std::uint32_t> steps;
  std::vector<std::string> stages;
  for (const PhaseStop &p : s.phases) {
    steps.insert(p.step);
    if (stages.empty() || stages.back() != p.stage) stages.push_back(p.stage);
    CHECK_FALSE(p.caption.empty());
  }
  CHECK(steps == std::set<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(stages == std::vector<std::string>{"name", "connection", "request", "response", "close"});
}

TEST_CASE("A built network follows the document, in its order and by its ids") {
  Scenario s = test::smallScenario();
  s.script.push_back({"late", SimTime::fromNs(9), ScriptEntry::Kind::RestoreLink, "l2", 0});
  s.script.push_back({"rate", SimTime::fromNs(5), ScriptEntry::Kind::SetRate, "l1", 7});
  s.script.push_back({"crash", SimTime::fromNs(5), ScriptEntry::Kind::CrashNode, "b", 0});
  const auto built = build(s);
  REQUIRE(built.ok());
  const net::Blueprint &network = built->plan->network;
  CHECK(network.seed == s.seed);
  REQUIRE(network.nodes.size() == 3);
  CHECK(built->node("r").value == 1);
  CHECK_FALSE(built->node("nobody").valid());
  CHECK(built->link("l2").value == 1);
  CHECK(built->nodeId(NodeIndex{2}) == "b");
  CHECK(network.nodes[1].kind == net::NodeKind::Router);
  CHECK(network.nodes[1].interfaces[1].link == built->link("l2"));
  CHECK(network.nodes[1].interfaces[1].end == 0);
  CHECK(network.nodes[2].interfaces[0].end == 1);
  CHECK(network.links[0].ends[1].interface == 0);
  CHECK(built->plan->programs[0].at(0).values.text("peer") == "10.0.2.10");
  CHECK(built->plan->programs[0].at(0).values.integer("bytes") == 56); // declared default
  // By time; what stands at the same instant keeps the order of the document.
  REQUIRE(built->script.size() == 3);
  CHECK(built->script[0].action.kind == world::Action::Kind::SetRate);
  CHECK(built->script[0].action.value == 7);
  CHECK(built->script[1].action.kind == world::Action::Kind::CrashNode);
  CHECK(built->script[1].action.node == built->node("b"));
  CHECK(built->script[2].action.link == built->link("l2"));
}

TEST_CASE("Whatever is left open is chosen: MACs, addresses, gateways") {
  Scenario s = test::smallScenario();
  for (Node &node : s.nodes)
    for (Interface &i : node.interfaces) i.address.reset();
  s.nodes[0].gateway.reset();
  s.nodes[2].gateway.reset();
  complete(s);
  std::set<wire::MacAddress> macs;
  for (const Node &node : s.nodes)
    for (const Interface &i : node.interfaces) {
      REQUIRE(i.mac);
      CHECK((i.mac->bytes[0] & 3) == 2); // one card's, and locally administered
      CHECK(macs.insert(*i.mac).second);
      REQUIRE(i.address);
    }
  CHECK(s.nodes[0].gateway == s.nodes[1].interfaces[0].address->address);
  CHECK(s.nodes[2].gateway == s.nodes[1].interfaces[1].address->address);
  CHECK(validate(s).empty());
}

TEST_CASE("A MAC depends on the ids alone: a new neighbour changes nobody else's") {
  Scenario s = test::smallScenario();
  complete(s);
  Scenario more = test::smallScenario();
  Node extra;
  extra.id = "extra";
  extra.interfaces = {{"eth0", {}, {}}};
  more.nodes.insert(more.nodes.begin(), extra);
  complete(more);
  for (const Node &node : s.nodes) CHECK(more.node(node.id)->interfaces == node.interfaces);
}

TEST_CASE("Chosen addresses keep clear of those in use") {
  Scenario s = test::smallScenario();
  s.nodes[1].interfaces[1].address = wire::Ipv4Prefix::parse("10.0.0.1/16");
  s.nodes[2].interfaces[0].address.reset();
  s.nodes[2].gateway.reset();
  s.nodes[0].interfaces[0].address.reset();
  s.nodes[1].interfaces[0].address.reset();
  s.nodes[0].gateway.reset();
  s.nodes[0].programs.clear();
  complete(s);
  const auto &left = s.nodes[0].interfaces[0].address;
  REQUIRE(left);
  CHECK_FALSE(s.nodes[1].interfaces[1].address->contains(left->address));
  CHECK(s.nodes[1].interfaces[1].address->contains(s.nodes[2].interfaces[0].address->address));
}

TEST_CASE("A host with name servers gets a resolver, written into the document") {
  Scenario s = test::smallScenario();
  s.nodes[2].programs = {{"names", "dns-server", {{"zone", std::string("example.com")}}}};
  s.nodes[0].programs[0].parameters["peer"] = std::string("www.example.com");
  complete(s);
  CHECK(s.nodes[0].nameServers == std::vector{wire::Ipv4Address::of(10, 0, 2, 10)});
  REQUIRE(s.nodes[0].programs.size() == 2);
  CHECK(s.nodes[0].programs[1].kind == "dns-resolver");
  CHECK(s.nodes[2].programs.size() == 1); // who needs no names gets none
  CHECK(faultsOf(s) == "");
}

TEST_CASE("Random valid documents are built") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    INFO(i);
    CHECK(faultsOf(test::randomScenario(i)) == "");
  }
}

TEST_CASE("Renaming a node or adding a lonely one leaves the run as it was, to the bit") {
  const auto fingerprint = [](const Scenario &s) {
    const auto built = build(s);
    REQUIRE(built.ok());
    world::World world(built->plan);
    world.runUntil(SimTime::fromNs(3'000'000'000), 1'000'000);
    return world.fingerprint();
  };
  Scenario s = *loadBuiltIn("web-request");
  s.links[1].loss = 0.05; // so that random streams matter
  const auto before = fingerprint(s);
  Scenario renamed = s;
  renamed.nodes[2].name = "provider";
  CHECK(fingerprint(renamed) == before);
  Scenario more = s;
  Node extra;
  extra.id = "extra";
  more.nodes.insert(more.nodes.begin(), extra);
  CHECK(fingerprint(more) == before);
  Scenario seeded = s;
  seeded.seed = 8;
  CHECK(fingerprint(seeded) != before);
}

TEST_CASE("Routing tables of an earlier build are taken over only where they would be the same") {
  const auto sameTables = [](const BuiltScenario &a, const BuiltScenario &b) {
    std::size_t same = 0;
    for (std::size_t n = 0; n < a.plan->network.nodes.size(); ++n) {
      const auto &x = a.plan->network.nodes[n].routes, &y = b.plan->network.nodes[n].routes;
      if (!x || !y) continue;
      same += x == y ? 1 : 0;
    }
    return same;
  };
  Scenario s = *loadBuiltIn("web-request");
  complete(s);
  const auto first = build(s);
  REQUIRE(first.ok());
  Scenario renamed = s;
  renamed.nodes[0].name = "another name";
  const auto again = build(renamed, &first.value());
  REQUIRE(again.ok());
  CHECK(sameTables(*first, *again) > 0);
  CHECK(again->plan->network.nodes[0].name == "another name");
  Scenario costly = s;
  REQUIRE(applySetting(costly, "links.isp-core.cost=5").ok());
  const auto other = build(costly, &first.value());
  REQUIRE(other.ok());
  CHECK(other->routesDigest != first->routesDigest);
  Scenario handed = s;
  handed.node("browser")->gateway.reset();
  handed.node("browser")->chosen.insert("gateway");
  handed.node("browser")->routes.push_back(
      {*wire::Ipv4Prefix::parse("203.0.113.0/26"), {}, handed.node("browser")->interfaces[0].id});
  const auto third = build(handed, &first.value());
  REQUIRE(third.ok());
  CHECK(third->routesDigest != first->routesDigest);
}
