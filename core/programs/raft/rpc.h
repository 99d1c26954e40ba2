// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/raft/configuration.h"

namespace packetarium::programs::raft {

/// A state that stands for the log up to its index.
struct Snapshot {
  Index index = 0;
  Term term = 0;
  Index membersIndex = 0;
  std::string members; ///< Configuration::text
  std::string state;   ///< Machine::save
};
using SnapshotRef = std::shared_ptr<const Snapshot>;

enum class RpcKind : std::uint8_t {
  PreVote,
  PreVoteAnswer,
  Vote,
  VoteAnswer,
  Append,
  AppendAnswer,
  Heartbeat,
  HeartbeatAnswer,
  Chunk, ///< a piece of a snapshot
  ChunkAnswer,
  Part, ///< of an entry that is too long for one datagram
  PartAnswer,
  TimeoutNow, ///< stand for election at once: the leader hands over
  Transfer,   ///< asks the leader to hand over to the sender
  Join,       ///< the sender wants to be a member
  Leave,      ///< the sender wants to be a member no longer
  Gone        ///< to the one that left: it is no member any more
};

/// What members say to each other. Which fields count depends on the kind.
struct Rpc {
  RpcKind kind = RpcKind::Heartbeat;
  Term term = 0;
  /// Votes: the candidate's last. Append: its first entry. AppendAnswer: the last that is the same
  /// (yes), or where to try next (no). Chunk: the snapshot's. Part: of its entry.
  Index index = 0;
  /// Votes: of the last. Append, Part: of the entry before. Chunk: the snapshot's.
  Term indexTerm = 0;
  Index commit = 0;    ///< Append, Part, Heartbeat
  bool yes = false;    ///< answers
  bool byHand = false; ///< Vote: the old leader hands over, or a person asked for it
  bool asked = false;  ///< Heartbeat: a reader waits for the answers
  /// AppendAnswer, no: of the entry that differs; 0: the log is too short. Part: of the entry.
  Term hintTerm = 0;
  Index refused = 0;        ///< AppendAnswer, no: the entry before, which is not there
  std::uint64_t round = 0;  ///< Heartbeat and its answer
  std::uint64_t offset = 0; ///< Chunk, Part: where it begins; their answers: so much is there
  std::uint64_t total = 0;  ///< Chunk, Part: bytes of the whole state or entry
  Index membersIndex = 0;   ///< Chunk
  std::string members;      ///< Chunk: Configuration::text
  std::string data;         ///< Chunk, Part: the piece. Join: the address
  std::vector<EntryRef> entries;
};

/// Payload bytes of a datagram, and how many of them entries or a piece of a snapshot may take.
constexpr std::size_t datagramBytesMax = 1472, entryBytesMax = 1150;
/// What of the text begins at the offset and takes no more than so many bytes in a message.
std::string pieceOf(std::string_view text, std::uint64_t offset, std::size_t bytesMax);

wire::cluster::Message toMessage(const Rpc &rpc, std::string_view from);
/// Nothing when it is none of these.
std::optional<Rpc> fromMessage(const wire::cluster::Message &message);

} // namespace packetarium::programs::raft
