// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <numeric>

namespace packetarium::programs {
namespace {

using namespace testing;
using trace::RequestOutcome;
using Action = world::Action;
using Outcomes = std::map<RequestOutcome, int>;

ParameterRow entry(const std::string &name, const std::string &value, std::int64_t ttl = 300) {
  return {{{"name", name}, {"value", value}, {"ttl_s", ttl}}};
}

/// Host a browses; host b is name server and web server.
Lab webLab(std::map<std::string, ParameterValue> browser = {}, std::uint64_t seed = 1) {
  Lab lab(Lab::Shape::Direct, seed);
  browser.try_emplace("url", std::string("http://www.example.com/index.html"));
  browser.try_emplace("count", std::int64_t{1});
  lab.run("a", "dns-resolver", {{"servers", rowsOf("address", {lab.addressOf("b")})}});
  lab.run("a", "browser", browser);
  lab.run("b", "dns-server",
          {{"zone", std::string("example.com")},
           {"records", std::vector<ParameterRow>{entry("www", lab.addressOf("b"))}}});
  lab.run("b", "http-server", {});
  return lab;
}

double mean(const std::vector<double> &v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

std::vector<double> latenciesMs(const Run &run, SimTime from = SimTime::zero()) {
  std::vector<double> ms;
  for (const Line &l : run.of(trace::RecordKind::RequestEnded))
    if (l.record.at >= from && l.record.detail == 0)
      ms.push_back(static_cast<double>(l.record.args[1]) * 1e-6);
  return ms;
}

} // namespace

TEST_CASE("A page is fetched by name over the simulated network, step by step") {
  Run run(webLab());
  run.until(Duration::seconds(5));
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 1}});
  const auto ended = run.of(trace::RecordKind::RequestEnded);
  REQUIRE(ended[0].second == "200 OK, 1256 bytes");
  REQUIRE(ended[0].record.args[2] == 1256);
  // The order in time of what the course calls its eleven steps, at both ends.
  const std::vector<std::string> steps = {"http.listening",           "browser.url-entered",
                                          "browser.resolving",        "dns.query-sent",
                                          "dns.query-received",       "dns.answered",
                                          "dns.answer-received",      "browser.address-known",
                                          "browser.connecting",       "http.syn-seen",
                                          "browser.connected",        "browser.request-sent",
                                          "http.connection-accepted", "http.request-received",
                                          "http.response-sent",       "browser.response-received",
                                          "browser.closing",          "http.peer-closed",
                                          "http.server-closed",       "browser.peer-closed"};
  SimTime last;
  for (const std::string &step : steps) {
    INFO(step);
    const SimTime t = run.firstPhase(step);
    REQUIRE(t != SimTime::max());
    REQUIRE(t >= last);
    last = t;
  }
  REQUIRE(run.firstPhase("browser.closed") != SimTime::max());
}

TEST_CASE("A fetch takes the time that its messages take") {
  Run run(webLab());
  run.until(Duration::seconds(5));
  // One way: 5 ms and the transmission. ARP, DNS, handshake, request: four round trips of small
  // frames (DNS 200 us, service 2 ms of processing), and one frame with the page.
  const double small = 60 * 8 / 100e6 * 1e3, page = 1600 * 8 / 100e6 * 1e3;
  const double least = 4 * 2 * 5 + 0.2 + 2 + 7 * small;
  REQUIRE(latenciesMs(run)[0] >= least);
  REQUIRE(latenciesMs(run)[0] <= least + page + 7 * small);
}

TEST_CASE("The second fetch finds the name in the cache, the one after its TTL asks again") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "dns-resolver", {{"servers", rowsOf("address", {lab.addressOf("b")})}});
  lab.run("a", "browser",
          {{"url", std::string("http://www.example.com/")},
           {"count", std::int64_t{4}},
           {"interval_ns", Duration::seconds(2).ns()}});
  lab.run("b", "dns-server",
          {{"zone", std::string("example.com")},
           {"records", std::vector<ParameterRow>{entry("www", lab.addressOf("b"), 5)}}});
  lab.run("b", "http-server", {});
  Run run(lab);
  run.until(Duration::seconds(10));
  const auto phases = run.phases(0U);
  REQUIRE(std::count(phases.begin(), phases.end(), "dns.query-sent") == 2); // at 0 and 6 s
  REQUIRE(std::count(phases.begin(), phases.end(), "dns.cache-hit") == 2);  // at 2 and 4 s
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 4}});
}

