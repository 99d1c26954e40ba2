// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/payload.h"

#include <cstdint>
#include <span>

namespace packetarium::wire::rtp {

constexpr std::size_t headerBytes = 12;

/// The fixed RTP header, RFC 3550 section 5.1, as a voice stream uses it (no CSRC, no extension).
struct Header {
  bool marker = false;          ///< first packet after silence (RFC 3551 section 4.1)
  std::uint8_t payloadType = 0; ///< 0 to 127; 0 is PCMU, 8000 samples a second (RFC 3551)
  std::uint16_t sequence = 0;   ///< one more for each packet
  std::uint32_t timestamp = 0;  ///< in samples; 20 ms of PCMU are 160
  std::uint32_t ssrc = 0;       ///< names the stream
  bool operator==(const Header &) const = default;
};

/// The 12 bytes of the header.
Bytes encode(const Header &header);
/// A whole RTP packet: the header and sampleBytes of generated sound.
Payload packet(const Header &header, std::uint32_t sampleBytes);

struct Decoded {
  Header header;
  std::uint32_t payloadOffset = 0; ///< after CSRC list and extension, which are skipped
  std::uint32_t payloadBytes = 0;  ///< without padding
};
/// Faults on a version other than 2 and on lengths that do not fit.
Result<Decoded> decode(std::span<const std::uint8_t> datagram);
inline Result<Decoded> decode(const Payload &p) {
  const Bytes bytes = p.toBytes();
  return decode(std::span(bytes));
}

/// How far sequence number a lies after b on the 16-bit circle; negative: before.
constexpr std::int16_t sequenceDistance(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

} // namespace packetarium::wire::rtp
