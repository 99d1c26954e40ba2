// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/frame.h"
#include "core/base/random.h"
#include "tests/core/analysis/naive_state.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <chrono>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::NaiveState;
using fixture::Run;

namespace {

bool sameLink(const LinkView &a, const trace::LinkSnapshot &b) {
  return a.up == b.up && a.rateBps == b.rateBps && a.delay == b.delay && a.jitter == b.jitter &&
         a.loss == b.loss && a.queueLimit == b.queuePackets;
}

/// First difference between a frame and the naive replay, as text; empty when they agree.
std::string difference(const Frame &frame, const NaiveState &naive) {
  if (frame.pending) return "pending";
  if (frame.nodes != naive.nodes) return "health of nodes";
  if (frame.links.size() != naive.links.size()) return "number of links";
  for (std::size_t i = 0; i < frame.links.size(); ++i)
    if (!sameLink(frame.links[i], naive.links[i])) return "link " + std::to_string(i);
  if (frame.packets.size() != naive.flying.size()) return "number of packets in flight";
  auto flying = naive.flying.begin();
  for (const PacketView &p : frame.packets) {
    const auto &[sent, r] = *flying++;
    const double whole = static_cast<double>((trace::sentArgs(r).arrival - r.at).ns());
    const double gone = static_cast<double>((frame.cursor.at - r.at).ns());
    if (p.sent != sent || p.link != r.link || p.end != trace::sendingEnd(r)) return "a packet";
    if (std::abs(p.progress - std::min(1.0, gone / whole)) > 1e-5) return "progress";
    if (p.tail > p.progress || p.tail < 0) return "tail";
  }
  std::map<std::pair<std::uint32_t, int>, std::vector<trace::Sequence>> waiting, shown;
  for (const auto &[s, r] : naive.queued) waiting[{r.link, trace::sendingEnd(r)}].push_back(s);
  for (const QueuedView &q : frame.queued) {
    auto &line = shown[{q.link, q.end}];
    if (q.position != line.size()) return "position in a queue";
    line.push_back(q.queued);
  }
  if (waiting != shown) return "queues";
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::pair<trace::Sequence, std::uint16_t>> now;
  for (const SocketView &s : frame.sockets) now[{s.node, s.args.socket}] = {s.since, s.state};
  return now == naive.sockets ? "" : "sockets";
}

void compareWithReplay(const Run &run, std::uint64_t seed, int frames) {
  RandomStream random(seed, "frame", "test");
  std::set<trace::Sequence> wanted = {1, run.trace.lastSequence()};
  while (static_cast<int>(wanted.size()) < frames)
    wanted.insert(1 + random.below(run.trace.lastSequence()));
  NaiveState naive(run.network());
  FrameBuilder forward;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    naive.take(r, s);
    if (!wanted.contains(s)) return;
    const trace::Record *after = run.trace.record(s + 1);
    const SimTime until = after != nullptr ? after->at : r.at;
    const Cursor cursor{r.at + (until - r.at) / 3, s};
    CAPTURE(s);
    REQUIRE(difference(frameAt(run.trace, cursor), naive) == "");
    REQUIRE(difference(forward.at(run.trace, cursor), naive) == "");
  });
}

} // namespace

TEST_CASE("A frame shows what a replay from the start shows") {
  compareWithReplay(fixture::webRequest(), 1, 300);
  compareWithReplay(fixture::lossyLink(), 2, 100);
  compareWithReplay(fixture::busyBottleneck(), 3, 100);
  compareWithReplay(fixture::twoPaths(), 4, 100);
}

