// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/stream_relay.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

#include <utility>

namespace packetarium::programs {

using transport::noSocket;
using transport::SocketEvent;
using transport::SocketId;

void StreamRelay::accept(Context &ctx, BalancerCore &core, const SocketEvent &event) {
  const std::uint64_t number = ++m_last;
  Pair &pair = m_pairs[number];
  pair.from = event.remote;
  pair.client = event.socket;
  pair.active = ctx.now();
  pair.idle = ctx.setTimer(core.idleTimeout, BalancerCore::tagOf(number, BalancerCore::Idle));
  m_bySocket[event.socket] = number;
  dial(ctx, core, number);
}

void StreamRelay::dial(Context &ctx, BalancerCore &core, std::uint64_t number) {
  Pair &pair = m_pairs.at(number);
  const auto server = core.choose(ctx, pair.from.address, pair.tried);
  if (!server) {
    ++m_refused;
    ctx.phase("lb.no-server", pair.from.text());
    drop(ctx, core, number);
    return;
  }
  pair.chosen = *server;
  const transport::Endpoint &to = core.pool.servers()[*server].endpoint;
  core.tellLed(ctx, pair.from, *server);
  pair.server = ctx.tcpConnect(to, core.tcp);
  if (pair.server == noSocket) {
    drop(ctx, core, number);
    return;
  }
  core.pool.begin(*server);
  m_bySocket[pair.server] = number;
  pair.limit = ctx.setTimer(core.connectTimeout, BalancerCore::tagOf(number, BalancerCore::Limit));
}

bool StreamRelay::onSocket(Context &ctx, BalancerCore &core, const SocketEvent &event) {
  const auto at = m_bySocket.find(event.socket);
  if (at == m_bySocket.end()) return false;
  const std::uint64_t number = at->second;
  Pair &pair = m_pairs.at(number);
  pair.active = ctx.now();
  if (event.socket == pair.client)
    onClient(ctx, core, number, event);
  else
    onServer(ctx, core, number, event);
  return true;
}

/// Hands on what waits, as far as there is room; the sender is not read while there is none. Its
/// FIN follows when everything else has left.
void StreamRelay::pass(Context &ctx, Lane &lane, SocketId from, SocketId to) {
  while (!lane.waiting.empty()) {
    wire::Payload &part = lane.waiting.front();
    const std::uint32_t taken = ctx.tcpSend(to, part);
    if (taken < part.size()) {
      part = part.slice(taken, part.size() - taken);
      if (from != noSocket && !std::exchange(lane.paused, true)) ctx.setReading(from, false);
      return;
    }
    lane.waiting.pop_front();
  }
  if (std::exchange(lane.paused, false) && from != noSocket) ctx.setReading(from, true);
  if (lane.ended && !std::exchange(lane.closed, true)) ctx.close(to);
}

void StreamRelay::onClient(Context &ctx, BalancerCore &core, std::uint64_t number,
                           const SocketEvent &event) {
  Pair &pair = m_pairs.at(number);
  switch (event.kind) {
  case SocketEvent::Kind::Data:
    if (!pair.asked) pair.asked = ctx.now();
    pair.toServer.waiting.push_back(event.data);
    break;
  case SocketEvent::Kind::PeerClosed: pair.toServer.ended = true; break;
  case SocketEvent::Kind::Writable:
    pass(ctx, pair.toClient, pair.server, pair.client);
    dropIfOver(ctx, core, number);
    return;
  case SocketEvent::Kind::Closed:
    m_bySocket.erase(std::exchange(pair.client, noSocket));
    dropIfOver(ctx, core, number);
    return;
  case SocketEvent::Kind::Failed:
    m_bySocket.erase(std::exchange(pair.client, noSocket));
    drop(ctx, core, number);
    return;
  default: return;
  }
  if (pair.open) pass(ctx, pair.toServer, pair.client, pair.server);
}

void StreamRelay::onServer(Context &ctx, BalancerCore &core, std::uint64_t number,
                           const SocketEvent &event) {
  Pair &pair = m_pairs.at(number);
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    ctx.cancelTimer(pair.limit);
    pair.open = true;
    core.tellJoined(ctx, pair.from, pair.chosen);
    pass(ctx, pair.toServer, pair.client, pair.server);
    return;
  case SocketEvent::Kind::Data:
    pair.answered = true;
    if (pair.asked) core.answered(pair.chosen, ctx.now() - *std::exchange(pair.asked, {}));
    pair.toClient.waiting.push_back(event.data);
    break;
  case SocketEvent::Kind::PeerClosed: pair.toClient.ended = true; break;
  case SocketEvent::Kind::Writable: pass(ctx, pair.toServer, pair.client, pair.server); return;
  case SocketEvent::Kind::Closed:
    leaveServer(ctx, core, pair, true);
    dropIfOver(ctx, core, number);
    return;
  case SocketEvent::Kind::Failed:
    if (pair.open) {
      leaveServer(ctx, core, pair, true);
      drop(ctx, core, number);
    } else {
      dialFailed(ctx, core, number, sentence(event.error, event.remote.text()));
    }
    return;
  default: return;
  }
  if (pair.client != noSocket) pass(ctx, pair.toClient, pair.server, pair.client);
}

