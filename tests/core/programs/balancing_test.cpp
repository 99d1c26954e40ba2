// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <numeric>
#include <set>

/// Balancers, clients and servers together in a network, against closed forms.
namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using trace::RequestOutcome;
using Action = world::Action;
using Given = std::map<std::string, ParameterValue>;

constexpr std::uint32_t clientNode = 0, balancerNode = 1, serverA = 2, serverB = 3;

/// Clients at 10.0.0.1, a balancer at 10.0.0.2, two servers at 10.0.0.3 and 10.0.0.4.
Lab farm(Given load, Given balancer, Given serverOne, std::optional<Given> serverTwo = {},
         std::uint64_t seed = 1) {
  Lab lab(switchedNetwork({"clients", "lb", "a", "b"}, seed));
  load.try_emplace("url", std::string("http://10.0.0.2/"));
  balancer.try_emplace("servers", rowsOf("address", {lab.addressOf("a"), lab.addressOf("b")}));
  lab.run("clients", "client-load", std::move(load));
  lab.run("lb", "load-balancer", std::move(balancer));
  lab.run("a", "http-server", serverOne);
  lab.run("b", "http-server", serverTwo ? *serverTwo : serverOne);
  return lab;
}

Given openLoad(double rps, std::int64_t timeoutMs = 60'000) {
  return {{"rate_rps", rps}, {"timeout_ns", Duration::ms(timeoutMs).ns()}};
}

Given worker(std::int64_t serviceMs, const std::string &spread = "exponential",
             std::int64_t workers = 1) {
  return {{"service_ns", Duration::ms(serviceMs).ns()}, {"service", spread}, {"workers", workers}};
}

std::vector<double> latencies(const Run &run, Duration from = Duration::seconds(5)) {
  std::vector<double> ms;
  for (const Line &l : run.of(trace::RecordKind::RequestEnded))
    if (l.record.at >= at(from) && l.record.detail == 0)
      ms.push_back(static_cast<double>(l.record.args[1]) * 1e-6);
  return ms;
}

double meanOf(const std::vector<double> &v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

/// Requests answered in time from one instant to another, a second.
double answeredPerSecond(const Run &run, Duration from, Duration to) {
  const auto ended = run.of(trace::RecordKind::RequestEnded);
  const auto count = std::count_if(ended.begin(), ended.end(), [&](const Line &l) {
    return l.record.detail == 0 && l.record.at >= at(from) && l.record.at < at(to);
  });
  return static_cast<double>(count) / (to - from).toSeconds();
}

/// Mean time in an E2/M/1 queue: every second arrival of a Poisson stream. sigma is the root below
/// 1 of sigma = (stage / (stage + mu (1 - sigma)))^2.
double erlangTwoSojournMs(double stagePerSecond, double mu) {
  double sigma = 0.5;
  for (int i = 0; i < 1000; ++i) {
    const double a = stagePerSecond / (stagePerSecond + mu * (1 - sigma));
    sigma = a * a;
  }
  return 1e3 / (mu * (1 - sigma));
}

struct Told {
  SimTime at;
  std::string stage;
};
std::vector<Told> failover(const Run &run, std::uint32_t node) {
  std::vector<Told> all;
  for (const Line &l : run.facts(node, FactTopic::Failover)) all.push_back({l.record.at, l.second});
  return all;
}

} // namespace

TEST_CASE("Two workers under Poisson arrivals wait as Erlang's C says", "[statistics]") {
  // c = 2, a = 1.6: C = 0.711111, Wq = C / (c mu - lambda) = 0.711111 / (200 - 160) = 17.78 ms.
  Lab lab(switchedNetwork({"clients", "a"}, 7, Duration::us(1)));
  lab.run("clients", "client-load",
          {{"url", "http://" + lab.addressOf("a") + "/"},
           {"rate_rps", 160.0},
           {"timeout_ns", Duration::seconds(60).ns()}});
  lab.run("a", "http-server", worker(10, "exponential", 2));
  Run run(lab);
  run.until(Duration::seconds(300));
  REQUIRE(meanOf(latencies(run)) - 10 == Approx(17.78).epsilon(0.08));
}

