// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/failover_pair/failover_pair.h"

#include <fmt/format.h>

#include <utility>

/// The way from standing by to being active, and back.
namespace packetarium::programs {

using trace::FailoverStage;
using wire::cluster::Message;

/// fence: the other one may be alive, so its power must be cut first.
void FailoverPair::takeOver(Context &ctx, std::string why, bool fence) {
  m_state = State::Securing;
  m_why = std::move(why);
  m_needsFence = fence;
  m_decided = false;
  m_fenceNumber = ctx.now().ns();
  ctx.phase("pair.taking-over", m_service.name());
  secure(ctx);
}

/// Goes on when the other one is surely off and the lease is held; asks for what is missing.
void FailoverPair::secure(Context &ctx) {
  if (m_state != State::Securing) return;
  if (m_needsFence && !m_fenced) return askForFence(ctx);
  if (!m_lease.valid(ctx.now())) return askForLease(ctx);
  if (!m_decided) {
    m_decided = true;
    const std::string sure = m_needsFence     ? "; its power was cut"
                             : m_lease.used() ? "; the witness lent the lease"
                                              : "";
    m_service.stage(ctx, FailoverStage::Decided, m_why + sure);
  }
  if (m_ready) return activate(ctx);
  m_state = State::Starting;
  m_service.role(ctx, "starting", m_why);
  ctx.phase("pair.starting", m_service.name());
  if (!std::exchange(m_preparing, true)) m_startTimer = ctx.setTimer(m_startUp, Started);
}

void FailoverPair::askForFence(Context &ctx) {
  const std::string &node = m_partnerId.empty() ? m_partner.node : m_partnerId;
  if (node.empty()) {
    ctx.note("It does not know whom to fence, so it waits.");
    return;
  }
  const auto order = Message("fence").add("node", node).add("nr", m_fenceNumber);
  ctx.phase("pair.fencing", node);
  ctx.udpSend(m_socket, {m_powerSwitch, failover::powerSwitchPort},
              wire::cluster::payloadOf(order));
}

void FailoverPair::askForLease(Context &ctx) { m_lease.ask(ctx, m_socket, m_service.name(), true); }

void FailoverPair::onLease(Context &ctx) {
  if (!m_lease.used() || !m_lease.valid(ctx.now())) return;
  ctx.cancelTimer(m_leaseTimer);
  m_leaseTimer = ctx.setTimer(m_lease.until() - ctx.now(), LeaseEnd);
  secure(ctx);
}

void FailoverPair::started(Context &ctx) {
  m_preparing = false;
  m_ready = true;
  ctx.phase("pair.started", m_service.name());
  if (m_state == State::Starting) activate(ctx);
}

void FailoverPair::activate(Context &ctx) {
  m_state = State::Active;
  m_byHand = m_yielded = false;
  ctx.phase("pair.active", m_service.name());
  m_service.take(ctx);
  m_service.role(ctx, "active",
                 m_drifted ? m_why + "; its configuration has drifted: the service on it fails"
                           : m_why);
  m_service.tell(ctx, m_drifted ? "broken" : "active");
  m_service.stage(ctx, FailoverStage::Active, ctx.node().name + " serves");
  m_service.announce(ctx);
  m_service.stage(ctx, FailoverStage::Reachable,
                  m_service.addresses().empty()
                      ? "no address moves with the service"
                      : "gratuitous ARP told switches and caches where the addresses are");
  beat(ctx);
}

void FailoverPair::standBy(Context &ctx, const std::string &why) {
  ctx.cancelTimer(m_startTimer);
  const bool ran = m_state == State::Active || m_state == State::Starting;
  m_state = State::Standby;
  m_preparing = m_twoActive = false;
  if (ran) m_ready = hot();
  m_service.release(ctx);
  m_lease.release(ctx, m_socket, m_service.name());
  m_service.role(ctx, "standby", why);
  m_service.tell(ctx, "standby");
  ctx.phase("pair.standby", m_service.name());
  beat(ctx);
}

/// Without its lease it must not serve: another one may have it.
void FailoverPair::checkLease(Context &ctx) {
  if (m_state < State::Starting || m_lease.valid(ctx.now())) return;
  standBy(ctx, "its lease ran out: the witness did not renew it in time");
  if (!m_partner.alive) takeOver(ctx, "the lease was lost, and nobody is heard", m_fences);
}

void FailoverPair::onPromote(Context &ctx) {
  if (m_state == State::Securing) { // the person vouches for it
    m_fenced = true;
    secure(ctx);
    return;
  }
  if (m_state != State::Standby) return;
  m_byHand = true;
  m_yielded = false;
  if (!m_ready && m_partner.alive) prepare(ctx);
  beat(ctx);
  if (!m_partner.alive || !m_partner.active)
    takeOver(ctx, "a person asked for it", m_fences && !m_partner.alive);
}

} // namespace packetarium::programs
