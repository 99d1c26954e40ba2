// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/cluster_state.h"
#include "core/analysis/judgement.h"
#include "core/base/random.h"
#include "core/scenario/build.h"
#include "core/scenario/edit.h"
#include "core/session/runner.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>
#include <sstream>

/// Which acknowledged writes a quorum store has lost: told from facts, and compared with what the
/// members say they hold when the run has ended.
using namespace packetarium;
using namespace packetarium::analysis;
using Kind = world::Action::Kind;

namespace {

const std::vector<std::string> members{"ada", "ben", "cem", "dora", "emil"};

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

scenario::Scenario storeOf(const std::string &policy, int w, int keys) {
  auto loaded = scenario::loadBuiltIn("quorums");
  REQUIRE(loaded.ok());
  scenario::Scenario document = std::move(loaded).value();
  document.script.clear();
  for (scenario::Node &node : document.nodes)
    for (scenario::Program &program : node.programs) {
      if (program.kind == "quorum-store") {
        program.parameters["policy"] = policy;
        program.parameters["w"] = std::int64_t{w};
      } else if (program.kind == "kv-client") {
        program.parameters["keys"] = std::int64_t{keys};
      }
    }
  return document;
}

struct Faults {
  const scenario::BuiltScenario &built;
  world::Script script;
  void add(std::int64_t atMs, Kind kind, const std::string &node, double value = 0) {
    script.push_back({ms(atMs), {kind, built.node(node), {}, value}});
  }
  /// The others are on a side of their own.
  void part(std::int64_t atMs, const std::set<std::string> &together) {
    for (const std::string &node : members) add(atMs, Kind::SetPartition, node, 2);
    for (const std::string &node : together) add(atMs, Kind::SetPartition, node, 1);
  }
  void heal(std::int64_t atMs) {
    for (const std::string &node : members) add(atMs, Kind::SetPartition, node, 0);
    add(atMs, Kind::SetPartition, "writers", 0);
  }
};

/// A run with its facts, and what was there when it ended.
struct Ended {
  FactBook facts;
  std::shared_ptr<const world::Plan> plan;
  std::map<std::string, std::set<std::string>> held;         ///< values by key
  std::map<std::string, std::set<std::string>> written;      ///< by key, whoever knows of it
  std::map<std::string, std::set<std::string>> acknowledged; ///< by key

