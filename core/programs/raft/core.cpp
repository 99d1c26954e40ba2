// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using trace::FactTopic;

std::string_view name(Role role) {
  switch (role) {
  case Role::Follower: return "follower";
  case Role::PreCandidate: return "pre-candidate";
  case Role::Candidate: return "candidate";
  case Role::Leader: return "leader";
  }
  return {};
}

Core::Core(Rules rules, Book book, MemberId self, Configuration first)
    : m_rules(rules), m_book(std::move(book)), m_self(self), m_first(std::move(first)) {}

/// again: the node was up before, and what its disk does not hold is gone.
void Core::start(Hands &hands, Stored stored, bool again) {
  const Index changedFrom = stored.changedFrom;
  restore(hands, std::move(stored));
  tellTerm(hands);
  if (again) {
    // What it heard before the crash is forgotten: a lease that it granted may still run.
    m_heard = hands.now();
    m_knewLeader = true;
    hands.tell(FactTopic::Log,
               fmt::format("truncate {} 0", std::min(changedFrom, m_log.last() + 1)), {});
    if (m_snapshot != nullptr)
      hands.tell(FactTopic::Snapshot,
                 fmt::format("installed {} {}", m_snapshot->index, m_snapshot->term),
                 digestOf(m_snapshot->state));
    for (Index i = std::max(changedFrom, m_commit + 1); i <= m_log.last(); ++i)
      tellLog(hands, "append", i);
  } else {
    for (Index i = m_log.base() + 1; i <= m_log.last(); ++i) tellLog(hands, "append", i);
  }
  tellMembers(hands);
  tellRole(hands, again ? fmt::format("it started again with {} entries", m_log.last())
                        : std::string("it starts"));
  restartElectionTimer(hands);
  savePromise(hands);
  syncIfNeeded(hands);
}

void Core::restore(Hands &, Stored stored) {
  m_term = stored.promise.term;
  m_vote = m_book.find(stored.promise.vote);
  m_emptied = stored.promise.emptied && m_first.voters.size() > 1;
  m_gone = stored.promise.gone;
  m_log = std::move(stored.log);
  m_snapshot = std::move(stored.snapshot);
  m_configurations = Configurations(m_first);
  if (m_snapshot != nullptr) {
    m_machine.load(m_snapshot->state);
    m_configurations.reset(m_snapshot->membersIndex,
                           Configuration::from(m_snapshot->members, m_book));
    m_commit = m_applied = m_snapshot->index;
  }
  for (Index i = m_commit + 1; i <= m_log.last(); ++i)
    if (const Command &c = m_log.at(i)->command; c.verb == "members")
      m_configurations.add(i, Configuration::from(c.value, m_book));
  m_durable = m_log.last();
  m_term = std::max(m_term, m_log.lastTerm());
}

MemberId Core::meet(std::string_view who, wire::Ipv4Address address) {
  return m_book.add(who, address);
}

std::string Core::memberName(MemberId id) const { return m_book.nameOf(id); }

std::string_view Core::roleName() const {
  return m_role == Role::Follower && !mayStand() ? std::string_view("learner") : name(m_role);
}

void Core::tellTerm(Hands &hands) const {
  hands.tell(FactTopic::Term, std::to_string(m_term), memberName(m_leader));
}

void Core::tellRole(Hands &hands, std::string_view why) const {
  hands.tell(FactTopic::Role, roleName(), why);
}

void Core::tellLog(Hands &hands, std::string_view what, Index index) const {
  const EntryRef &entry = m_log.at(index);
  hands.tell(FactTopic::Log, fmt::format("{} {} {}", what, index, entry->term),
             entry->command.text());
}

void Core::tellMembers(Hands &hands) const {
  hands.tell(FactTopic::Members, m_configurations.newest().names(m_book),
             std::to_string(m_configurations.newestAt()));
}

Rpc Core::rpcOf(RpcKind kind) const {
  Rpc rpc;
  rpc.kind = kind;
  rpc.term = m_term;
  return rpc;
}

/// Of its own will it stands for election only while it has a vote, or may still have one: an entry
/// that takes it away counts for good once it is committed.
bool Core::mayStand() const {
  if (m_gone || m_emptied) return false;
  return m_configurations.newest().has(m_self) ||
         (m_configurations.newestAt() > m_commit &&
          m_configurations.upTo(m_commit).second.has(m_self));
}

