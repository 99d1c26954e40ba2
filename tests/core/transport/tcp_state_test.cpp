// SPDX-License-Identifier: GPL-3.0-or-later
// The state machine against RFC 9293: figure 5 (section 3.3.2), the exchanges of figures 6 to 13
// and the rules of section 3.10, segment by segment.
#include "tests/core/transport/tcp_bench.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

using F = wire::TcpFlags;
using Kind = SocketEvent::Kind;
using Lines = std::vector<std::string>;
constexpr std::uint8_t synAck = F::Syn | F::Ack, finAck = F::Fin | F::Ack, rstAck = F::Rst | F::Ack;

bool heardOf(const Bench &b, Kind kind) {
  for (const Told &t : b.hands.told)
    if (t.kind == kind) return true;
  return false;
}
SocketError failure(const Bench &b) {
  for (const Told &t : b.hands.told)
    if (t.kind == Kind::Failed) return t.error;
  return SocketError::None;
}

/// A connection brought into a state by the shortest way; what it sent and told is forgotten.
Bench in(TcpState state) {
  Bench b;
  switch (state) {
  case TcpState::Closed: break;
  case TcpState::Listen: b.connection.openPassive(b.hands); break;
  case TcpState::SynSent: b.connection.openActive(b.hands); break;
  case TcpState::SynReceived:
    b = in(TcpState::Listen);
    b.segment(F::Syn, 5000, 0, 0, 65535, 1460);
    break;
  case TcpState::Established:
    b = in(TcpState::SynSent);
    b.segment(synAck, 5000, 1001, 0, 65535, 1460);
    break;
  case TcpState::FinWait1:
    b = in(TcpState::Established);
    b.connection.close(b.hands);
    break;
  case TcpState::FinWait2:
    b = in(TcpState::FinWait1);
    b.segment(F::Ack, 5001, 1002);
    break;
  case TcpState::CloseWait:
    b = in(TcpState::Established);
    b.segment(finAck, 5001, 1001);
    break;
  case TcpState::Closing:
    b = in(TcpState::FinWait1);
    b.segment(finAck, 5001, 1001);
    break;
  case TcpState::LastAck:
    b = in(TcpState::CloseWait);
    b.connection.close(b.hands);
    break;
  case TcpState::TimeWait:
    b = in(TcpState::FinWait2);
    b.segment(finAck, 5001, 1002);
    break;
  }
  REQUIRE(b.state() == state);
  b.take();
  b.heard();
  b.hands.states.clear();
  return b;
}

} // namespace

