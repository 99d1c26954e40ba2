// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/balancer_core.h"

#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

std::vector<ServerPool::Server> balancedServers(const ParameterValues &values) {
  std::vector<ServerPool::Server> servers;
  for (const ParameterRow &row : values.rows("servers")) {
    ServerPool::Server s;
    s.endpoint.address = wire::Ipv4Address::parse(std::get<std::string>(row.values.at("address")))
                             .value_or(wire::Ipv4Address{});
    s.endpoint.port = static_cast<std::uint16_t>(std::get<std::int64_t>(row.values.at("port")));
    s.weight = std::get<std::int64_t>(row.values.at("weight"));
    servers.push_back(s);
  }
  return servers;
}

BalancerCore::Sticky stickyOf(std::string_view name) {
  if (name == "cookie") return BalancerCore::Sticky::Cookie;
  return name == "source" ? BalancerCore::Sticky::Source : BalancerCore::Sticky::None;
}

} // namespace

BalancerCore::BalancerCore(const ParameterValues &v)
    : pool(v.text("algorithm"), balancedServers(v)),
      service(v.text("service")),
      cookieName(v.text("sticky_cookie")),
      sticky(stickyOf(v.text("sticky"))),
      retries(static_cast<int>(v.integer("retries"))),
      endWhenOut(v.boolean("end_when_out")),
      connectTimeout(v.duration("connect_timeout_ns")),
      serverTimeout(v.duration("server_timeout_ns")),
      idleTimeout(v.duration("idle_timeout_ns")),
      tcp(tcpOptions(v)) {
  std::vector<transport::Endpoint> endpoints;
  for (const ServerPool::Server &s : pool.servers()) endpoints.push_back(s.endpoint);
  watch = HealthWatch(healthPlan(v, "check"), std::move(endpoints), Check, tagShift);
}

std::optional<std::size_t> BalancerCore::choose(Context &ctx, wire::Ipv4Address client,
                                                const std::vector<std::size_t> &tried,
                                                std::optional<std::size_t> wanted) {
  std::vector<std::size_t> all, fresh;
  for (std::size_t s = 0; s < watch.size(); ++s) {
    if (!watch.up(s)) continue;
    all.push_back(s);
    if (std::find(tried.begin(), tried.end(), s) == tried.end()) fresh.push_back(s);
  }
  if (all.empty()) return std::nullopt;
  const std::vector<std::size_t> &candidates = fresh.empty() ? all : fresh;
  const auto known = m_bySource.find(client.value);
  if (sticky == Sticky::Source && known != m_bySource.end()) wanted = known->second;
  const bool stays =
      wanted && std::find(candidates.begin(), candidates.end(), *wanted) != candidates.end();
  const std::size_t chosen = stays ? *wanted : pool.choose(candidates, ctx.random("choices"));
  if (sticky == Sticky::Source) m_bySource[client.value] = chosen;
  return chosen;
}

void BalancerCore::connectFailed(Context &ctx, std::size_t server, const std::string &why) {
  tell(ctx, watch.suspect(server, why));
}

void BalancerCore::answered(std::size_t server, Duration response) {
  pool.measured(server, response);
  watch.trust(server);
}

void BalancerCore::tellLed(Context &ctx, transport::Endpoint client, std::size_t server) const {
  const std::string to = pool.servers()[server].endpoint.text();
  ctx.phase("lb.chosen", fmt::format("{} for {}", to, client.text()));
  if (!service.empty())
    ctx.fact(transport::noSocket, trace::FactTopic::Try, "led", client.text(), to);
}

void BalancerCore::tellJoined(Context &ctx, transport::Endpoint client, std::size_t server) const {
  if (!service.empty())
    ctx.fact(transport::noSocket, trace::FactTopic::Try, "joined", client.text(),
             pool.servers()[server].endpoint.text());
}

std::vector<std::size_t> BalancerCore::tell(Context &ctx,
                                            const HealthWatch::Changes &changes) const {
  std::vector<std::size_t> out;
  for (const HealthWatch::Change &c : changes) {
    const std::string who = pool.servers()[c.server].endpoint.text();
    tellFailover(ctx, service, watch, c);
    if (c.what == HealthWatch::Change::What::Out) {
      ctx.phase("lb.server-down", who);
      out.push_back(c.server);
    } else if (c.what == HealthWatch::Change::What::Back) {
      ctx.phase("lb.server-up", who);
    } else {
      continue;
    }
    ctx.sample("lb.active", static_cast<double>(watch.upCount()));
  }
  return out;
}

void BalancerCore::sample(Context &ctx) const {
  ctx.sample("lb.active", static_cast<double>(watch.upCount()));
  for (std::size_t s = 0; s < pool.servers().size(); ++s)
    ctx.sample(fmt::format("lb.in_flight.s{}", s + 1),
               static_cast<double>(pool.servers()[s].inFlight));
}

Described BalancerCore::describe() const {
  Described table = row("servers", fmt::format("{} of {} up", watch.upCount(), watch.size()));
  for (std::size_t i = 0; i < watch.size(); ++i) {
    const ServerPool::Server &s = pool.servers()[i];
    Described one = row(fmt::format("s{} {}", i + 1, s.endpoint.text()), watch.state(i));
    one.children = {row("under way", text(s.inFlight)), row("chosen", text(s.chosen)),
                    row("answered", text(s.answered)), row("failed", text(s.failed)),
                    row("response time", s.response ? inMs(*s.response) : "not measured",
                        "mean in which each new one counts an eighth")};
    if (s.weight != 1) one.children.push_back(row("weight", fmt::format("{}", s.weight)));
    table.children.push_back(std::move(one));
  }
  return table;
}

} // namespace packetarium::programs
