// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/forwarding.h"
#include "core/programs/load_balancer/server_pool.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>

namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using Kind = SocketEvent::Kind;
using Given = std::map<std::string, ParameterValue>;
using wire::http::find;

const Endpoint client{wire::Ipv4Address::of(192, 0, 2, 9), 50000};

ServerPool poolOf(std::string_view algorithm, const std::vector<std::int64_t> &weights) {
  std::vector<ServerPool::Server> servers;
  for (const std::int64_t w : weights) {
    ServerPool::Server s;
    s.weight = w;
    servers.push_back(s);
  }
  return ServerPool(algorithm, servers);
}

ParameterRow server(const std::string &address) { return {{{"address", address}}}; }

/// A balancer of two servers, its hands, and one client's connection to it.
struct Balancer {
  FakeContext ctx;
  std::unique_ptr<Program> program;
  SocketId listener, socket;

  explicit Balancer(Given given = {}) {
    given.try_emplace("servers", std::vector<ParameterRow>{server("10.0.0.1"), server("10.0.0.2")});
    program = make("load-balancer", std::move(given));
    program->start(ctx);
    listener = ctx.lastSocket();
    socket = connect();
  }
  SocketId connect() {
    const SocketId s = ctx.freshSocket();
    program->onSocket(ctx, accepted(listener, s, client));
    return s;
  }
  void ask(const std::string &method = "GET", const std::string &more = "") {
    program->onSocket(
        ctx, tcpData(socket, method + " /a HTTP/1.1\r\nHost: www.example.com\r\n" + more + "\r\n"));
  }
  /// The latest connection to a server.
  SocketId server() const { return ctx.connects.back().first; }
  std::string asked() const { return ctx.connects.back().second.text(); }
  static ParameterRow server(const std::string &address) {
    return packetarium::programs::server(address);
  }
  void happen(Kind kind, SocketId s) { program->onSocket(ctx, tcpEvent(kind, s)); }
  void refuse() { program->onSocket(ctx, failed(server(), transport::SocketError::Refused)); }
  void answer(const std::string &text) { program->onSocket(ctx, tcpData(server(), text)); }
  std::string heard() const { return ctx.streamText(socket); }
  std::vector<std::string> stages() const {
    std::vector<std::string> all;
    for (const Fact &f : ctx.facts)
      if (f.topic == FactTopic::Failover) all.push_back(f.value);
    return all;
  }
};

const std::string page = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";

bool begins(const std::string &text, std::string_view with) { return text.rfind(with, 0) == 0; }

} // namespace

TEST_CASE("Round robin chooses each server exactly as often as its weight says") {
  RandomStream random(1, "test", "rr");
  const std::vector<std::size_t> all = {0, 1, 2};
  ServerPool pool = poolOf("round-robin", {5, 1, 1});
  std::vector<int> counts(3);
  std::size_t last = 9;
  int inARow = 0, longest = 0;
  for (int i = 0; i < 700; ++i) {
    const std::size_t s = pool.choose(all, random);
    ++counts[s];
    inARow = s == last ? inARow + 1 : 1;
    longest = std::max(longest, inARow);
    last = s;
  }
  REQUIRE(counts == std::vector<int>{500, 100, 100});
  REQUIRE(longest < 5); // spread, not in blocks
}

TEST_CASE("Least connections takes the least busy server for its weight, in turn among equals") {
  RandomStream random(1, "test", "lc");
  const std::vector<std::size_t> all = {0, 1, 2};
  ServerPool pool = poolOf("least-connections", {1, 1, 2});
  std::vector<int> counts(3);
  for (int i = 0; i < 12; ++i) {
    const std::size_t s = pool.choose(all, random);
    pool.begin(s);
    ++counts[s];
  }
  REQUIRE(counts == std::vector<int>{3, 3, 6});
  pool.end(1, true);
  REQUIRE(pool.choose(all, random) == 1);
}

TEST_CASE("By response time, the server with the shortest wait to expect is chosen") {
  RandomStream random(1, "test", "rt");
  ServerPool pool = poolOf("response-time", {1, 1});
  pool.measured(0, Duration::ms(80));
  pool.measured(1, Duration::ms(20));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pool.choose({0, 1}, random) == 1);
    pool.begin(1);
  }
  pool.begin(1); // four under way: a fifth would wait 100 ms there
  REQUIRE(pool.choose({0, 1}, random) == 0);
  pool.measured(0, Duration::ms(160)); // an eighth of each new one: 90 ms
  REQUIRE(pool.servers()[0].response == Duration::ms(90));
}

