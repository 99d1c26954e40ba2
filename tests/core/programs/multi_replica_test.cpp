// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/text.h"
#include "core/programs/multi_primary/replica.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace packetarium;
using namespace packetarium::programs::multi;
using cluster::ConflictPolicy;
using cluster::DataType;
using cluster::Dot;

namespace {

constexpr int members = 3;

std::string memberName(int i) { return std::string(1, static_cast<char>('a' + i)); }

/// A write as the models know it: with everything that its writer had heard of, spelt out.
struct Known {
  Write write;
  std::set<Dot> seen;
};

/// Three members without a network: writes, and deliveries that come late, twice, in batches and
/// from anybody.
struct Town {
  Town(DataType type, ConflictPolicy policy)
      : replicas(members, Replica(type, policy)), heard(members) {}

  std::vector<Replica> replicas;
  std::vector<std::set<Dot>> heard;
  std::map<Dot, Known> all;
  std::vector<Meeting> meetings;

  void settle(int at) {
    for (Meeting &m : replicas[static_cast<std::size_t>(at)].settle())
      meetings.push_back(std::move(m));
  }

  bool write(int at, const Wanted &wanted, SimTime stamp) {
    const auto i = static_cast<std::size_t>(at);
    const auto made = replicas[i].accept(memberName(at), wanted, stamp);
    if (!made) return false;
    settle(at);
    all[made->dot] = {*made, heard[i]};
    heard[i].insert(made->dot);
    return true;
  }

  /// Some writes of one member's log come from another one that has them.
  void deliver(int to, int from, int of, std::uint64_t first, std::uint64_t count) {
    Replica &target = replicas[static_cast<std::size_t>(to)];
    const Replica &source = replicas[static_cast<std::size_t>(from)];
    const std::uint64_t last = source.heard().at(memberName(of));
    for (std::uint64_t n = first; n <= std::min(last, first + count); ++n) {
      const Write w = source.write(memberName(of), n);
      if (target.apply(w)) heard[static_cast<std::size_t>(to)].insert(w.dot);
    }
    settle(to);
  }

  void deliverEverything() {
    for (int round = 0; round < members; ++round)
      for (int to = 0; to < members; ++to)
        for (int from = 0; from < members; ++from)
          for (int of = 0; of < members; ++of) deliver(to, from, of, 1, 1000);
  }
};

Wanted someWish(DataType type, ConflictPolicy policy, int number) {
  const std::string key = *rc::gen::elementOf(std::vector<std::string>{"cart", "views"});
  const int kind = *rc::gen::inRange(0, 5);
  const std::string element(1, static_cast<char>('p' + *rc::gen::inRange(0, 4)));
  if (type == DataType::Register)
    return kind == 0 ? Wanted{"remove", key, {}, {}, {}}
                     : Wanted{"write", key, std::to_string(number), {}, {}};
  if (kind == 0) return {"remove", key, {}, {}, {}};
  if (type == DataType::Counter)
    return {"add", key, std::to_string(*rc::gen::inRange(-3, 6)), {}, {}};
  if (kind == 1 && policy != ConflictPolicy::Merge) return {"write", key, "p,q", {}, {}};
  return {kind < 3 ? "remove" : "add", key, element, {}, {}};
}

void live(Town &town, DataType type, ConflictPolicy policy) {
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const int at = *rc::gen::inRange(0, members);
    if (*rc::gen::inRange(0, 2) == 0) {
      // Clocks disagree, and sometimes agree to the nanosecond.
      town.write(at, someWish(type, policy, i), SimTime::fromNs(i + *rc::gen::inRange(-5, 6)));
    } else {
      const auto first = static_cast<std::uint64_t>(*rc::gen::inRange(1, 6));
      town.deliver(at, *rc::gen::inRange(0, members), *rc::gen::inRange(0, members), first,
                   static_cast<std::uint64_t>(*rc::gen::inRange(0, 5)));
    }
  }
}

bool later(const Write &a, const Write &b) {
  return std::pair(a.stamp, a.dot) > std::pair(b.stamp, b.dot);
}

/// The writes of a key in the order of (time stamp, member), which is all that the model knows.
std::vector<const Known *> sortedWrites(const Town &town, const std::string &key) {
  std::vector<const Known *> sorted;
  for (const auto &[dot, known] : town.all)
    if (known.write.key == key) sorted.push_back(&known);
  std::sort(sorted.begin(), sorted.end(),
            [](const Known *a, const Known *b) { return later(b->write, a->write); });
  return sorted;
}

} // namespace

