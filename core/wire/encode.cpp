// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"

#include <algorithm>

namespace packetarium::wire {
namespace {

void putMac(Bytes &out, const MacAddress &mac) {
  out.insert(out.end(), mac.bytes.begin(), mac.bytes.end());
}

void putArp(Bytes &out, const ArpMessage &arp) {
  put16(out, 1); // Ethernet
  put16(out, static_cast<std::uint16_t>(EtherType::Ipv4));
  put8(out, 6);
  put8(out, 4);
  put16(out, arp.operation);
  putMac(out, arp.senderMac);
  put32(out, arp.senderIp.value);
  putMac(out, arp.targetMac);
  put32(out, arp.targetIp.value);
}

std::uint8_t protocolNumber(const Packet &p) {
  switch (p.kind) {
  case PacketKind::Udp: return static_cast<std::uint8_t>(IpProtocol::Udp);
  case PacketKind::Tcp: return static_cast<std::uint8_t>(IpProtocol::Tcp);
  case PacketKind::Icmp: return static_cast<std::uint8_t>(IpProtocol::Icmp);
  default: return p.ip.protocol;
  }
}

void putIpv4(Bytes &out, const Packet &p, std::size_t totalBytes) {
  const std::size_t start = out.size();
  put8(out, 0x45);
  put8(out, p.ip.dscpEcn);
  put16(out, static_cast<std::uint16_t>(totalBytes));
  put16(out, p.ip.identification);
  put16(out, static_cast<std::uint16_t>((p.ip.dontFragment ? 0x4000 : 0) |
                                        (p.ip.moreFragments ? 0x2000 : 0) |
                                        (p.ip.fragmentOffset & 0x1fff)));
  put8(out, p.ip.ttl);
  put8(out, protocolNumber(p));
  put16(out, 0);
  put32(out, p.ip.source.value);
  put32(out, p.ip.destination.value);
  set16(out, start + 10, internetChecksum(std::span(out).subspan(start, 20)));
}

void putTcp(Bytes &out, const TcpHeader &tcp) {
  put16(out, tcp.sourcePort);
  put16(out, tcp.destinationPort);
  put32(out, tcp.sequence);
  put32(out, tcp.acknowledgment);
  put8(out, static_cast<std::uint8_t>(tcp.headerBytes() / 4 << 4));
  put8(out, tcp.flags);
  put16(out, tcp.window);
  put16(out, 0); // checksum
  put16(out, tcp.urgentPointer);
  if (tcp.mss != 0) {
    put16(out, 0x0204);
    put16(out, tcp.mss);
  }
  if (tcp.windowScale >= 0) { // kind 1, no operation, aligns the three bytes that follow
    put8(out, 1);
    put16(out, 0x0303);
    put8(out, static_cast<std::uint8_t>(tcp.windowScale));
  }
}

/// Offset of the checksum field within the transport header; the header must have one.
std::size_t putTransportHeader(Bytes &out, const Packet &p, std::size_t segmentBytes) {
  switch (p.kind) {
  case PacketKind::Udp:
    put16(out, p.udp.sourcePort);
    put16(out, p.udp.destinationPort);
    put16(out, static_cast<std::uint16_t>(segmentBytes));
    put16(out, 0);
    return 6;
  case PacketKind::Tcp: putTcp(out, p.tcp); return 16;
  default:
    put8(out, p.icmp.type);
    put8(out, p.icmp.code);
    put16(out, 0);
    put32(out, p.icmp.rest);
    return 2;
  }
}

void sumTransport(Bytes &out, const Packet &p, std::size_t start, std::size_t field) {
  const auto segment = std::span<const std::uint8_t>(out).subspan(start);
  std::uint16_t sum = 0;
  if (p.kind == PacketKind::Icmp) {
    sum = internetChecksum(segment);
  } else {
    const auto protocol = static_cast<IpProtocol>(protocolNumber(p));
    sum = transportChecksum(p.ip.source, p.ip.destination, protocol, segment);
    // RFC 768: 0 means "no checksum", so a computed 0 travels as its twin, all ones.
    if (p.kind == PacketKind::Udp && sum == 0) sum = 0xffff;
  }
  set16(out, start + field, sum);
}

void putDatagram(Bytes &out, const Packet &p) {
  const std::size_t total = std::min<std::size_t>(ipTotalLength(p), 65535);
  const std::size_t ipStart = out.size();
  putIpv4(out, p, total);
  const std::size_t start = out.size();
  const bool hasHeader = p.kind != PacketKind::Ip;
  const std::size_t field = hasHeader ? putTransportHeader(out, p, total - 20) : 0;
  const std::size_t room = total - (out.size() - ipStart);
  p.payload.slice(0, static_cast<std::uint32_t>(room)).appendTo(out);
  if (hasHeader) sumTransport(out, p, start, field);
}

std::uint16_t etherTypeOf(const Packet &p) {
  if (p.kind == PacketKind::Arp) return static_cast<std::uint16_t>(EtherType::Arp);
  return p.isIp() ? static_cast<std::uint16_t>(EtherType::Ipv4) : p.ethernet.etherType;
}

} // namespace

Bytes encodeIp(const Packet &p) {
  Bytes out;
  out.reserve(ipTotalLength(p));
  putDatagram(out, p);
  return out;
}

Bytes encode(const Packet &p) {
  Bytes out;
  out.reserve(std::max<std::size_t>(minFrameBytes, 74 + p.payload.size()));
  putMac(out, p.ethernet.destination);
  putMac(out, p.ethernet.source);
  put16(out, etherTypeOf(p));
  if (p.isIp())
    putDatagram(out, p);
  else if (p.kind == PacketKind::Arp)
    putArp(out, p.arp);
  else
    p.payload.appendTo(out);
  if (out.size() < minFrameBytes) out.resize(minFrameBytes, 0);
  return out;
}

Payload quoteOf(const Packet &p) {
  // The quoted header must show the lengths and checksums of the whole datagram.
  Bytes bytes = encodeIp(p);
  if (bytes.size() > 28) bytes.resize(28);
  return Payload::of(std::move(bytes));
}

} // namespace packetarium::wire
