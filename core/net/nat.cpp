// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"
#include "core/wire/codec.h"

#include <algorithm>

namespace packetarium::net {
namespace {

constexpr std::uint16_t firstNatPort = 61000;
constexpr std::uint16_t lastNatPort = 65095;

/// How long an idle mapping lives: RFC 5382 (REQ-5), RFC 4787 (REQ-5), RFC 5508 (REQ-1).
Duration lifetime(std::uint8_t protocol) {
  switch (static_cast<wire::IpProtocol>(protocol)) {
  case wire::IpProtocol::Tcp: return Duration::seconds(7440);
  case wire::IpProtocol::Udp: return Duration::seconds(300);
  default: return Duration::seconds(60);
  }
}

/// The number that tells conversations apart: a port, or the identifier of an ICMP echo.
std::optional<std::uint16_t> sourceKey(const wire::Packet &p) {
  switch (p.kind) {
  case wire::PacketKind::Tcp: return p.tcp.sourcePort;
  case wire::PacketKind::Udp: return p.udp.sourcePort;
  case wire::PacketKind::Icmp:
    if (p.icmp.type == wire::IcmpHeader::EchoRequest)
      return static_cast<std::uint16_t>(p.icmp.rest >> 16);
    return std::nullopt;
  default: return std::nullopt;
  }
}

std::optional<std::uint16_t> destinationKey(const wire::Packet &p) {
  switch (p.kind) {
  case wire::PacketKind::Tcp: return p.tcp.destinationPort;
  case wire::PacketKind::Udp: return p.udp.destinationPort;
  case wire::PacketKind::Icmp:
    if (p.icmp.type == wire::IcmpHeader::EchoReply)
      return static_cast<std::uint16_t>(p.icmp.rest >> 16);
    return std::nullopt;
  default: return std::nullopt;
  }
}

void setKey(wire::Packet &p, std::uint16_t key, bool source) {
  switch (p.kind) {
  case wire::PacketKind::Tcp: (source ? p.tcp.sourcePort : p.tcp.destinationPort) = key; break;
  case wire::PacketKind::Udp: (source ? p.udp.sourcePort : p.udp.destinationPort) = key; break;
  default: p.icmp.rest = (p.icmp.rest & 0xffffU) | static_cast<std::uint32_t>(key) << 16; break;
  }
}

} // namespace

void Network::rewritten(NodeIndex node, wire::Packet &packet) {
  trace::Record r;
  r.kind = trace::RecordKind::PacketRewritten;
  r.node = node.value;
  r.args[0] = packet.id;
  m_kernel.born(packet);
  r.packet = packet.id;
  m_kernel.cause = m_kernel.emit(r);
}

bool Network::translateOutbound(NodeIndex node, std::uint32_t slot) {
  const auto key = sourceKey(m_kernel.packets[slot]);
  if (!key) return true; // nothing to tell it by; it goes out as it is
  Device &d = deviceForWrite(node);
  const wire::Ipv4Header &ip = m_kernel.packets[slot].ip;
  auto mapping = std::find_if(d.nat.begin(), d.nat.end(), [&](const NatMapping &m) {
    return m.protocol == ip.protocol && m.insideIp == ip.source && m.insidePort == *key;
  });
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  const auto &outside = spec.interfaces[spec.nat->outsideInterface].address;
  if (mapping == d.nat.end()) {
    std::erase_if(d.nat, [&](const NatMapping &m) {
      return m.lastUsed + lifetime(m.protocol) <= m_kernel.now;
    });
    const auto taken = [&](std::uint16_t port) {
      return std::any_of(d.nat.begin(), d.nat.end(), [&](const NatMapping &m) {
        return m.protocol == ip.protocol && m.outsidePort == port;
      });
    };
    if (d.nextNatPort < firstNatPort) d.nextNatPort = firstNatPort;
    for (int tries = lastNatPort - firstNatPort; taken(d.nextNatPort); --tries) {
      if (tries == 0) return false;
      d.nextNatPort = d.nextNatPort == lastNatPort ? firstNatPort
                                                   : static_cast<std::uint16_t>(d.nextNatPort + 1);
    }
    d.nat.push_back({ip.protocol, ip.source, *key, d.nextNatPort, m_kernel.now});
    mapping = d.nat.end() - 1;
    d.nextNatPort =
        d.nextNatPort == lastNatPort ? firstNatPort : static_cast<std::uint16_t>(d.nextNatPort + 1);
    trace::Record r;
    r.kind = trace::RecordKind::NatMapped;
    r.node = node.value;
    r.packet = m_kernel.packets[slot].id;
    r.args[0] = std::uint64_t{ip.source.value} << 16 | *key;
    r.args[1] = std::uint64_t{outside->address.value} << 16 | mapping->outsidePort;
    m_kernel.emit(r);
  }
  mapping->lastUsed = m_kernel.now;
  wire::Packet &packet = m_kernel.packets[slot];
  packet.ip.source = outside->address;
  setKey(packet, mapping->outsidePort, true);
  rewritten(node, packet);
  return true;
}

bool Network::translateInbound(NodeIndex node, std::uint32_t slot) {
  wire::Packet &packet = m_kernel.packets[slot];
  const auto key = destinationKey(packet);
  if (!key) return packet.kind == wire::PacketKind::Icmp && translateQuote(node, packet);
  Device &d = deviceForWrite(node);
  const auto mapping = std::find_if(d.nat.begin(), d.nat.end(), [&](const NatMapping &m) {
    return m.protocol == packet.ip.protocol && m.outsidePort == *key &&
           m.lastUsed + lifetime(m.protocol) > m_kernel.now;
  });
  if (mapping == d.nat.end()) return false;
  mapping->lastUsed = m_kernel.now;
  packet.ip.destination = mapping->insideIp;
  setKey(packet, mapping->insidePort, false);
  rewritten(node, packet);
  return true;
}

bool Network::translateQuote(NodeIndex node, wire::Packet &error) {
  // RFC 5508 section 4.2: an ICMP error quotes what the router sent; inside, the host must see
  // what it sent itself.
  auto quote = wire::parseQuote(error.payload);
  if (!quote) return false;
  const auto &nat = device(node).nat;
  const auto mapping = std::find_if(nat.begin(), nat.end(), [&](const NatMapping &m) {
    return m.protocol == quote->protocol && m.outsidePort == quote->sourcePort;
  });
  if (mapping == nat.end()) return false;
  quote->source = mapping->insideIp;
  quote->sourcePort = mapping->insidePort;
  error.payload = wire::rewriteQuote(error.payload, *quote);
  error.ip.destination = mapping->insideIp;
  rewritten(node, error);
  return true;
}

} // namespace packetarium::net
