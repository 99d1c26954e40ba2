// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/cluster_message.h"
#include "core/wire/codec.h"
#include "core/wire/dissector.h"
#include "core/wire/ports.h"
#include "core/wire/tls_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

/// One line for each application protocol and port.
constexpr ApplicationProtocol applications[] = {
    {"DNS", PacketKind::Udp, dnsPort, dissectDns, summariseDns},
    {"RTP", PacketKind::Udp, rtpPort, dissectRtp, summariseRtp},
    {"HTTP", PacketKind::Tcp, httpPort, dissectHttp, summariseHttp},
    {"HTTP", PacketKind::Tcp, httpAltPort, dissectHttp, summariseHttp},
    {"TLS", PacketKind::Tcp, httpsPort, dissectTls, summariseTls},
    {"TLS", PacketKind::Tcp, httpsAltPort, dissectTls, summariseTls},
};
constexpr ApplicationProtocol tlsAnywhere{"TLS", PacketKind::Tcp, 0, dissectTls, summariseTls};
constexpr ApplicationProtocol clusterAnywhere{"Cluster", PacketKind::Tcp, 0, dissectCluster,
                                              summariseCluster};

/// The checksum report of the datagram whose transport header is at hand: the last IPv4 layer.
ChecksumReport reportOf(const Dissector &d) {
  for (auto layer = d.layers.rbegin(); layer != d.layers.rend(); ++layer)
    if (layer->abbrev == "ip") return checkSumsIp(d.frame.subspan(layer->offset));
  return {};
}

void pushChecksum(const Dissector &d, Field &layer, const std::string &prefix, std::size_t at,
                  bool whole) {
  layer.children.push_back(d.hex(prefix + ".checksum", at, 2));
  if (!whole) return;
  const auto report = reportOf(d);
  if (report.transport == ChecksumReport::State::Absent && prefix == "udp")
    layer.children.push_back(
        Dissector::derived("udp.checksum.status", "not computed by the sender", std::uint64_t{3}));
  if (report.transport == ChecksumReport::State::Good ||
      report.transport == ChecksumReport::State::Bad)
    layer.children.push_back(
        checksumStatus(prefix + ".checksum.status", get16(d.frame, at), report.transportExpected));
}

Field tooShort(std::string_view abbrev, std::size_t at, std::size_t end, int need) {
  Field layer = Dissector::make(abbrev, at, end - at);
  Dissector::malformed(layer, at, end - at,
                       fmt::format("the header has {} bytes, {} are left", need, end - at));
  return layer;
}

void dissectCarried(Dissector &d, PacketKind kind, std::uint16_t sourcePort,
                    std::uint16_t destinationPort, std::size_t at, std::size_t end) {
  if (at >= end) return;
  const auto *application =
      findApplication(kind, sourcePort, destinationPort, d.frame.subspan(at, end - at));
  if (application != nullptr)
    application->dissect(d, at, end);
  else
    dissectData(d, at, end);
}

Field tcpFlagsField(const Dissector &d, std::size_t at) {
  Field f = d.bits(
      "tcp.flags", at, 2, 0x0fff,
      fmt::format("0x{:03x} ({})", get16(d.frame, at) & 0x0fff, tcpFlagsText(d.frame[at + 1])));
  f.children.push_back(d.bits("tcp.flags.res", at, 1, 0x0f));
  constexpr std::pair<std::string_view, std::uint32_t> flags[] = {
      {"tcp.flags.cwr", 0x80}, {"tcp.flags.ece", 0x40},  {"tcp.flags.urg", 0x20},
      {"tcp.flags.ack", 0x10}, {"tcp.flags.push", 0x08}, {"tcp.flags.reset", 0x04},
      {"tcp.flags.syn", 0x02}, {"tcp.flags.fin", 0x01}};
  for (const auto &[abbrev, mask] : flags) f.children.push_back(d.bits(abbrev, at + 1, 1, mask));
  return f;
}

/// A sequence or acknowledgment number: from the connection's start when that is known.
void pushNumber(const Dissector &d, Field &layer, const std::string &abbrev, std::size_t at,
                std::optional<std::uint32_t> base) {
  Field f = d.number(abbrev, at, 4);
  if (base) {
    const auto relative = static_cast<std::uint32_t>(get32(d.frame, at) - *base);
    f.value = fmt::format("{} (from the start)", relative);
    f.key = std::uint64_t{relative};
  }
  layer.children.push_back(std::move(f));
  layer.children.push_back(d.number(abbrev + "_raw", at, 4));
}

std::string_view optionAbbrev(std::uint8_t kind, std::size_t length) {
  switch (kind) {
  case 2: return length == 4 ? "tcp.options.mss" : "tcp.options.unknown";
  case 3: return length == 3 ? "tcp.options.wscale" : "tcp.options.unknown";
  case 4: return length == 2 ? "tcp.options.sack_perm" : "tcp.options.unknown";
  case 5: return "tcp.options.sack";
  case 8: return length == 10 ? "tcp.options.timestamp" : "tcp.options.unknown";
  default: return "tcp.options.unknown";
  }
}

