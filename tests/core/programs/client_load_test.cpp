// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_load/address_choice.h"
#include "core/programs/client_load/backoff.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <set>

namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using trace::RequestOutcome;
using Kind = SocketEvent::Kind;
using Given = std::map<std::string, ParameterValue>;

Given with(Given given, Given more) {
  for (auto &[key, value] : more) given[key] = value;
  return given;
}

ParameterRow server(const std::string &address) { return {{{"address", address}}}; }

/// Closed-loop clients and their hands.
struct Clients {
  FakeContext ctx;
  std::unique_ptr<Program> program;

  explicit Clients(Given more = {}) {
    program = make("client-load", with({{"url", std::string("http://10.0.0.1/page")},
                                        {"mode", std::string("closed")},
                                        {"clients", std::int64_t{1}},
                                        {"think_ns", std::int64_t{1'000'000}},
                                        {"think", std::string("constant")}},
                                       std::move(more)));
    program->start(ctx);
    ctx.runFor(*program, Duration::ms(1));
  }
  SocketId last() const { return ctx.connects.back().first; }
  void happen(Kind kind) { program->onSocket(ctx, tcpEvent(kind, last())); }
  void refuse() { program->onSocket(ctx, failed(last(), transport::SocketError::Refused)); }
  void say(const std::string &text) { program->onSocket(ctx, tcpData(last(), text)); }
  void answer(const std::string &head = "200 OK", const std::string &more = "") {
    say("HTTP/1.1 " + head + "\r\nContent-Length: 0\r\n" + more + "\r\n");
  }
  void run(Duration d) { ctx.runFor(*program, d); }
  std::vector<std::string> tries(std::string_view what) const {
    std::vector<std::string> ends;
    for (const Fact &f : ctx.facts)
      if (f.topic == FactTopic::Try && f.name == what) ends.push_back(f.detail);
    return ends;
  }
};

} // namespace

TEST_CASE("Backoff doubles up to its longest wait") {
  RandomStream random(1, "test", "backoff");
  const Backoff b(Duration::ms(100), Duration::ms(1000), Backoff::Jitter::None);
  std::vector<std::int64_t> ms;
  for (std::uint64_t n = 1; n <= 6; ++n) ms.push_back(b.wait(random, n).ns() / 1'000'000);
  REQUIRE(ms == std::vector<std::int64_t>{100, 200, 400, 800, 1000, 1000});
  REQUIRE(b.wait(random, 1'000'000) == Duration::seconds(1));
}

TEST_CASE("Full jitter is uniform from nothing to the wait, equal jitter over its second half") {
  RandomStream random(2, "test", "jitter");
  const auto bounds = [&random](Backoff::Jitter jitter) {
    const Backoff b(Duration::ms(100), Duration::seconds(10), jitter);
    double least = 1e9, most = 0, sum = 0;
    constexpr int draws = 20000;
    for (int i = 0; i < draws; ++i) {
      const double ms = b.wait(random, 3).toMs(); // of 400 ms
      least = std::min(least, ms);
      most = std::max(most, ms);
      sum += ms;
    }
    return std::vector<double>{least, most, sum / draws};
  };
  // A uniform mean over w has the standard deviation w/sqrt(12 n): 0.82 ms and 0.41 ms here.
  const auto full = bounds(Backoff::Jitter::Full);
  REQUIRE(full[0] >= 0);
  REQUIRE(full[0] < 1);
  REQUIRE(full[1] <= 400);
  REQUIRE(full[1] > 399);
  REQUIRE(full[2] == Approx(200).margin(4 * 0.82));
  const auto equal = bounds(Backoff::Jitter::Equal);
  REQUIRE(equal[0] >= 200);
  REQUIRE(equal[1] <= 400);
  REQUIRE(equal[2] == Approx(300).margin(4 * 0.41));
}

