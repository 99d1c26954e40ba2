// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/address.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace packetarium::net {

struct Route {
  wire::Ipv4Prefix prefix;
  wire::Ipv4Address nextHop; ///< 0.0.0.0: the destination itself is on this link
  std::uint32_t interface = 0;
  bool operator==(const Route &) const = default;
};

/// The prefixes of a table and how to find the longest one that holds an address: one hash probe
/// per prefix length in use, longest first. Routers that know the same prefixes share one.
class PrefixIndex {
public:
  static constexpr std::uint32_t none = 0xffffffffU;

  /// Sorted, without repeats; addresses are networks.
  explicit PrefixIndex(std::vector<wire::Ipv4Prefix> prefixes);
  std::uint32_t lookup(wire::Ipv4Address destination) const;
  std::span<const wire::Ipv4Prefix> prefixes() const { return m_prefixes; }

private:
  struct LengthClass {
    std::uint32_t mask = 0;
    std::uint32_t begin = 0; ///< first slot of its hash table in m_slots
    std::uint32_t sizeMask = 0;
  };
  struct Slot {
    std::uint32_t network = 0;
    std::uint32_t prefix = none;
  };
  std::vector<wire::Ipv4Prefix> m_prefixes;
  std::vector<LengthClass> m_classes; ///< longest prefix first
  std::vector<Slot> m_slots;
};

/// Longest-prefix match, built once and then immutable. A router of a thousand needs two bytes per
/// prefix of its own, so that the tables of all of them stay in the machine's caches.
class RouteTable {
public:
  RouteTable() = default;
  /// Of routes with equal prefix the first one wins. A table of the same prefixes, when one is
  /// given, shares its index.
  explicit RouteTable(std::vector<Route> routes, const RouteTable *like = nullptr);

  std::optional<Route> lookup(wire::Ipv4Address destination) const {
    const std::uint32_t i = m_index ? m_index->lookup(destination) : PrefixIndex::none;
    if (i == PrefixIndex::none) return std::nullopt;
    const Hop &hop = m_hops[m_hopOf[i]];
    return Route{m_index->prefixes()[i], hop.nextHop, hop.interface};
  }
  /// In the order given, repeated prefixes included.
  std::span<const Route> routes() const { return m_routes; }

private:
  struct Hop {
    wire::Ipv4Address nextHop;
    std::uint32_t interface = 0;
    bool operator==(const Hop &) const = default;
  };
  std::uint16_t hopOf(const Route &route);

  std::shared_ptr<const PrefixIndex> m_index;
  std::vector<std::uint16_t> m_hopOf; ///< by prefix
  std::vector<Hop> m_hops;
  std::vector<Route> m_routes;
};

} // namespace packetarium::net
