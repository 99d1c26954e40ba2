// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/settings.h"
#include "tests/core/programs/raft_cluster.h"
#include "tests/support/catch.h"

namespace packetarium::programs::raft {
namespace {

using namespace testing;

Promise inTerm(Term term) { return {term, {}, false, false}; }

/// Members with logs of these terms; all of them have heard of the term.
void prepareAll(Cluster &cluster, Term term, const std::vector<std::string> &logs) {
  for (std::size_t i = 0; i < logs.size(); ++i)
    cluster.prepare(i, inTerm(term), initialLogOf(logs[i]));
}

void requireWhole(const Cluster &cluster) {
  CAPTURE(cluster.broken());
  REQUIRE(cluster.broken().empty());
}

std::size_t waitForLeader(Cluster &cluster) {
  REQUIRE(cluster.runUntil([&] { return cluster.settled(); }, Duration::seconds(10)));
  return *cluster.leader();
}

void addSome(Cluster &cluster, int count) {
  for (int i = 0; i < count; ++i) {
    cluster.beginAdd(0);
    REQUIRE(cluster.runUntil([&] { return cluster.idle(0); }, Duration::seconds(10)));
  }
}

std::string counterAt(const Cluster &cluster, std::size_t node) {
  return cluster.core(node).machine().get("client-0").value_or("none");
}

} // namespace

TEST_CASE("The logs of figure 7 become the leader's") {
  for (const std::size_t batch : {1U, 3U, 8U}) {
    Rules rules;
    rules.batchMax = batch;
    Cluster cluster(7, rules, batch);
    prepareAll(cluster, 7,
               {"1 1 1 4 4 5 5 6 6 6", "1 1 1 4 4 5 5 6 6", "1 1 1 4", "1 1 1 4 4 5 5 6 6 6 6",
                "1 1 1 4 4 5 5 6 6 6 7 7", "1 1 1 4 4 4 4", "1 1 1 2 2 2 3 3 3 3 3"});
    cluster.start();
    cluster.timeOut(0);
    REQUIRE(waitForLeader(cluster) == 0);
    for (std::size_t i = 0; i < 7; ++i) REQUIRE(cluster.terms(i) == "1 1 1 4 4 5 5 6 6 6 8");
    requireWhole(cluster);
  }
}

TEST_CASE("Hints spare a question for each entry that differs") {
  Cluster cluster(2, {}, 1);
  cluster.weather.delayMin = cluster.weather.delayMax; // nothing overtakes
  std::string mine = "1", other = "1";
  for (int i = 0; i < 100; ++i) {
    mine += " 3";
    other += " 2";
  }
  prepareAll(cluster, 3, {mine, other});
  cluster.start();
  cluster.timeOut(0);
  REQUIRE(waitForLeader(cluster) == 0);
  REQUIRE(cluster.terms(1) == mine + " 4");
  // Some questions until the place is found, then a dozen full messages.
  REQUIRE(cluster.sent(RpcKind::Append) < 30);
}

namespace {

/// Figure 8 up to (c): S1 leads in term 4 and has put its entry of term 2 on S3; then it crashes,
/// and S5, which has an entry of term 3 in its place, is elected.
void figure8(Cluster &cluster, Index &committedByCounting) {
  prepareAll(cluster, 3, {"1 2", "1 2", "1", "1", "1 3"});
  cluster.start();
  cluster.crash(4);
  cluster.timeOut(0);
  REQUIRE(cluster.runUntil(
      [&] {
        const auto &f = cluster.core(0).followers();
        return f.count(2) > 0 && f.at(2).match == 2 && f.at(1).match >= 2;
      },
      Duration::ms(100)));
  committedByCounting = cluster.core(0).commit();
  cluster.crash(0);
  cluster.dropMessages();
  cluster.restart(4);
  for (int i = 0; i < 5 && cluster.core(4).role() != Role::Leader; ++i) {
    cluster.timeOut(4);
    cluster.runFor(Duration::ms(20));
  }
  REQUIRE(cluster.core(4).role() == Role::Leader);
  cluster.restart(0);
  cluster.runFor(Duration::seconds(1));
}

} // namespace

TEST_CASE("Figure 8: an entry of an older term is not committed by counting its copies") {
  Rules rules;
  rules.batchMax = 1;
  Cluster cluster(5, rules, 1);
  Index committed = 99;
  figure8(cluster, committed);
  REQUIRE(committed == 0);
  requireWhole(cluster);
  for (std::size_t i = 0; i < 5; ++i) REQUIRE(cluster.terms(i).rfind("1 3 ", 0) == 0);
}

TEST_CASE("Figure 8: whoever counts them has its entry overwritten") {
  Rules rules;
  rules.batchMax = 1;
  rules.flaw = Flaw::CommitOldTerm;
  Cluster cluster(5, rules, 1);
  Index committed = 0;
  figure8(cluster, committed);
  REQUIRE(committed == 2);
  REQUIRE_FALSE(cluster.broken().empty());
}

TEST_CASE("A vote survives a crash of the voter") {
  for (const Flaw flaw : {Flaw::None, Flaw::VoteNotPersisted}) {
    Rules rules;
    rules.flaw = flaw;
    Cluster cluster(3, rules, 1);
    cluster.weather.delayMin = cluster.weather.delayMax = Duration::ms(2);
    cluster.start();
    cluster.setSide(2, 1); // m3 is cut off while m1 and m2 choose m1
    cluster.timeOut(0);
    REQUIRE(cluster.runUntil([&] { return cluster.hasLeader(); }, Duration::ms(50)));
    REQUIRE(cluster.core(0).role() == Role::Leader);
    cluster.dropMessages();
    cluster.setSide(0, 1);
    cluster.heal();
    cluster.setSide(0, 1); // now m1 is; m2 starts again and is asked by m3 in the same term
    cluster.crash(1);
    cluster.restart(1);
    cluster.timeOut(2);
    cluster.runFor(Duration::ms(30));
    REQUIRE(cluster.core(2).term() == 1);
    REQUIRE((cluster.core(2).role() == Role::Leader) == (flaw != Flaw::None));
    REQUIRE(cluster.broken().empty() == (flaw == Flaw::None));
  }
}

TEST_CASE("With pre-votes, a member that was cut off disturbs nobody when it returns") {
  for (const bool preVote : {true, false}) {
    Rules rules;
    rules.preVote = preVote;
    Cluster cluster(5, rules, 3);
    cluster.start();
    const std::size_t leader = waitForLeader(cluster);
    const Term term = cluster.highestTerm();
    const std::size_t away = (leader + 1) % 5;
    cluster.setSide(away, 1);
    cluster.runFor(Duration::seconds(2));
    REQUIRE((cluster.core(away).term() > term) == !preVote);
    cluster.heal();
    cluster.runFor(Duration::seconds(1));
    waitForLeader(cluster);
    REQUIRE((cluster.highestTerm() > term) == !preVote);
    if (preVote) REQUIRE(cluster.core(leader).role() == Role::Leader);
    requireWhole(cluster);
  }
}

TEST_CASE("A leader that is cut off answers no read, and steps down") {
  for (const Reads reads : {Reads::ReadIndex, Reads::Lease}) {
    Rules rules;
    rules.reads = reads;
    Cluster cluster(3, rules, 5);
    cluster.start();
    const std::size_t leader = waitForLeader(cluster);
    cluster.runFor(Duration::ms(100));
    cluster.setSide(leader, 1);
    cluster.beginRead(0);
    // In its lease it still may: nobody can have been elected.
    REQUIRE(cluster.idle(0) == (reads == Reads::Lease));
    cluster.runFor(rules.lease);
    REQUIRE_FALSE(cluster.core(leader).leaseHeld(cluster.now()));
    if (cluster.idle(0)) cluster.beginRead(0);
    REQUIRE_FALSE(cluster.idle(0));
    cluster.runFor(Duration::ms(400));
    REQUIRE(cluster.core(leader).role() != Role::Leader);
    REQUIRE(cluster.runUntil([&] { return cluster.idle(0); }, Duration::seconds(2)));
    requireWhole(cluster);
  }
}

TEST_CASE("Leadership is handed over without waiting for a time-out") {
  Cluster cluster(5, {}, 4);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  const Term term = cluster.highestTerm();
  const std::size_t heir = (leader + 2) % 5;
  cluster.takeOver(heir);
  REQUIRE(cluster.runUntil([&] { return cluster.core(heir).role() == Role::Leader; },
                           Duration::ms(60)));
  REQUIRE(cluster.core(heir).term() == term + 1);
  waitForLeader(cluster);
  requireWhole(cluster);
}

TEST_CASE("A member that is far behind gets a snapshot, and starts again from it") {
  Rules rules;
  rules.snapshotEntries = 20;
  Cluster cluster(3, rules, 6);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  const std::size_t behind = (leader + 1) % 3;
  cluster.crash(behind);
  cluster.runFor(Duration::ms(400)); // until then its place in the log is kept
  for (int i = 0; i < 100; ++i)
    cluster.propose(leader, {"write", "key-" + std::to_string(i), std::string(50, 'v'), {}, {}});
  addSome(cluster, 5);
  REQUIRE(cluster.core(leader).log().base() > 50);
  cluster.restart(behind);
  waitForLeader(cluster);
  REQUIRE(cluster.snapshotsInstalled() == 1);
  REQUIRE(cluster.sent(RpcKind::Chunk) > 3);
  REQUIRE(cluster.core(behind).machine().save() == cluster.core(leader).machine().save());
  for (std::size_t i = 0; i < 3; ++i) cluster.crash(i);
  cluster.start();
  waitForLeader(cluster);
  addSome(cluster, 1);
  waitForLeader(cluster);
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(counterAt(cluster, i) == "6");
    REQUIRE(cluster.core(i).machine().get("key-99") == std::string(50, 'v'));
  }
  requireWhole(cluster);
}

