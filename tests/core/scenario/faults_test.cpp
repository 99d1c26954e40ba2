// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

using namespace packetarium;
using namespace packetarium::scenario;
using Json = nlohmann::json;

namespace {

/// One way to spoil the small document, and the fault it must lead to.
struct Case {
  const char *pointer; ///< JSON pointer of the value that is replaced or added
  Json value;          ///< discarded: the key is removed instead
  const char *path;
  const char *message; ///< a part of it
};

const Json removed = Json(Json::value_t::discarded);

const std::vector<Case> &cases() {
  static const std::vector<Case> all = {
      {"/version", removed, "version", "is missing"},
      {"/version", 2, "version", "newer than this program reads (1)"},
      {"/version", "1", "version", "must be a whole number, got \"1\""},
      {"/id", "", "id", "must be 1 to 64 letters"},
      {"/id", "a.b", "id", "got \"a.b\""},
      {"/seed", -1, "seed", "must be at least 0, got -1"},
      {"/seed", 1.5, "seed", "must be a whole number, got 1.5"},
      {"/duration_ns", 0, "duration_ns", "must be at least 1, got 0"},
      {"/titel", "x", "titel", "unknown key; did you mean \"title\"?"},
      {"/title", Json::array(), "title", "must be text, got a list"},
      {"/title", "bell\u0007", "title", "without control characters"},
      {"/nodes", removed, "nodes", "is missing"},
      {"/nodes", 3, "nodes", "must be a list, got 3"},
      {"/nodes/0", 3, "nodes[0]", "must be an object, got 3"},
      {"/nodes/0/id", "r", "nodes[1].id", "\"r\" is the id at nodes[0].id already"},
      {"/nodes/0/kind", "toaster", "nodes[0].kind", "got \"toaster\""},
      {"/nodes/0/interfaces/0/mac", "02:00", "nodes[0].interfaces[0].mac", "must be a MAC address"},
      {"/nodes/0/interfaces/0/mac", "01:00:5e:00:00:01", "nodes[0].interfaces[0].mac",
       "no address of a single card"},
      {"/nodes/0/interfaces/0/address", "10.0.1.300/24", "nodes[0].interfaces[0].address",
       "must be an address with its prefix length"},
      {"/nodes/0/interfaces/0/address", "10.0.1.0/24", "nodes[0].interfaces[0].address",
       "names the network itself; the first address in it is 10.0.1.1"},
      {"/nodes/0/interfaces/0/address", "10.0.1.255/24", "nodes[0].interfaces[0].address",
       "is the broadcast address"},
      {"/nodes/0/interfaces/0/address", "224.0.0.5/24", "nodes[0].interfaces[0].address",
       "multicast"},
      {"/nodes/0/interfaces/0/address", "127.0.0.1/8", "nodes[0].interfaces[0].address",
       "loopback"},
      {"/nodes/0/interfaces/0/address", "10.0.1.1/24", "nodes[1].interfaces[0].address",
       "10.0.1.1 is the address at nodes[0].interfaces[0].address already"},
      {"/nodes/0/interfaces/0/address", "10.0.1.10/16", "nodes[1].interfaces[0].address",
       "has the prefix length 24, but 10.0.1.10/16 at nodes[0].interfaces[0] on the same link has "
       "16"},
      {"/nodes/1/interfaces/1/address", "10.0.1.77/24", "nodes[1].interfaces[1].address",
       "10.0.1.0/24 is the subnet at nodes[0].interfaces[0].address too"},
      {"/nodes/0/gateway", "10.0.9.1", "nodes[0].gateway",
       "in no subnet of this host's interfaces"},
      {"/nodes/0/gateway", "10.0.1.10", "nodes[0].gateway", "the host's own address"},
      {"/nodes/1/gateway", "10.0.1.10", "nodes[1].gateway", "only hosts have a gateway"},
      {"/nodes/0/nat_outside", "eth0", "nodes[0].nat_outside", "only routers translate"},
      {"/nodes/1/nat_outside", "lefd", "nodes[1].nat_outside", "did you mean \"left\"?"},
      {"/nodes/0/name_servers", {"nine"}, "nodes[0].name_servers[0]", "must be an IPv4 address"},
      {"/nodes/1/static_routes",
       {{{"prefix", "10.0.9.1/24"}, {"interface", "left"}}},
       "nodes[1].static_routes[0].prefix",
       "write 10.0.9.0/24"},
      {"/nodes/1/static_routes",
       {{{"prefix", "10.0.9.0/24"}, {"interface", "left"}, {"next_hop", "10.0.2.9"}}},
       "nodes[1].static_routes[0].next_hop",
       "10.0.2.9 is not in 10.0.1.1/24"},
      {"/nodes/1/static_routes",
       {{{"prefix", "10.0.9.0/24"}, {"interface", "up"}}},
       "nodes[1].static_routes[0].interface",
       "no interface \"up\""},
      {"/nodes/0/programs/0/kind", "pong", "nodes[0].programs[0].kind", "did you mean \"ping\"?"},
      {"/nodes/0/programs/0/parameters", removed, "nodes[0].programs[0].parameters.peer",
       "is missing"},
      {"/nodes/0/programs/0/parameters/count", -3, "nodes[0].programs[0].parameters.count",
       "got -3"},
      {"/nodes/0/programs/0/parameters/count", "3", "nodes[0].programs[0].parameters.count",
       "must be a whole number, got \"3\""},
      {"/nodes/0/programs/0/parameters/mode", "shout", "nodes[0].programs[0].parameters.mode",
       "\"shout\""},
      {"/nodes/0/programs/0/parameters/perr", "x", "nodes[0].programs[0].parameters.perr",
       "did you mean \"peer\"?"},
      {"/links/0/id", "l2", "links[1].id", "already"},
      {"/links/0/id", "a", "links[0].id", "is the id of a node already"},
      {"/links/0/rate_bps", 0, "links[0].rate_bps", "must be at least 1, got 0"},
      {"/links/0/rate_bps", 1e30, "links[0].rate_bps", "must be at most 1000000000000, got 1e+30"},
      {"/links/0/rate_bps", removed, "links[0].rate_bps", "is missing"},
      {"/links/0/delay_ns", -1, "links[0].delay_ns", "must be at least 0, got -1"},
      {"/links/0/loss", 1.5, "links[0].loss", "must be a probability from 0 to 1, got 1.5"},
      {"/links/0/loss", "high", "links[0].loss", "must be a number, got \"high\""},
      {"/links/0/queue_packets", 1e7, "links[0].queue_packets", "must be at most 1000000"},
      {"/links/0/cost", 0, "links[0].cost", "must be at least 1, got 0"},
      {"/links/0/up", 1, "links[0].up", "must be true or false, got 1"},
      {"/links/0/from/node", "z", "links[0].from.node",
       "there is no node \"z\"; there are: a, r, b"},
      {"/links/0/from/interface", "eth7", "links[0].from.interface", "did you mean \"eth0\"?"},
      {"/links/1/from/interface", "left", "links[1].from",
       "interface left of r is in use at links[0].to already"},
      {"/links/0/to",
       {{"node", "a"}, {"interface", "eth0"}},
       "links[0].to",
       "both ends are at \"a\""},
      {"/layout/z", {{"x", 1}, {"y", 2}}, "layout.z", "there is no node with this id"},
      {"/layout/a/x", 1e9, "layout.a.x", "must be at most 1000000"},
      {"/layout/a/x", removed, "layout.a.x", "is missing"},
      {"/script",
       {{{"id", "s"}, {"at_ns", 1}, {"action", "cut-lnk"}, {"link", "l1"}}},
       "script[0].action",
       "did you mean \"cut-link\"?"},
      {"/script",
       {{{"id", "s"}, {"at_ns", 1}, {"action", "cut-link"}, {"link", "l9"}}},
       "script[0].link",
       "there is no link \"l9\""},
      {"/script",
       {{{"id", "s"}, {"at_ns", -1}, {"action", "cut-link"}, {"link", "l1"}}},
       "script[0].at_ns",
       "must be at least 0"},
      {"/script",
       {{{"id", "s"}, {"at_ns", 1}, {"action", "set-loss"}, {"link", "l1"}, {"loss", 2}}},
       "script[0].loss",
       "must be a probability"},
      {"/script",
       {{{"id", "s"}, {"at_ns", 1}, {"action", "set-rate"}, {"link", "l1"}}},
       "script[0].rate_bps",
       "is missing"},
      {"/script",
       {{{"id", "s"}, {"at_ns", 1}, {"action", "cut-link"}, {"node", "a"}, {"link", "l1"}}},
       "script[0].node",
       "unknown key"},
      {"/notes", {{{"id", "n"}, {"text", "hello"}, {"x", 1}}}, "notes[0].y", "is missing"},
      {"/card",
       {{"hint", {{"text", "t"}, {"link", "l3"}}}},
       "card.hint.link",
       "there is no link \"l3\""},
      {"/bookmarks", {{{"id", "b"}, {"at_ns", 1}}}, "bookmarks[0].title", "is missing"},
      {"/phases",
       {{{"on", ""}, {"node", "a"}, {"title", "t"}}},
       "phases[0].on",
       "must name a milestone"},
      {"/phases",
       {{{"on", "x"}, {"node", "q"}, {"title", "t"}}},
       "phases[0].node",
       "no node \"q\""},
      {"/routes",
       {{"topology", "xyz"}, {"nodes", Json::object()}},
       "routes.topology",
       "must be 16 hexadecimal digits"},
  };
  return all;
}

void spoil(Json &document, const Case &c) {
  const Json::json_pointer pointer(c.pointer);
  if (!c.value.is_discarded()) {
    document[pointer] = c.value;
    return;
  }
  Json &parent = document[pointer.parent_pointer()];
  parent.erase(pointer.back());
}

std::string all(const std::vector<Fault> &faults) {
  std::string text;
  for (const Fault &fault : faults) text += fault.text() + "\n";
  return text;
}

bool tells(const std::vector<Fault> &faults, const std::string &path, const std::string &message) {
  return std::any_of(faults.begin(), faults.end(), [&](const Fault &fault) {
    return fault.path == path && fault.message.find(message) != std::string::npos;
  });
}

} // namespace

