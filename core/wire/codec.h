// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <optional>
#include <span>

namespace packetarium::wire {

/// Headers as structs to the bytes an analyser would see, and back.

/// RFC 1071: the one's complement of the one's complement sum of the 16-bit words; an odd last byte
/// is padded with zero. Over data that holds a right checksum the result is 0.
std::uint16_t internetChecksum(std::span<const std::uint8_t> data);
/// The same with the pseudo header of RFC 9293 section 3.1 (and RFC 768) put in front.
std::uint16_t transportChecksum(Ipv4Address source, Ipv4Address destination, IpProtocol protocol,
                                std::span<const std::uint8_t> segment);

/// The frame on the link: headers with lengths and checksums filled in, padded with zeros to 60
/// bytes. The datagram must not exceed 65535 bytes (a longer payload is cut there).
Bytes encode(const Packet &p);
/// The IPv4 datagram alone, without Ethernet header and padding. Only for packets with IP.
Bytes encodeIp(const Packet &p);

/// Reads a frame without FCS. What has no struct here becomes PacketKind::Raw or Ip with a payload
/// (other EtherTypes and protocols, every fragment); padding is cut by the IP total length. Faults
/// name the field ("ipv4.ihl"). Checksums are not judged: see checkSums. The packet is sealed.
Result<Packet> decode(std::span<const std::uint8_t> frame);
/// Reads a datagram; the Ethernet addresses of the packet stay zero.
Result<Packet> decodeIp(std::span<const std::uint8_t> datagram);

/// How the checksums of a frame stand.
struct ChecksumReport {
  enum class State : std::uint8_t {
    Absent, ///< the packet has no such header, or its sender left the checksum out (UDP 0)
    Good,
    Bad,
    Unchecked ///< cannot be told: a fragment, or cut short
  };
  State ip = State::Absent;
  State transport = State::Absent;     ///< UDP, TCP or ICMP
  std::uint16_t ipExpected = 0;        ///< what the field should hold; when Good or Bad
  std::uint16_t transportExpected = 0; ///< likewise
  bool allGood() const { return ip != State::Bad && transport != State::Bad; }
};
/// Verifies every checksum in a frame of any content.
ChecksumReport checkSums(std::span<const std::uint8_t> frame);
/// The same for an IPv4 datagram.
ChecksumReport checkSumsIp(std::span<const std::uint8_t> datagram);

/// What an ICMP error carries of the datagram it is about: its IP header and the first 8 bytes
/// after it (RFC 792).
Payload quoteOf(const Packet &p);

/// What can be read from such a quote.
struct QuotedDatagram {
  std::uint8_t protocol = 0;
  std::uint8_t ttl = 0;
  std::uint16_t identification = 0;
  Ipv4Address source;
  Ipv4Address destination;
  std::uint16_t sourcePort = 0;      ///< UDP and TCP; ICMP echo: the identifier
  std::uint16_t destinationPort = 0; ///< UDP and TCP; ICMP echo: the identifier
  std::uint32_t sequence = 0;        ///< TCP sequence number; ICMP echo: its sequence number
  std::uint8_t icmpType = 0;         ///< ICMP only
};
/// Nothing when the payload is too short or no IPv4 header.
std::optional<QuotedDatagram> parseQuote(const Payload &payload);
/// The quote with other addresses and ports written in and its IP checksum mended, as a NAT must do
/// (RFC 5508 section 4.2). A UDP checksum in the quote is updated too (RFC 1624).
Payload rewriteQuote(const Payload &payload, const QuotedDatagram &as);

} // namespace packetarium::wire
