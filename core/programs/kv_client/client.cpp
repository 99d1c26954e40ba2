// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/client.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using trace::FactTopic;
using transport::SocketEvent;

Client::Client(const ParameterValues &v) : m_set(v) {
  if (!m_set.servers.empty()) m_leader = m_set.servers.front();
}

void Client::start(Context &ctx) {
  if (!m_set.servers.empty()) ctx.setTimer(m_set.start, tagOf(0, Begin));
}

void Client::onTimer(Context &ctx, std::uint64_t tag) {
  const std::uint64_t number = tag >> 3;
  switch (static_cast<Kind>(tag & 7)) {
  case Begin: begin(ctx); return;
  case Next: next(ctx, number); return;
  case Timeout: onTimeout(ctx, number); return;
  case Again: attempt(ctx, number); return;
  case Audit: audit(ctx); return;
  }
}

void Client::onSocket(Context &ctx, const SocketEvent &event) {
  const auto at = m_bySocket.find(event.socket);
  if (at == m_bySocket.end()) return;
  const std::uint64_t number = at->second;
  switch (event.kind) {
  case SocketEvent::Kind::Connected: onConnected(ctx, number, event.socket); return;
  case SocketEvent::Kind::Data: onData(ctx, number, event); return;
  case SocketEvent::Kind::Writable: connectionOf(number, event.socket)->stream.flush(ctx); return;
  case SocketEvent::Kind::PeerClosed:
    ctx.close(event.socket);
    onLost(ctx, number, event.socket, Outcome::Reset, "the server closed the connection");
    return;
  case SocketEvent::Kind::Closed:
    onLost(ctx, number, event.socket, Outcome::Reset, "the connection was closed");
    return;
  case SocketEvent::Kind::Failed:
    onLost(ctx, number, event.socket, outcomeOf(event.error),
           sentence(event.error, event.remote.text()));
    return;
  default: return;
  }
}

bool Client::over(SimTime now) const {
  return m_set.length > Duration{} && now - m_began >= m_set.length;
}

void Client::begin(Context &ctx) {
  m_began = ctx.now();
  if (m_set.plan.kind == "transfer") {
    if (m_set.plan.keyCount < 2) ctx.note("Money moves between two accounts: set keys to 2.");
    if (m_set.audit > Duration{}) {
      m_processes[m_auditor = ++m_lastProcess].behaviour = kv::Auditor{};
      ctx.setTimer(m_set.audit, tagOf(0, Audit));
    }
  }
  if (m_set.open) {
    ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
    return;
  }
  // Clients that began together would stay together: each begins somewhere in a think time.
  for (std::uint64_t i = 0; i < m_set.clients; ++i) {
    m_processes[++m_lastProcess].behaviour = behaviourOf(ctx, i + 1);
    ctx.setTimer(ctx.random("start").uniform(Duration{}, m_set.think), tagOf(m_lastProcess, Next));
  }
}

Behaviour Client::behaviourOf(Context &ctx, std::uint64_t number) const {
  if (m_set.plan.kind == "transfer") return Teller{};
  if (m_set.plan.kind != "seat") return Draws{};
  const bool alone = !m_set.open && m_set.clients == 1;
  return Buyer{alone ? ctx.node().id : fmt::format("{}-{}", ctx.node().id, number)};
}

Duration Client::arrivalGap(Context &ctx) const {
  return ctx.random("arrivals")
      .exponential(Duration::ns(static_cast<std::int64_t>(1e9 / m_set.rateRps)));
}

Duration Client::thinkTime(Context &ctx) const {
  return std::max(ctx.random("think").exponential(m_set.think), Duration::us(1));
}

void Client::next(Context &ctx, std::uint64_t number) {
  if (number > 0 && m_processes.at(number).upcoming) {
    auto &upcoming = m_processes.at(number).upcoming;
    Operation operation = std::move(*upcoming);
    upcoming.reset();
    invoke(ctx, number, std::move(operation));
    return;
  }
  if (over(ctx.now())) return;
  if (m_set.open) {
    ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
    number = idleProcess(ctx);
  }
  if (m_auditing) {
    if (!m_set.open) ctx.setTimer(thinkTime(ctx), tagOf(number, Next));
    return;
  }
  if (number == 0)
    turnAway(ctx);
  else
    act(ctx, number);
}

/// Open loop: the first that has nothing to do, or another one; 0 when there are too many.
std::uint64_t Client::idleProcess(Context &ctx) {
  for (const auto &[number, p] : m_processes)
    if (!p.acts && number != m_auditor) return number;
  if (m_processes.size() >= processesMax) return 0;
  const std::uint64_t number = ++m_lastProcess;
  m_processes[number].behaviour = behaviourOf(ctx, number);
  return m_lastProcess;
}

