// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/settings.h"
#include "tests/core/programs/raft_cluster.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace packetarium::programs::raft {
namespace {

using namespace testing;

std::uint64_t storms() { return randomRuns(200); }

/// One random thing happens to the cluster.
void mishap(Cluster &cluster, RandomStream &random) {
  const std::size_t node = random.below(cluster.size());
  switch (random.below(11)) {
  case 0:
  case 1: cluster.crash(node); return;
  case 2:
  case 3: cluster.restart(node); return;
  case 4: cluster.setSide(node, static_cast<int>(random.below(2))); return;
  case 5: cluster.heal(); return;
  case 6: cluster.timeOut(node); return;
  case 7: cluster.takeOver(node); return;
  case 8: // a split vote, and a voter that starts again in the middle of it
    cluster.timeOut(node);
    cluster.timeOut((node + 1) % cluster.size());
    cluster.runFor(random.uniform(Duration::ms(1), Duration::ms(20)));
    cluster.crash((node + 2) % cluster.size());
    cluster.restart((node + 2) % cluster.size());
    return;
  case 9:
    cluster.crash(node);
    cluster.restart(node);
    return;
  default:
    if (const auto leader = cluster.leader()) cluster.setSide(*leader, 1);
    return;
  }
}

struct Storm {
  std::vector<std::string> broken;
  bool settled = false;
  std::uint64_t adds = 0, sums = 0;
  std::size_t reads = 0, elections = 0, snapshots = 0, parts = 0;
};

/// What makes a storm harder.
struct Trouble {
  double drift = 0;        ///< clocks run wrong by up to this share, either way
  bool longValues = false; ///< entries that no datagram holds, now and then
};

/// A value of some thousand letters, of which some take three bytes in a message.
std::string longValue(RandomStream &random) {
  std::string value(1000 + random.below(9000), 'v');
  for (char &c : value)
    if (random.chance(0.1)) c = ' ';
  return value;
}

/// Some seconds of random faults under load, then calm.
Storm storm(Rules rules, std::uint64_t seed, std::size_t members = 0, Trouble trouble = {}) {
  RandomStream random(seed, "storm", "test"), extra(seed, "trouble", "test");
  Cluster cluster(members > 0 ? members : 3 + 2 * random.below(2), rules, seed);
  cluster.weather = {random.below(2) == 0 ? 0.0 : 0.1, random.below(2) == 0 ? 0.0 : 0.2,
                     Duration::ms(1), Duration::ms(random.below(2) == 0 ? 5 : 40),
                     Duration::ms(static_cast<std::int64_t>(random.below(12)))};
  for (std::size_t i = 0; i < cluster.size(); ++i)
    if (trouble.drift > 0) cluster.setDrift(i, trouble.drift * (2 * extra.uniform01() - 1));
  cluster.start();
  const auto load = [&] {
    if (const auto who = cluster.leader(); trouble.longValues && who && extra.chance(0.1))
      cluster.propose(*who, {"write", "text", longValue(extra), {}, {}});
    for (std::size_t c = 0; c < 3; ++c) {
      if (!cluster.idle(c)) continue;
      if (random.chance(0.5))
        cluster.beginAdd(c);
      else
        cluster.beginRead(c);
    }
  };
  for (int i = 0; i < 250; ++i) {
    cluster.runFor(random.uniform(Duration::ms(2), Duration::ms(30)));
    load();
    if (random.chance(0.12)) mishap(cluster, random);
  }
  cluster.heal();
  cluster.weather = {};
  cluster.start();
  const auto quiet = [&] {
    return cluster.settled() && cluster.idle(0) && cluster.idle(1) && cluster.idle(2);
  };
  Storm s;
  s.settled = cluster.runUntil(quiet, Duration::seconds(20));
  s.broken = cluster.broken();
  s.reads = cluster.readsAnswered();
  s.elections = cluster.elections();
  s.snapshots = cluster.snapshotsInstalled();
  s.parts = cluster.sent(RpcKind::Part);
  for (std::size_t c = 0; c < 3 && s.settled; ++c) {
    s.adds += cluster.added(c);
    const auto sum = cluster.core(*cluster.leader()).machine().get("client-" + std::to_string(c));
    s.sums += std::strtoull(sum.value_or("0").c_str(), nullptr, 10);
  }
  return s;
}

} // namespace

