// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/payload.h"

#include <cstdint>
#include <vector>

namespace packetarium::transport {

/// Stream bytes that arrived before those in front of them (RFC 9293 section 3.10.7.4, SHLD-31).
/// Of bytes that arrive twice the first copy is kept.
class Reassembly {
public:
  bool empty() const { return m_runs.empty(); }
  std::uint32_t bytes() const { return m_bytes; }

  /// Keeps data that begins at this sequence number. Everything held must lie within 2^31.
  void insert(std::uint32_t sequence, wire::Payload data);
  /// Takes the data that begins exactly at next, forgetting whatever lies before it; empty when
  /// there is a hole at next.
  wire::Payload take(std::uint32_t next);
  void clear() { *this = {}; }

private:
  struct Run {
    std::uint32_t begin = 0;
    wire::Payload data;
    std::uint32_t end() const { return begin + data.size(); }
  };
  void put(std::size_t index, std::uint32_t sequence, wire::Payload data);

  std::vector<Run> m_runs; ///< by sequence number, without overlap
  std::uint32_t m_bytes = 0;
};

} // namespace packetarium::transport