TEST_CASE("Of two servers drawn at random the less busy one is chosen") {
  RandomStream random(1, "test", "p2c");
  ServerPool pool = poolOf("two-choices", {1, 1, 1, 1});
  pool.begin(3);
  std::vector<int> counts(4);
  constexpr int draws = 12000;
  for (int i = 0; i < draws; ++i) ++counts[pool.choose({0, 1, 2, 3}, random)];
  REQUIRE(counts[3] == 0); // the busiest never wins a pair
  for (int s = 0; s < 3; ++s) REQUIRE(counts[s] == Approx(draws / 3).margin(5 * 52));
}

TEST_CASE("What a gateway hands on is for the next hop, and says who asked") {
  wire::http::Request r;
  r.headers = {{"Host", "www.example.com"},
               {"Connection", "close, X-Secret"},
               {"X-Secret", "1"},
               {"X-Forwarded-For", "198.51.100.1"},
               {"Transfer-Encoding", "chunked"}};
  const auto out = forwarding::request(r, 5, "192.0.2.9", "lb");
  REQUIRE_FALSE(find(out.headers, "X-Secret"));
  REQUIRE_FALSE(find(out.headers, "Transfer-Encoding"));
  REQUIRE(find(out.headers, "Content-Length") == "5");
  REQUIRE(find(out.headers, "X-Forwarded-For") == "198.51.100.1, 192.0.2.9");
  REQUIRE(find(out.headers, "Via") == "1.1 lb");
  REQUIRE(find(out.headers, "Connection") == "keep-alive");
}

TEST_CASE("A request goes to a server, its answer to the client; the connection is used again") {
  Balancer b;
  b.ask();
  REQUIRE(b.asked() == "10.0.0.1:80");
  b.happen(Kind::Connected, b.server());
  const std::string sent = b.ctx.streamText(b.server());
  REQUIRE(begins(sent, "GET /a HTTP/1.1\r\n"));
  REQUIRE(sent.find("X-Forwarded-For: 192.0.2.9\r\n") != std::string::npos);
  b.answer(page);
  REQUIRE(begins(b.heard(), "HTTP/1.1 200 OK\r\n"));
  REQUIRE(b.heard().substr(b.heard().size() - 4) == "body");
  b.ask();
  REQUIRE(b.asked() == "10.0.0.2:80");
  b.happen(Kind::Connected, b.server());
  b.answer(page);
  b.ask(); // in turn the first again, over the connection that is open
  REQUIRE(b.ctx.connects.size() == 2);
}

TEST_CASE("A long answer is handed on while it comes") {
  Balancer b;
  b.ask();
  b.happen(Kind::Connected, b.server());
  b.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour");
  REQUIRE(b.heard().substr(b.heard().size() - 4) == "four");
  b.answer("more");
  REQUIRE(b.heard().substr(b.heard().size() - 8) == "fourmore");
}

TEST_CASE("An answer in chunks is handed on whole, with its length") {
  Balancer b;
  b.ask();
  b.happen(Kind::Connected, b.server());
  b.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n");
  REQUIRE(b.heard().find("Content-Length: 4\r\n") != std::string::npos);
  REQUIRE(b.heard().find("chunked") == std::string::npos);
}

TEST_CASE("What the client hears when a server fails") {
  Balancer b({{"retries", std::int64_t{0}}});
  b.ask();
  SECTION("it refuses: 502") {
    b.refuse();
    REQUIRE(begins(b.heard(), "HTTP/1.1 502 "));
  }
  SECTION("it says what is no HTTP: 502") {
    b.happen(Kind::Connected, b.server());
    b.answer("hello\r\n\r\n");
    REQUIRE(begins(b.heard(), "HTTP/1.1 502 "));
  }
  SECTION("it does not answer: 504") {
    b.happen(Kind::Connected, b.server());
    b.ctx.runFor(*b.program, Duration::seconds(30));
    REQUIRE(begins(b.heard(), "HTTP/1.1 504 "));
  }
  SECTION("it breaks off in the middle: so does the balancer") {
    b.happen(Kind::Connected, b.server());
    b.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour");
    b.program->onSocket(b.ctx, failed(b.server(), transport::SocketError::Reset));
    REQUIRE(b.ctx.aborted.back() == b.socket);
  }
}

TEST_CASE("A request that may be repeated goes to another server, one that may not does not") {
  Balancer b;
  SECTION("nobody took the connection: any request") {
    b.ask("POST", "Content-Length: 0\r\n");
    b.refuse();
    REQUIRE(b.asked() == "10.0.0.2:80");
  }
  SECTION("sent, and no answer: GET again elsewhere") {
    b.ask("GET");
    b.happen(Kind::Connected, b.server());
    b.program->onSocket(b.ctx, failed(b.server(), transport::SocketError::Reset));
    REQUIRE(b.asked() == "10.0.0.2:80");
    b.happen(Kind::Connected, b.server());
    b.answer(page);
    REQUIRE(begins(b.heard(), "HTTP/1.1 200 "));
  }
  SECTION("sent, and no answer: POST is 502") {
    b.ask("POST", "Content-Length: 0\r\n");
    b.happen(Kind::Connected, b.server());
    b.program->onSocket(b.ctx, failed(b.server(), transport::SocketError::Reset));
    REQUIRE(b.ctx.connects.size() == 1);
    REQUIRE(begins(b.heard(), "HTTP/1.1 502 "));
  }
}

