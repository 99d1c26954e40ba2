// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/raft_invariants.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::judge;
using trace::FactTopic;

namespace {

/// Members n1, n2, ... of the service "kv" tell their facts.
class Cluster {
public:
  void tell(std::uint32_t node, FactTopic topic, const std::string &value,
            const std::string &detail = {}) {
    ++m_sequence;
    m_watch.take(m_sequence, SimTime::fromNs(static_cast<std::int64_t>(m_sequence)), node,
                 "n" + std::to_string(node), topic, "kv", value, detail);
  }
  void term(std::uint32_t node, int term) { tell(node, FactTopic::Term, std::to_string(term)); }
  void leads(std::uint32_t node, int term) {
    this->term(node, term);
    tell(node, FactTopic::Role, "leader", "won");
  }
  void log(std::uint32_t node, const std::string &change, const std::string &operation = {}) {
    tell(node, FactTopic::Log, change, operation);
  }
  const std::optional<Breach> &breach() const { return m_watch.breach(); }
  trace::Sequence last() const { return m_sequence; }
  bool says(const std::string &part) const {
    return breach() && breach()->why.find(part) != std::string::npos;
  }

private:
  RaftWatch m_watch;
  trace::Sequence m_sequence = 0;
};

bool broken(const Cluster &c, RaftInvariant invariant) {
  return c.breach() && c.breach()->invariant == invariant;
}

} // namespace

TEST_CASE("Two leaders of one term break election safety") {
  Cluster c;
  c.leads(1, 3);
  const auto first = c.last();
  c.term(2, 3);
  CHECK_FALSE(c.breach());
  c.tell(2, FactTopic::Role, "leader");
  REQUIRE(broken(c, RaftInvariant::ElectionSafety));
  CHECK(c.breach()->service == "kv");
  CHECK(c.breach()->record == c.last());
  CHECK(c.breach()->against == std::vector<trace::Sequence>{first});
  CHECK(c.breach()->nodes == std::vector<std::uint32_t>{1, 2});
  CHECK(c.says("n1 was elected leader of term 3, and n2 was as well"));
}

TEST_CASE("Leaders of different terms, and one that tells it again, break nothing") {
  Cluster c;
  c.leads(1, 1);
  c.leads(2, 2);
  c.leads(3, 3);
  c.tell(3, FactTopic::Role, "leader");
  c.leads(1, 4);
  CHECK_FALSE(c.breach());
}

TEST_CASE("Roles of a service without terms, such as a pair's, break nothing") {
  Cluster c;
  c.tell(1, FactTopic::Role, "leader");
  c.tell(2, FactTopic::Role, "leader");
  c.log(1, "append 1 1", "write x 1");
  c.log(2, "append 1 1", "write x 2");
  CHECK_FALSE(c.breach());
}

TEST_CASE("Entries of one index and term that differ break log matching") {
  Cluster c;
  c.term(1, 1);
  c.term(2, 1);
  c.log(1, "append 1 1", "write x 1");
  c.log(2, "append 1 1", "write x 1");
  CHECK_FALSE(c.breach());
  c.log(1, "append 2 1", "write x 2");
  c.log(2, "append 2 1", "write x 3");
  REQUIRE(broken(c, RaftInvariant::LogMatching));
  CHECK(
      c.says("At n2 there is entry 2 of term 1 (write x 3), at n1 entry 2 of term 1 (write x 2)"));
}

TEST_CASE("So does an equal entry behind logs that differ") {
  Cluster c;
  c.term(1, 1);
  c.term(2, 1);
  c.log(1, "append 1 1", "write x 1");
  c.log(2, "append 1 2", "write x 9");
  CHECK_FALSE(c.breach());
  c.log(1, "append 2 3", "write x 3");
  c.log(2, "append 2 3", "write x 3"); // without looking at what is before it
  REQUIRE(broken(c, RaftInvariant::LogMatching));
  CHECK(c.says("At n2 there is entry 1 of term 2"));
}

TEST_CASE("A follower whose wrong entries were replaced matches again") {
  Cluster c;
  c.term(1, 1);
  c.term(2, 1);
  c.log(1, "append 1 1", "a");
  c.log(2, "append 1 1", "a");
  c.log(1, "append 2 2", "b");
  c.log(2, "append 2 1", "c");
  c.log(2, "append 3 1", "d");
  c.log(2, "truncate 2 1");
  c.log(2, "append 2 2", "b");
  CHECK_FALSE(c.breach());
}

TEST_CASE("A later leader without a committed entry breaks leader completeness") {
  Cluster c;
  c.leads(1, 1);
  c.log(1, "append 1 1", "write x 1");
  c.log(1, "commit 1 1");
  const auto committed = c.last();
  c.leads(2, 2);
  REQUIRE(broken(c, RaftInvariant::LeaderCompleteness));
  CHECK(c.breach()->against.front() == committed);
  CHECK(c.says("n1 committed entry 1 of term 1 (write x 1) in term 1"));
  CHECK(c.says("its log ends at 0"));
}

