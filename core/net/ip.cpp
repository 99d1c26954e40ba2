// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"
#include "core/wire/codec.h"

#include <algorithm>

namespace packetarium::net {
namespace {

/// RFC 1112 section 6.4: the low 23 bits of the group behind 01-00-5E.
wire::MacAddress groupMac(wire::Ipv4Address group) {
  return wire::MacAddress::fromBits(0x01005e000000ULL | (group.value & 0x7fffffU));
}

bool isUnicastSource(wire::Ipv4Address a) {
  return !a.isAny() && !a.isMulticast() && a != wire::Ipv4Address::broadcast();
}

/// A link of two ends has none (RFC 3021).
bool isDirectedBroadcast(const InterfaceSpec &port, wire::Ipv4Address to) {
  return port.address && port.address->length < 31 && to == port.address->directedBroadcast();
}

bool isIcmpError(const wire::Packet &p) {
  return p.kind == wire::PacketKind::Icmp && p.icmp.type != wire::IcmpHeader::EchoReply &&
         p.icmp.type != wire::IcmpHeader::EchoRequest;
}

} // namespace

bool Network::isLocalAddress(NodeIndex node, wire::Ipv4Address address) const {
  if (address.isLoopback()) return true;
  for (const InterfaceSpec &i : m_blueprint->nodes[node.value].interfaces)
    if (i.address && i.address->address == address) return true;
  return held(node, address) != nullptr;
}

bool Network::acceptsIp(const Device &device, std::uint32_t interface, wire::Ipv4Address to) const {
  if (to == wire::Ipv4Address::broadcast()) return true;
  return to.isMulticast() && std::find(device.groups.begin(), device.groups.end(),
                                       std::pair{interface, to}) != device.groups.end();
}

wire::Ipv4Address Network::sourceFor(NodeIndex node, wire::Ipv4Address destination) const {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  if (isLocalAddress(node, destination)) return destination;
  const auto route = spec.routes ? spec.routes->lookup(destination) : std::nullopt;
  if (!route) return {};
  const auto &address = spec.interfaces[route->interface].address;
  return address ? address->address : wire::Ipv4Address{};
}

std::optional<std::uint32_t> Network::groupInterface(NodeIndex node,
                                                     const SendOptions &options) const {
  const auto &interfaces = m_blueprint->nodes[node.value].interfaces;
  if (options.interface) {
    if (*options.interface < interfaces.size()) return options.interface;
    return std::nullopt;
  }
  for (std::uint32_t i = 0; i < interfaces.size(); ++i)
    if (interfaces[i].address) return i;
  return std::nullopt;
}

void Network::sendIp(NodeIndex node, wire::Packet packet, const SendOptions &options) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  const wire::Ipv4Address to = packet.ip.destination;
  packet.ethernet.etherType = static_cast<std::uint16_t>(wire::EtherType::Ipv4);
  packet.ip.identification = deviceForWrite(node).nextIdentification++;
  packet.maker = node;
  if (options.interface || to.isMulticast() || to == wire::Ipv4Address::broadcast()) {
    sendToGroup(node, std::move(packet), options);
    return;
  }
  const bool local = isLocalAddress(node, to);
  const auto route = local || !spec.routes ? std::nullopt : spec.routes->lookup(to);
  if (packet.ip.source.isAny()) {
    if (local)
      packet.ip.source = to;
    else if (route && spec.interfaces[route->interface].address)
      packet.ip.source = spec.interfaces[route->interface].address->address;
  }
  m_kernel.born(packet);
  if (wire::ipTotalLength(packet) > wire::ethernetMtu) {
    recordDrop(node, packet, trace::DropReason::TooBig);
    return;
  }
  if (local) {
    const std::uint32_t slot = m_kernel.packets.put(std::move(packet));
    m_kernel.schedule(m_kernel.now, EventClass::Arrival, EventKind::Loopback, node.value, slot,
                      device(node).epoch);
    return;
  }
  if (!route) {
    recordDrop(node, packet, trace::DropReason::NoRoute);
    return;
  }
  output(node, *route, m_kernel.packets.put(std::move(packet)));
}

void Network::sendToGroup(NodeIndex node, wire::Packet packet, const SendOptions &options) {
  const auto interface = groupInterface(node, options);
  const wire::Ipv4Address to = packet.ip.destination;
  bool toAll = to.isMulticast() || to == wire::Ipv4Address::broadcast();
  if (interface) {
    const InterfaceSpec &port = m_blueprint->nodes[node.value].interfaces[*interface];
    if (packet.ip.source.isAny() && port.address && !packet.ip.destination.isAny())
      packet.ip.source = port.address->address;
    toAll = toAll || isDirectedBroadcast(port, to);
    if (packet.ethernet.source.isZero()) packet.ethernet.source = port.mac;
    packet.ethernet.destination = to.isMulticast() ? groupMac(to) : wire::MacAddress::broadcast();
  }
  m_kernel.born(packet);
  if (!interface) {
    recordDrop(node, packet, trace::DropReason::NoRoute);
    return;
  }
  if (wire::ipTotalLength(packet) > wire::ethernetMtu) {
    recordDrop(node, packet, trace::DropReason::TooBig, *interface);
    return;
  }
  const std::uint32_t slot = m_kernel.packets.put(std::move(packet));
  if (toAll)
    transmit(node, *interface, slot, 255);
  else
    outputTo(node, *interface, to, slot, 255);
}

