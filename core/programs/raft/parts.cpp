// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <algorithm>
#include <utility>

namespace packetarium::programs::raft {

namespace {
constexpr std::uint64_t partsUnderWayBytes = 4096;
} // namespace

/// It fits into no datagram.
bool Core::isLong(Index index) const {
  return m_log.holds(index) && m_log.at(index)->bytes > entryBytesMax;
}

/// The next entry as pieces of its line, of which some are under way at a time. Only for one whose
/// log is known up to the entry before.
void Core::sendParts(Hands &hands, MemberId to, Follower &f) {
  if (f.part != f.next) {
    f.part = f.next;
    f.chunkSent = f.chunkDone = f.chunkSaid = 0;
  }
  if (f.chunkSent > 0 && f.chunkSent >= f.chunkDone + partsUnderWayBytes) return;
  const EntryRef &entry = m_log.at(f.part);
  const std::string line = encodeEntry(*entry);
  Rpc rpc = rpcOf(RpcKind::Part);
  rpc.index = f.part;
  rpc.indexTerm = m_log.termAt(f.part - 1);
  rpc.hintTerm = entry->term;
  rpc.commit = m_commit;
  rpc.total = line.size();
  while (f.chunkSent < line.size() && f.chunkSent < f.chunkDone + partsUnderWayBytes) {
    rpc.offset = f.chunkSent;
    rpc.data = pieceOf(line, f.chunkSent, entryBytesMax);
    f.chunkSent += rpc.data.size();
    f.sent = hands.now();
    hands.send(to, rpc);
  }
}

/// Nothing came back for a while: from where the newest answer left off.
void Core::sendPartsAgain(Hands &hands, MemberId to, Follower &f) {
  if (f.probing || f.part != f.next || f.part != f.match + 1 || !isLong(f.part)) return;
  f.chunkSent = f.chunkDone = f.chunkSaid;
  sendParts(hands, to, f);
}

/// Pieces are taken in order; with the last one it is an Append like any other.
void Core::onPart(Hands &hands, MemberId from, const Rpc &rpc) {
  if (rpc.index == 0) return;
  Rpc whole = rpc;
  whole.kind = RpcKind::Append;
  whole.data.clear();
  const bool known = m_log.holds(rpc.index) && m_log.termAt(rpc.index) == rpc.hintTerm;
  const Index before = rpc.index - 1;
  const bool fits = before >= m_log.base() && m_log.matches(before, rpc.indexTerm);
  if (known) whole.entries.push_back(m_log.at(rpc.index));
  // Old, known already, or not to be put here: onAppend answers.
  if (rpc.term < m_term || m_role == Role::Leader || known || !fits) {
    onAppend(hands, from, whole);
    return;
  }
  follow(hands, from);
  Rpc &in = m_incomingPart;
  if (in.index != rpc.index || in.term != rpc.term || in.total != rpc.total) {
    in = rpc;
    in.data.clear();
  }
  if (rpc.offset == in.data.size()) in.data += rpc.data;
  if (in.data.size() < rpc.total) {
    Rpc answer = rpcOf(RpcKind::PartAnswer);
    answer.index = rpc.index;
    answer.offset = in.data.size();
    hands.send(from, answer);
    return;
  }
  EntryRef entry = decodeEntry(std::exchange(in, {}).data);
  if (entry == nullptr || entry->term != rpc.hintTerm) return;
  whole.entries.push_back(std::move(entry));
  onAppend(hands, from, whole);
}

void Core::onPartAnswer(Hands &hands, MemberId from, const Rpc &rpc) {
  const auto found = m_followers.find(from);
  if (m_role != Role::Leader || rpc.term != m_term || found == m_followers.end()) return;
  Follower &f = found->second;
  f.heard = hands.now();
  if (f.snapshot != nullptr || f.part != rpc.index || f.part != f.next || f.probing) return;
  f.chunkSaid = rpc.offset; // less than before, when it has started again meanwhile
  if (rpc.offset <= f.chunkDone) return;
  f.chunkDone = rpc.offset;
  if (f.part == f.match + 1 && isLong(f.part)) sendParts(hands, from, f);
}

} // namespace packetarium::programs::raft
