// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/world/disk.h"

#include <algorithm>

namespace packetarium::world {

void Disk::apply(std::map<std::string, File, std::less<>> &files, const Change &change) {
  File &file = files[change.file];
  if (change.appended)
    file.push(*change.appended);
  else
    file.truncate(change.entries);
}

void Disk::write(Change change) {
  apply(m_seen, change);
  m_journal.push_back(std::move(change));
}

void Disk::append(std::string_view file, std::string entry) {
  write({std::string(file), std::move(entry), 0});
}

void Disk::truncate(std::string_view file, std::size_t entries) {
  write({std::string(file), std::nullopt, entries});
}

std::vector<std::string> Disk::read(std::string_view file) const {
  std::vector<std::string> out;
  const auto at = m_seen.find(file);
  if (at == m_seen.end()) return out;
  out.reserve(at->second.size());
  for (std::size_t i = 0; i < at->second.size(); ++i) out.push_back(at->second[i]);
  return out;
}

std::pair<std::uint32_t, SimTime> Disk::beginSync(SimTime now, Duration length,
                                                  std::uint32_t program, std::uint64_t tag,
                                                  trace::Sequence cause) {
  m_busyUntil = std::max(m_busyUntil, now) + std::max(length, Duration{});
  m_syncs.push_back({m_nextSync, program, tag, cause, m_journal.size()});
  return {m_nextSync++, m_busyUntil};
}

std::optional<Disk::Sync> Disk::endSync(std::uint32_t number) {
  if (m_syncs.empty() || m_syncs.front().number != number) return std::nullopt;
  const Sync done = m_syncs.front();
  m_syncs.pop_front();
  for (std::size_t i = 0; i < done.changes; ++i) {
    apply(m_durable, m_journal.front());
    m_journal.pop_front();
  }
  for (Sync &later : m_syncs) later.changes -= done.changes;
  return done;
}

void Disk::crash() {
  std::map<std::string, std::size_t> kept;
  for (const Change &change : m_journal)
    if (!change.appended && change.entries > 0) {
      const auto at = kept.emplace(change.file, change.entries).first;
      at->second = std::min(at->second, change.entries);
    }
  // A node that starts again after it crashed has lost nothing more.
  if (!m_journal.empty()) m_durable.erase(std::string(recoveryFile));
  for (const auto &[file, entries] : kept)
    m_durable[std::string(recoveryFile)].push(std::to_string(entries) + " " + file);
  m_seen = m_durable;
  m_journal.clear();
  m_syncs.clear();
  m_busyUntil = SimTime::zero();
}

} // namespace packetarium::world
