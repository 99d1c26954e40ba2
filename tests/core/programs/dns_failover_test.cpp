// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>

/// Several addresses for a name: turning answers, dead ones left out, and clients with caches.
namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using trace::RequestOutcome;
using Action = world::Action;
using Given = std::map<std::string, ParameterValue>;

ParameterRow record(const std::string &name, const std::string &value, std::int64_t ttl = 30) {
  return {{{"name", name}, {"value", value}, {"ttl_s", ttl}}};
}

Given zone(Given more = {}, std::int64_t ttl = 30) {
  more["zone"] = std::string("example.com");
  more["records"] =
      std::vector<ParameterRow>{record("www", "10.0.0.3", ttl), record("www", "10.0.0.4", ttl),
                                record("alone", "10.0.0.9", ttl)};
  return more;
}

/// The addresses of an answer, in order.
std::vector<std::string> ask(FakeContext &ctx, Program &server, const std::string &name) {
  const auto query = wire::dns::encode(wire::dns::Message::query(1, name));
  const Endpoint from{wire::Ipv4Address::of(10, 0, 0, 1), 50000};
  server.onSocket(ctx, datagram(1, from, wire::Payload::of(*query)));
  ctx.runFor(server, Duration::ms(1));
  const auto reply = wire::dns::decode(ctx.datagrams.back().data);
  std::vector<std::string> addresses;
  for (const auto &r : reply->answers) addresses.push_back(r.dataText());
  return addresses;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("Each answer begins with another address, unless the server does not turn them") {
  for (const bool rotate : {true, false}) {
    FakeContext ctx;
    const auto server = make("dns-server", zone({{"rotate", rotate}}));
    server->start(ctx);
    REQUIRE(ask(ctx, *server, "www.example.com") == Names{"10.0.0.3", "10.0.0.4"});
    const Names second = ask(ctx, *server, "www.example.com");
    REQUIRE(second == (rotate ? Names{"10.0.0.4", "10.0.0.3"} : Names{"10.0.0.3", "10.0.0.4"}));
    REQUIRE(ask(ctx, *server, "alone.example.com") == Names{"10.0.0.9"});
  }
}

TEST_CASE("A name server leaves a dead address out of its answers, but never all of them") {
  FakeContext ctx;
  const auto server = make("dns-server", zone({{"health_check", std::string("tcp")},
                                               {"fall", std::int64_t{1}},
                                               {"rotate", false},
                                               {"service", std::string("www")}}));
  server->start(ctx);
  ctx.runFor(*server, Duration::ms(1500)); // both were asked; the lone address was not
  REQUIRE(ctx.connects.size() == 2);
  const SocketId first = ctx.connects[0].first;
  REQUIRE(ctx.connects[0].second.text() == "10.0.0.3:80");
  // The first did not answer within its second; the second does.
  server->onSocket(ctx, tcpEvent(SocketEvent::Kind::Connected, ctx.connects[1].first));
  REQUIRE(std::count(ctx.aborted.begin(), ctx.aborted.end(), first) == 1);
  REQUIRE(ask(ctx, *server, "www.example.com") == Names{"10.0.0.4"});
  std::vector<std::string> stages;
  for (const Fact &f : ctx.facts) {
    REQUIRE(f.topic == FactTopic::Failover);
    REQUIRE(f.name == "www");
    stages.push_back(f.value);
  }
  REQUIRE(stages == Names{"suspected", "decided", "reachable"});
  ctx.runFor(*server, Duration::seconds(3)); // now the other one fails, too
  REQUIRE(ask(ctx, *server, "www.example.com") == Names{"10.0.0.3", "10.0.0.4"});
}

namespace {

/// Clients at 10.0.0.1, the name server at 10.0.0.2, web servers at 10.0.0.3 and 10.0.0.4.
Lab named(Given load, std::int64_t ttl) {
  Lab lab(switchedNetwork({"clients", "ns", "a", "b"}));
  load["url"] = std::string("http://www.example.com/");
  load.try_emplace("rate_rps", 20.0);
  load.try_emplace("timeout_ns", Duration::ms(500).ns());
  lab.run("clients", "dns-resolver", {{"servers", rowsOf("address", {"10.0.0.2"})}});
  lab.run("clients", "client-load", load);
  lab.run("ns", "dns-server",
          zone({{"health_check", std::string("tcp")}, {"service", std::string("www")}}, ttl));
  lab.run("a", "http-server");
  lab.run("b", "http-server");
  return lab;
}

int failuresAfter(const Run &run, Duration from) {
  int count = 0;
  for (const Line &l : run.of(trace::RecordKind::RequestEnded))
    if (l.record.detail != 0 && l.record.at > at(from)) ++count;
  return count;
}

} // namespace

TEST_CASE("Clients that keep the dead address fail until its TTL has run out") {
  for (const std::int64_t ttl : {10, 25}) {
    INFO(ttl);
    Run run(named({}, ttl)); // asked at about 0 s: the first address, kept for the TTL
    run.apply(Duration::seconds(1), {Action::Kind::CrashNode, NodeIndex{2}, {}, 0});
    run.until(Duration::seconds(ttl + 20));
    REQUIRE(failuresAfter(run, Duration::seconds(ttl - 1)) > 5);
    REQUIRE(failuresAfter(run, Duration::seconds(ttl + 2)) == 0);
  }
}

TEST_CASE("Clients that try the other address of the list do not notice") {
  Run run(named({{"addresses", std::string("failover")},
                 {"retries", std::int64_t{1}},
                 {"try_timeout_ns", Duration::ms(200).ns()},
                 {"backoff_ns", std::int64_t{0}}},
                25));
  run.apply(Duration::seconds(1), {Action::Kind::CrashNode, NodeIndex{2}, {}, 0});
  run.until(Duration::seconds(40));
  REQUIRE(run.outcomes().size() == 1);
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) > 700);
}

} // namespace packetarium::programs
