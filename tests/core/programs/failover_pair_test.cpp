// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/pair_lab.h"
#include "tests/support/catch.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace pair;
using Kind = world::Action::Kind;
using Names = std::vector<std::string>;

/// With the same parameters on both; a comes first.
Lab twoMembers(Given both = {}, Given onlyB = {}, std::uint64_t seed = 1) {
  Lab l = lab(seed);
  Given forB = both;
  for (const auto &[key, value] : onlyB) forB[key] = value;
  l.run("a", "failover-pair", member("a", 200, both));
  l.run("b", "failover-pair", member("b", 100, forB));
  return l;
}

const Given withWitness = {{"witness", std::string("192.0.2.4")}};
const Given withFencing = {{"fencing", std::string("power-switch")},
                           {"power_switch", std::string("192.0.2.5")}};

Given coldStandby(std::int64_t startUpNs) {
  return {{"standby", std::string("cold")}, {"start_up_ns", startUpNs}};
}

Duration sinceCrash(const Run &run, std::string_view stage, Duration crash) {
  return stageAt(run, b, stage, crash) - testing::at(crash);
}

std::size_t indexOf(const Run &run, std::string_view phase) {
  const auto all = run.phases();
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), phase) - all.begin());
}

std::string lastWhy(const Run &run, NodeIndex node) {
  std::string why;
  for (const RoleAt &r : roles(run))
    if (r.node == node.value) why = r.why;
  return why;
}

} // namespace

TEST_CASE("Of two that start together the higher priority becomes active, the other stands by") {
  Run run(twoMembers());
  run.until(Duration::seconds(5));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active"});
  CHECK(run.described(b.value, "it is") == "active");
}