TEST_CASE("A builder that jumps about gives the same frames as a fresh one") {
  const Run &run = fixture::lossyLink();
  RandomStream random(5, "frame", "jumps");
  FrameBuilder builder;
  for (int i = 0; i < 200; ++i) {
    const auto t = SimTime::fromNs(static_cast<std::int64_t>(random.below(8'000'000'000)));
    const Cursor c = cursorAt(run.trace, t);
    const Frame a = builder.at(run.trace, c, {}, &run.chronicle);
    const Frame b = frameAt(run.trace, c, {}, &run.chronicle);
    REQUIRE(a.packets.size() == b.packets.size());
    REQUIRE(a.drops.size() == b.drops.size());
    REQUIRE(a.phase == b.phase);
    for (std::size_t l = 0; l < a.links.size(); ++l)
      for (std::size_t d = 0; d < 2; ++d)
        REQUIRE(a.links[l].directions[d].utilisation == b.links[l].directions[d].utilisation);
  }
}

TEST_CASE("The cursor at an instant stands after everything that happened by then") {
  const Run &run = fixture::webRequest();
  trace::Sequence last = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    const trace::Record *after = run.trace.record(s + 1);
    if (after != nullptr && after->at == r.at) return;
    REQUIRE(cursorAt(run.trace, r.at) == Cursor{r.at, s});
    if (last != 0) REQUIRE(cursorAt(run.trace, r.at - Duration::ns(1)).upTo == last);
    last = s;
  });
  CHECK(cursorAfter(run.trace, 0) == Cursor{});
}

TEST_CASE("A frame whose chunk was dropped is pending and names the slot") {
  Run run = fixture::webRequest();
  REQUIRE(run.trace.slots().size() > 4);
  run.trace.drop(2);
  const auto &summary = run.trace.slots()[2].summary;
  const Cursor inside{summary.from, summary.first};
  const Frame frame = frameAt(run.trace, inside);
  CHECK(frame.pending);
  CHECK(frame.slot == 2);
  // The keyframe of the chunk behind it knows the state at its very end.
  NaiveState naive(run.network());
  fixture::webRequest().forEach([&](const trace::Record &r, trace::Sequence s) {
    if (s < summary.end()) naive.take(r, s);
  });
  CHECK(difference(frameAt(run.trace, {summary.to, summary.end() - 1}), naive) == "");
}

TEST_CASE("Use of a link is the share of the window it was sending") {
  const Run &run = fixture::busyBottleneck();
  const Frame frame = frameAt(run.trace, cursorAt(run.trace, SimTime::fromNs(5'000'000'000)));
  for (std::uint32_t l = 0; l < frame.links.size(); ++l)
    for (int end = 0; end < 2; ++end) {
      double busyNs = 0;
      run.forEach([&](const trace::Record &r, trace::Sequence) {
        if (r.kind != trace::RecordKind::FrameSent || r.link != l) return;
        if (trace::sendingEnd(r) != end) return;
        const double begin = static_cast<double>(r.at.ns());
        const double stop = begin + 8e9 * trace::sentArgs(r).frameBytes /
                                        static_cast<double>(run.network().links[l].rateBps);
        busyNs += std::max(0.0, std::min(stop, 5e9) - std::max(begin, 4.9e9));
      });
      CHECK(frame.links[l].directions[end].utilisation == Approx(busyNs / 1e8).margin(1e-6));
    }
}

TEST_CASE("Drops are shown while they are recent, at the place where they died") {
  const Run &run = fixture::lossyLink();
  int seen = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != trace::RecordKind::FrameDropped || r.at.ns() > 7'900'000'000) return;
    const auto at = [&](Duration later) {
      const Frame f = frameAt(run.trace, cursorAt(run.trace, r.at + later));
      const auto it = std::find_if(f.drops.begin(), f.drops.end(),
                                   [&](const DropView &d) { return d.record == s; });
      return it == f.drops.end() ? std::optional<DropView>{} : std::optional(*it);
    };
    const auto drop = at(Duration::ms(10));
    REQUIRE(drop);
    CHECK(drop->age == Duration::ms(10));
    CHECK(drop->onLink);
    CHECK(drop->position == Approx(0.5).margin(0.01)); // a lost frame dies half-way
    CHECK_FALSE(at(Duration::ms(51)));
    ++seen;
  });
  CHECK(seen > 20);
}

TEST_CASE("Too many packets become flows, and none is lost from the count") {
  const Run &run = fixture::busyBottleneck();
  FrameOptions options;
  options.packetsMax = 12;
  bool anyFlow = false;
  for (std::int64_t ms = 500; ms < 6000; ms += 250) {
    const Cursor c = cursorAt(run.trace, SimTime::fromNs(ms * 1'000'000));
    const Frame all = frameAt(run.trace, c);
    const Frame few = frameAt(run.trace, c, options);
    std::size_t inFlows = 0;
    for (const FlowView &f : few.flows) {
      inFlows += f.packets;
      CHECK(f.bytes >= 60u * f.packets);
    }
    CHECK(few.packets.size() <= 12);
    CHECK(few.packets.size() + inFlows == all.packets.size());
    CHECK(few.inFlightTotal == all.packets.size());
    anyFlow = anyFlow || !few.flows.empty();
  }
  CHECK(anyFlow);
}

TEST_CASE("Phase and request under way are those of the chronicle") {
  const Run &run = fixture::webRequest();
  std::optional<trace::Sequence> phase, request;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind == trace::RecordKind::Phase) phase = s;
    if (r.kind == trace::RecordKind::RequestStarted) request = s;
    if (r.kind == trace::RecordKind::RequestEnded) request.reset();
    const Frame f = frameAt(run.trace, {r.at, s}, {}, &run.chronicle);
    REQUIRE(f.phase == phase);
    REQUIRE(f.request == request);
  });
}

TEST_CASE("A frame costs well under a millisecond") {
  const Run &run = fixture::busyBottleneck();
  FrameBuilder builder;
  const auto begin = std::chrono::steady_clock::now();
  constexpr int count = 400;
  std::size_t packets = 0;
  for (int i = 0; i < count; ++i) {
    const auto t = SimTime::fromNs(std::int64_t{6'000'000'000} / count * ((i * 37) % count));
    packets += builder.at(run.trace, cursorAt(run.trace, t), {}, &run.chronicle).packets.size();
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  CHECK(packets > 0);
  INFO(took.count() / count << " ms a frame");
  CHECK(took.count() / count < 2.0); // 0.05 ms when optimised
}