TEST_CASE("figure 5: every transition of the diagram") {
  SECTION("CLOSED -> LISTEN by passive OPEN") {
    Bench b;
    b.connection.openPassive(b.hands);
    CHECK(b.state() == TcpState::Listen);
    CHECK(b.take().empty());
  }
  SECTION("CLOSED -> SYN-SENT by active OPEN, snd SYN") {
    Bench b;
    b.connection.openActive(b.hands);
    CHECK(b.state() == TcpState::SynSent);
    CHECK(texts(b.take()) == Lines{"SEQ=1000 CTL=SYN"});
  }
  SECTION("LISTEN -> SYN-RECEIVED by rcv SYN, snd SYN,ACK") {
    Bench b = in(TcpState::Listen);
    b.segment(F::Syn, 5000);
    CHECK(b.state() == TcpState::SynReceived);
    CHECK(texts(b.take()) == Lines{"SEQ=1000 ACK=5001 CTL=SYN,ACK"});
    CHECK(heardOf(b, Kind::SynSeen));
    CHECK_FALSE(heardOf(b, Kind::Accepted));
  }
  SECTION("LISTEN -> CLOSED by CLOSE") {
    Bench b = in(TcpState::Listen);
    b.connection.close(b.hands);
    CHECK(b.state() == TcpState::Closed);
    CHECK(b.take().empty());
  }
  SECTION("SYN-SENT -> CLOSED by CLOSE") {
    Bench b = in(TcpState::SynSent);
    b.connection.close(b.hands);
    CHECK(b.state() == TcpState::Closed);
    CHECK(b.take().empty());
    b.pass(Duration::seconds(100));
    CHECK(b.take().empty()); // no timer lives on
  }
  SECTION("SYN-SENT -> SYN-RECEIVED by rcv SYN, snd SYN,ACK") {
    Bench b = in(TcpState::SynSent);
    b.segment(F::Syn, 5000);
    CHECK(b.state() == TcpState::SynReceived);
    CHECK(texts(b.take()) == Lines{"SEQ=1000 ACK=5001 CTL=SYN,ACK"});
  }
  SECTION("SYN-SENT -> ESTABLISHED by rcv SYN,ACK, snd ACK") {
    Bench b = in(TcpState::SynSent);
    b.segment(synAck, 5000, 1001);
    CHECK(b.state() == TcpState::Established);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=ACK"});
    CHECK(heardOf(b, Kind::Connected));
  }
  SECTION("SYN-RECEIVED -> ESTABLISHED by rcv ACK of SYN") {
    Bench b = in(TcpState::SynReceived);
    b.segment(F::Ack, 5001, 1001);
    CHECK(b.state() == TcpState::Established);
    CHECK(b.take().empty());
    CHECK(heardOf(b, Kind::Accepted));
  }
  SECTION("SYN-RECEIVED -> FIN-WAIT-1 by CLOSE, snd FIN") {
    Bench b = in(TcpState::SynReceived);
    b.connection.close(b.hands);
    CHECK(b.state() == TcpState::FinWait1);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=FIN,ACK"});
    b.segment(F::Ack, 5001, 1002);
    CHECK(b.state() == TcpState::FinWait2);
  }
  SECTION("SYN-RECEIVED -> LISTEN by rcv RST after a passive OPEN") {
    Bench b = in(TcpState::SynReceived);
    b.segment(F::Rst, 5001);
    CHECK(b.state() == TcpState::Listen);
    CHECK(b.take().empty());
    b.segment(F::Syn, 9000); // and it listens indeed
    CHECK(texts(b.take()) == Lines{"SEQ=1000 ACK=9001 CTL=SYN,ACK"});
  }
  SECTION("ESTABLISHED -> FIN-WAIT-1 by CLOSE, snd FIN") {
    Bench b = in(TcpState::Established);
    b.connection.close(b.hands);
    CHECK(b.state() == TcpState::FinWait1);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=FIN,ACK"});
  }
  SECTION("ESTABLISHED -> CLOSE-WAIT by rcv FIN, snd ACK") {
    Bench b = in(TcpState::Established);
    b.segment(finAck, 5001, 1001);
    CHECK(b.state() == TcpState::CloseWait);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5002 CTL=ACK"});
    CHECK(heardOf(b, Kind::PeerClosed));
  }
  SECTION("FIN-WAIT-1 -> FIN-WAIT-2 by rcv ACK of FIN") {
    Bench b = in(TcpState::FinWait1);
    b.segment(F::Ack, 5001, 1002);
    CHECK(b.state() == TcpState::FinWait2);
    CHECK(b.take().empty());
  }
  SECTION("FIN-WAIT-1 -> CLOSING by rcv FIN, snd ACK") {
    Bench b = in(TcpState::FinWait1);
    b.segment(finAck, 5001, 1001);
    CHECK(b.state() == TcpState::Closing);
    CHECK(texts(b.take()) == Lines{"SEQ=1002 ACK=5002 CTL=ACK"});
  }
  SECTION("FIN-WAIT-1 -> TIME-WAIT by rcv FIN that acknowledges ours") {
    Bench b = in(TcpState::FinWait1);
    b.segment(finAck, 5001, 1002);
    CHECK(b.state() == TcpState::TimeWait);
    CHECK(b.hands.states == std::vector<TcpState>{TcpState::FinWait2, TcpState::TimeWait});
    CHECK(texts(b.take()) == Lines{"SEQ=1002 ACK=5002 CTL=ACK"});
  }
  SECTION("FIN-WAIT-2 -> TIME-WAIT by rcv FIN, snd ACK") {
    Bench b = in(TcpState::FinWait2);
    b.segment(finAck, 5001, 1002);
    CHECK(b.state() == TcpState::TimeWait);
    CHECK(texts(b.take()) == Lines{"SEQ=1002 ACK=5002 CTL=ACK"});
    CHECK(heardOf(b, Kind::Closed));
  }
  SECTION("CLOSE-WAIT -> LAST-ACK by CLOSE, snd FIN") {
    Bench b = in(TcpState::CloseWait);
    b.connection.close(b.hands);
    CHECK(b.state() == TcpState::LastAck);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5002 CTL=FIN,ACK"});
  }
  SECTION("CLOSING -> TIME-WAIT by rcv ACK of FIN") {
    Bench b = in(TcpState::Closing);
    b.segment(F::Ack, 5002, 1002);
    CHECK(b.state() == TcpState::TimeWait);
    CHECK(b.take().empty());
  }
  SECTION("LAST-ACK -> CLOSED by rcv ACK of FIN") {
    Bench b = in(TcpState::LastAck);
    b.segment(F::Ack, 5002, 1002);
    CHECK(b.state() == TcpState::Closed);
    CHECK(b.take().empty());
    CHECK(heardOf(b, Kind::Closed));
    CHECK(b.connection.gone());
  }
  SECTION("TIME-WAIT -> CLOSED after 2 MSL") {
    Bench b = in(TcpState::TimeWait);
    b.pass(Duration::ms(59999));
    CHECK(b.state() == TcpState::TimeWait);
    b.pass(Duration::ms(1));
    CHECK(b.state() == TcpState::Closed);
    CHECK(b.take().empty());
  }
}