bool Core::hearsLeader(SimTime now) const {
  if (m_role == Role::Leader) return true;
  return m_knewLeader && now - m_heard < m_rules.electionMin;
}

/// A newer term was heard of (5.1).
void Core::adopt(Hands &hands, Term term, std::string_view why) {
  m_leader = nobody;
  becomeFollower(hands, why);
  m_term = term;
  m_vote = nobody;
  savePromise(hands);
  tellTerm(hands);
}

/// Whatever it was: from now on it only listens. The term stays.
void Core::becomeFollower(Hands &hands, std::string_view why) {
  const Role was = m_role;
  m_role = Role::Follower;
  m_votes.clear();
  m_refused.clear();
  if (was != Role::Follower) {
    hands.wait(Alarm::Heartbeat, {});
    tellRole(hands, why);
  }
  if (was == Role::Leader) {
    m_followers.clear();
    m_reads.clear();
    m_roundSent.clear();
    m_joining = {};
    m_heir = nobody;
    if (m_leaseHeld) hands.countdown(trace::CountdownKind::Lease, {});
    m_leaseHeld = false;
    hands.wait(Alarm::Lease, {});
    hands.deposed();
    hands.phase("raft.stepped-down", why);
    restartElectionTimer(hands);
  }
}

/// The leader of this term speaks.
void Core::follow(Hands &hands, MemberId leader) {
  if (m_role != Role::Follower)
    becomeFollower(hands, fmt::format("it follows {}", memberName(leader)));
  m_heard = hands.now();
  if (m_leader != leader) {
    m_leader = leader;
    m_knewLeader = true;
    tellTerm(hands);
  }
  restartElectionTimer(hands);
}

void Core::restartElectionTimer(Hands &hands) {
  if (m_role == Role::Leader) return;
  if (!mayStand()) {
    hands.wait(Alarm::Election, {});
    return;
  }
  const Duration timeout = hands.drawTimeout();
  hands.wait(Alarm::Election, timeout);
  hands.countdown(trace::CountdownKind::Election, timeout);
}

void Core::savePromise(Hands &hands) {
  if (has(Flaw::VoteNotPersisted))
    hands.savePromise({m_log.lastTerm(), {}, m_emptied, m_gone});
  else
    hands.savePromise({m_term, memberName(m_vote), m_emptied, m_gone});
  m_dirty = true;
}

/// Something was saved: whatever is promised from now on waits for it.
void Core::wrote(Hands &hands) {
  m_dirty = true;
  syncIfNeeded(hands);
}

/// One at a time: what is saved meanwhile goes with the next (group commit).
void Core::syncIfNeeded(Hands &hands) {
  if (m_syncing || !m_dirty) return;
  m_syncing = true;
  m_dirty = false;
  m_syncedLength = m_log.last();
  hands.sync(++m_ticket);
}

/// Sends it once all that was saved so far is on the disk: promises survive a crash.
void Core::sendDurably(Hands &hands, MemberId to, Rpc rpc) {
  if (!m_dirty && !m_syncing) {
    if (to == m_self)
      receive(hands, to, rpc);
    else
      hands.send(to, rpc);
    return;
  }
  m_pending.push_back(
      {m_dirty && m_syncing ? m_ticket + 1 : m_ticket + (m_syncing ? 0 : 1), to, std::move(rpc)});
  syncIfNeeded(hands);
}

void Core::synced(Hands &hands, std::uint64_t ticket) {
  if (ticket != m_ticket || !m_syncing) return;
  m_syncing = false;
  m_durable = std::max(m_durable, std::min(m_syncedLength, m_log.last()));
  syncIfNeeded(hands);
  while (!m_pending.empty() && m_pending.front().ticket <= ticket) {
    const Pending ready = std::move(m_pending.front());
    m_pending.pop_front();
    if (ready.rpc.term != m_term) continue; // it promises something of a term that is over
    if (ready.to == m_self)
      receive(hands, m_self, ready.rpc);
    else
      hands.send(ready.to, ready.rpc);
  }
  if (m_role == Role::Leader) advanceCommit(hands);
  syncIfNeeded(hands);
}

