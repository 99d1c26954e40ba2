// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"
#include "core/wire/dissector.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

std::string etherTypeText(std::uint64_t type) {
  switch (type) {
  case 0x0800: return "IPv4 (0x0800)";
  case 0x0806: return "ARP (0x0806)";
  case 0x86dd: return "IPv6 (0x86dd)";
  case 0x8100: return "VLAN tag (0x8100)";
  default: return fmt::format("0x{:04x}", type);
  }
}

std::string protocolText(std::uint64_t protocol) {
  switch (protocol) {
  case 1: return "ICMP (1)";
  case 6: return "TCP (6)";
  case 17: return "UDP (17)";
  case 112: return "VRRP (112)";
  default: return std::to_string(protocol);
  }
}

std::string addressText(Ipv4Address a) {
  const auto purpose = specialPurpose(a);
  return purpose.empty() ? a.text() : fmt::format("{}, {}", a.text(), purpose);
}

Field placedAddress(const Dissector &d, std::string_view abbrev, std::size_t at) {
  Field f = d.address(abbrev, at);
  f.value = addressText(std::get<Ipv4Address>(f.key));
  return f;
}

Field serviceField(const Dissector &d, std::size_t at) {
  constexpr std::string_view ecn[] = {"not ECN-capable (0)", "ECT(1) (1)", "ECT(0) (2)",
                                      "congestion experienced (3)"};
  Field f = d.hex("ip.dsfield", at, 1);
  f.children.push_back(d.bits("ip.dsfield.dscp", at, 1, 0xfc));
  f.children.push_back(d.bits("ip.dsfield.ecn", at, 1, 3, std::string(ecn[d.frame[at] & 3])));
  return f;
}

Field flagsField(const Dissector &d, std::size_t at) {
  Field f = d.bits("ip.flags", at, 1, 0xe0);
  f.children.push_back(d.bits("ip.flags.rb", at, 1, 0x80));
  f.children.push_back(d.bits("ip.flags.df", at, 1, 0x40));
  f.children.push_back(d.bits("ip.flags.mf", at, 1, 0x20));
  return f;
}

Field fragmentField(const Dissector &d, std::size_t at) {
  Field f = d.bits("ip.frag_offset", at, 2, 0x1fff);
  const std::uint64_t bytes = std::get<std::uint64_t>(f.key) * 8;
  f.key = bytes;
  f.value = std::to_string(bytes);
  return f;
}

/// The part of the layer beyond [at, at + bytes) does not belong to it.
void dissectPayload(Dissector &d, std::size_t ipAt, std::size_t at, std::size_t end, bool cut) {
  const std::uint16_t fragment = get16(d.frame, ipAt + 6);
  if ((fragment & 0x3fff) != 0) return dissectData(d, at, end);
  switch (static_cast<IpProtocol>(d.frame[ipAt + 9])) {
  case IpProtocol::Icmp: return dissectIcmp(d, at, end, !cut);
  case IpProtocol::Udp: return dissectUdp(d, at, end, !cut);
  case IpProtocol::Tcp: return dissectTcp(d, at, end, !cut);
  case IpProtocol::Vrrp: return dissectVrrp(d, at, end, !cut);
  default: return dissectData(d, at, end);
  }
}

} // namespace

void ipv4Fields(const Dissector &d, Field &layer, std::size_t at, std::size_t headerBytes) {
  auto &out = layer.children;
  Field headerLength = d.bits("ip.hdr_len", at, 1, 0x0f, fmt::format("{} bytes", headerBytes));
  headerLength.key = std::uint64_t{headerBytes};
  out.push_back(d.bits("ip.version", at, 1, 0xf0));
  out.push_back(std::move(headerLength));
  out.push_back(serviceField(d, at + 1));
  out.push_back(d.number("ip.len", at + 2, 2));
  out.push_back(d.hex("ip.id", at + 4, 2));
  out.push_back(flagsField(d, at + 6));
  out.push_back(fragmentField(d, at + 6));
  out.push_back(d.number("ip.ttl", at + 8, 1));
  out.push_back(d.number("ip.proto", at + 9, 1, protocolText(d.frame[at + 9])));
  out.push_back(d.hex("ip.checksum", at + 10, 2));
  const auto report = checkSumsIp(d.frame.subspan(at, headerBytes));
  out.push_back(checksumStatus("ip.checksum.status", get16(d.frame, at + 10), report.ipExpected));
  out.push_back(placedAddress(d, "ip.src", at + 12));
  out.push_back(placedAddress(d, "ip.dst", at + 16));
  if (headerBytes > 20) out.push_back(d.blob("ip.options", at + 20, headerBytes - 20));
}

