// SPDX-License-Identifier: GPL-3.0-or-later
// Packets that reached the node: to which sockets they go, and what the node answers by itself.
#include "core/transport/stack_state.h"
#include "core/wire/codec.h"

#include <algorithm>
#include <utility>

namespace packetarium::transport {
namespace {

constexpr std::uint32_t datagramBuffer = 256 * 1024; // bytes kept while a program does not read
constexpr std::uint8_t protocolUnreachable = 2, portUnreachable = 3;

/// For one host or for a group this host belongs to (a promiscuous card hands up more).
bool isForNode(StackContext ctx, const LocalPacket &in) {
  const wire::Ipv4Address to = in.packet.ip.destination;
  const net::Network &network = ctx.network;
  if (network.isLocalAddress(ctx.node, to) || to == wire::Ipv4Address::broadcast()) return true;
  if (to.isMulticast()) {
    const auto &groups = network.device(ctx.node).groups;
    return std::find(groups.begin(), groups.end(), std::pair{in.interface, to}) != groups.end();
  }
  const auto &interfaces = network.spec(ctx.node).interfaces;
  if (in.interface >= interfaces.size()) return false;
  const auto &own = interfaces[in.interface].address;
  return own && own->length < 31 && to == own->directedBroadcast();
}

SocketEvent packetEvent(SocketEvent::Kind kind, Owner owner, SocketId id, const LocalPacket &in) {
  SocketEvent e;
  e.kind = kind;
  e.owner = owner;
  e.socket = id;
  e.interface = in.interface;
  if (in.packet.isIp()) {
    e.local.address = in.packet.ip.destination;
    e.remote.address = in.packet.ip.source;
  }
  return e;
}

void recordDelivered(StackContext ctx, const LocalPacket &in, std::uint32_t bytes, SocketId id) {
  trace::Record r;
  r.kind = trace::RecordKind::SegmentDelivered;
  r.node = ctx.node.value;
  r.packet = in.packet.id;
  r.args[0] = bytes;
  r.args[1] = id;
  ctx.network.kernel().emit(r);
}

} // namespace

void Stack::onPacket(StackContext ctx, const net::LocalDelivery &delivery) {
  net::Kernel &kernel = ctx.network.kernel();
  // Taken out first: whatever is sent in answer may move the slots.
  LocalPacket in{std::move(kernel.packets[delivery.slot]), delivery.interface};
  kernel.packets.release(delivery.slot);
  if (!m_state->link.empty()) toLinkSockets(ctx, in);
  const wire::Packet &packet = in.packet;
  if (packet.kind == wire::PacketKind::Arp) return; // the network has seen to it
  if (!packet.isIp()) {
    if (m_state->link.empty())
      ctx.network.recordDrop(ctx.node, packet, trace::DropReason::NoListener, in.interface);
    return;
  }
  if (ctx.network.device(ctx.node).promiscuous && !isForNode(ctx, in)) return;
  const bool raw = !m_state->raw.empty() && toRawSockets(ctx, in);
  switch (packet.kind) {
  case wire::PacketKind::Tcp: tcpInput(ctx, packet); return;
  case wire::PacketKind::Udp: udpInput(ctx, in); return;
  case wire::PacketKind::Icmp: icmpInput(ctx, in); return;
  default: break;
  }
  if (raw) return;
  ctx.network.recordDrop(ctx.node, packet, trace::DropReason::NoListener, in.interface);
  ctx.network.sendIcmpError(ctx.node, packet, wire::IcmpHeader::DestinationUnreachable,
                            protocolUnreachable);
}

void Stack::toLinkSockets(StackContext, const LocalPacket &in) {
  for (const LinkSocket &s : m_state->link) {
    if (s.etherType != 0 && s.etherType != in.packet.ethernet.etherType) continue;
    m_events.push_back(packetEvent(SocketEvent::Kind::Packet, s.owner, s.id, in));
    m_events.back().packet = in.packet;
  }
}

bool Stack::toRawSockets(StackContext ctx, const LocalPacket &in) {
  bool taken = false;
  for (const RawSocket &s : m_state->raw) {
    if (s.protocol != in.packet.ip.protocol) continue;
    taken = true;
    recordDelivered(ctx, in, in.packet.payload.size(), s.id);
    m_events.push_back(packetEvent(SocketEvent::Kind::Packet, s.owner, s.id, in));
    m_events.back().packet = in.packet;
  }
  return taken;
}

void Stack::udpInput(StackContext ctx, const LocalPacket &in) {
  const wire::Packet &packet = in.packet;
  UdpSocket *s = m_state->udpAt(packet.udp.destinationPort);
  const wire::Ipv4Address to = packet.ip.destination;
  const bool member = s != nullptr && (!to.isMulticast() ||
                                       std::find(s->groups.begin(), s->groups.end(),
                                                 std::pair{in.interface, to}) != s->groups.end());
  if (!member) {
    ctx.network.recordDrop(ctx.node, packet, trace::DropReason::NoListener, in.interface);
    if (ctx.network.isLocalAddress(ctx.node, to))
      ctx.network.sendIcmpError(ctx.node, packet, wire::IcmpHeader::DestinationUnreachable,
                                portUnreachable);
    return;
  }
  const std::uint32_t size = packet.payload.size();
  if (!s->reading && s->unreadBytes + size > datagramBuffer) {
    ctx.network.recordDrop(ctx.node, packet, trace::DropReason::ReceiveBufferFull, in.interface);
    return;
  }
  recordDelivered(ctx, in, size, s->id);
  SocketEvent e = packetEvent(SocketEvent::Kind::Datagram, s->owner, s->id, in);
  e.local.port = packet.udp.destinationPort;
  e.remote.port = packet.udp.sourcePort;
  e.data = packet.payload;
  if (s->reading) {
    m_events.push_back(std::move(e));
  } else {
    s->unreadBytes += size;
    s->unread.push_back(std::move(e));
  }
}

void Stack::icmpInput(StackContext ctx, const LocalPacket &in) {
  const wire::Packet &packet = in.packet;
  switch (packet.icmp.type) {
  case wire::IcmpHeader::DestinationUnreachable:
  case wire::IcmpHeader::TimeExceeded: icmpErrorInput(ctx, packet); return;
  case wire::IcmpHeader::EchoRequest: break;
  default: return;
  }
  // An echo to many is not answered (RFC 1122 section 3.2.2.6 allows that).
  if (!ctx.network.isLocalAddress(ctx.node, packet.ip.destination)) return;
  wire::Packet reply;
  reply.kind = wire::PacketKind::Icmp;
  reply.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Icmp);
  reply.ip.source = packet.ip.destination;
  reply.ip.destination = packet.ip.source;
  reply.icmp = {wire::IcmpHeader::EchoReply, 0, packet.icmp.rest};
  reply.payload = packet.payload;
  ctx.network.sendIp(ctx.node, std::move(reply));
}