void Core::alarm(Hands &hands, Alarm which) {
  switch (which) {
  case Alarm::Election:
    onElectionTimeout(hands, m_knewLeader && m_role == Role::Follower ? "it hears no leader"
                             : m_role == Role::Follower               ? "there is no leader yet"
                                                                      : "nobody won in time");
    return;
  case Alarm::Heartbeat:
    if (m_role == Role::Leader) onHeartbeatAlarm(hands);
    if (m_role == Role::Candidate || m_role == Role::PreCandidate) onVoteAlarm(hands);
    return;
  case Alarm::Lease:
    m_leaseHeld = false;
    hands.countdown(trace::CountdownKind::Lease, {});
    return;
  case Alarm::Joining: askMembership(hands); return;
  }
}

void Core::timeOut(Hands &hands) {
  if (m_role == Role::Leader || !mayStand()) return;
  if (m_rules.reads == Reads::Lease && hearsLeader(hands.now())) {
    // It has promised that leader to vote for nobody else, not even for itself: as soon as it may.
    const Duration left = m_rules.electionMin - (hands.now() - m_heard);
    hands.wait(Alarm::Election, left);
    hands.countdown(trace::CountdownKind::Election, left);
    return;
  }
  onElectionTimeout(hands, "its time-out was ended by hand");
}

void Core::takeOver(Hands &hands) {
  if (m_role == Role::Leader || !mayStand()) return;
  if (m_leader != nobody)
    hands.send(m_leader, rpcOf(RpcKind::Transfer));
  else
    campaign(hands, "promoted by hand", m_rules.reads != Reads::Lease);
}

void Core::receive(Hands &hands, MemberId from, const Rpc &rpc) {
  switch (rpc.kind) {
  case RpcKind::PreVote: onPreVote(hands, from, rpc); return;
  case RpcKind::Transfer: handOver(hands, from); return;
  case RpcKind::Join: onJoin(hands, from); return;
  case RpcKind::Leave: onLeave(hands, from); return;
  case RpcKind::Vote:
    // A member that left, or was cut off, shall not depose a leader that others hear: with leases
    // this is what they stand on (dissertation, 4.2.3 and 6.4.1).
    if ((m_rules.reads == Reads::Lease || m_rules.preVote) && !rpc.byHand && rpc.term > m_term &&
        hearsLeader(hands.now())) {
      hands.tell(FactTopic::Vote, fmt::format("refuse {}", rpc.term), memberName(from));
      return;
    }
    break;
  case RpcKind::PreVoteAnswer:
    if (rpc.yes) { // of a term that nobody is in yet
      onPreVoteAnswer(hands, from, rpc);
      return;
    }
    break;
  default: break;
  }
  if (rpc.term > m_term)
    adopt(hands, rpc.term, fmt::format("{} is in term {}", memberName(from), rpc.term));
  switch (rpc.kind) {
  case RpcKind::Vote: onVote(hands, from, rpc); break;
  case RpcKind::VoteAnswer: onVoteAnswer(hands, from, rpc); break;
  case RpcKind::PreVoteAnswer: onPreVoteAnswer(hands, from, rpc); break;
  case RpcKind::Append: onAppend(hands, from, rpc); break;
  case RpcKind::AppendAnswer: onAppendAnswer(hands, from, rpc); break;
  case RpcKind::Heartbeat: onHeartbeat(hands, from, rpc); break;
  case RpcKind::HeartbeatAnswer: onHeartbeatAnswer(hands, from, rpc); break;
  case RpcKind::Chunk: onChunk(hands, from, rpc); break;
  case RpcKind::ChunkAnswer: onChunkAnswer(hands, from, rpc); break;
  case RpcKind::Part: onPart(hands, from, rpc); break;
  case RpcKind::PartAnswer: onPartAnswer(hands, from, rpc); break;
  case RpcKind::TimeoutNow:
    if (rpc.term == m_term && m_role != Role::Leader && mayStand())
      campaign(hands, fmt::format("{} hands over", memberName(from)), true);
    break;
  case RpcKind::Gone:
    if (m_wish != Wish::Leave) break;
    becomeFollower(hands, "it has left");
    goAway(hands);
    tellRole(hands, "it has left");
    break;
  default: break;
  }
  syncIfNeeded(hands);
}

} // namespace packetarium::programs::raft
