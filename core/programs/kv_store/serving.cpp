// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "core/programs/kv_store/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using transport::SocketEvent;

void Store::onClientSocket(Context &ctx, const SocketEvent &event) {
  if (event.kind == SocketEvent::Kind::Accepted && event.listener == m_clientListener) {
    m_clients[event.socket] = MessageStream(event.socket, event.remote);
    return;
  }
  const auto found = m_clients.find(event.socket);
  if (found == m_clients.end()) return;
  switch (event.kind) {
  case SocketEvent::Kind::Data: {
    const bool sound = found->second.feed(event.data);
    while (auto message = found->second.take())
      m_queue.push_back({event.socket, std::move(*message), ctx.now()});
    if (!sound) {
      ctx.abort(event.socket);
      m_clients.erase(found);
    }
    serveNext(ctx);
    return;
  }
  case SocketEvent::Kind::Writable: found->second.flush(ctx); return;
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: m_clients.erase(found); return;
  default: return;
  }
}

void Store::serveNext(Context &ctx) {
  if (m_serving || m_queue.empty()) return;
  m_serving = true;
  ctx.setTimer(ctx.work(m_set.serviceTime), Serve);
}

void Store::execute(Context &ctx, const Request &request) {
  const Message &m = request.message;
  if (m.is(get))
    executeRead(ctx, request);
  else if (m.is(set) || m.is(add) || m.is(remove))
    executeWrite(ctx, request);
  else
    answer(ctx, request, Message(refused).add("why", "no such request"));
}

void Store::executeRead(Context &ctx, const Request &request) {
  if (m_role == Role::Primary) {
    // What earlier epochs committed is known for certain once this one has committed something.
    waitFor(ctx, m_epochStart, request);
    return;
  }
  if (m_set.readsAtPrimary)
    redirect(ctx, request, false);
  else if (!m_commitKnown)
    answer(ctx, request, Message(refused).add("why", "it has not caught up yet"));
  else
    answerRead(ctx, request);
}

void Store::executeWrite(Context &ctx, const Request &request) {
  if (m_role != Role::Primary) {
    redirect(ctx, request, false);
    return;
  }
  const Message &m = request.message;
  Change change{m.is(set) ? "write" : m.verb(), std::string(m.text("key")),
                std::string(m.text("value")), std::string(m.text("once"))};
  if (const std::uint64_t place = m_log.placeOf(change); place > 0) {
    waitFor(ctx, place, request); // asked for once more, after an answer was lost
    return;
  }
  if (!m_table.accepts(change)) {
    answer(ctx, request, Message(refused).add("why", "a number is added to a number alone"));
    return;
  }
  if (m_set.fallback == Duration{} && reachable(ctx.now()) < acksNeeded()) {
    answer(ctx, request, Message(refused).add("why", "not enough replicas"));
    return;
  }
  append(ctx, {m_epoch, ctx.clock(), std::move(change)});
  ++m_writes;
  waitFor(ctx, m_log.last(), request);
  advance(ctx);
  shipAll(ctx);
}

void Store::waitFor(Context &ctx, std::uint64_t index, const Request &request) {
  m_waiting.emplace(index, request);
  if (m_set.mode == Replication::SemiSync && m_set.fallback > Duration{} && !m_fallbackTimer) {
    m_fallbackTimer = true;
    ctx.setTimer(m_set.fallback, Fallback);
  }
  answerWaiting(ctx);
}

void Store::answerWaiting(Context &ctx) {
  while (!m_waiting.empty() && m_waiting.begin()->first <= m_commit) {
    const auto node = m_waiting.extract(m_waiting.begin());
    const Request &request = node.mapped();
    if (request.message.is(get)) {
      answerRead(ctx, request);
      continue;
    }
    if (m_clients.find(request.socket) != m_clients.end()) tellLog(ctx, "acknowledge", node.key());
    answer(ctx, request,
           Message(ok)
               .add("epoch", static_cast<std::int64_t>(m_log.epochAt(node.key())))
               .add("index", static_cast<std::int64_t>(node.key())));
  }
}

void Store::answerRead(Context &ctx, const Request &request) {
  const std::string key(request.message.text("key"));
  Message message(value);
  message.add("key", key);
  if (const auto found = m_table.get(key)) message.add("value", *found);
  ++m_reads;
  answer(ctx, request, std::move(message));
}

/// perhapsDone: it is in the log of this node, which leads no longer; the next primary may have it.
void Store::redirect(Context &ctx, const Request &request, bool perhapsDone) {
  Message message(kv::redirect);
  if (m_primary < m_members.size() && m_primary != m_members.self())
    message.add("to", fmt::format("{}:{}", m_members.at(m_primary).address.text(), m_set.port));
  if (perhapsDone) message.add("perhaps", 1);
  answer(ctx, request, std::move(message));
}

void Store::answer(Context &ctx, const Request &request, Message message) {
  const auto client = m_clients.find(request.socket);
  if (client == m_clients.end()) return;
  Message numbered(message.verb());
  numbered.add("id", request.message.text("id"));
  for (const auto &[key, text] : message.fields()) numbered.add(key, text);
  client->second.send(ctx, numbered);
  const bool done = message.is(ok) || message.is(value);
  if (!done || m_reachableTold || m_role != Role::Primary) return;
  m_reachableTold = true;
  tellFailover(ctx, trace::FailoverStage::Reachable,
               fmt::format("{} answers its first client", m_members.nameOf(m_members.self())));
}

/// It leads no longer: whoever waits has to ask the next primary.
void Store::letGo(Context &ctx) {
  const auto waiting = std::move(m_waiting);
  m_waiting.clear();
  for (const auto &[index, request] : waiting) redirect(ctx, request, !request.message.is(get));
}

} // namespace packetarium::programs::kv
