// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;

/// Sends a stream of made-up bytes over one TCP connection, as fast as TCP takes them.
class BulkSender final : public ProgramOf<BulkSender> {
public:
  explicit BulkSender(const ParameterValues &v)
      : m_peer(v.text("peer"), static_cast<std::uint16_t>(v.integer("port"))),
        m_tcp(tcpOptions(v)),
        m_localPort(static_cast<std::uint16_t>(v.integer("local_port"))),
        m_total(static_cast<std::uint64_t>(v.integer("bytes"))),
        m_start(v.duration("start_ns")),
        m_length(v.duration("duration_ns")) {}

  void start(Context &ctx) override { ctx.setTimer(m_start, Open); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Stop) {
      closeOwn(ctx);
      return;
    }
    m_began = ctx.now();
    m_request = ctx.requestStarted("transfer to " + m_peer.text());
    if (m_peer.lookUp(ctx, 0)) open(ctx);
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_peer.take(answer))
      open(ctx);
    else
      end(ctx, outcomeOf(answer.status), sentence(answer.status, m_peer.name()));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.socket == transport::noSocket || event.socket != m_socket) return;
    switch (event.kind) {
    case SocketEvent::Kind::Connected:
      ctx.phase("tcp.open", event.remote.text());
      ctx.phase("tcp.sending", m_total == 0 ? "without end" : fmt::format("{} bytes", m_total));
      if (m_length > Duration{}) ctx.setTimer(m_length, Stop);
      fill(ctx);
      return;
    case SocketEvent::Kind::Writable: fill(ctx); return;
    case SocketEvent::Kind::PeerClosed: ctx.phase("tcp.peer-closed", m_peer.text()); return;
    case SocketEvent::Kind::Closed:
      ctx.phase("tcp.closed", m_peer.text());
      end(ctx, trace::RequestOutcome::Ok, {});
      return;
    case SocketEvent::Kind::Failed:
      end(ctx, outcomeOf(event.error), sentence(event.error, m_peer.text()));
      return;
    default: return;
    }
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("to", m_peer.text()),
            row("given to TCP", m_total == 0 ? fmt::format("{} B", m_given)
                                             : fmt::format("{} of {} B", m_given, m_total)),
            row("result", m_result.empty() ? "under way or not begun" : m_result)};
  }

private:
  enum Tag : std::uint64_t { Open, Stop };
  static constexpr std::uint64_t chunkBytes = 1 << 20;

  void open(Context &ctx) {
    ctx.phase("tcp.opening", m_peer.endpoint().text());
    m_socket = ctx.tcpConnect(m_peer.endpoint(), m_tcp, m_localPort);
    if (m_socket == transport::noSocket)
      end(ctx, trace::RequestOutcome::Cancelled,
          sentence(transport::SocketError::PortInUse, m_peer.text()));
  }

  void fill(Context &ctx) {
    while (!m_closing) {
      const std::uint64_t left = m_total == 0 ? chunkBytes : m_total - m_given;
      const auto size = static_cast<std::uint32_t>(std::min(left, chunkBytes));
      if (size == 0) {
        closeOwn(ctx);
        return;
      }
      const std::uint32_t taken = ctx.tcpSend(m_socket, wire::Payload::pattern(m_given, size));
      m_given += taken;
      if (taken < size) return;
    }
  }

  void closeOwn(Context &ctx) {
    if (m_closing || m_socket == transport::noSocket) return;
    m_closing = true;
    ctx.phase("tcp.closing", m_peer.text());
    ctx.close(m_socket);
  }

  void end(Context &ctx, trace::RequestOutcome outcome, const std::string &why) {
    const Duration took = ctx.now() - m_began;
    if (!why.empty()) {
      ctx.phase("tcp.failed", why);
      ctx.note(why);
    }
    ctx.requestEnded(m_request, outcome, took, m_given, why);
    m_socket = transport::noSocket;
    m_result = why.empty() ? fmt::format("{} B in {:.3f} s", m_given, took.toSeconds()) : why;
  }

  Peer m_peer;
  transport::TcpOptions m_tcp;
  std::uint16_t m_localPort = 0;
  std::uint64_t m_total = 0; ///< 0: no end
  Duration m_start, m_length;

  transport::SocketId m_socket = transport::noSocket;
  bool m_closing = false;
  std::uint64_t m_given = 0, m_request = 0;
  SimTime m_began;
  std::string m_result;
};

} // namespace

ProgramType bulkSenderType() {
  using namespace declare;
  return {
      "bulk-sender",
      "Bulk sender",
      "Sends a long stream over TCP, as fast as it goes",
      "rate",
      joined({peer("Name or address of the receiver"), port(5001, "Port of the receiver"),
              localPort(), integer("bytes", "bytes", 0, 0, 1e15, "Length; 0: no end"), startAt(),
              duration("duration_ns", Duration{}, 0, 1000 * hour,
                       "Closes so long after the connection opened; 0: no end")},
             fullTcpParameters()),
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<BulkSender>(v);
      }};
}

} // namespace packetarium::programs
