// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/route_table.h"

#include "core/base/hash.h"

#include <algorithm>
#include <bit>

namespace packetarium::net {
namespace {

std::uint32_t slotHash(std::uint32_t network) {
  return static_cast<std::uint32_t>((network * 0x9e3779b97f4a7c15ULL) >> 32);
}

} // namespace

RouteTable::RouteTable(std::vector<Route> routes) {
  std::array<std::vector<std::uint32_t>, 33> byLength;
  for (Route &r : routes) {
    r.prefix.address = r.prefix.network();
    byLength[r.prefix.length].push_back(static_cast<std::uint32_t>(m_routes.size()));
    m_routes.push_back(r);
  }
  for (int length = 32; length >= 0; --length) {
    const auto &members = byLength[static_cast<std::size_t>(length)];
    if (members.empty()) continue;
    const auto size = static_cast<std::uint32_t>(std::bit_ceil(2 * members.size()));
    const LengthClass cls{wire::Ipv4Prefix::maskOf(static_cast<std::uint8_t>(length)),
                          static_cast<std::uint32_t>(m_slots.size()), size - 1};
    m_classes.push_back(cls);
    m_slots.resize(m_slots.size() + size);
    for (const std::uint32_t index : members) {
      const std::uint32_t network = m_routes[index].prefix.address.value;
      std::uint32_t i = slotHash(network) & cls.sizeMask;
      bool repeated = false;
      while (m_slots[cls.begin + i] != 0 && !repeated) {
        repeated = m_routes[m_slots[cls.begin + i] - 1].prefix.address.value == network;
        i = (i + 1) & cls.sizeMask;
      }
      if (!repeated) m_slots[cls.begin + i] = index + 1;
    }
  }
}

const Route *RouteTable::lookup(wire::Ipv4Address destination) const {
  for (const LengthClass &cls : m_classes) {
    const std::uint32_t network = destination.value & cls.mask;
    for (std::uint32_t i = slotHash(network) & cls.sizeMask;; i = (i + 1) & cls.sizeMask) {
      const std::uint32_t entry = m_slots[cls.begin + i];
      if (entry == 0) break;
      const Route &route = m_routes[entry - 1];
      if (route.prefix.address.value == network) return &route;
    }
  }
  return nullptr;
}

} // namespace packetarium::net
