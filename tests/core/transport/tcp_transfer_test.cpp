// SPDX-License-Identifier: GPL-3.0-or-later
// How data moves: windows, acknowledgments, options, probes.
#include "tests/core/transport/tcp_bench.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

using F = wire::TcpFlags;
using Lines = std::vector<std::string>;

Bench open(TcpOptions options = {}, std::uint16_t window = 65535) {
  Bench b{options};
  b.connection.openActive(b.hands);
  b.segment(F::Syn | F::Ack, 5000, 1001, 0, window, 1460);
  REQUIRE(b.state() == TcpState::Established);
  b.take();
  return b;
}

/// The SYN that a connection answers with, given the peer's options.
wire::TcpHeader synAckFor(const TcpOptions &o, std::int8_t peerScale, std::uint16_t peerMss) {
  Bench b{o};
  b.connection.openPassive(b.hands);
  wire::TcpHeader syn;
  syn.flags = F::Syn;
  syn.sequence = 5000;
  syn.windowScale = peerScale;
  syn.mss = peerMss;
  b.connection.onSegment(b.hands, syn, {});
  return b.take().at(0).header;
}

} // namespace

TEST_CASE("window scale is offered in a SYN, answered only when offered (RFC 7323 2.2)") {
  TcpOptions o;
  o.receiveBuffer = 256 * 1024;
  Bench b{o};
  b.connection.openActive(b.hands);
  const auto syn = b.take().at(0).header;
  CHECK(syn.windowScale == 3); // 262144 >> 3 = 32768; >> 2 would not fit 16 bits
  CHECK(syn.mss == 1460);
  CHECK(syn.window == 65535); // never scaled in a SYN
  CHECK(synAckFor(o, 5, 1460).windowScale == 3);
  CHECK(synAckFor(o, 0, 1460).windowScale == 3);
  CHECK(synAckFor(o, -1, 1460).windowScale == -1);
  o.windowScale = false;
  CHECK(synAckFor(o, 5, 1460).windowScale == -1);
}

TEST_CASE("both windows are scaled after the handshake, the peer's shift at most 14") {
  for (const std::int8_t peerScale : {std::int8_t{4}, std::int8_t{100}}) {
    Bench b;
    b.connection.openActive(b.hands);
    wire::TcpHeader h;
    h.flags = F::Syn | F::Ack;
    h.sequence = 5000;
    h.acknowledgment = 1001;
    h.window = 100;
    h.windowScale = peerScale;
    b.connection.onSegment(b.hands, h, {});
    CHECK(b.connection.figures().peerWindow == 100); // the SYN's own is not scaled
    const auto ack = b.take().at(1).header;
    CHECK(ack.window == 256 * 1024 >> 3);
    b.segment(F::Ack, 5001, 1001, 0, 100);
    CHECK(b.connection.figures().peerWindow == 100U << (peerScale > 14 ? 14 : peerScale));
  }
}

TEST_CASE("without the peer's option windows go up to 65535 and no further") {
  Bench b = open();
  b.segment(F::Ack, 5001, 1001, 1460);
  b.pass(Duration::ms(40));
  CHECK(b.take().at(0).header.window == 65535);
}

TEST_CASE("the segment size is the smaller of both announcements, 536 when nothing is said") {
  TcpOptions o;
  o.mss = 1000;
  const auto mssWith = [](const TcpOptions &own, std::uint16_t announced) {
    Bench b{own};
    b.connection.openActive(b.hands);
    b.segment(F::Syn | F::Ack, 5000, 1001, 0, 65535, announced);
    return b.connection.mss();
  };
  CHECK(mssWith(o, 1460) == 1000);
  CHECK(mssWith(TcpOptions{}, 800) == 800);
  CHECK(mssWith(TcpOptions{}, 0) == 536);
}