void StreamRelay::onLimit(Context &ctx, BalancerCore &core, std::uint64_t number) {
  const auto at = m_pairs.find(number);
  if (at == m_pairs.end() || at->second.open) return;
  dialFailed(ctx, core, number,
             fmt::format("{} did not take a connection within {}.",
                         core.pool.servers()[at->second.chosen].endpoint.text(),
                         toString(core.connectTimeout)));
}

/// Nothing was handed on yet, so another server can do it all.
void StreamRelay::dialFailed(Context &ctx, BalancerCore &core, std::uint64_t number,
                             const std::string &why) {
  Pair &pair = m_pairs.at(number);
  core.connectFailed(ctx, pair.chosen, why);
  pair.tried.push_back(pair.chosen);
  leaveServer(ctx, core, pair);
  if (pair.tried.size() <= static_cast<std::size_t>(core.retries))
    dial(ctx, core, number);
  else
    drop(ctx, core, number);
}

void StreamRelay::onIdle(Context &ctx, BalancerCore &core, std::uint64_t number) {
  const auto at = m_pairs.find(number);
  if (at == m_pairs.end()) return;
  Pair &pair = at->second;
  const Duration rested = ctx.now() - pair.active;
  if (rested >= core.idleTimeout)
    drop(ctx, core, number);
  else
    pair.idle =
        ctx.setTimer(core.idleTimeout - rested, BalancerCore::tagOf(number, BalancerCore::Idle));
}

void StreamRelay::onServerOut(Context &ctx, BalancerCore &core, std::size_t server) {
  std::vector<std::uint64_t> there;
  for (const auto &[number, pair] : m_pairs)
    if (pair.server != noSocket && pair.chosen == server) there.push_back(number);
  for (const std::uint64_t number : there) {
    if (m_pairs.at(number).open)
      drop(ctx, core, number);
    else
      dialFailed(ctx, core, number, "It was taken out.");
  }
}

/// gone: the connection has ended by itself, and may rest in TIME-WAIT.
void StreamRelay::leaveServer(Context &ctx, BalancerCore &core, Pair &pair, bool gone) {
  if (pair.server == noSocket) return;
  ctx.cancelTimer(pair.limit);
  core.pool.end(pair.chosen, pair.answered);
  m_bySocket.erase(pair.server);
  if (!gone) ctx.abort(pair.server);
  pair.server = noSocket;
  pair.open = false;
}

void StreamRelay::dropIfOver(Context &ctx, BalancerCore &core, std::uint64_t number) {
  const Pair &pair = m_pairs.at(number);
  if (pair.client == noSocket && pair.server == noSocket) drop(ctx, core, number);
}

/// Breaks off what is still there.
void StreamRelay::drop(Context &ctx, BalancerCore &core, std::uint64_t number) {
  Pair &pair = m_pairs.at(number);
  leaveServer(ctx, core, pair);
  ctx.cancelTimer(pair.idle);
  if (pair.client != noSocket) {
    ++m_broken;
    m_bySocket.erase(pair.client);
    ctx.abort(pair.client);
  }
  m_pairs.erase(number);
}

std::vector<Described> StreamRelay::describe(const BalancerCore &core) const {
  Described open = row("connections", text(m_pairs.size()));
  for (const auto &[number, pair] : m_pairs)
    open.children.push_back(row(pair.from.text(), core.pool.servers()[pair.chosen].endpoint.text(),
                                pair.open ? "joined" : "being joined"));
  return {std::move(open), row("turned away", text(m_refused), "no server was up"),
          row("broken off", text(m_broken))};
}

} // namespace packetarium::programs
