// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/activity.h"
#include "core/analysis/frame.h"
#include "core/analysis/why.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::analysis;
using Kind = world::Action::Kind;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

/// Every quantity that can change, one after another, on node 1 and link 0.
world::Script everyCondition() {
  world::Script script;
  const auto add = [&](int at, Kind kind, double value) {
    script.push_back({ms(at), {kind, NodeIndex{1}, LinkIndex{0}, value}});
  };
  add(100, Kind::SetDuplicate, 0.5);
  add(110, Kind::SetReorder, 0.25);
  add(120, Kind::SetCorrupt, 0.125);
  add(130, Kind::SetBlocked, 2);
  add(140, Kind::SetFlap, 40e6);
  add(150, Kind::SetSlowness, 3);
  add(160, Kind::SetClockOffset, 5e6);
  add(170, Kind::SetClockDrift, 1000);
  add(180, Kind::SetPartition, 2);
  add(270, Kind::SetClockDrift, -1000);
  return script;
}

} // namespace

TEST_CASE("A frame tells the conditions of links and nodes, wherever chunks begin") {
  const auto whole = fixture::run("two-paths", ms(600), 0, {}, everyCondition());
  const auto cut = fixture::run("two-paths", ms(600), 7, {}, everyCondition());
  for (const auto *run : {&whole, &cut}) {
    const Frame before = frameAt(run->trace, cursorAt(run->trace, ms(99)));
    CHECK(before.links[0].duplicate == 0);
    CHECK(before.conditions[1] == NodeView{});
    const Frame after = frameAt(run->trace, cursorAt(run->trace, ms(370)));
    CHECK(after.links[0].duplicate == 0.5);
    CHECK(after.links[0].reorder == 0.25);
    CHECK(after.links[0].corrupt == 0.125);
    CHECK(after.links[0].blocked == 2);
    CHECK(after.links[0].flap == Duration::ms(40));
    CHECK(after.conditions[1].slowness == 3);
    CHECK(after.conditions[1].clockDriftPpm == -1000);
    CHECK(after.conditions[1].partition == 2);
    // 100 ms at +1000 ppm gain 100 us, 100 ms at -1000 ppm lose them again.
    CHECK(after.conditions[1].clockOffset == Duration::ms(5));
    const Frame between = frameAt(run->trace, cursorAt(run->trace, ms(270)));
    CHECK(between.conditions[1].clockOffset == Duration::us(5100));
  }
}

TEST_CASE("Every condition makes a clip of its own kind, the same from the script and the run") {
  const auto run = fixture::run("two-paths", ms(600), 0, {}, everyCondition());
  using Fault = FaultClip::Kind;
  const auto planned = faultClips(everyCondition(), ms(600));
  REQUIRE(planned.size() == 10);
  const Fault kinds[] = {Fault::Duplicate, Fault::Reorder,   Fault::Corrupt,     Fault::Blocked,
                         Fault::Flap,      Fault::Slowness,  Fault::ClockOffset, Fault::ClockDrift,
                         Fault::Partition, Fault::ClockDrift};
  for (std::size_t i = 0; i < planned.size(); ++i) CHECK(planned[i].kind == kinds[i]);
  CHECK(planned[7].endEntry == 9);
  std::vector<FaultClip> seen = faultClips(run.chronicle, ms(600));
  std::erase_if(seen, [](const FaultClip &c) { return c.kind == Fault::Cut; }); // the flapping
  REQUIRE(seen.size() == planned.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i].kind == planned[i].kind);
    CHECK(seen[i].node == planned[i].node);
    CHECK(seen[i].link == planned[i].link);
    CHECK(seen[i].value == planned[i].value);
    CHECK(seen[i].to == planned[i].to);
  }
}

TEST_CASE("Every condition has a sentence") {
  const auto run = fixture::run("two-paths", ms(600), 0, {}, everyCondition());
  std::vector<std::string> told;
  for (const ChangeMark &mark : run.chronicle.changes())
    if (mark.record.kind != trace::RecordKind::LinkState)
      told.push_back(describeRecord(run.trace, run.network(), mark.sequence));
  REQUIRE(told.size() == 10);
  CHECK(told[0].find("duplication of the link") != std::string::npos);
  CHECK(told[3].find("was blocked for what") != std::string::npos);
  CHECK(told[4].find("began to flap with a period of 40 ms.") != std::string::npos);
  CHECK(told[5].find("became 3 times slower.") != std::string::npos);
  CHECK(told[6].find("was put 5 ms ahead.") != std::string::npos);
  CHECK(told[7].find("runs fast by 1000 parts per million") != std::string::npos);
  CHECK(told[8].find("is on side 2 of a partition.") != std::string::npos);
}