TEST_CASE("A dead one is replaced after so many missed heartbeats") {
  const Duration crash = Duration::ms(10'250);
  Run run(twoMembers());
  run.apply(crash, {Kind::CrashNode, a, {}, 0});
  run.until(Duration::seconds(15));
  // The last heartbeat left at 10 s and came 10 us later, or so; half an interval late is late.
  const std::int64_t late = (sinceCrash(run, "suspected", crash) - Duration::ms(500)).ns();
  CHECK(late >= 0);
  CHECK(late < 20'000);
  CHECK((sinceCrash(run, "decided", crash) - Duration::ms(1250)).ns() < 20'000);
  CHECK(sinceCrash(run, "active", crash) == sinceCrash(run, "decided", crash));
  CHECK(roleNames(run).back() == "b active");
}

TEST_CASE("The preferred one takes back what is its own, or leaves it where it is") {
  for (const bool failback : {true, false}) {
    Run run(twoMembers({{"failback", failback}}));
    run.apply(Duration::seconds(5), {Kind::CrashNode, a, {}, 0});
    run.apply(Duration::seconds(10), {Kind::RestartNode, a, {}, 0});
    run.until(Duration::seconds(15));
    CHECK(roleNames(run).back() == (failback ? "a active" : "a standby"));
    CHECK(bothActive(run, testing::at(Duration::seconds(15))) == Duration{});
  }
}

TEST_CASE("A cold standby serves only after its service has started") {
  Run run(twoMembers(coldStandby(7'000'000'000)));
  const Duration crash = Duration::seconds(5);
  run.apply(crash, {Kind::CrashNode, a, {}, 0});
  run.apply(Duration::seconds(20), {Kind::RestartNode, a, {}, 0});
  run.until(Duration::seconds(40));
  CHECK(sinceCrash(run, "active", crash) ==
        sinceCrash(run, "decided", crash) + Duration::seconds(7));
  // On the way back the other one goes on serving until this one is ready.
  const SimTime back = stageAt(run, a, "active", Duration::seconds(20));
  CHECK(back - testing::at(Duration::seconds(27)) < Duration::seconds(1));
  CHECK(back >= testing::at(Duration::seconds(27)));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active", "b starting", "b active",
                                "a standby", "b standby", "a active"});
}

TEST_CASE("When only the heartbeats are lost, both become active, until they hear each other") {
  Run run(twoMembers());
  run.apply(Duration::seconds(5), {Kind::CutLink, {}, heartbeats, 0});
  run.apply(Duration::seconds(15), {Kind::RestoreLink, {}, heartbeats, 0});
  run.until(Duration::seconds(20));
  CHECK(bothActive(run, testing::at(Duration::seconds(20))) > Duration::seconds(8));
  CHECK(roleNames(run).back() == "b standby");
  CHECK(lastWhy(run, b) == "both were active, and a comes first (priority 200)");
  // The one that stays tells everybody again where the address is.
  CHECK(stageAt(run, a, "reachable", Duration::seconds(15)) < testing::at(Duration::seconds(16)));
}

TEST_CASE("A second path for the heartbeats prevents that split brain") {
  Lab l = lab();
  l.run("a", "failover-pair",
        member("a", 200, {{"peers", rowsOf("address", {"10.0.0.2", "192.0.2.2"})}}));
  l.run("b", "failover-pair",
        member("b", 100, {{"peers", rowsOf("address", {"10.0.0.1", "192.0.2.1"})}}));
  Run run(l);
  run.apply(Duration::seconds(5), {Kind::CutLink, {}, heartbeats, 0});
  run.until(Duration::seconds(20));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active"});
}

TEST_CASE("With fencing the other one is switched off before it is replaced") {
  Lab l = twoMembers(withFencing);
  l.run("power", "power-switch", {{"switch_ns", 800'000'000}});
  Run run(l);
  run.apply(Duration::seconds(5), {Kind::CutLink, {}, heartbeats, 0});
  run.until(Duration::seconds(20));
  CHECK(bothActive(run, testing::at(Duration::seconds(20))) == Duration{});
  CHECK(roleNames(run).back() == "b active");
  CHECK(indexOf(run, "pair.fencing") < indexOf(run, "power.cut"));
  CHECK(indexOf(run, "power.cut") < indexOf(run, "pair.fenced"));
  CHECK(run.world().network().device(a).health == trace::NodeHealth::Crashed);
  CHECK(stageAt(run, b, "active") - run.firstPhase("power.cut") < Duration::ms(1));
}

TEST_CASE("While the power switch cannot be reached nobody takes over, unless a person vouches") {
  Lab l = twoMembers(withFencing);
  l.run("power", "power-switch");
  Run run(l);
  run.apply(Duration::seconds(4), {Kind::CutLink, {}, toPower, 0});
  run.apply(Duration::seconds(5), {Kind::CrashNode, a, {}, 0});
  run.until(Duration::seconds(20));
  CHECK(roleNames(run).back() == "a active");
  run.apply(Duration::seconds(21), {Kind::Promote, b, {}, 0});
  run.until(Duration::seconds(22));
  CHECK(roleNames(run).back() == "b active");
}

TEST_CASE("With a witness only one is active when the heartbeats are lost") {
  Lab l = twoMembers(withWitness);
  l.run("witness", "witness");
  Run run(l);
  run.apply(Duration::seconds(5), {Kind::CutLink, {}, heartbeats, 0});
  run.until(Duration::seconds(20));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active"});
  run.apply(Duration::seconds(21), {Kind::CrashNode, a, {}, 0});
  run.until(Duration::seconds(26)); // the lease has to run out first
  CHECK(roleNames(run).back() == "b active");
}

TEST_CASE("Who cannot renew its lease steps down before it runs out, and the other one serves") {
  Lab l = twoMembers(withWitness);
  l.run("witness", "witness");
  Run run(l);
  run.apply(Duration::seconds(5), {Kind::CutLink, {}, toA, 0});
  run.until(Duration::seconds(12));
  CHECK(bothActive(run, testing::at(Duration::seconds(12))) == Duration{});
  CHECK(roleNames(run).back() == "b active");
  CHECK(lastWhy(run, a) == "its lease ran out: the witness did not renew it in time");
}

TEST_CASE("A person hands the service to the standby, and it stays there") {
  Run run(twoMembers());
  run.apply(Duration::seconds(5), {Kind::Promote, b, {}, 0});
  run.until(Duration::seconds(15));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active", "a standby", "b active"});
  CHECK(lastWhy(run, a) == "handed over to b, as a person asked");
}

TEST_CASE("A web server beside it leaves the last word on the role to who decided") {
  const auto reasons = [](bool withServers) {
    Lab l = twoMembers();
    for (const char *node : {"a", "b"})
      if (withServers)
        l.run(node, "http-server",
              {{"service_name", std::string("web")}, {"standby", std::string("hot")}});
    Run run(std::move(l));
    run.apply(Duration::seconds(5), {Kind::CrashNode, a, {}, 0});
    run.until(Duration::seconds(8));
    CHECK(roleNames(run).back() == "b active");
    std::vector<std::string> all{lastWhy(run, b)};
    run.apply(Duration::seconds(10), {Kind::RestartNode, a, {}, 0});
    run.until(Duration::seconds(20));
    CHECK(roleNames(run).back() == "a active");
    all.push_back(lastWhy(run, a));
    all.push_back(lastWhy(run, b));
    return all;
  };
  CHECK(reasons(true) == reasons(false));
}

TEST_CASE("A standby whose configuration has drifted takes over, and its service is broken") {
  auto program = make("failover-pair", member("b", 100, {{"config_drift", true}}));
  FakeContext ctx;
  ctx.setNode(lab().plan()->network.nodes[1]);
  program->start(ctx);
  ctx.runFor(*program, Duration::seconds(2));
  CHECK(ctx.news.front() == std::pair<std::string, std::string>{"service.web", "standby"});
  CHECK(ctx.news.back() == std::pair<std::string, std::string>{"service.web", "broken"});
  CHECK(ctx.addresses.count(virtualIp) == 1);
}

TEST_CASE("A witness that was restarted lends nothing that may still be held") {
  Lab l = twoMembers(withWitness);
  l.run("witness", "witness");
  Run run(l);
  run.apply(Duration::ms(5000), {Kind::CrashNode, witness, {}, 0});
  run.apply(Duration::ms(5010), {Kind::CutLink, {}, toA, 0}); // and a holds its lease for long yet
  run.apply(Duration::ms(5020), {Kind::CutLink, {}, heartbeats, 0});
  run.apply(Duration::ms(5500), {Kind::RestartNode, witness, {}, 0});
  run.until(Duration::seconds(20));
  CHECK(bothActive(run, testing::at(Duration::seconds(20))) == Duration{});
  CHECK(stageAt(run, b, "active") > testing::at(Duration::ms(15'500))); // the longest lease later
  CHECK(roleNames(run).back() == "b active");
}

TEST_CASE("A member goes on holding its lease when the witness restarts") {
  Lab l = twoMembers(withWitness);
  l.run("witness", "witness");
  Run run(l);
  run.apply(Duration::ms(5000), {Kind::CrashNode, witness, {}, 0});
  run.apply(Duration::ms(5500), {Kind::RestartNode, witness, {}, 0});
  run.until(Duration::seconds(30));
  CHECK(roleNames(run) == Names{"a standby", "b standby", "a active"});
}

TEST_CASE("A pair with a witness never has two active ones, whatever happens") {
  RandomStream random(3, "test", "pair faults");
  int taken = 0;
  for (int round = 0; round < 150; ++round) {
    Lab l = twoMembers(withWitness, {}, static_cast<std::uint64_t>(round) + 1);
    l.run("witness", "witness");
    Run run(l);
    Duration at = Duration::seconds(3);
    std::string story;
    for (int fault = 0; fault < 12; ++fault) {
      at = at + random.uniform(Duration::ms(1), Duration::seconds(4));
      constexpr Kind kinds[] = {Kind::CrashNode,  Kind::RestartNode,  Kind::PauseNode,
                                Kind::ResumeNode, Kind::CutLink,      Kind::RestoreLink,
                                Kind::SetBlocked, Kind::SetLoss,      Kind::Promote,
                                Kind::SetDelay,   Kind::SetClockDrift};
      const Kind kind = kinds[random.below(std::size(kinds))];
      const NodeIndex node{static_cast<std::uint32_t>(random.below(4))};
      const LinkIndex link{static_cast<std::uint32_t>(random.below(6))};
      const double value = kind == Kind::SetLoss      ? 0.3
                           : kind == Kind::SetDelay   ? 4e8
                           : kind == Kind::SetBlocked ? static_cast<double>(random.below(3))
                                                      : 20'000;
      run.apply(at, {kind, node, link, value});
      story += std::to_string(static_cast<int>(kind)) + " ";
    }
    at = at + Duration::seconds(20);
    run.until(at);
    INFO("round " << round << ": " << story);
    REQUIRE(bothActive(run, testing::at(at)) == Duration{});
    taken += static_cast<int>(roles(run).size());
  }
  CHECK(taken > 500); // much did happen
}

} // namespace packetarium::programs
