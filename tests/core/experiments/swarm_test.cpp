// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_cluster.h"
#include "core/experiments/shrink.h"
#include "core/experiments/swarm.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"

#include <thread>

using namespace packetarium;
using namespace packetarium::experiments;
using scenario::Scenario;

namespace {

using Parameters = std::map<std::string, programs::ParameterValue>;

Parameters ms(std::initializer_list<std::pair<const char *, int>> times) {
  Parameters out;
  for (const auto &[key, value] : times) out[key] = Duration::ms(value).ns();
  return out;
}

/// Five seconds of three members and three busy clients.
RaftCluster smallCluster() {
  RaftCluster c;
  c.members = c.clients = 3;
  c.linkDelay = Duration::ms(1);
  c.duration = Duration::seconds(5);
  c.clientParameters =
      ms({{"think_ns", 10}, {"timeout_ns", 250}, {"backoff_ns", 10}, {"backoff_max_ns", 50}});
  c.clientParameters["keys"] = std::int64_t{3};
  return c;
}

/// Clients that give up soon ask both sides of a cut while an old leader still believes.
RaftCluster hastyCluster() {
  RaftCluster c = smallCluster();
  c.members = 5;
  c.clients = 4;
  c.duration = Duration::seconds(8);
  c.clientParameters["timeout_ns"] = Duration::ms(100).ns();
  c.clientParameters["keys"] = std::int64_t{1};
  return c;
}

Scenario flawed(RaftCluster cluster, const std::string &flaw) {
  cluster.memberParameters["flaw"] = flaw;
  return raftCluster(cluster);
}

SwarmReport swarmOf(const Scenario &s, std::uint64_t firstSeed, std::uint64_t runs) {
  SwarmOptions options;
  options.firstSeed = firstSeed;
  options.runs = runs;
  options.stopAtFirst = true;
  auto report = swarm(s, options);
  REQUIRE(report.ok());
  return std::move(report).value();
}

/// The flaw is found among these seeds, and shrinks to few faults that still break the promise.
void checkCaught(const Scenario &s, std::uint64_t firstSeed, std::uint64_t runs = 20) {
  const SwarmReport report = swarmOf(s, firstSeed, runs);
  REQUIRE(report.violations.size() == 1);
  const Violation &v = report.violations.front();
  CHECK_FALSE(v.operation.empty());
  CHECK_FALSE(v.why.empty());
  const auto shrunk = shrink(withDrawnFaults(s, v.seed, {}), v.promise, {});
  REQUIRE(shrunk.ok());
  INFO(scenario::toJson(shrunk->scenario));
  CHECK(shrunk->faults <= 5);
  CHECK(shrunk->faults <= shrunk->faultsBefore);
  // What is saved opens again, and breaks the same.
  const auto again = scenario::parse(scenario::toJson(shrunk->scenario));
  REQUIRE(again.ok());
  const auto verdict = runAndJudge(*again, {v.promise}, {});
  REQUIRE(verdict.ok());
  REQUIRE(verdict->violations.size() == 1);
  CHECK(verdict->violations.front().at == shrunk->violation.at);
  CHECK(verdict->violations.front().operation == shrunk->violation.operation);
}

} // namespace

TEST_CASE("What programs promise is expected of them") {
  CHECK(promisesOf(raftCluster({})) ==
        std::vector<Promise>{Promise::Invariants, Promise::Linearizable});
  RaftCluster local;
  local.memberParameters["reads"] = std::string("local");
  CHECK(promisesOf(raftCluster(local)) == std::vector<Promise>{Promise::Invariants});
  for (int i = 0; i < promiseCount; ++i) {
    const auto promise = static_cast<Promise>(i);
    CHECK(promiseOf(name(promise)) == promise);
    CHECK_FALSE(sentence(promise).empty());
  }
  CHECK_FALSE(promiseOf("eternity"));
}

