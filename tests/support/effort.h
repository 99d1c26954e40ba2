// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>

/// How many random runs a test goes through: PACKETARIUM_CRASHES says it, else so many.
inline std::uint64_t randomRuns(std::uint64_t usual) {
  const char *const value = std::getenv("PACKETARIUM_CRASHES");
  return value == nullptr ? usual : std::strtoull(value, nullptr, 10);
}