TEST_CASE("In turn, the servers get exactly as many requests") {
  Run run(farm(openLoad(50), {}, worker(2, "constant", 0)));
  run.until(Duration::seconds(20));
  const auto served = [&run](std::uint32_t node) {
    const auto phases = run.phases(node);
    return std::count(phases.begin(), phases.end(), "http.request-received");
  };
  REQUIRE(served(serverA) + served(serverB) > 900);
  REQUIRE(std::abs(served(serverA) - served(serverB)) <= 1);
}

TEST_CASE("Two servers in turn under Poisson arrivals are two E2/M/1 queues", "[statistics]") {
  for (const std::string mode : {"l7", "l4"}) {
    INFO(mode);
    Run run(farm(openLoad(160), {{"mode", mode}}, worker(10), {}, 3));
    run.until(Duration::seconds(150));
    // Besides: the network's hops, below 2 ms together.
    const double waited = meanOf(latencies(run)), law = erlangTwoSojournMs(160, 100);
    REQUIRE(waited >= law * 0.9);
    REQUIRE(waited <= law * 1.1 + 2);
  }
}

TEST_CASE("Two active servers serve twice what one does, and a survivor is overloaded",
          "[statistics]") {
  // One worker of 10 ms serves 100 requests a second; 40 clients that do not think ask for more.
  Given load = {{"mode", std::string("closed")},
                {"clients", std::int64_t{40}},
                {"think_ns", Duration::ms(1).ns()}};
  const Given check = {{"check", std::string("tcp")},
                       {"check_interval_ns", Duration::ms(500).ns()},
                       {"service", std::string("shop")}};
  Run run(farm(load, check, worker(10, "constant")));
  run.apply(Duration::seconds(20), {Action::Kind::CrashNode, NodeIndex{serverB}, {}, 0});
  run.until(Duration::seconds(40));
  REQUIRE(answeredPerSecond(run, Duration::seconds(5), Duration::seconds(20)) ==
          Approx(200).epsilon(0.02));
  REQUIRE(answeredPerSecond(run, Duration::seconds(25), Duration::seconds(40)) ==
          Approx(100).epsilon(0.02));
  REQUIRE(run.outcomes().size() == 1); // what was under way there was repeated elsewhere
}

TEST_CASE("A survivor with a short queue turns the surplus away with 503", "[statistics]") {
  Given one = worker(10, "constant");
  one["queue_limit"] = std::int64_t{5};
  Run run(farm(openLoad(150), {{"check", std::string("tcp")}, {"retries", std::int64_t{0}}}, one));
  run.apply(Duration::seconds(10), {Action::Kind::CrashNode, NodeIndex{serverB}, {}, 0});
  run.until(Duration::seconds(50));
  // 150 come, 100 can be served: the queue is full, and the rest hear 503.
  REQUIRE(answeredPerSecond(run, Duration::seconds(20), Duration::seconds(50)) ==
          Approx(100).epsilon(0.04));
  REQUIRE(run.outcomes().at(RequestOutcome::ServerError) > 30 * 45);
  for (const double ms : latencies(run, Duration::seconds(20))) REQUIRE(ms < 6 * 10 + 10);
}

TEST_CASE("Least connections beats round robin when one server is slow", "[statistics]") {
  std::map<std::string, double> mean;
  for (const std::string algorithm : {"round-robin", "least-connections", "response-time"}) {
    Run run(farm(openLoad(60), {{"algorithm", algorithm}}, worker(5), worker(30), 4));
    run.until(Duration::seconds(60));
    mean[algorithm] = meanOf(latencies(run));
  }
  REQUIRE(mean["least-connections"] < 0.5 * mean["round-robin"]);
  REQUIRE(mean["response-time"] < 0.5 * mean["round-robin"]);
}