TEST_CASE("a data segment whose FIN is queued behind it closes through the same states") {
  Bench b = in(TcpState::CloseWait);
  b.write(100);
  b.connection.close(b.hands);
  CHECK(b.state() == TcpState::LastAck);
  CHECK(texts(b.take()) ==
        Lines{"SEQ=1001 ACK=5002 CTL=ACK LEN=100", "SEQ=1101 ACK=5002 CTL=FIN,ACK"});
  b.segment(F::Ack, 5002, 1101);
  CHECK(b.state() == TcpState::LastAck);
  b.segment(F::Ack, 5002, 1102);
  CHECK(b.state() == TcpState::Closed);
}

TEST_CASE("CLOSE in CLOSE-WAIT enters LAST-ACK only when the FIN leaves (3.10.4)") {
  Bench b = in(TcpState::CloseWait);
  b.write(100 * 1460); // more than the initial window
  b.take();
  b.connection.close(b.hands);
  CHECK(b.state() == TcpState::CloseWait);
}

TEST_CASE("data may still arrive after our FIN (half-close)") {
  Bench b = in(TcpState::FinWait2);
  b.segment(F::Ack, 5001, 1002, 300);
  CHECK(b.hands.received.size() == 300);
  CHECK(b.write(10) == 0);
  b.segment(finAck, 5301, 1002);
  CHECK(b.state() == TcpState::TimeWait);
}

TEST_CASE("3.10.7.1: no connection answers with RST") {
  Bench b;
  b.segment(F::Syn, 5000);
  CHECK(texts(b.take()) == Lines{"SEQ=0 ACK=5001 CTL=RST,ACK"});
  b.segment(F::Fin, 5000, 0, 10);
  CHECK(texts(b.take()) == Lines{"SEQ=0 ACK=5011 CTL=RST,ACK"});
  b.segment(F::Ack, 5000, 1234);
  CHECK(texts(b.take()) == Lines{"SEQ=1234 CTL=RST"});
  b.segment(F::Rst, 5000);
  CHECK(b.take().empty());
}

TEST_CASE("3.10.7.2: LISTEN ignores RST, resets ACK, drops the rest") {
  Bench b = in(TcpState::Listen);
  b.segment(F::Rst, 5000);
  CHECK(b.take().empty());
  b.segment(F::Ack, 5000, 77);
  CHECK(texts(b.take()) == Lines{"SEQ=77 CTL=RST"});
  b.segment(F::Fin, 5000);
  CHECK(b.take().empty());
  CHECK(b.state() == TcpState::Listen);
}