TEST_CASE("Raft keeps its promises whatever happens to members and messages") {
  std::size_t elections = 0, reads = 0, snapshots = 0;
  std::uint64_t adds = 0;
  for (std::uint64_t seed = 1; seed <= storms(); ++seed) {
    INFO("seed " << seed);
    Rules rules;
    rules.preVote = seed % 2 == 0;
    rules.reads = seed % 3 == 0 ? Reads::Lease : Reads::ReadIndex;
    rules.snapshotEntries = seed % 4 < 2 ? 0 : 5;
    const Storm s = storm(rules, seed);
    CAPTURE(s.broken);
    REQUIRE(s.broken.empty());
    REQUIRE(s.settled);
    REQUIRE(s.sums == s.adds); // each write once, however often it was asked for
    elections += s.elections;
    reads += s.reads;
    adds += s.adds;
    snapshots += s.snapshots;
  }
  // The runs were worth something.
  CHECK(elections > storms() * 3);
  CHECK(reads > storms() * 20);
  CHECK(adds > storms() * 20);
  CHECK(snapshots > storms() / 4);
}

TEST_CASE("Reads in a lease stay linearizable while clocks drift within its bound") {
  std::size_t reads = 0, elections = 0;
  for (std::uint64_t seed = 1; seed <= storms(); ++seed) {
    INFO("seed " << seed);
    Rules rules;
    rules.reads = Reads::Lease;
    rules.preVote = seed % 2 == 0;
    REQUIRE(driftAllowed(rules.lease, rules.electionMin) > 0.05);
    const Storm s = storm(rules, seed, 3, {0.05, false});
    CAPTURE(s.broken);
    REQUIRE(s.broken.empty());
    REQUIRE(s.settled);
    REQUIRE(s.sums == s.adds);
    reads += s.reads;
    elections += s.elections;
  }
  CHECK(reads > storms() * 20);
  CHECK(elections > storms() * 3);
}

namespace {

/// A leader, cut off alone at some instant; the others elect one as soon as they may, and write,
/// while others read at whoever believes to lead. drifts: of the leader's clock and the others'.
/// Whether somebody read what was old.
bool readsStale(std::array<double, 3> drifts, Duration lease, std::uint64_t seed = 1) {
  Rules rules;
  rules.reads = Reads::Lease;
  rules.electionMin = Duration::ms(1000);
  rules.electionMax = Duration::ms(1100);
  rules.lease = lease;
  RandomStream random(seed, "cut", "test");
  Cluster cluster(3, rules, seed);
  cluster.weather.delayMin = Duration::us(100);
  cluster.weather.delayMax = Duration::ms(1);
  cluster.weather.disk = Duration::us(100);
  for (std::size_t i = 0; i < 3; ++i) cluster.setDrift(i, drifts[i]);
  cluster.start();
  cluster.timeOut(0);
  REQUIRE(cluster.runUntil([&] { return cluster.settled(); }, Duration::seconds(1)));
  cluster.runFor(random.uniform(Duration::ms(500), Duration::ms(600)));
  cluster.setSide(0, 1);
  cluster.timeOut(1); // as soon as it may
  const auto other = [&] { return cluster.leader().value_or(0) != 0; };
  REQUIRE(cluster.runUntil(other, Duration::seconds(4)));
  cluster.beginAdd(0, cluster.leader());
  const SimTime deadline = cluster.now() + Duration::ms(600);
  while (cluster.now() < deadline) {
    cluster.runFor(Duration::ms(1));
    for (const std::size_t client : {1U, 2U})
      if (cluster.idle(client)) cluster.beginRead(client, cluster.leaders().front());
  }
  REQUIRE(cluster.added(0) == 1);
  return !cluster.broken().empty();
}

/// Of so many leaders that were cut off, with clocks that run wrong by up to so much.
int staleOf(int runs, double drift, Duration lease) {
  int stale = 0;
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(runs); ++seed) {
    RandomStream random(seed, "drift", "test");
    std::array<double, 3> drifts{};
    for (double &d : drifts) d = drift * (2 * random.uniform01() - 1);
    if (readsStale(drifts, lease, seed)) ++stale;
  }
  return stale;
}

} // namespace

TEST_CASE(
    "A lease says how far clocks may drift, and beyond that an old leader reads what is old") {
  constexpr Duration nine = Duration::ms(900), all = Duration::ms(1000);
  CHECK(driftAllowed(nine, all) == Approx(1. / 19));
  CHECK(driftAllowed(all, all) == 0);
  CHECK(driftAllowed(all * 2, all) == 0);
  const auto apart = [](double d, Duration lease) { return readsStale({-d, d, d}, lease); };
  CHECK_FALSE(apart(0, Duration::ms(990)));
  CHECK_FALSE(apart(0.005, Duration::ms(990)));
  CHECK(apart(0.1, Duration::ms(990)));
  CHECK_FALSE(apart(1. / 19, nine));
  CHECK(apart(0.1, nine));
}