TEST_CASE("Each fault is told with its path and what to do about it") {
  const Json good = Json::parse(toJson(test::smallScenario()));
  REQUIRE(parse(good.dump()).ok());
  for (const Case &c : cases()) {
    Json document = good;
    spoil(document, c);
    const auto result = parse(document.dump());
    INFO(c.pointer << " wanted " << c.path << ": " << c.message);
    REQUIRE_FALSE(result.ok());
    INFO(all(result.faults()));
    CHECK(tells(result.faults(), c.path, c.message));
    CHECK(result.faults().size() <= 5); // and little that only follows from it
  }
}

TEST_CASE("All faults of a file are told at once") {
  Json document = Json::parse(toJson(test::smallScenario()));
  std::vector<const Case *> applied;
  for (const Case &c : cases()) {
    // Those that leave the others in place.
    const std::string pointer = c.pointer;
    if (pointer != "/links/0/delay_ns" && pointer != "/links/0/cost" && pointer != "/titel" &&
        pointer != "/links/0/queue_packets" && pointer != "/nodes/0/kind" &&
        pointer != "/links/0/up" && pointer != "/duration_ns" && pointer != "/phases" &&
        pointer != "/bookmarks")
      continue;
    if (!applied.empty() && std::string(applied.back()->pointer) == pointer) continue;
    spoil(document, c);
    applied.push_back(&c);
  }
  REQUIRE(applied.size() == 9);
  const auto result = parse(document.dump());
  REQUIRE_FALSE(result.ok());
  INFO(all(result.faults()));
  for (const Case *c : applied) CHECK(tells(result.faults(), c->path, c->message));
}

