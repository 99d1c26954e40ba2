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

void store16(wire::Bytes &bytes, std::size_t at, std::uint16_t v) {
  bytes[at] = static_cast<std::uint8_t>(v >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(v);
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
    d.nextNatPort = d.nextNatPort == lastNatPort ? firstNatPort
                                                 : static_cast<std::uint16_t>(d.nextNatPort + 1);
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
  constexpr std::size_t quotedHeader = 20, sourceAt = 12, checksumAt = 10;
  if (error.payload.size() < quotedHeader + 8 || error.payload.at(0) != 0x45) return false;
  wire::Bytes quote = error.payload.toBytes();
  const std::uint8_t protocol = quote[9];
  const bool echo = protocol == static_cast<std::uint8_t>(wire::IpProtocol::Icmp);
  const std::size_t keyAt = quotedHeader + (echo ? 4 : 0);
  const auto key = static_cast<std::uint16_t>(quote[keyAt] << 8 | quote[keyAt + 1]);
  const auto &nat = device(node).nat;
  const auto mapping = std::find_if(nat.begin(), nat.end(), [&](const NatMapping &m) {
    return m.protocol == protocol && m.outsidePort == key;
  });
  if (mapping == nat.end()) return false;
  store16(quote, sourceAt, static_cast<std::uint16_t>(mapping->insideIp.value >> 16));
  store16(quote, sourceAt + 2, static_cast<std::uint16_t>(mapping->insideIp.value));
  store16(quote, keyAt, mapping->insidePort);
  store16(quote, checksumAt, 0);
  store16(quote, checksumAt, wire::internetChecksum({quote.data(), quotedHeader}));
  error.payload = wire::Payload::of(std::move(quote));
  error.ip.destination = mapping->insideIp;
  rewritten(node, error);
  return true;
}

} // namespace packetarium::net
