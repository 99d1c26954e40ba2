// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace packetarium::programs::kv {

using transport::SocketEvent;

namespace {
/// Entries under way to one replica: enough for a long line, few enough to turn round soon.
constexpr std::uint64_t shippedMax = 256;
} // namespace

void Store::beat(Context &ctx) {
  Message message = hail("heartbeat");
  message.add("commit", static_cast<std::int64_t>(m_commit))
      .add("last", static_cast<std::int64_t>(m_log.last()));
  for (std::size_t i = 0; i < m_members.size(); ++i) tell(ctx, i, message);
}

/// Connections to members that are silent, or that do not come about, are given up. A primary that
/// needs a majority and hears none leads no longer.
void Store::checkFollowers(Context &ctx) {
  for (auto &[member, f] : m_followers) {
    const bool silent = ctx.now() - f.answered > m_set.deadTime();
    const bool stuck = !f.connected && ctx.now() - f.since > m_set.deadTime();
    if (f.socket != transport::noSocket && (silent || stuck)) dropFollower(ctx, member, true);
  }
  if (!m_set.automatic || !m_set.majority) return;
  if (reachable(ctx.now()) + 1 >= m_members.majority()) return;
  letGo(ctx);
  for (auto &[member, f] : m_followers) dropFollower(ctx, member, true);
  m_followers.clear();
  m_role = Role::Replica;
  m_primary = Members::none;
  tellRole(ctx, "replica", "it hears no majority of the members");
  ctx.phase("kv.stepped-down", "no majority");
  m_heard = ctx.now();
  watchFor(ctx, m_set.suspectAfter());
}

std::size_t Store::reachable(SimTime now) const {
  return static_cast<std::size_t>(
      std::count_if(m_followers.begin(), m_followers.end(), [&](const auto &entry) {
        return !entry.second.refusing && now - entry.second.answered <= m_set.deadTime();
      }));
}

std::size_t Store::acksNeeded() const {
  const std::size_t others = m_members.size() - 1;
  if (m_set.mode == Replication::Async || m_fellBack) return 0;
  return m_set.mode == Replication::Sync ? others : std::min(others, m_set.syncReplicas);
}

void Store::connectTo(Context &ctx, std::size_t member) {
  Follower &f = m_followers[member];
  const transport::Endpoint to{m_members.at(member).address, m_set.memberPort};
  f.socket = ctx.tcpConnect(to, messageTcp());
  f.connected = f.streaming = false;
  f.since = ctx.now();
  f.stream = MessageStream(f.socket, to);
}

void Store::dropFollower(Context &ctx, std::size_t member, bool abort) {
  Follower &f = m_followers[member];
  if (f.socket != transport::noSocket && abort) ctx.abort(f.socket);
  f.socket = transport::noSocket;
  f.connected = f.streaming = false;
  f.match = 0; // it may come back with less
}

void Store::onHeartbeatAnswer(Context &ctx, std::size_t from, const Message &message) {
  const auto epoch = static_cast<std::uint64_t>(message.number("epoch", 0));
  if (m_role != Role::Primary) return;
  if (epoch > m_epoch) {
    stepDown(ctx, epoch, fmt::format("{} knows a newer epoch", m_members.nameOf(from)));
    return;
  }
  Follower &f = m_followers[from];
  f.answered = ctx.now();
  // It has started again meanwhile, and knows nothing of the connection.
  if (f.connected && message.number("joined", 1) == 0 && ctx.now() - f.since > m_set.heartbeat * 2)
    dropFollower(ctx, from, true);
  if (f.socket == transport::noSocket) connectTo(ctx, from);
}

bool Store::onFollowerSocket(Context &ctx, const SocketEvent &event) {
  const auto found =
      std::find_if(m_followers.begin(), m_followers.end(), [&event](const auto &entry) {
        return event.socket != transport::noSocket && entry.second.socket == event.socket;
      });
  if (found == m_followers.end()) return false;
  const std::size_t member = found->first;
  Follower &f = found->second;
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    f.connected = true;
    f.since = f.answered = ctx.now();
    f.next = m_log.last() + 1;
    f.stream.send(ctx, hail("hello").add("service", m_set.service));
    ship(ctx, member);
    break;
  case SocketEvent::Kind::Data: {
    f.answered = ctx.now();
    const bool sound = f.stream.feed(event.data);
    while (m_role == Role::Primary && f.socket == event.socket) {
      const auto message = f.stream.take();
      if (!message) break;
      onFollowerMessage(ctx, member, *message);
    }
    if (!sound && m_role == Role::Primary) dropFollower(ctx, member, true);
    break;
  }
  case SocketEvent::Kind::Writable: f.stream.flush(ctx); break;
  case SocketEvent::Kind::PeerClosed: dropFollower(ctx, member, true); break;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: dropFollower(ctx, member, false); break;
  default: break;
  }
  return true;
}

