// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using trace::FactTopic;

void Core::put(Hands &hands, EntryRef entry) {
  hands.saveEntry(*entry);
  m_dirty = true;
  if (entry->command.verb == "members") {
    m_configurations.add(m_log.last() + 1, Configuration::from(entry->command.value, m_book));
    m_log.append(std::move(entry));
    tellLog(hands, "append", m_log.last());
    tellMembers(hands);
    return;
  }
  m_log.append(std::move(entry));
  tellLog(hands, "append", m_log.last());
}

/// Newest first, each entry named: this is what a conflict costs.
void Core::cutLog(Hands &hands, Index last) {
  for (Index i = m_log.last(); i > last; --i) tellLog(hands, "truncate", i);
  hands.dropEntries(last - m_log.base());
  m_dirty = true;
  m_log.truncate(last);
  m_durable = std::min(m_durable, last);
  m_syncedLength = std::min(m_syncedLength, last);
  m_commit = std::min(m_commit, last); // only the flawed come here
  const std::string_view was = roleName();
  if (m_configurations.cut(last)) tellMembers(hands);
  if (was != roleName()) tellRole(hands, "a change of members was thrown away");
}

void Core::refuseAppend(Hands &hands, MemberId from, Index before) {
  Rpc answer = rpcOf(RpcKind::AppendAnswer);
  answer.refused = before;
  if (before > m_log.last()) {
    answer.index = m_log.last() + 1;
  } else {
    answer.hintTerm = m_log.termAt(before);
    answer.index = m_log.firstOfTerm(before);
  }
  hands.send(from, answer);
}

void Core::onAppend(Hands &hands, MemberId from, const Rpc &rpc) {
  if (rpc.term < m_term) {
    hands.send(from, rpcOf(RpcKind::AppendAnswer));
    return;
  }
  if (rpc.index == 0 || m_role == Role::Leader) return;
  follow(hands, from);
  const Index before = rpc.index - 1;
  // What a snapshot holds is committed, and so the same everywhere.
  const bool same = before < m_log.base() || m_log.matches(before, rpc.indexTerm);
  if (!same && !(has(Flaw::NoMatchCheck) && before <= m_log.last())) {
    refuseAppend(hands, from, before);
    return;
  }
  const bool learner = !mayStand();
  const Index matched = store(hands, rpc);
  if (learner && mayStand()) {
    m_wish = m_wish == Wish::Join ? Wish::None : m_wish;
    tellRole(hands, "it has a vote");
    restartElectionTimer(hands);
  }
  commitTo(hands, std::min(rpc.commit, has(Flaw::UnboundedCommit) ? m_log.last() : matched));
  if (m_emptied && matched >= rpc.commit && m_log.lastTerm() == m_term) {
    m_emptied = false;
    savePromise(hands);
    hands.phase("raft.caught-up", "it has a vote again");
    tellRole(hands, "it has caught up");
    restartElectionTimer(hands);
  }
  Rpc answer = rpcOf(RpcKind::AppendAnswer);
  answer.yes = true;
  answer.index = matched;
  if (has(Flaw::LogNotSynced))
    hands.send(from, answer);
  else
    sendDurably(hands, from, answer);
}

/// Takes the entries that it does not have; the last index up to which its log is the leader's.
/// Only entries that differ are thrown away: a message that comes late is no reason to.
Index Core::store(Hands &hands, const Rpc &rpc) {
  Index index = rpc.index - 1;
  if (has(Flaw::TruncateBlindly) && index >= m_log.base() && index < m_log.last())
    cutLog(hands, index);
  for (const EntryRef &entry : rpc.entries) {
    ++index;
    if (index <= m_log.base()) continue;
    if (index <= m_log.last()) {
      if (m_log.termAt(index) == entry->term) continue;
      cutLog(hands, index - 1);
    }
    put(hands, entry);
  }
  return std::max(index, std::min(m_log.base(), m_commit));
}

void Core::onHeartbeat(Hands &hands, MemberId from, const Rpc &rpc) {
  Rpc answer = rpcOf(RpcKind::HeartbeatAnswer);
  answer.asked = rpc.asked;
  answer.round = rpc.round;
  answer.index = m_log.last();
  if (rpc.term == m_term && m_role != Role::Leader) {
    follow(hands, from);
    commitTo(hands, std::min(rpc.commit, m_log.last()));
  }
  hands.send(from, answer); // of a later term when the sender leads no longer
}

void Core::commitTo(Hands &hands, Index index) {
  if (index <= m_commit) return;
  for (Index i = m_commit + 1; i <= index; ++i) {
    m_commit = i;
    tellLog(hands, "commit", i);
  }
  applyCommitted(hands);
  if (m_role == Role::Leader) answerReads(hands);
}

void Core::applyCommitted(Hands &hands) {
  while (m_applied < m_commit) {
    const Index index = m_applied + 1;
    const EntryRef entry = m_log.at(index);
    const bool due = m_rules.snapshotEntries > 0 &&
                     index - (m_snapshot ? m_snapshot->index : 0) >= m_rules.snapshotEntries;
    if (due && has(Flaw::SnapshotLosesEntry)) takeSnapshot(hands, index, m_machine);
    const Outcome outcome = m_machine.apply(index, entry->command, !has(Flaw::NoSessions));
    m_applied = index;
    hands.tell(FactTopic::Apply, fmt::format("{} {}", index, entry->term), entry->command.text());
    if (due && !has(Flaw::SnapshotLosesEntry)) takeSnapshot(hands, index, m_machine);
    hands.applied(index, *entry, outcome);
    if (entry->command.verb == "members") onMembersCommitted(hands, index);
  }
}

} // namespace packetarium::programs::raft
