// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/http.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = SocketEvent::Kind;
using Status = Resolution::Status;
using trace::RequestOutcome;

const auto webAddress = wire::Ipv4Address::of(192, 0, 2, 1);
const Endpoint web{webAddress, 80};

std::string response(int status, const std::string &body, bool keepAlive = true) {
  return wire::http::serialise(wire::http::respond(status, "text/html", body.size(), keepAlive))
             .toText() +
         body;
}

/// A browser and its hands.
struct Visit {
  FakeContext ctx;
  std::unique_ptr<Program> program;

  explicit Visit(std::map<std::string, ParameterValue> given = {}) {
    given.try_emplace("url", std::string("http://www.example.com/index.html"));
    program = make("browser", std::move(given));
    program->start(ctx);
    ctx.runFor(*program, Duration{});
  }
  void resolved(Resolution r) { program->onResolved(ctx, ctx.asked.back().second, r); }
  void resolvedWell() { resolved({Status::Ok, {webAddress}, false}); }
  SocketId socket() const { return ctx.connects.back().first; }
  void happen(Kind kind) { program->onSocket(ctx, tcpEvent(kind, socket(), web)); }
  void say(const std::string &text) { program->onSocket(ctx, tcpData(socket(), text)); }
  void connect() {
    resolvedWell();
    happen(Kind::Connected);
  }
  const Ended &end() const {
    REQUIRE(ctx.ended.size() == 1);
    return ctx.ended[0];
  }
};

} // namespace

TEST_CASE("A fetch goes through the course's steps in order, the client closing first") {
  Visit v;
  v.ctx.runFor(*v.program, Duration::ms(5));
  v.connect();
  v.ctx.runFor(*v.program, Duration::ms(20));
  v.say(response(200, "0123456789"));
  v.happen(Kind::PeerClosed);
  v.happen(Kind::Closed);
  REQUIRE(v.ctx.phaseNames() ==
          std::vector<std::string>{"browser.url-entered", "browser.resolving",
                                   "browser.address-known", "browser.connecting",
                                   "browser.connected", "browser.request-sent",
                                   "browser.response-received", "browser.closing",
                                   "browser.peer-closed", "browser.closed"});
  REQUIRE(v.ctx.connects[0].second == web);
  REQUIRE(v.ctx.closed == std::vector<SocketId>{v.socket()});
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
  REQUIRE(v.end().latency == Duration::ms(25));
  REQUIRE(v.end().bytes == 10);
  REQUIRE(v.end().detail == "200 OK, 10 bytes");
}

TEST_CASE("The request is a GET for the path with the host's name") {
  Visit v({{"url", std::string("http://www.example.com:8080/a/b?c=d#e")}});
  v.connect();
  const std::string text = v.ctx.streamText(v.socket());
  REQUIRE(text.rfind("GET /a/b?c=d HTTP/1.1\r\n", 0) == 0);
  REQUIRE(text.find("\r\nHost: www.example.com:8080\r\n") != std::string::npos);
  REQUIRE(v.ctx.connects[0].second.port == 8080);
}

TEST_CASE("A numeric host is not looked up") {
  Visit v({{"url", std::string("http://192.0.2.1/")}});
  REQUIRE(v.ctx.asked.empty());
  REQUIRE(v.ctx.connects.size() == 1);
}

