// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

using View = std::span<const std::uint8_t>;

Payload payloadOf(View data) { return Payload::of(Bytes(data.begin(), data.end())); }

MacAddress macAt(View data, std::size_t at) { return MacAddress::fromBits(get48(data, at)); }

Fault tooShort(const char *path, std::size_t need, std::size_t have) {
  return {path, fmt::format("needs at least {} bytes, got {}", need, have)};
}

bool isEthernetArp(View data) {
  return data.size() >= 8 && get16(data, 0) == 1 && get16(data, 2) == 0x0800 && data[4] == 6 &&
         data[5] == 4;
}

std::optional<Fault> readArp(View data, Packet &p) {
  if (data.size() < 28) return tooShort("arp", 28, data.size());
  p.kind = PacketKind::Arp;
  p.arp = ArpMessage{};
  p.arp.operation = get16(data, 6);
  p.arp.senderMac = macAt(data, 8);
  p.arp.senderIp = {get32(data, 14)};
  p.arp.targetMac = macAt(data, 18);
  p.arp.targetIp = {get32(data, 24)};
  return std::nullopt;
}

std::optional<Fault> readUdp(View data, Packet &p) {
  if (data.size() < 8) return tooShort("udp", 8, data.size());
  const std::size_t length = get16(data, 4);
  if (length < 8 || length > data.size())
    return Fault{"udp.length", fmt::format("must be 8 to {}, got {}", data.size(), length)};
  p.kind = PacketKind::Udp;
  p.udp = UdpHeader{get16(data, 0), get16(data, 2)};
  p.payload = payloadOf(data.subspan(8, length - 8));
  return std::nullopt;
}

/// Options of RFC 9293 section 3.2; unknown ones are stepped over by their length.
std::optional<Fault> readTcpOptions(View options, TcpHeader &tcp) {
  std::size_t i = 0;
  while (i < options.size()) {
    const std::uint8_t kind = options[i];
    if (kind == 0) return std::nullopt; // end of the list
    if (kind == 1) {
      ++i;
      continue;
    }
    const std::size_t length = i + 1 < options.size() ? options[i + 1] : 0;
    if (length < 2 || length > options.size() - i)
      return Fault{"tcp.options",
                   fmt::format("option {} at byte {} has a length that cannot be", kind, i)};
    if (kind == 2 && length == 4) tcp.mss = get16(options, i + 2);
    // RFC 7323 section 2.3: a shift above 14 is taken as 14.
    if (kind == 3 && length == 3)
      tcp.windowScale = static_cast<std::int8_t>(std::min<int>(options[i + 2], 14));
    i += length;
  }
  return std::nullopt;
}

std::optional<Fault> readTcp(View data, Packet &p) {
  if (data.size() < 20) return tooShort("tcp", 20, data.size());
  const std::size_t headerBytes = std::size_t{4} * (data[12] >> 4);
  if (headerBytes < 20 || headerBytes > data.size())
    return Fault{"tcp.data_offset",
                 fmt::format("must be 5 to {} words, got {}", data.size() / 4, headerBytes / 4)};
  p.kind = PacketKind::Tcp;
  p.tcp = TcpHeader{};
  p.tcp.sourcePort = get16(data, 0);
  p.tcp.destinationPort = get16(data, 2);
  p.tcp.sequence = get32(data, 4);
  p.tcp.acknowledgment = get32(data, 8);
  p.tcp.flags = data[13];
  p.tcp.window = get16(data, 14);
  p.tcp.urgentPointer = get16(data, 18);
  p.payload = payloadOf(data.subspan(headerBytes));
  return readTcpOptions(data.subspan(20, headerBytes - 20), p.tcp);
}

std::optional<Fault> readIcmp(View data, Packet &p) {
  if (data.size() < 8) return tooShort("icmp", 8, data.size());
  p.kind = PacketKind::Icmp;
  p.icmp = IcmpHeader{data[0], data[1], get32(data, 4)};
  p.payload = payloadOf(data.subspan(8));
  return std::nullopt;
}

std::optional<Fault> readTransport(View data, Packet &p) {
  // A fragment's lengths and checksum speak of the whole datagram, so none is read as more than IP.
  if (!p.ip.moreFragments && p.ip.fragmentOffset == 0) {
    switch (static_cast<IpProtocol>(p.ip.protocol)) {
    case IpProtocol::Udp: return readUdp(data, p);
    case IpProtocol::Tcp: return readTcp(data, p);
    case IpProtocol::Icmp: return readIcmp(data, p);
    default: break;
    }
  }
  p.kind = PacketKind::Ip;
  p.payload = payloadOf(data);
  return std::nullopt;
}

void readIpv4Fields(View data, Ipv4Header &ip) {
  const std::uint16_t fragment = get16(data, 6);
  ip.dscpEcn = data[1];
  ip.identification = get16(data, 4);
  ip.dontFragment = (fragment & 0x4000) != 0;
  ip.moreFragments = (fragment & 0x2000) != 0;
  ip.fragmentOffset = fragment & 0x1fff;
  ip.ttl = data[8];
  ip.protocol = data[9];
  ip.source = {get32(data, 12)};
  ip.destination = {get32(data, 16)};
}

std::optional<Fault> readIpv4(View data, Packet &p) {
  if (data.size() < 20) return tooShort("ipv4", 20, data.size());
  if (data[0] >> 4 != 4)
    return Fault{"ipv4.version", fmt::format("must be 4, got {}", data[0] >> 4)};
  const std::size_t headerBytes = std::size_t{4} * (data[0] & 15);
  if (headerBytes < 20)
    return Fault{"ipv4.ihl", fmt::format("must be at least 5, got {}", headerBytes / 4)};
  if (headerBytes > 20)
    return Fault{"ipv4.ihl",
                 fmt::format("IP options are not supported: must be 5, got {}", headerBytes / 4)};
  const std::size_t total = get16(data, 2);
  if (total < 20 || total > data.size())
    return Fault{"ipv4.total_length", fmt::format("must be 20 to {}, got {}", data.size(), total)};
  p.ethernet.etherType = static_cast<std::uint16_t>(EtherType::Ipv4);
  readIpv4Fields(data, p.ip);
  return readTransport(data.subspan(20, total - 20), p);
}

} // namespace

Result<Packet> decodeIp(View datagram) {
  Packet p;
  if (auto fault = readIpv4(datagram, p)) return *fault;
  if (14 + ipTotalLength(p) > 65535) return Fault{"frame", "must be at most 65535 bytes"};
  seal(p);
  return p;
}

Result<Packet> decode(View frame) {
  if (frame.size() < 14) return tooShort("ethernet", 14, frame.size());
  if (frame.size() > 65535)
    return Fault{"frame", fmt::format("must be at most 65535 bytes, got {}", frame.size())};
  Packet p;
  p.ethernet.destination = macAt(frame, 0);
  p.ethernet.source = macAt(frame, 6);
  p.ethernet.etherType = get16(frame, 12);
  const View body = frame.subspan(14);
  std::optional<Fault> fault;
  if (p.ethernet.etherType == static_cast<std::uint16_t>(EtherType::Ipv4)) {
    fault = readIpv4(body, p);
  } else if (p.ethernet.etherType == static_cast<std::uint16_t>(EtherType::Arp) &&
             isEthernetArp(body)) {
    fault = readArp(body, p);
  } else {
    p.kind = PacketKind::Raw;
    p.payload = payloadOf(body);
  }
  if (fault) return *fault;
  seal(p);
  return p;
}

} // namespace packetarium::wire
