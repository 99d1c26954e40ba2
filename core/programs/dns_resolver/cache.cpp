// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/dns_resolver/cache.h"

#include <algorithm>

namespace packetarium::programs {

const CacheEntry *DnsCache::find(const std::string &name, SimTime now) const {
  const auto at = m_entries.find(name);
  return at != m_entries.end() && now < at->second.expires ? &at->second : nullptr;
}

void DnsCache::put(const std::string &name, CacheEntry entry, SimTime now) {
  if (entry.expires <= now || m_capacity == 0) return;
  std::erase_if(m_entries, [now](const auto &known) { return known.second.expires <= now; });
  if (m_entries.size() >= m_capacity && m_entries.find(name) == m_entries.end())
    m_entries.erase(
        std::min_element(m_entries.begin(), m_entries.end(), [](const auto &a, const auto &b) {
          return a.second.expires < b.second.expires;
        }));
  m_entries.insert_or_assign(name, std::move(entry));
}

} // namespace packetarium::programs
