// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/steps.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;

namespace {

std::vector<PhaseStopSpec> phasesOf(const Run &run) {
  std::vector<PhaseStopSpec> out;
  for (const scenario::PhaseStop &p : run.document.phases)
    out.push_back({p.on, run.built.node(p.node).value, p.nth});
  return out;
}

/// All stops of a size, found by looking at every record.
std::vector<trace::Sequence> stopsOf(const Run &run, StepSize size,
                                     const std::vector<PhaseStopSpec> &phases) {
  using trace::RecordKind;
  std::vector<trace::Sequence> out;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> seen;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    const bool dropped = r.kind == RecordKind::FrameDropped;
    const bool vain = dropped && isHarmless(static_cast<trace::DropReason>(r.detail));
    bool stop = size == StepSize::Event;
    if (size == StepSize::Hop) stop = dropped || r.kind == RecordKind::FrameReceived;
    if (size == StepSize::Message)
      stop = (dropped && !vain) || isFinalReception(run.trace, run.network(), s);
    if (size == StepSize::Phase && r.kind == RecordKind::Phase) {
      const std::string name(run.trace.text(s, r.args[0]));
      const std::uint32_t nth = ++seen[{r.node, name}];
      for (const auto &p : phases)
        stop = stop || (p.milestone == name && p.node == r.node && (p.nth == 0 || p.nth == nth));
    }
    if (stop) out.push_back(s);
  });
  return out;
}

} // namespace

TEST_CASE("Steps visit every stop in order, and stepping back visits them in reverse") {
  for (const Run *run : {&fixture::webRequest(), &fixture::twoPaths()}) {
    const auto phases = phasesOf(*run);
    const StepContext context{run->trace, run->network(), run->chronicle, phases};
    for (const StepSize size :
         {StepSize::Event, StepSize::Hop, StepSize::Message, StepSize::Phase}) {
      const auto stops = stopsOf(*run, size, phases);
      Cursor c;
      for (const trace::Sequence s : stops) {
        const StepResult forward = next(context, c, size);
        REQUIRE(forward.cursor);
        REQUIRE(forward.cursor->upTo == s);
        REQUIRE(forward.cursor->at == run->trace.record(s)->at);
        REQUIRE(previous(context, *forward.cursor, size).cursor == c);
        c = *forward.cursor;
      }
      CHECK_FALSE(next(context, c, size).cursor);
    }
  }
}

TEST_CASE("From between two stops, one goes back to the one before and on to the one behind") {
  const Run &run = fixture::webRequest();
  const auto phases = phasesOf(run);
  const StepContext context{run.trace, run.network(), run.chronicle, phases};
  for (const StepSize size : {StepSize::Event, StepSize::Hop, StepSize::Message}) {
    const auto stops = stopsOf(run, size, phases);
    for (std::int64_t ms = 1; ms < 3000; ms += 7) {
      const Cursor c = cursorAt(run.trace, SimTime::fromNs(ms * 1'000'000 + 37));
      const auto after = std::upper_bound(stops.begin(), stops.end(), c.upTo);
      const StepResult forward = next(context, c, size), back = previous(context, c, size);
      REQUIRE(forward.cursor.has_value() == (after != stops.end()));
      if (forward.cursor) REQUIRE(forward.cursor->upTo == *after);
      REQUIRE(back.cursor);
      REQUIRE(back.cursor->upTo == (after == stops.begin() ? 0 : *(after - 1)));
    }
  }
}

TEST_CASE("The web request is stepped through by its eleven phases") {
  const Run &run = fixture::webRequest();
  const auto phases = phasesOf(run);
  REQUIRE(phases.size() >= 11);
  const StepContext context{run.trace, run.network(), run.chronicle, phases};
  std::set<std::uint32_t> numbers;
  Cursor c;
  for (int i = 0; i < 60; ++i) {
    const auto step = next(context, c, StepSize::Phase);
    if (!step.cursor) break;
    c = *step.cursor;
    const auto stop = currentPhaseStop(run.chronicle, c.upTo, phases);
    REQUIRE(stop);
    numbers.insert(run.document.phases[*stop].step);
  }
  for (std::uint32_t n = 1; n <= 11; ++n) {
    CAPTURE(n);
    CHECK(numbers.contains(n));
  }
}

TEST_CASE("A step that would lead into a dropped chunk asks for it") {
  Run run = fixture::webRequest();
  const auto phases = phasesOf(run);
  const StepContext context{run.trace, run.network(), run.chronicle, phases};
  const auto &slot = run.trace.slots()[3].summary;
  const Cursor before{run.trace.slots()[2].summary.to, slot.first - 1};
  run.trace.drop(3);
  const StepResult step = next(context, before, StepSize::Event);
  CHECK_FALSE(step.cursor);
  CHECK(step.pendingSlot == std::size_t{3});
}
