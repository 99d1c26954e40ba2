// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace packetarium {

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return x;
}

/// Folds one word into a running 64-bit hash; order matters.
constexpr std::uint64_t hashCombine(std::uint64_t seed, std::uint64_t word) {
  return mix64(seed ^ (word + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2)));
}

/// FNV-1a over the bytes, finished by mix64. The same on every machine.
constexpr std::uint64_t hashText(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    h ^= static_cast<std::uint8_t>(c);
    h *= 0x100000001b3ULL;
  }
  return mix64(h);
}

/// Eight bytes at a time, the first one lowest: for what is hashed by the packet. The same on every
/// machine, and other than hashText of the same bytes.
constexpr std::uint64_t hashBytes(const std::uint8_t *data, std::size_t size) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ size;
  for (; size > 0;) {
    std::uint64_t word = 0;
    if (size >= 8) {
      for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{data[i]} << (8 * i);
      data += 8;
      size -= 8;
    } else {
      for (unsigned i = 0; i < size; ++i) word |= std::uint64_t{data[i]} << (8 * i);
      size = 0;
    }
    h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;
  }
  return mix64(h);
}

} // namespace packetarium