TEST_CASE("Each way of failing has its outcome and says so kindly") {
  Visit v({{"timeout_ns", Duration::seconds(3).ns()}, {"count", std::int64_t{1}}});
  SECTION("the name does not exist") {
    v.resolved({Status::NoSuchName, {}, false});
    REQUIRE(v.end().outcome == RequestOutcome::NameError);
    REQUIRE(v.ctx.notes[0].what == "www.example.com does not exist: the name server says so.");
  }
  SECTION("no name server answers") {
    v.resolved({Status::NoAnswer, {}, false});
    REQUIRE(v.end().outcome == RequestOutcome::Timeout);
  }
  SECTION("the name has no address") {
    v.resolved({Status::Ok, {}, false});
    REQUIRE(v.end().outcome == RequestOutcome::NameError);
  }
  SECTION("refused") {
    v.resolvedWell();
    v.program->onSocket(v.ctx, failed(v.socket(), transport::SocketError::Refused));
    REQUIRE(v.end().outcome == RequestOutcome::Refused);
    REQUIRE(v.ctx.notes[0].what ==
            "www.example.com:80 refused the connection: nothing listens on that port.");
  }
  SECTION("reset in the middle of the response") {
    v.connect();
    v.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    v.program->onSocket(v.ctx, failed(v.socket(), transport::SocketError::Reset));
    REQUIRE(v.end().outcome == RequestOutcome::Reset);
  }
  SECTION("closed before the response was complete") {
    v.connect();
    v.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    v.happen(Kind::PeerClosed);
    REQUIRE(v.end().outcome == RequestOutcome::Reset);
    REQUIRE(v.ctx.aborted.size() == 1);
  }
  SECTION("the server's own error") {
    v.connect();
    v.say(response(503, "busy"));
    REQUIRE(v.end().outcome == RequestOutcome::ServerError);
    REQUIRE(v.end().detail == "503 Service Unavailable, 4 bytes");
  }
  SECTION("something that is not HTTP") {
    v.connect();
    v.say("SSH-2.0-x\r\n");
    REQUIRE(v.end().outcome == RequestOutcome::ServerError);
    REQUIRE(v.ctx.aborted.size() == 1);
  }
  SECTION("no response in time") {
    v.connect();
    v.ctx.runFor(*v.program, Duration::seconds(3));
    REQUIRE(v.end().outcome == RequestOutcome::Timeout);
    REQUIRE(v.end().latency == Duration::seconds(3));
    REQUIRE(v.ctx.notes[0].what == "Gave up after 3s: still waiting for the response.");
    REQUIRE(v.ctx.aborted.size() == 1);
  }
  REQUIRE(v.ctx.ended.size() == 1);
  REQUIRE(v.ctx.timersPending() == 0);
}

TEST_CASE("A page that is not there is an answer, not a failure") {
  Visit v;
  v.connect();
  v.say(response(404, "no"));
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
  REQUIRE(v.end().detail == "404 Not Found, 2 bytes");
}

TEST_CASE("Fetches begin an interval apart, or as soon as a long one has ended") {
  Visit v({{"interval_ns", Duration::seconds(2).ns()}, {"count", std::int64_t{3}}});
  v.connect();
  v.say(response(200, "x"));
  v.ctx.runUntil(*v.program, at(Duration::seconds(2)));
  REQUIRE(v.ctx.requests.size() == 2);
  REQUIRE(v.ctx.requests[1].at == at(Duration::seconds(2)));
  v.connect();
  v.ctx.runUntil(*v.program, at(Duration::seconds(7)));
  v.say(response(200, "x"));
  v.ctx.runFor(*v.program, Duration{});
  REQUIRE(v.ctx.requests.size() == 3);
  REQUIRE(v.ctx.requests[2].at == at(Duration::seconds(7)));
  v.connect();
  v.say(response(200, "x"));
  v.ctx.runFor(*v.program, Duration::seconds(20));
  REQUIRE(v.ctx.requests.size() == 3);
}

TEST_CASE("What a page needs besides comes over the same connection") {
  Visit v({{"objects", rowsOf("path", {"/style.css", "/logo.png"})}});
  v.connect();
  v.say(response(200, "page"));
  REQUIRE(v.ctx.ended.empty());
  v.say(response(200, "style"));
  v.say(response(200, "logo"));
  REQUIRE(v.ctx.connects.size() == 1);
  REQUIRE(v.end().bytes == 13);
  const std::string text = v.ctx.streamText(v.socket());
  REQUIRE(text.find("GET /style.css ") < text.find("GET /logo.png "));
}

TEST_CASE("A server that closes after each response is connected to again for the next object") {
  Visit v({{"objects", rowsOf("path", {"/style.css"})}});
  v.connect();
  v.say(response(200, "page", false));
  REQUIRE(v.ctx.asked.size() == 2);
  v.connect();
  REQUIRE(v.ctx.streamText(v.socket()).rfind("GET /style.css ", 0) == 0);
  v.say(response(200, "style", false));
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
}

