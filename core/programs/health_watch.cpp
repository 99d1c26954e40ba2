// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/health_watch.h"

#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace packetarium::programs {

using transport::SocketEvent;
using transport::SocketId;
using What = HealthWatch::Change::What;

std::vector<Parameter> healthParameters(std::string key, bool http, Duration interval) {
  using namespace declare;
  std::vector<std::string> kinds = {"none", "tcp"};
  if (http) kinds.emplace_back("http");
  std::vector<Parameter> all = {
      choice(std::move(key), std::move(kinds), "How it finds out whether a server lives"),
      duration("check_interval_ns", interval, millisecond, hour, "From one check to the next"),
      duration("check_timeout_ns", Duration::seconds(1), millisecond, hour,
               "A check fails when nothing came for so long"),
      integer("fall", "", 3, 1, 100, "Checks that fail in a row before a server is left out"),
      integer("rise", "", 2, 1, 100, "Checks that pass in a row before it is taken back")};
  if (!http) return all;
  Parameter path = text("check_path", "/", "Page that a check by http asks for");
  path.checkText = checkPath;
  all.push_back(std::move(path));
  all.push_back(text("check_host", "", "Host that this check names; empty: the server's address"));
  return all;
}

HealthPlan healthPlan(const ParameterValues &values, std::string_view key) {
  HealthPlan plan;
  const std::string &kind = values.text(key);
  plan.kind = kind == "tcp"    ? HealthPlan::Kind::Tcp
              : kind == "http" ? HealthPlan::Kind::Http
                               : HealthPlan::Kind::None;
  plan.interval = values.duration("check_interval_ns");
  plan.timeout = values.duration("check_timeout_ns");
  plan.fall = static_cast<int>(values.integer("fall"));
  plan.rise = static_cast<int>(values.integer("rise"));
  if (const auto path = values.all().find("check_path"); path != values.all().end())
    plan.path = std::get<std::string>(path->second);
  if (const auto host = values.all().find("check_host"); host != values.all().end())
    plan.host = std::get<std::string>(host->second);
  return plan;
}

HealthWatch::HealthWatch(HealthPlan plan, std::vector<transport::Endpoint> servers,
                         std::uint64_t timerKind, unsigned shift)
    : m_plan(std::move(plan)), m_timerKind(timerKind), m_shift(shift) {
  for (const transport::Endpoint &endpoint : servers) {
    Watched w;
    w.endpoint = endpoint;
    m_servers.push_back(std::move(w));
  }
}

std::uint64_t HealthWatch::tagOf(std::size_t server, TimerUse use) const {
  return (std::uint64_t{server} << 1 | use) << m_shift | m_timerKind;
}

void HealthWatch::start(Context &ctx) {
  if (m_plan.kind == HealthPlan::Kind::None) return;
  const auto count = static_cast<std::int64_t>(m_servers.size());
  for (std::size_t s = 0; s < m_servers.size(); ++s)
    ctx.setTimer(m_plan.interval * static_cast<std::int64_t>(s) / count, tagOf(s, Check));
}

HealthWatch::Changes HealthWatch::onTimer(Context &ctx, std::uint64_t number) {
  Changes changes;
  const auto server = static_cast<std::size_t>(number >> 1);
  if ((number & 1) == Check) {
    check(ctx, server, changes);
    ctx.setTimer(m_plan.interval, tagOf(server, Check));
  } else if (m_servers[server].socket != transport::noSocket) {
    ctx.abort(std::exchange(m_servers[server].socket, transport::noSocket));
    failed(ctx, server, fmt::format("Nothing came within {}.", toString(m_plan.timeout)), changes);
  }
  return changes;
}

/// A check that is still under way goes on instead of another one.
void HealthWatch::check(Context &ctx, std::size_t server, Changes &changes) {
  Watched &w = m_servers[server];
  if (w.socket != transport::noSocket) return;
  w.socket = ctx.tcpConnect(w.endpoint, {});
  w.parser = wire::http::Parser(wire::http::Parser::Role::Responses);
  if (w.socket == transport::noSocket)
    failed(ctx, server, "No connection could be opened.", changes);
  else
    w.limit = ctx.setTimer(m_plan.timeout, tagOf(server, Limit));
}

bool HealthWatch::owns(SocketId socket) const {
  return socket != transport::noSocket &&
         std::any_of(m_servers.begin(), m_servers.end(),
                     [socket](const Watched &w) { return w.socket == socket; });
}