void dissectIpv4(Dissector &d, std::size_t at, std::size_t end) {
  const std::size_t have = end - at;
  const std::size_t headerBytes = have == 0 ? 0 : std::size_t{4} * (d.frame[at] & 15);
  if (have < 20 || d.frame[at] >> 4 != 4 || headerBytes < 20 || headerBytes > have) {
    Field layer = Dissector::make("ip", at, have);
    Dissector::malformed(layer, at, have,
                         have < 20 ? fmt::format("an IPv4 header has 20 bytes, {} are left", have)
                                   : "version or header length cannot be");
    d.layers.push_back(std::move(layer));
    return;
  }
  Field layer = Dissector::make("ip", at, headerBytes);
  layer.value = fmt::format("{} → {}", Ipv4Address{get32(d.frame, at + 12)}.text(),
                            Ipv4Address{get32(d.frame, at + 16)}.text());
  ipv4Fields(d, layer, at, headerBytes);
  const std::size_t total = get16(d.frame, at + 2);
  if (total < headerBytes || total > have)
    Dissector::malformed(
        layer, at + 2, 2,
        fmt::format("total length must be {} to {}, got {}", headerBytes, have, total));
  d.layers.push_back(std::move(layer));
  const bool cut = total > have;
  const std::size_t stop = at + std::clamp(total, headerBytes, have);
  if (stop > at + headerBytes) dissectPayload(d, at, at + headerBytes, stop, cut);
}

void dissectArp(Dissector &d, std::size_t at, std::size_t end) {
  Field layer = Dissector::make("arp", at, std::min<std::size_t>(28, end - at));
  if (end - at < 28) {
    Dissector::malformed(layer, at, end - at,
                         fmt::format("an ARP message has 28 bytes, {} are left", end - at));
    d.layers.push_back(std::move(layer));
    return;
  }
  auto &out = layer.children;
  const std::uint16_t operation = get16(d.frame, at + 6);
  const std::string verb = operation == ArpMessage::Request ? "request (1)"
                           : operation == ArpMessage::Reply ? "reply (2)"
                                                            : std::to_string(operation);
  layer.value = verb;
  out.push_back(
      d.number("arp.hw.type", at, 2, get16(d.frame, at) == 1 ? "Ethernet (1)" : std::string()));
  out.push_back(d.number("arp.proto.type", at + 2, 2, etherTypeText(get16(d.frame, at + 2))));
  out.push_back(d.number("arp.hw.size", at + 4, 1));
  out.push_back(d.number("arp.proto.size", at + 5, 1));
  out.push_back(d.number("arp.opcode", at + 6, 2, verb));
  if (d.frame[at + 4] != 6 || d.frame[at + 5] != 4) {
    Dissector::malformed(layer, at + 4, 2, "only Ethernet and IPv4 addresses are read");
  } else {
    out.push_back(d.mac("arp.src.hw_mac", at + 8));
    out.push_back(d.address("arp.src.proto_ipv4", at + 14));
    out.push_back(d.mac("arp.dst.hw_mac", at + 18));
    out.push_back(d.address("arp.dst.proto_ipv4", at + 24));
  }
  d.layers.push_back(std::move(layer));
}

namespace {

/// Bytes the IPv4 or ARP message at `at` has within the frame; what follows is padding.
std::size_t bodyEnd(const Dissector &d, std::uint16_t type, std::size_t at) {
  const std::size_t have = d.frame.size() - at;
  if (type == 0x0806 && have > 28) return at + 28;
  if (type == 0x0800 && have >= 20 && get16(d.frame, at + 2) >= 20)
    return at + std::min<std::size_t>(have, get16(d.frame, at + 2));
  return d.frame.size();
}

} // namespace

void dissectEthernet(Dissector &d) {
  const std::size_t size = d.frame.size();
  Field layer = Dissector::make("eth", 0, std::min<std::size_t>(14, size));
  if (size < 14) {
    Dissector::malformed(layer, 0, size,
                         fmt::format("an Ethernet header has 14 bytes, {} are left", size));
    d.layers.push_back(std::move(layer));
    return;
  }
  const std::uint16_t type = get16(d.frame, 12);
  const std::size_t stop = bodyEnd(d, type, 14);
  layer.value = fmt::format("{} → {}", MacAddress::fromBits(get48(d.frame, 6)).text(),
                            MacAddress::fromBits(get48(d.frame, 0)).text());
  layer.children.push_back(d.mac("eth.dst", 0));
  layer.children.push_back(d.mac("eth.src", 6));
  // IEEE 802.3: up to 1500 it is a length, from 1536 on a type.
  if (type <= 1500)
    layer.children.push_back(d.number("eth.len", 12, 2));
  else
    layer.children.push_back(d.number("eth.type", 12, 2, etherTypeText(type)));
  if (stop < size) layer.children.push_back(d.blob("eth.padding", stop, size - stop));
  d.layers.push_back(std::move(layer));
  if (type == 0x0800)
    dissectIpv4(d, 14, stop);
  else if (type == 0x0806)
    dissectArp(d, 14, stop);
  else
    dissectData(d, 14, size);
}

} // namespace packetarium::wire
