// SPDX-License-Identifier: GPL-3.0-or-later
// UDP, raw IP and link-layer sockets: how they are opened, sent from and closed.
#include "core/transport/stack_state.h"

#include <algorithm>
#include <utility>

namespace packetarium::transport {
namespace {

constexpr std::uint32_t datagramMax = wire::ethernetMtu - 20 - 8;
constexpr std::uint16_t captureAll = 0;

bool goesToMany(wire::Ipv4Address a) {
  return a.isMulticast() || a == wire::Ipv4Address::broadcast();
}

template <class Socket> bool eraseId(std::vector<Socket> &sockets, SocketId id) {
  const auto it =
      std::find_if(sockets.begin(), sockets.end(), [id](const Socket &s) { return s.id == id; });
  if (it == sockets.end()) return false;
  sockets.erase(it);
  return true;
}

} // namespace

SocketId Stack::udpOpen(StackContext ctx, Owner owner, std::uint16_t port) {
  seed(ctx);
  Endpoint local{{}, port};
  if (port == 0) local.port = ephemeralPort({}, {}, false);
  if (local.port == 0) return refuse(owner, SocketError::NoPortLeft, local, {});
  if (m_state->udpAt(local.port) != nullptr)
    return refuse(owner, SocketError::PortInUse, local, {});
  UdpSocket &s = m_state->udp.emplace_back();
  s.id = m_state->nextId++;
  s.owner = owner;
  s.port = local.port;
  return s.id;
}

bool Stack::udpSend(StackContext ctx, SocketId socket, Endpoint to, wire::Payload data,
                    const net::SendOptions &options) {
  const UdpSocket *s = m_state->udpWithId(socket);
  if (s == nullptr || data.size() > datagramMax) return false;
  const bool routed = !goesToMany(to.address) && !options.interface;
  if (routed && ctx.network.sourceFor(ctx.node, to.address).isAny()) return false;
  wire::Packet packet;
  packet.kind = wire::PacketKind::Udp;
  packet.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Udp);
  packet.ip.destination = to.address;
  if (to.address.isMulticast()) packet.ip.ttl = 1; // RFC 1112 section 6.1
  packet.udp = {s->port, to.port};
  packet.payload = std::move(data);
  ctx.network.sendIp(ctx.node, std::move(packet), options);
  return true;
}

void Stack::joinGroup(StackContext ctx, SocketId socket, std::uint32_t interface,
                      wire::Ipv4Address group) {
  Groups *groups = nullptr;
  if (UdpSocket *udp = m_state->udpWithId(socket)) groups = &udp->groups;
  for (RawSocket &raw : m_state->raw)
    if (raw.id == socket) groups = &raw.groups;
  const auto member = std::pair{interface, group};
  if (groups == nullptr || std::find(groups->begin(), groups->end(), member) != groups->end())
    return;
  groups->push_back(member);
  ctx.network.joinGroup(ctx.node, interface, group);
}

SocketId Stack::rawOpen(StackContext, Owner owner, std::uint8_t ipProtocol) {
  m_state->raw.push_back({m_state->nextId++, owner, ipProtocol, {}});
  return m_state->raw.back().id;
}

void Stack::rawSend(StackContext ctx, SocketId socket, wire::Packet packet,
                    const net::SendOptions &options) {
  const auto known = [socket](const RawSocket &s) { return s.id == socket; };
  if (std::none_of(m_state->raw.begin(), m_state->raw.end(), known)) return;
  ctx.network.sendIp(ctx.node, std::move(packet), options);
}

SocketId Stack::linkOpen(StackContext ctx, Owner owner, std::uint16_t etherType) {
  m_state->link.push_back({m_state->nextId++, owner, etherType});
  if (etherType == captureAll) ctx.network.setPromiscuous(ctx.node, true);
  return m_state->link.back().id;
}

void Stack::linkSend(StackContext ctx, SocketId socket, std::uint32_t interface,
                     wire::Packet frame) {
  const auto known = [socket](const LinkSocket &s) { return s.id == socket; };
  if (std::none_of(m_state->link.begin(), m_state->link.end(), known)) return;
  ctx.network.sendFrame(ctx.node, interface, std::move(frame));
}

/// True when the socket was one of those of this file.
bool Stack::closeDatagram(StackContext ctx, SocketId socket) {
  const auto leave = [ctx](const Groups &groups) {
    for (const auto &[interface, group] : groups)
      ctx.network.leaveGroup(ctx.node, interface, group);
  };
  if (const UdpSocket *s = m_state->udpWithId(socket)) {
    leave(s->groups);
    return eraseId(m_state->udp, socket);
  }
  for (const RawSocket &s : m_state->raw)
    if (s.id == socket) leave(s.groups);
  if (eraseId(m_state->raw, socket)) return true;
  if (!eraseId(m_state->link, socket)) return false;
  const auto captures = [](const LinkSocket &s) { return s.etherType == captureAll; };
  if (ctx.network.device(ctx.node).promiscuous &&
      std::none_of(m_state->link.begin(), m_state->link.end(), captures))
    ctx.network.setPromiscuous(ctx.node, false);
  return true;
}

void Stack::readDatagrams(SocketId socket, bool on) {
  UdpSocket *s = m_state->udpWithId(socket);
  if (s == nullptr) return;
  s->reading = on;
  if (!on) return;
  for (SocketEvent &e : s->unread) m_events.push_back(std::move(e));
  s->unread.clear();
  s->unreadBytes = 0;
}

} // namespace packetarium::transport