  std::vector<LostWrite> lost() const { return lostWrites(facts, plan->network, facts.seenUpTo()); }
  Light light() const {
    judge::Budget budget;
    budget.time = std::chrono::seconds(30);
    for (Light &l : lightsOf(facts, plan->network, "store", facts.seenUpTo(), budget))
      if (l.title == "No lost write") return l;
    return {};
  }
};

void readHeld(const session::Runner &runner, NodeIndex node, Ended &out) {
  for (const programs::Described &table : runner.world().describe(node).tables) {
    std::vector<const programs::Described *> open{&table};
    while (!open.empty()) {
      const programs::Described &row = *open.back();
      open.pop_back();
      for (const programs::Described &child : row.children) open.push_back(&child);
      if (row.name != "keys") continue;
      for (const programs::Described &key : row.children) {
        std::istringstream values(key.value);
        for (std::string word; values >> word;)
          if (word != "|") out.held[key.name].insert(word);
      }
    }
  }
}

Ended run(const scenario::Scenario &document, const std::function<void(Faults &)> &what,
          std::int64_t endMs) {
  auto built = scenario::build(document);
  REQUIRE(built.ok());
  Faults faults{*built, {}};
  what(faults);
  std::stable_sort(faults.script.begin(), faults.script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  Ended out;
  out.plan = built->plan;
  session::Runner runner(built->plan, faults.script, ms(endMs));
  trace::Trace trace;
  while (runner.knownUntil() < ms(endMs) && !runner.ended()) {
    runner.advance(ms(endMs), 1'000'000);
    for (auto &chunk : runner.takeChunks()) trace.insert(std::move(chunk));
  }
  runner.flush();
  for (auto &chunk : runner.takeChunks()) trace.insert(std::move(chunk));
  trace.setKnownUntil(ms(endMs));
  out.facts.extend(trace);
  for (const std::string &node : members) readHeld(runner, built->node(node), out);
  for (const std::uint32_t i : out.facts.of(trace::FactTopic::Operation)) {
    const FactMark &fact = out.facts.facts()[i];
    std::istringstream words{std::string(out.facts.text(fact.value))};
    std::string verb, key, value;
    words >> verb >> key >> value;
    if (verb != "write") continue;
    out.written[key].insert(value);
    if (out.facts.text(fact.name) == "ok") out.acknowledged[key].insert(value);
  }
  return out;
}

/// Of keys that were written once: acknowledged, and with nobody at the end.
std::set<std::string> naivelyLost(const Ended &ended) {
  std::set<std::string> lost;
  for (const auto &[key, values] : ended.acknowledged) {
    if (ended.written.at(key).size() != 1) continue;
    const auto held = ended.held.find(key);
    if (held == ended.held.end() || held->second.count(*values.begin()) == 0)
      lost.insert(fmt::format("write {} {}", key, *values.begin()));
  }
  return lost;
}

std::set<std::string> toldLost(const Ended &ended) {
  std::set<std::string> lost;
  for (const LostWrite &w : ended.lost()) {
    const std::string key(keyOf(w.operation));
    const std::string value = w.operation.substr(w.operation.rfind(' ') + 1);
    REQUIRE(ended.acknowledged.at(key).count(value) == 1);
    REQUIRE(w.lost >= w.acknowledged);
    REQUIRE_FALSE(w.story.empty());
    const auto held = ended.held.find(key);
    if (held != ended.held.end()) REQUIRE(held->second.count(value) == 0);
    if (ended.written.at(key).size() == 1) lost.insert(w.operation);
  }
  return lost;
}

std::size_t acknowledgedIn(const Ended &ended) {
  std::size_t count = 0;
  for (const auto &[key, values] : ended.acknowledged) count += values.size();
  return count;
}

} // namespace

TEST_CASE("Where one replica is enough, writes go with the disk of the only one that has them") {
  for (const std::string policy : {"siblings", "last-write-wins"}) {
    INFO(policy);
    const Ended ended = run(
        storeOf(policy, 1, 10000),
        [](Faults &f) {
          f.part(10'000, {"ada", "writers"});
          f.add(14'000, Kind::CrashNode, "ada");
          f.add(15'000, Kind::RestartEmpty, "ada");
          f.heal(15'000);
        },
        25'000);
    const auto naive = naivelyLost(ended);
    CHECK(naive.size() > 15);
    CHECK(toldLost(ended) == naive);
    const Light light = ended.light();
    CHECK(light.verdict == judge::Verdict::False);
    CHECK(light.since == ms(15'000)); // when it began again without them
    CAPTURE(light.why);
    CHECK(light.why.find("By then ada had it.") != std::string::npos);
    CHECK(light.why.find("ada began again without it: since then no replica holds it") !=
          std::string::npos);
  }
}

TEST_CASE("Where two replicas must have a write, one lost disk loses none") {
  const Ended ended = run(
      storeOf("siblings", 2, 10000),
      [](Faults &f) {
        f.part(10'000, {"ada", "ben", "writers"});
        f.add(14'000, Kind::CrashNode, "ada");
        f.add(15'000, Kind::RestartEmpty, "ada");
        f.heal(15'000);
      },
      25'000);
  CHECK(acknowledgedIn(ended) > 100);
  CHECK(naivelyLost(ended).empty());
  CHECK(ended.lost().empty());
  CHECK(ended.light().verdict == judge::Verdict::True);
}

TEST_CASE("Whatever happens to disks and cables, the lost writes are those that nobody holds") {
  std::size_t lost = 0, kept = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    scenario::Scenario document = storeOf(seed % 3 == 0 ? "last-write-wins" : "siblings",
                                          seed % 4 == 0 ? 2 : 1, seed % 2 == 0 ? 40 : 10000);
    document.seed = seed;
    RandomStream random(seed, "faults", "test");
    const Ended ended = run(
        document,
        [&](Faults &f) {
          for (std::int64_t at = 4'000; at < 24'000; at += 5'000) {
            const std::size_t first = random.below(2), second = random.below(members.size());
            f.part(at, {members[first], members[second], "writers"});
            const std::int64_t crash = at + static_cast<std::int64_t>(random.below(3'000));
            f.add(crash, Kind::CrashNode, members[first]);
            const bool empty = random.chance(0.7);
            f.add(crash + 500, empty ? Kind::RestartEmpty : Kind::RestartNode, members[first]);
            f.heal(at + 4'000);
          }
        },
        34'000);
    const auto naive = naivelyLost(ended);
    CHECK(toldLost(ended) == naive);
    lost += naive.size();
    kept += acknowledgedIn(ended);
  }
  INFO(lost << " of " << kept);
  CHECK(lost > 30);
  CHECK(kept > lost * 5);
}

TEST_CASE("A write is not lost while it is on the disk of one that is down") {
  const auto faults = [](bool returns) {
    return [returns](Faults &f) {
      f.part(10'000, {"ada", "writers"});
      f.add(14'000, Kind::CrashNode, "ada");
      if (returns) f.add(20'000, Kind::RestartNode, "ada");
      f.heal(15'000);
    };
  };
  CHECK(run(storeOf("siblings", 1, 10000), faults(false), 25'000).lost().empty());
  const Ended returned = run(storeOf("siblings", 1, 10000), faults(true), 25'000);
  CHECK(returned.lost().empty());
  CHECK(naivelyLost(returned).empty());
}
