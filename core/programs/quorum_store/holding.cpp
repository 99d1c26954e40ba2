// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/held.h"
#include "core/programs/quorum_store/quorum_store.h"

#include <fmt/format.h>

#include <algorithm>

/// What a member holds, in memory and on its disk.
namespace packetarium::programs::quorum {

namespace {

constexpr std::string_view diskFile = "quorum-store.states";
constexpr std::size_t siblingsMax = 16;

} // namespace

KeyState QuorumStore::held(const std::string &key) const {
  const auto at = m_held.find(key);
  return at == m_held.end() ? KeyState{} : at->second;
}

/// isFresh: it comes right from its writer, not from another replica that had it. Whether it
/// brought anything new.
bool QuorumStore::hold(Context &ctx, const std::string &key, KeyState came, bool isFresh) {
  const KeyState before = held(key);
  if (isFresh && m_set.policy == Policy::LastWriteWins) before.wereHeldBefore(came);
  KeyState after = before;
  after.join(m_set.policy, came);
  const auto dropped = after.prune(siblingsMax);
  const bool changed = after.digest() != before.digest();
  m_held[key] = after;
  if (!changed) return false;
  enterTrees(key);
  keep(ctx, key);
  if (!dropped.empty())
    ctx.note(fmt::format("More than {} versions of \"{}\" stand side by side: the oldest is "
                         "dropped.",
                         siblingsMax, key));
  if (const auto meeting = meetingOf(m_set.policy, key, before, came, after))
    tellMeeting(ctx, key, *meeting);
  return true;
}

void QuorumStore::tellMeeting(Context &ctx, const std::string &key, const Meeting &meeting) {
  if (!meeting.versions.empty()) {
    ++m_conflicts;
    ctx.phase("quorum.conflict", key);
    ctx.fact(transport::noSocket, trace::FactTopic::Conflict, m_set.service, key,
             cluster::text(meeting.versions));
  }
  if (!meeting.outcome) return;
  ctx.fact(transport::noSocket, trace::FactTopic::Merged, m_set.service, key,
           cluster::text(*meeting.outcome));
  for (const cluster::LostWrite &lost : meeting.outcome->lost)
    ctx.note(fmt::format("\"{}\" ({}) is lost: {}.", lost.operation, lost.dot.text(), lost.why));
}

/// Into the trees that it compares with the other replicas of the key.
void QuorumStore::enterTrees(const std::string &key) {
  const auto homes = homesOf(key);
  const MemberIndex self = m_members.self();
  if (std::find(homes.begin(), homes.end(), self) == homes.end()) return;
  const std::uint64_t digest = m_held.find(key)->second.digest();
  for (const MemberIndex home : homes)
    if (home != self) m_peers[home].tree.set(key, digest);
}

void QuorumStore::keep(Context &ctx, const std::string &key) {
  Message line("state");
  line.add("key", key);
  m_held.find(key)->second.addTo(line);
  append(ctx, line);
  tellHeld(ctx, key);
}

/// So that whoever judges can tell which writes are still somewhere.
void QuorumStore::tellHeld(Context &ctx, const std::string &key) const {
  cluster::Held told{m_set.policy == Policy::LastWriteWins, {}};
  const KeyState state = held(key);
  for (const auto &[dot, stored] : state.versions())
    told.versions.push_back({dot, stored.seen, stored.stamp, stored.once});
  ctx.fact(transport::noSocket, trace::FactTopic::Held, m_set.service, key, cluster::text(told));
}

/// It was kept for others alone, and they have it now.
void QuorumStore::forget(Context &ctx, const std::string &key) {
  m_held.erase(key);
  append(ctx, Message("forget").add("key", key));
  tellHeld(ctx, key);
}

void QuorumStore::append(Context &ctx, const Message &line) {
  ctx.diskAppend(diskFile, wire::cluster::encode(line));
  ++m_appended;
  if (++m_lines > 2 * (m_held.size() + m_hints.size()) + 200) compact(ctx);
  if (m_set.syncDisk) beginSync(ctx);
}

/// What is true now, in place of how it became so.
void QuorumStore::compact(Context &ctx) {
  ctx.diskTruncate(diskFile, 0);
  for (const auto &[key, state] : m_held) {
    Message line("state");
    line.add("key", key);
    state.addTo(line);
    ctx.diskAppend(diskFile, wire::cluster::encode(line));
  }
  for (const auto &[name, hint] : m_hints)
    ctx.diskAppend(diskFile, wire::cluster::encode(
                                 Message("hint").add("for", name.first).add("key", name.second)));
  m_lines = m_held.size() + m_hints.size();
}

void QuorumStore::beginSync(Context &ctx) {
  if (m_syncRuns || m_synced == m_appended) return;
  m_syncRuns = true;
  ctx.diskSync(m_appended);
}

void QuorumStore::onSynced(Context &ctx, std::uint64_t tag) {
  m_syncRuns = false;
  m_synced = std::max(m_synced, tag);
  while (!m_waiting.empty() && m_waiting.begin()->first <= m_synced) {
    const auto node = m_waiting.extract(m_waiting.begin());
    tell(ctx, node.mapped().to, node.mapped().message);
  }
  if (m_set.syncDisk) beginSync(ctx);
}

/// Once all that was written so far is on the disk.
void QuorumStore::acknowledge(Context &ctx, MemberIndex to, Message message) {
  if (!m_set.syncDisk || m_synced == m_appended)
    tell(ctx, to, message);
  else
    m_waiting.emplace(m_appended, Waiting{to, std::move(message)});
}

void QuorumStore::restore(Context &ctx) {
  const auto lines = ctx.diskRead(diskFile);
  for (const std::string &line : lines)
    if (const auto message = wire::cluster::decode(line)) restoreLine(*message);
  m_lines = lines.size();
  ctx.fact(transport::noSocket, trace::FactTopic::Held, m_set.service, {});
  for (const auto &[key, state] : m_held) {
    enterTrees(key);
    tellHeld(ctx, key);
  }
}

void QuorumStore::restoreLine(const Message &line) {
  const std::string key(line.text("key"));
  const HintName hint{std::string(line.text("for")), key};
  if (line.is("state")) {
    if (auto state = KeyState::from(line)) m_held.insert_or_assign(key, std::move(*state));
  } else if (line.is("forget")) {
    m_held.erase(key);
  } else if (line.is("hint")) {
    m_hints[hint] = {};
  } else if (line.is("handed")) {
    m_hints.erase(hint);
  }
}

} // namespace packetarium::programs::quorum
