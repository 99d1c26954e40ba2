// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/cluster_state.h"
#include "core/base/random.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using trace::FactTopic;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

net::Blueprint members() {
  net::Blueprint network;
  for (const char *name : {"client", "A", "B", "C"}) {
    net::NodeSpec node;
    node.id = name;
    network.nodes.push_back(node);
  }
  return network;
}

/// Tells facts of a service "store", one a millisecond.
struct Teller {
  fixture::TraceBuilder builder{4};
  std::int64_t now = 0;
  SimTime next() { return ms(++now); }
  trace::Sequence role(std::uint32_t node, std::string_view role) {
    return builder.fact(next(), node, FactTopic::Role, "store", role, "because");
  }
  trace::Sequence log(std::uint32_t node, std::string_view change, std::string_view op = {}) {
    return builder.fact(next(), node, FactTopic::Log, "store", change, op);
  }
  trace::Sequence ok(std::string_view op, int number) {
    return builder.fact(next(), 0, FactTopic::Operation, "ok", op,
                        fmt::format("client-1 {} store", number));
  }
  trace::Sequence crash(std::uint32_t node) {
    return builder.health(next(), node, trace::NodeHealth::Crashed);
  }
  FactBook book() {
    FactBook facts;
    facts.extend(builder.take());
    return facts;
  }
};

constexpr trace::Sequence all = ~trace::Sequence{0};

const LogView &logOf(const ClusterState &state, std::uint32_t node) {
  const auto at = std::find_if(state.logs.begin(), state.logs.end(),
                               [&](const LogView &l) { return l.node == node; });
  REQUIRE(at != state.logs.end());
  return *at;
}

/// A primary (1) takes three writes; the replica (2) gets the first alone, and takes over.
Teller lostTail() {
  Teller t;
  t.role(1, "primary");
  t.role(2, "replica");
  for (int i = 1; i <= 3; ++i) {
    const std::string op = fmt::format("write cart {}", i);
    t.log(1, fmt::format("append {} 1", i), op);
    if (i == 1) t.log(2, "append 1 1", op);
    t.log(1, fmt::format("acknowledge {} 1", i), op);
    t.ok(op, i);
  }
  t.log(1, "commit 3 1");
  t.crash(1);
  t.role(2, "primary");
  t.log(2, "append 2 2", "write cart 9");
  return t;
}

} // namespace

TEST_CASE("Texts of facts about services are read") {
  const auto change = logChange("append 7 2");
  REQUIRE(change);
  CHECK(change->what == LogChange::What::Append);
  CHECK(change->index == 7);
  CHECK(change->epoch == 2);
  CHECK(logChange("truncate 3")->what == LogChange::What::Truncate);
  CHECK_FALSE(logChange("append"));
  CHECK_FALSE(logChange("grow 1 2"));
  const auto of = operationOf("client-1 17 my store");
  REQUIRE(of);
  CHECK(of->process == "client-1");
  CHECK(of->number == 17);
  CHECK(of->service == "my store");
  CHECK(isWrite("add views 1"));
  CHECK_FALSE(isWrite("read cart -"));
  CHECK(keyOf("write cart 17") == "cart");
}

TEST_CASE("A role holds until another is told, or its node crashes") {
  Teller t;
  const auto first = t.role(1, "active");
  const auto second = t.role(2, "standby");
  const auto third = t.crash(1);
  const auto fourth = t.role(2, "active");
  const FactBook facts = t.book();
  CHECK(rolesAt(facts, first).size() == 1);
  CHECK(rolesAt(facts, second)[0].role == "active");
  CHECK(rolesAt(facts, third)[0].role == "down");
  CHECK(rolesAt(facts, third)[0].record == third);
  CHECK(rolesAt(facts, fourth)[1].role == "active");
  CHECK(rolesAt(facts, fourth)[1].why == "because");
}