/// Finds whose packet the error quotes.
void Stack::icmpErrorInput(StackContext ctx, const wire::Packet &packet) {
  const auto quote = wire::parseQuote(packet.payload);
  if (!quote) return;
  const Endpoint local{quote->source, quote->sourcePort};
  const Endpoint remote{quote->destination, quote->destinationPort};
  if (quote->protocol == static_cast<std::uint8_t>(wire::IpProtocol::Tcp)) {
    const std::uint32_t slot = m_state->flows.find({local, remote});
    if (slot == FlatIndex<FlowKey>::none) return;
    withTcp(ctx, slot, packet.id, [&](TcpConnection &c, TcpHands &hands) {
      c.onIcmpError(hands, packet.icmp.type, packet.icmp.code, quote->sequence);
    });
    return;
  }
  if (quote->protocol != static_cast<std::uint8_t>(wire::IpProtocol::Udp)) return;
  const UdpSocket *s = m_state->udpAt(local.port);
  if (s == nullptr) return;
  const bool refused =
      packet.icmp.type == wire::IcmpHeader::DestinationUnreachable &&
      (packet.icmp.code == portUnreachable || packet.icmp.code == protocolUnreachable);
  SocketEvent &e = m_events.emplace_back();
  e.kind = SocketEvent::Kind::Error;
  e.error = refused ? SocketError::Refused : SocketError::Unreachable;
  e.owner = s->owner;
  e.socket = s->id;
  e.local = local;
  e.remote = remote;
}

} // namespace packetarium::transport
