// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using trace::FactTopic;
using trace::FailoverStage;

void Core::onElectionTimeout(Hands &hands, std::string_view why) {
  if (m_role == Role::Leader || !mayStand()) return;
  if (m_role == Role::Follower && m_leader != nobody)
    hands.tellFailover(FailoverStage::Suspected,
                       fmt::format("no word of {} for {} ms", memberName(m_leader),
                                   (hands.now() - m_heard).ns() / 1'000'000));
  if (m_rules.preVote)
    askFirst(hands, why);
  else
    campaign(hands, why, false);
}

/// Would they vote for it? Nobody's term grows before most say so (dissertation, 9.6): a member
/// that nobody hears disturbs nobody when it comes back.
void Core::askFirst(Hands &hands, std::string_view why) {
  const Role was = std::exchange(m_role, Role::PreCandidate);
  if (m_leader != nobody) {
    m_leader = nobody;
    tellTerm(hands);
  }
  m_votes.clear();
  m_refused.clear();
  if (was != Role::PreCandidate) tellRole(hands, why);
  hands.tell(FactTopic::Vote, fmt::format("pre-ask {}", m_term + 1), why);
  restartElectionTimer(hands);
  askVoters(hands);
  if (configuration().has(m_self)) m_votes.insert(m_self);
  if (elected()) campaign(hands, why, false);
}

/// All that have not answered yet; once more after every heartbeat's time until the election ends,
/// since a request or its answer may be lost (5.1).
void Core::askVoters(Hands &hands) {
  const bool pre = m_role == Role::PreCandidate;
  Rpc rpc = rpcOf(pre ? RpcKind::PreVote : RpcKind::Vote);
  if (pre) ++rpc.term;
  rpc.index = m_log.last();
  rpc.indexTerm = m_log.lastTerm();
  rpc.byHand = !pre && m_byHand;
  hands.wait(Alarm::Heartbeat, m_rules.heartbeat);
  for (const MemberId id : configuration().voters) {
    if (id == m_self || m_votes.count(id) > 0 || m_refused.count(id) > 0) continue;
    if (pre)
      hands.send(id, rpc);
    else
      sendDurably(hands, id, rpc);
  }
}

void Core::onVoteAlarm(Hands &hands) {
  // The requests themselves may still wait for the disk.
  if (m_role == Role::Candidate && (m_dirty || m_syncing))
    hands.wait(Alarm::Heartbeat, m_rules.heartbeat);
  else
    askVoters(hands);
}

void Core::onPreVote(Hands &hands, MemberId from, const Rpc &rpc) {
  const bool yes = rpc.term > m_term && !hearsLeader(hands.now()) && !m_emptied &&
                   (has(Flaw::NoLogCheck) || m_log.reachedBy(rpc.index, rpc.indexTerm));
  hands.tell(FactTopic::Vote, fmt::format("pre-{} {}", yes ? "grant" : "refuse", rpc.term),
             memberName(from));
  Rpc answer = rpcOf(RpcKind::PreVoteAnswer);
  answer.yes = yes;
  if (yes) answer.term = rpc.term;
  hands.send(from, answer);
}

void Core::onPreVoteAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  if (m_role != Role::PreCandidate) return;
  if (rpc.yes && rpc.term != m_term + 1) return;
  if ((rpc.yes ? m_votes : m_refused).count(from) == 0)
    hands.tell(FactTopic::Vote, fmt::format("pre-{} {}", rpc.yes ? "won" : "missed", m_term + 1),
               memberName(from));
  if (!rpc.yes) {
    m_refused.insert(from);
    return;
  }
  m_votes.insert(from);
  if (elected()) campaign(hands, "most would vote for it", false);
}