HealthWatch::Changes HealthWatch::onSocket(Context &ctx, const SocketEvent &event) {
  Changes changes;
  const auto at = std::find_if(m_servers.begin(), m_servers.end(),
                               [&event](const Watched &w) { return w.socket == event.socket; });
  const auto server = static_cast<std::size_t>(at - m_servers.begin());
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    if (m_plan.kind == HealthPlan::Kind::Tcp)
      passed(ctx, server, changes);
    else
      ctx.tcpSend(at->socket,
                  serialise(wire::http::get(m_plan.host.empty() ? at->endpoint.text() : m_plan.host,
                                            m_plan.path, false)));
    break;
  case SocketEvent::Kind::Data:
    if (at->parser.feed(event.data).ok())
      heard(ctx, server, changes);
    else
      failed(ctx, server, "What it answered is no HTTP.", changes);
    break;
  case SocketEvent::Kind::PeerClosed:
    if (at->parser.end().ok()) heard(ctx, server, changes);
    if (at->socket != transport::noSocket)
      failed(ctx, server, "It closed the connection without an answer.", changes);
    break;
  case SocketEvent::Kind::Failed:
    at->socket = transport::noSocket;
    failed(ctx, server, sentence(event.error, event.remote.text()), changes);
    break;
  default: break;
  }
  return changes;
}

void HealthWatch::heard(Context &ctx, std::size_t server, Changes &changes) {
  const auto message = m_servers[server].parser.take();
  if (!message) return;
  const int status = message->response().status;
  if (status >= 200 && status < 400)
    passed(ctx, server, changes);
  else
    failed(ctx, server, fmt::format("It answered {}.", status), changes);
}

void HealthWatch::passed(Context &ctx, std::size_t server, Changes &changes) {
  Watched &w = m_servers[server];
  ctx.cancelTimer(w.limit);
  ctx.close(std::exchange(w.socket, transport::noSocket));
  if (w.up) {
    w.inARow = 0;
    if (std::exchange(w.suspected, false))
      changes.push_back({What::Cleared, server, "It answered a check."});
  } else if (++w.inARow >= m_plan.rise) {
    w.up = true;
    w.suspected = false;
    w.inARow = 0;
    changes.push_back(
        {What::Back, server, fmt::format("It answered {} checks in a row.", m_plan.rise)});
  }
}

void HealthWatch::failed(Context &ctx, std::size_t server, std::string why, Changes &changes) {
  Watched &w = m_servers[server];
  ctx.cancelTimer(w.limit);
  if (w.socket != transport::noSocket) ctx.close(std::exchange(w.socket, transport::noSocket));
  if (!w.up) {
    w.inARow = 0;
    return;
  }
  ++w.inARow;
  for (Change &c : suspect(server, why)) changes.push_back(std::move(c));
  if (w.inARow < m_plan.fall) return;
  w.up = false;
  w.inARow = 0;
  changes.push_back(
      {What::Out, server, fmt::format("{} checks in a row failed. {}", m_plan.fall, why)});
}

HealthWatch::Changes HealthWatch::suspect(std::size_t server, std::string why) {
  Watched &w = m_servers[server];
  if (!w.up || std::exchange(w.suspected, true)) return {};
  return {{What::Suspected, server, std::move(why)}};
}

void HealthWatch::trust(std::size_t server) {
  if (m_servers[server].inARow == 0) m_servers[server].suspected = false;
}

std::size_t HealthWatch::upCount() const {
  return static_cast<std::size_t>(
      std::count_if(m_servers.begin(), m_servers.end(), [](const Watched &w) { return w.up; }));
}

std::string HealthWatch::state(std::size_t server) const {
  const Watched &w = m_servers[server];
  if (!w.up) return "out";
  if (w.inARow > 0) return fmt::format("up, {} of {} checks failed", w.inARow, m_plan.fall);
  return w.suspected ? "up, but a connection failed" : "up";
}

void tellFailover(Context &ctx, const std::string &service, const HealthWatch &watch,
                  const HealthWatch::Change &change) {
  if (service.empty()) return;
  const auto tell = [&](trace::FailoverStage stage, std::string_view why) {
    ctx.fact(transport::noSocket, trace::FactTopic::Failover, service, trace::name(stage), why);
  };
  if (change.what == What::Suspected) tell(trace::FailoverStage::Suspected, change.why);
  if (change.what == What::Out) {
    tell(trace::FailoverStage::Decided, change.why);
    if (watch.upCount() > 0)
      tell(trace::FailoverStage::Reachable, "Clients are led to the others from now on.");
  }
  // The first one back after all were gone: only now is there somebody to lead to.
  if (change.what == What::Back && watch.upCount() == 1)
    tell(trace::FailoverStage::Reachable, "Clients are led to it from now on.");
}

} // namespace packetarium::programs