Field optionField(const Dissector &d, std::size_t at, std::size_t length) {
  const std::uint8_t kind = d.frame[at];
  const auto abbrev = optionAbbrev(kind, length);
  Field f = Dissector::make(abbrev, at, length, fmt::format("kind {}, {} bytes", kind, length));
  if (abbrev == "tcp.options.mss") {
    f.children.push_back(d.number("tcp.options.mss_val", at + 2, 2));
    f.value = f.children.back().value;
  } else if (abbrev == "tcp.options.wscale") {
    f.children.push_back(d.number("tcp.options.wscale.shift", at + 2, 1));
    f.value = fmt::format("shift {} (multiply by {})", d.frame[at + 2],
                          1U << std::min<unsigned>(d.frame[at + 2], 14));
  }
  return f;
}

void pushOptions(const Dissector &d, Field &layer, std::size_t at, std::size_t end) {
  if (at == end) return;
  Field options = Dissector::make("tcp.options", at, end - at, fmt::format("{} bytes", end - at));
  for (std::size_t i = at; i < end;) {
    const std::uint8_t kind = d.frame[i];
    if (kind == 0) {
      options.children.push_back(Dissector::make("tcp.options.eol", i, end - i));
      break;
    }
    if (kind == 1) {
      options.children.push_back(Dissector::make("tcp.options.nop", i++, 1));
      continue;
    }
    const std::size_t length = i + 1 < end ? d.frame[i + 1] : 0;
    if (length < 2 || length > end - i) {
      Dissector::malformed(options, i, end - i, "an option has a length that cannot be");
      break;
    }
    options.children.push_back(optionField(d, i, length));
    i += length;
  }
  layer.malformed = layer.malformed || options.malformed;
  layer.children.push_back(std::move(options));
}

} // namespace

const ApplicationProtocol *findApplication(PacketKind transport, std::uint16_t sourcePort,
                                           std::uint16_t destinationPort,
                                           std::span<const std::uint8_t> payload) {
  if (cluster::startsMessage(payload)) return &clusterAnywhere;
  if (transport == PacketKind::Tcp && tls::startsRecord(payload)) return &tlsAnywhere;
  for (const auto &a : applications)
    if (a.transport == transport && (a.port == sourcePort || a.port == destinationPort)) return &a;
  return nullptr;
}

void dissectUdp(Dissector &d, std::size_t at, std::size_t end, bool whole) {
  if (end - at < 8) return d.layers.push_back(tooShort("udp", at, end, 8));
  const std::uint16_t source = get16(d.frame, at);
  const std::uint16_t destination = get16(d.frame, at + 2);
  const std::size_t length = get16(d.frame, at + 4);
  Field layer = Dissector::make("udp", at, 8, fmt::format("{} → {}", source, destination));
  layer.children.push_back(d.number("udp.srcport", at, 2));
  layer.children.push_back(d.number("udp.dstport", at + 2, 2));
  layer.children.push_back(d.number("udp.length", at + 4, 2));
  pushChecksum(d, layer, "udp", at + 6, whole);
  const bool fits = length >= 8 && length <= end - at;
  if (!fits && (whole || length < 8))
    Dissector::malformed(layer, at + 4, 2,
                         fmt::format("length must be 8 to {}, got {}", end - at, length));
  const std::size_t stop = fits ? at + length : end;
  if (stop > at + 8) layer.children.push_back(d.blob("udp.payload", at + 8, stop - at - 8));
  d.layers.push_back(std::move(layer));
  dissectCarried(d, PacketKind::Udp, source, destination, at + 8, stop);
}

void dissectTcp(Dissector &d, std::size_t at, std::size_t end, bool whole) {
  if (end - at < 20) return d.layers.push_back(tooShort("tcp", at, end, 20));
  const std::size_t declared = std::size_t{4} * (d.frame[at + 12] >> 4);
  const bool fits = declared >= 20 && declared <= end - at;
  const std::size_t headerBytes = fits ? declared : 20;
  const std::uint16_t source = get16(d.frame, at);
  const std::uint16_t destination = get16(d.frame, at + 2);
  const std::size_t dataBytes = fits ? end - at - headerBytes : 0;
  Field layer = Dissector::make(
      "tcp", at, headerBytes,
      fmt::format("{} → {}, {}", source, destination, tcpFlagsText(d.frame[at + 13])));
  auto &out = layer.children;
  out.push_back(d.number("tcp.srcport", at, 2));
  out.push_back(d.number("tcp.dstport", at + 2, 2));
  out.push_back(Dissector::derived("tcp.len", std::to_string(dataBytes), std::uint64_t{dataBytes}));
  using Start = std::optional<std::uint32_t>;
  pushNumber(d, layer, "tcp.seq", at + 4, d.base ? Start(d.base->sequence) : Start());
  // Without ACK the field means nothing, so there is nothing to count from.
  const bool relativeAck = d.base && (d.frame[at + 13] & TcpFlags::Ack) != 0;
  pushNumber(d, layer, "tcp.ack", at + 8, relativeAck ? Start(d.base->acknowledgment) : Start());
  Field length = d.bits("tcp.hdr_len", at + 12, 1, 0xf0, fmt::format("{} bytes", declared));
  length.key = std::uint64_t{declared};
  out.push_back(std::move(length));
  out.push_back(tcpFlagsField(d, at + 12));
  out.push_back(d.number("tcp.window_size_value", at + 14, 2));
  pushChecksum(d, layer, "tcp", at + 16, whole);
  out.push_back(d.number("tcp.urgent_pointer", at + 18, 2));
  if (fits)
    pushOptions(d, layer, at + 20, at + headerBytes);
  else
    Dissector::malformed(layer, at + 12, 1, "the header length cannot be");
  if (dataBytes > 0) out.push_back(d.blob("tcp.payload", at + headerBytes, dataBytes));
  d.layers.push_back(std::move(layer));
  if (fits) dissectCarried(d, PacketKind::Tcp, source, destination, at + headerBytes, end);
}