void Store::onFollowerMessage(Context &ctx, std::size_t member, const Message &message) {
  const auto epoch = static_cast<std::uint64_t>(message.number("epoch", 0));
  if (epoch > m_epoch) {
    stepDown(ctx, epoch, fmt::format("{} knows a newer epoch", m_members.nameOf(member)));
    return;
  }
  if (epoch != m_epoch) return;
  Follower &f = m_followers[member];
  const auto index = static_cast<std::uint64_t>(message.number("index", 0));
  if (message.is("append-ok")) {
    f.streaming = true;
    f.refusing = false;
    f.match = std::max(f.match, std::min(index, m_log.last()));
    f.next = std::max(f.next, f.match + 1);
    advance(ctx);
  } else if (message.is("append-no")) {
    f.streaming = false;
    f.refusing = message.number("refused", 0) == 1;
    f.match = std::min(f.match, index);
    f.next = std::min(f.next, index + 1);
  }
  if (!f.refusing) ship(ctx, member);
}

/// Until it is known where the two logs are the same, one question at a time goes out: have you
/// this entry? Then entries follow, as many as may be under way.
void Store::ship(Context &ctx, std::size_t member) {
  Follower &f = m_followers[member];
  if (!f.connected || f.refusing) return;
  const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  if (!f.streaming) {
    f.stream.send(ctx, hail("probe")
                           .add("index", number(f.next - 1))
                           .add("index-epoch", number(m_log.epochAt(f.next - 1)))
                           .add("last", number(m_log.last())));
    return;
  }
  // Nothing leaves that this node itself could lose in a crash.
  std::uint64_t until = std::min(ackable(), f.match + shippedMax);
  if (acksNeeded() == 0 && m_set.shipInterval > Duration{}) until = std::min(until, m_shipUntil);
  for (; f.next <= until; ++f.next) {
    Message message = hail("append");
    message.add("index", number(f.next)).add("before", number(m_log.epochAt(f.next - 1)));
    addEntry(message, m_log.at(f.next));
    message.add("commit", number(m_commit)).add("last", number(m_log.last()));
    f.stream.send(ctx, message);
  }
}

void Store::shipAll(Context &ctx) {
  for (auto &[member, f] : m_followers)
    if (f.streaming) ship(ctx, member);
}

/// An entry of this epoch is committed when it is on the own disk (if that is waited for) and as
/// many replicas have it as the mode asks for; all before it are with it.
void Store::advance(Context &ctx) {
  if (m_role != Role::Primary) return;
  std::vector<std::uint64_t> matches;
  for (const auto &[member, f] : m_followers) matches.push_back(f.match);
  std::sort(matches.begin(), matches.end(), std::greater<>());
  if (m_fellBack && !matches.empty() &&
      matches[std::min(matches.size(), m_set.syncReplicas) - 1] >= m_log.last()) {
    m_fellBack = false;
    ctx.phase("kv.caught-up", "replicas are waited for again");
  }
  const std::size_t needed = acksNeeded();
  std::uint64_t index = ackable();
  if (needed > 0) index = std::min(index, matches[needed - 1]);
  if (index < m_epochStart || index <= m_commit) return;
  // In asynchronous mode the replicas may have it before they hear that it is committed: entries
  // are shipped after this, so that they hear both at once.
  commitTo(ctx, index);
  answerWaiting(ctx);
  shipAll(ctx);
}

/// The oldest write has waited long enough for replicas: from now on writes wait for none, until
/// they have caught up.
void Store::onFallback(Context &ctx) {
  m_fallbackTimer = false;
  if (m_role != Role::Primary || m_fellBack || m_waiting.empty()) return;
  SimTime oldest = SimTime::max();
  for (const auto &[index, request] : m_waiting)
    if (request.message.verb() != "get") oldest = std::min(oldest, request.began);
  if (oldest == SimTime::max()) return;
  const Duration waited = ctx.now() - oldest;
  if (waited < m_set.fallback) {
    m_fallbackTimer = true;
    ctx.setTimer(m_set.fallback - waited, Fallback);
    return;
  }
  m_fellBack = true;
  ctx.phase("kv.fell-back", "no replica answers in time: writes wait for none");
  advance(ctx);
}

} // namespace packetarium::programs::kv
