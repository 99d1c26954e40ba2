// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/http_cookie.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <ctime>

using namespace packetarium;
using namespace packetarium::wire::http;

namespace {

/// What is read from a header, in one line.
std::string read(std::string_view header) {
  const auto c = parseSetCookie(header);
  if (!c) return "ignored";
  std::string out = c->name + "=" + c->value;
  if (!c->domain.empty()) out += " domain " + c->domain;
  if (!c->path.empty()) out += " path " + c->path;
  if (c->maxAge) out += " age " + std::to_string(*c->maxAge);
  if (c->expires) out += " expires " + std::to_string(*c->expires);
  if (c->secure) out += " secure";
  if (c->httpOnly) out += " http-only";
  return out + (c->sameSite.empty() ? "" : " " + c->sameSite);
}

/// Another implementation: the C library's.
std::int64_t byLibrary(int year, int month, int day, int hour, int minute, int second) {
  std::tm t{};
  t.tm_year = year - 1900;
  t.tm_mon = month - 1;
  t.tm_mday = day;
  t.tm_hour = hour;
  t.tm_min = minute;
  t.tm_sec = second;
  return timegm(&t);
}

} // namespace

TEST_CASE("The examples of RFC 6265 section 3.1 are read as they are meant") {
  CHECK(read("SID=31d4d96e407aad42") == "SID=31d4d96e407aad42");
  CHECK(read("SID=31d4d96e407aad42; Path=/; Domain=example.com") ==
        "SID=31d4d96e407aad42 domain example.com path /");
  CHECK(read("SID=31d4d96e407aad42; Path=/; Secure; HttpOnly") ==
        "SID=31d4d96e407aad42 path / secure http-only");
  CHECK(read("lang=en-US; Path=/; Domain=example.com") == "lang=en-US domain example.com path /");
  CHECK(read("lang=en-US; Expires=Wed, 09 Jun 2021 10:18:14 GMT") ==
        "lang=en-US expires " + std::to_string(byLibrary(2021, 6, 9, 10, 18, 14)));
  CHECK(read("lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT") == "lang= expires 784111777");
  const auto sent = parseCookies("SID=31d4d96e407aad42; lang=en-US");
  REQUIRE(sent.size() == 2);
  CHECK(sent[1] == std::pair<std::string, std::string>("lang", "en-US"));
}

TEST_CASE("Set-Cookie headers are read with the leniency of section 5.2") {
  CHECK(read("no equals sign") == "ignored");
  CHECK(read("=value") == "ignored");
  CHECK(read("") == "ignored");
  CHECK(read("  a  =  b c \t; secure ;; HTTPONLY=whatever; unknown=1") == "a=b c secure http-only");
  CHECK(read("a=b=c; Domain=.Example.COM") == "a=b=c domain example.com");
  CHECK(read("a=b; Domain=") == "a=b");
  CHECK(read("a=b; Path=account") == "a=b");
  CHECK(read("a=b; Path=/x; Path=y") == "a=b"); // the last one counts
  CHECK(read("a=b; Max-Age=60; Max-Age=-1") == "a=b age -1");
  CHECK(read("a=b; Max-Age=+5; Max-Age=5s; Max-Age=; Expires=soon") == "a=b");
  CHECK(read("a=b; Max-Age=99999999999999999999999") == "a=b age 100000000000");
  CHECK(read("a=b; samesite=STRICT") == "a=b Strict");
  CHECK(read("a=b; SameSite=odd") == "a=b");
}

