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

RaftCluster smallHastyCluster() {
  RaftCluster c = hastyCluster();
  c.members = c.clients = 3;
  c.duration = Duration::seconds(5);
  return c;
}

/// Messages are long on their way, and elections nearly as short: terms follow one another.
RaftCluster farApartCluster() {
  RaftCluster c;
  c.linkDelay = Duration::ms(20);
  c.duration = Duration::seconds(4);
  c.memberParameters =
      ms({{"election_min_ns", 150}, {"election_max_ns", 300}, {"heartbeat_ns", 40}});
  c.clientParameters = ms({{"think_ns", 400}});
  c.clientParameters["keys"] = std::int64_t{2};
  return c;
}

/// Many messages with an entry each are under way at once, so that one may overtake another.
RaftCluster crowdedCluster() {
  RaftCluster c = farApartCluster();
  c.clients = 8;
  c.memberParameters["max_batch"] = std::int64_t{1};
  c.clientParameters["think_ns"] = Duration::ms(2).ns();
  c.clientParameters["read_share"] = .1;
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

DrawOptions manyFaults() {
  DrawOptions faults;
  faults.faultsMax = 20;
  return faults;
}

SwarmReport swarmOf(const Scenario &s, std::uint64_t firstSeed, const DrawOptions &faults,
                    std::vector<Promise> promises) {
  SwarmOptions options;
  options.firstSeed = firstSeed;
  options.runs = 20;
  options.faults = faults;
  options.promises = std::move(promises);
  options.stopAtFirst = true;
  auto report = swarm(s, options);
  REQUIRE(report.ok());
  return std::move(report).value();
}

/// The flaw is found among these seeds, and shrinks to few faults that still break the promise.
void checkCaught(const Scenario &s, std::uint64_t firstSeed, const DrawOptions &faults = {},
                 const std::vector<Promise> &promises = {}) {
  const SwarmReport report = swarmOf(s, firstSeed, faults, promises);
  REQUIRE(report.violations.size() == 1);
  const Violation &v = report.violations.front();
  CHECK_FALSE(v.operation.empty());
  CHECK_FALSE(v.why.empty());
  const auto shrunk = shrink(withDrawnFaults(s, v.seed, faults), v.promise, {});
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
  SECTION("commit-old-term") { checkCaught(flawed(smallHastyCluster(), "commit-old-term"), 182); }
  SECTION("read-without-quorum") { checkCaught(flawed(hastyCluster(), "read-without-quorum"), 1); }
  SECTION("lease-skewed") { checkCaught(flawed(hastyCluster(), "lease-skewed"), 1); }
  SECTION("no-sessions") { checkCaught(flawed(hastyCluster(), "no-sessions"), 57); }
  SECTION("snapshot-loses-entry") { checkCaught(flawed(forgetful, "snapshot-loses-entry"), 1); }
}

TEST_CASE("A swarm finds each mistake that breaks an invariant") {
  SECTION("double-vote") { checkCaught(flawed(smallCluster(), "double-vote"), 20); }
  SECTION("no-log-check") { checkCaught(flawed(smallCluster(), "no-log-check"), 1); }
  SECTION("no-match-check") { checkCaught(flawed(smallCluster(), "no-match-check"), 79); }
  SECTION("unbounded-commit") { checkCaught(flawed(smallCluster(), "unbounded-commit"), 28); }
  SECTION("vote-not-persisted") {
    checkCaught(flawed(farApartCluster(), "vote-not-persisted"), 1930, manyFaults());
  }
  SECTION("truncate-blindly") {
    checkCaught(flawed(crowdedCluster(), "truncate-blindly"), 4015, manyFaults());
  }
  SECTION("log-not-synced") { checkCaught(flawed(smallCluster(), "log-not-synced"), 227); }
}

TEST_CASE("Correct Raft bears what betrays those mistakes") {
  for (const RaftCluster &cluster : {farApartCluster(), crowdedCluster()}) {
    SwarmOptions options;
    options.runs = 100;
    options.faults = manyFaults();
    const auto report = swarm(raftCluster(cluster), options);
    REQUIRE(report.ok());
    INFO((report->violations.empty() ? "" : report->violations.front().why));
    CHECK(report->violations.empty());
  }
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
  checkCaught(automaticPromotion(), 4, {}, {Promise::NoLostWrites});
}

TEST_CASE("A program that waits on a fast clock for the last nanosecond gets on") {
  // Seed 134: the clock of a replica runs fast while it counts how long its primary is silent.
  const auto verdict =
      runAndJudge(withDrawnFaults(automaticPromotion(), 134, {}), {Promise::NoLostWrites}, {});
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
