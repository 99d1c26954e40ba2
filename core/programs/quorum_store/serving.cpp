// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/text.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/quorum_store/quorum_store.h"
#include "core/programs/quorum_store/session_mark.h"

#include <fmt/format.h>

#include <algorithm>

/// What a member does for its clients.
namespace packetarium::programs::quorum {

using transport::SocketEvent;
using transport::SocketId;

namespace {

constexpr std::size_t keyLettersMax = 256, valueLettersMax = 4000;

/// What is wrong with a request to change a key; empty: nothing.
std::string_view faultOf(const wire::cluster::Message &m) {
  const std::string_view key = m.text("key");
  if (key.empty() || key.size() > keyLettersMax || key.find(' ') != std::string_view::npos)
    return "a key has 1 to 256 bytes without spaces";
  if (m.is(kv::cas))
    return "a quorum store cannot compare and set: two quorums may each find the old value";
  if (m.is(kv::append) || m.is(kv::add))
    return "a quorum store keeps values: read it and write it anew";
  if (m.is(kv::set) && !m.has("value")) return "a value is missing";
  if (m.text("value").size() > valueLettersMax) return "the value is too long";
  if (m.is(kv::remove) && m.has("value")) return "only the whole key can be removed";
  return m.is(kv::set) || m.is(kv::remove) || m.is(kv::get) ? "" : "no such request";
}

} // namespace

void QuorumStore::serve(Context &ctx, const Request &request) {
  const Message &m = request.message;
  if (const std::string_view wrong = faultOf(m); !wrong.empty())
    return refuse(ctx, request.socket, m.text("id"), wrong);
  if (m.is(kv::get))
    beginRead(ctx, request);
  else
    beginWrite(ctx, request);
}

void QuorumStore::beginRead(Context &ctx, const Request &request) {
  const Message &m = request.message;
  Operation op;
  op.socket = request.socket;
  op.clientId = m.text("id");
  op.key = m.text("key");
  op.after = m.text("after");
  op.needed = m.text("level") == "stale" ? 1 : m_set.r;
  chooseTargets(op);
  const std::size_t there = reachableTargets(op);
  if (there < op.needed)
    return refuse(ctx, op.socket, op.clientId,
                  fmt::format("not enough replicas: {} of the {} it needs", there, op.needed));
  launch(ctx, std::move(op));
}

void QuorumStore::beginWrite(Context &ctx, const Request &request) {
  const Message &m = request.message;
  cluster::VersionVector context;
  if (m.has("context")) {
    const auto given = cluster::VersionVector::parse(m.text("context"));
    if (!given)
      return refuse(ctx, request.socket, m.text("id"), "the context is none that this store gave");
    context = *given;
  }
  Operation op;
  op.isWrite = true;
  op.socket = request.socket;
  op.clientId = m.text("id");
  op.key = m.text("key");
  op.after = m.text("after");
  op.needed = m_set.w;
  chooseTargets(op);
  const std::size_t there = reachableTargets(op);
  if (there < op.needed)
    return refuse(ctx, op.socket, op.clientId,
                  fmt::format("not enough replicas: {} of the {} it needs", there, op.needed));
  makeWrite(ctx, m, context, op);
  launch(ctx, std::move(op));
}

/// The same request once more, after an answer was lost: the same write is sent again.
bool QuorumStore::takenAlready(const Message &request) const {
  const auto [client, number] = cluster::cutAt(request.text("once"), ' ');
  const auto done = m_done.find(client);
  return number && done != m_done.end() && done->second.first == *number;
}

void QuorumStore::makeWrite(Context &ctx, const Message &request,
                            const cluster::VersionVector &context, Operation &op) {
  KeyState &mine = m_written[op.key];
  const auto [client, number] = cluster::cutAt(request.text("once"), ' ');
  if (takenAlready(request)) {
    op.dot = m_done.find(client)->second.second;
    op.state = mine;
    return;
  }
  const KeyState known = held(op.key);
  mine.join(m_set.policy, known);
  Stored stored;
  if (request.is(kv::set)) stored.value = request.text("value");
  stored.once = request.text("once");
  // Nobody can have read more of this member's writes than there are.
  const auto see = [&](const cluster::VersionVector &vector) {
    for (const auto &[name, count] : vector.counts())
      stored.seen.add({name, name == m_name ? std::min(count, m_writes) : count});
  };
  see(context);
  const SessionMark session = SessionMark::parse(op.after);
  if (m_set.policy == Policy::LastWriteWins)
    see(mine.context());
  else if (const auto seen = cluster::VersionVector::parse(session.of(op.key)))
    see(*seen);
  // Two writes of one member never have one stamp, and a session's writes keep their order.
  const auto marked = cluster::signedOf(cluster::cutAt(session.of(op.key), '@').first);
  SimTime after = m_lastStamp;
  if (marked && m_set.policy == Policy::LastWriteWins)
    after = std::max(after, SimTime::fromNs(*marked));
  stored.stamp = std::max(ctx.clock(), after + Duration::ns(1));
  m_lastStamp = std::max(m_lastStamp, stored.stamp);
  op.dot = {m_name, ++m_writes};
  if (number) m_done.insert_or_assign(std::string(client), std::pair(std::string(*number), op.dot));
  if (m_set.policy == Policy::Siblings) op.state = mine;
  op.state.write(m_set.policy, op.dot, std::move(stored));
  mine.join(m_set.policy, op.state);
}

void QuorumStore::answerRead(Context &ctx, Operation &op) {
  op.replied = true;
  Message m(kv::value);
  m.add("id", op.clientId).add("key", op.key);
  const auto shown = op.state.shown();
  if (shown.size() > 1) m.add("siblings", static_cast<std::int64_t>(shown.size()));
  for (const Stored *stored : shown)
    if (stored->value) m.add("value", *stored->value);
  m.add("context", op.state.context().text());
  SessionMark session = SessionMark::parse(op.after);
  if (!op.state.empty()) session.set(op.key, op.state.token(m_set.policy));
  if (!op.after.empty()) m.add("at", session.text());
  ctx.phase("quorum.read", op.key);
  answer(ctx, op.socket, m);
}

void QuorumStore::answerWrite(Context &ctx, Operation &op) {
  op.replied = true;
  Message m(kv::ok);
  m.add("id", op.clientId);
  if (op.state.shown().size() == 1) m.add("context", op.state.context().text());
  SessionMark session = SessionMark::parse(op.after);
  session.set(op.key, op.state.token(m_set.policy));
  if (!op.after.empty()) m.add("at", session.text());
  ctx.phase("quorum.written", op.key);
  answer(ctx, op.socket, m);
}

/// perhaps: some replica may have it all the same.
void QuorumStore::refuse(Context &ctx, SocketId socket, std::string_view id, std::string_view why,
                         bool perhaps) {
  ++m_refused;
  ctx.phase("quorum.refused", why);
  Message m(kv::refused);
  m.add("id", id).add("why", why);
  if (perhaps) m.add("perhaps", 1);
  answer(ctx, socket, m);
}

void QuorumStore::answer(Context &ctx, SocketId socket, const Message &message) {
  m_desk.send(ctx, socket, message);
}

} // namespace packetarium::programs::quorum