TEST_CASE("Correct Raft breaks nothing, whatever happens to it") {
  for (const char *reads : {"read-index", "lease", "log"}) {
    RaftCluster cluster = smallCluster();
    cluster.memberParameters["reads"] = std::string(reads);
    cluster.memberParameters["snapshot_entries"] = std::int64_t{25};
    cluster.memberParameters["prevote"] = std::string(reads) == "lease";
    SwarmOptions options;
    options.runs = 70;
    options.firstSeed = 1000;
    const auto report = swarm(raftCluster(cluster), options);
    REQUIRE(report.ok());
    INFO(reads << (report->violations.empty() ? "" : report->violations.front().why));
    CHECK(report->violations.empty());
    CHECK(report->done == 70);
    CHECK(report->undecided <= 1);
    CHECK(report->operations > 70 * 100);
  }
  SwarmOptions options;
  options.runs = 40;
  const auto report = swarm(raftCluster(hastyCluster()), options);
  REQUIRE(report.ok());
  CHECK(report->violations.empty());
}

TEST_CASE("A swarm finds each mistake that leads to another history") {
  RaftCluster forgetful = smallCluster();
  forgetful.memberParameters["snapshot_entries"] = std::int64_t{20};
  SECTION("commit-old-term") { checkCaught(flawed(hastyCluster(), "commit-old-term"), 1, 100); }
  SECTION("read-without-quorum") { checkCaught(flawed(hastyCluster(), "read-without-quorum"), 1); }
  SECTION("lease-skewed") { checkCaught(flawed(hastyCluster(), "lease-skewed"), 1, 100); }
  SECTION("no-sessions") { checkCaught(flawed(hastyCluster(), "no-sessions"), 1, 100); }
  SECTION("snapshot-loses-entry") { checkCaught(flawed(forgetful, "snapshot-loses-entry"), 1); }
}

TEST_CASE("A swarm finds each mistake that breaks an invariant") {
  SECTION("double-vote") { checkCaught(flawed(smallCluster(), "double-vote"), 1, 60); }
  SECTION("no-log-check") { checkCaught(flawed(smallCluster(), "no-log-check"), 1); }
  SECTION("no-match-check") { checkCaught(flawed(smallCluster(), "no-match-check"), 1, 60); }
  SECTION("unbounded-commit") { checkCaught(flawed(smallCluster(), "unbounded-commit"), 1, 60); }
  SECTION("log-not-synced") { checkCaught(flawed(smallCluster(), "log-not-synced"), 1, 300); }
}

TEST_CASE("A swarm is the same for any number of threads") {
  SwarmOptions options;
  options.runs = 8;
  const Scenario s = flawed(smallCluster(), "no-log-check");
  options.threads = 1;
  const auto one = swarm(s, options);
  options.threads = 3;
  const auto three = swarm(s, options);
  REQUIRE((one.ok() && three.ok()));
  REQUIRE(one->violations.size() == three->violations.size());
  for (std::size_t i = 0; i < one->violations.size(); ++i) {
    CHECK(one->violations[i].seed == three->violations[i].seed);
    CHECK(one->violations[i].record == three->violations[i].record);
  }
  CHECK(one->operations == three->operations);
}

TEST_CASE("Writes that a primary acknowledged alone are lost, and the swarm says which") {
  auto loaded = scenario::loadBuiltIn("primary-replicas");
  REQUIRE(loaded.ok());
  SwarmOptions options;
  options.runs = 40;
  options.stopAtFirst = true;
  CHECK_FALSE(swarm(*loaded, options).ok()); // it promises nothing
  options.promises = {Promise::NoLostWrites};
  Scenario s = *loaded;
  s.duration = Duration::seconds(20);
  for (scenario::Node &node : s.nodes)
    for (scenario::Program &p : node.programs)
      if (p.kind == "kv-store") p.parameters["promotion"] = std::string("automatic");
  const auto report = swarm(s, options);
  REQUIRE(report.ok());
  REQUIRE(report->violations.size() == 1);
  CHECK(report->violations.front().operation.substr(0, 5) == "write");
}

TEST_CASE("A swarm and its shrinking can be cancelled") {
  std::atomic<bool> cancelled{true};
  SwarmOptions options;
  options.judge.cancelled = &cancelled;
  const auto report = swarm(raftCluster(smallCluster()), options);
  REQUIRE(report.ok());
  CHECK(report->cancelled);
  CHECK(report->done == 0);
}

TEST_CASE("What breaks nothing cannot be shrunk") {
  CHECK_FALSE(shrink(raftCluster(smallCluster()), Promise::Invariants, {}).ok());
}
