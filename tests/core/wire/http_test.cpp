// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/http.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

using namespace packetarium;
using namespace packetarium::wire;
using namespace packetarium::wire::http;

namespace {

using Role = Parser::Role;

/// What a parser makes of a stream: a line for each message, then the fault or "end".
std::string digest(Parser &parser) {
  std::string out;
  while (auto m = parser.take()) {
    out += m->isRequest() ? m->request().method + " " + m->request().target
                          : std::to_string(m->response().status) + " " + m->response().reason;
    for (const auto &h : m->headers()) out += "|" + h.name + "=" + h.value;
    out += "|" + std::to_string(m->bodyBytes) + ":" + m->bodyText();
    out += m->keepAlive ? " open\n" : " close\n";
  }
  return out;
}

std::string parsed(Role role, std::string_view stream, bool closed = false) {
  Parser parser(role);
  Status status = parser.feed(Payload::of(stream));
  if (status && closed) status = parser.end();
  return digest(parser) + (status ? "" : status.faults()[0].path);
}

std::string requestFault(std::string_view stream) { return parsed(Role::Requests, stream); }
std::string responseFault(std::string_view stream) { return parsed(Role::Responses, stream); }

} // namespace

TEST_CASE("A request is read with its headers and the body its length declares") {
  CHECK(parsed(Role::Requests, "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\n"
                               "Host: www.example.com\r\n\r\n") ==
        "GET /hello.txt|User-Agent=curl/7.64.1|Host=www.example.com|0: open\n");
  CHECK(parsed(Role::Requests, "POST / HTTP/1.1\r\nContent-Length:  5 \r\n\r\nhello"
                               "GET /2 HTTP/1.1\r\n\r\n") ==
        "POST /|Content-Length=5|5:hello open\nGET /2|0: open\n");
}

TEST_CASE("A chunked body is put together (RFC 9112 section 7.1)") {
  CHECK(parsed(Role::Responses, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
                                "HTTP/1.1 204 No Content\r\n\r\n") ==
        "200 OK|Transfer-Encoding=chunked|11:hello world open\n204 No Content|0: open\n");
}

TEST_CASE("A response without length lasts until the connection closes") {
  CHECK(parsed(Role::Responses, "HTTP/1.0 200 OK\r\n\r\nall of it", true) ==
        "200 OK|9:all of it close\n");
}

TEST_CASE("Responses to HEAD, and 1xx, 204 and 304, have no body whatever they declare") {
  Parser parser(Role::Responses);
  parser.expectAnswerTo("HEAD");
  parser.expectAnswerTo("GET");
  REQUIRE(parser.feed(Payload::of("HTTP/1.1 100 Continue\r\n\r\n"
                                  "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
                                  "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")));
  CHECK(digest(parser) == "100 Continue|0: open\n200 OK|Content-Length=9|0: open\n"
                          "200 OK|Content-Length=2|2:hi open\n"
                          "304 Not Modified|Content-Length=7|0: open\n");
  CHECK(parser.idle());
}

TEST_CASE("Whether the connection stays open follows RFC 9112 section 9.3") {
  CHECK(parsed(Role::Requests, "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n").find("close\n") !=
        std::string::npos);
  CHECK(parsed(Role::Requests, "GET / HTTP/1.0\r\n\r\n").find("close\n") != std::string::npos);
  CHECK(parsed(Role::Requests, "GET / HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n")
            .find("open\n") != std::string::npos);
}

TEST_CASE("However a stream is cut into segments, the same messages come out") {
  const std::string stream = "\r\nPOST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"
                             "hello\nworldGET /b HTTP/1.1\nHost: h\n\n"
                             "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n";
  const std::string whole = parsed(Role::Requests, stream);
  CHECK(whole == "POST /a|Host=h|Content-Length=11|11:hello\nworld open\nGET /b|Host=h|0: open\n"
                 "PUT /c|Transfer-Encoding=chunked|13:abc0123456789 open\n");
  CHECK(rc::check("cuts", [&](std::uint64_t seed) {
    RandomStream r(seed, "test", "cuts");
    const Payload all = Payload::of(stream);
    Parser parser(Role::Requests);
    std::string out;
    for (std::uint32_t at = 0; at < all.size();) {
      const auto size = static_cast<std::uint32_t>(
          1 + r.below(std::min<std::uint64_t>(1 + r.below(40), all.size() - at)));
      RC_ASSERT(parser.feed(all.slice(at, size)).ok());
      at += size;
      Parser copy = parser; // a copy goes on as well as the original
      parser = copy;
      out += digest(parser);
    }
    RC_ASSERT(out == whole);
  }));
}

