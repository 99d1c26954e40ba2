// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/packet.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace packetarium::wire {

/// What a filter compares: nothing, a number, an address or text.
using FieldKey = std::variant<std::monostate, std::uint64_t, Ipv4Address, MacAddress, std::string>;

/// One field of a packet as a person reads it.
struct Field {
  std::string abbrev; ///< Wireshark's name where there is one: "ip.ttl"
  std::string name;   ///< "Time to live"
  std::string value;  ///< "64"
  FieldKey key;
  std::uint32_t offset = 0; ///< byte range in the frame; length 0: derived, not in the bytes
  std::uint32_t length = 0;
  std::uint32_t bitMask = 0; ///< which bits of the range (read big endian); 0: all of them
  std::uint8_t layer = 0;    ///< OSI layer, 1 to 7
  bool malformed = false;    ///< the value says what is wrong
  std::string_view rfc;      ///< "RFC 791, 3.1"
  std::string_view help;     ///< one sentence: what it means
  std::vector<Field> children;
};

/// A packet taken apart.
struct Dissection {
  std::vector<Field> layers; ///< frame, Ethernet, IPv4, TCP, HTTP...: outermost first
  Bytes bytes;
  std::string protocol; ///< the highest one understood: "DNS"
  std::string info;     ///< one line, as in an analyser's list: "A? www.example.com"
  std::string label;    ///< very short, for the canvas: "SYN", "GET /index.html"
};

/// Where a TCP conversation's numbers start, so that they can be shown from 0 as analysers do.
struct TcpBase {
  std::uint32_t sequence = 0;       ///< the sender's initial sequence number
  std::uint32_t acknowledgment = 0; ///< the other side's
};

/// The field tree of a packet, made from its encoded bytes.
Dissection dissect(const Packet &p, std::optional<TcpBase> base = {});
/// The same for bytes from anywhere; what is malformed is shown as such.
Dissection dissectBytes(std::span<const std::uint8_t> frame, std::optional<TcpBase> base = {});

/// A handshake message of TLS with its header, in clear, as the ends of a connection have it.
/// tls13: in the form of 1.3, which is encrypted on the wire. Anything may stand in the bytes.
Dissection dissectHandshake(std::span<const std::uint8_t> message, bool tls13);

/// Protocol, label and info without building the tree; cheap enough for lists and canvases.
struct Summary {
  std::string protocol, label, info;
};
Summary summarise(const Packet &p, std::optional<TcpBase> base = {});
std::string shortLabel(const Packet &p, std::optional<TcpBase> base = {});
std::string shortInfo(const Packet &p, std::optional<TcpBase> base = {});

/// The first field of that name, depth first; null when there is none.
const Field *findField(const Dissection &d, std::string_view abbrev);

/// What is known about a field before any packet is seen.
struct FieldSpec {
  std::string_view abbrev;
  std::string_view name;
  std::uint8_t layer;
  std::string_view rfc;
  std::string_view help;
};
/// All fields and layers a dissection can hold, ordered by abbrev.
std::span<const FieldSpec> fieldCatalogue();
/// Null when unknown.
const FieldSpec *findFieldSpec(std::string_view abbrev);

} // namespace packetarium::wire
