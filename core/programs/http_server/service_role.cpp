// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/service_role.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

namespace packetarium::programs {

using trace::FactTopic;
using trace::FailoverStage;

ServiceRole::ServiceRole(const ParameterValues &values)
    : m_name(values.text("service_name")),
      m_standby(values.text("standby")),
      m_startUp(values.duration("start_up_ns")) {}

void ServiceRole::tell(Context &ctx, std::string_view value, std::string_view why) const {
  ctx.fact(transport::noSocket, FactTopic::Role, m_name, value, why);
}

/// Whoever decided has told the node's role with its reason, which shall stay the last word: only
/// what that one cannot know is told beside it.
void ServiceRole::tellIfBroken(Context &ctx) const {
  if (m_broken) tell(ctx, "broken", "Its configuration is not what it must be: it answers 500.");
}

ServiceRole::Duty ServiceRole::start(Context &ctx) {
  if (m_name.empty()) return Duty::Open;
  if (m_standby == "serves") {
    tell(ctx, "active", "It serves from the start.");
    return Duty::Open;
  }
  m_state = State::Standby;
  tell(ctx, "standby", fmt::format("A {} standby: it waits to be told.", m_standby));
  return Duty::Nothing;
}

ServiceRole::Duty ServiceRole::onNews(Context &ctx, std::string_view topic,
                                      std::string_view value) {
  if (m_name.empty() || topic != "service." + m_name) return Duty::Nothing;
  if (value == "standby") return stepDown();
  if (value != "active" && value != "broken") return Duty::Nothing;
  const bool wasBroken = std::exchange(m_broken, value == "broken");
  if (m_state != State::Standby) {
    if (!wasBroken && m_state == State::Serving) tellIfBroken(ctx);
    return Duty::Nothing;
  }
  if (m_standby == "warm" || m_standby == "cold") {
    m_state = State::Starting;
    ctx.phase("http.starting", m_name);
    tell(ctx, "starting", fmt::format("It needs {} to start.", toString(m_startUp)));
    return Duty::StartUp;
  }
  m_state = State::Serving;
  tellIfBroken(ctx);
  return m_standby == "serves" ? Duty::Nothing : Duty::Open;
}

/// A server that serves in any case goes on.
ServiceRole::Duty ServiceRole::stepDown() {
  if (m_state == State::Standby) return Duty::Nothing;
  const bool listened = m_state == State::Serving && m_standby != "serves";
  m_state = State::Standby;
  m_broken = false;
  return listened ? Duty::Close : Duty::Nothing;
}

ServiceRole::Duty ServiceRole::startedUp(Context &ctx) {
  if (m_state != State::Starting) return Duty::Nothing;
  m_state = State::Serving;
  ctx.fact(transport::noSocket, FactTopic::Failover, m_name, trace::name(FailoverStage::Active),
           fmt::format("{} has started up.", ctx.node().name));
  // Whoever told it to serve has led clients here already; only now somebody answers them.
  ctx.fact(transport::noSocket, FactTopic::Failover, m_name, trace::name(FailoverStage::Reachable),
           "the address led here before the service had started");
  if (m_broken)
    tellIfBroken(ctx);
  else
    tell(ctx, "active", "It has started up.");
  return Duty::Open;
}

Described ServiceRole::describe() const {
  const std::string value = m_state == State::Standby    ? "standby"
                            : m_state == State::Starting ? "starting"
                            : m_broken                   ? "broken"
                                                         : "active";
  return row("role", m_name.empty() ? "serves" : fmt::format("{} for {}", value, m_name),
             m_standby == "serves" ? "It serves in any case" : m_standby + " standby");
}

} // namespace packetarium::programs
