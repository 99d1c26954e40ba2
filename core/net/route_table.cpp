// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/route_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>
#include <utility>

namespace packetarium::net {
namespace {

std::uint32_t slotHash(std::uint32_t network) {
  return static_cast<std::uint32_t>((network * 0x9e3779b97f4a7c15ULL) >> 32);
}

} // namespace

PrefixIndex::PrefixIndex(std::vector<wire::Ipv4Prefix> prefixes) : m_prefixes(std::move(prefixes)) {
  std::array<std::uint32_t, 33> counts{};
  for (const auto &p : m_prefixes) ++counts[p.length];
  std::array<LengthClass, 33> byLength{};
  for (std::size_t length = 33; length-- > 0;) {
    if (counts[length] == 0) continue;
    const auto size = std::bit_ceil(2 * counts[length]);
    byLength[length] = {wire::Ipv4Prefix::maskOf(static_cast<std::uint8_t>(length)),
                        static_cast<std::uint32_t>(m_slots.size()), size - 1};
    m_classes.push_back(byLength[length]);
    m_slots.resize(m_slots.size() + size);
  }
  for (std::uint32_t i = 0; i < m_prefixes.size(); ++i) {
    const LengthClass &cls = byLength[m_prefixes[i].length];
    const std::uint32_t network = m_prefixes[i].address.value;
    std::uint32_t at = slotHash(network) & cls.sizeMask;
    while (m_slots[cls.begin + at].prefix != none) at = (at + 1) & cls.sizeMask;
    m_slots[cls.begin + at] = {network, i};
  }
}

std::uint32_t PrefixIndex::lookup(wire::Ipv4Address destination) const {
  for (const LengthClass &cls : m_classes) {
    const std::uint32_t network = destination.value & cls.mask;
    for (std::uint32_t i = slotHash(network) & cls.sizeMask;; i = (i + 1) & cls.sizeMask) {
      const Slot &slot = m_slots[cls.begin + i];
      if (slot.prefix == none) break;
      if (slot.network == network) return slot.prefix;
    }
  }
  return none;
}

RouteTable::RouteTable(std::vector<Route> routes, const RouteTable *like)
    : m_routes(std::move(routes)) {
  for (Route &r : m_routes) r.prefix.address = r.prefix.network();
  std::vector<std::uint32_t> order(m_routes.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  // Stable, so that of equal prefixes the first one given stays in front. Most come sorted, behind
  // a few that do not.
  const auto less = [this](std::uint32_t a, std::uint32_t b) {
    return m_routes[a].prefix < m_routes[b].prefix;
  };
  auto sorted = order.end();
  while (sorted != order.begin() && (sorted == order.end() || !less(*sorted, *std::prev(sorted))))
    --sorted;
  std::stable_sort(order.begin(), sorted, less);
  std::inplace_merge(order.begin(), sorted, order.end(), less);
  std::vector<wire::Ipv4Prefix> prefixes;
  prefixes.reserve(order.size());
  for (const std::uint32_t i : order) {
    if (!prefixes.empty() && prefixes.back() == m_routes[i].prefix) continue;
    prefixes.push_back(m_routes[i].prefix);
    m_hopOf.push_back(hopOf(m_routes[i]));
  }
  if (like != nullptr && like->m_index && std::ranges::equal(like->m_index->prefixes(), prefixes))
    m_index = like->m_index;
  else
    m_index = std::make_shared<const PrefixIndex>(std::move(prefixes));
}

std::uint16_t RouteTable::hopOf(const Route &route) {
  const Hop hop{route.nextHop, route.interface};
  const auto known = std::find(m_hops.begin(), m_hops.end(), hop);
  const auto index = known - m_hops.begin();
  if (known == m_hops.end()) m_hops.push_back(hop);
  if (m_hops.size() > 0xffff) throw std::length_error("a router has more than 65535 next hops");
  return static_cast<std::uint16_t>(index);
}

} // namespace packetarium::net
