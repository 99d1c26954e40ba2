// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/versions.h"

#include "core/base/hash.h"
#include "core/cluster/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace packetarium::programs::quorum {

using cluster::Dot;
using cluster::VersionVector;

namespace {

using Entry = std::pair<const Dot, Stored>;

bool later(const Entry &a, const Entry &b) {
  return std::tie(a.second.stamp, a.first) > std::tie(b.second.stamp, b.first);
}

/// "a:3/12000000/a:1,b:2/client-1 17/=value", values escaped; a removal has nothing after the last.
std::string lineOf(const Dot &dot, const Stored &s) {
  return fmt::format("{}/{}/{}/{}/", dot.text(), s.stamp.ns(), s.seen.text(),
                     cluster::escaped(s.once)) +
         (s.value ? "=" + cluster::escaped(*s.value) : "");
}

std::optional<std::pair<Dot, Stored>> versionIn(std::string_view line) {
  const auto pieces = cluster::parts(line, '/');
  if (pieces.size() != 5) return std::nullopt;
  const auto dot = Dot::parse(pieces[0]);
  const auto stamp = cluster::signedOf(pieces[1]);
  const auto seen = VersionVector::parse(pieces[2]);
  const auto once = cluster::unescaped(pieces[3]);
  if (!dot || !stamp || !seen || !once || seen->covers(*dot)) return std::nullopt;
  Stored stored{std::nullopt, SimTime::fromNs(*stamp), *seen, *once};
  if (!pieces[4].empty()) {
    const auto value = cluster::unescaped(pieces[4].substr(1));
    if (pieces[4].front() != '=' || !value) return std::nullopt;
    stored.value = *value;
  }
  return std::pair(*dot, std::move(stored));
}

} // namespace

void KeyState::write(Policy policy, const Dot &dot, Stored stored) {
  KeyState fresh;
  if (policy == Policy::Siblings) fresh.m_seen = stored.seen;
  fresh.m_versions.emplace(dot, std::move(stored));
  join(policy, fresh);
}

void KeyState::join(Policy policy, const KeyState &other) {
  for (const auto &[dot, stored] : other.m_versions) {
    const auto [at, fresh] = m_versions.emplace(dot, stored);
    if (!fresh) at->second.seen.merge(stored.seen);
  }
  m_seen.merge(other.m_seen);
  dropSeen();
  if (policy != Policy::LastWriteWins || m_versions.size() < 2) return;
  const auto last = std::min_element(m_versions.begin(), m_versions.end(), later);
  const Entry winner = *last;
  m_versions.clear();
  m_versions.insert(winner);
}

void KeyState::wereHeldBefore(KeyState &newer) const {
  for (auto &[dot, stored] : newer.m_versions)
    for (const auto &[held, old] : m_versions)
      if (held.member != dot.member && old.stamp <= stored.stamp) stored.seen.add(held);
}

void KeyState::dropSeen() {
  std::erase_if(m_versions, [this](const auto &entry) { return m_seen.covers(entry.first); });
}

std::vector<Dot> KeyState::prune(std::size_t versionsMax) {
  std::vector<Dot> dropped;
  while (m_versions.size() > versionsMax) {
    const auto oldest = std::max_element(m_versions.begin(), m_versions.end(), later);
    const Dot dot = oldest->first;
    m_seen.add(dot);
    for (const auto &[other, stored] : m_versions)
      if (m_seen.covers(other)) dropped.push_back(other);
    dropSeen();
  }
  return dropped;
}

std::vector<const Stored *> KeyState::shown() const {
  std::vector<const Entry *> all;
  for (const Entry &entry : m_versions) all.push_back(&entry);
  std::sort(all.begin(), all.end(), [](const auto *a, const auto *b) { return later(*a, *b); });
  std::vector<const Stored *> out;
  std::set<std::string_view> requests;
  for (const Entry *entry : all)
    if (entry->second.once.empty() || requests.insert(entry->second.once).second)
      out.push_back(&entry->second);
  return out;
}

VersionVector KeyState::context() const {
  VersionVector all = m_seen;
  for (const auto &[dot, stored] : m_versions) all.add(dot);
  return all;
}

std::uint64_t KeyState::digest() const {
  std::uint64_t hash = hashText(m_seen.text());
  for (const auto &[dot, stored] : m_versions) {
    hash = hashCombine(hash, hashText(dot.text()));
    hash = hashCombine(hash, hashText(stored.value ? "=" + *stored.value : ""));
  }
  return hash;
}