TEST_CASE("3.10.7.2: text that comes with the SYN waits for ESTABLISHED") {
  Bench b = in(TcpState::Listen);
  b.segment(F::Syn, 5000, 0, 50);
  CHECK(b.hands.received.empty());
  b.segment(F::Ack, 5051, 1001);
  CHECK(b.state() == TcpState::Established);
  CHECK(b.hands.received.size() == 50);
}

TEST_CASE("3.10.7.3: SYN-SENT") {
  SECTION("an ACK of what was not sent is reset") {
    for (const std::uint32_t bad : {1000U, 1002U, 999U}) {
      Bench b = in(TcpState::SynSent);
      b.segment(synAck, 5000, bad);
      CHECK(texts(b.take()) == Lines{"SEQ=" + std::to_string(bad) + " CTL=RST"});
      CHECK(b.state() == TcpState::SynSent);
    }
  }
  SECTION("RST with the right ACK: connection refused") {
    Bench b = in(TcpState::SynSent);
    b.segment(rstAck, 0, 1001);
    CHECK(b.state() == TcpState::Closed);
    CHECK(failure(b) == SocketError::Refused);
  }
  SECTION("RST without ACK, or with a wrong one, is dropped silently") {
    Bench b = in(TcpState::SynSent);
    b.segment(F::Rst, 0);
    b.segment(rstAck, 0, 1000);
    CHECK(b.state() == TcpState::SynSent);
    CHECK(b.take().empty());
  }
  SECTION("neither SYN nor RST: dropped") {
    Bench b = in(TcpState::SynSent);
    b.segment(F::Ack, 5001, 1001);
    CHECK(b.state() == TcpState::SynSent);
    CHECK(b.take().empty());
  }
}

TEST_CASE("figure 8: simultaneous open leaves both ends ESTABLISHED without further words") {
  Bench a, b{TcpOptions{}, 5000};
  a.connection.openActive(a.hands);
  b.connection.openActive(b.hands);
  const Sent synA = a.take().at(0), synB = b.take().at(0);
  a.connection.onSegment(a.hands, synB.header, {});
  b.connection.onSegment(b.hands, synA.header, {});
  CHECK(a.state() == TcpState::SynReceived);
  CHECK(b.state() == TcpState::SynReceived);
  const auto fromA = a.take(), fromB = b.take();
  CHECK(texts(fromA) == Lines{"SEQ=1000 ACK=5001 CTL=SYN,ACK"});
  CHECK(texts(fromB) == Lines{"SEQ=5000 ACK=1001 CTL=SYN,ACK"});
  a.connection.onSegment(a.hands, fromB[0].header, {});
  b.connection.onSegment(b.hands, fromA[0].header, {});
  CHECK(a.state() == TcpState::Established);
  CHECK(b.state() == TcpState::Established);
  CHECK(a.take().empty());
  CHECK(b.take().empty());
  CHECK(heardOf(a, Kind::Connected));
}

TEST_CASE("figure 13: simultaneous close goes through CLOSING on both sides") {
  Bench a = in(TcpState::Established);
  a.connection.close(a.hands);
  CHECK(texts(a.take()) == Lines{"SEQ=1001 ACK=5001 CTL=FIN,ACK"});
  a.segment(finAck, 5001, 1001);
  CHECK(a.state() == TcpState::Closing);
  CHECK(texts(a.take()) == Lines{"SEQ=1002 ACK=5002 CTL=ACK"});
  a.segment(F::Ack, 5002, 1002);
  CHECK(a.state() == TcpState::TimeWait);
  CHECK(heardOf(a, Kind::Closed));
}

TEST_CASE("figure 9: an old duplicate SYN is undone by RST") {
  Bench server = in(TcpState::Listen);
  server.segment(F::Syn, 90); // the old one
  const auto reply = server.take();
  CHECK(texts(reply) == Lines{"SEQ=1000 ACK=91 CTL=SYN,ACK"});
  Bench client{TcpOptions{}, 100};
  client.connection.openActive(client.hands);
  client.take();
  client.connection.onSegment(client.hands, reply[0].header, {});
  const auto reset = client.take();
  CHECK(texts(reset) == Lines{"SEQ=91 CTL=RST"});
  server.connection.onSegment(server.hands, reset[0].header, {});
  CHECK(server.state() == TcpState::Listen);
}

