// SPDX-License-Identifier: GPL-3.0-or-later
// Two connections joined by a pipe that loses, reorders and repeats what they send.
#include "tests/core/transport/pipe.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

bool sameStream(const wire::Bytes &got, std::uint64_t shift) {
  return got == wire::Payload::pattern(shift, static_cast<std::uint32_t>(got.size())).toBytes();
}

/// A retransmission as a capture at the sender shows it: text, SYN or FIN that begins below the
/// highest number sent before.
std::size_t retransmissionsInCapture(const std::vector<Sent> &log) {
  std::size_t count = 0;
  bool any = false;
  std::uint32_t highest = 0;
  for (const Sent &s : log) {
    const bool control = (s.header.flags & (wire::TcpFlags::Syn | wire::TcpFlags::Fin)) != 0;
    if (s.text.empty() && !control) continue;
    if (any && seqLess(s.header.sequence, highest)) ++count;
    const std::uint32_t end = s.header.sequence + s.text.size() + (control ? 1 : 0);
    highest = any ? seqMax(highest, end) : end;
    any = true;
  }
  return count;
}
std::size_t retransmissionsTold(const std::vector<Sent> &log) {
  return static_cast<std::size_t>(
      std::count_if(log.begin(), log.end(), [](const Sent &s) { return s.resent.has_value(); }));
}

} // namespace

TEST_CASE("any pipe that lets something through delivers exactly the bytes, both ways") {
  CHECK(rc::check([] {
    PipeOptions pipe;
    pipe.loss = *rc::gen::inRange(0, 20) / 100.0;
    pipe.duplicate = *rc::gen::inRange(0, 15) / 100.0;
    pipe.jitter = Duration::ms(*rc::gen::element(0, 1, 5, 30));
    pipe.stall = *rc::gen::element(0.0, 0.01, 0.1);
    TcpOptions a, b;
    a.sendBuffer = *rc::gen::element(2000U, 16'384U, 262'144U);
    b.receiveBuffer = *rc::gen::element(700U, 5000U, 65'535U, 262'144U);
    a.mss = *rc::gen::element<std::uint16_t>(100, 536, 1460);
    b.delayedAck = *rc::gen::arbitrary<bool>();
    a.nagle = *rc::gen::arbitrary<bool>();
    a.limitedTransmit = *rc::gen::arbitrary<bool>();
    b.windowScale = *rc::gen::arbitrary<bool>();
    a.rtoMin = b.rtoMin = Duration::ms(*rc::gen::element(50, 1000));
    a.dataRetries = b.dataRetries = a.synRetries = b.synRetries = 100;
    const std::uint64_t up = *rc::gen::inRange(0, 150'000);
    const std::uint64_t down = *rc::gen::inRange(0, 20'000);
    // The numbers wrap within the transfer.
    const std::uint32_t issA = 0xffffffffU - *rc::gen::inRange(0U, 50'000U);
    const std::uint32_t issB = 0xffffffffU - *rc::gen::inRange(0U, 10'000U);
    Pipe p(a, b, issA, issB, pipe, *rc::gen::arbitrary<std::uint64_t>());
    p.open();
    p.stream(0, up);
    p.stream(1, down);
    p.closeAfterStream(0);
    p.closeAfterStream(1);
    p.run(SimTime::zero() + Duration::seconds(100'000));
    RC_ASSERT(p.hands[1].received.size() == up);
    RC_ASSERT(p.hands[0].received.size() == down);
    RC_ASSERT(sameStream(p.hands[1].received, 0));
    RC_ASSERT(sameStream(p.hands[0].received, 13));
    RC_ASSERT(p.hands[1].deliveredBytes == up);
    for (const int end : {0, 1}) {
      RC_ASSERT(p.ends[end].state() == TcpState::Closed);
      RC_ASSERT(p.ends[end].gone());
      // Probes of a closed window repeat a byte too; those are judged by tshark elsewhere.
      if (pipe.stall == 0)
        RC_ASSERT(retransmissionsTold(p.log[end]) == retransmissionsInCapture(p.log[end]));
    }
  }));
}

TEST_CASE("a connection copied in the middle goes on exactly as the original") {
  CHECK(rc::check([] {
    PipeOptions pipe;
    pipe.loss = 0.05;
    pipe.duplicate = 0.02;
    pipe.jitter = Duration::ms(3);
    Pipe p({}, {}, 7, 0xfffff000U, pipe, *rc::gen::arbitrary<std::uint64_t>());
    p.open();
    p.stream(0, 300'000);
    p.stream(1, 50'000);
    p.closeAfterStream(0);
    p.closeAfterStream(1);
    p.run(SimTime::zero() + Duration::ms(*rc::gen::inRange(0, 3000)));
    Pipe copy = p;
    copy.run();
    p.run();
    RC_ASSERT(p.now() == copy.now());
    for (const int end : {0, 1}) {
      RC_ASSERT(p.log[end].size() == copy.log[end].size());
      for (std::size_t i = 0; i < p.log[end].size(); ++i) {
        RC_ASSERT(text(p.log[end][i]) == text(copy.log[end][i]));
        RC_ASSERT(p.log[end][i].at == copy.log[end][i].at);
      }
      RC_ASSERT(p.hands[end].figures == copy.hands[end].figures);
      RC_ASSERT(p.hands[end].states == copy.hands[end].states);
    }
  }));
}

TEST_CASE("both ends open and close at once through a pipe that repeats and reorders") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    PipeOptions pipe;
    pipe.loss = 0.1;
    pipe.duplicate = 0.1;
    pipe.jitter = Duration::ms(20);
    Pipe p({}, {}, 1, 0x80000000U, pipe, seed);
    p.ends[1] = TcpConnection({}, 80, 1111, 0x80000000U);
    p.ends[0].openActive(p.hands[0]);
    p.ends[1].openActive(p.hands[1]);
    p.stream(0, 5000);
    p.stream(1, 5000);
    p.closeAfterStream(0);
    p.closeAfterStream(1);
    p.run();
    CHECK(p.hands[0].received.size() == 5000);
    CHECK(p.hands[1].received.size() == 5000);
    CHECK(p.ends[0].gone());
    CHECK(p.ends[1].gone());
  }
}

TEST_CASE("a stream of over 4 GiB passes the whole circle of sequence numbers") {
  TcpOptions o;
  o.sendBuffer = o.receiveBuffer = 8 * 1024 * 1024;
  Bench sender{o}, receiver{o, 0xfffff000U};
  receiver.hands.keepBytes = false;
  receiver.connection.openPassive(receiver.hands);
  sender.connection = TcpConnection(o, 1, 2, 0xffffff00U);
  sender.connection.openActive(sender.hands);
  std::uint64_t offered = 0, got = 0;
  const std::uint64_t total = (1ULL << 32) + 12'345'678;
  while (got < total) {
    const auto room = static_cast<std::uint32_t>(std::min<std::uint64_t>(total - offered, 1 << 20));
    offered += sender.connection.send(sender.hands, wire::Payload::pattern(offered, room));
    const auto forward = sender.take();
    for (const Sent &s : forward) receiver.connection.onSegment(receiver.hands, s.header, s.text);
    got += std::exchange(receiver.hands.deliveredBytes, 0);
    receiver.hands.told.clear();
    if (forward.empty()) receiver.pass(Duration::ms(40));
    for (const Sent &s : receiver.take())
      sender.connection.onSegment(sender.hands, s.header, s.text);
    sender.hands.figures.clear();
    sender.hands.told.clear();
  }
  CHECK(got == total);
  CHECK(sender.hands.timeouts.empty());
}
