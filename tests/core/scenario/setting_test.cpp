// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

std::string set(Scenario &s, std::string_view setting) {
  const Status status = applySetting(s, setting);
  return status.ok() ? "" : status.faults().front().text();
}

bool refuses(std::string_view setting, const std::string &part) {
  Scenario s = test::smallScenario();
  const Scenario before = s;
  const std::string message = set(s, setting);
  INFO(setting << " -> " << message);
  CHECK(s == before);
  return message.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("One value is set by ids, and nothing else changes") {
  Scenario s = test::smallScenario();
  complete(s);
  Scenario expected = s;

  CHECK(set(s, "links.l1.rate_bps=1000000") == "");
  expected.links[0].rateBps = 1'000'000;
  CHECK(s == expected);

  CHECK(set(s, "links.l2.loss=0.25") == "");
  expected.links[1].loss = 0.25;
  CHECK(set(s, "links.l2.up=false") == "");
  expected.links[1].up = false;
  CHECK(set(s, "nodes.a.name=my laptop") == "");
  expected.nodes[0].name = "my laptop";
  CHECK(set(s, "nodes.a.name=17") == ""); // a name may look like a number
  expected.nodes[0].name = "17";
  CHECK(set(s, "nodes.a.programs.ping.count=3") == "");
  expected.nodes[0].programs[0].parameters["count"] = std::int64_t{3};
  CHECK(set(s, "nodes.a.programs.ping.parameters.bytes=100") == "");
  expected.nodes[0].programs[0].parameters["bytes"] = std::int64_t{100};
  CHECK(set(s, "nodes.a.interfaces.eth0.address=10.0.1.77/24") == "");
  expected.nodes[0].interfaces[0].address = wire::Ipv4Prefix::parse("10.0.1.77/24");
  CHECK(set(s, "layout.a.x=40") == "");
  expected.nodes[0].position.x = 40;
  CHECK(set(s, "seed=18446744073709551615") == "");
  expected.seed = 18446744073709551615u;
  CHECK(set(s, "duration_ns=5000000000") == "");
  expected.duration = Duration::seconds(5);
  CHECK(s == expected);
}

TEST_CASE("A setting that leads nowhere names what there is") {
  CHECK(refuses("links.l7.rate_bps=1", "links has no \"l7\"; did you mean \"l1\"?"));
  CHECK(refuses("links.other.rate_bps=1", "links has no \"other\"; there are: l1, l2"));
  CHECK(refuses("cables.l1.rate_bps=1", "the scenario has no \"cables\""));
  CHECK(refuses("links.l1.rate=1", "unknown key; did you mean \"rate_bps\"?"));
  CHECK(refuses("nodes.a.programs.pong.count=1", "did you mean \"ping\"?"));
  CHECK(refuses("nodes.a.programs.ping.cuont=1", "did you mean \"count\"?"));
  CHECK(refuses("nodes.a=1", "nodes.a: name one of its values"));
  CHECK(refuses("links=1", "links"));
  CHECK(refuses("links..loss=1", "a name is missing after it"));
  CHECK(refuses("nodes.a.id=r", "an id never changes"));
  CHECK(refuses("nodes.a.programs.ping.id=r", "an id never changes"));
  CHECK(refuses("rubbish", "write PATH=VALUE"));
  CHECK(refuses("=5", "write PATH=VALUE"));
}

TEST_CASE("A value out of range is refused under the name it was set by") {
  CHECK(refuses("links.l1.rate_bps=0", "links.l1.rate_bps: must be at least 1, got 0"));
  CHECK(refuses("links.l1.loss=7", "links.l1.loss: must be a probability"));
  CHECK(refuses("links.l1.rate_bps=fast", "links.l1.rate_bps: must be a whole number"));
  CHECK(refuses("nodes.a.programs.ping.count=-1", "nodes.a.programs.ping.count"));
}

TEST_CASE("A changed cost has the routes chosen anew") {
  Scenario s = *loadBuiltIn("web-request");
  const auto core = [](const Scenario &scenario) {
    const auto built = build(scenario);
    REQUIRE(built.ok());
    const auto &isp = built->plan->network.nodes[built->node("isp").value];
    const auto route = isp.routes->lookup(wire::Ipv4Address::of(192, 0, 2, 1));
    REQUIRE(route.has_value());
    return isp.interfaces[route->interface].name;
  };
  CHECK(core(s) == "core");
  REQUIRE(set(s, "links.isp-core.cost=5") == "");
  CHECK(core(s) == "backup");
}