TEST_CASE("the initial window is 10 segments of 1460 bytes (RFC 6928)") {
  CHECK(initialWindow(1460) == 14600);
  CHECK(initialWindow(1000) == 10000);
  CHECK(initialWindow(9000) == 18000);
  CHECK(initialWindow(2000) == 14600);
  Bench b = open();
  b.write(50'000);
  CHECK(b.take().size() == 10);
}

TEST_CASE("a twice repeated SYN leaves one segment to start with (RFC 6928 2)") {
  Bench b;
  b.connection.openActive(b.hands);
  b.pass(Duration::ms(3500));
  b.segment(F::Syn | F::Ack, 5000, 1001, 0, 65535, 1460);
  b.take();
  b.write(50'000);
  CHECK(b.take().size() == 1);
  CHECK(b.connection.rto() == Duration::seconds(4)); // backed off, and at least 3 s: RFC 6298 (5.7)
}

TEST_CASE("every second full segment is acknowledged at once, a single one after 40 ms") {
  Bench b = open();
  b.segment(F::Ack, 5001, 1001, 1460);
  CHECK(b.take().empty());
  b.segment(F::Ack, 6461, 1001, 1460);
  CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=7921 CTL=ACK"});
  b.segment(F::Ack, 7921, 1001, 1460);
  b.pass(Duration::ms(39));
  CHECK(b.take().empty());
  b.pass(Duration::ms(1));
  CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=9381 CTL=ACK"});
  b.pass(Duration::seconds(10));
  CHECK(b.take().empty());
}

TEST_CASE("1000 full segments bring 500 acknowledgments, or 1000 without delaying") {
  for (const bool delayed : {true, false}) {
    TcpOptions o;
    o.delayedAck = delayed;
    Bench b = open(o);
    for (std::uint32_t i = 0; i < 1000; ++i) b.segment(F::Ack, 5001 + 1460 * i, 1001, 1460);
    CHECK(b.take().size() == (delayed ? 500 : 1000));
  }
}

TEST_CASE("data in reply carries the acknowledgment: no bare ACK follows") {
  Bench b = open();
  b.segment(F::Ack, 5001, 1001, 100);
  b.write(200);
  CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5101 CTL=ACK LEN=200"});
  b.segment(F::Ack, 5101, 1201);
  b.pass(Duration::seconds(1));
  CHECK(b.take().empty());
}

TEST_CASE("each segment out of order is answered at once with a duplicate ACK") {
  Bench b = open();
  b.segment(F::Ack, 5001 + 1460, 1001, 1460);
  b.segment(F::Ack, 5001 + 2 * 1460, 1001, 1460);
  const auto duplicates = b.take();
  CHECK(texts(duplicates) == Lines(2, "SEQ=1001 ACK=5001 CTL=ACK"));
  CHECK(duplicates[0].header.window == duplicates[1].header.window);
  CHECK(b.hands.received.empty());
  b.segment(F::Ack, 5001, 1001, 1460); // the hole: all three, acknowledged at once
  CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=9381 CTL=ACK"});
  CHECK(b.hands.received == wire::Payload::pattern(0, 3 * 1460).toBytes());
  CHECK(b.hands.deliveredBytes == 3 * 1460);
}

TEST_CASE("a FIN that overtakes the data counts when the data is there") {
  Bench b = open();
  b.segment(F::Fin | F::Ack, 5101, 1001);
  CHECK(b.state() == TcpState::Established);
  b.segment(F::Ack, 5001, 1001, 100);
  CHECK(b.state() == TcpState::CloseWait);
  CHECK(b.take().back().header.acknowledgment == 5102);
}

TEST_CASE("Nagle holds a small segment back while another is unacknowledged") {
  Bench b = open();
  b.write(10);
  b.write(10);
  b.write(10);
  CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=ACK LEN=10"});
  b.segment(F::Ack, 5001, 1011);
  CHECK(texts(b.take()) == Lines{"SEQ=1011 ACK=5001 CTL=ACK LEN=20"});
  b.write(1460); // a full one is not held
  CHECK(b.take().size() == 1);
  b.write(10);
  b.connection.close(b.hands); // nor the last one before a FIN
  CHECK(texts(b.take()) == Lines{"SEQ=2491 ACK=5001 CTL=FIN,ACK LEN=10"});
  TcpOptions o;
  o.nagle = false;
  Bench free = open(o);
  free.write(10);
  free.write(10);
  CHECK(free.take().size() == 2);
}

TEST_CASE("PSH marks the last segment of what the program gave") {
  Bench b = open();
  b.write(3000);
  b.connection.close(b.hands);
  const auto sent = b.take();
  REQUIRE(sent.size() == 3);
  CHECK_FALSE(sent[0].header.has(F::Psh));
  CHECK_FALSE(sent[1].header.has(F::Psh));
  CHECK(sent[2].header.has(F::Psh));
}

TEST_CASE("the receive window closes while the program does not read, and opens when it does") {
  TcpOptions o;
  o.receiveBuffer = 4000;
  o.windowScale = false;
  Bench b = open(o);
  b.connection.setReading(b.hands, false);
  b.segment(F::Ack, 5001, 1001, 1460);
  b.segment(F::Ack, 6461, 1001, 1460);
  CHECK(b.take().back().header.window == 4000 - 2920);
  b.segment(F::Ack, 7921, 1001, 1080);
  b.pass(Duration::ms(40));
  CHECK(b.take().back().header.window == 0);
  CHECK(b.hands.received.empty());
  CHECK(b.connection.receiveQueue() == 4000);

  b.segment(F::Ack, 9001, 1001, 1); // a probe: answered, not taken
  const auto answer = b.take();
  CHECK(texts(answer) == Lines{"SEQ=1001 ACK=9001 CTL=ACK"});
  CHECK(answer[0].header.window == 0);

  b.connection.setReading(b.hands, true);
  CHECK(b.hands.received.size() == 4000);
  const auto update = b.take();
  REQUIRE(update.size() == 1);
  CHECK(update[0].header.window == 4000);
  CHECK(b.hands.deliveredBytes == 4000);
}

TEST_CASE("PeerClosed comes behind data that is read late, Closed behind both") {
  Bench b = open();
  b.connection.setReading(b.hands, false);
  b.segment(F::Fin | F::Ack, 5001, 1001, 100);
  b.connection.close(b.hands);
  b.heard();
  b.segment(F::Ack, 5102, 1002);
  CHECK(b.state() == TcpState::Closed);
  CHECK(b.heard().empty());
  CHECK_FALSE(b.connection.gone());
  b.connection.setReading(b.hands, true);
  std::vector<SocketEvent::Kind> kinds;
  for (const Told &t : b.heard()) kinds.push_back(t.kind);
  CHECK(kinds == std::vector{SocketEvent::Kind::Data, SocketEvent::Kind::PeerClosed,
                             SocketEvent::Kind::Closed});
  CHECK(b.connection.gone());
}

TEST_CASE("a receiver does not open its window by silly amounts (3.8.6.2.2)") {
  TcpOptions o;
  o.receiveBuffer = 10'000;
  o.windowScale = false;
  o.delayedAck = false;
  Bench b = open(o);
  std::uint32_t edge = 5001 + 10'000;
  for (std::uint32_t at = 5001; at < 5001 + 20'000; at += 100) {
    b.segment(F::Ack, at, 1001, 100);
    const auto h = b.take().at(0).header;
    const std::uint32_t now = h.acknowledgment + h.window;
    CHECK((now == edge || now >= edge + 1460));
    edge = now;
  }
}

TEST_CASE("a closed window is probed with one byte, ever more seldom, and never given up") {
  Bench b = open({}, 2920);
  b.write(10'000);
  b.take();
  b.segment(F::Ack, 5001, 1001 + 2920, 0, 0); // all taken, window closed
  CHECK(b.take().empty());
  std::vector<std::int64_t> gaps;
  SimTime last = b.hands.clock;
  for (int i = 0; i < 20; ++i) {
    while (b.hands.sent.empty()) b.pass(Duration::ms(500));
    const auto probe = b.take();
    REQUIRE(texts(probe) == Lines{"SEQ=3921 ACK=5001 CTL=ACK LEN=1"});
    CHECK_FALSE(probe[0].resent); // it never counts as sent before it is acknowledged
    gaps.push_back((probe[0].at - last).ns() / 1'000'000'000);
    last = probe[0].at;
    b.segment(F::Ack, 5001, 3921, 0, 0);
  }
  CHECK(std::vector(gaps.begin(), gaps.begin() + 8) ==
        std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60});
  CHECK(b.state() == TcpState::Established);
  b.segment(F::Ack, 5001, 3921, 0, 2920); // open again: the byte is not counted twice
  CHECK(texts(b.take()) ==
        Lines{"SEQ=3921 ACK=5001 CTL=ACK LEN=1460", "SEQ=5381 ACK=5001 CTL=ACK LEN=1460"});
}

TEST_CASE("a probe's byte that was taken is not sent again") {
  Bench b = open({}, 1460);
  b.write(5000);
  b.segment(F::Ack, 5001, 1001 + 1460, 0, 0);
  b.take();
  b.pass(Duration::seconds(2));
  CHECK(b.take().size() == 1);
  b.segment(F::Ack, 5001, 1001 + 1461, 0, 1460);
  const auto sent = b.take();
  CHECK(texts(sent) == Lines{"SEQ=2462 ACK=5001 CTL=ACK LEN=1460"});
  CHECK_FALSE(sent[0].resent);
}

TEST_CASE("probes that nobody answers end the connection") {
  TcpOptions o;
  o.dataRetries = 3;
  Bench b = open(o, 1460);
  b.write(5000);
  b.segment(F::Ack, 5001, 1001 + 1460, 0, 0);
  b.pass(Duration::seconds(60));
  CHECK(b.state() == TcpState::Closed);
  CHECK(b.heard().back().error == SocketError::TimedOut);
}

TEST_CASE("a FIN waits for the window, and asks for it with an old number") {
  Bench b = open({}, 1460);
  b.write(1460);
  b.connection.close(b.hands);
  b.segment(F::Ack, 5001, 2461, 0, 0);
  b.take();
  b.pass(Duration::ms(1100));
  CHECK(texts(b.take()) == Lines{"SEQ=2460 ACK=5001 CTL=ACK"});
  b.segment(F::Ack, 5001, 2461, 0, 1460);
  CHECK(texts(b.take()) == Lines{"SEQ=2461 ACK=5001 CTL=FIN,ACK"});
}

TEST_CASE("a sender waits for a window worth filling, but not for ever (3.8.6.2.1)") {
  Bench b = open({}, 2920);
  b.write(10'000);
  b.segment(F::Ack, 5001, 3921, 0, 100); // 100 bytes of window
  b.take();
  b.pass(Duration::ms(499));
  CHECK(b.take().empty());
  b.pass(Duration::ms(1));
  CHECK(texts(b.take()) == Lines{"SEQ=3921 ACK=5001 CTL=ACK LEN=100"});
}

TEST_CASE("the send buffer is bounded and says when there is room") {
  TcpOptions o;
  o.sendBuffer = 20'000;
  Bench b = open(o);
  CHECK(b.write(50'000) == 20'000);
  CHECK(b.write(1) == 0);
  b.heard();
  b.segment(F::Ack, 5001, 1001 + 1460);
  CHECK(b.heard().empty()); // a few segments at a time
  b.segment(F::Ack, 5001, 1001 + 5 * 1460);
  const auto told = b.heard();
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == SocketEvent::Kind::Writable);
  CHECK(b.write(50'000) == 5 * 1460);
}

TEST_CASE("old acknowledgments do not move the send window backwards (WL1, WL2)") {
  Bench b = open({}, 10'000);
  b.write(1000);
  b.segment(F::Ack, 5001, 2001, 0, 20'000);
  CHECK(b.connection.figures().peerWindow == 20'000);
  b.segment(F::Ack, 5001, 1001, 0, 5000); // overtaken by the one before
  CHECK(b.connection.figures().peerWindow == 20'000);
}

TEST_CASE("timers bring back the record that armed them") {
  Bench b = open();
  b.hands.causeNow = 42;
  b.segment(F::Ack, 5001, 1001, 100);
  b.hands.causeNow = 99;
  b.pass(Duration::ms(40));
  CHECK(b.hands.causeNow == 42); // the delayed ACK comes of the segment
  b.write(100);
  b.pass(Duration::seconds(2));
  CHECK(b.hands.causeNow == 777); // the retransmission comes of the timeout
}