std::string KeyState::token(Policy policy) const {
  if (policy == Policy::Siblings || m_versions.empty()) return context().text();
  const auto &[dot, stored] = *m_versions.begin();
  return fmt::format("{}@{}", stored.stamp.ns(), dot.text());
}

bool KeyState::reaches(Policy policy, std::string_view token) const {
  if (policy == Policy::Siblings) {
    const auto wanted = VersionVector::parse(token);
    return !wanted || context().covers(*wanted);
  }
  const auto [stamp, name] = cluster::cutAt(token, '@');
  const auto at = cluster::signedOf(stamp);
  const auto dot = Dot::parse(name.value_or(""));
  if (!at || !dot) return true;
  if (m_versions.empty()) return false;
  const auto &[held, stored] = *m_versions.begin();
  const SimTime wanted = SimTime::fromNs(*at);
  return std::tie(stored.stamp, held) >= std::tie(wanted, *dot);
}

void KeyState::addTo(wire::cluster::Message &message) const {
  message.add("seen", m_seen.text());
  for (const auto &[dot, stored] : m_versions) message.add("version", lineOf(dot, stored));
}

std::optional<KeyState> KeyState::from(const wire::cluster::Message &message) {
  KeyState state;
  const auto seen = VersionVector::parse(message.text("seen"));
  if (!message.has("seen") || !seen) return std::nullopt;
  state.m_seen = *seen;
  for (const auto &[name, line] : message.fields()) {
    if (name != "version") continue;
    auto version = versionIn(line);
    if (!version || seen->covers(version->first)) return std::nullopt;
    if (!state.m_versions.insert(std::move(*version)).second) return std::nullopt;
  }
  return state;
}

cluster::Version versionOf(std::string_view key, const Dot &dot, const Stored &s) {
  const std::string operation =
      fmt::format("{} {}{}", s.value ? "write" : "remove", key, s.value ? " " + *s.value : " -");
  return {dot, s.seen, s.stamp, 1, cluster::DataType::Register, operation, std::nullopt, s.value};
}

std::vector<cluster::Version> KeyState::told(std::string_view key) const {
  std::vector<cluster::Version> all;
  for (const auto &[dot, stored] : m_versions) all.push_back(versionOf(key, dot, stored));
  std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) {
    return std::tie(a.stamp, a.dot) < std::tie(b.stamp, b.dot);
  });
  if (all.size() > cluster::versionsMax)
    all.erase(all.begin(),
              all.begin() + static_cast<std::ptrdiff_t>(all.size() - cluster::versionsMax));
  return all;
}

namespace {

std::optional<Meeting> lastWriteMeeting(std::string_view key, const KeyState &before,
                                        const KeyState &came) {
  std::vector<cluster::Version> met = before.told(key);
  for (cluster::Version &v : came.told(key))
    if (before.versions().find(v.dot) == before.versions().end()) met.push_back(std::move(v));
  if (met.size() < 2) return std::nullopt;
  if (std::tie(met[0].stamp, met[0].dot) > std::tie(met[1].stamp, met[1].dot))
    std::swap(met[0], met[1]);
  // Who knew what he wrote over lost nothing.
  const bool knew = met[1].seen.covers(met[0].dot) || met[0].dot.member == met[1].dot.member;
  if (knew || (!met[0].value && !met[1].value)) return std::nullopt;
  auto outcome = cluster::resolve(cluster::ConflictPolicy::LastWriteWins, met);
  return Meeting{std::move(met), std::move(outcome)};
}

cluster::Outcome settled(const KeyState &before, const KeyState &after) {
  const auto &[dot, stored] = *after.versions().begin();
  cluster::Outcome outcome;
  outcome.policy = cluster::ConflictPolicy::Application;
  outcome.values = {stored.value};
  outcome.kept = {dot};
  outcome.story = fmt::format("{} was written by somebody who had read all {} versions: it stays.",
                              dot.text(), before.versions().size());
  return outcome;
}

} // namespace

std::optional<Meeting> meetingOf(Policy policy, std::string_view key, const KeyState &before,
                                 const KeyState &came, const KeyState &after) {
  if (policy == Policy::LastWriteWins) return lastWriteMeeting(key, before, came);
  if (after.versions().size() == 1 && before.versions().size() > 1)
    return Meeting{{}, settled(before, after)};
  const bool news =
      std::any_of(after.versions().begin(), after.versions().end(), [&](const auto &entry) {
        return before.versions().find(entry.first) == before.versions().end();
      });
  // Two tries of one request are one write for its client.
  if (after.shown().size() < 2 || !news) return std::nullopt;
  return Meeting{after.told(key), std::nullopt};
}

} // namespace packetarium::programs::quorum
