// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/sessions.h"

#include "core/programs/peer.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace packetarium::programs {
namespace {

/// Beyond this the oldest session is forgotten, as a server's memory ends somewhere.
constexpr std::size_t sessionsMost = 1000;
constexpr std::size_t sessionsShown = 50;

} // namespace

Sessions::Started Sessions::start(RandomStream &random, SimTime now, std::optional<Duration> life,
                                  bool shared) {
  const std::uint64_t high = random.next(), low = random.next();
  std::string id = fmt::format("{:016x}{:016x}", high, low);
  const SimTime ends = life ? SimTime::fromNs(saturatingAdd(now.ns(), life->ns())) : SimTime::max();
  std::uint64_t visitor = shared ? 10'000 + low % 90'000 : ++m_last;
  while (m_byVisitor.contains(visitor)) ++visitor;
  put(visitor, id, now, ends);
  return {std::move(id), visitor};
}

void Sessions::put(std::uint64_t visitor, const std::string &id, SimTime now, SimTime ends) {
  m_byVisitor[visitor] = {id, now, ends};
  m_byId[id] = visitor;
  if (m_byVisitor.size() <= sessionsMost) return;
  const auto first = m_byVisitor.begin();
  forget(first->first == visitor ? std::next(first)->first : first->first);
}

std::string Sessions::stored(const std::string &id) const {
  const auto at = m_byId.find(id);
  if (at == m_byId.end()) return {};
  return fmt::format("{} {}", at->second, m_byVisitor.at(at->second).ends.ns());
}

void Sessions::learn(const std::string &id, std::string_view stored, SimTime now) {
  std::uint64_t visitor = 0;
  std::int64_t ends = SimTime::max().ns();
  const char *last = stored.data() + stored.size();
  const auto first = std::from_chars(stored.data(), last, visitor);
  if (first.ec != std::errc{}) return;
  if (first.ptr != last) std::from_chars(first.ptr + 1, last, ends);
  if (const auto known = m_byId.find(id); known != m_byId.end() && known->second == visitor) return;
  drop(id);
  if (m_byVisitor.contains(visitor)) forget(visitor);
  put(visitor, id, now, SimTime::fromNs(ends));
}

void Sessions::drop(const std::string &id) {
  if (const auto at = m_byId.find(id); at != m_byId.end()) forget(at->second);
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
