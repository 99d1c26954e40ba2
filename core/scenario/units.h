// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace packetarium::scenario {

/// "10s", "1.25s", "250ms", "3us", "5ns", "2min", "1h": exact, not negative, up to about 31 years.
/// The unit must be there; digits finer than a nanosecond are refused.
std::optional<Duration> parseDuration(std::string_view text);
/// Bits per second: "1000000", "10M", "10Mbit/s", "1.5Gbit/s" (k, M, G, T are powers of 1000).
std::optional<std::uint64_t> parseRate(std::string_view text);
/// Bytes: "1500", "1500 bytes", "64 kB" (k, M, G are powers of 1000), "64 KiB" (of 1024).
std::optional<std::uint64_t> parseBytes(std::string_view text);
/// A share from a percentage: "1 %", "0.5%" and "0.5" are 0.01, 0.005 and 0.005. Not negative; at
/// most 15 digits.
std::optional<double> parsePercent(std::string_view text);

} // namespace packetarium::scenario