TEST_CASE("figure 10: a half-open connection is discovered by the crashed end's SYN") {
  Bench b = in(TcpState::Established); // knows SND.NXT 1001, RCV.NXT 5001
  b.segment(F::Syn, 400);              // the peer came back and starts anew
  CHECK(b.state() == TcpState::Established);
  const auto ack = b.take();
  CHECK(texts(ack) == Lines{"SEQ=1001 ACK=5001 CTL=ACK"});
  Bench a{TcpOptions{}, 400};
  a.connection.openActive(a.hands);
  a.take();
  a.connection.onSegment(a.hands, ack[0].header, {});
  const auto reset = a.take();
  CHECK(texts(reset) == Lines{"SEQ=5001 CTL=RST"});
  b.connection.onSegment(b.hands, reset[0].header, {});
  CHECK(b.state() == TcpState::Closed);
  CHECK(failure(b) == SocketError::Reset);
}

TEST_CASE("figure 11: the active end of a half-open connection is reset by its own data") {
  Bench b = in(TcpState::Established);
  b.write(10);
  const auto data = b.take();
  Bench crashed;
  crashed.connection.onSegment(crashed.hands, data[0].header, data[0].text);
  const auto reset = crashed.take();
  CHECK(texts(reset) == Lines{"SEQ=5001 CTL=RST"});
  b.connection.onSegment(b.hands, reset[0].header, {});
  CHECK(b.state() == TcpState::Closed);
  CHECK(failure(b) == SocketError::Reset);
}

TEST_CASE("figure 12: an old SYN at two passive ends dies out by RST") {
  Bench b = in(TcpState::Listen);
  b.segment(F::Syn, 300);
  const auto reply = b.take();
  Bench a = in(TcpState::Listen);
  a.connection.onSegment(a.hands, reply[0].header, {});
  const auto reset = a.take();
  CHECK(texts(reset) == Lines{"SEQ=301 CTL=RST"});
  CHECK(a.state() == TcpState::Listen);
  b.connection.onSegment(b.hands, reset[0].header, {});
  CHECK(b.state() == TcpState::Listen);
}

TEST_CASE("RST at exactly RCV.NXT ends every synchronized state as 3.10.7.4 says") {
  struct Row {
    TcpState from;
    std::uint32_t rcvNxt;
    SocketError error;
  };
  const auto row = GENERATE(values<Row>({{TcpState::Established, 5001, SocketError::Reset},
                                         {TcpState::FinWait1, 5001, SocketError::Reset},
                                         {TcpState::FinWait2, 5001, SocketError::Reset},
                                         {TcpState::CloseWait, 5002, SocketError::Reset},
                                         {TcpState::Closing, 5002, SocketError::None},
                                         {TcpState::LastAck, 5002, SocketError::None},
                                         {TcpState::TimeWait, 5002, SocketError::None}}));
  SECTION("exact") {
    Bench b = in(row.from);
    b.segment(F::Rst, row.rcvNxt);
    CHECK(b.state() == TcpState::Closed);
    CHECK(failure(b) == row.error);
    CHECK(b.take().empty());
  }
  SECTION("in the window but not exact: a challenge ACK (RFC 5961)") {
    Bench b = in(row.from);
    b.segment(F::Rst, row.rcvNxt + 1);
    CHECK(b.state() == row.from);
    const auto sent = b.take();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].header.flags == F::Ack);
    CHECK(sent[0].header.acknowledgment == row.rcvNxt);
  }
  SECTION("outside the window: dropped without a word") {
    Bench b = in(row.from);
    b.segment(F::Rst, row.rcvNxt - 1);
    b.segment(F::Rst, row.rcvNxt + 10'000'000);
    CHECK(b.state() == row.from);
    CHECK(b.take().empty());
  }
}

TEST_CASE("SYN in a synchronized state draws a challenge ACK and changes nothing") {
  const auto from =
      GENERATE(TcpState::Established, TcpState::FinWait1, TcpState::FinWait2, TcpState::CloseWait,
               TcpState::Closing, TcpState::LastAck, TcpState::TimeWait);
  for (const std::uint32_t seq : {5000U, 5010U}) {
    Bench b = in(from);
    b.segment(F::Syn, seq);
    CHECK(b.state() == from);
    const auto sent = b.take();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].header.flags == F::Ack);
  }
}

