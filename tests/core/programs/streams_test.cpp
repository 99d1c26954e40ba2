// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/datagram_stamp.h"
#include "core/programs/voice_receiver/playout.h"
#include "core/wire/rtp.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

#include <cmath>

namespace packetarium::programs {
namespace {

using namespace testing;

const Endpoint far{wire::Ipv4Address::of(192, 0, 2, 1), 9000};

double lastSample(const FakeContext &ctx, const std::string &metric) {
  for (auto i = ctx.samples.rbegin(); i != ctx.samples.rend(); ++i)
    if (i->first == metric) return i->second;
  FAIL("no sample of " + metric);
  return 0;
}

std::string described(const Program &p, const FakeContext &ctx, std::string_view name) {
  std::vector<Described> todo = p.describe(ctx.now());
  for (std::size_t i = 0; i < todo.size(); ++i) {
    if (todo[i].name == name) return todo[i].value;
    const auto children = todo[i].children;
    todo.insert(todo.end(), children.begin(), children.end());
  }
  return "none";
}

} // namespace

TEST_CASE("A constant source sends at exact instants that never drift") {
  FakeContext ctx;
  const auto source = make("udp-source", {{"peer", std::string("192.0.2.1")},
                                          {"rate_pps", 3.0},
                                          {"start_ns", Duration::ms(10).ns()},
                                          {"bytes", std::int64_t{100}}});
  source->start(ctx);
  ctx.runUntil(*source, at(Duration::seconds(1000)));
  REQUIRE(ctx.datagrams.size() == 3000);
  for (std::size_t n : {0U, 1U, 2U, 3U, 2999U}) {
    const auto expected = 10'000'000 + static_cast<std::int64_t>(n) * 1'000'000'000 / 3;
    REQUIRE(ctx.datagrams[n].at.ns() == expected);
  }
  REQUIRE(ctx.datagrams[7].to == far);
  REQUIRE(ctx.datagrams[7].data.size() == 100);
}

TEST_CASE("A Poisson source has the rate it is told, with exponential gaps") {
  FakeContext ctx;
  const auto source = make("udp-source", {{"peer", std::string("192.0.2.1")},
                                          {"rate_pps", 200.0},
                                          {"arrivals", std::string("poisson")},
                                          {"payload", std::string("pattern")}});
  source->start(ctx);
  ctx.runUntil(*source, at(Duration::seconds(100)));
  const auto n = static_cast<double>(ctx.datagrams.size());
  REQUIRE(std::abs(n - 20000) < 4 * std::sqrt(20000.0));
  double squares = 0, sum = 0;
  for (std::size_t i = 1; i < ctx.datagrams.size(); ++i) {
    const double gap = (ctx.datagrams[i].at - ctx.datagrams[i - 1].at).toSeconds();
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / (n - 1);
  const double variance = squares / (n - 1) - mean * mean;
  // The standard deviation of an exponential equals its mean.
  REQUIRE(std::sqrt(variance) / mean == Approx(1).margin(0.03));
}

TEST_CASE("Count and duration end a source") {
  FakeContext ctx;
  const auto counted =
      make("udp-source", {{"peer", std::string("192.0.2.1")}, {"count", std::int64_t{5}}});
  counted->start(ctx);
  ctx.runUntil(*counted, at(Duration::seconds(100)));
  REQUIRE(ctx.datagrams.size() == 5);
  FakeContext other;
  const auto timed = make(
      "udp-source", {{"peer", std::string("192.0.2.1")}, {"duration_ns", Duration::ms(50).ns()}});
  timed->start(other);
  other.runUntil(*timed, at(Duration::seconds(100)));
  REQUIRE(other.datagrams.size() == 5); // at 0, 10, 20, 30 and 40 ms
}

TEST_CASE("Pattern datagrams cost no memory and carry their number modulo 26") {
  FakeContext ctx;
  const auto source =
      make("udp-source", {{"peer", std::string("192.0.2.1")}, {"payload", std::string("pattern")}});
  source->start(ctx);
  ctx.runUntil(*source, at(Duration::seconds(1)));
  for (std::size_t i = 0; i < ctx.datagrams.size(); ++i) {
    REQUIRE(ctx.datagrams[i].data.isPattern());
    REQUIRE(readStamp(ctx.datagrams[i].data, i).sequence == i);
  }
}

TEST_CASE("The sink counts loss, reordering and delay of what is stamped or patterned") {
  const bool stamps = GENERATE(true, false);
  FakeContext ctx;
  const auto sink = make("udp-sink", {});
  sink->start(ctx);
  const auto payload = [stamps, &ctx](std::uint64_t n) {
    return stamps ? stamped(n, ctx.now() - Duration::ms(20), 64) : patterned(n, 64);
  };
  ctx.runUntil(*sink, at(Duration::ms(100)));
  // 3 and 9 never come; 5 comes after 6.
  for (const std::uint64_t n : {0, 1, 2, 4, 6, 5, 7, 8, 10})
    sink->onSocket(ctx, datagram(1, far, payload(n)));
  ctx.runFor(*sink, Duration::seconds(1));
  REQUIRE(lastSample(ctx, "udp.lost") == 2);
  REQUIRE(lastSample(ctx, "udp.reordered") == 1);
  REQUIRE(lastSample(ctx, "udp.goodput_bps") == 9 * 64 * 8);
  if (stamps) REQUIRE(lastSample(ctx, "udp.delay_ms") == Approx(20));
  REQUIRE(described(*sink, ctx, "lost") == "2");
}

TEST_CASE("The sink sees losses before the first datagram that comes through") {
  FakeContext ctx;
  const auto sink = make("udp-sink", {});
  sink->start(ctx);
  sink->onSocket(ctx, datagram(1, far, stamped(3, ctx.now(), 64)));
  REQUIRE(described(*sink, ctx, "lost") == "3");
}

TEST_CASE("Voice leaves in frames of 160 bytes every 20 ms, with RTP as RFC 3550 says") {
  FakeContext ctx;
  const auto voice = make("voice-sender", {{"peer", std::string("192.0.2.1")},
                                           {"duration_ns", Duration::seconds(1).ns()}});
  voice->start(ctx);
  ctx.runUntil(*voice, at(Duration::seconds(5)));
  REQUIRE(ctx.datagrams.size() == 50);
  const auto first = wire::rtp::decode(ctx.datagrams[0].data);
  REQUIRE(first->header.marker);
  for (std::size_t i = 0; i < 50; ++i) {
    const auto rtp = wire::rtp::decode(ctx.datagrams[i].data);
    REQUIRE(rtp);
    REQUIRE(ctx.datagrams[i].at == at(Duration::ms(20) * static_cast<std::int64_t>(i)));
    REQUIRE(ctx.datagrams[i].to.port == 5004);
    REQUIRE(rtp->payloadBytes == 160);
    REQUIRE(rtp->header.payloadType == 0);
    REQUIRE(rtp->header.sequence == static_cast<std::uint16_t>(first->header.sequence + i));
    REQUIRE(rtp->header.timestamp == first->header.timestamp + 160 * i);
    REQUIRE(rtp->header.ssrc == first->header.ssrc);
  }
  REQUIRE(ctx.phaseNames() == std::vector<std::string>{"voice.started", "voice.stopped"});
}

TEST_CASE("Jitter equals RFC 3550 section 6.4.1 worked out in the plainest way") {
  RandomStream random(5, "test", "jitter");
  JitterEstimate estimate;
  double plain = 0;
  std::int64_t lastArrival = 0, lastTimestamp = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t timestamp = 160 * i;
    const std::int64_t arrivalNs =
        20'000'000LL * i + static_cast<std::int64_t>(random.below(9'000'000));
    const std::int64_t arrival = arrivalNs / 125'000; // in units of 1/8000 s
    estimate.take(SimTime::fromNs(arrivalNs), static_cast<std::uint32_t>(timestamp) + 0xfffff000U);
    if (i > 0) {
      // D(i-1,i) = (R_i - R_{i-1}) - (S_i - S_{i-1}); J += (|D| - J) / 16
      const auto d = static_cast<double>((arrival - lastArrival) - (timestamp - lastTimestamp));
      plain = plain + (std::abs(d) - plain) / 16;
    }
    lastArrival = arrival;
    lastTimestamp = timestamp;
    REQUIRE(estimate.inUnits() == Approx(plain).epsilon(1e-12));
  }
  // Two uniform delays on 0 to 9 ms differ by 3 ms on average.
  REQUIRE(estimate.inMs() == Approx(3).margin(1.2));
}

namespace {

/// Plays a stream whose frame i arrives at arrivals[i] (none: lost); gives the gaps in ms.
std::vector<double> gapsOf(const std::vector<std::optional<double>> &arrivalsMs, FakeContext &ctx,
                           Program &ear, std::uint16_t firstSequence = 65530) {
  ear.start(ctx);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < arrivalsMs.size(); ++i)
    if (arrivalsMs[i]) order.emplace_back(*arrivalsMs[i], i);
  std::sort(order.begin(), order.end());
  for (const auto &[ms, i] : order) {
    ctx.runUntil(ear, SimTime::fromNs(static_cast<std::int64_t>(ms * 1e6)));
    wire::rtp::Header h;
    h.sequence = static_cast<std::uint16_t>(firstSequence + i);
    h.timestamp = static_cast<std::uint32_t>(160 * i);
    h.ssrc = 7;
    ear.onSocket(ctx, datagram(1, far, wire::rtp::packet(h, 160)));
  }
  ctx.runFor(ear, Duration::seconds(10));
  std::vector<double> gaps;
  for (const auto &[metric, value] : ctx.samples)
    if (metric == "voice.gap_ms") gaps.push_back(value);
  return gaps;
}

std::vector<std::optional<double>> steady(int frames) {
  std::vector<std::optional<double>> at;
  for (int i = 0; i < frames; ++i) at.emplace_back(10 + 20.0 * i);
  return at;
}

} // namespace

