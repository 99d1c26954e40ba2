// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/vrrp.h"

#include "core/wire/bytes.h"
#include "core/wire/codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::vrrp {

Payload encode(const Advertisement &advertisement) {
  const std::size_t count = std::min<std::size_t>(advertisement.addresses.size(), addressesMax);
  Bytes out;
  put8(out, version << 4 | advertisementType);
  put8(out, advertisement.virtualRouterId);
  put8(out, advertisement.priority);
  put8(out, static_cast<std::uint8_t>(count));
  put16(out, advertisement.maxAdvertiseIntervalCs & maxIntervalCs);
  put16(out, 0);
  for (std::size_t i = 0; i < count; ++i) put32(out, advertisement.addresses[i].value);
  set16(out, 6, internetChecksum(out));
  return Payload::of(std::move(out));
}

Result<Advertisement> decode(std::span<const std::uint8_t> message) {
  if (message.size() < headerBytes)
    return Fault{"vrrp",
                 fmt::format("needs at least {} bytes, got {}", headerBytes, message.size())};
  if (message[0] >> 4 != version)
    return Fault{"vrrp.version", fmt::format("must be {}, got {}", version, message[0] >> 4)};
  if ((message[0] & 15) != advertisementType)
    return Fault{"vrrp.type", fmt::format("must be {} (advertisement), got {}", advertisementType,
                                          message[0] & 15)};
  const std::size_t count = message[3];
  if (count == 0 || message.size() != headerBytes + 4 * count)
    return Fault{"vrrp.addr_count", fmt::format("{} addresses do not fit into {} bytes", count,
                                                message.size() - headerBytes)};
  if (internetChecksum(message) != 0) return Fault{"vrrp.checksum", "does not fit the message"};
  Advertisement out;
  out.virtualRouterId = message[1];
  if (out.virtualRouterId == 0) return Fault{"vrrp.virt_rtr_id", "must be 1 to 255, got 0"};
  out.priority = message[2];
  out.maxAdvertiseIntervalCs = get16(message, 4) & maxIntervalCs;
  if (out.maxAdvertiseIntervalCs == 0)
    return Fault{"vrrp.adver_int", "must be 1 to 4095 centiseconds, got 0"};
  for (std::size_t i = 0; i < count; ++i) out.addresses.push_back({get32(message, 8 + 4 * i)});
  return out;
}

MacAddress virtualMac(std::uint8_t virtualRouterId) {
  return MacAddress::fromBits(0x00005e000100U | virtualRouterId);
}

} // namespace packetarium::wire::vrrp