TEST_CASE("A name that does not exist is a name error, and remembered") {
  Run run(webLab({{"url", std::string("http://wwww.example.com/")}, {"count", std::int64_t{3}}}));
  run.until(Duration::seconds(10));
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::NameError, 3}});
  REQUIRE(run.noted("wwww.example.com does not exist: the name server says so."));
  const auto phases = run.phases(0U);
  REQUIRE(std::count(phases.begin(), phases.end(), "dns.query-sent") == 1);
}

TEST_CASE("A port where nobody listens refuses") {
  Run run(webLab({{"url", std::string("http://www.example.com:8080/")}}));
  run.until(Duration::seconds(10));
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Refused, 1}});
  REQUIRE(run.noted("refused the connection"));
}

TEST_CASE("A crashed server is a timeout for the name, and all is well after its restart") {
  Run run(webLab({{"count", std::int64_t{0}}}));
  run.apply(Duration::ms(500), {Action::Kind::CrashNode, NodeIndex{1}, {}, 0});
  run.apply(Duration::ms(20500), {Action::Kind::RestartNode, NodeIndex{1}, {}, 0});
  run.until(Duration::seconds(60));
  const auto outcomes = run.outcomes();
  REQUIRE(outcomes.at(RequestOutcome::Ok) >= 10);
  REQUIRE(outcomes.at(RequestOutcome::Timeout) >= 1);
  REQUIRE(run.of(trace::RecordKind::RequestEnded).back().record.detail == 0);
}

TEST_CASE("A lossy link makes pages slow, but every one arrives whole") {
  Lab lab = webLab({{"count", std::int64_t{20}}}, 3);
  lab.link().loss = 0.05;
  Run run(lab);
  run.until(Duration::seconds(300));
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 20}});
  for (const Line &l : run.of(trace::RecordKind::RequestEnded)) REQUIRE(l.record.args[2] == 1256);
  REQUIRE_FALSE(run.of(trace::RecordKind::TcpRetransmit).empty());
}

TEST_CASE("A megabyte page arrives whole on a kept connection, fetch after fetch") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "browser",
          {{"url", "http://" + lab.addressOf("b") + "/big"},
           {"count", std::int64_t{3}},
           {"keep_alive", true}});
  const ParameterRow big{{{"path", std::string("/big")}, {"bytes", std::int64_t{1'000'000}}}};
  lab.run("b", "http-server", {{"pages", std::vector<ParameterRow>{big}}});
  Run run(lab);
  run.until(Duration::seconds(20));
  REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 3}});
  for (const Line &l : run.of(trace::RecordKind::RequestEnded))
    REQUIRE(l.record.args[2] == 1'000'000);
  const auto phases = run.phases(0U);
  REQUIRE(std::count(phases.begin(), phases.end(), "browser.connecting") == 1);
}

TEST_CASE("One worker under Poisson arrivals is an M/M/1 queue", "[statistics]") {
  // Service 10 ms, 60 requests/s: the mean time in the system is 1 / (100 - 60) s = 25 ms. Around
  // it: the handshake's round trip and the request's, 2 x 2 x 5 ms, and a few small frames.
  Lab lab(Lab::Shape::Direct, 5);
  lab.run("a", "client-load",
          {{"url", "http://" + lab.addressOf("b") + "/"},
           {"rate_rps", 60.0},
           {"timeout_ns", Duration::seconds(60).ns()}});
  lab.run("b", "http-server",
          {{"service_ns", Duration::ms(10).ns()},
           {"service", std::string("exponential")},
           {"workers", std::int64_t{1}}});
  Run run(lab);
  run.until(Duration::seconds(400));
  const auto ms = latenciesMs(run, SimTime::zero() + Duration::seconds(5));
  REQUIRE(static_cast<double>(ms.size()) == Approx(60 * 395).epsilon(0.03));
  REQUIRE(mean(ms) - 20 == Approx(25).epsilon(0.08));
}

