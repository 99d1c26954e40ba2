// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/rtp.h"

#include "core/wire/bytes.h"

#include <fmt/format.h>

namespace packetarium::wire::rtp {

Bytes encode(const Header &h) {
  Bytes out;
  out.reserve(headerBytes);
  put8(out, 0x80); // version 2, no padding, no extension, no CSRC
  put8(out, static_cast<std::uint8_t>((h.marker ? 0x80 : 0) | (h.payloadType & 0x7f)));
  put16(out, h.sequence);
  put32(out, h.timestamp);
  put32(out, h.ssrc);
  return out;
}

Payload packet(const Header &h, std::uint32_t sampleBytes) {
  Bytes out = encode(h);
  Payload::pattern(h.timestamp, sampleBytes).appendTo(out);
  return Payload::of(std::move(out));
}

Result<Decoded> decode(std::span<const std::uint8_t> in) {
  if (in.size() < headerBytes)
    return Fault{"rtp", fmt::format("needs at least {} bytes, got {}", headerBytes, in.size())};
  if (in[0] >> 6 != 2) return Fault{"rtp.version", fmt::format("must be 2, got {}", in[0] >> 6)};
  std::size_t at = headerBytes + std::size_t{4} * (in[0] & 15);
  if ((in[0] & 0x10) != 0) { // extension: profile, then length in words
    if (in.size() < at + 4) return Fault{"rtp.extension", "runs over the end"};
    at += 4 + std::size_t{4} * get16(in, at + 2);
  }
  if (at > in.size()) return Fault{"rtp.header", "runs over the end"};
  std::size_t size = in.size() - at;
  if ((in[0] & 0x20) != 0) { // the last byte counts the padding, itself included
    const std::size_t padding = size == 0 ? 0 : in.back();
    if (padding == 0 || padding > size) return Fault{"rtp.padding", "has a length that cannot be"};
    size -= padding;
  }
  Decoded d;
  d.header = {(in[1] & 0x80) != 0, static_cast<std::uint8_t>(in[1] & 0x7f), get16(in, 2),
              get32(in, 4), get32(in, 8)};
  d.payloadOffset = static_cast<std::uint32_t>(at);
  d.payloadBytes = static_cast<std::uint32_t>(size);
  return d;
}

} // namespace packetarium::wire::rtp
