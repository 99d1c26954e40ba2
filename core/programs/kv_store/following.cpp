// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using transport::SocketEvent;

/// The owner of the epoch speaks as primary. False when its epoch is past.
bool Store::follow(Context &ctx, std::uint64_t epoch) {
  if (epoch < m_epoch || epoch == 0) return false;
  const std::size_t primary = m_members.ownerOf(epoch);
  if (primary == m_members.self()) return false;
  if (epoch > m_epoch)
    stepDown(ctx, epoch, fmt::format("{} is primary now", m_members.nameOf(primary)));
  const bool byHand = m_campaign.epoch > m_epoch && m_campaign.reason == Reason::ByHand;
  if (m_activating || byHand) return true;
  m_heard = ctx.now();
  const bool news = m_primary != primary || m_role != Role::Replica;
  m_campaign = {};
  m_role = Role::Replica;
  m_primary = primary;
  m_suspected = m_goneTold = m_resumes = false;
  if (news)
    tellRole(ctx, "replica",
             fmt::format("it follows {} in epoch {}", m_members.nameOf(primary), epoch));
  watchFor(ctx, m_set.suspectAfter());
  return true;
}

void Store::onHeartbeat(Context &ctx, std::size_t from, const Message &message) {
  const auto epoch = static_cast<std::uint64_t>(message.number("epoch", 0));
  if (epoch == 0 || m_members.ownerOf(epoch) != from) return;
  if (!follow(ctx, epoch)) {
    tell(ctx, from, hail("stale"));
    return;
  }
  learn(ctx, message);
  tell(ctx, from,
       hail("heartbeat-ok")
           .add("last", static_cast<std::int64_t>(m_log.last()))
           .add("joined", m_upstream != transport::noSocket ? 1 : 0));
}

bool Store::onPrimarySocket(Context &ctx, const SocketEvent &event) {
  if (event.kind == SocketEvent::Kind::Accepted && event.listener == m_memberListener) {
    m_inbound[event.socket] = MessageStream(event.socket, event.remote);
    return true;
  }
  const auto found = m_inbound.find(event.socket);
  if (found == m_inbound.end()) return false;
  bool gone = false;
  switch (event.kind) {
  case SocketEvent::Kind::Data: {
    gone = !found->second.feed(event.data);
    while (const auto message = found->second.take())
      onPrimaryMessage(ctx, found->second, *message);
    if (gone) ctx.abort(event.socket);
    break;
  }
  case SocketEvent::Kind::Writable: found->second.flush(ctx); break;
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); break;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: gone = true; break;
  default: break;
  }
  if (!gone) return true;
  if (m_upstream == event.socket) m_upstream = transport::noSocket;
  m_inbound.erase(found);
  return true;
}

void Store::onPrimaryMessage(Context &ctx, MessageStream &stream, const Message &message) {
  const auto epoch = static_cast<std::uint64_t>(message.number("epoch", 0));
  m_seenEpoch = std::max(m_seenEpoch, epoch);
  if (epoch == 0 || m_members.ownerOf(epoch) != m_members.byName(message.text("from"))) return;
  if (!follow(ctx, epoch)) {
    stream.send(ctx, hail("stale"));
    return;
  }
  if (m_upstream != stream.socket()) {
    m_upstream = stream.socket();
    m_acknowledged = 0;
  }
  const auto index = static_cast<std::uint64_t>(message.number("index", 0));
  if (message.is("append")) {
    onAppend(ctx, stream, message);
  } else if (message.is("probe") &&
             makeRoom(ctx, stream, index,
                      static_cast<std::uint64_t>(message.number("index-epoch", 0)))) {
    m_matched = std::max(m_matched, index);
    learn(ctx, message);
    acknowledge(ctx, true);
  }
}

/// The log must hold the entry at the index; when it does not, the primary hears where to look
/// next. Nothing is thrown away yet: that is known only once another entry comes for its place.
bool Store::makeRoom(Context &ctx, MessageStream &stream, std::uint64_t index,
                     std::uint64_t epoch) {
  if (m_log.matches(index, epoch)) return true;
  stream.send(ctx, hail("append-no").add("index", static_cast<std::int64_t>(m_log.before(index))));
  return false;
}

void Store::onAppend(Context &ctx, MessageStream &stream, const Message &message) {
  const auto index = static_cast<std::uint64_t>(message.number("index", 0));
  auto entry = entryOf(message);
  if (index == 0 || !entry) return;
  if (!makeRoom(ctx, stream, index - 1, static_cast<std::uint64_t>(message.number("before", 0))))
    return;
  if (index <= m_log.last() && m_log.epochAt(index) != entry->epoch) {
    if (!m_set.rewinds) {
      if (!m_refusingRejoin) {
        m_refusingRejoin = true;
        ctx.phase("kv.rejoin-refused", fmt::format("its log has parted ways at entry {}", index));
        ctx.note("Its log holds entries that the primary's does not. It stays out: start it "
                 "again with an empty disk, or promote it.");
      }
      stream.send(
          ctx,
          hail("append-no").add("index", static_cast<std::int64_t>(index - 1)).add("refused", 1));
      return;
    }
    throwAway(ctx, index - 1);
  }
  m_refusingRejoin = false;
  if (index > m_log.last()) append(ctx, std::move(*entry));
  m_matched = std::max(m_matched, index);
  learn(ctx, message);
  acknowledge(ctx, false);
}

/// What the primary has and what it has committed, as far as this log is known to be the same.
void Store::learn(Context &ctx, const Message &message) {
  // Messages of the stream can be much older than a heartbeat that overtook them.
  m_primaryLast = std::max(m_primaryLast, static_cast<std::uint64_t>(message.number("last", 0)));
  if (m_log.last() >= m_primaryLast) m_behindSince = ctx.now();
  if (m_matched > 0) m_commitKnown = m_commitKnown || message.has("commit");
  const auto commit = static_cast<std::uint64_t>(message.number("commit", 0));
  commitTo(ctx, std::min({commit, m_matched, m_log.last()}));
  if (m_emptied && m_matched > 0 && m_matched >= m_primaryLast) {
    m_emptied = false;
    writeMeta(ctx, false);
    ctx.phase("kv.caught-up", "it has a vote again");
  }
}

void Store::acknowledge(Context &ctx, bool always) {
  const auto at = m_inbound.find(m_upstream);
  if (m_upstream == transport::noSocket || at == m_inbound.end()) return;
  const std::uint64_t index = std::min(m_matched, ackable());
  if (!always && index <= m_acknowledged) return;
  m_acknowledged = index;
  at->second.send(ctx, hail("append-ok").add("index", static_cast<std::int64_t>(index)));
}

} // namespace packetarium::programs::kv
