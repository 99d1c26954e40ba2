// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/runner.h"
#include "core/session/worker.h"
#include "tests/core/session/random_scenario.h"
#include "tests/support/catch.h"

#include <chrono>
#include <thread>

using namespace packetarium;
using session::Updates;
using session::Worker;
using session::testing::ScenarioDraw;

namespace {

scenario::BuiltScenario drawn(std::uint64_t seed) {
  auto built = scenario::build(ScenarioDraw(seed).draw());
  REQUIRE(built.ok());
  return *built;
}

/// What a window does: polls, and keeps the trace.
struct Client {
  void poll(Worker &worker) {
    const Updates u = worker.poll();
    if (u.truncateFrom) trace.truncate(*u.truncateFrom);
    for (const auto &c : u.chunks) trace.insert(c);
    for (const std::size_t s : u.droppedSlots) trace.drop(s), ++dropped;
    for (const auto &n : u.nodes) nodes.push_back(n);
    generation = u.generation;
    ended = u.ended;
    fingerprint = u.fingerprint;
  }
  /// Polls until the condition holds; fails the test after ten seconds.
  template <class Condition> void until(Worker &worker, Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      poll(worker);
    }
  }
  trace::Trace trace;
  std::vector<world::NodeDescription> nodes;
  std::uint64_t generation = 0, fingerprint = 0;
  std::size_t dropped = 0;
  bool ended = false;
};

std::uint64_t directFingerprint(const scenario::BuiltScenario &built, world::Script script) {
  session::Runner runner(built.plan, std::move(script), built.end);
  while (!runner.ended()) runner.advance(runner.end(), 1000);
  return runner.world().fingerprint();
}

} // namespace

TEST_CASE("The worker hands over a gapless trace and the fingerprint of a direct run") {
  const auto built = drawn(2);
  Worker worker;
  Client client;
  const auto generation = worker.start(built.plan, built.script, built.end);
  worker.setTarget(built.end);
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  CHECK(client.fingerprint == directFingerprint(built, built.script));
  trace::Sequence next = 1;
  for (const auto &slot : client.trace.slots()) {
    CHECK(slot.summary.first == next);
    next = slot.summary.end();
  }
}

TEST_CASE("A script edit in mid-run is followed from the edit on, and undo restores the run") {
  const auto built = drawn(4);
  Worker worker;
  Client client;
  auto generation = worker.start(built.plan, built.script, built.end);
  worker.setTarget(built.end);
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  const std::uint64_t first = client.fingerprint;

  world::Script script = built.script;
  script.push_back(
      {SimTime::zero() + Duration::ms(1500), {world::Action::Kind::CutLink, {}, LinkIndex{0}, 0}});
  generation = worker.setScript(script);
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  CHECK(client.fingerprint == directFingerprint(built, script));
  CHECK(client.fingerprint != first);

  generation = worker.setScript(built.script);
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  CHECK(client.fingerprint == first);
  trace::Sequence next = 1;
  for (const auto &slot : client.trace.slots()) {
    CHECK(slot.summary.first == next);
    next = slot.summary.end();
  }
}

TEST_CASE("Edits that follow one another quickly end in the run of the last one") {
  const auto built = drawn(6);
  Worker worker;
  Client client;
  worker.start(built.plan, built.script, built.end);
  worker.setTarget(built.end);
  std::uint64_t generation = 0;
  world::Script script;
  for (int i = 0; i < 40; ++i) {
    script = built.script;
    script.push_back({SimTime::zero() + Duration::ms(7000 - 150 * i),
                      {world::Action::Kind::CutLink, {}, LinkIndex{0}, 0}});
    generation = worker.setScript(script);
    client.poll(worker);
  }
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  CHECK(client.fingerprint == directFingerprint(built, script));
  trace::Sequence next = 1;
  for (const auto &slot : client.trace.slots()) {
    CHECK(slot.summary.first == next);
    next = slot.summary.end();
  }
}

TEST_CASE("Over the memory cap old chunks are dropped and come back when asked for") {
  auto scenario = ScenarioDraw(9).draw();
  scenario.duration = Duration::seconds(60);
  const auto built = scenario::build(scenario);
  REQUIRE(built.ok());
  session::WorkerOptions options;
  options.traceBytesMax = 600'000;
  Worker worker(options);
  Client client;
  const auto generation = worker.start(built->plan, built->script, built->end);
  worker.setTarget(built->end);
  client.until(worker, [&] { return client.generation == generation && client.ended; });
  REQUIRE(client.dropped > 0);
  REQUIRE(client.trace.slots()[0].chunk == nullptr);
  worker.requestSlot(0);
  client.until(worker, [&] { return client.trace.slots()[0].chunk != nullptr; });
  CHECK(client.trace.record(1)->at == SimTime::zero());
}

TEST_CASE("A node's state is answered as a value") {
  const auto built = drawn(7);
  Worker worker;
  Client client;
  worker.start(built.plan, built.script, built.end);
  worker.setTarget(built.end);
  worker.askNode(NodeIndex{0}, SimTime::zero() + Duration::seconds(2));
  client.until(worker, [&] { return !client.nodes.empty(); });
  CHECK(client.nodes[0].at == SimTime::zero() + Duration::seconds(2));
  CHECK(client.nodes[0].tables.size() >= 3);
}

TEST_CASE("Stopping a worker in the middle of a run ends at once") {
  const auto built = drawn(8);
  for (int i = 0; i < 20; ++i) {
    Worker worker;
    worker.start(built.plan, built.script, built.end);
    worker.setTarget(built.end);
  }
  SUCCEED("all threads joined");
}
