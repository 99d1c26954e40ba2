// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/failover_pair/lease_keeper.h"

#include "core/programs/virtual_service.h"

#include <algorithm>

namespace packetarium::programs {

using wire::cluster::Message;

LeaseKeeper::LeaseKeeper(wire::Ipv4Address witness, Duration span)
    : m_witness(witness), m_span(span) {}

void LeaseKeeper::ask(Context &ctx, transport::SocketId socket, std::string_view service,
                      bool wanted) {
  if (!used()) return;
  Message message("lease");
  message.add("service", service).add("node", ctx.node().id);
  message.add("span-ms", wanted ? m_span.ns() / 1'000'000 : 0).add("sent", ctx.now().ns());
  if (valid(ctx.now())) message.add("held", 1);
  m_unanswered = std::min(m_unanswered + 1, 1000);
  ctx.udpSend(socket, {m_witness, failover::witnessPort}, wire::cluster::payloadOf(message));
}

void LeaseKeeper::release(Context &ctx, transport::SocketId socket, std::string_view service) {
  if (!used() || m_until == SimTime::zero()) return;
  m_until = SimTime::zero();
  m_releasedAt = ctx.now().ns();
  const auto message = Message("release")
                           .add("service", service)
                           .add("node", ctx.node().id)
                           .add("sent", m_releasedAt);
  ctx.udpSend(socket, {m_witness, failover::witnessPort}, wire::cluster::payloadOf(message));
}

bool LeaseKeeper::take(const Message &message) {
  if (!message.is("granted") && !message.is("denied")) return false;
  m_unanswered = 0;
  const std::int64_t sent = message.number("sent", 0);
  if (message.is("granted") && sent > m_releasedAt)
    m_until = std::max(m_until, SimTime::fromNs(sent) + m_span * 9 / 10);
  m_holder = message.text("holder");
  return true;
}

} // namespace packetarium::programs
