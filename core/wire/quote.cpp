// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"

#include <algorithm>

namespace packetarium::wire {
namespace {

bool isEcho(std::uint8_t type) {
  return type == IcmpHeader::EchoRequest || type == IcmpHeader::EchoReply;
}

/// Bytes of the quoted IP header, or 0 when what stands there is none.
std::size_t quotedHeaderBytes(const Bytes &bytes) {
  if (bytes.size() < 28 || bytes[0] >> 4 != 4) return 0;
  const std::size_t headerBytes = std::size_t{4} * (bytes[0] & 15);
  return headerBytes >= 20 && headerBytes + 8 <= bytes.size() ? headerBytes : 0;
}

/// RFC 1624 equation 3: the checksum after one 16-bit word of its data changed.
std::uint16_t updated(std::uint16_t checksum, std::uint16_t from, std::uint16_t to) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~from);
  sum += to;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// Writes a word and carries the change into a checksum.
void exchange(Bytes &bytes, std::size_t at, std::uint16_t to, std::uint16_t &checksum) {
  checksum = updated(checksum, get16(bytes, at), to);
  set16(bytes, at, to);
}

void rewriteEcho(Bytes &bytes, std::size_t at, const QuotedDatagram &as) {
  std::uint16_t sum = get16(bytes, at + 2);
  exchange(bytes, at + 4, as.sourcePort, sum);
  set16(bytes, at + 2, sum);
}

void rewritePorts(Bytes &bytes, std::size_t at, const QuotedDatagram &as) {
  std::uint16_t unused = 0;
  exchange(bytes, at, as.sourcePort, unused);
  exchange(bytes, at + 2, as.destinationPort, unused);
}

} // namespace

std::optional<QuotedDatagram> parseQuote(const Payload &payload) {
  if (payload.size() < 28) return std::nullopt;
  const Bytes bytes = payload.slice(0, std::min<std::uint32_t>(payload.size(), 68)).toBytes();
  const std::size_t headerBytes = quotedHeaderBytes(bytes);
  if (headerBytes == 0 || (get16(bytes, 6) & 0x1fff) != 0) return std::nullopt;
  QuotedDatagram q;
  q.identification = get16(bytes, 4);
  q.ttl = bytes[8];
  q.protocol = bytes[9];
  q.source = {get32(bytes, 12)};
  q.destination = {get32(bytes, 16)};
  const auto protocol = static_cast<IpProtocol>(q.protocol);
  if (protocol == IpProtocol::Udp || protocol == IpProtocol::Tcp) {
    q.sourcePort = get16(bytes, headerBytes);
    q.destinationPort = get16(bytes, headerBytes + 2);
    if (protocol == IpProtocol::Tcp) q.sequence = get32(bytes, headerBytes + 4);
  } else if (protocol == IpProtocol::Icmp) {
    q.icmpType = bytes[headerBytes];
    if (isEcho(q.icmpType)) {
      q.sourcePort = q.destinationPort = get16(bytes, headerBytes + 4);
      q.sequence = get16(bytes, headerBytes + 6);
    }
  }
  return q;
}

Payload rewriteQuote(const Payload &payload, const QuotedDatagram &as) {
  Bytes bytes = payload.toBytes();
  const std::size_t at = quotedHeaderBytes(bytes);
  if (at == 0) return payload;
  const auto protocol = static_cast<IpProtocol>(bytes[9]);
  std::uint16_t ipSum = get16(bytes, 10);
  std::uint16_t addressChange = 0xffff; // gathers how the addresses move the pseudo header's sum
  const std::uint32_t addresses[] = {as.source.value, as.destination.value};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto to = static_cast<std::uint16_t>(addresses[i / 2] >> (i % 2 == 0 ? 16 : 0));
    addressChange = updated(addressChange, get16(bytes, 12 + 2 * i), to);
    exchange(bytes, 12 + 2 * i, to, ipSum);
  }
  set16(bytes, 10, ipSum);
  if (protocol == IpProtocol::Icmp) {
    if (isEcho(bytes[at])) rewriteEcho(bytes, at, as);
  } else if (protocol == IpProtocol::Udp && get16(bytes, at + 6) != 0) {
    std::uint16_t sum = get16(bytes, at + 6);
    sum = updated(sum, 0, static_cast<std::uint16_t>(~addressChange));
    exchange(bytes, at, as.sourcePort, sum);
    exchange(bytes, at + 2, as.destinationPort, sum);
    set16(bytes, at + 6, sum == 0 ? 0xffff : sum);
  } else if (protocol == IpProtocol::Udp || protocol == IpProtocol::Tcp) {
    rewritePorts(bytes, at, as); // the TCP checksum lies beyond the quoted eight bytes
  }
  return Payload::of(std::move(bytes));
}

} // namespace packetarium::wire