TEST_CASE("Within its bound no random drift makes a read in a lease stale") {
  CHECK(staleOf(1000, 0.05, Duration::ms(900)) == 0);
  CHECK(staleOf(300, driftAllowed(Duration::ms(700), Duration::ms(1000)), Duration::ms(700)) == 0);
  CHECK(staleOf(1000, 0.2, Duration::ms(900)) > 20);
}

TEST_CASE("Entries that no datagram holds go in parts, whatever is lost and whoever crashes") {
  std::size_t parts = 0, snapshots = 0;
  for (std::uint64_t seed = 1; seed <= storms() / 4; ++seed) {
    INFO("seed " << seed);
    Rules rules;
    rules.preVote = seed % 2 == 0;
    rules.snapshotEntries = seed % 4 < 2 ? 0 : 15;
    const Storm s = storm(rules, seed, 0, {0, true});
    CAPTURE(s.broken);
    REQUIRE(s.broken.empty());
    REQUIRE(s.settled);
    REQUIRE(s.sums == s.adds);
    parts += s.parts;
    snapshots += s.snapshots;
  }
  CHECK(parts > storms() * 10);
  CHECK(snapshots > storms() / 16);
}

TEST_CASE("A long entry arrives though a third of all datagrams is lost") {
  Cluster cluster(3, {}, 1);
  cluster.start();
  REQUIRE(cluster.runUntil([&] { return cluster.hasLeader(); }, Duration::seconds(5)));
  const std::string value(16000, '%');
  cluster.weather.loss = 0.33;
  const auto first = cluster.propose(*cluster.leader(), {"write", "text", value, {}, {}});
  REQUIRE(first);
  const auto everywhere = [&] {
    return cluster.core(0).machine().get("text") == value &&
           cluster.core(1).machine().get("text") == value &&
           cluster.core(2).machine().get("text") == value;
  };
  REQUIRE(cluster.runUntil(everywhere, Duration::seconds(30)));
  REQUIRE(cluster.broken().empty());
}

TEST_CASE("A member that starts again in the middle of a long entry or snapshot gets all of it") {
  for (const bool snapshot : {false, true}) {
    Rules rules;
    rules.snapshotEntries = snapshot ? 3 : 0;
    Cluster cluster(3, rules, 1);
    cluster.start();
    REQUIRE(cluster.runUntil([&] { return cluster.settled(); }, Duration::seconds(5)));
    const std::size_t leader = *cluster.leader(), other = (leader + 1) % 3;
    const std::string value(16000, 'v');
    if (snapshot) cluster.crash(other);
    for (int i = 0; i < (snapshot ? 8 : 1); ++i)
      cluster.propose(leader, {"write", "text", value, {}, {}});
    if (snapshot) {
      cluster.runFor(Duration::seconds(3));
      cluster.restart(other);
    }
    const auto some = [&] {
      for (const auto &[id, f] : cluster.core(leader).followers())
        if (id == other && f.chunkDone > 3000) return true;
      return false;
    };
    REQUIRE(cluster.runUntil(some, Duration::seconds(2)));
    cluster.crash(other);
    cluster.restart(other);
    REQUIRE(cluster.runUntil(
        [&] { return cluster.settled() && cluster.core(other).machine().get("text") == value; },
        Duration::seconds(10)));
    REQUIRE(cluster.broken().empty());
  }
}

TEST_CASE("Who has not answered is asked again, until the election ends") {
  for (const bool preVote : {false, true}) {
    Rules rules;
    rules.preVote = preVote;
    Cluster cluster(5, rules, 1);
    cluster.start();
    cluster.timeOut(0);
    cluster.dropMessages(); // pre-votes; votes still wait for the disk
    cluster.runFor(Duration::ms(4));
    cluster.dropMessages();
    cluster.runFor(Duration::ms(40));
    REQUIRE_FALSE(cluster.hasLeader());
    cluster.runFor(Duration::ms(30));
    REQUIRE(cluster.leader() == std::optional<std::size_t>(0));
    REQUIRE(cluster.core(0).term() == 1); // the first election, not another one
    // Each once more, nobody a third time.
    REQUIRE(cluster.sent(RpcKind::Vote) == (preVote ? 4 : 8));
    REQUIRE(cluster.sent(RpcKind::PreVote) == (preVote ? 8 : 0));
  }
}

