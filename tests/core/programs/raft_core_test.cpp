// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/settings.h"
#include "tests/core/programs/raft_cluster.h"
#include "tests/support/catch.h"

#include <cstdlib>

namespace packetarium::programs::raft {
namespace {

using namespace testing;

/// PACKETARIUM_CRASHES sets how many random runs are gone through.
std::uint64_t storms() {
  const char *const value = std::getenv("PACKETARIUM_CRASHES");
  return value == nullptr ? 200 : std::strtoull(value, nullptr, 10);
}

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
  std::size_t reads = 0, elections = 0, snapshots = 0;
};

/// Some seconds of random faults under load, then calm.
Storm storm(Rules rules, std::uint64_t seed, std::size_t members = 0) {
  RandomStream random(seed, "storm", "test");
  Cluster cluster(members > 0 ? members : 3 + 2 * random.below(2), rules, seed);
  cluster.weather = {random.below(2) == 0 ? 0.0 : 0.1, random.below(2) == 0 ? 0.0 : 0.2,
                     Duration::ms(1), Duration::ms(random.below(2) == 0 ? 5 : 40),
                     Duration::ms(static_cast<std::int64_t>(random.below(12)))};
  cluster.start();
  const auto load = [&] {
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

} // namespace packetarium::programs::raft