TEST_CASE("A log shows what it holds, what it lacks and what it threw away") {
  Teller t = lostTail();
  const auto before = static_cast<trace::Sequence>(t.now);
  t.role(1, "replica");
  t.log(1, "truncate 2 1");
  t.log(1, "append 2 2", "write cart 9");
  const FactBook facts = t.book();
  const ClusterState old = clusterState(facts, members(), before);
  CHECK(logOf(old, 2).last == 2);
  CHECK(logOf(old, 2).lag == 0);
  REQUIRE(logOf(old, 1).entries.size() == 3);
  CHECK_FALSE(logOf(old, 1).entries[0].divergent);
  CHECK(logOf(old, 1).entries[1].divergent);
  CHECK(logOf(old, 1).entries[2].divergent);
  CHECK(logOf(old, 1).entries[2].acknowledged);
  CHECK(logOf(old, 1).committed == 3);
  const LogView now = logOf(clusterState(facts, members(), all), 1);
  REQUIRE(now.entries.size() == 4);
  CHECK(now.last == 2);
  CHECK(now.entries[1].thrownAway);
  CHECK(now.entries[1].operation == "write cart 2");
  CHECK(now.entries[2].operation == "write cart 9");
  CHECK(now.entries[2].epoch == 2);
  CHECK_FALSE(now.entries[2].thrownAway);
  CHECK(now.entries[3].thrownAway);
  for (const LogEntryView &e : now.entries) CHECK_FALSE(e.divergent);
}

TEST_CASE("A member that starts again and tells its log anew has thrown away only what is gone") {
  Teller t;
  for (int i = 1; i <= 4; ++i)
    t.log(1, fmt::format("append {} 1", i), fmt::format("write k {}", i));
  t.crash(1);
  for (int i = 1; i <= 2; ++i)
    t.log(1, fmt::format("append {} 1", i), fmt::format("write k {}", i));
  const LogView log = logOf(clusterState(t.book(), members(), all), 1);
  REQUIRE(log.entries.size() == 4);
  CHECK(log.last == 2);
  CHECK_FALSE(log.entries[1].thrownAway);
  CHECK(log.entries[2].thrownAway);
  CHECK(log.entries[3].thrownAway);
}

TEST_CASE("Of a long log the last entries are shown") {
  Teller t;
  for (int i = 1; i <= 1000; ++i) t.log(1, fmt::format("append {} 1", i), "write k v");
  const LogView log = logOf(clusterState(t.book(), members(), all, 16), 1);
  CHECK(log.entries.size() == 16);
  CHECK(log.first == 985);
  CHECK(log.last == 1000);
}

TEST_CASE("Writes that were acknowledged and that the new primary lacks are lost, with a story") {
  Teller t = lostTail();
  const auto unreturned = static_cast<trace::Sequence>(t.now);
  t.log(1, "truncate 2 1");
  const FactBook facts = t.book();
  for (const trace::Sequence upTo : {unreturned, all}) {
    const auto lost = lostWrites(facts, members(), upTo);
    REQUIRE(lost.size() == 2);
    CHECK(lost[0].operation == "write cart 2");
    CHECK(lost[1].operation == "write cart 3");
    CHECK(lost[0].client == "client-1");
    CHECK(lost[0].service == "store");
    CHECK(lost[0].node == 1);
    CHECK(lost[0].index == 2);
    CHECK(lost[0].epoch == 1);
    CHECK((lost[0].lost != 0) == (upTo == all));
    CHECK(lost[0].story.find("with A alone") != std::string::npos);
    CHECK(lost[0].story.find("B took over without it.") != std::string::npos);
  }
}

TEST_CASE("Nothing is lost while the primary that acknowledged serves") {
  Teller t;
  t.role(1, "primary");
  t.log(1, "append 1 1", "write k 1");
  t.log(1, "acknowledge 1 1", "write k 1");
  t.ok("write k 1", 1);
  t.ok("read k 1", 2);
  CHECK(lostWrites(t.book(), members(), all).empty());
}

