// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/dissect.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace packetarium::wire {

/// A frame being taken apart: what the dissectors of single protocols share. Offsets count from the
/// start of the frame; the caller of a reading function has checked that it lies within.
class Dissector {
public:
  Dissector(std::span<const std::uint8_t> bytes, std::optional<TcpBase> start)
      : frame(bytes), base(start) {}

  const std::span<const std::uint8_t> frame;
  const std::optional<TcpBase> base;
  std::vector<Field> layers;

  /// A field of the catalogue over a byte range, without a value yet.
  static Field make(std::string_view abbrev, std::size_t offset, std::size_t length,
                    std::string value = {}, FieldKey key = {});
  /// A big-endian number of 1 to 6 bytes; shown in decimal unless text says otherwise.
  Field number(std::string_view abbrev, std::size_t offset, std::size_t length,
               std::string text = {}) const;
  Field hex(std::string_view abbrev, std::size_t offset, std::size_t length) const;
  /// The bits of mask, shifted down. A single bit reads "set" or "not set".
  Field bits(std::string_view abbrev, std::size_t offset, std::size_t length, std::uint32_t mask,
             std::string text = {}) const;
  Field address(std::string_view abbrev, std::size_t offset) const;
  Field mac(std::string_view abbrev, std::size_t offset) const;
  /// A range shown as hexadecimal, cut when long.
  Field blob(std::string_view abbrev, std::size_t offset, std::size_t length) const;
  /// A range shown as text, what is not printable escaped.
  Field text(std::string_view abbrev, std::size_t offset, std::size_t length) const;
  /// Something that follows from the bytes but does not stand in them.
  static Field derived(std::string_view abbrev, std::string value, FieldKey key);
  /// A note at the end of a layer that the rest cannot be read.
  static void malformed(Field &layer, std::size_t offset, std::size_t length, std::string what);

  std::uint64_t read(std::size_t offset, std::size_t length) const;
};

/// The dissectors: each appends its layer for [at, end) and hands what it carries to the next.
void dissectEthernet(Dissector &d);
void dissectArp(Dissector &d, std::size_t at, std::size_t end);
void dissectIpv4(Dissector &d, std::size_t at, std::size_t end);
void dissectIcmp(Dissector &d, std::size_t at, std::size_t end, bool whole);
void dissectUdp(Dissector &d, std::size_t at, std::size_t end, bool whole);
void dissectTcp(Dissector &d, std::size_t at, std::size_t end, bool whole);
void dissectVrrp(Dissector &d, std::size_t at, std::size_t end, bool whole);
void dissectDns(Dissector &d, std::size_t at, std::size_t end);
void dissectHttp(Dissector &d, std::size_t at, std::size_t end);
void dissectRtp(Dissector &d, std::size_t at, std::size_t end);
void dissectTls(Dissector &d, std::size_t at, std::size_t end);
void dissectCluster(Dissector &d, std::size_t at, std::size_t end);
void dissectData(Dissector &d, std::size_t at, std::size_t end);

/// The children of an IPv4 header at `at`; also used for the datagram quoted by an ICMP error.
void ipv4Fields(const Dissector &d, Field &layer, std::size_t at, std::size_t headerBytes);
/// "checksum.status" for whole packets, verified against the expected value.
Field checksumStatus(std::string_view abbrev, std::uint16_t found, std::uint16_t expected);

/// One application protocol: where it is met, how it is taken apart and summed up.
struct ApplicationProtocol {
  std::string_view name; ///< "DNS"
  PacketKind transport = PacketKind::Udp;
  std::uint16_t port = 0;
  void (*dissect)(Dissector &d, std::size_t at, std::size_t end) = nullptr;
  Summary (*summarise)(const Payload &payload) = nullptr;
};
/// Null when neither port belongs to one. The server's port may be either. On any TCP port a
/// payload that starts like a TLS record is TLS: proxies carry it on theirs. Cluster messages are
/// told by how they start, on any port.
const ApplicationProtocol *findApplication(PacketKind transport, std::uint16_t sourcePort,
                                           std::uint16_t destinationPort,
                                           std::span<const std::uint8_t> payload);

Summary summariseDns(const Payload &payload);
Summary summariseHttp(const Payload &payload);
Summary summariseRtp(const Payload &payload);
Summary summariseTls(const Payload &payload);
Summary summariseCluster(const Payload &payload);
Summary summariseVrrp(const Payload &payload); ///< what an IP packet of protocol 112 carries

/// Names for numbers, shared by tree and summary.
std::string tcpFlagsText(std::uint8_t flags);               ///< "SYN, ACK"
std::string icmpText(std::uint8_t type, std::uint8_t code); ///< "Echo request"
/// Printable text: control and non-ASCII bytes escaped, cut with "..." past max characters.
std::string printable(std::string_view raw, std::size_t max = 200);
/// The HTTP start line at the front of the text, without its line break; empty when there is none.
std::string_view httpStartLine(std::string_view text);

} // namespace packetarium::wire
