// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/fault_units.h"
#include "core/experiments/swarm_faults.h"
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <set>

using namespace packetarium;
using namespace packetarium::experiments;
using scenario::Scenario;
using Kind = scenario::ScriptEntry::Kind;

namespace {

Scenario builtIn(const char *id) {
  auto loaded = scenario::loadBuiltIn(id);
  REQUIRE(loaded.ok());
  return std::move(loaded).value();
}

/// What is not as it was before the script: targets with what was done to them.
std::set<std::pair<std::string, std::string>> stillBroken(const Scenario &s) {
  std::set<std::pair<std::string, std::string>> broken;
  for (const scenario::ScriptEntry &e : s.script) {
    if (e.action == Kind::TimeOut) continue;
    std::string what(scenario::name(e.action));
    if (e.action == Kind::RestartNode || e.action == Kind::RestartEmpty) what = "crash-node";
    if (e.action == Kind::ResumeNode) what = "pause-node";
    if (e.action == Kind::RestoreLink) what = "cut-link";
    if (mends(s, e) || e.action == Kind::RestartEmpty)
      broken.erase({e.target, what});
    else
      broken.insert({e.target, what});
  }
  return broken;
}

} // namespace

TEST_CASE("A seed draws the same faults each time, and other seeds others") {
  const Scenario base = builtIn("primary-replicas");
  CHECK(withDrawnFaults(base, 7, {}) == withDrawnFaults(base, 7, {}));
  std::set<std::string> all;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    all.insert(scenario::toJson(withDrawnFaults(base, seed, {})));
  CHECK(all.size() == 50);
}

TEST_CASE("Every compiler draws the same faults from a seed") {
  // FNV-1a over the documents of 200 seeds each. Arguments of one call are evaluated in an order of
  // the compiler's choice: draws that stand there side by side give others elsewhere.
  DrawOptions options;
  options.restartEmpty = true;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const Scenario &base : {builtIn("primary-replicas"), builtIn("leader-election")})
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
      for (const scenario::ScriptEntry &e : withDrawnFaults(base, seed, options).script)
        for (const char c :
             fmt::format("{} {} {} {}\n", e.at.ns(), scenario::name(e.action), e.target, e.value))
          hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  CHECK(fmt::format("{:016x}", hash) == "86d73339635d7ed0");
}

TEST_CASE("Drawn faults make a document that can be run, and all of them end") {
  const Scenario base = builtIn(GENERATE("primary-replicas", "leader-election"));
  DrawOptions options;
  options.restartEmpty = true;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Scenario drawn = withDrawnFaults(base, seed, options);
    INFO(seed << "\n" << scenario::toJson(drawn));
    CHECK(scenario::validate(drawn).empty());
    CHECK(drawn.seed == seed);
    CHECK(stillBroken(drawn).empty());
    REQUIRE_FALSE(drawn.script.empty());
    CHECK(drawn.script.back().at <= SimTime::zero() + drawn.duration * 7 / 10);
    CHECK(drawn.script.front().at >= SimTime::zero() + drawn.duration / 50);
  }
}

TEST_CASE("Only members of stores and their links are hit, disks are lost only when asked") {
  const Scenario base = builtIn("primary-replicas");
  CHECK(membersOf(base) == std::vector<std::string>{"alpha", "beta", "gamma"});
  CHECK(clientsOf(base) == std::vector<std::string>{"writers", "readers"});
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    for (const scenario::ScriptEntry &e : withDrawnFaults(base, seed, {}).script) {
      INFO(e.target);
      CHECK(e.action != Kind::RestartEmpty);
      if (e.action == Kind::SetPartition) continue; // clients are on a side, too
      const std::set<std::string> touched{"alpha",        "beta",        "gamma",
                                          "alpha-switch", "beta-switch", "gamma-branch"};
      CHECK(touched.contains(e.target));
    }
}

TEST_CASE("A scenario's own script is replaced, or kept beside the drawn faults") {
  const Scenario base = builtIn("primary-replicas");
  DrawOptions keep;
  keep.keepScript = true;
  const auto holds = [&](const Scenario &s) {
    return std::count_if(s.script.begin(), s.script.end(), [](const scenario::ScriptEntry &e) {
      return e.id == "slow" || e.id == "fast";
    });
  };
  CHECK(holds(withDrawnFaults(base, 3, {})) == 0);
  CHECK(holds(withDrawnFaults(base, 3, keep)) == 2);
}

TEST_CASE("What begins and what ends a fault belong together") {
  Scenario s = builtIn("primary-replicas");
  const auto at = [](int ms) { return SimTime::zero() + Duration::ms(ms); };
  s.script = {
      {"a", at(1), Kind::CrashNode, "alpha", 0},    {"b", at(2), Kind::SetLoss, "beta-switch", 0.5},
      {"c", at(3), Kind::SetPartition, "alpha", 1}, {"d", at(3), Kind::SetPartition, "beta", 2},
      {"e", at(4), Kind::TimeOut, "beta", 0},       {"f", at(5), Kind::SetLoss, "beta-switch", 0},
      {"g", at(6), Kind::SetPartition, "beta", 0},  {"h", at(6), Kind::SetPartition, "alpha", 0},
      {"i", at(7), Kind::RestartNode, "alpha", 0},  {"j", at(8), Kind::PauseNode, "gamma", 0}};
  const auto units = faultUnits(s);
  REQUIRE(units.size() == 5);
  CHECK(units[0].entries == std::vector<std::size_t>{0, 8});
  CHECK(units[1].entries == std::vector<std::size_t>{1, 5});
  CHECK(units[2].entries == std::vector<std::size_t>{2, 3, 6, 7});
  CHECK(units[3].entries == std::vector<std::size_t>{4});
  CHECK(units[4].entries == std::vector<std::size_t>{9});
}
