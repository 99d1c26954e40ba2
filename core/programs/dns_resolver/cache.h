// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/wire/address.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace packetarium::programs {

/// What a resolver remembers of one name.
struct CacheEntry {
  enum class Kind : std::uint8_t { Addresses, Alias, NoName, NoData };
  Kind kind = Kind::Addresses;
  std::vector<wire::Ipv4Address> addresses;
  std::string target; ///< of an alias
  SimTime learned;    ///< when it came
  SimTime expires;    ///< at this instant it is no longer valid
};

/// Answers by canonical name until their TTL runs out, negative ones too (RFC 2308). A value.
class DnsCache {
public:
  explicit DnsCache(std::size_t capacity) : m_capacity(capacity) {}

  /// Nothing when unknown or expired.
  const CacheEntry *find(const std::string &name, SimTime now) const;
  /// Keeps an entry that has not expired; when full, what expires first makes room.
  void put(const std::string &name, CacheEntry entry, SimTime now);
  const std::map<std::string, CacheEntry> &entries() const { return m_entries; }

private:
  std::size_t m_capacity;
  std::map<std::string, CacheEntry> m_entries;
};

} // namespace packetarium::programs