TEST_CASE("A virtual body of gigabytes is counted, not copied") {
  Parser parser(Role::Responses);
  const std::uint64_t length = 3'000'000'000;
  REQUIRE(parser.feed(serialise(respond(200, "text/plain", length))));
  CHECK(parser.inBody());
  CHECK(parser.current().response().status == 200);
  for (std::uint64_t at = 0; at < length; at += 1'000'000'000)
    REQUIRE(parser.feed(Payload::pattern(at, 1'000'000'000)));
  const auto m = parser.take();
  REQUIRE(m.has_value());
  CHECK(m->bodyBytes == length);
  REQUIRE(m->body.size() == 1);
  CHECK(m->body[0].isPattern());
  CHECK(m->body[0].size() == Limits{}.keptBodyBytes);
  CHECK(parser.idle());
}

TEST_CASE("Malformed messages are refused with the part's name") {
  CHECK(requestFault("GET /\r\n\r\n") == "http.request_line");
  CHECK(requestFault("G(T / HTTP/1.1\r\n") == "http.method");
  CHECK(requestFault("GET /a b HTTP/1.1\r\n") == "http.version");
  CHECK(requestFault("GET  HTTP/1.1\r\n") == "http.target");
  CHECK(requestFault("GET / HTTP/2.0\r\n") == "http.version");
  CHECK(requestFault("GET / HTTP/1.1\r\nNo colon\r\n") == "http.header");
  CHECK(requestFault("GET / HTTP/1.1\r\nHost : x\r\n") == "http.header");
  CHECK(requestFault("GET / HTTP/1.1\r\nA: b\r\n folded\r\n") == "http.header");
  CHECK(requestFault("GET / HTTP/1.1\r\nA: b\rc\r\n") == "http.line");
  CHECK(requestFault("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n") == "http.content_length");
  CHECK(requestFault("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") ==
        "http.content_length");
  CHECK(requestFault("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n") ==
        "http.content_length");
  CHECK(
      requestFault("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n") ==
      "http.content_length");
  CHECK(requestFault("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n") ==
        "http.transfer_encoding");
  CHECK(requestFault("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n") ==
        "http.chunk_size");
  CHECK(requestFault("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n") ==
        "http.chunk");
  CHECK(requestFault("GET /" + std::string(9000, 'a')) == "http.line");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  CHECK(requestFault(many) == "http.header");
  CHECK(responseFault("HTTP/1.1 99 Low\r\n") == "http.status");
  CHECK(responseFault("HTTP/1.1 2000 High\r\n") == "http.status");
  CHECK(responseFault("ICY 200 OK now\r\n") == "http.status_line");
}

TEST_CASE("A fault stays, and a message that was cut short is one") {
  Parser parser(Role::Requests);
  CHECK_FALSE(parser.feed(Payload::of("nonsense\r\n")));
  CHECK(parser.failed());
  CHECK_FALSE(parser.feed(Payload::of("GET / HTTP/1.1\r\n\r\n")));
  CHECK_FALSE(parser.hasMessage());
  Parser cut(Role::Requests);
  REQUIRE(cut.feed(Payload::of("GET / HT")));
  CHECK_FALSE(cut.end());
  Parser idle(Role::Requests);
  CHECK(idle.end());
}

TEST_CASE("What is serialised is read back the same") {
  const Request request = http::get("www.example.com", "/index.html", false);
  Parser parser(Role::Requests);
  REQUIRE(parser.feed(serialise(request)));
  CHECK(parser.take()->request() == request);
  const Response response = respond(404, "text/html", 0);
  Parser answers(Role::Responses);
  REQUIRE(answers.feed(serialise(response)));
  CHECK(answers.take()->response() == response);
  CHECK(response.reason == "Not Found");
  CHECK(find(response.headers, "CONTENT-LENGTH") == "0");
}