TEST_CASE("Addresses: the first, each in turn, or the next one after a failure") {
  const auto a = wire::Ipv4Address::of(10, 0, 0, 1), b = wire::Ipv4Address::of(10, 0, 0, 2),
             c = wire::Ipv4Address::of(10, 0, 0, 3);
  const AddressChoice::Addresses all = {a, b, c};
  wire::Ipv4Address favourite;
  SECTION("first") {
    AddressChoice choice("first");
    REQUIRE(choice.choose(all, {}, favourite) == a);
    REQUIRE(choice.choose(all, a, favourite) == a);
  }
  SECTION("rotate") {
    AddressChoice choice("rotate");
    REQUIRE(choice.choose(all, {}, favourite) == a);
    REQUIRE(choice.choose(all, {}, favourite) == b);
    REQUIRE(choice.choose(all, c, favourite) == a); // again, after it failed at the last one
    REQUIRE(choice.choose(all, {}, favourite) == c);
  }
  SECTION("failover") {
    AddressChoice choice("failover");
    REQUIRE(choice.choose(all, {}, favourite) == a);
    choice.blame(all, a, favourite);
    choice.blame(all, a, favourite); // two requests failed there: it moves on once
    REQUIRE(choice.choose(all, a, favourite) == b);
    REQUIRE(choice.choose(all, {}, favourite) == b);
    REQUIRE(choice.choose({c}, {}, favourite) == c); // the name has other addresses now
  }
}

TEST_CASE("A request counts for the URL's host, or for the service that the document names") {
  REQUIRE(Clients().ctx.requests.front().object == "10.0.0.1");
  REQUIRE(Clients({{"service", std::string("shop")}}).ctx.requests.front().object == "shop");
}

TEST_CASE("A try that fails is followed by another one, and the latency covers them all") {
  Clients c({{"retries", std::int64_t{2}}});
  const SimTime began = c.ctx.requests.front().at;
  c.refuse();
  REQUIRE(c.ctx.ended.empty());
  c.run(Duration::ms(99));
  REQUIRE(c.ctx.connects.size() == 1);
  c.run(Duration::ms(1));
  REQUIRE(c.ctx.connects.size() == 2);
  c.happen(Kind::Connected);
  c.answer("503 Service Unavailable");
  c.run(Duration::ms(200));
  REQUIRE(c.ctx.connects.size() == 3);
  c.happen(Kind::Connected);
  c.run(Duration::ms(7));
  c.answer();
  REQUIRE(c.ctx.ended.size() == 1);
  REQUIRE(c.ctx.ended[0].outcome == RequestOutcome::Ok);
  REQUIRE(c.ctx.ended[0].latency == c.ctx.now() - began);
  REQUIRE(c.ctx.ended[0].latency >= Duration::ms(307));
  REQUIRE(c.tries("sent").size() == 3);
  REQUIRE(c.tries("connected").size() == 2);
  REQUIRE(c.tries("sent")[0] == "10.0.0.1:80");
}

TEST_CASE("When the last try fails, the request ends with what that one met") {
  Clients c({{"retries", std::int64_t{1}}, {"backoff_ns", std::int64_t{0}}});
  c.happen(Kind::Connected);
  c.answer("500 Internal Server Error");
  c.run(Duration{});
  c.refuse();
  REQUIRE(c.ctx.ended.size() == 1);
  REQUIRE(c.ctx.ended[0].outcome == RequestOutcome::Refused);
}

TEST_CASE("A try has its own patience, the request has another") {
  Clients c({{"retries", std::int64_t{100}},
             {"try_timeout_ns", Duration::ms(500).ns()},
             {"timeout_ns", Duration::seconds(2).ns()},
             {"backoff_ns", std::int64_t{0}}});
  c.run(Duration::ms(1600));
  REQUIRE(c.ctx.connects.size() == 4); // at 0, 500, 1000, 1500 ms
  REQUIRE(c.ctx.ended.empty());
  c.run(Duration::ms(400));
  REQUIRE(c.ctx.ended.size() == 1);
  REQUIRE(c.ctx.ended[0].outcome == RequestOutcome::Timeout);
  REQUIRE(c.ctx.ended[0].latency == Duration::seconds(2));
}

