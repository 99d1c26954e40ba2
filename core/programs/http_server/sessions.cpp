// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/sessions.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

/// Beyond this the oldest session is forgotten, as a server's memory ends somewhere.
constexpr std::size_t sessionsMost = 1000;
constexpr std::size_t sessionsShown = 50;

} // namespace

Sessions::Started Sessions::start(RandomStream &random, SimTime now, std::optional<Duration> life) {
  const std::uint64_t high = random.next(), low = random.next();
  std::string id = fmt::format("{:016x}{:016x}", high, low);
  const SimTime ends = life ? SimTime::fromNs(saturatingAdd(now.ns(), life->ns())) : SimTime::max();
  const std::uint64_t visitor = ++m_last;
  m_byVisitor[visitor] = {id, now, ends};
  m_byId[id] = visitor;
  if (m_byVisitor.size() > sessionsMost) forget(m_byVisitor.begin()->first);
  return {std::move(id), visitor};
}

std::optional<std::uint64_t> Sessions::visitor(const std::string &id, SimTime now) {
  const auto at = m_byId.find(id);
  if (at == m_byId.end()) return std::nullopt;
  const std::uint64_t number = at->second;
  Session &session = m_byVisitor.at(number);
  if (session.ends <= now) {
    forget(number);
    return std::nullopt;
  }
  ++session.visits;
  return number;
}

void Sessions::forget(std::uint64_t visitor) {
  const auto at = m_byVisitor.find(visitor);
  m_byId.erase(at->second.id);
  m_byVisitor.erase(at);
}

Described Sessions::describe(SimTime now) const {
  Described table = row("sessions", text(m_byVisitor.size()), "lost when the node restarts");
  for (auto at = m_byVisitor.rbegin(); at != m_byVisitor.rend(); ++at) {
    if (table.children.size() == sessionsShown) break;
    const auto &[visitor, session] = *at;
    if (session.ends <= now) continue;
    table.children.push_back(
        row(fmt::format("visitor {}", visitor), session.id,
            fmt::format("{} pages, since {}", session.visits, toString(session.began))));
  }
  return table;
}

} // namespace packetarium::programs
