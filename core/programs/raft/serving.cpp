// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "core/programs/raft/member.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using transport::SocketEvent;

namespace {
/// Entries that no majority has; more are refused, so that a flood ends somewhere.
constexpr std::uint64_t uncommittedMax = 2048;
constexpr std::size_t onceBytesMax = 256;
} // namespace

void Member::execute(Context &ctx, const Request &request) {
  const Message &m = request.message;
  if (m.is(kv::get))
    executeRead(ctx, request);
  else if (m.is(kv::set) || m.is(kv::add) || m.is(kv::remove) || m.is(kv::cas) || m.is(kv::append))
    executeWrite(ctx, request);
  else
    refuse(ctx, request, "no such request");
}

void Member::executeRead(Context &ctx, const Request &request) {
  const Message &m = request.message;
  if (m_set.rules.reads == Reads::Local || m.text("level") == "stale") {
    const auto after = static_cast<Index>(std::max<std::int64_t>(0, m.number("after", 0)));
    if (after > m_core.applied())
      m_localReads.emplace(after, request);
    else
      readHere(ctx, request);
    return;
  }
  if (m_core.role() != Role::Leader) {
    redirect(ctx, request, false);
    return;
  }
  if (m_set.rules.reads == Reads::Log) {
    propose(ctx, request, {"read", std::string(m.text("key")), {}, {}, {}});
    return;
  }
  m_reads[++m_lastRead] = request;
  World world(*this, ctx);
  m_core.read(world, m_lastRead);
}

void Member::executeWrite(Context &ctx, const Request &request) {
  const Message &m = request.message;
  Command c;
  c.verb = m.is(kv::set) ? "write" : m.verb();
  c.key = m.text("key");
  c.value = m.text(m.is(kv::cas) ? "to" : "value");
  if (m.is(kv::cas) && m.has("from")) c.from = std::string(m.text("from"));
  c.once = m.text("once");
  propose(ctx, request, std::move(c));
}

void Member::propose(Context &ctx, const Request &request, Command command) {
  if (m_core.role() != Role::Leader) {
    redirect(ctx, request, false);
    return;
  }
  const std::size_t bytes =
      command.key.size() + command.value.size() + command.from.value_or("").size();
  if (bytes > kv::valueBytesMax || command.once.size() > onceBytesMax) {
    refuse(ctx, request, "the value is too long");
    return;
  }
  if (m_core.waiting() >= uncommittedMax) {
    refuse(ctx, request, "too many writes wait for a majority");
    return;
  }
  World world(*this, ctx);
  // It cannot be applied before propose returns: a sync of the disk comes between.
  const auto index = m_core.propose(world, std::move(command));
  if (index)
    m_waiting[*index] = request;
  else
    refuse(ctx, request, "it hands over to another leader");
}

void Member::onApplied(Context &ctx, Index index, const Entry &entry, const Outcome &outcome) {
  const auto waiting = m_waiting.extract(index);
  if (!waiting.empty()) {
    ctx.sample("raft.commit_ms",
               static_cast<double>((ctx.now() - waiting.mapped().began).ns()) / 1e6);
    answerOutcome(ctx, waiting.mapped(), index, entry, outcome);
  }
  while (!m_localReads.empty() && m_localReads.begin()->first <= index) {
    const auto local = m_localReads.extract(m_localReads.begin());
    readHere(ctx, local.mapped());
  }
}

void Member::answerOutcome(Context &ctx, const Request &request, Index index, const Entry &entry,
                           const Outcome &outcome) {
  Message message;
  switch (outcome.kind) {
  case Outcome::Kind::Old: refuse(ctx, request, "it asked for something newer since"); return;
  case Outcome::Kind::Refused:
    refuse(ctx, request, outcome.value.value_or("it cannot be done"));
    return;
  case Outcome::Kind::Failed:
    message = Message(kv::failed);
    if (outcome.value) message.add("value", *outcome.value);
    break;
  case Outcome::Kind::Done:
    if (request.message.is(kv::get)) {
      ++m_readCount;
      message = Message(kv::value);
      message.add("key", request.message.text("key"));
      if (outcome.value) message.add("value", *outcome.value);
      break;
    }
    ++m_writeCount;
    if (m_desk.holds(request.socket))
      ctx.fact(transport::noSocket, trace::FactTopic::Log, m_set.service,
               fmt::format("acknowledge {} {}", index, entry.term), entry.command.text());
    message = Message(kv::ok);
    message.add("term", static_cast<std::int64_t>(entry.term))
        .add("index", static_cast<std::int64_t>(index));
    break;
  }
  message.add("at", static_cast<std::int64_t>(index));
  answer(ctx, request, message);
}

void Member::onReadable(Context &ctx, std::uint64_t read) {
  const auto found = m_reads.extract(read);
  if (!found.empty()) readHere(ctx, found.mapped());
}

void Member::readHere(Context &ctx, const Request &request) {
  Message message(kv::value);
  message.add("key", request.message.text("key"));
  if (const auto found = m_core.machine().get(request.message.text("key")))
    message.add("value", *found);
  message.add("at", static_cast<std::int64_t>(m_core.applied()));
  ++m_readCount;
  answer(ctx, request, message);
}

/// perhapsDone: it is in the log of this node, which leads no longer; the next leader may have it.
void Member::redirect(Context &ctx, const Request &request, bool perhapsDone) {
  Message message(kv::redirect);
  const MemberId leader = m_core.leader();
  if (leader != nobody && leader != m_core.self())
    message.add("to", fmt::format("{}:{}", m_core.book().at(leader).address.text(), m_set.port));
  if (perhapsDone) message.add("perhaps", 1);
  answer(ctx, request, message);
}

void Member::refuse(Context &ctx, const Request &request, std::string_view why) {
  answer(ctx, request, Message(kv::refused).add("why", why));
}

void Member::answer(Context &ctx, const Request &request, const Message &message) {
  if (!m_desk.answer(ctx, request, message)) return;
  const bool done = message.is(kv::ok) || message.is(kv::value);
  if (!done || m_reachableTold || m_core.role() != Role::Leader) return;
  m_reachableTold = true;
  ctx.fact(transport::noSocket, trace::FactTopic::Failover, m_set.service,
           trace::name(trace::FailoverStage::Reachable),
           fmt::format("{} answers its first client", m_name));
}

/// It leads no longer: whoever waits has to ask the next leader.
void Member::letGo(Context &ctx) {
  const auto writes = std::exchange(m_waiting, {});
  const auto reads = std::exchange(m_reads, {});
  for (const auto &[index, request] : writes) redirect(ctx, request, !request.message.is(kv::get));
  for (const auto &[number, request] : reads) redirect(ctx, request, false);
}

} // namespace packetarium::programs::raft