namespace {

/// The datagram an ICMP error speaks of: its IP header and the ports behind it.
Field quoteField(const Dissector &d, std::size_t at, std::size_t end) {
  Field quote = Dissector::make("icmp.quote", at, end - at);
  const std::size_t headerBytes = std::size_t{4} * (d.frame[at] & 15);
  if (end - at < 28 || d.frame[at] >> 4 != 4 || headerBytes < 20 || headerBytes + 8 > end - at) {
    Dissector::malformed(quote, at, end - at, "holds no IPv4 header and eight bytes after it");
    return quote;
  }
  Field ip = Dissector::make("ip", at, headerBytes);
  ipv4Fields(d, ip, at, headerBytes);
  quote.value = fmt::format("{} → {}", Ipv4Address{get32(d.frame, at + 12)}.text(),
                            Ipv4Address{get32(d.frame, at + 16)}.text());
  quote.children.push_back(std::move(ip));
  const std::size_t next = at + headerBytes;
  const auto protocol = static_cast<IpProtocol>(d.frame[at + 9]);
  if (protocol == IpProtocol::Udp || protocol == IpProtocol::Tcp) {
    const std::string prefix = protocol == IpProtocol::Udp ? "udp" : "tcp";
    Field ports = Dissector::make(prefix, next, 8);
    ports.children.push_back(d.number(prefix + ".srcport", next, 2));
    ports.children.push_back(d.number(prefix + ".dstport", next + 2, 2));
    if (prefix == "tcp") ports.children.push_back(d.number("tcp.seq", next + 4, 4));
    if (prefix == "udp") {
      ports.children.push_back(d.number("udp.length", next + 4, 2));
      ports.children.push_back(d.hex("udp.checksum", next + 6, 2));
    }
    quote.children.push_back(std::move(ports));
  } else if (protocol == IpProtocol::Icmp) {
    Field inner = Dissector::make("icmp", next, 8);
    inner.value = icmpText(d.frame[next], d.frame[next + 1]);
    inner.children.push_back(d.number("icmp.type", next, 1));
    inner.children.push_back(d.number("icmp.ident", next + 4, 2));
    inner.children.push_back(d.number("icmp.seq", next + 6, 2));
    quote.children.push_back(std::move(inner));
  }
  return quote;
}

} // namespace

void dissectIcmp(Dissector &d, std::size_t at, std::size_t end, bool whole) {
  if (end - at < 8) return d.layers.push_back(tooShort("icmp", at, end, 8));
  const std::uint8_t type = d.frame[at];
  const std::uint8_t code = d.frame[at + 1];
  Field layer = Dissector::make("icmp", at, 8, icmpText(type, code));
  layer.children.push_back(d.number("icmp.type", at, 1));
  layer.children.push_back(d.number("icmp.code", at + 1, 1));
  pushChecksum(d, layer, "icmp", at + 2, whole);
  if (type == IcmpHeader::EchoRequest || type == IcmpHeader::EchoReply) {
    layer.children.push_back(d.number("icmp.ident", at + 4, 2));
    layer.children.push_back(d.number("icmp.seq", at + 6, 2));
    d.layers.push_back(std::move(layer));
    return dissectData(d, at + 8, end);
  }
  const bool tooBig = type == IcmpHeader::DestinationUnreachable && code == 4;
  layer.children.push_back(d.blob("icmp.unused", at + 4, tooBig ? 2 : 4));
  if (tooBig) layer.children.push_back(d.number("icmp.mtu", at + 6, 2));
  if (type == IcmpHeader::DestinationUnreachable || type == IcmpHeader::TimeExceeded) {
    if (end > at + 8) layer.children.push_back(quoteField(d, at + 8, end));
    layer.length = static_cast<std::uint32_t>(end - at);
    d.layers.push_back(std::move(layer));
    return;
  }
  d.layers.push_back(std::move(layer));
  dissectData(d, at + 8, end);
}

} // namespace packetarium::wire