TEST_CASE("A host matches a cookie's domain when it is it or lies below it (section 5.1.3)") {
  CHECK(domainMatches("example.com", "example.com"));
  CHECK(domainMatches("WWW.Example.com", "example.COM"));
  CHECK(domainMatches("a.b.example.com", "example.com"));
  CHECK_FALSE(domainMatches("example.com", "www.example.com"));
  CHECK_FALSE(domainMatches("badexample.com", "example.com"));
  CHECK_FALSE(domainMatches("example.com.org", "example.com"));
  CHECK_FALSE(domainMatches("example.com", ""));
  CHECK(domainMatches("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(domainMatches("192.0.2.1", "0.2.1"));
  CHECK_FALSE(domainMatches("192.0.2.1", "2.1"));
}

TEST_CASE("A request's path matches a cookie's when it is it or lies below it (section 5.1.4)") {
  CHECK(pathMatches("/", "/"));
  CHECK(pathMatches("/docs", "/docs"));
  CHECK(pathMatches("/docs/", "/docs"));
  CHECK(pathMatches("/docs/web", "/docs"));
  CHECK(pathMatches("/docs/web", "/docs/"));
  CHECK(pathMatches("/docs/web", "/"));
  CHECK_FALSE(pathMatches("/docsets", "/docs"));
  CHECK_FALSE(pathMatches("/docs", "/docs/"));
  CHECK_FALSE(pathMatches("/", "/docs"));
}

TEST_CASE("A cookie without a path gets that of the page's folder (section 5.1.4)") {
  CHECK(defaultCookiePath("/") == "/");
  CHECK(defaultCookiePath("/login") == "/");
  CHECK(defaultCookiePath("/docs/") == "/docs");
  CHECK(defaultCookiePath("/docs/web/page") == "/docs/web");
  CHECK(defaultCookiePath("") == "/");
  CHECK(defaultCookiePath("docs/web") == "/");
}

TEST_CASE("The three forms of dates that RFC 9110 section 5.6.7 shows are one instant") {
  for (const char *text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994", "6 nOVember 94 8:49:37"}) {
    INFO(text);
    CHECK(parseCookieDate(text) == byLibrary(1994, 11, 6, 8, 49, 37));
  }
  CHECK(parseCookieDate("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(parseCookieDate("01 Jan 69 00:00:00") == byLibrary(2069, 1, 1, 0, 0, 0));
  CHECK(parseCookieDate("01 Jan 70 00:00:00") == 0);
  CHECK(parseCookieDate("29 Feb 2024 12:00:00") == byLibrary(2024, 2, 29, 12, 0, 0));
}

TEST_CASE("What is no date is none (section 5.1.1, step 5)") {
  for (const char *text :
       {"", "tomorrow", "06 Nov 1994", "08:49:37 06 Nov", "08:49:37 Nov 1994", "08:49:37 06 1994",
        "32 Nov 1994 08:49:37", "31 Nov 1994 08:49:37", "00 Nov 1994 08:49:37",
        "29 Feb 2023 12:00:00", "06 Nov 1600 08:49:37", "06 Nov 1994 24:00:00",
        "06 Nov 1994 08:60:00", "06 Nov 1994 08:49:60", "06 Nov 19945 08:49:37"}) {
    INFO(text);
    CHECK_FALSE(parseCookieDate(text));
  }
}

TEST_CASE("A date that is written is read back, and the C library writes the same") {
  rc::check("dates", [](std::uint64_t seed) {
    RandomStream r(seed, "test", "dates");
    const auto at = static_cast<std::int64_t>(r.below(4'000'000'000'0ULL)) - 10'000'000'000;
    const std::string written = imfDate(at);
    const std::time_t instant = at;
    std::tm t{};
    gmtime_r(&instant, &t);
    char expected[64];
    std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &t);
    RC_ASSERT(written == expected);
    RC_ASSERT(parseCookieDate(written) == at);
  });
}

TEST_CASE("A cookie that is written is read back") {
  SetCookie c;
  c.name = "session";
  c.value = "0123";
  c.domain = "example.com";
  c.path = "/";
  c.maxAge = 60;
  c.expires = 784111777;
  c.secure = c.httpOnly = true;
  c.sameSite = "Lax";
  CHECK(text(c) == "session=0123; Domain=example.com; Path=/; Max-Age=60; "
                   "Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; HttpOnly; SameSite=Lax");
  CHECK(read(text(c)) ==
        "session=0123 domain example.com path / age 60 expires 784111777 secure http-only Lax");
}

TEST_CASE("Strict-Transport-Security headers are read as RFC 6797 section 6.2 writes them") {
  CHECK(parseStrictTransport("max-age=31536000")->maxAge == 31536000);
  CHECK_FALSE(parseStrictTransport("max-age=31536000")->includeSubDomains);
  CHECK(parseStrictTransport("max-age=15768000 ; includeSubDomains")->includeSubDomains);
  CHECK(parseStrictTransport("max-age=\"31536000\"")->maxAge == 31536000);
  CHECK(parseStrictTransport("INCLUDESUBDOMAINS; Max-Age=0; preload;; x=y")->maxAge == 0);
  for (const char *bad : {"", "includeSubDomains", "max-age", "max-age=", "max-age=-1",
                          "max-age=soon", "max-age=1; max-age=2", "max-age=1; includeSubDomains=1"})
    CHECK_FALSE(parseStrictTransport(bad));
}
