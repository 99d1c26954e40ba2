// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the members of a Raft cluster and of a quorum store are about at an instant, from what they
/// told: for the canvas, the log strips and the ring.
namespace packetarium::analysis {

enum class VoteState : std::uint8_t { Asked, Granted, Refused };

/// A vote that a candidate asked for or got in its present candidacy.
struct VoteView {
  std::uint32_t voter = 0;
  VoteState state = VoteState::Asked;
  bool pre = false;
};
/// What a leader knows about a follower.
struct ProgressView {
  std::uint32_t follower = 0;
  std::uint64_t nextIndex = 1, matchIndex = 0;
};
struct MemberView {
  std::uint32_t node = 0;
  std::string service;
  std::string role; ///< "follower", "pre-candidate", "candidate", "leader", "learner", "down"
  std::uint64_t term = 0;
  std::optional<std::uint32_t> leader;   ///< that it follows
  std::optional<std::uint32_t> votedFor; ///< in its term
  /// Its election timer and its lease: from when to when; none: it does not wait.
  std::optional<SimTime> electionSince, electionAt, leaseSince, leaseUntil;
  std::vector<VoteView> votes;                       ///< of a candidate, by voter; its own too
  std::vector<ProgressView> progress;                ///< of a leader, by follower
  std::uint64_t snapshotIndex = 0, snapshotTerm = 0; ///< its log begins after it
  std::uint64_t applied = 0;
  std::string configuration; ///< as its Members fact says; nodesNamed() in names.h reads it
};
/// A node's place on the ring of a quorum store.
struct RingView {
  std::string service;
  std::uint32_t node = 0;
  std::vector<std::uint32_t> tokens;                        ///< ascending
  std::vector<std::pair<std::string, std::uint32_t>> hints; ///< keys kept for another node
};
struct ConsensusState {
  std::vector<MemberView> members; ///< by (service, node)
  std::vector<RingView> rings;     ///< by (service, node)
};
/// As told up to and with the record. Costs a few searches for each member, whatever the length of
/// the run: it may be asked at each move of the cursor.
ConsensusState consensusState(const FactBook &facts, const net::Blueprint &network,
                              trace::Sequence upTo);

} // namespace packetarium::analysis
