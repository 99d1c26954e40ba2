// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using trace::FailoverStage;

bool Store::hearsPrimary(SimTime now) const {
  return m_role == Role::Primary ||
         (m_primary != Members::none && now - m_heard < m_set.deadTime() && !m_suspected);
}

void Store::watchFor(Context &ctx, Duration silence) {
  ctx.cancelTimer(m_watch);
  m_watch = ctx.setTimer(silence, Watch);
}

/// The primary has been silent: first it is suspected, then it counts as gone. Those further back
/// in the list wait a little longer, so that they seldom stand against each other.
void Store::onWatch(Context &ctx) {
  if (m_role == Role::Primary || m_activating) return;
  if (m_resumes) {
    m_resumes = false;
    stand(ctx, Reason::Resume, "it was primary before it started again");
    return;
  }
  const Duration silent = ctx.now() - m_heard;
  if (!m_suspected) {
    m_suspected = true;
    if (m_primary != Members::none)
      tellFailover(
          ctx, FailoverStage::Suspected,
          fmt::format("no heartbeat of {} for {}", m_members.nameOf(m_primary), toString(silent)));
  }
  const Duration patience =
      m_set.deadTime() + m_set.heartbeat * static_cast<std::int64_t>(m_members.self()) / 4;
  if (silent < patience) {
    watchFor(ctx, patience - silent);
    return;
  }
  if (m_set.automatic && !m_refusingRejoin)
    stand(ctx, Reason::Silence, fmt::format("no heartbeat for {}", toString(silent)));
  else if (!m_goneTold)
    ctx.note(fmt::format("{} is silent. Nobody takes over before a person promotes a replica.",
                         m_members.nameOf(m_primary)));
  m_goneTold = true;
}

void Store::onPromote(Context &ctx) {
  if (m_members.self() == Members::none || m_datagrams == transport::noSocket) return;
  if (m_role == Role::Primary || m_activating) {
    ctx.note("It is the primary already.");
    return;
  }
  m_refusingRejoin = false;
  stand(ctx, Reason::ByHand, "promoted by hand");
}

/// A candidate promises its own epoch to itself only when it wins: one that cannot win (behind a
/// cut) disturbs nobody when it comes back.
void Store::stand(Context &ctx, Reason reason, std::string_view why) {
  m_campaign = {m_members.nextOwnEpoch(std::max(m_epoch, m_seenEpoch)), reason, {}, {}};
  m_why = std::string(why);
  if (m_role != Role::Candidate && reason != Reason::Configured) tellRole(ctx, "candidate", why);
  m_role = Role::Candidate;
  if (reason != Reason::Configured) {
    ctx.phase("kv.candidate", fmt::format("epoch {}", m_campaign.epoch));
    for (std::size_t i = 0; i < m_members.size(); ++i)
      tell(ctx, i,
           hail("vote")
               .add("for", static_cast<std::int64_t>(m_campaign.epoch))
               .add("last", static_cast<std::int64_t>(m_log.last()))
               .add("last-epoch", static_cast<std::int64_t>(m_log.lastEpoch()))
               .add("by-hand", reason == Reason::ByHand ? 1 : 0));
  }
  ctx.cancelTimer(m_round);
  m_round = ctx.setTimer(m_set.heartbeat, Round);
  countVotes(ctx, false);
}

std::string Store::refusalOf(std::size_t from, const Message &message, SimTime now) const {
  const auto epoch = static_cast<std::uint64_t>(message.number("for", 0));
  if (epoch <= m_epoch || m_members.ownerOf(epoch) != from) return "epoch";
  if (m_campaign.epoch > epoch) return "candidate";
  if (hearsPrimary(now) && message.number("by-hand", 0) == 0) return "primary";
  if (!m_log.reachedBy(static_cast<std::uint64_t>(message.number("last", 0)),
                       static_cast<std::uint64_t>(message.number("last-epoch", 0))))
    return "log";
  if (m_emptied && m_set.majority) return "emptied";
  return {};
}

void Store::onVote(Context &ctx, std::size_t from, const Message &message) {
  const std::string why = refusalOf(from, message, ctx.now());
  const auto epoch = static_cast<std::uint64_t>(message.number("for", 0));
  if (!why.empty()) {
    tell(ctx, from,
         hail("vote-ok").add("granted", 0).add("for", message.number("for", 0)).add("why", why));
    return;
  }
  if (m_role == Role::Primary || m_activating)
    stepDown(ctx, epoch, fmt::format("{} is promoted by hand", m_members.nameOf(from)));
  if (m_role == Role::Candidate) {
    m_campaign = {};
    m_role = Role::Replica;
    tellRole(ctx, "replica", fmt::format("it votes for {}", m_members.nameOf(from)));
  }
  m_epoch = epoch;
  m_resumes = false;
  m_primary = Members::none;
  m_upstream = transport::noSocket;
  m_matched = m_acknowledged = m_primaryLast = 0;
  writeMeta(ctx, false);
  beginSync(ctx, {0, SyncFor::Vote, epoch, from});
  m_heard = ctx.now(); // the one voted for gets its time
  watchFor(ctx, m_set.deadTime());
}

