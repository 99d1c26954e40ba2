// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace packetarium::scenario {

/// An interface by the places of its node and itself in the document.
struct Port {
  std::uint32_t node = 0;
  std::uint32_t interface = 0;
  bool operator==(const Port &) const = default;
};

constexpr std::uint32_t none = 0xffffffffU;

/// What is plugged into what, by places in the document. Whatever a faulty document names that is
/// not there is left out. Views into the scenario, which must outlive it.
struct Topology {
  enum class DownLinks { Include, Exclude };
  Topology(const Scenario &scenario, DownLinks down);

  std::uint32_t node(std::string_view id) const;
  std::uint32_t interface(std::uint32_t node, std::string_view id) const;

  /// Interfaces of hosts and routers that hear each other's broadcasts.
  struct Segment {
    std::vector<Port> ports;
    std::uint32_t firstLink = 0;
    /// Segments that routers join without translation share a realm: one space of addresses.
    std::uint32_t realm = 0;
  };
  const Scenario &scenario;
  std::vector<Segment> segments;                     ///< in the order of their first links
  std::vector<std::vector<std::uint32_t>> linkOf;    ///< by node and interface, or none
  std::vector<std::vector<std::uint32_t>> segmentOf; ///< by node and interface, or none

private:
  void plug(DownLinks down);
  void joinSegments();
  void joinRealms();
  std::unordered_map<std::string_view, std::uint32_t> m_nodes;
};

} // namespace packetarium::scenario
