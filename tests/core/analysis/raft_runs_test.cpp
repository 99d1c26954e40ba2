// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/analysis/consensus.h"
#include "core/analysis/judgement.h"
#include "core/analysis/names.h"
#include "core/analysis/why.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::FactTopic;

namespace {

constexpr std::string_view service = "shop";
SimTime at(double seconds) { return SimTime::fromNs(static_cast<std::int64_t>(seconds * 1e9)); }

FactBook factsOf(const Run &run) {
  FactBook facts;
  facts.extend(run.trace);
  return facts;
}

std::vector<std::string> everyStore(const std::string &setting) {
  std::vector<std::string> settings;
  for (const char *node : {"west-1", "west-2", "west-3", "east-1", "east-2"})
    settings.push_back(fmt::format("nodes.{}.programs.store.{}", node, setting));
  return settings;
}

world::ScriptEntry action(const Run &run, double seconds, world::Action::Kind kind,
                          const std::string &node) {
  world::Action a;
  a.kind = kind;
  a.node = run.built.node(node);
  return {at(seconds), a};
}

/// As the built-in scenario has it: a partition from 10 s to 22 s.
const Run &parted() {
  static const Run run = fixture::run("cap-dial", at(26));
  return run;
}

/// Snapshots after a few entries, and members that crash one after the other, one with its disk.
Run crashing() {
  const Run &like = parted();
  using Kind = world::Action::Kind;
  const world::Script faults = {
      action(like, 3, Kind::CrashNode, "west-1"), action(like, 5, Kind::RestartNode, "west-1"),
      action(like, 6, Kind::CrashNode, "east-1"), action(like, 7, Kind::RestartEmpty, "east-1"),
      action(like, 8, Kind::CrashNode, "west-2"), action(like, 9, Kind::RestartNode, "west-2")};
  return fixture::run("cap-dial", at(26), 0, everyStore("snapshot_entries=15"), faults);
}

std::string text(const Why &why) {
  std::string out = why.question + "\n";
  for (const WhyStep &s : why.chain) out += s.sentence + "\n";
  return out;
}

bool has(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

judge::Budget amply() {
  judge::Budget budget;
  budget.time = std::chrono::seconds(30);
  return budget;
}

} // namespace

TEST_CASE("the members of a running Raft cluster are what they told last, at every record") {
  const Run &run = parted();
  const FactBook facts = factsOf(run);
  std::map<std::uint32_t, std::string> roles, terms;
  std::size_t facts_seen = 0;
  for (const FactMark &fact : facts.facts()) {
    if (facts.text(fact.name) != service) continue;
    if (fact.topic == FactTopic::Role) roles[fact.node] = facts.text(fact.value);
    if (fact.topic == FactTopic::Term) terms[fact.node] = facts.text(fact.value);
    if (++facts_seen % 97 != 0) continue;
    for (const MemberView &m : consensusState(facts, run.network(), fact.sequence).members) {
      INFO(fmt::format("record {} node {}", fact.sequence, m.node));
      REQUIRE(m.role == roles.at(m.node));
      REQUIRE(std::to_string(m.term) == terms.at(m.node));
    }
  }
  const auto end = consensusState(facts, run.network(), facts.seenUpTo());
  REQUIRE(end.members.size() == 5);
  const auto leader = std::find_if(end.members.begin(), end.members.end(),
                                   [](const MemberView &m) { return m.role == "leader"; });
  REQUIRE(leader != end.members.end());
  CHECK(leader->progress.size() == 4);
  CHECK_FALSE(leader->electionAt);
  for (const MemberView &m : end.members) {
    CHECK(m.leader == leader->node);
    CHECK(m.term == leader->term);
    CHECK(nodesNamed(run.network(), m.configuration).size() == 5);
    if (m.node != leader->node) {
      REQUIRE(m.electionAt);
      CHECK(*m.electionAt - *m.electionSince >= Duration::ms(150));
      CHECK(*m.electionAt - *m.electionSince <= Duration::ms(300));
    }
  }
  for (const ProgressView &p : leader->progress) CHECK(p.nextIndex > p.matchIndex);
}

TEST_CASE("why a member came to lead: the heartbeat that did not come, the time-out, the votes") {
  using Kind = world::Action::Kind;
  const FactBook before = factsOf(parted());
  const auto state =
      consensusState(before, parted().network(), parted().trace.lastAtOrBefore(at(5)));
  const auto first = std::find_if(state.members.begin(), state.members.end(),
                                  [](const MemberView &m) { return m.role == "leader"; });
  REQUIRE(first != state.members.end());
  const std::string leader = parted().network().nodes[first->node].id;
  const Run run =
      fixture::run("cap-dial", at(8), 0, {}, {action(parted(), 5, Kind::CrashNode, leader)});
  const FactBook facts = factsOf(run);
  const FactMark *elected = nullptr;
  for (const FactMark &fact : facts.facts())
    if (fact.topic == FactTopic::Role && facts.text(fact.value) == "leader" && fact.at > at(5))
      elected = &fact;
  REQUIRE(elected != nullptr);
  const Why why = whyOf(run.trace, run.network(), elected->sequence, 64);
  const std::string told = text(why);
  INFO(told);
  CHECK(why.question == "How did this election come about?");
  CHECK(has(told, "votes for it in term"));
  CHECK(has(told, "stood for election in term"));
  CHECK(has(told, "to hear from the leader of shop"));
  CHECK(has(told, nodeName(run.network(), first->node) + " crashed"));
  for (std::size_t i = 1; i < why.chain.size(); ++i) CHECK(why.chain[i].at <= why.chain[i - 1].at);
}

TEST_CASE("logs begin after their snapshots, and hold every entry from there on") {
  const Run run = crashing();
  const FactBook facts = factsOf(run);
  bool cut = false;
  for (double t = 1; t < 26; t += 0.37) {
    const auto upTo = run.trace.lastAtOrBefore(at(t));
    const ClusterState state = clusterState(facts, run.network(), upTo);
    const ConsensusState members = consensusState(facts, run.network(), upTo);
    for (const LogView &log : state.logs) {
      INFO(fmt::format("{} s, node {}", t, log.node));
      const auto member = std::find_if(members.members.begin(), members.members.end(),
                                       [&](const MemberView &m) { return m.node == log.node; });
      REQUIRE(member != members.members.end());
      CHECK(member->snapshotIndex == log.snapshotIndex);
      std::uint64_t next = log.entries.empty() ? 0 : log.entries.front().index;
      for (const LogEntryView &e : log.entries) {
        if (e.thrownAway) continue;
        CHECK(e.index > log.snapshotIndex);
        CHECK(e.index == next++);
      }
      CHECK(log.committed >= log.snapshotIndex);
      CHECK(log.last >= log.committed);
      cut = cut || log.snapshotIndex > 0;
    }
  }
  CHECK(cut);
}

TEST_CASE(
    "no write of Raft is called lost, whatever crashes, empty disks and snapshots there were") {
  const Run run = crashing();
  const FactBook facts = factsOf(run);
  REQUIRE(historyOf(facts, service, facts.seenUpTo()).operations.size() > 200);
  for (double t = 2; t < 26; t += 1.3) {
    INFO(t);
    CHECK(lostWrites(facts, run.network(), run.trace.lastAtOrBefore(at(t))).empty());
  }
  CHECK(lostWrites(facts, run.network(), facts.seenUpTo()).empty());
}

TEST_CASE("all lights of Raft stay green through a partition") {
  const Run &run = parted();
  const FactBook facts = factsOf(run);
  const auto lights = lightsOf(facts, run.network(), service, facts.seenUpTo(), amply());
  CHECK(lights.size() == 13);
  for (const Light &light : lights) {
    INFO(light.title + ": " + light.why);
    CHECK(light.verdict != judge::Verdict::False);
    CHECK_FALSE(light.promise.empty());
    if (light.title != "Sequential" && light.title != "Convergence") // too long; nobody rests
      CHECK(light.verdict == judge::Verdict::True);
  }
}

namespace {

/// A leader in the east that reads in its lease, cut off with the east from 10 s on; everybody's
/// clock runs as told. Leases last nearly as long as the shortest time-out: good for half a
/// percent.
Run leasing(double leaderPpm, double othersPpm) {
  std::vector<std::string> settings = everyStore("reads=lease");
  for (const char *setting : {"election_min_ns=2000000000", "election_max_ns=2050000000",
                              "heartbeat_ns=50000000", "lease_ns=1980000000"})
    for (std::string &s : everyStore(setting)) settings.push_back(std::move(s));
  settings.push_back(fmt::format("nodes.east-1.clock_drift_ppm={}", leaderPpm));
  for (const char *node : {"west-1", "west-2", "west-3", "east-2"})
    settings.push_back(fmt::format("nodes.{}.clock_drift_ppm={}", node, othersPpm));
  // Clients that ask often, and do not wait long for who is gone; those in the east only read.
  settings.push_back("nodes.east-clients.programs.clients.read_share=1");
  for (const char *program : {"west-clients.programs.clients", "east-clients.programs.clients",
                              "east-clients.programs.readers"})
    for (const char *setting : {"think_ns=20000000", "timeout_ns=150000000"})
      settings.push_back(fmt::format("nodes.{}.{}", program, setting));
  const Run &like = parted();
  return fixture::run("cap-dial", at(20), 0, settings,
                      {action(like, 5, world::Action::Kind::Promote, "east-1")});
}

Light lightIn(const Run &run, std::string_view title) {
  const FactBook facts = factsOf(run);
  for (Light &light : lightsOf(facts, run.network(), service, facts.seenUpTo(), amply()))
    if (light.title == title) return light;
  return {};
}

} // namespace

TEST_CASE("a lease is as good as the clocks: within its bound no read is stale, beyond it one is") {
  for (const double ppm : {0., 4900.}) {
    const Run kept = leasing(-ppm, ppm);
    CHECK(lightIn(kept, "Linearizable").verdict == judge::Verdict::True);
  }
  const Run beyond = leasing(-100'000, 100'000);
  const Light light = lightIn(beyond, "Linearizable");
  REQUIRE(light.verdict == judge::Verdict::False);
  CAPTURE(light.why);
  // Judged as what it is: an old leader in the east, asked while the west had elected another one.
  CHECK(light.since > at(11.8));
  CHECK(light.since < at(12.4));
  CHECK(has(light.why, "east 1 answered the read. east 1 never got that write."));
  for (const char *kept : {"Election safety", "Log matching", "State machine safety"})
    CHECK(lightIn(beyond, kept).verdict == judge::Verdict::True);
}
