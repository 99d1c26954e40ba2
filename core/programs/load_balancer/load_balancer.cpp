// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/load_balancer/balancer_core.h"
#include "core/programs/load_balancer/request_relay.h"
#include "core/programs/load_balancer/stream_relay.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;

/// Leads each client, or each request, to one of several servers that do the same.
class LoadBalancer final : public ProgramOf<LoadBalancer> {
public:
  explicit LoadBalancer(const ParameterValues &v)
      : m_core(v),
        m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_requests(v.text("mode") == "l7"),
        m_algorithm(v.text("algorithm")) {}

  void start(Context &ctx) override {
    m_listener = ctx.tcpListen(m_port, m_core.tcp);
    if (m_listener == transport::noSocket) {
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
      return;
    }
    ctx.phase("lb.listening", fmt::format("TCP port {}", m_port));
    if (!m_core.service.empty())
      ctx.fact(transport::noSocket, trace::FactTopic::Role, m_core.service, "balancer",
               fmt::format("It leads clients to {} servers.", m_core.watch.size()));
    m_core.watch.start(ctx);
    ctx.setTimer(Duration{}, BalancerCore::tagOf(0, BalancerCore::Sample));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind == SocketEvent::Kind::Accepted) {
      if (m_requests)
        m_byRequest.accept(ctx, m_core, event);
      else
        m_byStream.accept(ctx, m_core, event);
    } else if (m_core.watch.owns(event.socket)) {
      changed(ctx, m_core.watch.onSocket(ctx, event));
    } else if (m_requests) {
      m_byRequest.onSocket(ctx, m_core, event);
    } else {
      m_byStream.onSocket(ctx, m_core, event);
    }
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    const std::uint64_t number = tag >> BalancerCore::tagShift;
    switch (static_cast<BalancerCore::TimerKind>(tag & 3)) {
    case BalancerCore::Check: changed(ctx, m_core.watch.onTimer(ctx, number)); return;
    case BalancerCore::Limit:
      if (m_requests)
        m_byRequest.onLimit(ctx, m_core, number);
      else
        m_byStream.onLimit(ctx, m_core, number);
      return;
    case BalancerCore::Idle:
      if (m_requests)
        m_byRequest.onIdle(ctx, number);
      else
        m_byStream.onIdle(ctx, m_core, number);
      return;
    case BalancerCore::Sample:
      m_core.sample(ctx);
      ctx.setTimer(sampleEvery, tag);
      return;
    }
  }

  std::vector<Described> describe(SimTime) const override {
    std::vector<Described> rows = {
        row("port", text(m_port)),
        row("balances", m_requests ? "requests (layer 7)" : "connections (layer 4)"),
        row("algorithm", m_algorithm), m_core.describe()};
    for (Described &d : m_requests ? m_byRequest.describe(m_core) : m_byStream.describe(m_core))
      rows.push_back(std::move(d));
    return rows;
  }

private:
  static constexpr Duration sampleEvery = Duration::seconds(1);

  void changed(Context &ctx, const HealthWatch::Changes &changes) {
    for (const std::size_t server : m_core.tell(ctx, changes)) {
      if (!m_core.endWhenOut) continue;
      if (m_requests)
        m_byRequest.onServerOut(ctx, m_core, server);
      else
        m_byStream.onServerOut(ctx, m_core, server);
    }
  }

  BalancerCore m_core;
  std::uint16_t m_port = 80;
  bool m_requests = true;
  std::string m_algorithm;
  transport::SocketId m_listener = transport::noSocket;
  StreamRelay m_byStream;
  RequestRelay m_byRequest;
};

std::vector<Parameter> balancingParameters() {
  using namespace declare;
  Parameter cookie = text("sticky_cookie", "server", "Name of the cookie that says which server");
  cookie.checkText = [](std::string_view t) -> std::string {
    return wire::http::isToken(t) ? "" : "must be letters, digits and marks such as - and _";
  };
  return {
      port(80, "TCP port it listens on"),
      required(records("servers",
                       {required(address("address", "Address of a server")),
                        port(80, "TCP port of that server"),
                        integer("weight", "", 1, 1, 1000, "Its share of the work")},
                       "Servers that do the same")),
      choice("mode", {"l7", "l4"}, "Reads requests (l7) or passes on connections unread (l4)"),
      choice("algorithm", {"round-robin", "least-connections", "response-time", "two-choices"},
             "In turn, to the least busy, to the soonest, or to the less busy of two at random"),
      choice("sticky", {"none", "cookie", "source"},
             "A visitor stays at a server: by a cookie (l7) or by the own address"),
      std::move(cookie),
      integer("retries", "", 1, 0, 10,
              "Tries elsewhere when a server fails (l7: only requests that may be repeated)"),
      text("service", "", "Service whose failovers it tells; empty: none")};
}

std::vector<Parameter> limitParameters() {
  using namespace declare;
  return {boolean("end_when_out", true,
                  "Ends what is under way at a server that is left out (l7 repeats it elsewhere)"),
          duration("connect_timeout_ns", Duration::seconds(1), millisecond, hour,
                   "Time a server has to take a connection"),
          duration("server_timeout_ns", Duration::seconds(30), millisecond, hour,
                   "L7: time a server has to answer, else 504"),
          duration("idle_timeout_ns", Duration::seconds(60), millisecond, hour,
                   "Closes a connection on which nothing happens")};
}

/// What it hands on it sends at once, as gateways do, unless the document says otherwise.
std::vector<Parameter> gatewayTcpParameters() {
  std::vector<Parameter> all = shortTcpParameters();
  for (Parameter &p : all)
    if (p.key == "nagle") p.byDefault = false;
  return all;
}

} // namespace

ProgramType loadBalancerType() {
  return {
      "load-balancer",
      "Load balancer",
      "Leads requests or connections to several servers and leaves out those that are gone",
      "balancer",
      joined(joined(balancingParameters(), limitParameters()),
             joined(healthParameters("check", true, Duration::seconds(2)), gatewayTcpParameters())),
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<LoadBalancer>(v);
      }};
}

} // namespace packetarium::programs
