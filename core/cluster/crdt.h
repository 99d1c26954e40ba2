// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/cluster/version_vector.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Data types whose states have a join, the least upper bound: commutative, associative and
/// idempotent, so that members that have heard the same, in any order and however often, hold the
/// same. After Shapiro, Preguica, Baquero, Zawirski 2011, "A comprehensive study of Convergent and
/// Commutative Replicated Data Types" (INRIA RR-7506). Text forms are made to be read from
/// outside: parse faults on what no state looks like, or is longer than textBytesMax.
namespace packetarium::cluster {

/// Only counts up (specification 6): each member has an entry of its own.
class GrowCounter {
public:
  void add(std::string_view member, std::uint64_t by);
  std::uint64_t value() const; ///< saturates
  void join(const GrowCounter &other);
  bool operator==(const GrowCounter &) const = default;
  std::string text() const { return m_counts.text(); } ///< "a:3,b:1"
  static Result<GrowCounter> parse(std::string_view text);

private:
  VersionVector m_counts; ///< the same thing in other words
};

/// Counts up and down: two counters that only grow (specification 7).
class Counter {
public:
  void add(std::string_view member, std::int64_t by);
  std::int64_t value() const; ///< saturates
  void join(const Counter &other);
  bool operator==(const Counter &) const = default;
  std::string text() const; ///< "a:3,b:1/a:2"
  static Result<Counter> parse(std::string_view text);

private:
  GrowCounter m_up, m_down;
};

/// Keeps the value with the latest time stamp, and of equal ones that of the greater member
/// (specification 8).
class LastWriteRegister {
public:
  /// value: none for a removal. False when what is held wins over it.
  bool write(SimTime stamp, const Dot &dot, std::optional<std::string> value);
  bool written() const { return m_dot.count != 0; }
  SimTime stamp() const { return m_stamp; }
  const Dot &dot() const { return m_dot; }
  const std::optional<std::string> &value() const { return m_value; }
  void join(const LastWriteRegister &other);
  bool operator==(const LastWriteRegister &) const = default;
  std::string text() const; ///< "12000000 a:3 17"; empty when nothing was written
  static Result<LastWriteRegister> parse(std::string_view text);

private:
  SimTime m_stamp;
  Dot m_dot;
  std::optional<std::string> m_value;
};

/// Keeps every write that no other writer had seen (specification 10), so that writes that did not
/// know of each other stand side by side. Versions are told apart by their dots, and what a writer
/// had seen by a vector (dotted version vectors, Preguica et al. 2010), so that two clients of one
/// member can be concurrent too.
class MultiValueRegister {
public:
  /// seen: does not cover the dot itself. value: none for a removal.
  void write(const Dot &dot, std::optional<std::string> value, const VersionVector &seen);
  const std::map<Dot, std::optional<std::string>> &versions() const { return m_versions; }
  /// What the writers of all that was written here had seen.
  const VersionVector &seen() const { return m_seen; }
  void join(const MultiValueRegister &other);
  bool operator==(const MultiValueRegister &) const = default;
  std::string text() const; ///< "a:2|b:1=17|c:4=9": seen, then each version; a removal has no "="
  static Result<MultiValueRegister> parse(std::string_view text);

private:
  void dropSeen();
  std::map<Dot, std::optional<std::string>> m_versions;
  VersionVector m_seen;
};

/// A set in which an addition wins over a removal that did not know of it: each addition has a tag
/// of its own, and a removal takes away the tags it has seen (their OR-Set). In place of
/// gravestones stands, for each element, the vector of what was seen when it was removed.
class ObservedRemoveSet {
public:
  /// seen: what the adder knew; additions in it are replaced by this one.
  void add(const Dot &dot, std::string_view element, const VersionVector &seen);
  void remove(std::string_view element, const VersionVector &seen);
  bool contains(std::string_view element) const;
  std::vector<std::string> elements() const; ///< sorted
  void join(const ObservedRemoveSet &other);
  bool operator==(const ObservedRemoveSet &) const = default;
  std::string text() const; ///< "milk|a:3|b:4;tea|a:3": element, seen, tags
  static Result<ObservedRemoveSet> parse(std::string_view text);

private:
  struct Element {
    std::set<Dot> tags; ///< none is covered by seen
    VersionVector seen;
    void dropSeen();
    bool operator==(const Element &) const = default;
  };
  std::map<std::string, Element, std::less<>> m_elements;
};

} // namespace packetarium::cluster
