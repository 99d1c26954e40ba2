// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "core/programs/kv_store/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using transport::SocketEvent;

void Store::execute(Context &ctx, const Request &request) {
  const Message &m = request.message;
  if (m.is(get))
    executeRead(ctx, request);
  else if (auto change = changeOf(m))
    executeWrite(ctx, request, std::move(*change));
  else
    answer(ctx, request, Message(refused).add("why", "no such request"));
}

void Store::executeRead(Context &ctx, const Request &request) {
  if (m_role == Role::Primary) {
    // What earlier epochs committed is known for certain once this one has committed something.
    waitFor(ctx, m_epochStart, request);
    return;
  }
  if (m_set.readsAtPrimary && request.message.text("level") != "stale")
    redirect(ctx, request, false);
  else if (!m_commitKnown)
    answer(ctx, request, Message(refused).add("why", "it has not caught up yet"));
  else
    readNow(ctx, request);
}

void Store::readNow(Context &ctx, const Request &request) {
  if (position() < wantedBy(request))
    waitToCatchUp(ctx, request);
  else
    answerRead(ctx, request);
}

Position Store::wantedBy(const Request &request) {
  return Position::parse(request.message.text("after")).value_or(Position{});
}

/// Its client has seen more than this replica: the missing entries may be on their way.
void Store::waitToCatchUp(Context &ctx, const Request &request) {
  m_behind.push_back(request);
  m_behind.back().began = ctx.now();
  ctx.setTimer(m_set.catchUpWait, CatchUp);
}

void Store::answerCaughtUp(Context &ctx) {
  if (m_behind.empty()) return;
  std::vector<Request> waiting;
  waiting.swap(m_behind);
  for (const Request &request : waiting)
    if (position() < wantedBy(request))
      m_behind.push_back(request);
    else
      answerRead(ctx, request);
}

/// Those that waited long enough go to the primary, which has what they have seen.
void Store::sendOnTheImpatient(Context &ctx) {
  while (!m_behind.empty() && ctx.now() - m_behind.front().began >= m_set.catchUpWait) {
    const Request request = std::move(m_behind.front());
    m_behind.erase(m_behind.begin());
    redirect(ctx, request, false);
  }
}

void Store::executeWrite(Context &ctx, const Request &request, Change change) {
  if (m_role != Role::Primary) {
    redirect(ctx, request, false);
    return;
  }
  if (const std::uint64_t place = m_log.placeOf(change); place > 0) {
    waitFor(ctx, place, request); // asked for once more, after an answer was lost
    return;
  }
  if (position() < wantedBy(request)) {
    answer(ctx, request, Message(refused).add("why", "it is behind what this session has seen"));
    return;
  }
  if (const std::string why = m_table.refusal(change); !why.empty()) {
    answer(ctx, request, Message(refused).add("why", why));
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
      readNow(ctx, request);
      continue;
    }
    answerChange(ctx, node.key(), request);
  }
  m_failed.clear();
}

void Store::answerChange(Context &ctx, std::uint64_t index, const Request &request) {
  const auto known = m_failed.find(index);
  const Applied applied = known != m_failed.end()
                              ? known->second
                              : m_table.outcomeOf(m_log.at(index).change).value_or(Applied{});
  Message message(applied.done ? ok : failed);
  if (applied.done) {
    if (m_desk.holds(request.socket)) tellLog(ctx, "acknowledge", index);
    message.add("epoch", static_cast<std::int64_t>(m_log.epochAt(index)))
        .add("index", static_cast<std::int64_t>(index));
  } else if (applied.found) {
    message.add("value", *applied.found);
  }
  addPosition(request, message);
  answer(ctx, request, std::move(message));
}

/// Only those that ask for their session's guarantees are told.
void Store::addPosition(const Request &request, Message &message) const {
  if (request.message.has("after")) message.add("at", position().text());
}

void Store::answerRead(Context &ctx, const Request &request) {
  const std::string key(request.message.text("key"));
  Message message(value);
  message.add("key", key);
  if (const auto found = m_table.get(key)) message.add("value", *found);
  ++m_reads;
  addPosition(request, message);
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
  if (!m_desk.answer(ctx, request, message)) return;
  const bool done = message.is(ok) || message.is(value) || message.is(failed);
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
