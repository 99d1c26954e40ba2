// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ring.h"
#include "core/wire/payload.h"

#include <cstdint>

namespace packetarium::transport {

/// Bytes a program has sent and the peer has not acknowledged, as a rope of payloads: nothing is
/// copied unless a segment spans two of them, and virtual payloads stay virtual.
class SendBuffer {
public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(m_end - m_begin); }
  bool empty() const { return m_end == m_begin; }

  void append(const wire::Payload &data);
  /// The part [from, from + size), counted from the oldest byte held; it must lie within.
  wire::Payload slice(std::uint32_t from, std::uint32_t size) const;
  /// Forgets the oldest bytes.
  void drop(std::uint32_t bytes);
  void clear() { *this = {}; }

private:
  struct Piece {
    std::uint64_t begin = 0; ///< offset in the whole stream
    wire::Payload data;
    std::uint64_t end() const { return begin + data.size(); }
  };
  std::size_t pieceAt(std::uint64_t offset) const;

  Ring<Piece> m_pieces;
  std::uint64_t m_begin = 0; ///< stream offset of the oldest byte held
  std::uint64_t m_end = 0;
};

} // namespace packetarium::transport
