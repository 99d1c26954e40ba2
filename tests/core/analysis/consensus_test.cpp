// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/consensus.h"
#include "core/analysis/names.h"
#include "core/base/random.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <chrono>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::TraceBuilder;
using trace::CountdownKind;
using trace::FactTopic;

namespace {

SimTime ms(std::int64_t n) { return SimTime::zero() + Duration::ms(n); }

net::Blueprint networkOf(std::uint32_t count) {
  net::Blueprint network;
  for (std::uint32_t i = 0; i < count; ++i) {
    net::NodeSpec node;
    node.id = fmt::format("n{}", i);
    node.name = fmt::format("member {}", static_cast<char>('A' + i));
    net::InterfaceSpec card;
    card.address = wire::Ipv4Prefix::parse(fmt::format("10.0.0.{}/24", i + 1));
    node.interfaces.push_back(card);
    network.nodes.push_back(node);
  }
  return network;
}

ConsensusState stateOf(TraceBuilder &builder, const net::Blueprint &network) {
  FactBook facts;
  facts.extend(builder.take());
  return consensusState(facts, network, facts.seenUpTo());
}

/// The same from a replay of all records, one by one.
struct NaiveMember {
  std::string role = "follower";
  bool told = false;
  std::uint64_t term = 0, applied = 0, snapshot = 0;
  std::string leader, configuration;
  std::map<std::uint64_t, std::string> votes; ///< given, by term
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> progress;
  std::optional<SimTime> electionAt;

  void crash() {
    role = "down";
    leader.clear();
    applied = 0;
    progress.clear();
    electionAt.reset();
  }
};

} // namespace

TEST_CASE("a candidate is shown with its timer and the votes as they came") {
  TraceBuilder b(3);
  const auto network = networkOf(3);
  for (std::uint32_t n = 0; n < 3; ++n) {
    b.fact(ms(0), n, FactTopic::Role, "store", "follower");
    b.fact(ms(0), n, FactTopic::Term, "store", "0");
    b.fact(ms(0), n, FactTopic::Members, "store", "n0,n1,n2", "0");
    b.countdown(ms(0), n, CountdownKind::Election, "store", ms(150 + 10 * n));
  }
  b.fact(ms(150), 0, FactTopic::Role, "store", "candidate", "no leader was heard");
  b.fact(ms(150), 0, FactTopic::Term, "store", "1");
  b.fact(ms(150), 0, FactTopic::Vote, "store", "ask 1", "no leader was heard");
  b.countdown(ms(150), 0, CountdownKind::Election, "store", ms(330));
  b.fact(ms(152), 1, FactTopic::Term, "store", "1");
  b.fact(ms(152), 1, FactTopic::Vote, "store", "grant 1", "n0");
  b.fact(ms(154), 0, FactTopic::Vote, "store", "won 1", "n1");
  const ConsensusState state = stateOf(b, network);
  REQUIRE(state.members.size() == 3);
  const MemberView &a = state.members[0];
  CHECK(a.role == "candidate");
  CHECK(a.term == 1);
  CHECK(a.votedFor == 0U);
  CHECK(a.electionSince == ms(150));
  CHECK(a.electionAt == ms(330));
  REQUIRE(a.votes.size() == 3);
  CHECK(a.votes[0].state == VoteState::Granted);
  CHECK(a.votes[1].state == VoteState::Granted);
  CHECK(a.votes[2].state == VoteState::Asked);
  CHECK_FALSE(a.votes[2].pre);
  CHECK(state.members[1].votedFor == 0U);
  CHECK_FALSE(state.members[2].votedFor);
  CHECK(state.members[2].electionAt == ms(170));
}

