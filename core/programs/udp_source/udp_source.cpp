// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/datagram_stamp.h"
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

/// Datagrams of one size at a constant rate, or as a Poisson process.
class UdpSource final : public ProgramOf<UdpSource> {
public:
  explicit UdpSource(const ParameterValues &v)
      : m_peer(v.text("peer"), static_cast<std::uint16_t>(v.integer("port"))),
        m_localPort(static_cast<std::uint16_t>(v.integer("local_port"))),
        m_ratePps(v.real("rate_pps")),
        m_bytes(static_cast<std::uint32_t>(v.integer("bytes"))),
        m_poisson(v.text("arrivals") == "poisson"),
        m_stamp(v.text("payload") == "stamped" && m_bytes >= stampBytes),
        m_start(v.duration("start_ns")),
        m_spread(v.duration("start_spread_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))),
        m_length(v.duration("duration_ns")) {}

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_localPort);
    if (m_socket == transport::noSocket) {
      ctx.note(sentence(transport::SocketError::PortInUse, m_peer.text()));
      return;
    }
    Duration wait = m_start;
    if (m_spread > Duration{})
      wait = wait + ctx.random("start").uniform(Duration{}, m_spread - Duration::ns(1));
    ctx.setTimer(wait, Begin);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Begin) {
      if (m_peer.lookUp(ctx, 0)) begin(ctx);
    } else {
      sendOne(ctx);
    }
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_peer.take(answer)) {
      begin(ctx);
      return;
    }
    ctx.note(sentence(answer.status, m_peer.name()));
    ctx.setTimer(retryAfter, Begin);
  }

  void onSocket(Context &, const transport::SocketEvent &event) override {
    if (event.kind == transport::SocketEvent::Kind::Error) ++m_errors;
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("to", m_peer.known() ? m_peer.endpoint().text() : m_peer.text()),
            row("sent", fmt::format("{} datagrams of {} B", m_sent, m_bytes)),
            row("rate", fmt::format("{:g} packets/s, {}", m_ratePps,
                                    m_poisson ? "Poisson arrivals" : "constant")),
            row("ICMP errors", text(m_errors), "RFC 1122 4.1.3.3: reported to the sender")};
  }

private:
  enum Tag : std::uint64_t { Begin, Send };
  static constexpr Duration retryAfter = Duration::seconds(5);

  void begin(Context &ctx) {
    m_began = ctx.now();
    m_sentAtBegin = m_sent;
    if (m_poisson)
      scheduleNext(ctx);
    else
      sendOne(ctx);
  }

  void sendOne(Context &ctx) {
    if (m_length > Duration{} && ctx.now() - m_began >= m_length) return;
    const wire::Payload data =
        m_stamp ? stamped(m_sent, ctx.now(), m_bytes) : patterned(m_sent, m_bytes);
    ctx.udpSend(m_socket, m_peer.endpoint(), data);
    ++m_sent;
    if (m_count == 0 || m_sent < m_count) scheduleNext(ctx);
  }

  void scheduleNext(Context &ctx) {
    if (m_poisson) {
      const auto mean = Duration::ns(static_cast<std::int64_t>(1e9 / m_ratePps));
      ctx.setTimer(ctx.random("arrivals").exponential(mean), Send);
      return;
    }
    // Each instant is counted from the beginning, so that rounding never adds up.
    const double nth = static_cast<double>(m_sent - m_sentAtBegin) * 1e9 / m_ratePps;
    const SimTime at = m_began + Duration::ns(static_cast<std::int64_t>(nth));
    ctx.setTimer(at - ctx.now(), Send);
  }

  Peer m_peer;
  std::uint16_t m_localPort = 0;
  double m_ratePps = 0;
  std::uint32_t m_bytes = 0;
  bool m_poisson = false;
  bool m_stamp = false;
  Duration m_start, m_spread;
  std::uint64_t m_count = 0;
  Duration m_length;

  transport::SocketId m_socket = transport::noSocket;
  SimTime m_began;
  std::uint64_t m_sent = 0, m_sentAtBegin = 0, m_errors = 0;
};

} // namespace

ProgramType udpSourceType() {
  using namespace declare;
  return {"udp-source",
          "UDP source",
          "Sends datagrams of one size at a constant rate or as a Poisson process",
          "packet",
          {peer("Name or address of the receiver"), port(9000, "Port of the receiver"), localPort(),
           real("rate_pps", "packets/s", 100, 0.001, 1e7, "Mean datagrams a second"),
           integer("bytes", "bytes", 512, 1, 1472, "UDP payload of each datagram"),
           choice("arrivals", {"constant", "poisson"}, "Evenly spaced, or at random instants"),
           choice("payload", {"stamped", "pattern"},
                  "Carries number and time (from 16 bytes on), or letters that cost no memory"),
           startAt(),
           duration("start_spread_ns", Duration{}, 0, hour,
                    "Random extra wait before the first datagram, below this"),
           integer("count", "", 0, 0, 1e12, "Datagrams to send; 0: no end"),
           duration("duration_ns", Duration{}, 0, 1000 * hour, "Sends so long; 0: no end")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<UdpSource>(v);
          }};
}

} // namespace packetarium::programs
