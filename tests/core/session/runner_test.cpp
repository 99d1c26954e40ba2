// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/runner.h"
#include "tests/core/session/random_scenario.h"
#include "tests/support/catch.h"

#include <cstring>

using namespace packetarium;
using session::Runner;
using session::RunnerOptions;
using session::testing::ScenarioDraw;

namespace {

scenario::BuiltScenario drawn(std::uint64_t seed) {
  const auto built = scenario::build(ScenarioDraw(seed).draw());
  if (!built)
    for (const Fault &f : built.faults()) UNSCOPED_INFO(f.text());
  REQUIRE(built.ok());
  return *built;
}

RunnerOptions dense() {
  RunnerOptions o;
  o.checkpointInterval = 1;
  return o;
}

std::vector<trace::ChunkPtr> runAll(Runner &runner) {
  std::vector<trace::ChunkPtr> chunks;
  while (!runner.ended()) {
    runner.advance(runner.end(), 700);
    runner.flush();
    for (auto &c : runner.takeChunks()) chunks.push_back(std::move(c));
  }
  return chunks;
}

bool same(const trace::Record &a, const trace::Record &b) {
  return std::memcmp(&a, &b, sizeof a) == 0; // 64 bytes without padding
}

std::vector<trace::Record> joined(const std::vector<trace::ChunkPtr> &chunks) {
  std::vector<trace::Record> all;
  for (const auto &c : chunks) all.insert(all.end(), c->records.begin(), c->records.end());
  return all;
}

/// Records name texts by their place in a chunk, which another cut of chunks changes.
void forgetTexts(std::vector<trace::Record> &records) {
  for (trace::Record &r : records) {
    switch (r.kind) {
    case trace::RecordKind::Note:
    case trace::RecordKind::Sample: r.args[0] = 0; break;
    case trace::RecordKind::Phase: r.args[0] = r.args[1] = 0; break;
    case trace::RecordKind::RequestStarted: r.args[1] = 0; break;
    case trace::RecordKind::RequestEnded: r.args[3] = 0; break;
    default: break;
    }
  }
}

void requireSame(std::vector<trace::Record> a, std::vector<trace::Record> b) {
  forgetTexts(a);
  forgetTexts(b);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("record " << i + 1 << " " << trace::name(a[i].kind) << " at " << toString(a[i].at));
    REQUIRE(same(a[i], b[i]));
  }
}

} // namespace

TEST_CASE("Two runs of the same scenario and seed are the same, record for record") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const auto built = drawn(seed);
    Runner a(built.plan, built.script, built.end);
    Runner b(built.plan, built.script, built.end);
    requireSame(joined(runAll(a)), joined(runAll(b)));
    CHECK(a.world().fingerprint() == b.world().fingerprint());
  }
}

TEST_CASE("Recording changes nothing: the fingerprint is the same without a trace") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto built = drawn(seed);
    Runner recorded(built.plan, built.script, built.end);
    runAll(recorded);
    RunnerOptions off;
    off.record = false;
    Runner bare(built.plan, built.script, built.end, off);
    while (!bare.ended()) bare.advance(bare.end(), 1000);
    INFO("seed " << seed);
    CHECK(recorded.world().fingerprint() == bare.world().fingerprint());
    CHECK(recorded.world().eventCount() == bare.world().eventCount());
    CHECK(recorded.world().nextSequence() == bare.world().nextSequence());
  }
}

TEST_CASE("Every chunk derived from the checkpoint before it equals the chunk of the run") {
  std::size_t derived = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    const auto built = drawn(seed);
    Runner runner(built.plan, built.script, built.end, dense());
    const auto chunks = runAll(runner);
    derived += chunks.size();
    for (const auto &chunk : chunks) {
      const auto again = runner.derive(chunk->summary);
      REQUIRE(again);
      REQUIRE(again->records.size() == chunk->records.size());
      for (std::size_t i = 0; i < chunk->records.size(); ++i)
        REQUIRE(same(again->records[i], chunk->records[i]));
      CHECK(again->texts == chunk->texts);
      CHECK(again->packets.size() == chunk->packets.size());
      CHECK(again->summary.firstPacket == chunk->summary.firstPacket);
      CHECK(again->keyframe.inFlight.size() == chunk->keyframe.inFlight.size());
      CHECK(again->keyframe.nodes == chunk->keyframe.nodes);
    }
  }
  CHECK(derived > 100); // the scenarios were worth the trouble
}