TEST_CASE("A closed loop obeys Little's law: clients = rate x (response + think time)",
          "[statistics]") {
  Lab lab(Lab::Shape::Direct, 6);
  lab.run("a", "client-load",
          {{"url", "http://" + lab.addressOf("b") + "/"},
           {"mode", std::string("closed")},
           {"clients", std::int64_t{20}},
           {"think_ns", Duration::ms(100).ns()}});
  lab.run("b", "http-server",
          {{"service_ns", Duration::ms(10).ns()}, {"workers", std::int64_t{1}}});
  Run run(lab);
  run.until(Duration::seconds(105));
  const auto ms = latenciesMs(run, SimTime::zero() + Duration::seconds(5));
  const double rate = static_cast<double>(ms.size()) / 100;
  REQUIRE(rate == Approx(100).epsilon(0.02)); // 20 clients saturate the worker
  REQUIRE(rate * (mean(ms) / 1e3 + 0.1) == Approx(20).epsilon(0.02));
}

namespace {

/// Host a logs in and visits its account again and again, at b.
Lab loginLab(bool cookies) {
  Lab lab(Lab::Shape::Direct);
  const std::string site = "http://" + lab.addressOf("b");
  const auto page = [](const std::string &path, const std::string &session) {
    return ParameterRow{{{"path", path}, {"session", session}}};
  };
  lab.run("a", "browser",
          {{"url", site + "/login"},
           {"visits", rowsOf("url", {site + "/account"})},
           {"cookies", cookies},
           {"interval_ns", Duration::seconds(1).ns()}});
  lab.run(
      "b", "http-server",
      {{"pages", std::vector<ParameterRow>{page("/login", "start"), page("/account", "require")}}});
  return lab;
}

int countOf(const std::vector<std::string> &phases, std::string_view which) {
  return static_cast<int>(std::count(phases.begin(), phases.end(), which));
}

} // namespace

TEST_CASE("A server knows a visitor again by the cookie alone") {
  Run with(loginLab(true)), without(loginLab(false));
  for (Run *run : {&with, &without}) run->until(Duration::ms(9'900));
  REQUIRE(countOf(with.phases(1U), "http.session-started") == 1);
  REQUIRE(countOf(with.phases(1U), "http.session-known") == 9);
  REQUIRE(countOf(with.phases(1U), "http.session-unknown") == 0);
  REQUIRE(countOf(without.phases(1U), "http.session-started") == 5);
  REQUIRE(countOf(without.phases(1U), "http.session-known") == 0);
  REQUIRE(countOf(without.phases(1U), "http.session-unknown") == 5);
  REQUIRE(with.described(0, "cookies") == "1");
  REQUIRE(with.described(1, "sessions") == "1");
  REQUIRE(without.described(0, "cookies") == "not kept");
  REQUIRE(without.described(1, "sessions") == "5");
}

TEST_CASE("Sessions are lost with the server's memory, cookies with the browser's") {
  using Kind = world::Action::Kind;
  for (const std::uint32_t node : {0U, 1U}) {
    INFO(node);
    Run run(loginLab(true));
    run.apply(Duration::ms(2'500), {Kind::CrashNode, NodeIndex{node}, {}, 0});
    run.apply(Duration::ms(2'600), {Kind::RestartNode, NodeIndex{node}, {}, 0});
    run.until(Duration::ms(9'900));
    REQUIRE(countOf(run.phases(1U), "http.session-started") == 2);
    REQUIRE(countOf(run.phases(1U), "http.session-unknown") == (node == 1 ? 1 : 0));
  }
}

} // namespace packetarium::programs
