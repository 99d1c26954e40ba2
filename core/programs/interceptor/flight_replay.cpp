// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/interceptor/flight_replay.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using transport::SocketId;

enum ReplayTimer : std::uint64_t { Begin, Judge };
/// A server that serves early data has answered by then.
constexpr Duration patience = Duration::seconds(1);
constexpr std::size_t pastReplaysKept = 12;

std::uint64_t tagOf(SocketId socket, ReplayTimer timer) {
  return std::uint64_t{socket} << 1 | timer;
}

} // namespace

void FlightReplay::keep(Context &ctx, SocketId of, transport::Endpoint server, wire::Bytes flight) {
  Replay &replay = m_waiting[of];
  replay.of = of;
  replay.server = server;
  replay.flight = std::move(flight);
  ctx.note(fmt::format("It recorded a first flight with early data ({} bytes), to send it again.",
                       replay.flight.size()));
  ctx.setTimer(m_delay, tagOf(of, Begin));
}

void FlightReplay::onTimer(Context &ctx, std::uint64_t tag) {
  const auto socket = static_cast<SocketId>(tag >> 1);
  if ((tag & 1) == Begin) {
    if (auto found = m_waiting.extract(socket)) begin(ctx, std::move(found.mapped()));
    return;
  }
  const auto at = m_running.find(socket);
  if (at == m_running.end()) return;
  judge(ctx, at->second, false,
        "the server shook hands and served nothing: it takes early data only once");
  at->second.outlet.close(ctx);
}

void FlightReplay::begin(Context &ctx, Replay replay) {
  replay.done = fmt::format("sent a recorded first flight of {} bytes with early data again",
                            replay.flight.size());
  ctx.phase("interceptor.replayed", replay.done);
  ctx.fact(replay.of, trace::FactTopic::Intercepted, m_attackName, replay.done);
  const SocketId socket = ctx.tcpConnect(replay.server, m_tcp);
  if (socket == transport::noSocket) return;
  for (const wire::Bytes &record : RecordCutter().feed(wire::Payload::of(replay.flight)))
    replay.seen.onClient(record);
  replay.outlet = Outlet(Channel(socket));
  replay.outlet.send(ctx, wire::Payload::of(std::move(replay.flight)));
  m_running[socket] = std::move(replay);
  ctx.setTimer(patience, tagOf(socket, Judge));
}

bool FlightReplay::onSocket(Context &ctx, const SocketEvent &event) {
  const auto at = m_running.find(event.socket);
  if (at == m_running.end()) return false;
  Replay &replay = at->second;
  for (const ChannelEvent &e : replay.outlet.onSocket(ctx, event)) {
    if (e.kind == ChannelEvent::Kind::Ready || e.kind == ChannelEvent::Kind::Writable)
      replay.outlet.flush(ctx);
    if (e.kind == ChannelEvent::Kind::Data) onAnswer(ctx, replay, e.data);
    if (e.kind == ChannelEvent::Kind::PeerClosed) replay.outlet.close(ctx);
    if (e.kind == ChannelEvent::Kind::Failed)
      judge(ctx, replay, false, sentence(e, replay.server.text()));
  }
  if (!replay.outlet.channel().exists()) m_running.erase(at);
  return true;
}

void FlightReplay::onAnswer(Context &ctx, Replay &replay, const wire::Payload &data) {
  for (const wire::Bytes &record : replay.fromServer.feed(data)) {
    const Outsider::Seen seen = replay.seen.onServer(record);
    if (!seen.alert.empty())
      judge(ctx, replay, false, "the server sent " + seen.alert);
    else if (seen.application != 0)
      judge(ctx, replay, true,
            fmt::format("the server answered with a record of {} bytes: it served the request a "
                        "second time",
                        record.size()));
  }
}

void FlightReplay::judge(Context &ctx, Replay &replay, bool served, const std::string &how) {
  if (!replay.ended.empty()) return;
  replay.ended = how;
  ctx.phase(served ? "interceptor.replay-served" : "interceptor.caught", how);
  ctx.fact(replay.of, trace::FactTopic::Intercepted, m_attackName, replay.done, how);
  ctx.note(fmt::format("It {}; {}.", replay.done, how));
  Described past = row("replay", served ? "served again" : "not served", replay.done);
  past.children.push_back(row("how it ended", how));
  m_past.push_back(std::move(past));
  if (m_past.size() > pastReplaysKept) m_past.erase(m_past.begin());
}

std::vector<Described> FlightReplay::describe() const {
  std::vector<Described> rows = m_past;
  if (!m_waiting.empty())
    rows.push_back(row("recorded, not yet sent again", text(m_waiting.size())));
  return rows;
}

} // namespace packetarium::programs
