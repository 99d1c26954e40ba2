// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/failover_pair/failover_pair.h"

#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <tuple>

namespace packetarium::programs {

using transport::SocketEvent;
using wire::cluster::Message;

FailoverPair::FailoverPair(const ParameterValues &v)
    : m_service(v),
      m_port(static_cast<std::uint16_t>(v.integer("port"))),
      m_priority(v.integer("priority")),
      m_interval(v.duration("heartbeat_interval_ns")),
      m_deadAfter(v.integer("dead_after")),
      m_failback(v.boolean("failback")),
      m_drifted(v.boolean("config_drift")),
      m_fences(v.text("fencing") == "power-switch"),
      m_standby(v.text("standby")),
      m_partnerId(v.text("partner")),
      m_startUp(v.duration("start_up_ns")),
      m_start(v.duration("start_ns")),
      m_powerSwitch(v.address("power_switch")),
      m_lease(v.address("witness"), v.duration("lease_ns")) {
  for (const ParameterRow &path : v.rows("peers"))
    if (const auto a = wire::Ipv4Address::parse(std::get<std::string>(path.values.at("address"))))
      m_paths.push_back(*a);
}

std::string_view FailoverPair::name(State state) {
  constexpr std::string_view names[] = {"off", "standby", "standby", "starting", "active"};
  return names[static_cast<std::size_t>(state)];
}

/// Who should be active when both live: one that can, the higher priority, the lower name.
bool FailoverPair::preferred(Context &ctx) const {
  const std::tuple mine(m_lease.reachable(), m_priority);
  const std::tuple theirs(m_partner.able, m_partner.priority);
  return mine != theirs ? mine > theirs : ctx.node().id < m_partner.node;
}

/// Whether it asks the active one to hand over.
int FailoverPair::claim(Context &ctx) const {
  if (m_state != State::Standby || !m_ready) return 0;
  if (m_byHand) return 2;
  const bool wants = m_failback && !m_yielded && m_partner.alive && m_partner.active;
  return wants && preferred(ctx) ? 1 : 0;
}

void FailoverPair::start(Context &ctx) {
  // At the beginning of a run machines have long been up; later on a service has to start first.
  m_ready = hot() || ctx.now() == SimTime::zero();
  m_socket = ctx.udpOpen(m_port);
  if (m_socket == transport::noSocket) {
    ctx.note(fmt::format("The port {} is in use.", m_port));
    return;
  }
  ctx.setTimer(m_start, Begin);
}

void FailoverPair::onTimer(Context &ctx, std::uint64_t tag) {
  checkLease(ctx);
  switch (tag) {
  case Begin: return begin(ctx);
  case Beat:
    beat(ctx);
    if (m_state == State::Securing) secure(ctx);
    ctx.setTimer(m_interval, Beat);
    return;
  case Missed: return missed(ctx);
  case Dead: return lost(ctx);
  case Ask:
    m_lease.ask(ctx, m_socket, m_service.name(), wantsLease());
    ctx.setTimer(m_lease.askEvery(), Ask);
    return;
  case Started: return started(ctx);
  default: return;
  }
}

void FailoverPair::onSocket(Context &ctx, const SocketEvent &event) {
  if (event.kind != SocketEvent::Kind::Datagram || m_state == State::Off) return;
  checkLease(ctx);
  if (const auto message = wire::cluster::decode(event.data)) onMessage(ctx, *message);
}

void FailoverPair::begin(Context &ctx) {
  m_state = State::Standby;
  m_service.role(ctx, "standby", "starts, and listens for the other one");
  m_service.tell(ctx, "standby");
  ctx.phase("pair.standby", m_service.name());
  m_partner.heardAt = ctx.now();
  watch(ctx);
  if (m_lease.used()) ctx.setTimer(Duration{}, Ask);
  ctx.setTimer(Duration{}, Beat);
}

void FailoverPair::beat(Context &ctx) {
  Message message("beat");
  message.add("service", m_service.name()).add("role", name(m_state));
  message.add("priority", m_priority).add("node", ctx.node().id);
  if (const int asks = claim(ctx); asks != 0) message.add("claim", asks);
  if (!m_lease.reachable()) message.add("able", 0);
  for (const wire::Ipv4Address path : m_paths)
    ctx.udpSend(m_socket, {path, m_port}, wire::cluster::payloadOf(message));
  ++m_sent;
}

void FailoverPair::onMessage(Context &ctx, const Message &message) {
  if (message.is("fenced")) {
    if (m_state != State::Securing || message.number("nr", 0) != m_fenceNumber) return;
    m_fenced = true;
    ctx.phase("pair.fenced", message.text("node"));
    secure(ctx);
    return;
  }
  if (message.text("service") != m_service.name()) return;
  if (message.is("beat")) heard(ctx, message);
  if (m_lease.take(message)) onLease(ctx);
}

void FailoverPair::heard(Context &ctx, const Message &beat) {
  const bool returned = !m_partner.alive && m_heard > 0;
  ++m_heard;
  m_partner.alive = true;
  m_partner.active = beat.text("role") == "active";
  m_partner.able = beat.number("able", 1) != 0;
  m_partner.claim = static_cast<int>(beat.number("claim", 0));
  m_partner.priority = beat.number("priority", 0);
  m_partner.node = beat.text("node");
  m_partner.heardAt = ctx.now();
  m_fenced = false;
  if (returned) ctx.phase("pair.partner-returned", m_partner.node);
  watch(ctx);
  if (m_state == State::Active)
    heardWhenActive(ctx);
  else
    heardWhenStandby(ctx);
}

void FailoverPair::heardWhenActive(Context &ctx) {
  if (m_partner.active) {
    if (!m_twoActive) ctx.note("Both are active: this is a split brain.");
    m_twoActive = true;
    if (!preferred(ctx))
      standBy(ctx, fmt::format("both were active, and {} comes first (priority {})", m_partner.node,
                               m_partner.priority));
    return;
  }
  if (m_twoActive) { // the other one gave way: what was learned of it must go
    m_twoActive = false;
    m_service.announce(ctx);
    m_service.stage(ctx, trace::FailoverStage::Reachable,
                    "gratuitous ARP again, now that it is the only one active");
  }
  if (m_partner.claim == 0) return;
  m_yielded = m_partner.claim == 2;
  standBy(ctx, m_yielded ? fmt::format("handed over to {}, as a person asked", m_partner.node)
                         : fmt::format("handed over to {}, which comes first", m_partner.node));
}

void FailoverPair::heardWhenStandby(Context &ctx) {
  const bool mine = m_byHand || (preferred(ctx) && !m_yielded);
  if (!m_settled && (m_partner.active || !mine)) {
    m_settled = true;
    m_ready = hot();
  }
  if (m_partner.active || !mine) {
    if (m_state != State::Standby)
      standBy(ctx, m_partner.active ? m_partner.node + " is active after all"
                                    : m_partner.node + " lives, and comes first");
    const bool wanted = m_byHand || (mine && m_failback);
    if (m_partner.active && wanted && !m_ready) prepare(ctx);
    return;
  }
  m_needsFence = false; // it says itself that it stands by
  if (m_state == State::Standby)
    takeOver(ctx, m_byHand ? "a person asked for it" : "comes first, and nobody is active", false);
}

void FailoverPair::watch(Context &ctx) {
  ctx.cancelTimer(m_missedTimer);
  ctx.cancelTimer(m_deadTimer);
  m_missedTimer = ctx.setTimer(m_interval * 3 / 2, Missed);
  m_deadTimer = ctx.setTimer(m_interval * m_deadAfter, Dead);
}

/// Half an interval late: it does not come any more.
void FailoverPair::missed(Context &ctx) {
  if (m_state == State::Active || m_heard == 0 || !m_partner.active) return;
  ctx.phase("pair.suspected", m_service.name());
  m_service.stage(ctx, trace::FailoverStage::Suspected,
                  fmt::format("no heartbeat of {} came when it was due", m_partner.node));
}

void FailoverPair::lost(Context &ctx) {
  m_partner.alive = m_partner.active = m_yielded = false;
  const std::string who = m_partner.node.empty() ? std::string("the other one") : m_partner.node;
  const std::string why = fmt::format("heard nothing of {} for {} heartbeats", who, m_deadAfter);
  ctx.phase("pair.partner-lost", who);
  if (m_state == State::Standby) takeOver(ctx, why, m_fences);
  if (m_state == State::Securing) m_needsFence = m_fences;
}

/// Starts the service while the other one still serves.
void FailoverPair::prepare(Context &ctx) {
  if (m_preparing) return;
  m_preparing = true;
  ctx.phase("pair.starting", m_service.name());
  m_startTimer = ctx.setTimer(m_startUp, Started);
}

std::vector<Described> FailoverPair::describe(SimTime now) const {
  std::vector<Described> rows = {
      row("service", m_service.name()),
      row("role", m_state == State::Securing ? "taking over" : std::string(name(m_state))),
      row("addresses", m_service.addressesText()),
      row("priority", text(static_cast<std::uint64_t>(m_priority))),
      row("standby", m_standby, m_ready ? "the service runs here" : "the service is not started"),
      row("heartbeats sent", text(m_sent)),
      row("heartbeats heard", text(m_heard))};
  const std::string silent = inMs(now - m_partner.heardAt);
  rows.push_back(row("the other one", m_partner.node.empty() ? "never heard" : m_partner.node));
  rows.push_back(row("it is", !m_partner.alive   ? "silent for " + silent
                              : m_partner.active ? "active"
                                                 : "standing by"));
  if (m_state == State::Securing)
    rows.push_back(row("waits for", m_needsFence && !m_fenced ? "fencing" : "the lease"));
  if (m_lease.used())
    rows.push_back(
        row("lease", m_lease.valid(now) ? "held for " + inMs(m_lease.until() - now) : "not held"));
  if (m_drifted) rows.push_back(row("configuration", "has drifted: the service on it fails"));
  return rows;
}

ProgramType failoverPairType() {
  using namespace declare;
  std::vector<Parameter> all = VirtualService::parameters(false);
  const std::vector<Parameter> own = {
      required(records("peers", {required(address("address", "The other one, by this path"))},
                       "Where heartbeats go: one row for each path to the other one")),
      integer("port", "", failover::heartbeatPort, 1, 65535, "Of the heartbeats"),
      integer("priority", "", 100, 0, 1000, "The higher one is active when both can be"),
      duration("heartbeat_interval_ns", Duration::ms(500), millisecond, hour,
               "From one heartbeat to the next"),
      integer("dead_after", "", 3, 2, 1000, "So many intervals of silence mean that it is dead"),
      boolean("failback", true, "Takes over again when it comes back and comes first"),
      choice("standby", {"hot", "warm", "cold"}, "How far the service is up while it stands by"),
      duration("start_up_ns", Duration::seconds(10), 0, hour,
               "A warm or cold standby serves only after so long"),
      choice("fencing", {"none", "power-switch"}, "Makes sure that the other one is off"),
      address("power_switch", "Where the power switch is"),
      text("partner", "", "Node that is switched off; empty: as its heartbeats say"),
      address("witness", "Who lends the lease, without which it is never active; 0.0.0.0: nobody"),
      duration("lease_ns", Duration::seconds(3), 10 * millisecond, hour, "How long a lease lasts"),
      boolean("config_drift", false, "Its configuration has drifted: the service on it fails"),
      startAt()};
  all.insert(all.end(), own.begin(), own.end());
  return {"failover-pair",
          "Failover pair",
          "Heartbeats, and an address that the standby takes over",
          "pulse",
          std::move(all),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<FailoverPair>(v);
          }};
}

} // namespace packetarium::programs