void Client::act(Context &ctx, std::uint64_t number) {
  Process &p = m_processes.at(number);
  auto operation = kv::begin(p.behaviour, ctx, m_set.plan);
  if (!operation) return;
  p.acts = true;
  invoke(ctx, number, std::move(*operation));
}

void Client::turnAway(Context &ctx) {
  Behaviour somebody = behaviourOf(ctx, 0);
  const auto operation = kv::begin(somebody, ctx, m_set.plan);
  if (!operation) return;
  const std::uint64_t request = ctx.requestStarted(operation->title(), m_set.service);
  ctx.requestEnded(request, Outcome::Cancelled, Duration{}, 0, "too many in flight");
  count(Outcome::Cancelled);
}

/// The bank closes for a moment: no transfer begins until all is added up.
void Client::audit(Context &ctx) {
  m_auditing = true;
  if (!over(ctx.now())) ctx.setTimer(m_set.audit, tagOf(0, Audit));
  if (!transferring() && !m_processes.at(m_auditor).acts) act(ctx, m_auditor);
}

bool Client::transferring() const {
  return std::any_of(m_processes.begin(), m_processes.end(),
                     [this](const auto &p) { return p.first != m_auditor && p.second.acts; });
}

void Client::invoke(Context &ctx, std::uint64_t number, Operation operation) {
  const std::uint64_t request = ctx.requestStarted(operation.title(), m_set.service);
  Process &p = m_processes.at(number);
  if (p.name.empty()) p.name = fmt::format("{}-{}", ctx.node().id, request);
  operation.makeUnique(p.name, request);
  p.operation = std::move(operation);
  p.request = request;
  p.began = ctx.now();
  p.busy = true;
  p.attempts = 0;
  p.perhaps = false;
  tell(ctx, p, "invoke", p.operation.value);
  p.to = firstServer(ctx, p);
  attempt(ctx, number);
}

/// What follows from an answer: the next operation of several, or a pause.
void Client::goOn(Context &ctx, std::uint64_t number, const Answer &answer) {
  Process &p = m_processes.at(number);
  const bool heard = answer.how == Answer::How::Done || answer.how == Answer::How::Otherwise;
  Tales tales;
  p.upcoming = kv::next(p.behaviour, m_set.plan, answer, tales);
  tellTales(ctx, tales);
  if (p.upcoming) {
    ctx.setTimer(heard ? m_set.decide : thinkTime(ctx), tagOf(number, Next));
    return;
  }
  p.acts = false;
  if (number == m_auditor)
    m_auditing = false;
  else if (!m_set.open)
    ctx.setTimer(thinkTime(ctx), tagOf(number, Next));
  if (m_auditing && !transferring()) act(ctx, m_auditor);
}

void Client::tellTales(Context &ctx, const Tales &tales) {
  for (const Tale &tale : tales) {
    ctx.phase(tale.milestone, tale.object);
    if (!tale.sum) continue;
    m_sum = tale.sum;
    ctx.sample("bank.sum", *tale.sum);
  }
}

void Client::tell(Context &ctx, const Process &p, std::string_view how,
                  std::string_view value) const {
  ctx.fact(transport::noSocket, FactTopic::Operation, how, p.operation.text(value),
           fmt::format("{} {} {}", p.name, p.request, m_set.service));
}

void Client::count(Outcome outcome) {
  ++m_ended;
  ++m_outcomes[outcome];
}

std::vector<Described> Client::describe(SimTime) const {
  const auto busy = std::count_if(m_processes.begin(), m_processes.end(),
                                  [](const auto &p) { return p.second.busy; });
  Described outcomes = row("ended", text(m_ended));
  for (const auto &[outcome, count] : m_outcomes)
    outcomes.children.push_back(row(std::string(trace::name(outcome)), text(count)));
  std::vector<Described> rows = {
      row("service", m_set.service),
      row("load", m_set.open ? fmt::format("open loop, {:g} operations/s", m_set.rateRps)
                             : fmt::format("closed loop, {} clients", m_set.clients)),
      row("primary", m_set.servers.empty() ? "none" : m_leader.text(), "as far as it knows"),
      row("in flight", text(static_cast<std::uint64_t>(busy))), std::move(outcomes)};
  if (m_sum) rows.push_back(row("sum", fmt::format("{:g}", *m_sum), "of all accounts"));
  if (!m_set.session) return rows;
  Described sessions = row("sessions", "", "how far each client has seen the store");
  for (const auto &[number, p] : m_processes)
    sessions.children.push_back(row(p.name.empty() ? text(number) : p.name, p.session.seen()));
  rows.push_back(std::move(sessions));
  return rows;
}

} // namespace packetarium::programs::kv
