// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace packetarium::tls {

/// Simulated time zero is 2026-01-01 00:00:00 UTC, in seconds since 1970.
constexpr std::int64_t runEpochSeconds = 1767225600;

} // namespace packetarium::tls
