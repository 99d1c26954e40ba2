// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/packet.h"

#include "core/base/hash.h"
#include "core/wire/cluster_message.h"
#include "core/wire/ports.h"
#include "core/wire/tls_scan.h"

#include <algorithm>

namespace packetarium::wire {
namespace {

std::uint32_t transportHeaderBytes(const Packet &p) {
  switch (p.kind) {
  case PacketKind::Udp: return 8;
  case PacketKind::Tcp: return p.tcp.headerBytes();
  case PacketKind::Icmp: return 8;
  default: return 0;
  }
}

bool usesPort(std::uint16_t source, std::uint16_t destination, std::uint16_t port) {
  return source == port || destination == port;
}

ProtocolClass classOfTcp(const Packet &p) {
  const auto uses = [&](std::uint16_t port) {
    return usesPort(p.tcp.sourcePort, p.tcp.destinationPort, port);
  };
  if (p.payload.empty()) return ProtocolClass::Tcp;
  if (cluster::startsMessage(p.payload.view())) return ProtocolClass::Cluster;
  if (uses(httpsPort) || uses(httpsAltPort) || tls::startsRecord(p.payload.view()))
    return ProtocolClass::Tls;
  return uses(httpPort) || uses(httpAltPort) ? ProtocolClass::Http : ProtocolClass::Tcp;
}

ProtocolClass classOfIp(const Packet &p) {
  const bool fragment = p.ip.moreFragments || p.ip.fragmentOffset != 0;
  const bool vrrp = static_cast<IpProtocol>(p.ip.protocol) == IpProtocol::Vrrp;
  return vrrp && !fragment ? ProtocolClass::Vrrp : ProtocolClass::Ip;
}

ProtocolClass classOf(const Packet &p) {
  switch (p.kind) {
  case PacketKind::Raw: return ProtocolClass::Ethernet;
  case PacketKind::Arp: return ProtocolClass::Arp;
  case PacketKind::Ip: return classOfIp(p);
  case PacketKind::Icmp: return ProtocolClass::Icmp;
  case PacketKind::Udp:
    if (cluster::startsMessage(p.payload.view())) return ProtocolClass::Cluster;
    if (usesPort(p.udp.sourcePort, p.udp.destinationPort, dnsPort)) return ProtocolClass::Dns;
    if (usesPort(p.udp.sourcePort, p.udp.destinationPort, rtpPort)) return ProtocolClass::Voice;
    return ProtocolClass::Udp;
  case PacketKind::Tcp: return classOfTcp(p);
  }
  return ProtocolClass::Other;
}

std::uint64_t transportHash(const Packet &p) {
  switch (p.kind) {
  case PacketKind::Arp:
    return hashCombine(hashCombine(p.arp.senderMac.bits(), p.arp.targetMac.bits()),
                       std::uint64_t{p.arp.senderIp.value} << 32 | p.arp.targetIp.value) +
           p.arp.operation;
  case PacketKind::Udp: return std::uint64_t{p.udp.sourcePort} << 16 | p.udp.destinationPort;
  case PacketKind::Tcp:
    return hashCombine(std::uint64_t{p.tcp.sequence} << 32 | p.tcp.acknowledgment,
                       std::uint64_t{p.tcp.sourcePort} << 48 |
                           std::uint64_t{p.tcp.destinationPort} << 32 |
                           std::uint64_t{p.tcp.window} << 16 | p.tcp.flags) +
           p.tcp.mss + (static_cast<std::uint64_t>(p.tcp.windowScale + 1) << 20) +
           (std::uint64_t{p.tcp.urgentPointer} << 32);
  case PacketKind::Icmp: return std::uint64_t{p.icmp.rest} << 16 | p.icmp.type << 8 | p.icmp.code;
  default: return 0;
  }
}

std::uint64_t networkHash(const Packet &p) {
  if (!p.isIp()) return p.ethernet.etherType;
  const std::uint64_t control =
      std::uint64_t{p.ip.identification} << 32 | std::uint64_t{p.ip.fragmentOffset} << 18 |
      (p.ip.moreFragments ? 1u << 17 : 0u) | (p.ip.dontFragment ? 1u << 16 : 0u) |
      static_cast<std::uint32_t>(p.ip.protocol << 8 | p.ip.dscpEcn);
  return hashCombine(std::uint64_t{p.ip.source.value} << 32 | p.ip.destination.value, control);
}

} // namespace

std::uint32_t ipTotalLength(const Packet &p) {
  return 20 + transportHeaderBytes(p) + p.payload.size();
}

void seal(Packet &p) {
  const std::uint32_t body = p.kind == PacketKind::Raw   ? p.payload.size()
                             : p.kind == PacketKind::Arp ? 28
                                                         : ipTotalLength(p);
  p.frameBytes = static_cast<std::uint16_t>(
      std::clamp<std::uint64_t>(std::uint64_t{14} + body, minFrameBytes, 65535));
  p.protocol = classOf(p);
  p.contentHash = hashCombine(hashCombine(networkHash(p), transportHash(p)), p.payload.hash());
}

} // namespace packetarium::wire
