// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/conflicts.h"
#include "core/scenario/edit.h"
#include "core/scenario/groups.h"
#include "core/scenario/validate.h"
#include "core/world/world.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

/// What is wrong with a document, as one text.
std::string faultsOf(const Scenario &s) {
  std::string all;
  for (const Fault &fault : validate(s)) all += fault.text() + "\n";
  for (const Conflict &conflict : conflicts(s)) all += conflict.sentence + "\n";
  return all;
}

/// Requests that were answered in the first so many seconds, and all that ended.
std::pair<int, int> answered(const Scenario &s, int seconds) {
  const auto built = build(s);
  REQUIRE(built.ok());
  trace::ChunkWriter writer;
  world::World world(built->plan, &writer);
  int ok = 0, all = 0;
  const SimTime end = SimTime::zero() + Duration::seconds(seconds);
  while (world.now() < end) {
    world.runUntil(end, 1'000'000);
    const auto chunk = writer.seal();
    writer.open(world.nextSequence(), world.nextPacket(), world.keyframe());
    if (!chunk) continue;
    for (const trace::Record &r : chunk->records)
      if (r.kind == trace::RecordKind::RequestEnded) ++all, ok += r.detail == 0 ? 1 : 0;
  }
  return {ok, all};
}

} // namespace

TEST_CASE("Every arrangement works as soon as it is placed: its clients are answered") {
  for (const Placeable &group : placeableGroups()) {
    INFO(group.key);
    Scenario s;
    s.id = "test";
    const auto ids = placeGroup(s, group.key, {100, 100});
    REQUIRE(ids.size() > 4);
    complete(s);
    CHECK(faultsOf(s) == "");
    const auto [ok, all] = answered(s, 10);
    CHECK(all > 20);
    CHECK(ok > all * 9 / 10);
  }
}

TEST_CASE("Arrangements keep out of each other's way, each in a subnet of its own") {
  Scenario s;
  s.id = "test";
  for (int i = 0; i < 3; ++i)
    for (const Placeable &group : placeableGroups()) place(s, group, {400 * i, 0});
  complete(s);
  CHECK(faultsOf(s) == "");
  std::set<std::string> ids;
  for (const Node &node : s.nodes) CHECK(ids.insert(node.id).second);
}

TEST_CASE("What is no arrangement adds nothing") {
  Scenario s;
  CHECK(placeGroup(s, "browser", {}).empty());
  CHECK(s == Scenario{});
}