TEST_CASE("Lost writes are those that a naive comparison finds, in random histories") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    RandomStream random(seed, "trial", "lost");
    Teller t;
    // Two members take turns as primary; each copy of an entry may or may not get across.
    std::vector<std::pair<int, std::string>> logs[3];
    std::uint32_t primary = 1;
    int epoch = 1, number = 0;
    std::multiset<std::string> acknowledged;
    t.role(1, "primary");
    t.role(2, "replica");
    const std::uint64_t steps = 10 + random.below(60);
    for (std::uint64_t i = 0; i < steps; ++i) {
      auto &mine = logs[primary], &theirs = logs[3 - primary];
      const std::uint64_t choice = random.below(10);
      if (choice < 5) {
        const std::string op = fmt::format("write k{} {}", random.below(2), random.below(6));
        mine.emplace_back(epoch, op);
        t.log(primary, fmt::format("append {} {}", mine.size(), epoch), op);
        if (random.below(4) != 0) {
          t.log(primary, fmt::format("acknowledge {} {}", mine.size(), epoch), op);
          t.ok(op, ++number);
          acknowledged.insert(op);
        }
      } else if (choice < 9) {
        std::size_t same = 0;
        while (same < mine.size() && same < theirs.size() && mine[same] == theirs[same]) ++same;
        if (same < theirs.size()) {
          theirs.resize(same);
          t.log(3 - primary, fmt::format("truncate {} {}", same + 1, epoch));
        }
        if (same < mine.size()) {
          theirs.push_back(mine[same]);
          t.log(3 - primary, fmt::format("append {} {}", same + 1, mine[same].first),
                mine[same].second);
        }
      } else {
        t.crash(primary);
        primary = 3 - primary;
        ++epoch;
        t.role(primary, "primary");
        auto &now = logs[primary];
        now.emplace_back(epoch, "begin");
        t.log(primary, fmt::format("append {} {}", now.size(), epoch), "begin");
      }
    }
    std::multiset<std::string> missing = acknowledged;
    for (const auto &[e, op] : logs[primary])
      if (const auto at = missing.find(op); at != missing.end()) missing.erase(at);
    std::multiset<std::string> told;
    for (const LostWrite &w : lostWrites(t.book(), members(), all)) told.insert(w.operation);
    REQUIRE(told == missing);
  }
}

TEST_CASE(
    "Machines are paid for while they serve and while they stand by, not while they are down") {
  fixture::TraceBuilder b(4);
  b.fact(ms(0), 1, FactTopic::Role, "store", "active");
  b.fact(ms(0), 2, FactTopic::Role, "store", "standby");
  b.health(ms(400), 1, trace::NodeHealth::Crashed);
  b.fact(ms(500), 2, FactTopic::Role, "store", "active");
  FactBook facts;
  facts.extend(b.take());
  const auto shares = machineShares(facts, all, ms(1000));
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].active == Duration::ms(400));
  CHECK(shares[0].idle == Duration{});
  CHECK(shares[1].active == Duration::ms(500));
  CHECK(shares[1].idle == Duration::ms(500));
}

TEST_CASE("Held addresses and conflicts are those of the cursor") {
  fixture::TraceBuilder b(4);
  const auto hold = [&](int at, std::uint32_t node, std::uint16_t taken) {
    trace::Record r = fixture::TraceBuilder::record(trace::RecordKind::AddressHeld, ms(at));
    r.node = node;
    r.detail = taken;
    r.args = {0x0a000009, 0x00005e000101ULL, 0, 0};
    return b.append(r);
  };
  const auto first = hold(1, 1, 1);
  const auto gone = hold(2, 1, 0);
  hold(3, 2, 1);
  const auto conflict = b.fact(ms(4), 1, FactTopic::Conflict, "store", "cart", "a\nb");
  b.fact(ms(5), 1, FactTopic::Merged, "store", "cart", "kept a, lost b");
  FactBook facts;
  facts.extend(b.take());
  CHECK(clusterState(facts, members(), first).addresses.size() == 1);
  CHECK(clusterState(facts, members(), gone).addresses.empty());
  const ClusterState now = clusterState(facts, members(), all);
  REQUIRE(now.addresses.size() == 1);
  CHECK(now.addresses[0].node == 2);
  CHECK(now.addresses[0].address.text() == "10.0.0.9");
  REQUIRE(now.conflicts.size() == 1);
  CHECK(now.conflicts[0].versions == "a\nb");
  CHECK(now.conflicts[0].merged == "kept a, lost b");
  CHECK(clusterState(facts, members(), conflict).conflicts[0].merged.empty());
}

TEST_CASE("A book that forgets what an edit made stale is as one that never knew it") {
  Teller whole = lostTail();
  const auto cut = static_cast<trace::Sequence>(whole.now / 2);
  FactBook facts = whole.book();
  facts.truncate(cut + 1);
  const FactBook fresh = [&] {
    FactBook book = lostTail().book();
    book.truncate(cut + 1);
    return book;
  }();
  const ClusterState a = clusterState(facts, members(), all);
  const ClusterState b = clusterState(lostTail().book(), members(), cut);
  CHECK(fresh.facts().size() == facts.facts().size());
  REQUIRE(a.roles.size() == b.roles.size());
  REQUIRE(a.logs.size() == b.logs.size());
  for (std::size_t i = 0; i < a.logs.size(); ++i) {
    CHECK(a.logs[i].last == b.logs[i].last);
    CHECK(a.logs[i].entries.size() == b.logs[i].entries.size());
  }
}