void Store::onVoteAnswer(Context &ctx, std::size_t from, const Message &message) {
  const auto epoch = static_cast<std::uint64_t>(message.number("for", 0));
  if (m_campaign.epoch == 0 || epoch != m_campaign.epoch) return;
  (message.number("granted", 0) == 1 ? m_campaign.granted : m_campaign.refused).insert(from);
  countVotes(ctx, false);
}

void Store::countVotes(Context &ctx, bool roundOver) {
  if (m_campaign.epoch == 0 || m_activating) return;
  const std::size_t others = m_members.size() - 1;
  const std::size_t votes = m_campaign.granted.size() + 1;
  const bool allTold = m_campaign.granted.size() + m_campaign.refused.size() == others;
  const bool over = roundOver || allTold;
  const bool unopposed = m_campaign.refused.empty();
  switch (m_campaign.reason) {
  case Reason::Configured: win(ctx); return;
  case Reason::ByHand:
    if (m_set.automatic) break;
    // Without automation the person has decided: votes only spare the others a surprise.
    if (over || (m_set.majority && votes >= m_members.majority())) win(ctx);
    return;
  case Reason::Resume:
    if (!over) return;
    if (unopposed) {
      win(ctx);
      return;
    }
    ctx.note("Another member knows more than this one: a person has to promote one.");
    m_campaign = {};
    m_role = Role::Replica;
    tellRole(ctx, "replica", "another member knows more");
    return;
  case Reason::Silence: break;
  }
  if (m_set.majority ? votes >= m_members.majority() : over && unopposed)
    win(ctx);
  else if (over)
    tryAgain(ctx);
}

void Store::tryAgain(Context &ctx) {
  m_campaign = {};
  watchFor(ctx, ctx.random("election").uniform(m_set.heartbeat / 2, m_set.heartbeat * 3 / 2));
}

void Store::win(Context &ctx) {
  const Reason reason = m_campaign.reason;
  if (m_campaign.epoch <= m_epoch) { // a newer one was heard of meanwhile
    stand(ctx, reason, std::string(m_why));
    return;
  }
  m_epoch = m_campaign.epoch;
  m_seenEpoch = std::max(m_seenEpoch, m_epoch);
  m_emptied = false;
  m_activating = true;
  m_reachableTold = reason == Reason::Configured;
  ctx.cancelTimer(m_round);
  ctx.cancelTimer(m_watch);
  if (reason != Reason::Configured)
    tellFailover(ctx, FailoverStage::Decided,
                 fmt::format("{} takes over: {}", m_members.nameOf(m_members.self()), m_why));
  writeMeta(ctx, true);
  beginSync(ctx, {0, SyncFor::Promotion, m_epoch, 0});
}

/// Its promise is on the disk: from now on it leads.
void Store::activate(Context &ctx) {
  const bool configured = m_campaign.reason == Reason::Configured;
  m_campaign = {};
  m_activating = false;
  m_role = Role::Primary;
  m_primary = m_members.self();
  m_suspected = m_goneTold = m_fellBack = false;
  tellRole(ctx, "primary", m_why);
  if (!configured) {
    ctx.phase("kv.promoted", fmt::format("epoch {}", m_epoch));
    tellFailover(ctx, FailoverStage::Active,
                 fmt::format("{} is primary in epoch {}", m_members.nameOf(m_primary), m_epoch));
  }
  m_upstream = transport::noSocket;
  m_followers.clear();
  append(ctx, {m_epoch, ctx.clock(), {"begin", m_members.nameOf(m_primary), {}, {}}});
  m_epochStart = m_log.last();
  for (std::size_t i = 0; i < m_members.size(); ++i) {
    if (i == m_members.self()) continue;
    m_followers[i].answered = ctx.now();
    connectTo(ctx, i);
  }
  beat(ctx);
  advance(ctx);
}

/// A newer epoch exists: whoever leads in an older one does so no longer.
void Store::stepDown(Context &ctx, std::uint64_t epoch, std::string_view why) {
  if (epoch <= m_epoch) return;
  const bool led = m_role == Role::Primary || m_activating;
  m_epoch = epoch;
  m_seenEpoch = std::max(m_seenEpoch, epoch);
  writeMeta(ctx, false);
  m_matched = m_acknowledged = m_primaryLast = 0;
  m_resumes = false;
  if (!led) return;
  letGo(ctx);
  m_campaign = {};
  m_activating = false;
  m_role = Role::Replica;
  m_primary = Members::none;
  tellRole(ctx, "replica", why);
  ctx.phase("kv.stepped-down", why);
  std::vector<std::size_t> all;
  for (const auto &[member, f] : m_followers) all.push_back(member);
  for (const std::size_t member : all) dropFollower(ctx, member, true);
  m_followers.clear();
  m_heard = ctx.now();
  m_suspected = false;
  watchFor(ctx, m_set.suspectAfter());
}

} // namespace packetarium::programs::kv