TEST_CASE("a leader is shown with what it knows of its followers; a crash makes it forget") {
  TraceBuilder b(3);
  const auto network = networkOf(3);
  b.fact(ms(0), 0, FactTopic::Term, "store", "4");
  b.fact(ms(0), 0, FactTopic::Progress, "store", "9 8", "n1"); // of an earlier time as leader
  b.fact(ms(1), 0, FactTopic::Role, "store", "leader");
  b.fact(ms(1), 0, FactTopic::Term, "store", "5", "n0");
  b.fact(ms(2), 0, FactTopic::Progress, "store", "3 0", "member C");
  b.fact(ms(3), 0, FactTopic::Progress, "store", "4 3", "10.0.0.3:7401");
  b.fact(ms(3), 0, FactTopic::Apply, "store", "3 5", "write cart 17");
  b.fact(ms(3), 0, FactTopic::Snapshot, "store", "taken 2 4", "abc");
  b.fact(ms(3), 0, FactTopic::Snapshot, "store", "sent 2 4", "n1");
  b.countdown(ms(3), 0, CountdownKind::Lease, "store", ms(90));
  const auto before = b.fact(ms(4), 1, FactTopic::Term, "store", "5", "n0");
  b.health(ms(5), 0, trace::NodeHealth::Crashed);
  FactBook facts;
  facts.extend(b.take());
  const MemberView leader = consensusState(facts, network, before).members[0];
  CHECK(leader.role == "leader");
  CHECK(leader.leader == 0U);
  CHECK(leader.applied == 3);
  CHECK(leader.snapshotIndex == 2);
  CHECK(leader.snapshotTerm == 4);
  CHECK(leader.leaseUntil == ms(90));
  REQUIRE_FALSE(leader.progress.empty());
  CHECK(leader.progress.back().follower == 2);
  CHECK(leader.progress.back().nextIndex == 4);
  CHECK(leader.progress.back().matchIndex == 3);

  const ConsensusState after = consensusState(facts, network, facts.seenUpTo());
  CHECK(after.members[0].role == "down");
  CHECK(after.members[0].term == 5); // that is on its disk
  CHECK(after.members[0].snapshotIndex == 2);
  CHECK(after.members[0].applied == 0);
  CHECK(after.members[0].progress.empty());
  CHECK_FALSE(after.members[0].leaseUntil);
  CHECK_FALSE(after.members[0].leader);
  CHECK(after.members[1].leader == 0U);
}

TEST_CASE("a ring shows the places of each node and what it keeps for others") {
  TraceBuilder b(2);
  const auto network = networkOf(2);
  b.fact(ms(0), 0, FactTopic::Ring, "cart", "0000ffff a0000000");
  b.fact(ms(1), 0, FactTopic::Hint, "cart", "kept x", "n1");
  b.fact(ms(2), 0, FactTopic::Hint, "cart", "kept y", "n1");
  b.fact(ms(3), 0, FactTopic::Hint, "cart", "handed x", "n1");
  const ConsensusState state = stateOf(b, network);
  CHECK(state.members.empty());
  REQUIRE(state.rings.size() == 1);
  CHECK(state.rings[0].tokens == std::vector<std::uint32_t>{0xffff, 0xa0000000});
  CHECK(state.rings[0].hints ==
        std::vector<std::pair<std::string, std::uint32_t>>{{"y", std::uint32_t{1}}});
}

