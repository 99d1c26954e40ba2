// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace packetarium::programs::raft {

using trace::FactTopic;

namespace {
/// Entries under way to one follower: enough for a long line, few enough to turn round soon.
constexpr Index underWayMax = 256;
/// A message has room for so many entries, whatever their size.
constexpr std::size_t entriesMax = (wire::cluster::fieldsMax - 5) / entryFieldsMax;
} // namespace

Index Core::append(Hands &hands, Command command) {
  put(hands, makeEntry(m_term, std::move(command)));
  return m_log.last();
}

std::optional<Index> Core::propose(Hands &hands, Command command) {
  if (m_role != Role::Leader || m_heir != nobody) return {};
  const Index index = append(hands, std::move(command));
  replicateAll(hands);
  wrote(hands);
  return index;
}

/// Followers are all other members of the newest configuration, and who catches up to be one.
void Core::trackFollowers(Hands &hands) {
  const auto wanted = [this](MemberId id) {
    return id != m_self && (configuration().has(id) || id == m_joining.who);
  };
  for (auto at = m_followers.begin(); at != m_followers.end();)
    at = wanted(at->first) ? std::next(at) : m_followers.erase(at);
  const auto track = [&](MemberId id) {
    if (!wanted(id) || m_followers.count(id) > 0) return;
    Follower f;
    f.next = m_log.last() + 1;
    f.heard = hands.now();
    m_followers[id] = f;
    tellProgress(hands, id);
  };
  for (const MemberId id : configuration().voters) track(id);
  if (m_joining.who != nobody) track(m_joining.who);
}

void Core::tellProgress(Hands &hands, MemberId follower) const {
  const Follower &f = m_followers.at(follower);
  hands.tell(FactTopic::Progress, fmt::format("{} {}", f.next, f.match), memberName(follower));
}

void Core::replicateAll(Hands &hands) {
  for (auto &[id, f] : m_followers) replicate(hands, id);
}

void Core::replicate(Hands &hands, MemberId to) {
  Follower &f = m_followers.at(to);
  if (f.snapshot != nullptr) return;
  while (sendEntries(hands, to, f)) {
  }
}

/// As many entries as one datagram takes; false when no more may follow now.
bool Core::sendEntries(Hands &hands, MemberId to, Follower &f) {
  if (f.probing && f.waiting) return false;
  if (f.next <= m_log.base()) {
    f.snapshot = m_snapshot;
    f.chunkSent = f.chunkDone = f.chunkSaid = 0;
    f.part = 0;
    hands.tell(FactTopic::Snapshot, fmt::format("sent {} {}", m_snapshot->index, m_snapshot->term),
               memberName(to));
    sendChunks(hands, to, f);
    return false;
  }
  if (f.next > m_log.last() && !f.probing) return false;
  if (!f.probing && f.next > f.match + underWayMax) return false;
  if (!f.probing && isLong(f.next)) {
    // Once it is certain that it has all before it.
    if (f.next == f.match + 1) sendParts(hands, to, f);
    return false;
  }
  Rpc rpc = rpcOf(RpcKind::Append);
  rpc.index = f.next;
  rpc.indexTerm = m_log.termAt(f.next - 1);
  rpc.commit = m_commit;
  std::size_t bytes = 0;
  const std::size_t most = std::min(m_rules.batchMax, entriesMax);
  for (Index i = f.next; i <= m_log.last() && rpc.entries.size() < most; ++i) {
    bytes += m_log.at(i)->bytes;
    if (bytes > entryBytesMax) break; // a long one is asked about first, without it
    rpc.entries.push_back(m_log.at(i));
  }
  f.sent = hands.now();
  f.waiting = f.probing;
  if (!f.probing) f.next += rpc.entries.size();
  hands.send(to, rpc);
  return !f.probing;
}

void Core::onAppendAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  const auto found = m_followers.find(from);
  if (m_role != Role::Leader || rpc.term != m_term || found == m_followers.end()) return;
  Follower &f = found->second;
  f.heard = hands.now();
  if (rpc.yes) {
    f.acknowledged = hands.now();
    const bool news = rpc.index > f.match || f.probing;
    f.match = std::max(f.match, std::min(rpc.index, m_log.last()));
    f.next = std::max(f.next, f.match + 1);
    f.probing = f.waiting = false;
    if (news) tellProgress(hands, from);
    advanceCommit(hands);
    if (m_role != Role::Leader || m_followers.count(from) == 0) return;
    checkJoining(hands);
    handOverIfReady(hands);
  } else if (f.snapshot == nullptr && rpc.refused > f.match &&
             (!f.probing || rpc.refused + 1 == f.next)) { // else it is an old answer
    // The hint spares a question for each entry: either its log is too short, or all entries of
    // the differing term are skipped (5.3).
    Index next = rpc.index;
    if (rpc.hintTerm > 0) {
      const Index mine = m_log.lastUpTo(rpc.hintTerm);
      if (mine >= rpc.index && m_log.termAt(mine) == rpc.hintTerm) next = mine + 1;
    }
    f.next = std::max<Index>(f.match + 1, std::min(next, f.next - 1));
    f.probing = true;
    f.waiting = false;
    tellProgress(hands, from);
  }
  if (m_role == Role::Leader && m_followers.count(from) > 0) replicate(hands, from);
}

