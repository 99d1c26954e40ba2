// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace packetarium::transport {

/// Sequence numbers live on a circle of 2^32 (RFC 9293 section 3.4). These comparisons hold while
/// the two numbers lie less than 2^31 apart.
constexpr std::int32_t seqDiff(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b);
}
constexpr bool seqLess(std::uint32_t a, std::uint32_t b) { return seqDiff(a, b) < 0; }
constexpr bool seqLessEq(std::uint32_t a, std::uint32_t b) { return seqDiff(a, b) <= 0; }
constexpr std::uint32_t seqMax(std::uint32_t a, std::uint32_t b) { return seqLess(a, b) ? b : a; }
constexpr std::uint32_t seqMin(std::uint32_t a, std::uint32_t b) { return seqLess(a, b) ? a : b; }

} // namespace packetarium::transport