TEST_CASE("The balancer's failover: suspected at the first check, decided at the last") {
  const Given check = {{"check", std::string("tcp")},
                       {"check_interval_ns", Duration::seconds(2).ns()},
                       {"check_timeout_ns", Duration::seconds(1).ns()},
                       {"fall", std::int64_t{3}},
                       {"rise", std::int64_t{2}},
                       {"service", std::string("shop")}};
  // Server b is checked at 1, 3, 5 s and so on. No client asks, so that checks alone notice.
  Given load = openLoad(10);
  load["start_ns"] = Duration::seconds(100).ns();
  Run run(farm(load, check, worker(2)));
  run.apply(Duration::ms(9'500), {Action::Kind::CrashNode, NodeIndex{serverB}, {}, 0});
  run.apply(Duration::seconds(20), {Action::Kind::RestartNode, NodeIndex{serverB}, {}, 0});
  run.until(Duration::seconds(30));
  const auto told = failover(run, balancerNode);
  REQUIRE(told.size() == 3);
  REQUIRE(told[0].stage == "suspected");
  REQUIRE(told[0].at == at(Duration::seconds(12))); // the check of 11 s, and its second
  REQUIRE(told[1].stage == "decided");
  REQUIRE(told[1].at == at(Duration::seconds(16)));
  REQUIRE(told[2].stage == "reachable");
  REQUIRE(told[2].at == told[1].at);
  const auto phases = run.phases(balancerNode);
  REQUIRE(std::count(phases.begin(), phases.end(), "lb.server-up") == 1);
  REQUIRE(run.facts(balancerNode, FactTopic::Role).front().second == "balancer");
}

namespace {

Given sessionServer() {
  const auto page = [](const std::string &path, const std::string &session) {
    return ParameterRow{{{"path", path}, {"session", session}}};
  };
  return {
      {"pages", std::vector<ParameterRow>{page("/login", "start"), page("/account", "require")}}};
}

} // namespace

TEST_CASE("When a server dies, those it knew log in again, and nobody else") {
  const Given load = {{"url", std::string("http://10.0.0.2/account")},
                      {"mode", std::string("closed")},
                      {"clients", std::int64_t{20}},
                      {"think_ns", Duration::ms(500).ns()},
                      {"sessions", true}};
  const Given sticky = {{"sticky", std::string("cookie")},
                        {"check", std::string("tcp")},
                        {"check_interval_ns", Duration::ms(500).ns()}};
  Run run(farm(load, sticky, sessionServer()));
  run.apply(Duration::seconds(10), {Action::Kind::CrashNode, NodeIndex{serverB}, {}, 0});
  run.until(Duration::ms(9'999));
  const auto started = [&run](std::uint32_t node) {
    const auto phases = run.phases(node);
    return std::count(phases.begin(), phases.end(), "http.session-started");
  };
  REQUIRE(started(serverA) + started(serverB) == 20);
  const auto there = started(serverB);
  REQUIRE(there > 0);
  run.until(Duration::seconds(30));
  REQUIRE(run.described(clientNode, "logged in again") == std::to_string(there));
  REQUIRE(started(serverA) == 20);
  REQUIRE(run.outcomes().size() == 1);
}

TEST_CASE("With the sessions in a store, the other server knows everybody") {
  Lab lab(switchedNetwork({"clients", "lb", "a", "b", "store"}));
  Given server = sessionServer();
  server["session_store"] = lab.addressOf("store");
  lab.run("clients", "client-load",
          {{"url", std::string("http://10.0.0.2/account")},
           {"mode", std::string("closed")},
           {"clients", std::int64_t{20}},
           {"think_ns", Duration::ms(500).ns()},
           {"sessions", true}});
  lab.run("lb", "load-balancer",
          {{"servers", rowsOf("address", {lab.addressOf("a"), lab.addressOf("b")})},
           {"check", std::string("tcp")},
           {"check_interval_ns", Duration::ms(500).ns()}});
  lab.run("a", "http-server", server);
  lab.run("b", "http-server", server);
  lab.run("store", "kv-store");
  Run run(lab);
  run.apply(Duration::seconds(10), {Action::Kind::CrashNode, NodeIndex{serverB}, {}, 0});
  run.apply(Duration::seconds(20), {Action::Kind::CrashNode, NodeIndex{4}, {}, 0});
  run.until(Duration::ms(19'999));
  REQUIRE(run.described(clientNode, "logged in again") == "0");
  REQUIRE(run.outcomes().size() == 1);
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) > 500);
  run.until(Duration::seconds(30)); // without the store nobody is known: 503
  REQUIRE(run.outcomes().at(RequestOutcome::ServerError) > 20);
}

TEST_CASE("Whatever happens to servers and cables, a balancer's books come out even") {
  RandomStream random(3, "test", "books");
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::string mode = seed % 2 == 0 ? "l4" : "l7";
    INFO(mode << ", seed " << seed);
    Given load = openLoad(80, 2'000);
    load["duration_ns"] = Duration::seconds(20).ns();
    load["retries"] = std::int64_t{1};
    Lab lab = farm(load,
                   {{"mode", mode},
                    {"algorithm", std::string("two-choices")},
                    {"check", std::string("http")},
                    {"check_interval_ns", Duration::ms(500).ns()},
                    {"idle_timeout_ns", Duration::seconds(20).ns()},
                    {"server_timeout_ns", Duration::seconds(5).ns()}},
                   worker(10, "exponential", 1), {}, seed);
    lab.link(3).loss = 0.05;
    Run run(lab);
    for (std::int64_t ms = 1'000; ms < 19'000; ms += 1'500) {
      const auto server = static_cast<std::uint32_t>(2 + random.below(2));
      const bool cable = random.chance(0.4);
      const Action::Kind hurt = cable ? Action::Kind::CutLink : Action::Kind::CrashNode;
      const Action::Kind heal = cable ? Action::Kind::RestoreLink : Action::Kind::RestartNode;
      const Duration length = random.uniform(Duration::ms(100), Duration::ms(1'300));
      const NodeIndex node = cable ? NodeIndex{} : NodeIndex{server};
      const LinkIndex link = cable ? LinkIndex{server} : LinkIndex{};
      run.apply(Duration::ms(ms), {hurt, node, link, 0});
      run.apply(Duration::ms(ms) + length, {heal, node, link, 0});
    }
    run.until(Duration::seconds(60));
    REQUIRE(run.described(balancerNode, "servers") == "2 of 2 up");
    REQUIRE(run.described(balancerNode, "under way") == "0"); // of the first server
    REQUIRE(run.described(balancerNode, "connections") == "0");
    REQUIRE(run.samples("lb.in_flight.s1").back() == 0);
    REQUIRE(run.samples("lb.in_flight.s2").back() == 0);
    REQUIRE(run.described(clientNode, "in flight") == "0");
    REQUIRE(run.outcomes().at(RequestOutcome::Ok) > 500);
  }
}

TEST_CASE("A copy of a world with a busy balancer goes on as the original does") {
  const Lab lab = farm(openLoad(200), {{"check", std::string("http")}}, worker(8));
  const auto to = [](world::World &w, std::int64_t ms) {
    w.runUntil(at(Duration::ms(ms)), ~std::uint64_t{0});
  };
  world::World original(lab.plan());
  to(original, 3'333);
  world::World copy(original);
  to(copy, 6'000);
  to(original, 6'000);
  REQUIRE(copy.fingerprint() == original.fingerprint());
  REQUIRE(original.packetHops() > 10'000);
}

} // namespace packetarium::programs
