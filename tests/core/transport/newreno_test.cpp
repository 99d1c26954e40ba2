// SPDX-License-Identifier: GPL-3.0-or-later
// Congestion control against the arithmetic of RFC 5681, 6582 and 3042.
#include "core/transport/congestion.h"
#include "tests/core/transport/pipe.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

constexpr std::uint32_t smss = 1000;
using Verdict = NewReno::Verdict;

NewReno reno(std::uint32_t cwnd, std::uint32_t ssthresh, bool limited = true) {
  return NewReno(smss, cwnd, ssthresh, 0, limited);
}

/// One segment's number among everything A sends: 0 is the SYN, 1 the handshake's ACK, then data.
constexpr std::size_t dataSegment(std::size_t n) { return n + 2; }

Pipe transfer(std::vector<std::size_t> lost, std::uint64_t bytes, const TcpOptions &o = {}) {
  Pipe p(o, {}, 100, 200, {}, 1);
  for (const std::size_t n : lost) p.lose.emplace_back(0, dataSegment(n));
  p.open();
  p.stream(0, bytes);
  p.run();
  return p;
}

std::vector<trace::RetransmitReason> reasons(const Pipe &p) {
  std::vector<trace::RetransmitReason> out;
  for (const Sent &s : p.log[0])
    if (s.resent) out.push_back(*s.resent);
  return out;
}

} // namespace

TEST_CASE("slow start adds at most one segment for each ACK") {
  NewReno r = reno(10 * smss, 1'000'000);
  r.onNewAck(1 + 2 * smss, 2 * smss, 10 * smss, 8 * smss);
  CHECK(r.cwnd() == 11 * smss);
  r.onNewAck(1 + 2 * smss + 400, 400, 11 * smss, 11 * smss);
  CHECK(r.cwnd() == 11 * smss + 400);
}

TEST_CASE("congestion avoidance adds one segment for each window of acknowledged bytes") {
  NewReno r = reno(20 * smss, 10 * smss);
  std::uint32_t ack = 1;
  for (int i = 0; i < 20; ++i) {
    CHECK(r.cwnd() == 20 * smss);
    r.onNewAck(ack += smss, smss, 20 * smss, 20 * smss);
  }
  CHECK(r.cwnd() == 21 * smss);
  for (int i = 0; i < 21; ++i) r.onNewAck(ack += smss, smss, 21 * smss, 21 * smss);
  CHECK(r.cwnd() == 22 * smss);
}

TEST_CASE("a window that is not used does not grow") {
  NewReno r = reno(20 * smss, 10 * smss);
  for (std::uint32_t i = 1; i < 100; ++i) r.onNewAck(i * smss, smss, 5 * smss, 4 * smss);
  CHECK(r.cwnd() == 20 * smss);
}