TEST_CASE("An undisturbed stream has no gap, across the wrap of sequence numbers") {
  FakeContext ctx;
  const auto ear = make("voice-receiver", {});
  REQUIRE(gapsOf(steady(100), ctx, *ear).empty());
  REQUIRE(described(*ear, ctx, "played") == "100");
  REQUIRE(described(*ear, ctx, "missing") == "0");
  REQUIRE(ctx.timersPending() == 0);
}

TEST_CASE("Lost frames make gaps as long as they are") {
  FakeContext ctx;
  const auto ear = make("voice-receiver", {});
  auto frames = steady(100);
  frames[20].reset();
  for (std::size_t i : {40, 41, 42}) frames[i].reset();
  REQUIRE(gapsOf(frames, ctx, *ear) == std::vector<double>{20, 60});
  REQUIRE(described(*ear, ctx, "missing") == "4");
}

TEST_CASE("The playout buffer evens out what comes within its delay, and no more") {
  FakeContext ctx;
  const auto ear = make("voice-receiver", {{"playout_ns", Duration::ms(60).ns()}});
  auto frames = steady(100);
  frames[30] = *frames[30] + 59; // just in time
  frames[50] = *frames[50] + 61; // too late
  REQUIRE(gapsOf(frames, ctx, *ear) == std::vector<double>{20});
  REQUIRE(described(*ear, ctx, "missing") == "1");
  REQUIRE(described(*ear, ctx, "of those too late") == "1");
}

TEST_CASE("A stream that comes back after a cut counts the whole gap") {
  FakeContext ctx;
  const auto ear = make("voice-receiver", {});
  auto frames = steady(400);
  for (std::size_t i = 100; i < 300; ++i) frames[i].reset();
  REQUIRE(gapsOf(frames, ctx, *ear) == std::vector<double>{200 * 20});
  REQUIRE(described(*ear, ctx, "missing") == "200");
  REQUIRE(described(*ear, ctx, "played") == "200");
}

TEST_CASE("What is no RTP is counted and nothing else") {
  FakeContext ctx;
  const auto ear = make("voice-receiver", {});
  ear->start(ctx);
  ear->onSocket(ctx, datagram(1, far, wire::Payload::of("hello")));
  REQUIRE(described(*ear, ctx, "malformed") == "1");
  REQUIRE(ctx.timersPending() == 0);
}

} // namespace packetarium::programs