void Network::output(NodeIndex node, const Route &route, std::uint32_t slot) {
  const wire::Ipv4Address to = m_kernel.packets[slot].ip.destination;
  const InterfaceSpec &port = m_blueprint->nodes[node.value].interfaces[route.interface];
  const bool onLink = route.nextHop.isAny();
  if (onLink && isDirectedBroadcast(port, to)) {
    wire::Packet &packet = m_kernel.packets[slot];
    packet.ethernet.source = port.mac;
    packet.ethernet.destination = wire::MacAddress::broadcast();
    transmit(node, route.interface, slot, route.prefix.length);
    return;
  }
  outputTo(node, route.interface, onLink ? to : route.nextHop, slot, route.prefix.length);
}

void Network::outputTo(NodeIndex node, std::uint32_t interface, wire::Ipv4Address nextHop,
                       std::uint32_t slot, std::uint8_t prefixLength) {
  const InterfaceSpec &port = m_blueprint->nodes[node.value].interfaces[interface];
  if (!port.link.valid() || !link(port.link).up) {
    const wire::Packet about = m_kernel.packets[slot];
    dropFrame(node, port.link, slot, trace::DropReason::NoCarrier);
    // A router tells the sender; a host's own stack sees for itself that the way out is down.
    if (!isLocalAddress(node, about.ip.source))
      sendIcmpError(node, about, wire::IcmpHeader::DestinationUnreachable, 1);
    return;
  }
  for (const ArpEntry &entry : device(node).arp) {
    if (entry.ip != nextHop || entry.interface != interface) continue;
    if (entry.expires <= m_kernel.now) break;
    wire::Packet &packet = m_kernel.packets[slot];
    packet.ethernet.source = port.mac;
    packet.ethernet.destination = entry.mac;
    transmit(node, interface, slot, prefixLength);
    return;
  }
  resolve(node, interface, nextHop, slot, prefixLength);
}

std::optional<LocalDelivery> Network::receiveIp(NodeIndex node, std::uint32_t interface,
                                                std::uint32_t slot) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  const wire::Ipv4Address to = m_kernel.packets[slot].ip.destination;
  const auto &own = spec.interfaces[interface].address;
  if (spec.nat && interface == spec.nat->outsideInterface && own && to == own->address) {
    if (translateInbound(node, slot)) {
      forward(node, interface, slot);
      return std::nullopt;
    }
    const wire::PacketKind kind = m_kernel.packets[slot].kind;
    if (kind == wire::PacketKind::Tcp || kind == wire::PacketKind::Udp) {
      dropFrame(node, spec.interfaces[interface].link, slot, trace::DropReason::NatNoMapping);
      return std::nullopt;
    }
  }
  if (isDirectedBroadcast(spec.interfaces[interface], to) || isLocalAddress(node, to) ||
      acceptsIp(device(node), interface, to))
    return LocalDelivery{node, interface, slot};
  if (device(node).promiscuous && spec.kind != NodeKind::Router)
    return LocalDelivery{node, interface, slot};
  if (spec.kind != NodeKind::Router || to.isMulticast()) {
    // A card lets no group pass that was not joined (RFC 1112 section 7.2): nothing is lost.
    const auto reason =
        to.isMulticast() ? trace::DropReason::NotForMe : trace::DropReason::NotForwarding;
    dropFrame(node, spec.interfaces[interface].link, slot, reason);
    return std::nullopt;
  }
  forward(node, interface, slot);
  return std::nullopt;
}

void Network::forward(NodeIndex node, std::uint32_t inInterface, std::uint32_t slot) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  wire::Packet &packet = m_kernel.packets[slot];
  if (packet.ip.ttl <= 1) { // RFC 1812 section 5.3.1
    const wire::Packet about = packet;
    dropFrame(node, spec.interfaces[inInterface].link, slot, trace::DropReason::TtlExpired);
    sendIcmpError(node, about, wire::IcmpHeader::TimeExceeded, 0);
    return;
  }
  const auto route = spec.routes ? spec.routes->lookup(packet.ip.destination) : std::nullopt;
  if (!route) {
    const wire::Packet about = packet;
    dropFrame(node, spec.interfaces[inInterface].link, slot, trace::DropReason::NoRoute);
    sendIcmpError(node, about, wire::IcmpHeader::DestinationUnreachable, 0);
    return;
  }
  --packet.ip.ttl;
  if (spec.nat && route->interface == spec.nat->outsideInterface &&
      inInterface != spec.nat->outsideInterface && !translateOutbound(node, slot)) {
    dropFrame(node, spec.interfaces[inInterface].link, slot, trace::DropReason::NatPortsExhausted);
    return;
  }
  output(node, *route, slot);
}

void Network::sendIcmpError(NodeIndex node, const wire::Packet &about, std::uint8_t type,
                            std::uint8_t code) {
  // RFC 1122 section 3.2.2: never about an ICMP error, a broadcast, a later fragment, or a source
  // that does not name a single host.
  if (!about.isIp() || isIcmpError(about) || about.ip.fragmentOffset != 0) return;
  if (!isUnicastSource(about.ip.source) || about.ethernet.destination.isGroup() ||
      about.ip.destination.isMulticast() || about.ip.destination == wire::Ipv4Address::broadcast())
    return;
  wire::Packet error;
  error.kind = wire::PacketKind::Icmp;
  error.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Icmp);
  error.ip.destination = about.ip.source;
  error.icmp = {type, code, 0};
  error.payload = wire::quoteOf(about);
  sendIp(node, std::move(error));
}

void Network::joinGroup(NodeIndex node, std::uint32_t interface, wire::Ipv4Address group) {
  auto &groups = deviceForWrite(node).groups;
  groups.emplace_back(interface, group);
}

void Network::leaveGroup(NodeIndex node, std::uint32_t interface, wire::Ipv4Address group) {
  auto &groups = deviceForWrite(node).groups;
  const auto it = std::find(groups.begin(), groups.end(), std::pair{interface, group});
  if (it != groups.end()) groups.erase(it); // one member less; another socket may still be one
}

} // namespace packetarium::net
