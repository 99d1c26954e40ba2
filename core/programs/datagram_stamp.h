// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/wire/payload.h"

#include <cstdint>
#include <optional>

namespace packetarium::programs {

/// What udp-source writes into a datagram and udp-sink reads back. Stamped: 8 bytes of sequence
/// number and 8 bytes of sending time, most significant byte first, then the pattern. Pattern only:
/// the stream begins at the sequence number, so the first letter tells it modulo 26; costs no
/// memory.
constexpr std::uint32_t stampBytes = 16;
constexpr std::uint64_t patternPeriod = 26;

wire::Payload stamped(std::uint64_t sequence, SimTime sentAt, std::uint32_t size);
inline wire::Payload patterned(std::uint64_t sequence, std::uint32_t size) {
  return wire::Payload::pattern(sequence, size);
}

struct Stamp {
  std::uint64_t sequence = 0;
  std::optional<SimTime> sentAt; ///< none with the pattern alone
};
/// expected: the next sequence number of this flow; the letter is taken as the nearest number to it
/// (a run of 13 or more losses is then counted short).
Stamp readStamp(const wire::Payload &data, std::uint64_t expected);

} // namespace packetarium::programs
