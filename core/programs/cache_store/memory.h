// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packetarium::programs::cache {

/// The values that a cache holds: at most so many, each for at most so long. When there is no room,
/// the one goes that was not used for the longest time. A value.
class Memory {
public:
  /// lifetime: of a value since it was put in; 0: no end.
  Memory(std::size_t entriesMax, Duration lifetime)
      : m_entriesMax(entriesMax), m_lifetime(lifetime) {}

  /// Uses it.
  std::optional<std::string> get(std::string_view key);
  /// Puts a value in; gives the key that had to go for it.
  std::optional<std::string> put(const std::string &key, std::string value, SimTime now);
  void erase(std::string_view key);
  /// Lets everything go whose time has ended; gives the keys.
  std::vector<std::string> expire(SimTime now);
  /// When the next one's time ends.
  std::optional<SimTime> nextExpiry() const;
  std::size_t size() const { return m_entries.size(); }
  std::size_t most() const { return m_entriesMax; }

private:
  struct Entry {
    std::string value;
    std::uint64_t used = 0;
    SimTime ends;
  };
  void touch(const std::string &key, Entry &entry);

  std::size_t m_entriesMax;
  Duration m_lifetime;
  std::uint64_t m_uses = 0;
  std::map<std::string, Entry, std::less<>> m_entries;
  std::map<std::uint64_t, std::string> m_byUse;
  std::set<std::pair<SimTime, std::string>> m_byEnd;
};

} // namespace packetarium::programs::cache
