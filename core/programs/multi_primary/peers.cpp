// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/multi_primary/multi_primary.h"
#include "core/programs/peer.h"

#include <fmt/format.h>

#include <algorithm>

/// What members say to each other.
namespace packetarium::programs::multi {

using transport::SocketEvent;
using transport::SocketId;
using wire::cluster::Message;

namespace {

/// Writes sent before the peer has to say what it has heard.
constexpr std::size_t batchMax = 64;

} // namespace

void MultiPrimary::connect(Context &ctx, Peer &peer) {
  const SocketId socket = ctx.tcpConnect(peer.endpoint, messageTcp());
  peer.waits = true;
  peer.waitsSince = ctx.now();
  peer.connected = peer.told = false;
  peer.sent = {};
  if (socket == transport::noSocket)
    peer.stream.reset();
  else
    peer.stream = MessageStream(socket, peer.endpoint);
}

void MultiPrimary::drop(Context &ctx, Peer &peer, std::string_view why) {
  if (std::exchange(peer.reachable, false)) {
    ctx.phase("multi.peer-lost", peer.endpoint.text());
    ctx.note(fmt::format("{} is out of reach: {}. It goes on taking writes alone.",
                         peer.endpoint.address.text(), why));
  }
  peer.stream.reset();
  peer.connected = peer.waits = false;
}

void MultiPrimary::onPeer(Context &ctx, Peer &peer, const SocketEvent &event) {
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    peer.connected = true;
    askPeer(ctx, peer);
    return;
  case SocketEvent::Kind::Writable: peer.stream->flush(ctx); return;
  case SocketEvent::Kind::Data:
    if (!peer.stream->feed(event.data)) {
      ctx.abort(event.socket);
      return drop(ctx, peer, "it sent what is no message");
    }
    while (auto message = peer.stream->take())
      if (message->is("have")) onHave(ctx, peer, *message);
    return;
  case SocketEvent::Kind::PeerClosed:
    ctx.close(event.socket);
    return drop(ctx, peer, "it closed the connection");
  case SocketEvent::Kind::Closed: return drop(ctx, peer, "the connection was closed");
  case SocketEvent::Kind::Failed: return drop(ctx, peer, transport::name(event.error));
  default: return;
  }
}

void MultiPrimary::askPeer(Context &ctx, Peer &peer) {
  if (!peer.waits || !peer.told) peer.waitsSince = ctx.now();
  peer.waits = true;
  peer.stream->send(
      ctx, Message("sync").add("member", m_member).add("vector", m_replica.heard().text()));
}

void MultiPrimary::onHave(Context &ctx, Peer &peer, const Message &message) {
  const auto vector = cluster::VersionVector::parse(message.text("vector"));
  if (!vector) return;
  peer.waits = false;
  peer.known = *vector;
  peer.sent.merge(*vector);
  peer.told = true;
  if (!std::exchange(peer.reachable, true)) ctx.phase("multi.peer-connected", peer.endpoint.text());
  push(ctx, peer, false);
}

/// What the peer has neither said to have heard nor been sent: in each member's order.
std::vector<cluster::Dot> MultiPrimary::missingAt(const Peer &peer, bool onlyOwn) const {
  std::vector<cluster::Dot> missing;
  for (const auto &[member, count] : m_replica.heard().counts()) {
    if (onlyOwn && member != m_member) continue;
    const std::uint64_t last = member == m_member ? m_released : count;
    for (std::uint64_t i = peer.sent.at(member) + 1; i <= last; ++i) {
      if (missing.size() == batchMax) return missing;
      missing.push_back({member, i});
    }
  }
  return missing;
}

void MultiPrimary::push(Context &ctx, Peer &peer, bool onlyOwn) {
  if (!peer.connected || !peer.told) return;
  const auto missing = missingAt(peer, onlyOwn);
  for (const cluster::Dot &dot : missing) {
    Message m = messageOf(m_replica.write(dot.member, dot.count));
    if (&dot != &missing.back()) m.add("more", 1);
    peer.stream->send(ctx, m);
    peer.sent.add(dot);
  }
  if (missing.empty() || peer.waits) return;
  peer.waits = true;
  peer.waitsSince = ctx.now();
}

void MultiPrimary::onIncoming(Context &ctx, const SocketEvent &event) {
  Incoming &from = m_incoming.at(event.socket);
  switch (event.kind) {
  case SocketEvent::Kind::Data:
    if (!from.stream.feed(event.data)) {
      ctx.note("A member sent what is no message.");
      ctx.abort(event.socket);
      break;
    }
    while (auto message = from.stream.take()) onMember(ctx, event.socket, *message);
    return;
  case SocketEvent::Kind::Writable: from.stream.flush(ctx); return;
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: break;
  default: return;
  }
  m_incoming.erase(event.socket);
  tellMeetings(ctx); // a batch may have been cut short
}

void MultiPrimary::onMember(Context &ctx, SocketId socket, const Message &message) {
  if (message.is("sync")) introduce(ctx, socket, message.text("member"));
  const auto write = writeOf(message);
  if (write && m_replica.apply(*write)) {
    ctx.phase("multi.write-received", write->operation());
    keep(ctx, *write);
  }
  if (message.number("more", 0) != 0 || !(write || message.is("sync"))) return;
  tellMeetings(ctx);
  m_incoming.at(socket).stream.send(ctx, Message("have").add("vector", m_replica.heard().text()));
}

/// The member has a new connection: an older one has ended without a word.
void MultiPrimary::introduce(Context &ctx, SocketId socket, std::string_view member) {
  m_incoming.at(socket).member = member;
  std::vector<SocketId> old;
  for (const auto &[other, incoming] : m_incoming)
    if (other < socket && incoming.member == member) old.push_back(other);
  for (const SocketId other : old) {
    ctx.abort(other);
    m_incoming.erase(other);
  }
}

void MultiPrimary::onAntiEntropy(Context &ctx) {
  ctx.setTimer(m_interval, AntiEntropy);
  for (Peer &peer : m_peers) {
    if (peer.stream && peer.waits && ctx.now() - peer.waitsSince >= m_timeout) {
      ctx.abort(peer.stream->socket());
      drop(ctx, peer, "it does not answer");
    }
    if (!peer.stream)
      connect(ctx, peer);
    else if (peer.connected)
      askPeer(ctx, peer);
  }
  if (!m_syncs) beginSync(ctx);
  sampleAll(ctx);
}

} // namespace packetarium::programs::multi