TEST_CASE("A write that is asked for twice is done once, also across a snapshot and a new leader") {
  Rules rules;
  rules.snapshotEntries = 4;
  Cluster cluster(3, rules, 7);
  cluster.start();
  const Command once{"add", "sum", "1", {}, "somebody 1"};
  for (int i = 0; i < 6; ++i) {
    const std::size_t leader = waitForLeader(cluster);
    cluster.propose(leader, once);
    cluster.propose(leader, {"write", "other", "x", {}, {}});
    waitForLeader(cluster);
    cluster.takeOver((leader + 1) % 3);
    cluster.runFor(Duration::ms(100));
  }
  const std::size_t leader = waitForLeader(cluster);
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(cluster.core(i).machine().get("sum") == "1");
  // Only a newer one is done.
  cluster.propose(leader, {"add", "sum", "1", {}, "somebody 2"});
  cluster.propose(leader, once);
  waitForLeader(cluster);
  REQUIRE(cluster.core(leader).machine().get("sum") == "2");
  requireWhole(cluster);
}

TEST_CASE("A newcomer catches up before it has a vote") {
  Cluster cluster(3, {}, 8, 1);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  addSome(cluster, 30);
  REQUIRE(cluster.core(3).roleName() == "learner");
  REQUIRE(cluster.core(3).log().last() == 0);
  cluster.join(3);
  REQUIRE(cluster.runUntil([&] { return cluster.core(leader).configuration().has(3); },
                           Duration::seconds(2)));
  REQUIRE(cluster.core(3).log().last() >= 30);
  waitForLeader(cluster);
  REQUIRE(cluster.core(3).roleName() == "follower");
  REQUIRE(counterAt(cluster, 3) == "30");
  REQUIRE(cluster.core(leader).configuration().majority() == 3);
  // Four members need three: with two down nothing is committed.
  cluster.crash((leader + 1) % 3);
  cluster.crash((leader + 2) % 3);
  cluster.beginAdd(0);
  cluster.runFor(Duration::seconds(1));
  REQUIRE_FALSE(cluster.idle(0));
  cluster.start();
  REQUIRE(cluster.runUntil([&] { return cluster.idle(0); }, Duration::seconds(5)));
  requireWhole(cluster);
}

