// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/address.h"
#include "core/wire/payload.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Virtual Router Redundancy Protocol, version 3 for IPv4 (RFC 9568). Travels right above IP
/// (protocol 112), to 224.0.0.18, with a TTL of 255.
namespace packetarium::wire::vrrp {

constexpr Ipv4Address group{0xe0000012U};                  ///< 224.0.0.18, RFC 9568 section 5.1.1.2
constexpr std::uint8_t version = 3, advertisementType = 1; ///< RFC 9568 sections 5.2.1 and 5.2.2
constexpr std::size_t headerBytes = 8, addressesMax = 255;
constexpr std::uint16_t maxIntervalCs = 4095; ///< RFC 9568 section 5.2.7: 12 bits
constexpr std::uint8_t requiredTtl = 255;     ///< RFC 9568 section 5.1.1.3
constexpr std::uint8_t ownerPriority = 255;
constexpr std::uint8_t stepDownPriority = 0; ///< the active router stops, RFC 9568 section 5.2.4

/// RFC 9568 section 5.2.
struct Advertisement {
  std::uint8_t virtualRouterId = 1; ///< 1 to 255
  std::uint8_t priority = 100;
  std::uint16_t maxAdvertiseIntervalCs = 100; ///< centiseconds, 1 to 4095
  std::vector<Ipv4Address> addresses;         ///< 1 to 255
  bool operator==(const Advertisement &) const = default;
};

/// With the checksum of RFC 9568 section 5.2.8 (for IPv4: over the VRRP message alone).
Payload encode(const Advertisement &advertisement);
/// Faults on another version or type, a wrong checksum and lengths that do not fit.
Result<Advertisement> decode(std::span<const std::uint8_t> message);

/// 00-00-5E-00-01-{VRID}, RFC 9568 section 7.3.
MacAddress virtualMac(std::uint8_t virtualRouterId);

} // namespace packetarium::wire::vrrp
