// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::wire {

using Bytes = std::vector<std::uint8_t>;

/// What a packet carries above its headers: a slice of shared immutable bytes, or a virtual stretch
/// of a generated stream (byte at stream offset o is patternByte(o)) that costs no memory.
class Payload {
public:
  Payload() = default;
  static Payload of(Bytes bytes);
  static Payload of(std::string_view text);
  static Payload pattern(std::uint64_t streamOffset, std::uint32_t size);
  static constexpr std::uint8_t patternByte(std::uint64_t offset) {
    return static_cast<std::uint8_t>('a' + offset % 26);
  }

  std::uint32_t size() const { return m_size; }
  bool empty() const { return m_size == 0; }
  bool isPattern() const { return m_bytes == nullptr && m_size > 0; }
  std::uint8_t at(std::uint32_t i) const {
    return m_bytes ? (*m_bytes)[static_cast<std::size_t>(m_offset + i)] : patternByte(m_offset + i);
  }
  /// The part [from, from + size); both must lie within this payload.
  Payload slice(std::uint32_t from, std::uint32_t size) const;
  /// This payload followed by other. Neighbouring slices and patterns merge without a copy.
  Payload followedBy(const Payload &other) const;

  /// True when other is the next stretch of the same bytes, so that followedBy copies nothing.
  bool adjoins(const Payload &other) const {
    return m_bytes == other.m_bytes && m_offset + m_size == other.m_offset;
  }

  void appendTo(Bytes &out) const;
  Bytes toBytes() const;
  std::string toText() const;
  /// The bytes in place; empty for a pattern (use toBytes then).
  std::span<const std::uint8_t> view() const {
    return m_bytes ? std::span(m_bytes->data() + m_offset, m_size)
                   : std::span<const std::uint8_t>{};
  }
  /// Depends on the content's form alone and is the same on every machine.
  std::uint64_t hash() const;
  bool sameBytes(const Payload &other) const;

private:
  std::shared_ptr<const Bytes> m_bytes;
  std::uint64_t m_offset = 0;
  std::uint32_t m_size = 0;
};

} // namespace packetarium::wire