TEST_CASE("A leader can leave, and troubles nobody afterwards") {
  Cluster cluster(4, {}, 9);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  addSome(cluster, 3);
  cluster.leave(leader);
  REQUIRE(cluster.runUntil([&] { return cluster.leader() && *cluster.leader() != leader; },
                           Duration::seconds(2)));
  const std::size_t next = waitForLeader(cluster);
  REQUIRE_FALSE(cluster.core(next).configuration().has(static_cast<MemberId>(leader)));
  REQUIRE(cluster.core(leader).roleName() == "learner");
  const Term term = cluster.highestTerm();
  addSome(cluster, 3);
  cluster.crash(leader);
  cluster.restart(leader);
  cluster.runFor(Duration::seconds(3));
  REQUIRE(cluster.highestTerm() == term);
  // It may come back.
  cluster.join(leader);
  REQUIRE(cluster.runUntil(
      [&] { return cluster.core(next).configuration().has(static_cast<MemberId>(leader)); },
      Duration::seconds(3)));
  waitForLeader(cluster);
  REQUIRE(counterAt(cluster, leader) == "6");
  requireWhole(cluster);
}

TEST_CASE("A follower can leave") {
  Cluster cluster(3, {}, 10);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  const std::size_t goes = (leader + 1) % 3;
  const Term term = cluster.highestTerm();
  cluster.leave(goes);
  cluster.runFor(Duration::seconds(2));
  REQUIRE(cluster.core(goes).roleName() == "learner");
  REQUIRE(cluster.core(leader).configuration().voters.size() == 2);
  REQUIRE(cluster.highestTerm() == term);
  requireWhole(cluster);
}

