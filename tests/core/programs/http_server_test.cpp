// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/site.h"
#include "core/wire/http.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = SocketEvent::Kind;
using wire::http::Parser;

const Endpoint client{wire::Ipv4Address::of(192, 0, 2, 9), 50000};

ParameterRow page(const std::string &path, const std::string &body, const std::string &host = "",
                  std::int64_t status = 200) {
  return {{{"path", path}, {"body", body}, {"host", host}, {"status", status}}};
}

/// A web server, its hands, and one connection to it.
struct Server {
  FakeContext ctx;
  std::unique_ptr<Program> program;
  SocketId listener, socket;

  explicit Server(std::map<std::string, ParameterValue> given = {}) {
    if (given.count("pages") == 0)
      given["pages"] = std::vector<ParameterRow>{
          page("/", "home"),
          page("/a", "AAAA"),
          page("/b", "BB"),
          page("/a", "special", "special.example.com"),
          {{{"path", std::string("/big")}, {"bytes", std::int64_t{5000}}}},
          page("/busy", "busy", "", 503)};
    program = make("http-server", std::move(given));
    program->start(ctx);
    listener = ctx.lastSocket();
    socket = connect();
  }
  SocketId connect() {
    const SocketId s = ctx.freshSocket();
    program->onSocket(ctx, accepted(listener, s, client));
    return s;
  }
  void say(std::string_view text) { program->onSocket(ctx, tcpData(socket, text)); }
  void happen(Kind kind) { program->onSocket(ctx, tcpEvent(kind, socket, client)); }
  /// The responses so far as an independent parser reads them; methods: of the requests.
  std::vector<wire::http::Message> responses(const std::vector<std::string> &methods) const {
    Parser parser(Parser::Role::Responses);
    for (const std::string &m : methods) parser.expectAnswerTo(m);
    REQUIRE(parser.feed(wire::Payload::of(ctx.streamText(socket))).ok());
    std::vector<wire::http::Message> all;
    while (auto m = parser.take()) all.push_back(std::move(*m));
    REQUIRE(parser.idle());
    return all;
  }
  wire::http::Message oneResponse(std::string_view request, const std::string &method = "GET") {
    say(request);
    ctx.runFor(*program, Duration::ms(10));
    const auto all = responses({method});
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

std::string getFor(const std::string &path, const std::string &host = "www.example.com") {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

} // namespace

TEST_CASE("A page is answered with 200, its length, type and bytes, after the service time") {
  Server s;
  const auto m = s.oneResponse(getFor("/a"));
  REQUIRE(m.response().status == 200);
  REQUIRE(wire::http::find(m.headers(), "content-length") == "4");
  REQUIRE(wire::http::find(m.headers(), "content-type") == "text/html");
  REQUIRE(m.bodyText() == "AAAA");
  REQUIRE(s.ctx.stream[0].at == at(Duration::ms(2)));
  REQUIRE(s.ctx.closed.empty());
}

TEST_CASE("The path counts without its query, the host without its port and case") {
  Server s;
  REQUIRE(s.oneResponse(getFor("/a?x=1", "SPECIAL.example.com:80")).bodyText() == "special");
}

TEST_CASE("A whole URL is taken as the target too (RFC 9112 section 3.2.2)") {
  Server s;
  REQUIRE(
      s.oneResponse("GET http://special.example.com/a HTTP/1.1\r\nHost: x\r\n\r\n").bodyText() ==
      "special");
}

TEST_CASE("Errors are answered with the status that fits") {
  Server s;
  SECTION("no such page") {
    REQUIRE(s.oneResponse(getFor("/nowhere")).response().status == 404);
    REQUIRE(s.ctx.closed.empty());
  }
  SECTION("a page with a status of its own") {
    const auto m = s.oneResponse(getFor("/busy"));
    REQUIRE(m.response().status == 503);
    REQUIRE(m.response().reason == "Service Unavailable");
  }
  SECTION("no Host header (RFC 9112 section 3.2)") {
    REQUIRE(s.oneResponse("GET / HTTP/1.1\r\n\r\n").response().status == 400);
  }
  SECTION("a method it does not know (RFC 9110 section 15.5.6)") {
    const auto m = s.oneResponse("DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(m.response().status == 405);
    REQUIRE(wire::http::find(m.headers(), "Allow") == "GET, HEAD");
  }
  SECTION("what is no HTTP, then it closes") {
    REQUIRE(s.oneResponse("nonsense\r\n\r\n").response().status == 400);
    REQUIRE(s.ctx.closed == std::vector<SocketId>{s.socket});
  }
}

TEST_CASE("HEAD gives the length but no body") {
  Server s;
  const auto m = s.oneResponse("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD");
  REQUIRE(wire::http::find(m.headers(), "Content-Length") == "5000");
  REQUIRE(s.ctx.streamText(s.socket).size() < 400);
}

TEST_CASE("A big page fills whole segments: head and body share the first one") {
  Server s;
  const auto m = s.oneResponse(getFor("/big"));
  REQUIRE(m.bodyBytes == 5000);
  REQUIRE(m.bodyText().substr(0, 28) == "abcdefghijklmnopqrstuvwxyzab");
  REQUIRE(s.ctx.stream.size() == 2);
  REQUIRE(s.ctx.stream[0].data.size() == 1460);
  REQUIRE(s.ctx.stream[1].data.isPattern());
}

TEST_CASE("Pipelined requests are answered in their order, one service time after the other") {
  Server s;
  s.say(getFor("/a") + getFor("/b") + getFor("/"));
  s.ctx.runFor(*s.program, Duration::ms(10));
  const auto all = s.responses({"GET", "GET", "GET"});
  REQUIRE(all.size() == 3);
  REQUIRE(all[0].bodyText() == "AAAA");
  REQUIRE(all[1].bodyText() == "BB");
  REQUIRE(all[2].bodyText() == "home");
  REQUIRE(s.ctx.stream[0].at == at(Duration::ms(2)));
  REQUIRE(s.ctx.stream[1].at == at(Duration::ms(4)));
  REQUIRE(s.ctx.stream[2].at == at(Duration::ms(6)));
}

TEST_CASE("A request that comes byte by byte is one request") {
  Server s;
  for (const char c : getFor("/a")) s.say(std::string_view(&c, 1));
  s.ctx.runFor(*s.program, Duration::ms(10));
  REQUIRE(s.responses({"GET"}).size() == 1);
}

TEST_CASE("Connection: close ends the connection after the response") {
  Server s;
  const auto m = s.oneResponse("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  REQUIRE(wire::http::find(m.headers(), "Connection") == "close");
  REQUIRE(s.ctx.closed == std::vector<SocketId>{s.socket});
  REQUIRE(s.ctx.phaseNames().back() == "http.server-closed");
}

TEST_CASE("A client that closes first gets its responses, then the server's FIN") {
  Server s;
  s.say(getFor("/a"));
  s.happen(Kind::PeerClosed);
  REQUIRE(s.ctx.closed.empty());
  s.ctx.runFor(*s.program, Duration::ms(10));
  REQUIRE(s.responses({"GET"}).size() == 1);
  REQUIRE(s.ctx.closed == std::vector<SocketId>{s.socket});
}

TEST_CASE("The course's steps on the server's side come in this order") {
  Server s;
  s.program->onSocket(s.ctx, tcpEvent(Kind::SynSeen, s.listener, client));
  s.say(getFor("/a"));
  s.ctx.runFor(*s.program, Duration::ms(10));
  s.happen(Kind::PeerClosed);
  s.happen(Kind::Closed);
  REQUIRE(s.ctx.phaseNames() ==
          std::vector<std::string>{"http.listening", "http.connection-accepted", "http.syn-seen",
                                   "http.request-received", "http.response-sent",
                                   "http.peer-closed", "http.server-closed"});
}

TEST_CASE("Two workers serve two requests at a time, the others in order of arrival") {
  Server s({{"workers", std::int64_t{2}}});
  std::vector<SocketId> sockets = {s.socket};
  for (int i = 0; i < 4; ++i) sockets.push_back(s.connect());
  for (const SocketId c : sockets) s.program->onSocket(s.ctx, tcpData(c, getFor("/")));
  s.ctx.runFor(*s.program, Duration::ms(20));
  std::vector<std::pair<std::int64_t, SocketId>> served;
  for (const Sent &sent : s.ctx.stream) served.emplace_back(sent.at.ns() / 1'000'000, sent.socket);
  const std::vector<std::pair<std::int64_t, SocketId>> expected = {
      {2, sockets[0]}, {2, sockets[1]}, {4, sockets[2]}, {4, sockets[3]}, {6, sockets[4]}};
  REQUIRE(served == expected);
}

TEST_CASE("A client that leaves while it waits or is served frees its worker") {
  Server s({{"workers", std::int64_t{1}}});
  const SocketId second = s.connect(), third = s.connect();
  for (const SocketId c : {s.socket, second, third})
    s.program->onSocket(s.ctx, tcpData(c, getFor("/")));
  s.program->onSocket(s.ctx, failed(s.socket, transport::SocketError::Reset));
  s.program->onSocket(s.ctx, failed(second, transport::SocketError::Reset));
  s.ctx.runFor(*s.program, Duration::ms(20));
  REQUIRE(s.ctx.stream.size() == 1);
  REQUIRE(s.ctx.stream[0].socket == third);
  REQUIRE(s.ctx.stream[0].at == at(Duration::ms(4)));
}

TEST_CASE("A full send buffer is filled up again when there is room") {
  Server s;
  s.ctx.streamRoom = 2000;
  s.say(getFor("/big") + getFor("/a"));
  s.ctx.runFor(*s.program, Duration::ms(10));
  REQUIRE(s.ctx.streamText(s.socket).size() == 2000);
  s.ctx.streamRoom = 1U << 30;
  s.happen(Kind::Writable);
  s.ctx.runFor(*s.program, Duration::ms(10));
  const auto all = s.responses({"GET", "GET"});
  REQUIRE(all.size() == 2);
  REQUIRE(all[0].bodyBytes == 5000);
  REQUIRE(all[1].bodyText() == "AAAA");
}

TEST_CASE("An idle connection is closed when its time is up, and not before") {
  Server s({{"idle_timeout_ns", Duration::seconds(5).ns()}});
  s.ctx.runFor(*s.program, Duration::seconds(4));
  s.say(getFor("/a"));
  s.ctx.runUntil(*s.program, at(Duration::ms(9001)));
  REQUIRE(s.ctx.closed.empty());
  s.ctx.runUntil(*s.program, at(Duration::ms(9002)));
  REQUIRE(s.ctx.closed == std::vector<SocketId>{s.socket});
}

namespace {

ParameterRow sessionPage(const std::string &path, const std::string &session) {
  return {{{"path", path}, {"session", session}}};
}

/// A server with a login, an account page, and one for everybody.
std::map<std::string, ParameterValue>
withSessions(std::map<std::string, ParameterValue> more = {}) {
  more["pages"] = std::vector<ParameterRow>{sessionPage("/login", "start"),
                                            sessionPage("/account", "require"), page("/", "home")};
  return more;
}

std::string getWith(const std::string &path, const std::string &cookie) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\nCookie: " + cookie + "\r\n\r\n";
}

/// Asks and gives the one answer to it.
wire::http::Message ask(Server &s, const std::string &request) {
  const std::size_t before = s.ctx.streamText(s.socket).size();
  s.say(request);
  s.ctx.runFor(*s.program, Duration::ms(10));
  Parser parser(Parser::Role::Responses);
  REQUIRE(parser.feed(wire::Payload::of(s.ctx.streamText(s.socket).substr(before))).ok());
  auto message = parser.take();
  REQUIRE(message);
  return *message;
}

std::string cookieOf(const wire::http::Message &m) {
  const auto header = wire::http::find(m.headers(), "Set-Cookie");
  return header ? std::string(*header) : "none";
}

std::string sessionOf(const wire::http::Message &m) {
  const std::string cookie = cookieOf(m);
  return cookie.substr(0, cookie.find(';'));
}

} // namespace

TEST_CASE("A login gives a random cookie, and the cookie opens the page behind it") {
  Server s(withSessions());
  const auto login = ask(s, getFor("/login"));
  REQUIRE(login.bodyText().find("Hello, visitor 1<") != std::string::npos);
  const std::string session = sessionOf(login);
  REQUIRE(session.size() == std::string("session=").size() + 32);
  REQUIRE(cookieOf(login) == session + "; Path=/; HttpOnly; SameSite=Lax");
  REQUIRE(ask(s, getFor("/account")).response().status == 403);
  REQUIRE(ask(s, getWith("/account", "session=0123")).response().status == 403);
  const auto account = ask(s, getWith("/account", "lang=en; " + session));
  REQUIRE(account.response().status == 200);
  REQUIRE(account.bodyText().find("Hello, visitor 1<") != std::string::npos);
  REQUIRE(cookieOf(account) == "none");
  std::vector<std::string> told;
  for (const Told &t : s.ctx.phases)
    if (t.what.rfind("http.session", 0) == 0) told.push_back(t.what + " " + t.object);
  REQUIRE(told == std::vector<std::string>{
                      "http.session-started visitor 1", "http.session-unknown /account",
                      "http.session-unknown /account", "http.session-known visitor 1"});
}

TEST_CASE("Who comes to the login with a cookie stays who they are, others are new") {
  Server s(withSessions());
  const std::string first = sessionOf(ask(s, getFor("/login")));
  const auto second = ask(s, getFor("/login"));
  REQUIRE(second.bodyText().find("visitor 2<") != std::string::npos);
  REQUIRE(sessionOf(second) != first);
  const auto again = ask(s, getWith("/login", first));
  REQUIRE(again.bodyText().find("visitor 1<") != std::string::npos);
  REQUIRE(cookieOf(again) == "none");
  REQUIRE(cookieOf(ask(s, getFor("/"))) == "none");
}

TEST_CASE("The session cookie says what the parameters say, and ends when it says") {
  Server s(withSessions({{"cookie_name", std::string("id")},
                         {"cookie_max_age_s", std::int64_t{60}},
                         {"cookie_secure", true},
                         {"cookie_http_only", false},
                         {"cookie_same_site", std::string("strict")}}));
  const auto login = ask(s, getFor("/login"));
  const std::string session = sessionOf(login);
  REQUIRE(session.rfind("id=", 0) == 0);
  REQUIRE(cookieOf(login) == session + "; Path=/; Max-Age=60; "
                                       "Expires=Thu, 01 Jan 2026 00:01:00 GMT; Secure; "
                                       "SameSite=Strict");
  s.ctx.runUntil(*s.program, at(Duration::seconds(50)));
  REQUIRE(ask(s, getWith("/account", session)).response().status == 200);
  s.ctx.runUntil(*s.program, at(Duration::seconds(61)));
  s.socket = s.connect();
  REQUIRE(ask(s, getWith("/account", session)).response().status == 403);
}

TEST_CASE("An unknown visitor can be sent to the login instead") {
  Server s(withSessions({{"unknown_session", std::string("login")}}));
  const auto m = ask(s, getFor("/account"));
  REQUIRE(m.response().status == 302);
  REQUIRE(wire::http::find(m.headers(), "Location") == "/login");
}

TEST_CASE("A copy of the server knows the same visitors and then its own") {
  Server s(withSessions());
  const std::string session = sessionOf(ask(s, getFor("/login")));
  FakeContext ctx = s.ctx;
  const auto clone = s.program->clone();
  ask(s, getFor("/login"));
  clone->onSocket(ctx, tcpData(s.socket, getWith("/account", session)));
  ctx.runFor(*clone, Duration::ms(10));
  REQUIRE(ctx.phaseNames()[ctx.phaseNames().size() - 2] == "http.session-known");
}

TEST_CASE("Redirecting to https keeps host, path and query, and serves nothing") {
  Server s({{"redirect_to_https", true}, {"hsts_max_age_s", std::int64_t{1000}}});
  const auto m = ask(s, getFor("/a?x=1", "www.example.com:80"));
  REQUIRE(m.response().status == 301);
  REQUIRE(wire::http::find(m.headers(), "Location") == "https://www.example.com/a?x=1");
  REQUIRE_FALSE(wire::http::find(m.headers(), "Strict-Transport-Security")); // RFC 6797, 7.2
  REQUIRE(s.ctx.phases[s.ctx.phases.size() - 2].what == "http.redirected");
  REQUIRE(ask(s, "GET / HTTP/1.0\r\n\r\n").response().status == 400); // no host to name
}

TEST_CASE("Over a secure channel a site serves its pages and asks for https alone") {
  auto values = complete(findProgramType("http-server")->parameters,
                         {{"redirect_to_https", true}, {"hsts_max_age_s", std::int64_t{1000}}}, "");
  REQUIRE(values);
  const Site site(*values);
  FakeContext ctx;
  Sessions sessions;
  const auto request = wire::http::get("www.example.com", "/");
  const Answer a = site.answer({ctx, sessions, true, true}, request);
  REQUIRE(a.head.status == 200);
  REQUIRE(wire::http::find(a.head.headers, "Strict-Transport-Security") == "max-age=1000");
  REQUIRE(site.answer({ctx, sessions, false, true}, request).head.status == 301);
}

TEST_CASE("Sessions beyond what a server holds push out the oldest") {
  Sessions sessions;
  RandomStream random(1, "test", "sessions");
  const auto first = sessions.start(random, SimTime::zero(), {});
  for (int i = 0; i < 999; ++i) sessions.start(random, SimTime::zero(), {});
  REQUIRE(sessions.visitor(first.id, SimTime::zero()) == 1U);
  sessions.start(random, SimTime::zero(), {});
  REQUIRE_FALSE(sessions.visitor(first.id, SimTime::zero()));
  REQUIRE(sessions.describe(SimTime::zero()).value == "1000");
}

} // namespace packetarium::programs