TEST_CASE("the state at any record is what a replay of all records gives, and after truncating") {
  RandomStream random(7, "consensus", "facts");
  const auto network = networkOf(4);
  for (int run = 0; run < 20; ++run) {
    TraceBuilder b(4);
    std::vector<NaiveMember> now(4);
    std::vector<std::vector<NaiveMember>> after(1, now); // by sequence
    for (int i = 0; i < 300; ++i) {
      const auto n = static_cast<std::uint32_t>(random.below(4));
      NaiveMember &m = now[n];
      const SimTime at = ms(i);
      const std::string other = network.nodes[random.below(4)].id;
      switch (random.below(8)) {
      case 0:
        m.term += random.below(2);
        m.leader = random.below(2) == 0 ? other : "";
        b.fact(at, n, FactTopic::Term, "s", std::to_string(m.term), m.leader);
        m.told = true;
        break;
      case 1: {
        const std::string role = random.below(2) == 0 ? "follower" : "leader";
        b.fact(at, n, FactTopic::Role, "s", role);
        m.role = role;
        m.told = true;
        m.progress.clear();
        break;
      }
      case 2:
        b.fact(at, n, FactTopic::Vote, "s", fmt::format("grant {}", m.term), other);
        m.votes[m.term] = other;
        break;
      case 3: {
        const std::uint64_t match = random.below(20);
        b.fact(at, n, FactTopic::Progress, "s", fmt::format("{} {}", match + 1, match), other);
        if (m.role == "leader") m.progress[other] = {match + 1, match};
        break;
      }
      case 4:
        m.applied = random.below(100);
        b.fact(at, n, FactTopic::Apply, "s", fmt::format("{} 1", m.applied), "write a b");
        break;
      case 5:
        m.electionAt = ms(i + 100);
        if (random.below(4) == 0) m.electionAt.reset();
        b.countdown(at, n, CountdownKind::Election, "s", m.electionAt);
        break;
      case 6:
        m.snapshot = random.below(50);
        b.fact(at, n, FactTopic::Snapshot, "s", fmt::format("installed {} 1", m.snapshot));
        break;
      default:
        if (random.below(6) != 0) {
          b.note(at);
          break;
        }
        b.health(at, n, trace::NodeHealth::Crashed);
        m.crash();
      }
      after.push_back(now);
      if (random.below(40) == 0) b.seal();
    }
    FactBook facts;
    const trace::Trace trace = b.take();
    facts.extend(trace);
    const auto check = [&](trace::Sequence upTo) {
      for (const MemberView &v : consensusState(facts, network, upTo).members) {
        const NaiveMember &m = after[upTo][v.node];
        INFO(fmt::format("run {} record {} node {}", run, upTo, v.node));
        REQUIRE(m.told);
        REQUIRE(v.term == m.term);
        REQUIRE(v.snapshotIndex == m.snapshot);
        const auto vote = m.votes.find(m.term);
        REQUIRE(v.votedFor == (vote == m.votes.end() ? std::optional<std::uint32_t>{}
                                                     : nodeNamed(network, vote->second)));
        if (m.role == "down") {
          REQUIRE(v.role == "down");
          REQUIRE_FALSE(v.electionAt);
          REQUIRE(v.progress.empty());
          continue;
        }
        REQUIRE(v.role == m.role);
        REQUIRE(v.leader == (m.role == "leader" ? v.node : nodeNamed(network, m.leader)));
        if (m.role != "leader") REQUIRE(v.progress.empty());
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> progress;
        for (const ProgressView &p : v.progress)
          progress[network.nodes[p.follower].id] = {p.nextIndex, p.matchIndex};
        if (m.role == "leader") REQUIRE(progress == m.progress);
      }
    };
    for (trace::Sequence s = 1; s <= facts.seenUpTo(); s += 7) check(s);
    facts.truncate(150);
    check(149);
    facts.extend(trace);
    check(facts.seenUpTo());
  }
}

TEST_CASE("asking late in a long run costs no more than early") {
  TraceBuilder b(5);
  const auto network = networkOf(5);
  for (std::uint32_t n = 0; n < 5; ++n) {
    b.fact(ms(0), n, FactTopic::Role, "s", n == 0 ? "leader" : "follower");
    b.fact(ms(0), n, FactTopic::Term, "s", "1", "n0");
  }
  for (int i = 1; i < 40'000; ++i) {
    const auto n = static_cast<std::uint32_t>(1 + i % 4);
    b.countdown(ms(i), n, CountdownKind::Election, "s", ms(i + 200));
    b.fact(ms(i), 0, FactTopic::Progress, "s", fmt::format("{} {}", i + 1, i), network.nodes[n].id);
    b.fact(ms(i), n, FactTopic::Apply, "s", fmt::format("{} 1", i), "write a b");
  }
  FactBook facts;
  facts.extend(b.take());
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t sum = 0;
  for (int i = 0; i < 1000; ++i)
    sum += consensusState(facts, network, facts.seenUpTo()).members[0].progress.size();
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(sum == 4000);
  CHECK(took < std::chrono::seconds(1)); // 1 ms each, far more than it needs
}