/// What most have, this disk among them, is committed once it is of this term: an entry of an older
/// term can still be overwritten, however many have it (5.4.2, figure 8).
void Core::advanceCommit(Hands &hands) {
  std::vector<Index> has_;
  for (const MemberId id : configuration().voters) {
    if (id == m_self)
      has_.push_back(has(Flaw::LogNotSynced) ? m_log.last() : m_durable);
    else if (const auto f = m_followers.find(id); f != m_followers.end())
      has_.push_back(f->second.match);
    else
      has_.push_back(0);
  }
  if (has_.empty()) return;
  std::sort(has_.begin(), has_.end(), std::greater<>());
  const Index index = std::min(has_[configuration().majority() - 1], m_log.last());
  if (index <= m_commit) return;
  if (m_log.termAt(index) != m_term && !has(Flaw::CommitOldTerm)) return;
  commitTo(hands, index);
}

bool Core::hearsMajority(SimTime now) const {
  std::size_t heard = 0;
  for (const MemberId id : configuration().voters) {
    const auto f = m_followers.find(id);
    if (id == m_self || (f != m_followers.end() && now - f->second.heard <= m_rules.electionMax))
      ++heard;
  }
  return heard >= configuration().majority();
}

/// A leader that no majority answers steps down, so that its clients look for another one
/// (dissertation, 6.2).
void Core::onHeartbeatAlarm(Hands &hands) {
  if (!hearsMajority(hands.now()) && !(has(Flaw::LeaseSkewed) && leaseHeld(hands.now()))) {
    m_leader = nobody;
    becomeFollower(hands, "it hears no majority");
    tellTerm(hands);
    return;
  }
  if (m_heir != nobody && hands.now() >= m_heirUntil) m_heir = nobody;
  beat(hands, false);
  checkJoining(hands);
  for (auto &[id, f] : m_followers) {
    // What was not answered in time is lost, as far as one can tell.
    const Duration patience = std::max(m_rules.heartbeat, f.roundTrip * 2);
    const bool late = hands.now() - std::max(f.sent, f.heard) >= patience;
    if (f.snapshot != nullptr) {
      if (hands.now() - f.sent >= patience) {
        f.chunkSent = f.chunkDone = f.chunkSaid;
        sendChunks(hands, id, f);
      }
      continue;
    }
    if (hands.now() - f.sent >= patience) sendPartsAgain(hands, id, f);
    if (f.waiting && hands.now() - f.sent >= patience) f.waiting = false;
    if (!f.probing && f.match + 1 < f.next && (late || hands.now() - f.sent >= patience * 2))
      f.next = f.match + 1;
    replicate(hands, id);
  }
  hands.wait(Alarm::Heartbeat, m_rules.heartbeat);
}

/// One round of heartbeats. asked: somebody waits to know that this node still leads.
void Core::beat(Hands &hands, bool asked) {
  ++m_round;
  m_roundSent.push_back(hands.now());
  Rpc rpc = rpcOf(RpcKind::Heartbeat);
  rpc.round = m_round;
  rpc.asked = asked;
  for (auto &[id, f] : m_followers) {
    // Beyond what is known to be the same, its entries may be others.
    rpc.commit = has(Flaw::UnboundedCommit) ? m_commit : std::min(m_commit, f.match);
    hands.send(id, rpc);
  }
  confirmRounds(hands);
}

void Core::onHeartbeatAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  const auto found = m_followers.find(from);
  if (m_role != Role::Leader || rpc.term != m_term || found == m_followers.end()) return;
  Follower &f = found->second;
  f.heard = hands.now();
  if (rpc.round > m_round) return;
  if (rpc.round > m_confirmed) {
    const SimTime sent = m_roundSent[rpc.round - m_confirmed - 1];
    f.roundTrip = hands.now() - sent;
    // It has less than it once had: its disk was lost.
    if (rpc.index < f.match && sent > f.acknowledged && f.snapshot == nullptr) {
      f.match = rpc.index;
      f.next = f.match + 1;
      f.probing = true;
      f.waiting = false;
      tellProgress(hands, from);
      replicate(hands, from);
    }
  }
  f.round = std::max(f.round, rpc.round);
  confirmRounds(hands);
}

/// Leadership transfer (dissertation, 3.10): no new entries, the heir catches up, then it stands
/// for election without waiting.
void Core::handOver(Hands &hands, MemberId heir) {
  if (m_role != Role::Leader || heir == m_self || !configuration().has(heir)) return;
  if (m_heir != nobody) return;
  m_heir = heir;
  m_heirUntil = hands.now() + m_rules.electionMax;
  hands.phase("raft.hands-over", memberName(heir));
  handOverIfReady(hands);
}

void Core::handOverIfReady(Hands &hands) {
  if (m_heir == nobody) return;
  const auto f = m_followers.find(m_heir);
  if (f == m_followers.end() || f->second.match < m_log.last()) return;
  // The lease would outlive the leadership.
  if (m_leaseHeld) hands.countdown(trace::CountdownKind::Lease, {});
  m_leaseHeld = false;
  m_leaseOver = true;
  hands.wait(Alarm::Lease, {});
  hands.send(m_heir, rpcOf(RpcKind::TimeoutNow));
}

} // namespace packetarium::programs::raft
