// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_cluster.h"
#include "core/experiments/shrink.h"
#include "core/experiments/swarm.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"

#include <atomic>

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

/// What is acknowledged by the primary alone is not waited for when another one takes over.
Scenario automaticPromotion() {
  auto loaded = scenario::loadBuiltIn("primary-replicas");
  REQUIRE(loaded.ok());
  Scenario s = std::move(loaded).value();
  for (scenario::Node &node : s.nodes)
    for (scenario::Program &program : node.programs)
      if (program.kind == "kv-store") program.parameters["promotion"] = std::string("automatic");
  return s;
}

Scenario flawed(RaftCluster cluster, const std::string &flaw) {
  cluster.memberParameters["flaw"] = flaw;
  return raftCluster(cluster);
}

SwarmReport swarmUntilFirst(const Scenario &s, std::vector<Promise> promises) {
  SwarmOptions options;
  options.runs = 300;
  options.promises = std::move(promises);
  options.stopAtFirst = true;
  auto report = swarm(s, options);
  REQUIRE(report.ok());
  return std::move(report).value();
}

/// The flaw is found in 300 runs, and shrinks to few faults that still break the promise.
void checkCaught(const Scenario &s, const std::vector<Promise> &promises = {}) {
  const SwarmReport report = swarmUntilFirst(s, promises);
  REQUIRE(report.violations.size() == 1);
  const Violation &v = report.violations.front();
  INFO("seed " << v.seed);
  CHECK_FALSE(v.operation.empty());
  CHECK_FALSE(v.why.empty());
  const auto shrunk = shrink(withDrawnFaults(s, v.seed, {}), v.promise, {});
  REQUIRE(shrunk.ok());
  INFO(scenario::toJson(shrunk->scenario));
  CHECK(shrunk->faults <= 5);
  CHECK(shrunk->faults <= shrunk->faultsBefore);
  CHECK(shrunk->violation.seed == shrunk->scenario.seed);
  // What is saved opens again, and breaks the same.
  const auto again = scenario::parse(scenario::toJson(shrunk->scenario));
  REQUIRE(again.ok());
  const auto verdict = runAndJudge(*again, {v.promise}, {});
  REQUIRE(verdict.ok());
  REQUIRE(verdict->violations.size() == 1);
  CHECK(verdict->violations.front().at == shrunk->violation.at);
  CHECK(verdict->violations.front().operation == shrunk->violation.operation);
}

void checkFlawCaught(const std::string &flaw) { checkCaught(flawed(harshRaftCluster(), flaw)); }

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
    options.runs = 40;
    options.firstSeed = 1000;
    const auto report = swarm(raftCluster(cluster), options);
    REQUIRE(report.ok());
    INFO(reads << (report->violations.empty() ? "" : report->violations.front().why));
    CHECK(report->violations.empty());
    CHECK(report->done == 40);
    CHECK(report->undecided <= 1);
    CHECK(report->operations > 40 * 100);
  }
  SwarmOptions options;
  options.runs = 30;
  const auto report = swarm(raftCluster(hastyCluster()), options);
  REQUIRE(report.ok());
  CHECK(report->violations.empty());
}

TEST_CASE("A swarm finds each mistake that leads to another history", "[statistics]") {
  SECTION("commit-old-term") { checkFlawCaught("commit-old-term"); }
  SECTION("read-without-quorum") { checkFlawCaught("read-without-quorum"); }
  SECTION("lease-skewed") { checkFlawCaught("lease-skewed"); }
  SECTION("no-sessions") { checkFlawCaught("no-sessions"); }
  SECTION("snapshot-loses-entry") { checkFlawCaught("snapshot-loses-entry"); }
}

TEST_CASE("A swarm finds each mistake that breaks an invariant", "[statistics]") {
  SECTION("double-vote") { checkFlawCaught("double-vote"); }
  SECTION("no-log-check") { checkFlawCaught("no-log-check"); }
  SECTION("no-match-check") { checkFlawCaught("no-match-check"); }
  SECTION("unbounded-commit") { checkFlawCaught("unbounded-commit"); }
  SECTION("vote-not-persisted") { checkFlawCaught("vote-not-persisted"); }
  SECTION("truncate-blindly") { checkFlawCaught("truncate-blindly"); }
  SECTION("log-not-synced") { checkFlawCaught("log-not-synced"); }
}

TEST_CASE("Correct Raft bears what betrays those mistakes") {
  SwarmOptions options;
  options.runs = 100;
  const auto report = swarm(raftCluster(harshRaftCluster()), options);
  REQUIRE(report.ok());
  INFO((report->violations.empty() ? "" : report->violations.front().why));
  CHECK(report->violations.empty());
  CHECK(report->done == 100);
}

TEST_CASE("Shrinking gives the same for any number of threads, in no more runs than are allowed") {
  const Scenario s = flawed(harshRaftCluster(), "no-log-check");
  const SwarmReport report = swarmUntilFirst(s, {});
  REQUIRE(report.violations.size() == 1);
  const Violation &v = report.violations.front();
  ShrinkOptions options;
  options.runsMax = 40;
  options.threads = 1;
  const auto one = shrink(withDrawnFaults(s, v.seed, {}), v.promise, options);
  options.threads = 3;
  const auto three = shrink(withDrawnFaults(s, v.seed, {}), v.promise, options);
  REQUIRE((one.ok() && three.ok()));
  CHECK(one->runs <= 40);
  CHECK(one->runs == three->runs);
  CHECK(one->scenario == three->scenario);
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

TEST_CASE("What a scenario does not promise can be expected all the same") {
  auto loaded = scenario::loadBuiltIn("primary-replicas");
  REQUIRE(loaded.ok());
  SwarmOptions options;
  options.runs = 3;
  CHECK_FALSE(swarm(*loaded, options).ok()); // it promises nothing
  options.promises = {Promise::NoLostWrites};
  const auto report = swarm(*loaded, options);
  REQUIRE(report.ok());
  CHECK(report->done == 3);
  CHECK(report->operations > 3 * 500);
}

TEST_CASE("A swarm finds the write that automatic promotion loses") {
  checkCaught(automaticPromotion(), {Promise::NoLostWrites});
}

TEST_CASE("A program that waits on a fast clock for the last nanosecond gets on") {
  // The clock of a replica runs fast while it counts how long its primary is silent.
  using Kind = scenario::ScriptEntry::Kind;
  const auto at = [](int ms) { return SimTime::zero() + Duration::ms(ms); };
  Scenario s = automaticPromotion();
  s.seed = 134;
  s.script = {{"fast", at(6615), Kind::SetClockDrift, "alpha", 161},
              {"a", at(7083), Kind::CrashNode, "alpha", 0},
              {"b", at(7083), Kind::CrashNode, "beta", 0},
              {"c", at(7083), Kind::CrashNode, "gamma", 0},
              {"d", at(7506), Kind::RestartNode, "alpha", 0},
              {"e", at(7506), Kind::RestartNode, "beta", 0},
              {"f", at(7506), Kind::RestartNode, "gamma", 0},
              {"loss-1", at(8361), Kind::SetLoss, "alpha-switch", .35},
              {"loss-2", at(11458), Kind::SetLoss, "gamma-branch", .38},
              {"right", at(12189), Kind::SetClockDrift, "alpha", 0}};
  const auto verdict = runAndJudge(s, {Promise::NoLostWrites}, {});
  REQUIRE(verdict.ok());
  CHECK(verdict->operations > 1000);
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