TEST_CASE("Members that have heard the same hold the same, under every policy and type") {
  for (const auto type : {DataType::Register, DataType::Counter, DataType::Set})
    for (const auto policy :
         {ConflictPolicy::LastWriteWins, ConflictPolicy::Merge, ConflictPolicy::Application}) {
      INFO(name(type) << " " << name(policy));
      CHECK(rc::check([type, policy] {
        Town town(type, policy);
        live(town, type, policy);
        town.deliverEverything();
        for (const Replica &r : town.replicas) {
          RC_ASSERT(r.heard() == town.replicas.front().heard());
          for (const std::string &key : {"cart", "views"})
            RC_ASSERT(r.read(key) == town.replicas.front().read(key));
          RC_ASSERT(r.lost().size() == town.replicas.front().lost().size());
        }
      }));
    }
}

TEST_CASE("Last write wins keeps and loses what a list sorted by stamp and member does") {
  CHECK(rc::check([] {
    Town town(DataType::Register, ConflictPolicy::LastWriteWins);
    live(town, DataType::Register, ConflictPolicy::LastWriteWins);
    town.deliverEverything();
    std::set<Dot> lost;
    for (const std::string &key : {"cart", "views"}) {
      const auto sorted = sortedWrites(town, key);
      // A write goes in peace when somebody who read it (as the top of all that they had heard of)
      // wrote above it; the top of all stays; the rest is lost.
      std::set<Dot> inPeace;
      for (std::size_t x = 0; x < sorted.size(); ++x) {
        const Known *read = nullptr;
        for (std::size_t i = 0; i < sorted.size(); ++i)
          if (sorted[x]->seen.contains(sorted[i]->write.dot)) read = sorted[i];
        if (read && later(sorted[x]->write, read->write)) inPeace.insert(read->write.dot);
      }
      for (std::size_t i = 0; i + 1 < sorted.size(); ++i)
        if (!inPeace.contains(sorted[i]->write.dot)) lost.insert(sorted[i]->write.dot);
      if (!sorted.empty())
        RC_ASSERT(town.replicas[0].read(key).front() == sorted.back()->write.result);
    }
    for (const Replica &r : town.replicas) {
      std::set<Dot> told;
      for (const auto &one : r.lost()) told.insert(one.dot);
      RC_ASSERT(told == lost);
      RC_ASSERT(r.lostCount() == lost.size());
    }
    // Each of them was told when it happened.
    std::set<Dot> toldAtOnce;
    for (const Meeting &m : town.meetings)
      for (const auto &one : m.outcome->lost) toldAtOnce.insert(one.dot);
    RC_ASSERT(std::includes(toldAtOnce.begin(), toldAtOnce.end(), lost.begin(), lost.end()));
  }));
}

TEST_CASE("Merged counters lose nothing: the value is the sum of all that was added") {
  CHECK(rc::check([] {
    Town town(DataType::Counter, ConflictPolicy::Merge);
    live(town, DataType::Counter, ConflictPolicy::Merge);
    town.deliverEverything();
    std::map<std::string, std::int64_t> sums;
    for (const auto &[dot, known] : town.all)
      sums[known.write.key] += *cluster::signedOf(*known.write.argument);
    for (const auto &[key, sum] : sums)
      RC_ASSERT(*town.replicas[1].read(key).front() == std::to_string(sum));
    for (const Meeting &m : town.meetings) RC_ASSERT(m.outcome->lost.empty());
    RC_ASSERT(town.replicas[0].lostCount() == 0U);
  }));
}

TEST_CASE("Merged sets hold what tagged additions and observed removals leave") {
  CHECK(rc::check([] {
    Town town(DataType::Set, ConflictPolicy::Merge);
    live(town, DataType::Set, ConflictPolicy::Merge);
    town.deliverEverything();
    for (const std::string &key : {"cart", "views"}) {
      std::set<std::string> left;
      for (const Known *added : sortedWrites(town, key)) {
        if (added->write.verb != "add") continue;
        bool removed = false;
        for (const Known *other : sortedWrites(town, key))
          removed = removed ||
                    (other->write.verb == "remove" && other->seen.contains(added->write.dot) &&
                     (!other->write.argument || *other->write.argument == *added->write.argument));
        if (!removed) left.insert(*added->write.argument);
      }
      const auto held = town.replicas[2].read(key).front();
      RC_ASSERT(held.value_or("") == cluster::valueOfSet({left.begin(), left.end()}));
    }
    for (const Meeting &m : town.meetings) RC_ASSERT(m.outcome->lost.empty());
  }));
}

