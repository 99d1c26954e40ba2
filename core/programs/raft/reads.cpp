// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/core.h"

#include <algorithm>
#include <functional>

namespace packetarium::programs::raft {

/// Dissertation, 6.4: the commit index when the read came is remembered (of this term: earlier ones
/// may know of less); then a round of heartbeats that began no earlier shows that nobody else
/// leads.
void Core::read(Hands &hands, std::uint64_t read) {
  if (m_role != Role::Leader) return;
  PendingRead r{read, std::max(m_commit, m_termStart), 0};
  const bool leased = (m_rules.reads == Reads::Lease || has(Flaw::LeaseSkewed)) &&
                      leaseHeld(hands.now()) && m_heir == nobody;
  if (has(Flaw::ReadWithoutQuorum) || has(Flaw::CommitOldTerm)) r.index = m_commit;
  if (!leased && !has(Flaw::ReadWithoutQuorum)) {
    // One round at a time serves all who came before it began.
    r.round = m_round + 1;
    m_reads.push_back(r);
    if (m_confirmed == m_round) beat(hands, true);
  } else {
    m_reads.push_back(r);
  }
  answerReads(hands);
}

void Core::confirmRounds(Hands &hands) {
  std::vector<std::uint64_t> rounds;
  for (const MemberId id : configuration().voters) {
    const auto f = m_followers.find(id);
    rounds.push_back(id == m_self ? m_round : f != m_followers.end() ? f->second.round : 0);
  }
  if (rounds.empty()) return;
  std::sort(rounds.begin(), rounds.end(), std::greater<>());
  const std::uint64_t round = rounds[configuration().majority() - 1];
  if (round <= m_confirmed) return;
  const SimTime sent = m_roundSent[round - m_confirmed - 1];
  m_roundSent.erase(m_roundSent.begin(),
                    m_roundSent.begin() + static_cast<std::ptrdiff_t>(round - m_confirmed));
  m_confirmed = round;
  if (m_rules.reads == Reads::Lease || has(Flaw::LeaseSkewed)) renewLease(hands, sent);
  answerReads(hands);
  const bool wanted = std::any_of(m_reads.begin(), m_reads.end(),
                                  [this](const PendingRead &r) { return r.round > m_round; });
  if (wanted && m_confirmed == m_round) beat(hands, true);
}

/// Those who answered vote for nobody else for a while, counted from when they were asked
/// (dissertation, 6.4.1); the lease is shorter than that by as much as clocks may drift apart.
void Core::renewLease(Hands &hands, SimTime roundSent) {
  if (m_heir != nobody || m_leaseOver) return;
  Duration left = m_rules.lease - (hands.now() - roundSent);
  if (has(Flaw::LeaseSkewed)) left = m_rules.electionMax * 5;
  if (left <= Duration{}) return;
  m_leaseHeld = true;
  m_leaseUntil = hands.now() + left;
  hands.wait(Alarm::Lease, left);
  hands.countdown(trace::CountdownKind::Lease, left);
}

void Core::answerReads(Hands &hands) {
  while (!m_reads.empty() && m_reads.front().round <= m_confirmed &&
         m_reads.front().index <= m_applied) {
    const std::uint64_t read = m_reads.front().read;
    m_reads.pop_front();
    hands.readable(read);
  }
}

} // namespace packetarium::programs::raft
