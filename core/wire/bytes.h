// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/payload.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace packetarium::wire {

/// Network byte order (big endian), most significant byte first. Readers need offset + width to lie
/// within the data; the caller has checked.

inline void put8(Bytes &out, std::uint8_t v) { out.push_back(v); }
inline void put16(Bytes &out, std::uint16_t v) {
  out.push_back(static_cast<std::uint8_t>(v >> 8));
  out.push_back(static_cast<std::uint8_t>(v));
}
inline void put32(Bytes &out, std::uint32_t v) {
  put16(out, static_cast<std::uint16_t>(v >> 16));
  put16(out, static_cast<std::uint16_t>(v));
}
inline void set16(Bytes &out, std::size_t at, std::uint16_t v) {
  out[at] = static_cast<std::uint8_t>(v >> 8);
  out[at + 1] = static_cast<std::uint8_t>(v);
}
inline void set32(Bytes &out, std::size_t at, std::uint32_t v) {
  set16(out, at, static_cast<std::uint16_t>(v >> 16));
  set16(out, at + 2, static_cast<std::uint16_t>(v));
}

inline std::uint16_t get16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}
inline std::uint32_t get32(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint32_t>(get16(in, at)) << 16 | get16(in, at + 2);
}
inline std::uint64_t get48(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint64_t>(get16(in, at)) << 32 | get32(in, at + 2);
}

} // namespace packetarium::wire