TEST_CASE("What a conflict's versions say merges to what the member then holds") {
  for (const auto type : {DataType::Counter, DataType::Set})
    CHECK(rc::check([type] {
      Town town(type, ConflictPolicy::Merge);
      const int count = *rc::gen::inRange(1, 6);
      for (int i = 0; i < count; ++i) {
        town.write(0, someWish(type, ConflictPolicy::Merge, i), SimTime::fromNs(i));
        town.write(1, someWish(type, ConflictPolicy::Merge, i), SimTime::fromNs(i));
      }
      town.meetings.clear();
      town.deliver(0, 1, 1, 1, 1000);
      for (const Meeting &m : town.meetings) {
        RC_ASSERT(m.versions.size() == 2U);
        RC_ASSERT(m.outcome->values == town.replicas[0].read(m.key));
        const auto back = cluster::parseVersions(text(m.versions));
        RC_ASSERT(back.ok());
        RC_ASSERT(*back == m.versions);
      }
    }));
}

TEST_CASE("The application gets the versions that did not know of each other until it writes one") {
  Town town(DataType::Register, ConflictPolicy::Application);
  REQUIRE(town.write(0, {"write", "cart", "one", {}, {}}, SimTime::fromNs(1)));
  REQUIRE(town.write(1, {"write", "cart", "two", {}, {}}, SimTime::fromNs(2)));
  town.deliverEverything();
  const std::vector<std::optional<std::string>> both{"one", "two"};
  for (const Replica &r : town.replicas) CHECK(r.read("cart") == both);
  REQUIRE(town.write(2, {"write", "cart", "blind", {}, {}}, SimTime::fromNs(3)));
  CHECK(town.replicas[2].read("cart").size() == 3);
  const auto context = town.replicas[2].heard();
  REQUIRE(town.write(2, {"write", "cart", "both", context, {}}, SimTime::fromNs(4)));
  town.deliverEverything();
  for (const Replica &r : town.replicas)
    CHECK(r.read("cart") == std::vector<std::optional<std::string>>{"both"});
  for (const Meeting &m : town.meetings)
    if (m.outcome) CHECK(m.outcome->lost.empty());
}

TEST_CASE("A register that merges keeps two values side by side and loses none") {
  Town town(DataType::Register, ConflictPolicy::Merge);
  town.write(0, {"write", "cart", "one", {}, {}}, SimTime::fromNs(1));
  town.write(1, {"write", "cart", "two", {}, {}}, SimTime::fromNs(2));
  town.deliverEverything();
  CHECK(town.replicas[0].read("cart").size() == 2);
  town.write(0, {"write", "cart", "three", {}, {}}, SimTime::fromNs(3));
  town.deliverEverything();
  CHECK(town.replicas[1].read("cart").size() == 1);
}

TEST_CASE("A request that is tried again is the same write") {
  Replica r(DataType::Counter, ConflictPolicy::Merge);
  const auto made = r.accept("a", {"add", "views", "1", {}, "client 7"}, SimTime::fromNs(1));
  REQUIRE(made.ok());
  CHECK(r.doneAs("client 7") == made->dot);
  CHECK_FALSE(r.doneAs("client 8").has_value());
  CHECK_FALSE(r.doneAs("").has_value());
}

TEST_CASE("A merged counter counts a request once, however many members took an attempt of it") {
  CHECK(rc::check([] {
    Town town(DataType::Counter, ConflictPolicy::Merge);
    std::map<std::string, std::int64_t> sums;
    const int requests = *rc::gen::inRange(1, 20);
    for (int i = 0; i < requests; ++i) {
      const std::string key = *rc::gen::elementOf(std::vector<std::string>{"cart", "views"});
      const std::int64_t by = *rc::gen::inRange(-3, 6);
      const std::string once = "client-" + std::to_string(i % 3) + " " + std::to_string(i);
      const int attempts = *rc::gen::inRange(1, 4);
      for (int attempt = 0; attempt < attempts; ++attempt) {
        const int at = *rc::gen::inRange(0, members);
        // The member's program looks first whether it has heard of an attempt.
        if (!town.replicas[static_cast<std::size_t>(at)].doneAs(once))
          town.write(at, {"add", key, std::to_string(by), {}, once}, SimTime::fromNs(i));
        const int to = *rc::gen::inRange(0, members);
        const int from = *rc::gen::inRange(0, members);
        town.deliver(to, from, *rc::gen::inRange(0, members), 1,
                     static_cast<std::uint64_t>(*rc::gen::inRange(0, 6)));
      }
      sums[key] += by;
    }
    town.deliverEverything();
    for (const auto &[key, sum] : sums)
      for (const Replica &replica : town.replicas)
        RC_ASSERT(replica.read(key).front() == std::to_string(sum));
    for (const Meeting &meeting : town.meetings)
      RC_ASSERT(meeting.outcome && meeting.outcome->lost.empty());
  }));
}

