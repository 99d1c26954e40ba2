// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using transport::SocketId;

/// Takes in streams and measures their goodput. It can stop reading for a while, so that the
/// receive window closes.
class BulkReceiver final : public ProgramOf<BulkReceiver> {
public:
  explicit BulkReceiver(const ParameterValues &v)
      : m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_tcp(tcpOptions(v)),
        m_interval(v.duration("sample_interval_ns")),
        m_pauseAt(v.duration("pause_at_ns")),
        m_pauseFor(v.duration("pause_for_ns")) {}

  void start(Context &ctx) override {
    m_listener = ctx.tcpListen(m_port, m_tcp);
    if (m_listener == transport::noSocket) {
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
      return;
    }
    ctx.phase("tcp.listening", fmt::format("TCP port {}", m_port));
    if (m_pauseFor > Duration{}) ctx.setTimer(m_pauseAt, Pause);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    switch (event.kind) {
    case SocketEvent::Kind::SynSeen: ctx.phase("tcp.syn-seen", event.remote.text()); return;
    case SocketEvent::Kind::Accepted: accept(ctx, event); return;
    default: break;
    }
    const auto at = m_connections.find(event.socket);
    if (at == m_connections.end()) return;
    switch (event.kind) {
    case SocketEvent::Kind::Data:
      at->second.bytes += event.data.size();
      m_intervalBytes += event.data.size();
      m_bytes += event.data.size();
      return;
    case SocketEvent::Kind::PeerClosed:
      ctx.phase("tcp.peer-closed", event.remote.text());
      ctx.phase("tcp.closing", event.remote.text());
      ctx.close(event.socket);
      return;
    case SocketEvent::Kind::Closed: ctx.phase("tcp.closed", event.remote.text()); break;
    case SocketEvent::Kind::Failed:
      ctx.phase("tcp.failed", sentence(event.error, at->second.remote.text()));
      break;
    default: return;
    }
    m_connections.erase(at);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Sample) {
      ctx.sample("bulk.goodput_bps",
                 static_cast<double>(m_intervalBytes) * 8 / m_interval.toSeconds());
      m_sampling = !m_connections.empty() || m_intervalBytes > 0;
      m_intervalBytes = 0;
      if (m_sampling) ctx.setTimer(m_interval, Sample);
      return;
    }
    m_paused = tag == Pause;
    ctx.note(m_paused ? "Stops reading: the receive window closes." : "Reads again.");
    for (const auto &[socket, c] : m_connections) ctx.setReading(socket, !m_paused);
    if (m_paused) ctx.setTimer(m_pauseFor, Resume);
  }

  std::vector<Described> describe(SimTime) const override {
    Described open = row("connections", text(m_connections.size()));
    for (const auto &[socket, c] : m_connections)
      open.children.push_back(row(c.remote.text(), fmt::format("{} B", c.bytes)));
    return {row("port", text(m_port)), row("received", fmt::format("{} B", m_bytes)),
            row("reading", m_paused ? "no" : "yes"), std::move(open)};
  }

private:
  enum Tag : std::uint64_t { Sample, Pause, Resume };
  struct Connection {
    transport::Endpoint remote;
    std::uint64_t bytes = 0;
  };

  void accept(Context &ctx, const SocketEvent &event) {
    m_connections[event.socket] = {event.remote, 0};
    ctx.phase("tcp.open", event.remote.text());
    if (m_paused) ctx.setReading(event.socket, false);
    if (m_sampling) return;
    m_sampling = true;
    ctx.setTimer(m_interval, Sample);
  }

  std::uint16_t m_port = 0;
  transport::TcpOptions m_tcp;
  Duration m_interval, m_pauseAt, m_pauseFor;

  SocketId m_listener = transport::noSocket;
  std::map<SocketId, Connection> m_connections;
  bool m_sampling = false, m_paused = false;
  std::uint64_t m_bytes = 0, m_intervalBytes = 0;
};

} // namespace

ProgramType bulkReceiverType() {
  using namespace declare;
  return {"bulk-receiver",
          "Bulk receiver",
          "Takes in TCP streams and measures the goodput",
          "chart",
          joined({port(5001, "TCP port it listens on"),
                  duration("sample_interval_ns", Duration::seconds(1), millisecond, hour,
                           "Time over which goodput is measured"),
                  duration("pause_at_ns", Duration{}, 0, 1000 * hour,
                           "Stops reading at this time (when pause_for_ns is not 0)"),
                  duration("pause_for_ns", Duration{}, 0, 1000 * hour,
                           "Does not read for so long; 0: reads all the time")},
                 fullTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<BulkReceiver>(v);
          }};
}

} // namespace packetarium::programs