TEST_CASE("A document in memory is held to the same rules as a file") {
  Scenario s = test::smallScenario();
  s.links[0].loss = std::numeric_limits<double>::quiet_NaN();
  s.links[0].rateBps = 0;
  s.links[1].cost = 0;
  s.nodes[0].programs[0].parameters["interval_ns"] = std::int64_t{-5};
  s.nodes[0].name = "broken \xff";
  s.script.push_back({"s", SimTime::fromNs(1), ScriptEntry::Kind::SetDelay, "l1", 0.5});
  const auto faults = validate(s);
  INFO(all(faults));
  CHECK(tells(faults, "links[0].loss", "probability"));
  CHECK(tells(faults, "links[0].rate_bps", "must be at least 1, got 0"));
  CHECK(tells(faults, "links[1].cost", "must be at least 1, got 0"));
  CHECK(tells(faults, "nodes[0].programs[0].parameters.interval_ns", "-5"));
  CHECK(tells(faults, "nodes[0].name", "UTF-8"));
  CHECK(tells(faults, "script[0].delay_ns", "whole number, got 0.5"));
  CHECK_FALSE(build(s).ok());
}

TEST_CASE("The same private addresses may be used behind two home routers") {
  Scenario s;
  s.id = "homes";
  Node isp;
  isp.id = "isp";
  isp.kind = NodeKind::Router;
  for (int i = 0; i < 2; ++i) {
    const std::string n = std::to_string(i);
    Node home, host;
    home.id = "home" + n;
    home.kind = NodeKind::HomeRouter;
    home.natOutside = "wan";
    home.interfaces = {{"lan", {}, wire::Ipv4Prefix::parse("192.168.1.1/24")}, {"wan", {}, {}}};
    host.id = "host" + n;
    host.interfaces = {{"eth0", {}, wire::Ipv4Prefix::parse("192.168.1.2/24")}};
    isp.interfaces.push_back({"p" + n, {}, {}});
    s.nodes.push_back(home);
    s.nodes.push_back(host);
    Link lan, wan;
    lan.id = "lan" + n;
    lan.from = {"host" + n, "eth0"};
    lan.to = {"home" + n, "lan"};
    wan.id = "wan" + n;
    wan.from = {"home" + n, "wan"};
    wan.to = {"isp", "p" + n};
    s.links.push_back(lan);
    s.links.push_back(wan);
  }
  s.nodes.push_back(isp);
  CHECK(all(validate(s)) == "");
  s.nodes[0].natOutside.clear(); // without translation the two clash
  s.nodes[2].natOutside.clear();
  CHECK(tells(validate(s), "nodes[2].interfaces[0].address", "192.168.1.1 is the address at"));
}