TEST_CASE("A counter that was set to nothing between two attempts stays so") {
  Town town(DataType::Counter, ConflictPolicy::Merge);
  town.write(0, {"add", "views", "5", {}, "client 1"}, SimTime::fromNs(1));
  town.write(0, {"remove", "views", {}, {}, {}}, SimTime::fromNs(2));
  town.write(1, {"add", "views", "5", {}, "client 1"}, SimTime::fromNs(3));
  CHECK(town.replicas[1].read("views").front() == "5");
  town.deliverEverything();
  for (const Replica &replica : town.replicas) CHECK(replica.read("views").front() == "0");
}

TEST_CASE("Elsewhere a retry at a member that has not heard of the first attempt writes again") {
  // Last write wins: "two" was written over "one", and loses to the second attempt of "one".
  Town last(DataType::Register, ConflictPolicy::LastWriteWins);
  last.write(0, {"write", "cart", "one", {}, "client-1 7"}, SimTime::fromNs(1));
  last.write(0, {"write", "cart", "two", {}, "client-2 1"}, SimTime::fromNs(2));
  last.write(1, {"write", "cart", "one", {}, "client-1 7"}, SimTime::fromNs(3));
  last.deliverEverything();
  CHECK(last.replicas[2].read("cart").front() == "one");
  CHECK(last.replicas[2].lostCount() == 1);

  // A merged register: both attempts stand side by side until somebody writes who has read both.
  Town several(DataType::Register, ConflictPolicy::Merge);
  several.write(0, {"write", "cart", "one", {}, "client-1 7"}, SimTime::fromNs(1));
  several.write(1, {"write", "cart", "one", {}, "client-1 7"}, SimTime::fromNs(3));
  several.deliverEverything();
  CHECK(several.replicas[2].read("cart").size() == 2);

  // A merged set: whoever removed the element had seen one attempt of its addition.
  Town set(DataType::Set, ConflictPolicy::Merge);
  set.write(0, {"add", "cart", "pen", {}, "client-1 7"}, SimTime::fromNs(1));
  set.write(0, {"remove", "cart", "pen", {}, "client-2 1"}, SimTime::fromNs(2));
  set.write(1, {"add", "cart", "pen", {}, "client-1 7"}, SimTime::fromNs(3));
  set.deliverEverything();
  CHECK(set.replicas[2].read("cart").front() == "pen");

  // The member that took the first attempt knows it again, under every policy.
  CHECK(last.replicas[0].doneAs("client-2 1").has_value());
}

TEST_CASE("A write reads back from its message, and one that saw itself is refused") {
  const Write w{{"a", 3},
                SimTime::fromNs(-5),
                *cluster::VersionVector::parse("a:2,b:9"),
                "add",
                "cart",
                "milk and honey",
                "tea",
                std::nullopt,
                Dot{"b", 2},
                "client 7"};
  CHECK(writeOf(messageOf(w)) == w);
  Write itself = w;
  itself.seen.add({"a", 3});
  CHECK_FALSE(writeOf(messageOf(itself)).has_value());
  CHECK_FALSE(writeOf(wire::cluster::Message("write")).has_value());
}

TEST_CASE("What makes no sense for the type is refused") {
  const auto refused = [](DataType type, ConflictPolicy policy, Wanted wanted) {
    Replica r(type, policy);
    return !r.accept("a", wanted, SimTime::zero()).ok();
  };
  CHECK(refused(DataType::Counter, ConflictPolicy::Merge, {"write", "k", "5", {}, {}}));
  CHECK(refused(DataType::Counter, ConflictPolicy::LastWriteWins, {"add", "k", "x", {}, {}}));
  CHECK(refused(DataType::Register, ConflictPolicy::Merge, {"add", "k", "5", {}, {}}));
  CHECK(refused(DataType::Set, ConflictPolicy::Merge, {"add", "k", "a,b", {}, {}}));
  CHECK(refused(DataType::Register, ConflictPolicy::Merge, {"write", "", "5", {}, {}}));
  CHECK(refused(DataType::Register, ConflictPolicy::Merge, {"write", "k", {}, {}, {}}));
  CHECK_FALSE(
      refused(DataType::Counter, ConflictPolicy::LastWriteWins, {"write", "k", "5", {}, {}}));
}