TEST_CASE("Keep-alive uses the connection for the next fetch") {
  Visit v({{"keep_alive", true}, {"interval_ns", Duration::seconds(2).ns()}});
  v.connect();
  v.say(response(200, "x"));
  REQUIRE(v.ctx.closed.empty());
  v.ctx.runUntil(*v.program, at(Duration::seconds(2)));
  REQUIRE(v.ctx.asked.size() == 1);
  REQUIRE(v.ctx.connects.size() == 1);

  SECTION("and a new one when the server breaks the old one off at that moment") {
    v.program->onSocket(v.ctx, failed(v.socket(), transport::SocketError::Reset));
    REQUIRE(v.ctx.ended.size() == 1);
    v.connect();
    REQUIRE(v.ctx.connects.size() == 2);
    v.say(response(200, "x"));
    REQUIRE(v.ctx.ended.back().outcome == RequestOutcome::Ok);
  }
  SECTION("but not again when the response had begun") {
    v.say("HTTP/1.1 200 OK\r\n");
    v.program->onSocket(v.ctx, failed(v.socket(), transport::SocketError::Reset));
    REQUIRE(v.ctx.ended.back().outcome == RequestOutcome::Reset);
  }
}

TEST_CASE("A response without a length ends with the connection (RFC 9112 section 6.3)") {
  Visit v;
  v.connect();
  v.say("HTTP/1.1 200 OK\r\n\r\nall of it");
  REQUIRE(v.ctx.ended.empty());
  v.happen(Kind::PeerClosed);
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
  REQUIRE(v.end().bytes == 9);
}

