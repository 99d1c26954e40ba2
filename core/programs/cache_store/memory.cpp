// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/cache_store/memory.h"

namespace packetarium::programs::cache {

void Memory::touch(const std::string &key, Entry &entry) {
  m_byUse.erase(entry.used);
  entry.used = ++m_uses;
  m_byUse[entry.used] = key;
}

std::optional<std::string> Memory::get(std::string_view key) {
  const auto found = m_entries.find(key);
  if (found == m_entries.end()) return {};
  touch(found->first, found->second);
  return found->second.value;
}

std::optional<std::string> Memory::put(const std::string &key, std::string value, SimTime now) {
  erase(key);
  std::optional<std::string> gone;
  if (m_entries.size() >= m_entriesMax) {
    gone = m_byUse.begin()->second;
    erase(*gone);
  }
  Entry &entry = m_entries[key];
  entry.value = std::move(value);
  touch(key, entry);
  if (m_lifetime > Duration{}) {
    entry.ends = now + m_lifetime;
    m_byEnd.emplace(entry.ends, key);
  }
  return gone;
}

void Memory::erase(std::string_view key) {
  const auto found = m_entries.find(key);
  if (found == m_entries.end()) return;
  m_byUse.erase(found->second.used);
  m_byEnd.erase({found->second.ends, found->first});
  m_entries.erase(found);
}

std::vector<std::string> Memory::expire(SimTime now) {
  std::vector<std::string> gone;
  while (!m_byEnd.empty() && m_byEnd.begin()->first <= now) {
    gone.push_back(m_byEnd.begin()->second);
    erase(gone.back());
  }
  return gone;
}

std::optional<SimTime> Memory::nextExpiry() const {
  if (m_byEnd.empty()) return {};
  return m_byEnd.begin()->first;
}

} // namespace packetarium::programs::cache