TEST_CASE("A member that lost its disk has no vote until it has caught up") {
  Cluster cluster(3, {}, 11);
  cluster.start();
  const std::size_t leader = waitForLeader(cluster);
  addSome(cluster, 10);
  waitForLeader(cluster);
  const std::size_t empty = (leader + 1) % 3, other = (leader + 2) % 3;
  for (std::size_t i = 0; i < 3; ++i) cluster.crash(i);
  cluster.wipe(empty);
  cluster.restart(empty);
  cluster.restart(other);
  cluster.runFor(Duration::seconds(2));
  REQUIRE_FALSE(cluster.hasLeader()); // its word alone makes no majority
  cluster.restart(leader);
  waitForLeader(cluster);
  addSome(cluster, 1);
  waitForLeader(cluster);
  REQUIRE(cluster.core(empty).roleName() != "learner");
  REQUIRE(counterAt(cluster, empty) == "11");
  requireWhole(cluster);
}

TEST_CASE("Members come and go in bad weather") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    RandomStream random(seed, "members", "test");
    Rules rules;
    rules.snapshotEntries = seed % 2 == 0 ? 8 : 0;
    rules.preVote = seed % 3 == 0;
    Cluster cluster(3, rules, seed, 2);
    cluster.weather.loss = 0.05;
    cluster.weather.delayMax = Duration::ms(15);
    cluster.start();
    for (int i = 0; i < 120; ++i) {
      cluster.runFor(random.uniform(Duration::ms(5), Duration::ms(60)));
      if (cluster.idle(0)) cluster.beginAdd(0);
      const std::size_t node = random.below(5);
      switch (random.below(12)) {
      case 0: cluster.join(node); break;
      case 1:
        // Someone has to stay.
        if (cluster.up(node) && cluster.core(node).configuration().voters.size() > 2)
          cluster.leave(node);
        break;
      case 2: cluster.crash(node); break;
      case 3: cluster.restart(node); break;
      default: break;
      }
    }
    cluster.weather.loss = 0;
    cluster.start();
    CAPTURE(cluster.broken());
    REQUIRE(cluster.runUntil([&] { return cluster.settled() && cluster.idle(0); },
                             Duration::seconds(20)));
    REQUIRE(cluster.broken().empty());
    REQUIRE(counterAt(cluster, *cluster.leader()) == std::to_string(cluster.added(0)));
  }
}

} // namespace packetarium::programs::raft