TEST_CASE("challenge ACKs are throttled, so that two confused ends cannot storm (RFC 5961 7)") {
  Bench b = in(TcpState::Established);
  for (int i = 0; i < 1000; ++i) b.segment(F::Rst, 5002);
  CHECK(b.take().size() == 10);
  b.pass(Duration::seconds(1));
  b.segment(F::Rst, 5002);
  CHECK(b.take().size() == 1);
}

TEST_CASE("SYN-RECEIVED") {
  SECTION("an unacceptable ACK is reset") {
    Bench b = in(TcpState::SynReceived);
    b.segment(F::Ack, 5001, 2000);
    CHECK(texts(b.take()) == Lines{"SEQ=2000 CTL=RST"});
    CHECK(b.state() == TcpState::SynReceived);
  }
  SECTION("a SYN in the window returns a passive end to LISTEN") {
    Bench b = in(TcpState::SynReceived);
    b.segment(F::Syn, 5005);
    CHECK(b.state() == TcpState::Listen);
  }
  SECTION("RST refuses an active end") {
    Bench b = in(TcpState::SynSent);
    b.segment(F::Syn, 5000);
    b.take();
    b.segment(F::Rst, 5001);
    CHECK(b.state() == TcpState::Closed);
    CHECK(failure(b) == SocketError::Refused);
  }
  SECTION("the peer's repeated SYN is outside the window: ACK") {
    Bench b = in(TcpState::SynReceived);
    b.segment(F::Syn, 5000);
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=ACK"});
    CHECK(b.state() == TcpState::SynReceived);
  }
  SECTION("FIN with the ACK of our SYN goes straight on to CLOSE-WAIT") {
    Bench b = in(TcpState::SynReceived);
    b.segment(finAck, 5001, 1001);
    CHECK(b.hands.states == std::vector<TcpState>{TcpState::Established, TcpState::CloseWait});
  }
}

TEST_CASE("the acceptability test of 3.10.7.4") {
  TcpOptions o;
  o.receiveBuffer = 1000;
  o.windowScale = false;
  Bench b{o};
  b.connection.openActive(b.hands);
  b.segment(synAck, 5000, 1001);
  b.take();
  const auto accepted = [&](std::uint32_t seq, std::uint32_t length) {
    Bench copy = b;
    copy.segment(F::Ack, seq, 1001, length);
    const bool answered = !copy.take().empty() && copy.hands.received.empty();
    return !answered || !copy.hands.received.empty();
  };
  CHECK(accepted(5001, 0));
  CHECK(accepted(6000, 0)); // the last number in the window
  CHECK_FALSE(accepted(5000, 0));
  CHECK_FALSE(accepted(6002, 0));
  CHECK(accepted(5001, 1));
  CHECK(accepted(4999, 3)); // ends inside
  CHECK_FALSE(accepted(4999, 2));
  CHECK_FALSE(accepted(6001, 1));
}

TEST_CASE("ACK checks of the synchronized states") {
  SECTION("without ACK a segment is dropped") {
    Bench b = in(TcpState::Established);
    b.segment(0, 5001, 0, 10);
    CHECK(b.hands.received.empty());
    CHECK(b.take().empty());
  }
  SECTION("an ACK of what was never sent is answered and dropped") {
    Bench b = in(TcpState::Established);
    b.segment(F::Ack, 5001, 1002, 10);
    CHECK(b.hands.received.empty());
    CHECK(texts(b.take()) == Lines{"SEQ=1001 ACK=5001 CTL=ACK"});
  }
  SECTION("an ACK older than the largest window ever is answered and dropped (RFC 5961)") {
    Bench b = in(TcpState::Established);
    b.segment(F::Ack, 5001, 1001 - 65536, 10);
    CHECK(b.hands.received.empty());
    CHECK(b.take().size() == 1);
  }
}