TEST_CASE("A script edit gives the run that a run from the start with that script gives") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    const auto built = drawn(seed);
    Runner edited(built.plan, built.script, built.end, dense());
    auto chunks = runAll(edited);

    world::Script script = built.script;
    RandomStream random(seed, "edit", "test");
    const world::Action cut{world::Action::Kind::CutLink, {}, LinkIndex{0}, 0};
    script.push_back(
        {SimTime::fromNs(static_cast<std::int64_t>(random.below(8'000'000'000))), cut});
    const trace::Sequence from = edited.setScript(script);
    while (!chunks.empty() && chunks.back()->summary.first >= from) chunks.pop_back();
    for (auto &c : runAll(edited)) chunks.push_back(std::move(c));

    Runner fresh(built.plan, script, built.end);
    requireSame(joined(chunks), joined(runAll(fresh)));
    CHECK(edited.world().fingerprint() == fresh.world().fingerprint());

    // Undo: back to the first run.
    edited.setScript(built.script);
    runAll(edited);
    Runner first(built.plan, built.script, built.end);
    runAll(first);
    CHECK(edited.world().fingerprint() == first.world().fingerprint());
  }
}

TEST_CASE("A copied world goes on exactly as the original") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    const auto built = drawn(seed);
    world::World original(built.plan);
    std::size_t entry = 0;
    RandomStream random(seed, "copy", "test");
    for (std::uint64_t i = random.below(4000); i > 0; --i)
      if (!session::advanceOne(original, built.script, entry, built.end)) break;
    world::World copy = original;
    std::size_t copyEntry = entry;
    while (session::advanceOne(original, built.script, entry, built.end)) {
    }
    while (session::advanceOne(copy, built.script, copyEntry, built.end)) {
    }
    CHECK(original.fingerprint() == copy.fingerprint());
    CHECK(original.nextSequence() == copy.nextSequence());
    CHECK(original.eventCount() == copy.eventCount());
  }
}

TEST_CASE("Checkpoints stay under their cap by thinning out") {
  const auto built = drawn(3);
  RunnerOptions o = dense();
  o.checkpointBytesMax = 40 * world::World(built.plan).copyBytes();
  Runner runner(built.plan, built.script, built.end, o);
  std::size_t peak = 0;
  std::vector<trace::ChunkPtr> chunks;
  while (!runner.ended()) {
    runner.advance(runner.end(), 10);
    runner.flush();
    peak = std::max(peak, runner.checkpointBytes());
    for (auto &c : runner.takeChunks()) chunks.push_back(std::move(c));
  }
  CHECK(peak <= o.checkpointBytesMax);
  CHECK(runner.checkpointCount() > 4);
  for (std::size_t i = 0; i < chunks.size(); i += 7) {
    const auto again = runner.derive(chunks[i]->summary);
    REQUIRE(again);
    CHECK(same(again->records.back(), chunks[i]->records.back()));
  }
}

TEST_CASE("A node's state at an instant is that of a world run to this instant") {
  const auto built = drawn(5);
  Runner runner(built.plan, built.script, built.end, dense());
  runAll(runner);
  for (int ms : {0, 1, 250, 1999, 4000, 7999}) {
    world::World world(built.plan);
    std::size_t entry = 0;
    const SimTime at = SimTime::zero() + Duration::ms(ms);
    while (session::advanceOne(world, built.script, entry, at)) {
    }
    for (std::uint32_t n = 0; n < built.plan->network.nodes.size(); ++n) {
      const auto expected = world.describe(NodeIndex{n});
      const auto got = runner.describe(NodeIndex{n}, at);
      CHECK(got.health == expected.health);
      REQUIRE(got.tables.size() == expected.tables.size());
      for (std::size_t t = 0; t < got.tables.size(); ++t)
        CHECK(got.tables[t].children.size() == expected.tables[t].children.size());
    }
  }
}

TEST_CASE("Adding a node never changes another entity's random stream") {
  auto scenario = ScenarioDraw(11).draw();
  const auto before = scenario::build(scenario);
  REQUIRE(before.ok());
  scenario::Node lonely;
  lonely.id = "aaa-lonely";
  lonely.name = "lonely";
  lonely.kind = scenario::NodeKind::Host;
  scenario.nodes.insert(scenario.nodes.begin(), lonely);
  const auto after = scenario::build(scenario);
  REQUIRE(after.ok());
  Runner a(before->plan, before->script, before->end);
  Runner b(after->plan, after->script, after->end);
  runAll(a);
  runAll(b);
  CHECK(a.world().fingerprint() == b.world().fingerprint());
}