TEST_CASE("the third duplicate halves the flight and begins recovery (RFC 6582 3.2)") {
  NewReno r = reno(20 * smss, 1'000'000);
  CHECK(r.onDuplicateAck(1, 20'001, 20 * smss) == Verdict::Nothing);
  CHECK(r.onDuplicateAck(1, 21'001, 21 * smss) == Verdict::Nothing); // limited transmit sent one
  CHECK(r.cwnd() == 20 * smss);
  CHECK(r.onDuplicateAck(1, 22'001, 22 * smss) == Verdict::FastRetransmit);
  CHECK(r.ssthresh() == 10 * smss); // of 20: limited transmit does not count
  CHECK(r.cwnd() == 13 * smss);
  r.onDuplicateAck(1, 22'001, 22 * smss);
  CHECK(r.cwnd() == 14 * smss);

  SECTION("a partial ACK deflates, gives one segment back and asks for the next hole") {
    CHECK(r.onNewAck(1 + 5 * smss, 5 * smss, 22 * smss, 17 * smss) == Verdict::PartialAck);
    CHECK(r.cwnd() == 14 * smss - 5 * smss + smss);
    CHECK(r.inRecovery());
  }
  SECTION("a full ACK ends it without a burst") {
    CHECK(r.onNewAck(22'001, 22 * smss, 22 * smss, 0) == Verdict::Nothing);
    CHECK(r.cwnd() == 2 * smss); // min(ssthresh, max(flight, SMSS) + SMSS)
    CHECK_FALSE(r.inRecovery());
  }
  SECTION("a full ACK with much in flight sets cwnd to ssthresh") {
    r.onNewAck(22'001, 22 * smss, 40 * smss, 18 * smss);
    CHECK(r.cwnd() == 10 * smss);
  }
}

TEST_CASE("a timeout falls to one segment; a second one for the same segment keeps ssthresh") {
  NewReno r = reno(20 * smss, 1'000'000);
  r.onTimeout(20'001, 20 * smss, false);
  CHECK(r.cwnd() == smss);
  CHECK(r.ssthresh() == 10 * smss);
  r.onTimeout(20'001, smss, true);
  CHECK(r.ssthresh() == 10 * smss);
}

TEST_CASE("duplicates that stem from go-back-N do not start another recovery (RFC 6582 4.1)") {
  NewReno r = reno(20 * smss, 1'000'000);
  r.onTimeout(20'001, 20 * smss, false);
  r.onNewAck(12'001, 12 * smss, 20 * smss, 8 * smss); // jumped over what had arrived
  for (int i = 0; i < 5; ++i) CHECK(r.onDuplicateAck(12'001, 20'001, 8 * smss) == Verdict::Nothing);
}

TEST_CASE("without dropped segments nothing is sent twice") {
  const Pipe p = transfer({}, 2'000'000);
  CHECK(p.hands[1].received.size() == 2'000'000);
  CHECK(reasons(p).empty());
}

TEST_CASE("one loss is mended by fast retransmit, without a timeout") {
  const Pipe p = transfer({20}, 500'000);
  CHECK(p.hands[1].received.size() == 500'000);
  CHECK(reasons(p) == std::vector{trace::RetransmitReason::Fast});
  CHECK(p.hands[0].timeouts.empty());
}

TEST_CASE("several losses in one window are mended one a round trip, without a timeout") {
  const std::vector<std::size_t> lost{30, 32, 33, 37, 40};
  const Pipe p = transfer(lost, 500'000);
  CHECK(p.hands[1].received.size() == 500'000);
  CHECK(p.hands[0].timeouts.empty());
  using R = trace::RetransmitReason;
  CHECK(reasons(p) ==
        std::vector{R::Fast, R::PartialAck, R::PartialAck, R::PartialAck, R::PartialAck});
  // Exactly what was lost came again.
  std::vector<std::uint32_t> again, missing;
  for (const Sent &s : p.log[0])
    if (s.resent) again.push_back(s.header.sequence);
  for (const std::size_t n : lost) missing.push_back(p.log[0][dataSegment(n)].header.sequence);
  CHECK(again == missing);
}

TEST_CASE("a lost retransmission needs the timeout, which mends it") {
  Pipe probe = transfer({20}, 100'000);
  std::size_t resentAt = 0;
  for (std::size_t i = 0; i < probe.log[0].size(); ++i)
    if (probe.log[0][i].resent) resentAt = i;
  Pipe p({}, {}, 100, 200, {}, 1);
  p.lose = {{0, dataSegment(20)}, {0, resentAt}};
  p.open();
  p.stream(0, 100'000);
  p.run();
  CHECK(p.hands[1].received.size() == 100'000);
  CHECK(p.hands[0].timeouts.size() == 1);
}

TEST_CASE("limited transmit sends one new segment on each of the first two duplicates") {
  // Four segments in flight, the first lost: three duplicates come only with limited transmit or
  // with all three others; with three in flight only limited transmit avoids the timeout.
  const auto run = [](bool limited) {
    TcpOptions o;
    o.limitedTransmit = limited;
    Bench b{o};
    b.connection.openActive(b.hands);
    using F = wire::TcpFlags;
    b.segment(F::Syn | F::Ack, 5000, 1001, 0, 65535, 1460);
    b.take();
    b.write(60'000);
    CHECK(b.take().size() == 10);
    b.segment(F::Ack, 5001, 1001);
    const auto first = b.take();
    b.segment(F::Ack, 5001, 1001);
    const auto second = b.take();
    b.segment(F::Ack, 5001, 1001);
    const auto third = b.take();
    REQUIRE(third.size() == 1);
    CHECK(third[0].resent == trace::RetransmitReason::Fast);
    CHECK(third[0].header.sequence == 1001);
    CHECK(b.connection.figures().ssthresh == 5 * 1460);
    return std::pair{first.size(), second.size()};
  };
  CHECK(run(true) == std::pair<std::size_t, std::size_t>{1, 1});
  CHECK(run(false) == std::pair<std::size_t, std::size_t>{0, 0});
}

TEST_CASE("after an idle RTO the window restarts at the initial one (RFC 5681 4.1)") {
  Pipe p({}, {}, 100, 200, {}, 1);
  p.open();
  p.stream(0, 300'000);
  p.run(SimTime::zero() + Duration::seconds(20));
  REQUIRE(p.hands[1].received.size() == 300'000);
  REQUIRE(p.ends[0].figures().cwnd > 14'600);
  const std::size_t before = p.log[0].size();
  p.stream(0, 600'000);
  CHECK(p.log[0].size() - before == 10);
}

TEST_CASE("a timeout's retransmissions come of slow start again, and the timer doubles") {
  Bench b;
  using F = wire::TcpFlags;
  b.connection.openActive(b.hands);
  b.hands.clock += Duration::ms(100);
  b.segment(F::Syn | F::Ack, 5000, 1001, 0, 65535, 1460);
  b.take();
  b.write(14'600);
  CHECK(b.take().size() == 10);
  b.pass(Duration::ms(1000));
  auto sent = b.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].resent == trace::RetransmitReason::Timeout);
  CHECK(sent[0].header.sequence == 1001);
  CHECK(b.connection.rto() == Duration::seconds(2));
  b.pass(Duration::ms(1999));
  CHECK(b.take().empty());
  b.pass(Duration::ms(1));
  CHECK(b.take().size() == 1);
  CHECK(b.connection.rto() == Duration::seconds(4));
  b.segment(F::Ack, 5001, 1001 + 1460);
  sent = b.take();
  CHECK(sent.size() == 2);                           // cwnd is two segments now
  CHECK(b.connection.rto() == Duration::seconds(4)); // Karn: that ACK measures nothing
  b.segment(F::Ack, 5001, 1001 + 14'600);
  CHECK(b.take().empty());
  b.write(1460);
  b.pass(Duration::ms(50));
  b.segment(F::Ack, 5001, 1001 + 14'600 + 1460);
  CHECK(b.connection.rto() == Duration::seconds(1)); // a new segment was measured
}