/// A new term, with its own vote for itself (5.2). byHand: those who hear a leader vote all the
/// same.
void Core::campaign(Hands &hands, std::string_view why, bool byHand) {
  const Role was = std::exchange(m_role, Role::Candidate);
  ++m_term;
  m_vote = m_self;
  m_leader = nobody;
  m_votes.clear();
  m_refused.clear();
  m_byHand = byHand;
  savePromise(hands);
  tellTerm(hands);
  if (was != Role::Candidate) tellRole(hands, why);
  hands.tell(FactTopic::Vote, fmt::format("ask {}", m_term), why);
  hands.phase("raft.candidate", fmt::format("term {}", m_term));
  restartElectionTimer(hands);
  askVoters(hands);
  Rpc own = rpcOf(RpcKind::VoteAnswer);
  own.yes = true;
  if (configuration().has(m_self)) sendDurably(hands, m_self, own);
}

/// One vote in each term, first come, first served, and only for a log that lacks nothing of this
/// one's (5.4.1).
void Core::onVote(Hands &hands, MemberId from, const Rpc &rpc) {
  const bool free = m_vote == nobody || m_vote == from || has(Flaw::DoubleVote);
  const bool complete = m_log.reachedBy(rpc.index, rpc.indexTerm) || has(Flaw::NoLogCheck);
  const bool yes = rpc.term == m_term && m_role == Role::Follower && free && complete && !m_emptied;
  Rpc answer = rpcOf(RpcKind::VoteAnswer);
  answer.yes = yes;
  hands.tell(FactTopic::Vote, fmt::format("{} {}", yes ? "grant" : "refuse", rpc.term),
             memberName(from));
  if (!yes) {
    hands.send(from, answer);
    return;
  }
  if (m_vote != from) {
    m_vote = from;
    savePromise(hands);
  }
  restartElectionTimer(hands);
  sendDurably(hands, from, answer);
}

void Core::onVoteAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  if (m_role != Role::Candidate || rpc.term != m_term) return;
  if ((rpc.yes ? m_votes : m_refused).count(from) == 0)
    hands.tell(FactTopic::Vote, fmt::format("{} {}", rpc.yes ? "won" : "missed", m_term),
               memberName(from));
  (rpc.yes ? m_votes : m_refused).insert(from);
  if (elected()) lead(hands);
}

bool Core::elected() const {
  const Configuration &c = configuration();
  const auto votes = std::count_if(c.voters.begin(), c.voters.end(),
                                   [this](MemberId id) { return m_votes.count(id) > 0; });
  return static_cast<std::size_t>(votes) >= c.majority();
}

void Core::lead(Hands &hands) {
  m_role = Role::Leader;
  m_leader = m_self;
  hands.wait(Alarm::Election, {});
  hands.countdown(trace::CountdownKind::Election, {});
  if (m_knewLeader)
    hands.tellFailover(FailoverStage::Decided,
                       fmt::format("{} has the votes of {} members in term {}", memberName(m_self),
                                   m_votes.size(), m_term));
  tellRole(hands, fmt::format("{} votes of {}", m_votes.size(), configuration().voters.size()));
  tellTerm(hands);
  hands.phase("raft.elected", fmt::format("term {}", m_term));
  m_followers.clear();
  m_round = m_confirmed = 0;
  m_roundSent.clear();
  m_heir = m_leaving = nobody;
  m_leaseOver = false;
  m_joining = {};
  trackFollowers(hands);
  hands.wait(Alarm::Heartbeat, m_rules.heartbeat);
  // What it appends first is what it may commit first, and all before it with it (5.4.2, 8).
  m_termStart = m_log.last() + 1;
  if (!has(Flaw::CommitOldTerm)) append(hands, {"no-op", {}, {}, {}, {}});
  replicateAll(hands);
  beat(hands, false);
  if (m_knewLeader)
    hands.tellFailover(FailoverStage::Active,
                       fmt::format("{} leads in term {}", memberName(m_self), m_term));
  m_knewLeader = true;
  advanceCommit(hands);
}

} // namespace packetarium::programs::raft
