// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/address.h"

#include <array>
#include <cstdint>
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

/// Longest-prefix match: one open-addressed hash probe per prefix length in use, longest first.
/// Built once, then immutable.
class RouteTable {
public:
  RouteTable() = default;
  /// Of routes with equal prefix the first one wins.
  explicit RouteTable(std::vector<Route> routes);

  const Route *lookup(wire::Ipv4Address destination) const;
  /// In the order given, without repeated prefixes.
  std::span<const Route> routes() const { return m_routes; }

private:
  struct LengthClass {
    std::uint32_t mask = 0;
    std::uint32_t begin = 0; ///< first slot of its hash table in m_slots
    std::uint32_t sizeMask = 0;
  };
  std::vector<Route> m_routes;
  std::vector<LengthClass> m_classes; ///< longest prefix first
  std::vector<std::uint32_t> m_slots; ///< index into m_routes + 1; 0: free
};

} // namespace packetarium::net
