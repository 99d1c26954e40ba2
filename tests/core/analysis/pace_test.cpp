// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/pace.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <cmath>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using fixture::TraceBuilder;

namespace {

SimTime randomInstant(RandomStream &random, const Run &run) {
  return SimTime::fromNs(static_cast<std::int64_t>(random.below(run.trace.knownUntil().ns())));
}

/// The same records cut into chunks anew, of this many records each.
trace::Trace recut(const Run &run, std::size_t size) {
  TraceBuilder builder;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    builder.append(r);
    if (builder.openRecords() >= size) builder.seal();
  });
  return builder.take();
}

} // namespace

TEST_CASE("Story pace grows with time, and its inverse undoes it") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::twoPaths()}) {
    StoryPace pace;
    pace.extend(run->trace);
    RandomStream random(1, "pace", "test");
    for (int i = 0; i < 5000; ++i) {
      SimTime a = randomInstant(random, *run), b = randomInstant(random, *run);
      if (b < a) std::swap(a, b);
      REQUIRE(pace.presentationAt(a) <= pace.presentationAt(b));
      const SimTime back = pace.simulationAt(pace.presentationAt(a));
      REQUIRE(std::abs((back - a).ns()) <= 2);
      const double p = random.uniform01() * pace.presentationAt(run->trace.knownUntil());
      REQUIRE(pace.presentationAt(pace.simulationAt(p)) == Approx(p).margin(0.002));
    }
  }
}

TEST_CASE("Story pace does not depend on how the trace was cut or handed over") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink()}) {
    StoryPace whole;
    whole.extend(run->trace);
    for (const std::size_t size : {7u, 100u, 5000u}) {
      StoryPace cut;
      cut.extend(recut(*run, size));
      REQUIRE(cut.knotCount() == whole.knotCount());
      for (std::int64_t ms = 0; ms < run->trace.knownUntil().ns() / 1'000'000; ms += 3) {
        const SimTime t = SimTime::fromNs(ms * 1'000'000 + 12'345);
        REQUIRE(cut.presentationAt(t) == whole.presentationAt(t));
      }
    }
  }
}

TEST_CASE("What is settled never changes while the trace grows") {
  const Run &run = fixture::webRequest();
  StoryPace whole, growing;
  whole.extend(run.trace);
  trace::Trace part;
  for (const auto &slot : run.trace.slots()) {
    part.insert(slot.chunk);
    growing.extend(part);
    const SimTime settled = growing.settledUntil();
    for (int i = 0; i <= 100; ++i) {
      const SimTime t = SimTime::fromNs(settled.ns() / 100 * i);
      REQUIRE(growing.presentationAt(t) == whole.presentationAt(t));
    }
  }
}

TEST_CASE("Going back to before an edit and on again gives the same pace") {
  const Run &run = fixture::webRequest();
  StoryPace whole, edited;
  whole.extend(run.trace);
  edited.extend(run.trace);
  const std::size_t half = run.trace.slots().size() / 2;
  trace::Trace part = run.trace;
  part.truncate(run.trace.slots()[half].summary.first);
  edited.truncate(run.trace.slots()[half].summary.first);
  StoryPace fresh;
  fresh.extend(part);
  for (int i = 0; i <= 50; ++i) {
    const SimTime t = SimTime::fromNs(run.trace.slots()[half].summary.from.ns() / 50 * i);
    REQUIRE(edited.presentationAt(t) == fresh.presentationAt(t));
  }
  edited.extend(run.trace);
  for (int i = 0; i <= 500; ++i) {
    const SimTime t = SimTime::fromNs(run.trace.knownUntil().ns() / 500 * i);
    REQUIRE(edited.presentationAt(t) == whole.presentationAt(t));
  }
}

TEST_CASE("A lone hop takes its visible moment, however short it is") {
  for (const std::int64_t ns : {400ll, 5'000ll, 800'000ll, 20'000'000ll}) {
    TraceBuilder builder;
    const SimTime sent = SimTime::fromNs(3'000'000);
    const auto s = builder.sent(sent, 0, 0, Duration::ns(ns));
    builder.received(sent + Duration::ns(ns), s);
    builder.note(sent + Duration::seconds(1));
    StoryPace pace;
    pace.extend(builder.take());
    const double took = pace.presentationAt(sent + Duration::ns(ns)) - pace.presentationAt(sent);
    CAPTURE(ns);
    CHECK(took >= 0.5);
    CHECK(took <= 1.0);
  }
}

TEST_CASE("Idle stretches are squeezed, long ones more") {
  const auto idle = [](Duration d) {
    TraceBuilder builder;
    builder.note(SimTime::fromNs(5));
    builder.note(SimTime::fromNs(5) + d);
    StoryPace pace;
    pace.extend(builder.take());
    return pace.presentationAt(SimTime::fromNs(5) + d) - pace.presentationAt(SimTime::fromNs(5));
  };
  for (const int ms : {1, 10, 200, 2000, 60'000})
    CHECK(idle(Duration::ms(ms)) == Approx(0.12 * std::log(1 + ms)).epsilon(1e-6));
  CHECK(idle(Duration::seconds(3600)) < 2);
}

TEST_CASE("Endless traffic is hurried to its share and no further") {
  const Run &run = fixture::busyBottleneck();
  StoryPace pace;
  pace.extend(run.trace);
  const double whole = pace.presentationAt(run.trace.knownUntil());
  // 60 s told freely at most, then 20 s for each of the six.
  CHECK(whole < 60 + 6 * 20 + 5);
  CHECK(whole > 60);
  CHECK(pace.rateAt(SimTime::fromNs(5'000'000'000)) == Approx(0.05).epsilon(0.3));
  // Knots stay few beside the records: one for every 10 ms of presentation at most.
  CHECK(static_cast<double>(pace.knotCount()) < 4 * whole / 0.01);
}

TEST_CASE("The rate is the slope of the mapping") {
  const Run &run = fixture::webRequest();
  StoryPace pace;
  pace.extend(run.trace);
  RandomStream random(9, "pace", "rate");
  int checked = 0;
  for (int i = 0; i < 2000; ++i) {
    const SimTime t = randomInstant(random, run);
    const Duration d = Duration::ns(200);
    const double p = pace.presentationAt(t + d) - pace.presentationAt(t);
    if (pace.rateAt(t) != Approx(pace.rateAt(t + d)).epsilon(0.01)) continue;
    REQUIRE(p * pace.rateAt(t) == Approx(200e-9).epsilon(0.05));
    ++checked;
  }
  CHECK(checked > 1000);
}

TEST_CASE("A constant pace is a straight line") {
  const ConstantPace pace(0.25);
  CHECK(pace.presentationAt(SimTime::fromNs(1'000'000'000)) == Approx(4));
  CHECK(pace.simulationAt(4).ns() == 1'000'000'000);
  CHECK(pace.simulationAt(-1) == SimTime::zero());
}
