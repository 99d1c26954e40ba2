// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using trace::FactTopic;

namespace {
/// A piece fits into a datagram beside the names of dozens of members; so many may be under way.
constexpr std::uint64_t chunkBytes = 800, chunksUnderWay = 4;
constexpr std::size_t chunkHeadBytes = 220, chunkRoomLeast = 200;
} // namespace

/// Section 7: state, sessions and configuration, written to the disk in place of the entries that
/// they stand for. A leader keeps those that followers in reach do not have yet.
void Core::takeSnapshot(Hands &hands, Index index, const Machine &machine) {
  const auto &[membersIndex, members] = m_configurations.upTo(index);
  m_snapshot = std::make_shared<const Snapshot>(
      Snapshot{index, m_log.termAt(index), membersIndex, members.text(m_book), machine.save()});
  Index until = index;
  for (const auto &[id, f] : m_followers)
    if (f.match > 0 && hands.now() - f.heard <= m_rules.electionMax)
      until = std::min(until, f.match);
  m_log.compact(until);
  m_configurations.forgetBefore(index);
  hands.saveSnapshot(m_snapshot, m_log);
  m_dirty = true;
  hands.tell(FactTopic::Snapshot, fmt::format("taken {} {}", index, m_snapshot->term),
             digestOf(m_snapshot->state));
}

void Core::sendChunks(Hands &hands, MemberId to, Follower &f) {
  const Snapshot &s = *f.snapshot;
  Rpc rpc = rpcOf(RpcKind::Chunk);
  rpc.index = s.index;
  rpc.indexTerm = s.term;
  rpc.members = s.members;
  rpc.membersIndex = s.membersIndex;
  rpc.total = s.state.size();
  const std::size_t head = chunkHeadBytes + fieldBytes("members", s.members);
  const std::size_t room = datagramBytesMax - std::min(head, datagramBytesMax - chunkRoomLeast);
  while (f.chunkSent < s.state.size() && f.chunkSent < f.chunkDone + chunkBytes * chunksUnderWay) {
    rpc.offset = f.chunkSent;
    rpc.data =
        pieceOf(std::string_view(s.state).substr(0, f.chunkSent + chunkBytes), f.chunkSent, room);
    f.chunkSent += rpc.data.size();
    f.sent = hands.now();
    hands.send(to, rpc);
  }
}

/// Pieces are taken in order; the answer says how much is there, whatever came.
void Core::onChunk(Hands &hands, MemberId from, const Rpc &rpc) {
  Rpc answer = rpcOf(RpcKind::ChunkAnswer);
  answer.index = rpc.index;
  if (rpc.term < m_term) {
    hands.send(from, answer);
    return;
  }
  if (m_role == Role::Leader) return;
  follow(hands, from);
  answer.yes = true;
  if (rpc.index <= m_commit) { // it has all of it already
    answer.offset = rpc.total;
    sendDurably(hands, from, answer);
    return;
  }
  if (m_incoming.index != rpc.index || m_incoming.term != rpc.term) {
    m_incoming = rpc;
    m_incoming.data.clear();
  }
  if (rpc.offset == m_incoming.data.size()) m_incoming.data += rpc.data;
  answer.offset = m_incoming.data.size();
  if (answer.offset == rpc.total) install(hands, std::exchange(m_incoming, {}));
  sendDurably(hands, from, answer);
}

void Core::install(Hands &hands, const Rpc &rpc) {
  Machine loaded;
  if (!loaded.load(rpc.data)) return;
  const std::string_view was = roleName();
  m_machine = std::move(loaded);
  m_snapshot = std::make_shared<const Snapshot>(
      Snapshot{rpc.index, rpc.indexTerm, rpc.membersIndex, rpc.members, rpc.data});
  // Entries after it stay when they go on from it.
  const Configuration members = Configuration::from(rpc.members, m_book);
  if (m_log.matches(rpc.index, rpc.indexTerm)) {
    m_log.compact(rpc.index);
    m_configurations.forgetBefore(rpc.index);
  } else {
    for (Index i = m_log.last(); i > std::max(rpc.index, m_log.base()); --i)
      tellLog(hands, "truncate", i);
    m_log.reset(rpc.index, rpc.indexTerm);
    m_configurations.reset(rpc.membersIndex, members);
    m_durable = m_syncedLength = rpc.index;
  }
  m_commit = m_applied = rpc.index;
  hands.saveSnapshot(m_snapshot, m_log);
  m_dirty = true;
  hands.tell(FactTopic::Snapshot, fmt::format("installed {} {}", rpc.index, rpc.indexTerm),
             digestOf(m_snapshot->state));
  tellMembers(hands);
  if (was != roleName()) tellRole(hands, "as the snapshot says");
  restartElectionTimer(hands);
}

void Core::onChunkAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  const auto found = m_followers.find(from);
  if (m_role != Role::Leader || rpc.term != m_term || found == m_followers.end()) return;
  Follower &f = found->second;
  f.heard = hands.now();
  if (f.snapshot == nullptr || f.snapshot->index != rpc.index || !rpc.yes) return;
  const bool news = rpc.offset > f.chunkDone;
  f.chunkSaid = rpc.offset; // less than before, when it has started again meanwhile
  f.chunkDone = std::max(f.chunkDone, rpc.offset);
  if (f.chunkDone < f.snapshot->state.size()) {
    if (news) sendChunks(hands, from, f);
    return;
  }
  f.match = std::max(f.match, f.snapshot->index);
  f.next = f.match + 1;
  f.snapshot = nullptr;
  f.probing = f.waiting = false;
  tellProgress(hands, from);
  advanceCommit(hands);
  if (m_role != Role::Leader || m_followers.count(from) == 0) return;
  checkJoining(hands);
  replicate(hands, from);
}

} // namespace packetarium::programs::raft
