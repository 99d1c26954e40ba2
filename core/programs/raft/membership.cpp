// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using trace::FactTopic;

namespace {
constexpr int catchUpRoundsMax = 10;
} // namespace

void Core::join(Hands &hands) {
  m_wish = Wish::Join;
  m_gone = false;
  askMembership(hands);
}

void Core::leave(Hands &hands) {
  m_wish = Wish::Leave;
  askMembership(hands);
}

/// Asks all it knows, again and again: only the leader listens.
void Core::askMembership(Hands &hands) {
  if (m_wish == Wish::Join && configuration().has(m_self)) m_wish = Wish::None;
  if (m_wish == Wish::None) return;
  hands.wait(Alarm::Joining, m_rules.electionMax * 2);
  if (m_role == Role::Leader) {
    if (m_wish == Wish::Leave) onLeave(hands, m_self);
    return;
  }
  Rpc rpc = rpcOf(m_wish == Wish::Join ? RpcKind::Join : RpcKind::Leave);
  rpc.data = m_book.at(m_self).address.text();
  for (MemberId id = 0; id < m_book.size(); ++id)
    if (id != m_self) hands.send(id, rpc);
}

/// A server joins without a vote until it has nearly all entries (dissertation, 4.2.1).
void Core::onJoin(Hands &hands, MemberId from) {
  if (m_role != Role::Leader || configuration().has(from) || m_joining.who != nobody) return;
  m_joining = {from, m_log.last(), hands.now(), 0};
  hands.phase("raft.catching-up", memberName(from));
  trackFollowers(hands);
  replicate(hands, from);
}

/// A round ends when the newcomer has what the log held as the round began; a round that was short
/// leaves little to wait for. One that is always too slow is not taken.
void Core::checkJoining(Hands &hands) {
  if (m_joining.who == nobody || configuration().has(m_joining.who)) return;
  const auto f = m_followers.find(m_joining.who);
  if (f == m_followers.end()) return;
  if (hands.now() - f->second.heard > m_rules.electionMax * 10) {
    m_joining = {};
    trackFollowers(hands);
    return;
  }
  if (f->second.match < m_joining.target || f->second.probing) return;
  if (hands.now() - m_joining.since < m_rules.electionMin) {
    if (!mayChangeMembers()) return; // again when the next answer comes
    changeMembers(hands, configuration().with(m_joining.who));
    return;
  }
  if (++m_joining.rounds >= catchUpRoundsMax) {
    hands.phase("raft.join-refused", memberName(m_joining.who));
    m_joining = {};
    trackFollowers(hands);
    return;
  }
  m_joining.target = m_log.last();
  m_joining.since = hands.now();
}

/// One server at a time, so that any two majorities share a member; and no leader begins before an
/// entry of its own term is committed (Ongaro's correction of 2015).
bool Core::mayChangeMembers() const {
  return m_configurations.newestAt() <= m_commit && m_commit >= m_termStart &&
         m_log.termAt(m_commit) == m_term && m_heir == nobody;
}

void Core::onLeave(Hands &hands, MemberId from) {
  if (m_role != Role::Leader) return;
  if (!configuration().has(from)) {
    if (m_configurations.newestAt() <= m_commit && from != m_self)
      hands.send(from, rpcOf(RpcKind::Gone));
    return;
  }
  if (configuration().voters.size() == 1 || !mayChangeMembers()) return;
  m_leaving = from;
  changeMembers(hands, configuration().without(from));
}

void Core::changeMembers(Hands &hands, const Configuration &to) {
  append(hands, {"members", {}, to.text(m_book), {}, {}});
  hands.phase("raft.members-changed", to.names(m_book));
  if (m_joining.who != nobody && to.has(m_joining.who)) m_joining = {};
  trackFollowers(hands);
  replicateAll(hands);
  wrote(hands);
  advanceCommit(hands);
}

/// A leader that is no member any more goes once that is certain (dissertation, 4.2.2).
void Core::onMembersCommitted(Hands &hands, Index index) {
  if (index < m_configurations.newestAt()) return;
  if (m_role == Role::Leader && m_leaving != nobody && m_leaving != m_self)
    hands.send(m_leaving, rpcOf(RpcKind::Gone));
  m_leaving = nobody;
  if (configuration().has(m_self)) return;
  if (m_role == Role::Leader) {
    m_leader = nobody;
    // The followers learn at once that it is committed: nobody else would tell them. The one with
    // the longest log need not wait to stand.
    beat(hands, false);
    const auto heir =
        std::max_element(m_followers.begin(), m_followers.end(), [](const auto &a, const auto &b) {
          return a.second.match < b.second.match;
        });
    if (heir != m_followers.end()) hands.send(heir->first, rpcOf(RpcKind::TimeoutNow));
    becomeFollower(hands, "it is no member any more");
    tellTerm(hands);
  }
  if (m_wish == Wish::Leave) goAway(hands);
  hands.wait(Alarm::Election, {});
  hands.countdown(trace::CountdownKind::Election, {});
}

/// From now on it only listens, also after a restart.
void Core::goAway(Hands &hands) {
  m_wish = Wish::None;
  m_gone = true;
  savePromise(hands);
  hands.wait(Alarm::Joining, {});
  hands.wait(Alarm::Election, {});
  hands.countdown(trace::CountdownKind::Election, {});
}

} // namespace packetarium::programs::raft