TEST_CASE("Clients that know the servers go to the next one when a try fails, and stay there") {
  Clients c({{"retries", std::int64_t{1}},
             {"backoff_ns", std::int64_t{0}},
             {"addresses", std::string("failover")},
             {"servers", std::vector<ParameterRow>{server("10.0.0.7"), server("10.0.0.8")}}});
  c.refuse();
  c.run(Duration{});
  c.happen(Kind::Connected);
  c.answer();
  c.run(Duration::ms(1));
  c.happen(Kind::Connected);
  c.answer();
  REQUIRE(c.tries("sent") == std::vector<std::string>{"10.0.0.7:80", "10.0.0.8:80", "10.0.0.8:80"});
}

TEST_CASE("A kept connection serves request after request") {
  Clients c({{"keep_alive", true}});
  c.happen(Kind::Connected);
  c.answer();
  c.run(Duration::ms(1));
  c.answer();
  c.run(Duration::ms(1));
  REQUIRE(c.ctx.connects.size() == 1);
  REQUIRE(c.ctx.ended.size() == 2);
  REQUIRE(c.ctx.streamText(c.last()).find("Connection: keep-alive") != std::string::npos);
  SECTION("the server closes it just as it is used: a new one, and no failure") {
    c.happen(Kind::PeerClosed);
    REQUIRE(c.ctx.connects.size() == 2);
    c.happen(Kind::Connected);
    c.answer();
    REQUIRE(c.ctx.ended.back().outcome == RequestOutcome::Ok);
  }
  SECTION("it is closed while nobody uses it") {
    c.answer();
    const SocketId idle = c.last();
    c.happen(Kind::PeerClosed);
    REQUIRE(c.ctx.closed == std::vector<SocketId>{idle});
    c.run(Duration::ms(1));
    REQUIRE(c.ctx.connects.size() == 2);
  }
}

TEST_CASE("A client with a session logs in, brings its cookie, and logs in again when unknown") {
  Clients c({{"sessions", true}, {"keep_alive", true}});
  c.happen(Kind::Connected);
  const auto asked = [&c] {
    const std::string text = c.ctx.streamText(c.last());
    return text.substr(text.rfind("GET "));
  };
  REQUIRE(asked().rfind("GET /login ", 0) == 0);
  c.answer("200 OK", "Set-Cookie: session=abc; Path=/\r\n");
  REQUIRE(asked().rfind("GET /page ", 0) == 0);
  REQUIRE(asked().find("Cookie: session=abc") != std::string::npos);
  c.answer();
  REQUIRE(c.ctx.ended.size() == 1);
  c.run(Duration::ms(1));
  REQUIRE(asked().rfind("GET /page ", 0) == 0);
  c.answer("403 Forbidden");
  REQUIRE(asked().rfind("GET /login ", 0) == 0);
  c.answer("200 OK", "Set-Cookie: session=def; Path=/\r\n");
  c.answer();
  REQUIRE(c.ctx.ended.size() == 2);
  REQUIRE(c.ctx.ended[1].outcome == RequestOutcome::Ok);
  const auto phases = c.ctx.phaseNames();
  REQUIRE(std::count(phases.begin(), phases.end(), "client.logged-in-again") == 1);
  REQUIRE(c.ctx.samples.back() == std::pair<std::string, double>{"client.logged_in_again", 1});
}

TEST_CASE("A server that never knows its visitors is an error, not an endless log-in") {
  Clients c({{"sessions", true}, {"keep_alive", true}});
  c.happen(Kind::Connected);
  for (int i = 0; i < 20 && c.ctx.ended.empty(); ++i) {
    const std::string text = c.ctx.streamText(c.last());
    c.answer(text.compare(text.rfind("GET "), 10, "GET /login") == 0 ? "200 OK" : "403 Forbidden");
  }
  REQUIRE(c.ctx.ended.size() == 1);
  REQUIRE(c.ctx.ended[0].outcome == RequestOutcome::ServerError);
}

} // namespace packetarium::programs