namespace {

/// Until a leader serves, of five members whose datagrams are lost so often, over many runs.
std::vector<double> electionsMs(double loss, bool asksAgain) {
  std::vector<double> all;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rules rules;
    // Requests are sent again after a heartbeat's time: never, when that is longer than a time-out.
    if (!asksAgain) rules.heartbeat = Duration::seconds(10);
    Cluster cluster(5, rules, seed);
    cluster.weather.loss = loss;
    cluster.start();
    REQUIRE(cluster.runUntil([&] { return cluster.hasLeader(); }, Duration::seconds(60)));
    all.push_back((cluster.now() - SimTime::zero()).toMs());
  }
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace

TEST_CASE("Asking again makes elections shorter where datagrams are lost") {
  const auto with = electionsMs(0.3, true), without = electionsMs(0.3, false);
  CAPTURE(with[100], without[100], with[180], without[180]);
  CHECK(with[100] < without[100]);
  CHECK(with[180] * 1.3 < without[180]);
  const auto calmWith = electionsMs(0, true), calmWithout = electionsMs(0, false);
  CHECK(calmWith[100] == Approx(calmWithout[100]).epsilon(.05));
}

TEST_CASE("Each mistake that can be built in breaks a promise") {
  const std::vector<std::pair<std::string, Flaw>> flaws{
      {"commit-old-term", Flaw::CommitOldTerm},
      {"vote-not-persisted", Flaw::VoteNotPersisted},
      {"read-without-quorum", Flaw::ReadWithoutQuorum},
      {"snapshot-loses-entry", Flaw::SnapshotLosesEntry},
      {"lease-skewed", Flaw::LeaseSkewed},
      {"log-not-synced", Flaw::LogNotSynced},
      {"double-vote", Flaw::DoubleVote},
      {"no-log-check", Flaw::NoLogCheck},
      {"truncate-blindly", Flaw::TruncateBlindly},
      {"no-match-check", Flaw::NoMatchCheck},
      {"no-sessions", Flaw::NoSessions},
      {"unbounded-commit", Flaw::UnboundedCommit}};
  for (const auto &[name, flaw] : flaws) {
    INFO(name);
    bool found = false;
    for (std::uint64_t seed = 1; seed <= 1000 && !found; ++seed) {
      Rules rules;
      rules.flaw = flaw;
      if (flaw == Flaw::SnapshotLosesEntry) rules.snapshotEntries = 5;
      const Storm s = storm(rules, seed);
      found = !s.broken.empty() || (s.settled && s.sums != s.adds);
    }
    CHECK(found);
  }
}

namespace {

/// Keeps what a member tells, and does nothing else.
class Listener final : public Hands {
public:
  SimTime now() const override { return {}; }
  Duration drawTimeout() override { return Duration::ms(200); }
  void send(MemberId, const Rpc &) override {}
  void wait(Alarm, std::optional<Duration>) override {}
  void savePromise(const Promise &) override {}
  void saveEntry(const Entry &) override {}
  void dropEntries(std::uint64_t) override {}
  void saveSnapshot(const SnapshotRef &, const Log &) override {}
  void sync(std::uint64_t) override {}
  void tell(trace::FactTopic topic, std::string_view value, std::string_view) override {
    if (topic == trace::FactTopic::Log) log.emplace_back(value);
  }
  void tellFailover(trace::FailoverStage, std::string_view) override {}
  void phase(std::string_view, std::string_view) override {}
  void countdown(trace::CountdownKind, std::optional<Duration>) override {}
  void applied(Index, const Entry &, const Outcome &) override {}
  void readable(std::uint64_t) override {}
  void deposed() override {}

  std::vector<std::string> log;
};

} // namespace

TEST_CASE("A member that starts again tells anew what a crash brought back to its disk") {
  // It had replaced entries 2 and 3 by one of term 4, and crashed before that was on the disk.
  Book book;
  const MemberId self = book.add("m1", *wire::Ipv4Address::parse("10.0.0.1"));
  Core core({}, book, self, Configuration{}.with(self));
  Stored stored;
  stored.promise.term = 4;
  stored.log = initialLogOf("1 2 2");
  stored.changedFrom = 2;
  Listener hands;
  core.start(hands, stored, true);
  CHECK(hands.log == std::vector<std::string>{"truncate 2 0", "append 2 2", "append 3 2"});

  stored.changedFrom = ~Index{0}; // only appended entries were lost
  hands.log.clear();
  core.start(hands, stored, true);
  CHECK(hands.log == std::vector<std::string>{"truncate 4 0"});
}

} // namespace packetarium::programs::raft
