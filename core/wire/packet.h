// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ids.h"
#include "core/wire/address.h"
#include "core/wire/payload.h"

#include <cstdint>

namespace packetarium::wire {

enum class EtherType : std::uint16_t { Ipv4 = 0x0800, Arp = 0x0806 };
enum class IpProtocol : std::uint8_t { Icmp = 1, Tcp = 6, Udp = 17, Vrrp = 112 };

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  std::uint16_t etherType = 0;
};

/// RFC 826, for Ethernet and IPv4.
struct ArpMessage {
  enum Operation : std::uint16_t { Request = 1, Reply = 2 };
  std::uint16_t operation = Request;
  MacAddress senderMac;
  MacAddress targetMac;
  Ipv4Address senderIp;
  Ipv4Address targetIp;
};

/// RFC 791 without options. Total length and checksum are computed when encoding.
struct Ipv4Header {
  std::uint8_t dscpEcn = 0;
  std::uint8_t ttl = 64;
  std::uint8_t protocol = 0;
  bool dontFragment = false;
  bool moreFragments = false;
  std::uint16_t identification = 0;
  std::uint16_t fragmentOffset = 0; ///< in units of 8 bytes
  Ipv4Address source;
  Ipv4Address destination;
};

struct UdpHeader {
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
};

struct TcpFlags {
  static constexpr std::uint8_t Fin = 0x01, Syn = 0x02, Rst = 0x04, Psh = 0x08, Ack = 0x10,
                                Urg = 0x20, Ece = 0x40, Cwr = 0x80;
};

/// RFC 9293 section 3.1 with the options MSS (3.7.1) and window scale (RFC 7323 section 2).
struct TcpHeader {
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  std::int8_t windowScale = -1; ///< shift 0 to 14; -1: option absent
  std::uint16_t window = 0;     ///< as on the wire, not yet scaled
  std::uint16_t urgentPointer = 0;
  std::uint16_t mss = 0; ///< 0: option absent

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  std::uint8_t optionBytes() const {
    return static_cast<std::uint8_t>((mss != 0 ? 4 : 0) + (windowScale >= 0 ? 4 : 0));
  }
  std::uint8_t headerBytes() const { return static_cast<std::uint8_t>(20 + optionBytes()); }
};

/// RFC 792. What follows the eight header bytes (echo data or the quoted datagram) is the payload.
struct IcmpHeader {
  enum Type : std::uint8_t {
    EchoReply = 0,
    DestinationUnreachable = 3,
    EchoRequest = 8,
    TimeExceeded = 11
  };
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest = 0; ///< identifier << 16 | sequence number for echo, unused (0) for errors
};

/// Which headers a packet has above Ethernet.
enum class PacketKind : std::uint8_t {
  Raw, ///< an EtherType we have no struct for: payload follows the Ethernet header
  Arp, ///< ARP message, no payload
  Ip,  ///< IPv4 with a protocol we have no struct for (or a later fragment)
  Udp,
  Tcp,
  Icmp
};

/// What a packet is for people: decides its colour and its place in filters. Kept in one byte.
enum class ProtocolClass : std::uint8_t {
  Other,
  Ethernet,
  Arp,
  Ip,
  Icmp,
  Udp,
  Tcp,
  Dns,
  Http,
  Voice,
  Tls,
  Vrrp,
  Cluster ///< what members of a replicated service say to each other
};

/// A frame in flight: typed headers and a payload; bytes are made on demand by encode().
struct Packet {
  Packet() : arp{} {}

  PacketId id = 0;     ///< this form of the headers; a router that only lowers TTL keeps it
  PacketId origin = 0; ///< the form it was born with (differs from id after NAT)
  EthernetHeader ethernet;
  PacketKind kind = PacketKind::Raw;
  ProtocolClass protocol = ProtocolClass::Other;
  std::uint16_t frameBytes = 60; ///< length on the link, padded to 60, without FCS and preamble
  Ipv4Header ip;
  union {
    ArpMessage arp{};
    UdpHeader udp;
    TcpHeader tcp;
    IcmpHeader icmp;
  };
  Payload payload;
  NodeIndex maker;               ///< the node that built it
  std::uint64_t contentHash = 0; ///< over all that stays the same from hop to hop

  bool isIp() const { return kind >= PacketKind::Ip; }
};

constexpr std::uint16_t minFrameBytes = 60; ///< IEEE 802.3 minimum of 64 less the FCS
constexpr std::uint16_t ethernetMtu = 1500;

/// Length of the IPv4 datagram in bytes (headers and payload). Only for packets with IP.
std::uint32_t ipTotalLength(const Packet &p);
/// Sets frameBytes, protocol and contentHash from the other members; call after building a packet.
void seal(Packet &p);

} // namespace packetarium::wire
