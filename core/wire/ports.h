// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace packetarium::wire {

/// Well-known ports by which a packet's application protocol is told.
constexpr std::uint16_t dnsPort = 53;
constexpr std::uint16_t httpPort = 80;
constexpr std::uint16_t httpAltPort = 8080;
constexpr std::uint16_t httpsPort = 443;
constexpr std::uint16_t httpsAltPort = 8443;
constexpr std::uint16_t rtpPort = 5004; ///< RFC 3551 section 8

} // namespace packetarium::wire
