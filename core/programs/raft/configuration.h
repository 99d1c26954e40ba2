// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/raft/entry.h"
#include "core/wire/address.h"

#include <deque>
#include <utility>

namespace packetarium::programs::raft {

/// A member's place in this node's book of members; other nodes may number them differently.
using MemberId = std::uint32_t;
constexpr MemberId nobody = 0xffffffffU;

/// Everybody this node has heard of: names and addresses. Only grows.
class Book {
public:
  struct Person {
    std::string name;
    wire::Ipv4Address address;
  };
  /// Its place, which is new when the name is; a known one keeps its address.
  MemberId add(std::string_view name, wire::Ipv4Address address);
  MemberId find(std::string_view name) const; ///< nobody when there is none
  const Person &at(MemberId id) const { return m_people[id]; }
  std::string nameOf(MemberId id) const { return id < size() ? m_people[id].name : std::string{}; }
  std::size_t size() const { return m_people.size(); }

private:
  std::vector<Person> m_people;
};

/// Who has a vote, in order of joining.
struct Configuration {
  std::vector<MemberId> voters;

  bool has(MemberId id) const;
  std::size_t majority() const { return voters.size() / 2 + 1; }
  Configuration with(MemberId id) const;
  Configuration without(MemberId id) const;
  /// "alpha@10.0.0.1,beta@10.0.0.2", for entries and snapshots.
  std::string text(const Book &book) const;
  /// "alpha,beta", for people.
  std::string names(const Book &book) const;
  /// Puts those it does not know into the book.
  static Configuration from(std::string_view text, Book &book);
  bool operator==(const Configuration &) const = default;
};

/// The configurations that a log holds: the newest counts as soon as it is there, committed or not
/// (dissertation, 4.1); those before it come back when the log is cut.
class Configurations {
public:
  explicit Configurations(Configuration first = {}) { m_all.push_back({0, std::move(first)}); }
  const Configuration &newest() const { return m_all.back().second; }
  Index newestAt() const { return m_all.back().first; }
  /// The newest one at or before the index.
  const std::pair<Index, Configuration> &upTo(Index index) const;
  void add(Index index, Configuration c) { m_all.push_back({index, std::move(c)}); }
  /// Those after the index are gone; true when there was one.
  bool cut(Index last);
  /// Those before the one that counts at the index are not needed any more.
  void forgetBefore(Index index);
  void reset(Index index, Configuration c);

private:
  std::deque<std::pair<Index, Configuration>> m_all; ///< ascending, never empty
};

} // namespace packetarium::programs::raft