TEST_CASE("A sticky cookie leads a visitor back to the same server while it is there") {
  Balancer b({{"sticky", std::string("cookie")}});
  b.ask();
  b.happen(Kind::Connected, b.server());
  b.answer(page);
  REQUIRE(b.heard().find("Set-Cookie: server=s1") != std::string::npos);
  b.ask("GET", "Cookie: server=s1\r\n");
  REQUIRE(b.ctx.connects.size() == 1); // not in turn: over the connection to the first
  b.answer(page);
  REQUIRE(b.heard().rfind("Set-Cookie") == b.heard().find("Set-Cookie"));
}

TEST_CASE("At layer 4 bytes pass unread, both ways, and each FIN is handed on") {
  Balancer b({{"mode", std::string("l4")}});
  REQUIRE(b.asked() == "10.0.0.1:80");
  b.program->onSocket(b.ctx, tcpData(b.socket, "any"));
  const SocketId server = b.server();
  REQUIRE(b.ctx.streamText(server).empty());
  b.happen(Kind::Connected, server);
  REQUIRE(b.ctx.streamText(server) == "any");
  b.answer("thing");
  REQUIRE(b.heard() == "thing");
  b.happen(Kind::PeerClosed, b.socket);
  REQUIRE(b.ctx.closed == std::vector<SocketId>{server});
  b.happen(Kind::PeerClosed, server);
  REQUIRE(b.ctx.closed == std::vector<SocketId>{server, b.socket});
  b.happen(Kind::Closed, server);
  b.happen(Kind::Closed, b.socket);
  REQUIRE(b.ctx.aborted.empty());
}

TEST_CASE("At layer 4 a connection that no server takes is tried elsewhere, then broken off") {
  Balancer b({{"mode", std::string("l4")}});
  b.refuse();
  REQUIRE(b.asked() == "10.0.0.2:80");
  b.ctx.runFor(*b.program, Duration::seconds(1)); // it does not answer either
  REQUIRE(b.ctx.aborted.back() == b.socket);
}

TEST_CASE("A source stays at its server at layer 4") {
  Balancer b({{"mode", std::string("l4")}, {"sticky", std::string("source")}});
  b.connect();
  b.connect();
  for (const auto &[socket, to] : b.ctx.connects) REQUIRE(to.text() == "10.0.0.1:80");
  REQUIRE(b.ctx.connects.size() == 3);
}

TEST_CASE("Checks take a server out after so many failures and back after so many answers") {
  Balancer b({{"check", std::string("tcp")},
              {"check_interval_ns", Duration::seconds(2).ns()},
              {"fall", std::int64_t{2}},
              {"service", std::string("shop")},
              {"servers", std::vector<ParameterRow>{server("10.0.0.1")}}});
  b.ctx.runFor(*b.program, Duration{});
  b.refuse(); // at 0 s
  REQUIRE(b.stages() == std::vector<std::string>{"suspected"});
  b.ctx.runFor(*b.program, Duration::seconds(2));
  b.ctx.runFor(*b.program, Duration::ms(500));
  b.refuse(); // at 2.5 s: out; nobody else is left to lead to
  REQUIRE(b.stages() == std::vector<std::string>{"suspected", "decided"});
  REQUIRE(b.ctx.phaseNames().back() == "lb.server-down");
  b.ask();
  REQUIRE(begins(b.heard(), "HTTP/1.1 503 "));
  for (int i = 0; i < 2; ++i) {
    b.ctx.runFor(*b.program, Duration::seconds(2));
    b.happen(Kind::Connected, b.server());
  }
  REQUIRE(b.stages() == std::vector<std::string>{"suspected", "decided", "reachable"});
  b.ask();
  REQUIRE(b.asked() == "10.0.0.1:80");
}

TEST_CASE("A check by http passes with 2xx and 3xx alone") {
  Balancer b({{"check", std::string("http")},
              {"check_path", std::string("/health")},
              {"fall", std::int64_t{1}},
              {"servers", std::vector<ParameterRow>{server("10.0.0.1")}}});
  b.ctx.runFor(*b.program, Duration{});
  b.happen(Kind::Connected, b.server());
  REQUIRE(begins(b.ctx.streamText(b.server()), "GET /health HTTP/1.1\r\n"));
  b.answer("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(b.ctx.phaseNames().back() == "lb.server-down");
}

} // namespace packetarium::programs