TEST_CASE("TIME-WAIT starts its 2 MSL anew when the peer's FIN comes again") {
  Bench b = in(TcpState::TimeWait);
  b.pass(Duration::seconds(50));
  b.segment(finAck, 5001, 1002);
  CHECK(texts(b.take()) == Lines{"SEQ=1002 ACK=5002 CTL=ACK"});
  b.pass(Duration::seconds(59));
  CHECK(b.state() == TcpState::TimeWait);
  b.pass(Duration::seconds(1));
  CHECK(b.state() == TcpState::Closed);
}

TEST_CASE("ABORT sends RST only where 3.10.5 says so") {
  struct Row {
    TcpState from;
    bool reset;
  };
  const auto row = GENERATE(values<Row>({{TcpState::Listen, false},
                                         {TcpState::SynSent, false},
                                         {TcpState::SynReceived, true},
                                         {TcpState::Established, true},
                                         {TcpState::FinWait1, true},
                                         {TcpState::FinWait2, true},
                                         {TcpState::CloseWait, true},
                                         {TcpState::Closing, false},
                                         {TcpState::LastAck, false},
                                         {TcpState::TimeWait, false}}));
  Bench b = in(row.from);
  b.connection.abort(b.hands);
  CHECK(b.state() == TcpState::Closed);
  const auto sent = b.take();
  REQUIRE(sent.size() == (row.reset ? 1U : 0U));
  if (row.reset) CHECK(sent[0].header.flags == F::Rst);
  b.pass(Duration::seconds(500));
  CHECK(b.take().empty());
}

TEST_CASE("a SYN that nobody answers is repeated with doubling pauses, then times out") {
  Bench b;
  b.connection.openActive(b.hands);
  b.pass(Duration::seconds(1000));
  CHECK(b.state() == TcpState::Closed);
  CHECK(failure(b) == SocketError::TimedOut);
  const auto sent = b.take();
  std::vector<std::int64_t> at;
  for (const Sent &s : sent) at.push_back(s.at.ns() / 1'000'000'000);
  CHECK(at == std::vector<std::int64_t>{0, 1, 3, 7, 15, 31, 63});
  CHECK_FALSE(sent[0].resent);
  CHECK(sent[1].resent == trace::RetransmitReason::Syn);
}

TEST_CASE("a SYN,ACK that nobody acknowledges ends without an Accepted") {
  Bench b = in(TcpState::SynReceived);
  b.pass(Duration::seconds(1000));
  CHECK(b.state() == TcpState::Closed);
  CHECK(b.heard().empty());
}

TEST_CASE("ICMP fails an attempt, and only colours the end of a connection") {
  SECTION("port unreachable in SYN-SENT: refused") {
    Bench b = in(TcpState::SynSent);
    b.connection.onIcmpError(b.hands, 3, 3, 1000);
    CHECK(failure(b) == SocketError::Refused);
  }
  SECTION("host unreachable in SYN-SENT") {
    Bench b = in(TcpState::SynSent);
    b.connection.onIcmpError(b.hands, 3, 1, 1000);
    CHECK(failure(b) == SocketError::Unreachable);
  }
  SECTION("about a number that is not in flight: ignored") {
    Bench b = in(TcpState::SynSent);
    b.connection.onIcmpError(b.hands, 3, 1, 999);
    CHECK(b.state() == TcpState::SynSent);
  }
  SECTION("in ESTABLISHED it must not abort (MUST-55)") {
    TcpOptions o;
    o.dataRetries = 2;
    Bench b{o};
    b.connection.openActive(b.hands);
    b.segment(synAck, 5000, 1001);
    b.write(10);
    b.connection.onIcmpError(b.hands, 3, 1, 1001);
    CHECK(b.state() == TcpState::Established);
    b.pass(Duration::seconds(300));
    CHECK(failure(b) == SocketError::Unreachable);
  }
}

TEST_CASE("TIME-WAIT yields to a SYN above everything received (MAY-2)") {
  Bench b = in(TcpState::TimeWait);
  wire::TcpHeader syn;
  syn.flags = F::Syn;
  syn.sequence = 5003;
  CHECK(b.connection.yieldsTo(syn));
  syn.sequence = 5002;
  CHECK_FALSE(b.connection.yieldsTo(syn));
}
