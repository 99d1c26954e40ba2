// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "core/programs/multi_primary/multi_primary.h"

#include <algorithm>

/// What a member does for its clients.
namespace packetarium::programs::multi {

using transport::SocketEvent;
using transport::SocketId;
using wire::cluster::Message;

namespace {

constexpr std::size_t valuesMax = 32;

Message answerTo(std::string_view verb, const Message &request) {
  Message m(verb);
  m.add("id", request.text("id"));
  return m;
}

} // namespace

void MultiPrimary::serve(Context &ctx, const Request &request) {
  const Message &m = request.message;
  const auto seen = cluster::VersionVector::parse(m.text("after"));
  if (seen && !m_replica.heard().covers(*seen))
    return refuse(ctx, request, "it has not heard yet what this session has seen");
  if (m.is(kv::get)) return answerRead(ctx, request);
  if (m.is(kv::set) || m.is(kv::add) || m.is(kv::remove)) return takeWrite(ctx, request);
  refuse(ctx, request, "this store knows get, set, add and remove");
}

void MultiPrimary::answerRead(Context &ctx, const Request &request) {
  const std::string_view key = request.message.text("key");
  auto values = m_replica.read(key);
  Message m = answerTo(kv::value, request.message);
  m.add("key", key);
  if (values.size() > 1) m.add("siblings", static_cast<std::int64_t>(values.size()));
  // Of very many only some fit; the context still tells of all.
  values.resize(std::min(values.size(), valuesMax));
  std::size_t room = wire::cluster::lineBytesMax / 4;
  for (const auto &value : values) {
    if (!value || value->size() > room) continue;
    room -= value->size();
    m.add("value", *value);
  }
  m.add("context", m_replica.heard().text());
  if (request.message.has("after")) m.add("at", m_replica.heard().text());
  m_desk.send(ctx, request.socket, m);
}

void MultiPrimary::takeWrite(Context &ctx, const Request &request) {
  const Message &m = request.message;
  Wanted wanted;
  wanted.verb = m.is(kv::set) ? "write" : m.verb();
  wanted.key = m.text("key");
  if (m.has("value")) wanted.argument = m.text("value");
  if (m.has("context")) {
    const auto context = cluster::VersionVector::parse(m.text("context"));
    if (!context) return refuse(ctx, request, "the context is none that this store gave");
    wanted.context = *context;
  }
  wanted.once = m.text("once");
  if (const auto done = m_replica.doneAs(wanted.once)) return takenAlready(ctx, request, *done);
  const auto write = m_replica.accept(m_member, wanted, ctx.clock());
  if (!write) return refuse(ctx, request, write.faults().front().message);
  ctx.phase("multi.write-accepted", write->operation());
  m_waiting[write->dot.count] = {request.socket, std::string(m.text("id")), write->key,
                                 m.has("after")};
  keep(ctx, *write);
  tellMeetings(ctx);
  if (!m_syncs) release(ctx, write->dot.count);
}

/// The client has asked before and did not hear the answer.
void MultiPrimary::takenAlready(Context &ctx, const Request &request, const cluster::Dot &done) {
  if (done.member == m_member && done.count > m_released)
    m_waiting[done.count] = {request.socket, std::string(request.message.text("id")),
                             std::string(request.message.text("key")),
                             request.message.has("after")};
  else
    m_desk.send(ctx, request.socket, answerTo(kv::ok, request.message));
}

void MultiPrimary::refuse(Context &ctx, const Request &request, std::string_view why) {
  ctx.phase("multi.refused", why);
  m_desk.send(ctx, request.socket, answerTo(kv::refused, request.message).add("why", why));
}

/// Own writes up to this one are as safe as they get: clients are told, and the other members.
void MultiPrimary::release(Context &ctx, std::uint64_t count) {
  while (!m_waiting.empty() && m_waiting.begin()->first <= count) {
    const auto &[number, waiting] = *m_waiting.begin();
    Message m(kv::ok);
    m.add("id", waiting.id).add("index", static_cast<std::int64_t>(number));
    const std::vector<cluster::Dot> alone{{m_member, number}};
    if (m_replica.versionsOf(waiting.key) == alone) m.add("context", m_replica.heard().text());
    if (waiting.session) m.add("at", m_replica.heard().text());
    m_desk.send(ctx, waiting.socket, m);
    m_waiting.erase(m_waiting.begin());
  }
  if (count <= m_released) return;
  m_released = count;
  for (Peer &peer : m_peers) push(ctx, peer, true);
}

} // namespace packetarium::programs::multi