namespace {

/// An answer with further headers.
std::string answer(int status, const std::string &headers, const std::string &body = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

std::vector<std::string> objectsOf(const Visit &v, const std::string &phase) {
  std::vector<std::string> found;
  for (const Told &t : v.ctx.phases)
    if (t.what == phase) found.push_back(t.object);
  return found;
}

std::vector<ParameterRow> visits(const std::vector<std::string> &urls) {
  return rowsOf("url", urls);
}

} // namespace

TEST_CASE("A redirect on the same server is followed over the same connection") {
  for (const int status : {301, 302, 303, 307, 308}) {
    INFO(status);
    Visit v;
    v.connect();
    v.say(answer(status, "Location: ../new?x#y\r\n", "moved"));
    REQUIRE(v.ctx.connects.size() == 1);
    REQUIRE(objectsOf(v, "browser.redirected") ==
            std::vector<std::string>{"http://www.example.com/new?x"});
    REQUIRE(v.ctx.streamText(v.socket()).find("GET /new?x HTTP/1.1\r\n") != std::string::npos);
    v.say(response(200, "here"));
    REQUIRE(v.end().outcome == RequestOutcome::Ok);
    REQUIRE(v.end().bytes == 9);
    REQUIRE(v.end().detail == "200 OK, 9 bytes");
  }
}

TEST_CASE("A redirect to another server closes the connection and opens one there") {
  Visit v;
  v.connect();
  v.say(answer(302, "Location: http://other.example.com:8080/\r\n"));
  REQUIRE(v.ctx.closed.size() == 1);
  REQUIRE(v.ctx.asked.back().first == "other.example.com");
  v.connect();
  REQUIRE(v.ctx.connects.back().second.port == 8080);
  const std::string text = v.ctx.streamText(v.socket());
  REQUIRE(text.find("Host: other.example.com:8080\r\n") != std::string::npos);
  v.say(response(200, "x"));
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
}

TEST_CASE("Other answers are not redirects, nor is one without a Location") {
  for (const std::string &text :
       {answer(304, "Location: /x\r\n"), answer(200, "Location: /x\r\n"), answer(301, "")}) {
    Visit v;
    v.connect();
    v.say(text);
    REQUIRE(v.end().outcome == RequestOutcome::Ok);
  }
}

TEST_CASE("Redirects that lead nowhere end with a sentence") {
  Visit v({{"count", std::int64_t{1}}});
  v.connect();
  SECTION("in a circle") {
    v.say(answer(302, "Location: /a\r\n"));
    v.say(answer(302, "Location: /b\r\n"));
    v.say(answer(302, "Location: /a\r\n"));
    REQUIRE(v.end().detail ==
            "The redirects go round in a circle: they lead to http://www.example.com/a again.");
  }
  SECTION("too many") {
    for (int i = 0; i <= 10; ++i) {
      REQUIRE(v.ctx.ended.empty());
      v.say(answer(302, "Location: /" + std::to_string(i) + "\r\n"));
    }
    REQUIRE(v.end().detail ==
            "Gave up after 10 redirects; the next one led to http://www.example.com/10.");
  }
  SECTION("to what is no web address") {
    v.say(answer(302, "Location: mailto:someone\r\n"));
    REQUIRE(v.end().detail ==
            "The server redirects to what is no web address: \"mailto:someone\".");
  }
  REQUIRE(v.end().outcome == RequestOutcome::ServerError);
  REQUIRE(v.ctx.timersPending() == 0);
}

TEST_CASE("A circle that a cookie leads out of is none") {
  Visit v;
  v.connect();
  v.say(answer(302, "Location: /login\r\n"));
  v.say(answer(302, "Location: /index.html\r\nSet-Cookie: s=1; Path=/\r\n"));
  v.say(response(200, "hello"));
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
}

TEST_CASE("A redirect to https leads to port 443, where the handshake goes first") {
  Visit v;
  v.connect();
  v.say(answer(301, "Location: https://www.example.com/\r\n"));
  v.connect();
  REQUIRE(v.ctx.connects.size() == 2);
  REQUIRE(v.ctx.connects[1].second.port == 443);
  const std::string first = v.ctx.streamText(v.ctx.connects[1].first);
  REQUIRE(first.substr(0, 2) == "\x16\x03"); // a handshake record (RFC 8446 section 5.1)
  REQUIRE(first.find("GET") == std::string::npos);
}

TEST_CASE("Visits take turns, each a fetch of its own, and its cookies go along") {
  Visit v({{"url", std::string("http://www.example.com/login")},
           {"visits", visits({"http://www.example.com/account", "http://other.example.com/"})},
           {"count", std::int64_t{4}}});
  const auto visited = [&v](const std::string &headers) {
    v.connect();
    v.say(answer(200, headers));
    v.ctx.runFor(*v.program, Duration::seconds(2));
    return v.ctx.streamText(v.socket());
  };
  REQUIRE(visited("Set-Cookie: s=1; Path=/\r\nSet-Cookie: t=2; Path=/x\r\n").find("Cookie") ==
          std::string::npos);
  REQUIRE(objectsOf(v, "browser.cookie-stored").size() == 2);
  const std::string account = visited("");
  REQUIRE(account.rfind("GET /account ", 0) == 0);
  REQUIRE(account.find("\r\nCookie: s=1\r\n") != std::string::npos);
  REQUIRE(visited("").find("Cookie") == std::string::npos); // another host
  REQUIRE(visited("").rfind("GET /login ", 0) == 0);
  REQUIRE(objectsOf(v, "browser.url-entered").size() == 4);
}

TEST_CASE("A browser that keeps no cookies sends none back") {
  Visit v({{"cookies", false}});
  for (int i = 0; i < 3; ++i) {
    v.connect();
    REQUIRE(v.ctx.streamText(v.socket()).find("Cookie") == std::string::npos);
    v.say(answer(200, "Set-Cookie: s=1; Path=/\r\n"));
    v.ctx.runFor(*v.program, Duration::seconds(2));
  }
  REQUIRE(objectsOf(v, "browser.cookie-stored").empty());
}

TEST_CASE("A refused cookie is noted, with the reason") {
  Visit v;
  v.connect();
  v.say(answer(200, "Set-Cookie: s=1; Secure\r\n"));
  REQUIRE(v.ctx.notes.back().what ==
          "The cookie s is refused: it says Secure, but came over http.");
}

TEST_CASE("Strict-Transport-Security over plain http changes nothing (RFC 6797 section 8.1)") {
  Visit v;
  v.connect();
  v.say(answer(200, "Strict-Transport-Security: max-age=1000\r\n"));
  v.ctx.runFor(*v.program, Duration::seconds(2));
  v.connect();
  REQUIRE(v.ctx.connects.back().second.port == 80);
  REQUIRE(objectsOf(v, "browser.hsts-upgraded").empty());
}

TEST_CASE("An interim answer and the final one may come together") {
  Visit v;
  v.connect();
  v.say("HTTP/1.1 100 Continue\r\n\r\n" + response(200, "x"));
  REQUIRE(v.end().outcome == RequestOutcome::Ok);
}

} // namespace packetarium::programs
