// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <deque>
#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using transport::SocketId;

enum class CloseWhen : std::uint8_t { AfterPeer, AfterReply, AtTime };

/// Sends back what it gets (RFC 862).
class EchoServer final : public ProgramOf<EchoServer> {
public:
  explicit EchoServer(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_tcp(tcpOptions(v)),
        m_delay(v.duration("delay_ns")),
        m_closeDelay(v.duration("close_delay_ns")),
        m_close(v.text("close") == "after-reply" ? CloseWhen::AfterReply
                : v.text("close") == "at-time"   ? CloseWhen::AtTime
                                                 : CloseWhen::AfterPeer) {}

  void start(Context &ctx) override {
    m_listener = ctx.tcpListen(m_port, m_tcp);
    if (m_listener == transport::noSocket)
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
    else
      ctx.phase("tcp.listening", fmt::format("TCP port {}", m_port));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    switch (event.kind) {
    case SocketEvent::Kind::SynSeen: ctx.phase("tcp.syn-seen", event.remote.text()); return;
    case SocketEvent::Kind::Accepted: accept(ctx, event); return;
    default: break;
    }
    if (m_connections.find(event.socket) == m_connections.end()) return;
    switch (event.kind) {
    case SocketEvent::Kind::Data: onData(ctx, event.socket, event.data); return;
    case SocketEvent::Kind::Writable: flush(ctx, event.socket); return;
    case SocketEvent::Kind::PeerClosed:
      m_connections.at(event.socket).peerClosed = true;
      ctx.phase("tcp.peer-closed", event.remote.text());
      closeIfDone(ctx, event.socket);
      return;
    case SocketEvent::Kind::Closed: ctx.phase("tcp.closed", event.remote.text()); break;
    case SocketEvent::Kind::Failed:
      ctx.phase("tcp.failed", sentence(event.error, m_connections.at(event.socket).remote.text()));
      break;
    default: return;
    }
    m_connections.erase(event.socket);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    const auto socket = static_cast<SocketId>(tag >> 1);
    const auto at = m_connections.find(socket);
    if (at == m_connections.end()) return;
    if ((tag & 1) == Close) {
      ctx.phase("tcp.closing", at->second.remote.text());
      ctx.close(socket);
      return;
    }
    Connection &c = at->second;
    c.outbound.push_back(std::move(c.delayed.front()));
    c.delayed.pop_front();
    reply(ctx, socket);
  }

  std::vector<Described> describe(SimTime) const override {
    Described open = row("connections", text(m_connections.size()));
    for (const auto &[socket, c] : m_connections)
      open.children.push_back(row(
          c.remote.text(), fmt::format("{} B echoed{}", c.echoed, c.closing ? ", closing" : "")));
    return {row("port", text(m_port)), row("echoed", fmt::format("{} B", m_echoed)),
            std::move(open)};
  }

private:
  enum Tag : std::uint64_t { Echo, Close };
  struct Connection {
    transport::Endpoint remote;
    std::deque<wire::Payload> delayed;  ///< each waits for its own timer
    std::deque<wire::Payload> outbound; ///< what the send buffer had no room for
    std::uint64_t echoed = 0;
    bool peerClosed = false, closing = false;
  };
  static std::uint64_t tagOf(SocketId socket, Tag kind) {
    return std::uint64_t{socket} << 1 | kind;
  }

  void accept(Context &ctx, const SocketEvent &event) {
    m_connections[event.socket].remote = event.remote;
    ctx.phase("tcp.open", event.remote.text());
    if (m_close == CloseWhen::AtTime) beginClose(ctx, event.socket);
  }

  void onData(Context &ctx, SocketId socket, const wire::Payload &data) {
    Connection &c = m_connections.at(socket);
    ctx.phase("tcp.received", fmt::format("{} bytes", data.size()));
    if (m_delay > Duration{}) {
      c.delayed.push_back(data);
      ctx.setTimer(m_delay, tagOf(socket, Echo));
      return;
    }
    c.outbound.push_back(data);
    reply(ctx, socket);
  }

  void reply(Context &ctx, SocketId socket) {
    ctx.phase("tcp.sending",
              fmt::format("{} bytes", m_connections.at(socket).outbound.back().size()));
    flush(ctx, socket);
  }

  /// While the send buffer is full it reads no more, so that the sender is held back too.
  void flush(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
    while (!c.outbound.empty()) {
      wire::Payload &part = c.outbound.front();
      const std::uint32_t taken = ctx.tcpSend(socket, part);
      c.echoed += taken;
      m_echoed += taken;
      if (taken < part.size()) {
        part = part.slice(taken, part.size() - taken);
        ctx.setReading(socket, false);
        return;
      }
      c.outbound.pop_front();
    }
    ctx.setReading(socket, true);
    closeIfDone(ctx, socket);
  }

  void closeIfDone(Context &ctx, SocketId socket) {
    const Connection &c = m_connections.at(socket);
    const bool wanted = c.peerClosed || (m_close == CloseWhen::AfterReply && c.echoed > 0);
    if (wanted && c.delayed.empty() && c.outbound.empty()) beginClose(ctx, socket);
  }

  void beginClose(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
    if (c.closing) return;
    c.closing = true;
    if (m_closeDelay > Duration{}) {
      ctx.setTimer(m_closeDelay, tagOf(socket, Close));
      return;
    }
    ctx.phase("tcp.closing", c.remote.text());
    ctx.close(socket);
  }

  std::uint16_t m_port = 0;
  transport::TcpOptions m_tcp;
  Duration m_delay, m_closeDelay;
  CloseWhen m_close = CloseWhen::AfterPeer;

  SocketId m_listener = transport::noSocket;
  std::map<SocketId, Connection> m_connections;
  std::uint64_t m_echoed = 0;
};

} // namespace

ProgramType echoServerType() {
  using namespace declare;
  return {"echo-server",
          "Echo server",
          "Sends back over TCP what it gets (RFC 862)",
          "server",
          joined({port(7, "TCP port it listens on"),
                  duration("delay_ns", Duration{}, 0, hour, "Wait before it sends something back"),
                  choice("close", {"after-peer", "after-reply", "at-time"},
                         "Closes when the peer has, after its first reply, or a while after the "
                         "connection opened"),
                  duration("close_delay_ns", Duration{}, 0, hour, "Extra wait before it closes")},
                 fullTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<EchoServer>(v);
          }};
}

} // namespace packetarium::programs