TEST_CASE("Figure 8 of the paper: an entry of an old term, committed by counting, is overwritten") {
  Cluster c;
  for (std::uint32_t n = 1; n <= 5; ++n) {
    c.term(n, 1);
    c.log(n, "append 1 1", "old");
  }
  c.leads(1, 2);
  c.log(1, "append 2 2", "blue");
  c.log(2, "append 2 2", "blue");
  c.leads(5, 3);
  c.log(5, "append 2 3", "red");
  c.leads(1, 4);
  c.log(3, "append 2 2", "blue");
  SECTION("counted as committed, although it is not of term 4") {
    c.log(1, "commit 2 2");
    CHECK_FALSE(c.breach());
    c.leads(5, 5);
    REQUIRE(broken(c, RaftInvariant::LeaderCompleteness));
    CHECK(c.says("n5 leads the later term 5 with entry 2 of term 3 (red) in its place"));
  }
  SECTION("not committed: all is well") {
    c.leads(5, 5);
    c.log(1, "truncate 2 2");
    c.log(1, "append 2 3", "red");
    CHECK_FALSE(c.breach());
  }
}

TEST_CASE("A leader of an old term that commits late breaks what a later leader promised") {
  Cluster c;
  c.leads(1, 1);
  c.log(1, "append 1 1", "write x 1");
  c.leads(2, 2);
  CHECK_FALSE(c.breach());
  c.log(1, "commit 1 1");
  CHECK(broken(c, RaftInvariant::LeaderCompleteness));
}

TEST_CASE("A leader that throws a committed entry away is told of") {
  Cluster c;
  c.leads(1, 1);
  c.term(2, 1);
  c.log(1, "append 1 1", "write x 1");
  c.log(2, "append 1 1", "write x 1");
  c.log(1, "commit 1 1");
  c.leads(2, 2);
  CHECK_FALSE(c.breach());
  c.log(2, "append 1 2", "write x 2");
  CHECK(broken(c, RaftInvariant::LeaderCompleteness));
}

TEST_CASE("Different entries applied at one index break state machine safety") {
  Cluster c;
  c.term(1, 1);
  c.term(2, 1);
  c.tell(1, FactTopic::Apply, "1 1", "write x 1");
  c.tell(2, FactTopic::Apply, "1 1", "write x 1");
  c.tell(1, FactTopic::Apply, "2 1", "write x 2");
  CHECK_FALSE(c.breach());
  const auto first = c.last();
  c.tell(2, FactTopic::Apply, "2 2", "write x 3");
  REQUIRE(broken(c, RaftInvariant::StateMachineSafety));
  CHECK(c.breach()->against == std::vector<trace::Sequence>{first});
  CHECK(c.says("n1 applied entry 2 of term 1 (write x 2), n2 applied entry 2 of term 2"));
}

TEST_CASE("A member that starts anew applies all again") {
  Cluster c;
  c.term(1, 1);
  for (int life = 0; life < 3; ++life)
    for (int i = 1; i <= 4; ++i)
      c.tell(1, FactTopic::Apply, std::to_string(i) + " 1", "write x " + std::to_string(i));
  CHECK_FALSE(c.breach());
}

TEST_CASE("Snapshots of the same entries must hold the same") {
  Cluster c;
  for (const std::uint32_t node : {1U, 2U, 3U}) c.term(node, 3);
  c.tell(1, FactTopic::Snapshot, "taken 40 3", "5eed");
  c.tell(2, FactTopic::Snapshot, "sent 40 3", "n3");
  c.tell(2, FactTopic::Snapshot, "taken 40 3", "5eed");
  CHECK_FALSE(c.breach());
  c.tell(3, FactTopic::Snapshot, "installed 40 3", "0bad");
  REQUIRE(broken(c, RaftInvariant::StateMachineSafety));
  CHECK(c.says("up to 40"));
}

TEST_CASE("A member that installed a snapshot has what was committed before it") {
  Cluster c;
  c.leads(1, 1);
  for (int i = 1; i <= 5; ++i) c.log(1, "append " + std::to_string(i) + " 1", "write x");
  c.log(1, "commit 5 1");
  c.term(2, 1);
  c.tell(2, FactTopic::Snapshot, "installed 4 1", "5eed");
  c.log(2, "append 5 1", "write x");
  c.leads(2, 2);
  CHECK_FALSE(c.breach());
  c.term(3, 2);
  c.tell(3, FactTopic::Snapshot, "installed 4 1", "5eed");
  c.leads(3, 3);
  REQUIRE(broken(c, RaftInvariant::LeaderCompleteness));
  CHECK(c.says("entry 5"));
}

TEST_CASE("The watch is a value: a copy goes on by itself, and the first breach stays") {
  RaftWatch watch;
  const auto lead = [](RaftWatch &w, trace::Sequence s, std::uint32_t node) {
    w.take(s, {}, node, "n", FactTopic::Term, "kv", "1", "");
    w.take(s + 1, {}, node, "n", FactTopic::Role, "kv", "leader", "");
  };
  lead(watch, 1, 1);
  RaftWatch copy = watch;
  lead(copy, 3, 2);
  lead(copy, 5, 3);
  CHECK_FALSE(watch.breach());
  REQUIRE(copy.breach());
  CHECK(copy.breach()->record == 4);
  lead(watch, 7, 3);
  CHECK(watch.breach()->record == 8);
}

TEST_CASE("Every promise of Raft has a name and a sentence") {
  for (const auto invariant :
       {RaftInvariant::ElectionSafety, RaftInvariant::LogMatching,
        RaftInvariant::LeaderCompleteness, RaftInvariant::StateMachineSafety}) {
    CHECK_FALSE(name(invariant).empty());
    CHECK(sentence(invariant).ends_with("."));
  }
}
