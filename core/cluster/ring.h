// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packetarium::cluster {

/// A point of the circle of 2^32.
using RingPoint = std::uint32_t;

/// Who holds which keys (Karger et al. 1997, "Consistent hashing and random trees"; DeCandia et al.
/// 2007, "Dynamo", section 4.2): every node has several points on a circle, its virtual nodes, and
/// a key belongs to the nodes that one meets first, going round from the key's own point. A node
/// that comes or goes moves only keys of its neighbours. A value, the same on every member.
class Ring {
public:
  /// virtualNodes: at least 1. Adding a node again changes nothing.
  void add(std::string_view node, std::uint32_t virtualNodes);
  void remove(std::string_view node);
  std::size_t size() const { return m_nodes.size(); } ///< nodes

  static RingPoint pointOf(std::string_view key);
  /// The first so many distinct nodes going up from the key's point: its preference list. Fewer
  /// when there are not so many nodes.
  std::vector<std::string> preference(std::string_view key, std::size_t nodes) const;
  /// All points of a node, ascending.
  std::vector<RingPoint> pointsOf(std::string_view node) const;
  /// As in trace::FactTopic::Ring: "0a0b0c0d 80000000".
  std::string textOf(std::string_view node) const;

private:
  std::set<std::pair<RingPoint, std::string>> m_points;
  std::set<std::string, std::less<>> m_nodes;
};

} // namespace packetarium::cluster
