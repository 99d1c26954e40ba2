// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/stack_state.h"
#include "core/transport/tcp_reset.h"

#include <utility>

namespace packetarium::transport {
namespace {

constexpr std::uint32_t noSlot = FlatIndex<FlowKey>::none;

/// RFC 9293 section 3.4.1: a clock that ticks every 4 microseconds, plus a secret function of the
/// two endpoints.
std::uint32_t initialSequence(std::uint64_t secret, SimTime now, const FlowKey &flow) {
  const std::uint64_t f = hashCombine(secret, flow.digest());
  return static_cast<std::uint32_t>(now.ns() / 4000) + static_cast<std::uint32_t>(f);
}

bool reachesOne(wire::Ipv4Address a) {
  return !a.isAny() && !a.isMulticast() && a != wire::Ipv4Address::broadcast();
}

} // namespace

SocketId Stack::tcpListen(StackContext ctx, Owner owner, std::uint16_t port,
                          const TcpOptions &options) {
  seed(ctx);
  Endpoint local{{}, port};
  if (port == 0) local.port = ephemeralPort({}, {}, true);
  if (local.port == 0) return refuse(owner, SocketError::NoPortLeft, local, {});
  if (m_state->listenerAt(local.port) != nullptr)
    return refuse(owner, SocketError::PortInUse, local, {});
  Listener &l = m_state->listeners.emplace_back();
  l.id = m_state->nextId++;
  l.owner = owner;
  l.port = local.port;
  l.options = options;
  l.lastState = recordTcpState(ctx, l.id, TcpState::Closed, TcpState::Listen, local, {});
  return l.id;
}

SocketId Stack::tcpConnect(StackContext ctx, Owner owner, Endpoint to, const TcpOptions &options,
                           std::uint16_t localPort) {
  seed(ctx);
  Endpoint local{ctx.network.sourceFor(ctx.node, to.address), localPort};
  if (local.address.isAny() || !reachesOne(to.address))
    return refuse(owner, SocketError::NoRoute, local, to);
  if (localPort == 0) {
    local.port = ephemeralPort(local, to, true);
    if (local.port == 0) return refuse(owner, SocketError::NoPortLeft, local, to);
  } else if (m_state->flows.find({local, to}) != noSlot) {
    return refuse(owner, SocketError::PortInUse, local, to);
  }
  const std::uint32_t slot = openTcp(ctx, owner, noSocket, local, to, options);
  const SocketId id = m_state->tcp[slot].id;
  withTcp(ctx, slot, 0, [](TcpConnection &c, TcpHands &hands) { c.openActive(hands); });
  return id;
}

std::uint32_t Stack::openTcp(StackContext ctx, Owner owner, SocketId listener, Endpoint local,
                             Endpoint remote, const TcpOptions &options) {
  std::uint32_t slot = 0;
  if (m_state->freeTcp.empty()) {
    slot = static_cast<std::uint32_t>(m_state->tcp.size());
    m_state->tcp.emplace_back();
  } else {
    slot = m_state->freeTcp.back();
    m_state->freeTcp.pop_back();
  }
  const FlowKey key{local, remote};
  TcpSocket &s = m_state->tcp[slot];
  s.id = m_state->nextId++;
  s.owner = owner;
  s.listener = listener;
  s.findable = true;
  s.local = local;
  s.remote = remote;
  const auto iss = initialSequence(m_state->issSecret, ctx.network.kernel().now, key);
  s.connection = Cow<TcpConnection>(TcpConnection(options, local.port, remote.port, iss));
  m_state->flows.insert(key, slot);
  m_state->tcpIds.insert({s.id}, slot);
  return slot;
}

void Stack::settle(StackContext ctx, std::uint32_t slot) {
  TcpSocket &s = m_state->tcp[slot];
  const TcpConnection &c = s.connection.read();
  if (c.state() == TcpState::Listen) {
    // Back to LISTEN: here the listener never left it, and what it had spawned ends.
    s.lastState = recordTcpState(ctx, s.id, TcpState::Listen, TcpState::Closed, s.local, s.remote);
    forgetTcp(slot);
  } else if (c.gone()) {
    forgetTcp(slot);
  } else if (c.state() == TcpState::Closed && s.findable) {
    m_state->flows.erase({s.local, s.remote}); // stays until the program has read it all
    s.findable = false;
  }
}

void Stack::forgetTcp(std::uint32_t slot) {
  TcpSocket &s = m_state->tcp[slot];
  if (s.findable) m_state->flows.erase({s.local, s.remote});
  m_state->tcpIds.erase({s.id});
  s = TcpSocket{};
  m_state->freeTcp.push_back(slot);
}

/// Connections that no program has accepted yet end with their listener.
void Stack::closeListener(StackContext ctx, std::size_t index) {
  const Listener l = m_state->listeners[index];
  m_state->listeners.erase(m_state->listeners.begin() + static_cast<std::ptrdiff_t>(index));
  recordTcpState(ctx, l.id, TcpState::Listen, TcpState::Closed, {{}, l.port}, {});
  for (std::uint32_t slot = 0; slot < m_state->tcp.size(); ++slot) {
    const TcpSocket &s = m_state->tcp[slot];
    if (s.id == noSocket || s.listener != l.id) continue;
    if (s.connection.read().state() != TcpState::SynReceived) continue;
    withTcp(ctx, slot, 0, [](TcpConnection &c, TcpHands &hands) { c.abort(hands); });
  }
}

std::uint32_t Stack::tcpSend(StackContext ctx, SocketId socket, const wire::Payload &data) {
  const std::uint32_t slot = m_state->tcpIds.find({socket});
  if (slot == FlatIndex<SocketKey>::none) return 0;
  std::uint32_t taken = 0;
  withTcp(ctx, slot, 0, [&](TcpConnection &c, TcpHands &hands) { taken = c.send(hands, data); });
  return taken;
}

void Stack::tcpInput(StackContext ctx, const wire::Packet &packet) {
  const wire::TcpHeader &h = packet.tcp;
  const FlowKey key{{packet.ip.destination, h.destinationPort}, {packet.ip.source, h.sourcePort}};
  const auto feed = [&](TcpConnection &c, TcpHands &hands) {
    c.onSegment(hands, h, packet.payload);
  };
  std::uint32_t slot = m_state->flows.find(key);
  const Listener *listener = slot == noSlot ? m_state->listenerAt(h.destinationPort) : nullptr;
  if (slot != noSlot && m_state->tcp[slot].connection.read().yieldsTo(h)) {
    listener = m_state->listenerAt(h.destinationPort);
    if (listener != nullptr) {
      withTcp(ctx, slot, packet.id, [](TcpConnection &c, TcpHands &hands) { c.abort(hands); });
      slot = noSlot;
    }
  }
  if (slot != noSlot) {
    withTcp(ctx, slot, packet.id, feed);
    return;
  }
  const bool opens =
      h.has(wire::TcpFlags::Syn) && !h.has(wire::TcpFlags::Ack) && !h.has(wire::TcpFlags::Rst);
  if (listener == nullptr || !opens || !reachesOne(packet.ip.source) ||
      !ctx.network.isLocalAddress(ctx.node, packet.ip.destination)) {
    answerStray(ctx, packet);
    return;
  }
  seed(ctx);
  slot = openTcp(ctx, listener->owner, listener->id, key.local, key.remote, listener->options);
  Hands hands(*this, ctx, slot, packet.id);
  TcpConnection &c = m_state->tcp[slot].connection.write();
  c.openPassive(hands);
  c.onSegment(hands, h, packet.payload);
  settle(ctx, slot);
}

/// A segment of no connection: dropped, and answered with RST unless it went to many.
void Stack::answerStray(StackContext ctx, const wire::Packet &packet) {
  ctx.network.recordDrop(ctx.node, packet, trace::DropReason::NoListener);
  if (!reachesOne(packet.ip.source) || !ctx.network.isLocalAddress(ctx.node, packet.ip.destination))
    return;
  // In LISTEN only an ACK is answered (RFC 9293 section 3.10.7.2).
  if (m_state->listenerAt(packet.tcp.destinationPort) != nullptr &&
      !packet.tcp.has(wire::TcpFlags::Ack))
    return;
  if (const auto reset = resetReply(packet.tcp, packet.payload.size()))
    ctx.network.sendIp(ctx.node, tcpPacket(packet.ip.destination, packet.ip.source, *reset, {}));
}

} // namespace packetarium::transport
