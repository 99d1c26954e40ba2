// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/crdt.h"
#include "core/cluster/merge.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace packetarium;
using namespace packetarium::cluster;

namespace {

Version version(const std::string &dot, const std::string &seen, std::int64_t ms,
                const std::string &value) {
  return {*Dot::parse(dot),
          *VersionVector::parse(seen),
          SimTime::zero() + Duration::ms(ms),
          1,
          DataType::Register,
          "write cart " + value,
          {},
          value};
}

std::set<std::string> namesOf(const std::vector<LostWrite> &lost) {
  std::set<std::string> names;
  for (const LostWrite &one : lost) names.insert(one.dot.text());
  return names;
}

/// Writes to one key at three members that sometimes hear each other, with clocks that differ.
std::vector<Version> someHistory() {
  std::vector<VersionVector> known(3);
  std::vector<Version> all;
  const auto count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, 3));
    if (*rc::gen::inRange(0, 3) == 0)
      known[at].merge(known[static_cast<std::size_t>(*rc::gen::inRange(0, 3))]);
    Version v = version("a:1", "", *rc::gen::inRange(0, 6), std::to_string(i));
    v.dot = known[at].next(std::string(1, static_cast<char>('a' + at)));
    v.seen = known[at];
    known[at].add(v.dot);
    all.push_back(v);
  }
  return all;
}

} // namespace

TEST_CASE("Last write wins loses what a sorted list of all writes loses") {
  CHECK(rc::check([] {
    const auto history = someHistory();
    auto sorted = history;
    std::sort(sorted.begin(), sorted.end(), [](const Version &a, const Version &b) {
      return std::pair(a.stamp, a.dot) < std::pair(b.stamp, b.dot);
    });
    // A write goes in peace when one further up the list knew it; the top stays; the rest is lost.
    std::set<std::string> lost;
    for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
      bool known = false;
      for (std::size_t j = i + 1; j < sorted.size(); ++j)
        known = known || sorted[i].dot.count <= sorted[j].seen.at(sorted[i].dot.member);
      if (!known) lost.insert(sorted[i].dot.text());
    }
    const Outcome outcome = resolve(ConflictPolicy::LastWriteWins, history);
    RC_ASSERT(outcome.values == std::vector{sorted.back().value});
    RC_ASSERT(namesOf(outcome.lost) == lost);
  }));
}

TEST_CASE("What is left under each policy is what the data types hold") {
  CHECK(rc::check([] {
    const auto history = someHistory();
    LastWriteRegister last;
    MultiValueRegister several;
    for (const Version &v : history) {
      last.write(v.stamp, v.dot, v.value);
      several.write(v.dot, v.value, v.seen);
    }
    RC_ASSERT(resolve(ConflictPolicy::LastWriteWins, history).values == std::vector{last.value()});
    for (const auto policy : {ConflictPolicy::Merge, ConflictPolicy::Application}) {
      const Outcome outcome = resolve(policy, history);
      std::set<std::string> kept, held;
      for (const Dot &dot : outcome.kept) kept.insert(dot.text());
      for (const auto &[dot, value] : several.versions()) held.insert(dot.text());
      RC_ASSERT(kept == held);
      RC_ASSERT(outcome.lost.empty());
    }
  }));
}

TEST_CASE("An outcome does not depend on the order in which versions are told") {
  CHECK(rc::check([] {
    auto history = someHistory();
    for (const auto policy :
         {ConflictPolicy::LastWriteWins, ConflictPolicy::Merge, ConflictPolicy::Application}) {
      const Outcome outcome = resolve(policy, history);
      std::reverse(history.begin(), history.end());
      RC_ASSERT(resolve(policy, history) == outcome);
    }
  }));
}

TEST_CASE("Two counts that did not know of each other add up when merged, and one is lost else") {
  Version here = version("a:9", "a:6,b:4", 900, "12"),
          there = version("b:6", "a:6,b:4", 1000, "14");
  for (Version *v : {&here, &there}) {
    v->type = DataType::Counter;
    v->before = "10";
  }
  here.writes = 2;
  here.operation = "add views 2";
  CHECK(resolve(ConflictPolicy::Merge, {here, there}).values.front() == "16");
  CHECK(resolve(ConflictPolicy::Merge, {here, there}).lost.empty());
  const Outcome last = resolve(ConflictPolicy::LastWriteWins, {here, there});
  CHECK(last.values.front() == "14");
  REQUIRE(last.lost.size() == 1);
  CHECK(last.lost.front() ==
        LostWrite{{"a", 9}, 2, "add views 2", "it is stamped 100 ms before b:6"});
  CHECK(resolve(ConflictPolicy::Application, {here, there}).values.size() == 2);
}

TEST_CASE("Of two sets each addition is in, each removal out, and an addition beats a removal") {
  Version here = version("a:9", "b:4", 900, "eggs,milk"), there = version("b:6", "b:4", 950, "tea");
  here.type = there.type = DataType::Set;
  here.before = there.before = "milk,tea";
  here.operation = "add cart milk; add cart eggs; remove cart tea";
  there.operation = "remove cart milk";
  CHECK(resolve(ConflictPolicy::Merge, {here, there}).values.front() == "eggs,milk");
  CHECK(resolve(ConflictPolicy::LastWriteWins, {here, there}).values.front() == "tea");
}

TEST_CASE("A newer write with an older stamp is lost, and it says whose clock is behind") {
  const Version held = version("a:1", "", 5000, "old");
  const Version newer = version("b:1", "a:1", 4600, "new");
  const Outcome outcome = resolve(ConflictPolicy::LastWriteWins, {newer, held});
  CHECK(outcome.values.front() == "old");
  REQUIRE(outcome.lost.size() == 1);
  CHECK(outcome.lost.front().why ==
        "it is newer, but its member's clock is behind: it is stamped 400 ms before a:1");
  CHECK(resolve(ConflictPolicy::Merge, {newer, held}).values.front() == "new");
}

TEST_CASE("Versions and outcomes read back from their text, and noise is refused") {
  CHECK(rc::check([] {
    auto history = someHistory();
    history.front().operation = "write cart " + *rc::gen::arbitrary<std::string>();
    history.front().value = *rc::gen::arbitrary<std::string>();
    history.back().value.reset();
    const auto back = parseVersions(text(history));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == history);
    const Outcome outcome = resolve(ConflictPolicy::LastWriteWins, history);
    const auto merged = parseMerged(text(outcome));
    RC_ASSERT(merged.ok());
    RC_ASSERT(merged->lost == outcome.lost);
    RC_ASSERT(merged->story == outcome.story);
  }));
  for (const char *bad : {"", "a:1", "a:1 seen= at=x type=register", "a:1 seen= at=1 type=tree",
                          "a:1 seen= at=1 type=set writes=0", "a:1 at=1 at=2 type=set",
                          "a:1 seen= at=1 type=set value=%4", "a:1 seen= at=1 type=set\n\n"})
    CHECK_FALSE(parseVersions(bad).ok());
  CHECK_FALSE(parseMerged("kept\nfound b:1").ok());
}
