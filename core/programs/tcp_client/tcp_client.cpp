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

enum class CloseWhen : std::uint8_t { AfterReply, AfterPeer, AtTime, Abort };

CloseWhen closeWhen(const std::string &text) {
  if (text == "after-peer") return CloseWhen::AfterPeer;
  if (text == "at-time") return CloseWhen::AtTime;
  return text == "abort" ? CloseWhen::Abort : CloseWhen::AfterReply;
}

/// Opens a connection, sends a line, hears the answer, closes: every state of TCP can be reached
/// with one of these and an echo server, or with two of these that open to each other.
class TcpClient final : public ProgramOf<TcpClient> {
public:
  explicit TcpClient(const ParameterValues &v)
      : m_peer(v.text("peer"), static_cast<std::uint16_t>(v.integer("port"))),
        m_tcp(tcpOptions(v)),
        m_localPort(static_cast<std::uint16_t>(v.integer("local_port"))),
        m_message(v.text("message")),
        m_close(closeWhen(v.text("close"))),
        m_start(v.duration("start_ns")),
        m_closeAt(v.duration("close_at_ns")),
        m_interval(v.duration("interval_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))) {}

  void start(Context &ctx) override { ctx.setTimer(m_start, Open); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Close) {
      closeOwn(ctx);
      return;
    }
    ++m_opened;
    m_began = ctx.now();
    m_received = 0;
    m_toSend = wire::Payload::of(m_message);
    m_closing = false;
    m_request = ctx.requestStarted("connection to " + m_peer.text());
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
      if (!m_toSend.empty()) ctx.phase("tcp.sending", fmt::format("{} bytes", m_toSend.size()));
      send(ctx);
      return;
    case SocketEvent::Kind::Writable: send(ctx); return;
    case SocketEvent::Kind::Data: onData(ctx, event.data); return;
    case SocketEvent::Kind::PeerClosed:
      ctx.phase("tcp.peer-closed", m_peer.text());
      if (m_close != CloseWhen::AtTime) closeOwn(ctx);
      return;
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
    return {row("to", m_peer.text()), row("connections opened", text(m_opened)),
            row("to be sent", fmt::format("{} B", m_toSend.size())),
            row("received", fmt::format("{} B", m_received)),
            row("last result", m_result.empty() ? "none yet" : m_result)};
  }

private:
  enum Tag : std::uint64_t { Open, Close };

  void open(Context &ctx) {
    ctx.phase("tcp.opening", m_peer.endpoint().text());
    m_socket = ctx.tcpConnect(m_peer.endpoint(), m_tcp, m_localPort);
    if (m_socket == transport::noSocket) {
      end(ctx, trace::RequestOutcome::Cancelled,
          sentence(transport::SocketError::PortInUse, m_peer.text()));
      return;
    }
    if (m_close == CloseWhen::AtTime) m_closeTimer = ctx.setTimer(m_closeAt, Close);
  }

  void send(Context &ctx) {
    if (m_toSend.empty() || m_closing) return;
    const std::uint32_t taken = ctx.tcpSend(m_socket, m_toSend);
    m_toSend = m_toSend.slice(taken, m_toSend.size() - taken);
  }

  void onData(Context &ctx, const wire::Payload &data) {
    m_received += data.size();
    ctx.phase("tcp.received", fmt::format("{} bytes", data.size()));
    if (m_received < m_message.size()) return;
    if (m_close == CloseWhen::AfterReply) closeOwn(ctx);
    if (m_close != CloseWhen::Abort) return;
    ctx.phase("tcp.closing", "with a reset");
    ctx.abort(m_socket);
    end(ctx, trace::RequestOutcome::Ok, {});
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
    ctx.requestEnded(m_request, outcome, took, m_received, why);
    m_result = why.empty() ? fmt::format("closed after {}", inMs(took)) : why;
    m_socket = transport::noSocket;
    ctx.cancelTimer(m_closeTimer);
    if (m_count != 0 && m_opened >= m_count) return;
    const SimTime next = std::max(m_began + m_interval, ctx.now());
    ctx.setTimer(next - ctx.now(), Open);
  }

  Peer m_peer;
  transport::TcpOptions m_tcp;
  std::uint16_t m_localPort = 0;
  std::string m_message;
  CloseWhen m_close = CloseWhen::AfterReply;
  Duration m_start, m_closeAt, m_interval;
  std::uint64_t m_count = 1;

  transport::SocketId m_socket = transport::noSocket;
  TimerId m_closeTimer;
  bool m_closing = false;
  wire::Payload m_toSend;
  std::uint64_t m_received = 0, m_opened = 0, m_request = 0;
  SimTime m_began;
  std::string m_result;
};

} // namespace

ProgramType tcpClientType() {
  using namespace declare;
  return {"tcp-client",
          "TCP client",
          "Opens a connection, sends a line, hears the answer, closes",
          "sequence",
          joined({peer("Name or address of the other side"), port(7, "Port of the other side"),
                  localPort(), startAt(),
                  text("message", "hello", "What it sends when the connection is open"),
                  choice("close", {"after-reply", "after-peer", "at-time", "abort"},
                         "Closes when as much came back, when the peer has closed, at a time, or "
                         "with a reset after the reply"),
                  duration("close_at_ns", Duration::seconds(1), 0, 1000 * hour,
                           "For at-time: so long after it began to open"),
                  integer("count", "", 1, 0, 1e9, "Connections, one after the other; 0: no end"),
                  duration("interval_ns", Duration::seconds(2), millisecond, 1000 * hour,
                           "From the opening of one connection to that of the next")},
                 fullTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<TcpClient>(v);
          }};
}

} // namespace packetarium::programs
