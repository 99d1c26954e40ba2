// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/activity.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

TEST_CASE("Columns count what happened within them, to the width of a chunk") {
  const Run &run = fixture::busyBottleneck();
  const SimTime from = SimTime::fromNs(700'000'000), to = SimTime::fromNs(5'300'000'000);
  constexpr std::size_t columns = 400;
  const auto activity = activityOf(run.trace, from, to, columns);
  std::vector<double> sent(columns), dropped(columns);
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.at < from || r.at >= to) return;
    const auto c = static_cast<std::size_t>((r.at - from).ns() * columns / (to - from).ns());
    if (r.kind == RecordKind::FrameSent) sent[c] += 1;
    if (r.kind == RecordKind::FrameDropped) dropped[c] += 1;
  });
  double difference = 0, total = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    difference += std::abs(activity[c].sent - sent[c]) + std::abs(activity[c].dropped - dropped[c]);
    total += sent[c] + dropped[c];
  }
  CHECK(total > 9'000);
  CHECK(difference == Approx(0).margin(1));
}

TEST_CASE("Dropped chunks keep their weight on the timeline") {
  Run run = fixture::busyBottleneck();
  const SimTime to = run.trace.knownUntil() + Duration::ns(1);
  const auto sum = [&](std::size_t columns) {
    double n = 0;
    for (const auto &c : activityOf(run.trace, SimTime::zero(), to, columns)) n += c.sent;
    return n;
  };
  double sent = 0;
  for (const auto &slot : run.trace.slots()) sent += slot.summary.sent;
  CHECK(sum(900) == Approx(sent).epsilon(1e-4));
  for (std::size_t i = 1; i < run.trace.slots().size(); i += 2) run.trace.drop(i);
  CHECK(sum(900) == Approx(sent).epsilon(1e-3));
  CHECK(sum(5) == Approx(sent).epsilon(1e-3));
}

TEST_CASE("What a script will do and what a run has seen make the same clips") {
  using Kind = world::Action::Kind;
  const Run plain = fixture::run("two-paths", SimTime::fromNs(100'000'000));
  const LinkIndex link{0};
  const NodeIndex node = plain.built.node("north");
  const auto ms = [](std::int64_t v) { return SimTime::fromNs(v * 1'000'000); };
  world::Script script = {
      {ms(200), {Kind::SetLoss, {}, link, 0.25}},  {ms(300), {Kind::CrashNode, node, {}, 0}},
      {ms(500), {Kind::RestartNode, node, {}, 0}}, {ms(600), {Kind::SetLoss, {}, link, 0.5}},
      {ms(700), {Kind::PauseNode, node, {}, 0}},   {ms(750), {Kind::ResumeNode, node, {}, 0}},
      {ms(800), {Kind::CutLink, {}, link, 0}},     {ms(850), {Kind::CutLink, {}, link, 0}},
      {ms(900), {Kind::RestoreLink, {}, link, 0}}, {ms(950), {Kind::CrashNode, node, {}, 0}}};
  const Run run = fixture::run("two-paths", ms(1000), 0, {}, script);
  const auto planned = faultClips(script, ms(1000));
  const auto seen = faultClips(run.chronicle, ms(1000));
  REQUIRE(planned.size() == 6);
  REQUIRE(seen.size() == planned.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i].kind == planned[i].kind);
    CHECK(seen[i].node == planned[i].node);
    CHECK(seen[i].link == planned[i].link);
    CHECK(seen[i].from == planned[i].from);
    CHECK(seen[i].to == planned[i].to);
    CHECK(seen[i].open == planned[i].open);
    CHECK(seen[i].value == planned[i].value);
  }
  CHECK(planned[1].beginEntry == 1);
  CHECK(planned[1].endEntry == 2);
  CHECK(planned[4].beginEntry == 6);
  CHECK(planned[4].endEntry == 8);
  CHECK(planned[5].open);
}
