// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/cluster/ring.h"
#include "tests/core/programs/quorum_lab.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace testing::quorum;
using Kind = world::Action::Kind;

constexpr std::size_t memberCount = 5;
std::uint64_t runs() { return randomRuns(200); }

Duration somewhere(RandomStream &random, std::int64_t fromMs, std::int64_t toMs) {
  return random.uniform(Duration::ms(fromMs), Duration::ms(toMs));
}

using Script = std::vector<std::pair<Duration, world::Action>>;

void addCut(Script &script, RandomStream &random, Duration at, Duration until) {
  for (std::uint32_t i = 0; i < memberCount + 2; ++i) {
    const double side = random.chance(.4) ? 2 : 1;
    script.push_back({at, {Kind::SetPartition, NodeIndex{i}, {}, side}});
    script.push_back({until, {Kind::SetPartition, NodeIndex{i}, {}, 0}});
  }
}

/// One fault that begins and ends.
void addFault(Script &script, RandomStream &random) {
  const Duration at = somewhere(random, 300, 4000);
  const Duration until = at + somewhere(random, 200, 2500);
  const NodeIndex node{static_cast<std::uint32_t>(random.below(memberCount))};
  const LinkIndex cable{static_cast<std::uint32_t>(random.below(memberCount))};
  switch (random.below(8)) {
  case 0:
    script.push_back({at, {Kind::CrashNode, node, {}, 0}});
    script.push_back({until, {Kind::RestartNode, node, {}, 0}});
    return;
  case 1: addCut(script, random, at, until); return;
  case 2:
    script.push_back({at, {Kind::CutLink, {}, cable, 0}});
    script.push_back({until, {Kind::RestoreLink, {}, cable, 0}});
    return;
  case 3:
    script.push_back({at, {Kind::SetLoss, {}, cable, 0.3}});
    script.push_back({until, {Kind::SetLoss, {}, cable, 0}});
    return;
  case 4:
    script.push_back({at, {Kind::SetDuplicate, {}, cable, 0.3}});
    script.push_back({until, {Kind::SetDuplicate, {}, cable, 0}});
    return;
  case 5:
    script.push_back({at, {Kind::SetReorder, {}, cable, 0.3}});
    script.push_back({until, {Kind::SetReorder, {}, cable, 0}});
    return;
  case 6:
    script.push_back({at, {Kind::PauseNode, node, {}, 0}});
    script.push_back({until, {Kind::ResumeNode, node, {}, 0}});
    return;
  default:
    script.push_back({at, {Kind::SetCorrupt, {}, cable, 0.2}});
    script.push_back({until, {Kind::SetCorrupt, {}, cable, 0}});
  }
}

/// Faults of all kinds for five seconds, then quiet until all is handed over.
void gothrough(Run &run, std::uint64_t seed) {
  RandomStream random(seed, "test", "faults");
  Script script;
  for (int i = 0; i < 5; ++i) addFault(script, random);
  // Whatever overlapped: in the end everything is up.
  for (std::uint32_t i = 0; i < memberCount; ++i) {
    script.push_back({Duration::seconds(7), {Kind::RestartNode, NodeIndex{i}, {}, 0}});
    script.push_back({Duration::seconds(7), {Kind::ResumeNode, NodeIndex{i}, {}, 0}});
    script.push_back({Duration::seconds(7), {Kind::RestoreLink, {}, LinkIndex{i}, 0}});
  }
  std::stable_sort(script.begin(), script.end(),
                   [](const auto &a, const auto &b) { return a.first < b.first; });
  for (const auto &[at, action] : script) run.apply(at, action);
  run.until(Duration::seconds(22));
}

Given busyClient(std::int64_t keys, double readShare) {
  return {{"keys", keys},
          {"read_share", readShare},
          {"clients", std::int64_t{2}},
          {"think_ns", std::int64_t{60'000'000}},
          {"timeout_ns", std::int64_t{800'000'000}},
          {"duration_ns", std::int64_t{6'000'000'000}}};
}

QuorumLab labOf(std::uint64_t seed, std::int64_t keys) {
  const Given member{{"policy", std::string(seed % 3 == 0 ? "last-write-wins" : "siblings")},
                     {"sloppy", seed % 4 != 0},
                     {"anti_entropy_ns", std::int64_t{400'000'000}}};
  return QuorumLab(
      memberCount, member,
      {{busyClient(keys, .4), {0, 1, 2, 3, 4}}, {busyClient(keys, .2), {3, 4, 0, 1, 2}}}, seed);
}

cluster::Ring ringOfMembers() {
  cluster::Ring ring;
  for (const char *name : {"m1", "m2", "m3", "m4", "m5"}) ring.add(name, 8);
  return ring;
}

/// What the replicas of a key hold; the same one for all, or there are several.
std::set<std::string> heldByReplicas(std::vector<std::map<std::string, std::string>> &held,
                                     const std::string &key) {
  std::set<std::string> values;
  for (const std::string &node : ringOfMembers().preference(key, 3)) {
    const auto &all = held[static_cast<std::size_t>(node[1] - '1')];
    const auto at = all.find(key);
    values.insert(at == all.end() ? "none" : at->second);
  }
  return values;
}

std::vector<std::map<std::string, std::string>> allHeld(Run &run) {
  std::vector<std::map<std::string, std::string>> held;
  for (std::size_t i = 0; i < memberCount; ++i) held.push_back(allHeldAt(run, i));
  return held;
}

} // namespace

TEST_CASE("After faults of all kinds, the replicas of each key hold the same") {
  for (std::uint64_t seed = 1; seed <= runs(); ++seed) {
    INFO("seed " << seed);
    const QuorumLab store = labOf(seed, 5);
    Run run(store.lab);
    gothrough(run, seed);
    auto held = allHeld(run);
    std::set<std::string> keys;
    for (const auto &one : held)
      for (const auto &[key, value] : one) keys.insert(key);
    CHECK(keys.size() == 5);
    for (const std::string &key : keys) {
      INFO(key);
      CHECK(heldByReplicas(held, key).size() == 1);
    }
    for (std::uint32_t i = 0; i < memberCount; ++i) CHECK(run.described(i, "hints") == "0");
  }
}

TEST_CASE("After faults of all kinds, the replicas hold every write whose client was told ok") {
  std::size_t writes = 0;
  for (std::uint64_t seed = 1; seed <= runs() / 2; ++seed) {
    INFO("seed " << seed);
    const QuorumLab store = labOf(seed, 10'000);
    Run run(store.lab);
    gothrough(run, seed);
    std::map<std::string, std::vector<Told>> byKey;
    for (const Told &told : toldBy(run))
      if (told.verb == "write" && told.how != "invoke") byKey[told.key].push_back(told);
    auto held = allHeld(run);
    for (const auto &[key, all] : byKey) {
      if (all.size() > 1 || all.front().how != "ok") continue;
      ++writes;
      INFO(key);
      CHECK(heldByReplicas(held, key) == std::set<std::string>{all.front().value});
    }
  }
  CHECK(writes > runs() * 25);
}

} // namespace packetarium::programs
