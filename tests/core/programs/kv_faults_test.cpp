// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/kv_fixture.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = world::Action::Kind;

std::uint64_t crashes() { return randomRuns(200); }

Given memberWith(Given more) {
  Given g{{"heartbeat_interval_ns", std::int64_t{50'000'000}},
          {"promotion", std::string("automatic")},
          {"majority", false}};
  for (auto &[key, value] : more) g[key] = value;
  return g;
}
const Given eagerWriters{{"clients", std::int64_t{4}},
                         {"think_ns", std::int64_t{4'000'000}},
                         {"read_share", 0.0},
                         {"timeout_ns", std::int64_t{200'000'000}},
                         {"retries", std::int64_t{2}},
                         {"keys", std::int64_t{3}},
                         {"duration_ns", std::int64_t{1'500'000'000}}};

Duration msOf(std::uint64_t ms) { return Duration::ms(static_cast<std::int64_t>(ms)); }

/// The writes that clients believe in and that the member does not hold.
std::set<std::string> missingFrom(const StoreStory &story, std::uint32_t node) {
  std::set<std::string> held, missing;
  for (const auto &[epoch, operation] : story.logs.at(node).entries) held.insert(operation);
  for (const std::string &write : story.acknowledged)
    if (held.count(write) == 0) missing.insert(write);
  return missing;
}

/// Those of them that a truncate names, or that a member which never came back still has.
std::set<std::string> named(const StoreStory &story, const std::set<std::string> &missing,
                            std::optional<std::uint32_t> neverBack) {
  std::set<std::string> found;
  for (const std::string &write : missing)
    if (story.thrownAway.count(write) > 0 || (neverBack && story.holds(*neverBack, write)))
      found.insert(write);
  return found;
}

/// The primary crashes somewhere in the middle of its work and perhaps comes back.
StoreStory crashOnce(std::uint64_t seed, Given member, bool comesBack, bool replicaCutBefore) {
  RandomStream random(seed, "crash", "test");
  StoreLab store(2, memberWith(std::move(member)), eagerWriters, seed);
  store.lab.edit().network.links[1].delay = Duration::ms(5);
  Run run(store.lab);
  const Duration at = Duration::ms(400) + random.uniform(Duration{}, Duration::ms(600));
  if (replicaCutBefore)
    run.apply(at - Duration::ms(120), {Kind::CutLink, {}, StoreLab::cable(1), 0});
  run.apply(at, {Kind::CrashNode, NodeIndex{0}, {}, 0});
  if (replicaCutBefore)
    run.apply(at + Duration::ms(1), {Kind::RestoreLink, {}, StoreLab::cable(1), 0});
  if (comesBack)
    run.apply(at + Duration::ms(600) + msOf(random.below(200)),
              {Kind::RestartNode, NodeIndex{0}, {}, 0});
  run.until(Duration::ms(2600));
  return StoreStory(run.lines());
}

} // namespace

TEST_CASE("Asynchronously lost writes are exactly the ones that are named") {
  std::size_t lost = 0, runsWithLoss = 0;
  for (std::uint64_t seed = 1; seed <= crashes(); ++seed) {
    INFO("seed " << seed);
    const bool comesBack = seed % 3 != 0;
    const StoreStory story =
        crashOnce(seed, {{"ship_interval_ns", std::int64_t{20'000'000}}}, comesBack, false);
    REQUIRE(story.wrong.empty());
    REQUIRE(story.roles.at(1) == "primary");
    const auto missing = missingFrom(story, 1);
    REQUIRE(named(story, missing, comesBack ? std::nullopt : std::optional<std::uint32_t>{0}) ==
            missing);
    if (comesBack) {
      REQUIRE(story.logs.at(0).entries == story.logs.at(1).entries);
    }
    lost += missing.size();
    if (!missing.empty()) ++runsWithLoss;
  }
  INFO(lost << " writes lost in " << runsWithLoss << " runs");
  CHECK(runsWithLoss > crashes() / 10);
}

TEST_CASE("Synchronously nothing is lost") {
  for (std::uint64_t seed = 1; seed <= crashes(); ++seed) {
    INFO("seed " << seed);
    const std::string mode = seed % 2 == 0 ? "sync" : "semi-sync";
    const StoreStory story = crashOnce(seed, {{"mode", mode}}, seed % 3 != 0, seed % 5 == 0);
    REQUIRE(story.wrong.empty());
    REQUIRE_FALSE(story.acknowledged.empty());
    REQUIRE(missingFrom(story, 1).empty());
  }
}

TEST_CASE("A primary that falls back to asynchronous may lose what it said then") {
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const StoreStory story = crashOnce(
        seed,
        {{"mode", std::string("semi-sync")}, {"fallback_to_async_ns", std::int64_t{30'000'000}}},
        true, true);
    REQUIRE(story.wrong.empty());
    const auto missing = missingFrom(story, 1);
    REQUIRE(named(story, missing, {}) == missing);
    lost += missing.size();
  }
  REQUIRE(lost > 0);
}

namespace {

/// One random fault and its end.
void trouble(Run &run, RandomStream &random, SimTime &at) {
  at += random.uniform(Duration::ms(20), Duration::ms(700));
  const Duration when = at - SimTime::zero();
  const auto node = NodeIndex{static_cast<std::uint32_t>(random.below(3))};
  const auto cable = LinkIndex{static_cast<std::uint32_t>(random.below(3))};
  switch (random.below(8)) {
  case 0: run.apply(when, {Kind::CrashNode, node, {}, 0}); return;
  case 1: run.apply(when, {Kind::RestartNode, node, {}, 0}); return;
  case 2: run.apply(when, {Kind::PauseNode, node, {}, 0}); return;
  case 3: run.apply(when, {Kind::ResumeNode, node, {}, 0}); return;
  case 4: run.apply(when, {Kind::CutLink, {}, cable, 0}); return;
  case 5: run.apply(when, {Kind::RestoreLink, {}, cable, 0}); return;
  case 6:
    run.apply(when, {Kind::SetPartition, node, {}, static_cast<double>(random.below(3))});
    return;
  default: run.apply(when, {Kind::SetLoss, {}, cable, random.chance(0.5) ? 0.0 : 0.2}); return;
  }
}

void heal(Run &run, Duration at) {
  for (std::uint32_t i = 0; i < 3; ++i) {
    run.apply(at, {Kind::ResumeNode, NodeIndex{i}, {}, 0});
    run.apply(at, {Kind::RestartNode, NodeIndex{i}, {}, 0});
    run.apply(at, {Kind::SetPartition, NodeIndex{i}, {}, 0});
    run.apply(at, {Kind::RestoreLink, {}, LinkIndex{i}, 0});
    run.apply(at, {Kind::SetLoss, {}, LinkIndex{i}, 0});
  }
}

/// By index, what any member ever held committed there.
std::map<std::size_t, std::set<std::string>> committedAt(const std::vector<Line> &lines) {
  std::map<std::size_t, std::set<std::string>> found;
  for (const Line &l : lines) {
    if (l.record.kind != trace::RecordKind::Fact ||
        static_cast<trace::FactTopic>(l.record.detail) != trace::FactTopic::Log ||
        l.second.rfind("commit ", 0) != 0)
      continue;
    const std::size_t space = l.second.find(' ', 7);
    found[std::stoul(l.second.substr(7, space - 7))].insert(l.second.substr(space) + l.third);
  }
  return found;
}

} // namespace

TEST_CASE("With majorities, committed entries stand through any faults, and all logs meet again") {
  for (std::uint64_t seed = 1; seed <= crashes() / 4; ++seed) {
    INFO("seed " << seed);
    RandomStream random(seed, "trouble", "test");
    const bool majorities = seed % 4 != 0;
    Given client = eagerWriters;
    client["duration_ns"] = std::int64_t{9'000'000'000};
    client["think_ns"] = std::int64_t{20'000'000};
    StoreLab store(
        3,
        memberWith({{"majority", true}, {"mode", std::string(majorities ? "semi-sync" : "async")}}),
        client, seed);
    Run run(store.lab);
    SimTime at = SimTime::fromNs(300'000'000);
    while (at < SimTime::fromNs(7'000'000'000)) trouble(run, random, at);
    heal(run, Duration::ms(8000));
    run.until(Duration::ms(14'000));
    const StoreStory story(run.lines());
    REQUIRE(story.wrong.empty());
    int primaries = 0;
    for (std::uint32_t i = 0; i < 3; ++i) primaries += story.roles.at(i) == "primary" ? 1 : 0;
    REQUIRE(primaries == 1);
    REQUIRE(story.logs.at(0).entries == story.logs.at(1).entries);
    REQUIRE(story.logs.at(0).entries == story.logs.at(2).entries);
    REQUIRE(story.logs.at(0).committed == story.logs.at(0).entries.size());
    if (!majorities) continue;
    for (const auto &[index, what] : committedAt(run.lines())) REQUIRE(what.size() == 1);
    REQUIRE(missingFrom(story, 0).empty());
  }
}

} // namespace packetarium::programs
