// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

/// What replicated services know about each other's writes, as values without sockets.
namespace packetarium::cluster {

constexpr std::size_t membersMax = 256; ///< in a vector that is read from outside
constexpr std::size_t memberNameBytesMax = 64;

/// 1 to 64 letters, digits and any of . _ - ~ @
bool isMemberName(std::string_view name);

/// One write: the count-th (from 1) that the member took. Its name in the whole cluster.
struct Dot {
  std::string member;
  std::uint64_t count = 0;
  auto operator<=>(const Dot &) const = default;
  std::string text() const; ///< "a:3"
  static Result<Dot> parse(std::string_view text);
};

/// How one vector stands to another.
enum class Order : std::uint8_t { Equal, Before, After, Concurrent };

/// Of each member, how many of its writes are known (Parker et al. 1983, "Detection of mutual
/// inconsistency in distributed systems"): with the third, also the first and second.
class VersionVector {
public:
  /// How many of the member's writes are covered; 0 for a member it never heard of.
  std::uint64_t at(std::string_view member) const;
  /// The name of the member's next write.
  Dot next(std::string_view member) const;
  /// Covers the write and all earlier ones of its member.
  void add(const Dot &dot);
  bool covers(const Dot &dot) const { return dot.count <= at(dot.member); }
  bool covers(const VersionVector &other) const;
  /// Covers what either covers: the least upper bound.
  void merge(const VersionVector &other);
  /// Before: everything here is there too, and more.
  Order compare(const VersionVector &other) const;

  bool empty() const { return m_counts.empty(); }
  const std::map<std::string, std::uint64_t, std::less<>> &counts() const { return m_counts; }
  bool operator==(const VersionVector &) const = default;

  /// "a:3,b:1", by name; empty for the empty one.
  std::string text() const;
  /// From anywhere: faults on what is no vector, on a name twice, on more than membersMax.
  static Result<VersionVector> parse(std::string_view text);

private:
  std::map<std::string, std::uint64_t, std::less<>> m_counts; ///< none is 0
};

} // namespace packetarium::cluster
