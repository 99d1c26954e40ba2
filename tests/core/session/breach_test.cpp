// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_cluster.h"
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "core/session/worker.h"
#include "tests/support/catch.h"

#include <chrono>
#include <cstring>
#include <thread>

using namespace packetarium;
using judge::RaftInvariant;
using session::Runner;
using session::RunnerOptions;

namespace {

/// Members that vote twice; two of them lose patience at the same instant.
scenario::BuiltScenario doubleVotes(const char *flaw = "double-vote") {
  experiments::RaftCluster cluster;
  cluster.members = 3;
  cluster.clients = 1;
  cluster.duration = Duration::seconds(6);
  cluster.memberParameters = {{"flaw", std::string(flaw)}, {"prevote", false}};
  const auto built = scenario::build(experiments::raftCluster(cluster));
  REQUIRE(built.ok());
  return *built;
}

world::Script impatience(const scenario::BuiltScenario &built) {
  world::Script script;
  // The leader keeps quiet meanwhile; whoever it is, two others stand at once.
  for (int turn = 0; turn < 3; ++turn)
    for (std::uint32_t node = 0; node < built.plan->network.nodes.size(); ++node) {
      if (!built.plan->network.nodes[node].id.starts_with("m")) continue;
      world::Action action;
      action.kind = world::Action::Kind::TimeOut;
      action.node = NodeIndex{node};
      script.push_back({SimTime::zero() + Duration::seconds(2 + turn), action});
    }
  return script;
}

constexpr std::uint64_t shortStretch = 500; ///< and then a chunk is closed, and a checkpoint taken

std::vector<trace::Record> runAll(Runner &runner, std::uint64_t stretch,
                                  std::vector<trace::ChunkSummary> *summaries = nullptr) {
  std::vector<trace::Record> records;
  while (!runner.ended()) {
    runner.advance(runner.end(), stretch);
    if (runner.ended() || stretch == shortStretch) runner.flush();
    for (const auto &chunk : runner.takeChunks()) {
      records.insert(records.end(), chunk->records.begin(), chunk->records.end());
      if (summaries != nullptr) summaries->push_back(chunk->summary);
    }
  }
  return records;
}

RunnerOptions manyCheckpoints() {
  RunnerOptions options;
  options.checkpointInterval = 1;
  options.bytesPerEvent = 1u << 20;
  return options;
}

} // namespace

TEST_CASE("A breach of Raft's promises ends the run right there, and is told") {
  const auto built = doubleVotes();
  Runner runner(built.plan, impatience(built), built.end);
  const auto records = runAll(runner, 100'000);
  REQUIRE(runner.breach());
  const judge::Breach breach = *runner.breach();
  CHECK(breach.invariant == RaftInvariant::ElectionSafety);
  CHECK(breach.service == "store");
  CHECK(runner.knownUntil() == breach.at);
  CHECK(runner.knownUntil() < built.end);
  REQUIRE(breach.record <= records.size());
  const trace::Record &at = records[breach.record - 1];
  CHECK(at.kind == trace::RecordKind::Fact);
  CHECK(at.detail == static_cast<std::uint16_t>(trace::FactTopic::Role));
  CHECK(at.at == breach.at);
  CHECK(records.back().at == breach.at);

  // However it is run, it is the same: in small stretches, or without a trace.
  Runner small(built.plan, impatience(built), built.end);
  CHECK(runAll(small, 7).size() == records.size());
  CHECK(small.breach()->record == breach.record);
  RunnerOptions blind;
  blind.record = false;
  Runner unseen(built.plan, impatience(built), built.end, blind);
  runAll(unseen, 5000);
  CHECK(unseen.breach()->why == breach.why);
  CHECK(unseen.world().fingerprint() == runner.world().fingerprint());
}

TEST_CASE("Members that vote once keep the promise under the same script") {
  const auto built = doubleVotes("none");
  Runner runner(built.plan, impatience(built), built.end);
  runAll(runner, 100'000);
  CHECK_FALSE(runner.breach());
  CHECK(runner.knownUntil() == built.end);
}

TEST_CASE("An edit of the script before a breach takes it back, from any checkpoint") {
  const auto built = doubleVotes();
  const world::Script script = impatience(built);
  Runner runner(built.plan, script, built.end, manyCheckpoints());
  runAll(runner, shortStretch);
  REQUIRE(runner.breach());
  const judge::Breach first = *runner.breach();
  REQUIRE(runner.checkpointCount() > 1);
  runner.setScript({});
  CHECK_FALSE(runner.ended());
  runAll(runner, shortStretch);
  CHECK_FALSE(runner.breach());
  CHECK(runner.knownUntil() == built.end);
  runner.setScript(script);
  runAll(runner, shortStretch);
  REQUIRE(runner.breach());
  CHECK(runner.breach()->record == first.record);
  CHECK(runner.breach()->against == first.against);
  // An edit after the breach changes nothing: the run is over before.
  world::Script later = script;
  later.push_back({built.end - Duration::ms(1), script.front().action});
  runner.setScript(later);
  runAll(runner, shortStretch);
  CHECK(runner.breach()->record == first.record);
}

TEST_CASE("Chunks of a run that broke a promise are derived again, bit for bit") {
  const auto built = doubleVotes();
  Runner runner(built.plan, impatience(built), built.end, manyCheckpoints());
  std::vector<trace::ChunkSummary> summaries;
  const auto records = runAll(runner, shortStretch, &summaries);
  REQUIRE(runner.breach());
  for (const trace::ChunkSummary &summary : summaries) {
    const auto chunk = runner.derive(summary);
    REQUIRE(chunk);
    REQUIRE(chunk->records.size() == summary.count);
    for (std::size_t i = 0; i < chunk->records.size(); ++i)
      REQUIRE(std::memcmp(&chunk->records[i], &records[summary.first - 1 + i],
                          sizeof(trace::Record)) == 0);
  }
}

TEST_CASE("The worker hands the breach over, and takes it back with an edit") {
  const auto built = doubleVotes();
  session::Worker worker;
  std::uint64_t generation = worker.start(built.plan, impatience(built), built.end);
  worker.setTarget(built.end);
  const auto wait = [&] {
    session::Updates last;
    for (int i = 0; i < 2000; ++i) {
      session::Updates updates = worker.poll();
      if (updates.generation == generation) last = std::move(updates);
      if (last.ended) return last;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return last;
  };
  const session::Updates broken = wait();
  REQUIRE(broken.ended);
  REQUIRE(broken.breach);
  CHECK(broken.knownUntil == broken.breach->at);
  generation = worker.setScript({});
  const session::Updates whole = wait();
  CHECK(whole.ended);
  CHECK_FALSE(whole.breach);
}
