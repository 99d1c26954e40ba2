// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"

#include <optional>
#include <string>
#include <vector>

namespace packetarium::transport::testing {

/// A segment that a connection sent.
struct Sent {
  wire::TcpHeader header;
  wire::Payload text;
  std::optional<trace::RetransmitReason> resent;
  SimTime at;
};

struct Told {
  SocketEvent::Kind kind;
  SocketError error;
};

/// Hands that write everything down. A value, so that a connection and its hands can be copied.
class RecordingHands : public TcpHands {
public:
  SimTime clock;
  SimTime wake = SimTime::max();
  trace::Sequence causeNow = 0;
  std::vector<Sent> sent;
  std::vector<Told> told;
  std::vector<TcpState> states;
  std::vector<TcpFigures> figures;
  std::vector<Duration> timeouts;
  wire::Bytes received;
  std::uint32_t deliveredBytes = 0;
  bool keepBytes = true;

  SimTime now() const override { return clock; }
  trace::Sequence cause() const override { return causeNow; }
  void setCause(trace::Sequence c) override { causeNow = c; }
  void transmit(const wire::TcpHeader &h, const wire::Payload &p,
                std::optional<trace::RetransmitReason> resent) override {
    sent.push_back({h, p, resent, clock});
  }
  void wakeAt(SimTime at) override {
    if (at < wake) wake = at;
  }
  void tell(SocketEvent::Kind kind, SocketError error, wire::Payload data) override {
    told.push_back({kind, error});
    if (keepBytes) data.appendTo(received);
  }
  void stateChanged(TcpState, TcpState to) override { states.push_back(to); }
  void delivered(std::uint32_t bytes) override { deliveredBytes += bytes; }
  void measured(const TcpFigures &f) override { figures.push_back(f); }
  trace::Sequence timedOut(Duration rto) override {
    timeouts.push_back(rto);
    return 777;
  }
};

/// One connection on a bench: segments made by hand go in, what it says comes out.
struct Bench {
  static constexpr std::uint32_t iss = 1000;  ///< of the connection
  static constexpr std::uint32_t peer = 5000; ///< the hand-made peer's ISS
  RecordingHands hands;
  TcpConnection connection;

  explicit Bench(const TcpOptions &options = {}, std::uint32_t ownIss = iss)
      : connection(options, 80, 4000, ownIss) {}

  void segment(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack = 0,
               std::uint32_t bytes = 0, std::uint16_t window = 65535, std::uint16_t mss = 0) {
    wire::TcpHeader h;
    h.sourcePort = 4000;
    h.destinationPort = 80;
    h.flags = flags;
    h.sequence = seq;
    h.acknowledgment = ack;
    h.window = window;
    h.mss = mss;
    connection.onSegment(hands, h, wire::Payload::pattern(seq - peer - 1, bytes));
  }
  /// Lets time pass; timers run at their instants.
  void pass(Duration d) {
    const SimTime until = hands.clock + d;
    while (hands.wake <= until) {
      hands.clock = hands.wake;
      hands.wake = SimTime::max();
      connection.onTimer(hands);
    }
    hands.clock = until;
  }
  std::uint32_t write(std::uint32_t bytes) {
    const auto taken = connection.send(hands, wire::Payload::pattern(m_written, bytes));
    m_written += taken;
    return taken;
  }
  TcpState state() const { return connection.state(); }
  /// What was sent since the last call, and forgets it.
  std::vector<Sent> take() { return std::exchange(hands.sent, {}); }
  std::vector<Told> heard() { return std::exchange(hands.told, {}); }

private:
  std::uint64_t m_written = 0;
};

/// "SEQ=1000 ACK=5001 CTL=SYN,ACK LEN=0", relative numbers left to the reader.
inline std::string text(const Sent &s) {
  using F = wire::TcpFlags;
  std::string ctl;
  const auto add = [&](std::uint8_t f, const char *name) {
    if (s.header.has(f)) ctl += (ctl.empty() ? "" : ",") + std::string(name);
  };
  add(F::Syn, "SYN");
  add(F::Fin, "FIN");
  add(F::Rst, "RST");
  add(F::Ack, "ACK");
  return "SEQ=" + std::to_string(s.header.sequence) +
         (s.header.has(F::Ack) ? " ACK=" + std::to_string(s.header.acknowledgment) : "") +
         " CTL=" + ctl + (s.text.empty() ? "" : " LEN=" + std::to_string(s.text.size()));
}
inline std::vector<std::string> texts(const std::vector<Sent> &all) {
  std::vector<std::string> out;
  for (const Sent &s : all) out.push_back(text(s));
  return out;
}

} // namespace packetarium::transport::testing
