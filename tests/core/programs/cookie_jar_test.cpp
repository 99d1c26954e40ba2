// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/programs/browser/cookie_jar.h"
#include "core/programs/browser/hsts_store.h"
#include "core/wire/http_cookie.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace packetarium::programs {
namespace {

constexpr SimTime second(std::int64_t s) { return SimTime::zero() + Duration::seconds(s); }

Url urlOf(std::string_view text) { return Url::parse(text).value(); }

/// A jar with short words.
struct Jar {
  CookieJar jar;
  std::string take(std::string_view cookie, std::string_view from = "http://www.example.com/a/b",
                   std::int64_t at = 0) {
    return jar.store(cookie, urlOf(from), second(at));
  }
  std::string to(std::string_view url, std::int64_t at = 0) const {
    return jar.headerFor(urlOf(url), second(at));
  }
};

} // namespace

TEST_CASE("The dialogue of RFC 6265 section 3.1 goes as it is written there") {
  Jar j;
  CHECK(j.take("SID=31d4d96e407aad42; Path=/; Domain=example.com", "https://example.com/") == "");
  CHECK(j.to("https://example.com/") == "SID=31d4d96e407aad42");
  CHECK(j.to("https://www.example.com/x") == "SID=31d4d96e407aad42");
  j = {};
  CHECK(j.take("SID=31d4d96e407aad42; Path=/; Secure; HttpOnly", "https://example.com/") == "");
  CHECK(j.take("lang=en-US; Path=/; Domain=example.com", "https://example.com/") == "");
  CHECK(j.to("https://example.com/") == "SID=31d4d96e407aad42; lang=en-US");
  CHECK(j.to("http://example.com/") == "lang=en-US");
  CHECK(j.take("lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Domain=example.com",
               "https://example.com/", 5) == "");
  CHECK(j.to("https://example.com/", 5) == "SID=31d4d96e407aad42");
}

TEST_CASE("A cookie without Domain goes back to its very host only") {
  Jar j;
  j.take("a=1; Path=/");
  CHECK(j.to("http://WWW.EXAMPLE.COM:8080/") == "a=1"); // ports are all one (section 8.5)
  CHECK(j.to("http://example.com/") == "");
  CHECK(j.to("http://x.www.example.com/") == "");
  j = {};
  j.take("a=1; Path=/; Domain=www.example.com");
  CHECK(j.to("http://x.www.example.com/") == "a=1");
}

TEST_CASE("A server cannot set cookies for others, or for a whole top-level domain") {
  Jar j;
  CHECK(j.take("a=1; Domain=other.com") ==
        "The cookie a is refused: it is meant for other.com, but came from www.example.com.");
  CHECK(j.take("a=1; Domain=x.www.example.com") != "");
  CHECK(j.take("a=1; Domain=com") ==
        "The cookie a is refused: it is meant for everything below com.");
  CHECK(j.take("a=1; Domain=0.2.1", "http://192.0.2.1/") != "");
  CHECK(j.take("a=1; Domain=192.0.2.1", "http://192.0.2.1/") == "");
  CHECK(j.take("b=1; Domain=localhost", "http://localhost/") == "");
  CHECK(j.to("http://x.localhost/") == "");
  CHECK(j.take("nonsense") == "The server's Set-Cookie header holds no cookie.");
  CHECK(j.jar.cookies(second(0)).size() == 2);
}

TEST_CASE("Secure cookies come and go over https alone") {
  Jar j;
  CHECK(j.take("a=1; Secure") == "The cookie a is refused: it says Secure, but came over http.");
  CHECK(j.take("a=1; Secure; Path=/", "https://www.example.com/") == "");
  CHECK(j.to("http://www.example.com/") == "");
  CHECK(j.to("https://www.example.com/") == "a=1");
}

TEST_CASE("Max-Age and Expires end a cookie in simulated time, Max-Age first") {
  Jar j;
  j.take("a=1; Path=/; Max-Age=10", "http://www.example.com/", 100);
  j.take("b=1; Path=/; Expires=Thu, 01 Jan 2026 00:02:00 GMT", "http://www.example.com/", 100);
  j.take("c=1; Path=/; Max-Age=5; Expires=Thu, 01 Jan 2070 00:00:00 GMT", "http://www.example.com/",
         100);
  j.take("d=1; Path=/");
  CHECK(j.to("http://www.example.com/", 104) == "a=1; b=1; c=1; d=1");
  CHECK(j.to("http://www.example.com/", 105) == "a=1; b=1; d=1");
  CHECK(j.to("http://www.example.com/", 110) == "b=1; d=1");
  CHECK(j.to("http://www.example.com/", 120) == "d=1");
  CHECK(j.to("http://www.example.com/", 1'000'000'000) == "d=1");
  j.take("d=; Path=/; Max-Age=0");
  CHECK(j.to("http://www.example.com/") == "a=1; b=1; c=1");
}

TEST_CASE("Longer paths go first, then earlier cookies, and a new value keeps its place") {
  Jar j;
  j.take("a=1; Path=/", "http://www.example.com/", 1);
  j.take("b=1; Path=/account", "http://www.example.com/", 2);
  j.take("c=1; Path=/", "http://www.example.com/", 3);
  j.take("a=2; Path=/", "http://www.example.com/", 4);
  j.take("a=3", "http://www.example.com/account/x", 5);
  CHECK(j.to("http://www.example.com/account/y?a=/") == "b=1; a=3; a=2; c=1");
  CHECK(j.to("http://www.example.com/accounts") == "a=2; c=1");
}

TEST_CASE("A cookie without a path belongs to the folder of its page") {
  Jar j;
  j.take("a=1", "http://www.example.com/docs/page?x=/y/z");
  CHECK(j.to("http://www.example.com/docs/other") == "a=1");
  CHECK(j.to("http://www.example.com/") == "");
}

TEST_CASE("The jar agrees with a naive list that is searched from the words of the RFC") {
  const std::vector<std::string> hosts = {"example.com", "a.example.com", "b.a.example.com",
                                          "other.com"};
  const std::vector<std::string> paths = {"/", "/x", "/x/", "/x/y", "/xy"};
  RandomStream r(3, "test", "jar");
  for (int round = 0; round < 200; ++round) {
    Jar j;
    // By (name, domain, host-only, path): the value. All over https, so all may be set.
    std::map<std::tuple<std::string, std::string, std::string>, std::pair<std::string, bool>> naive;
    for (int i = 0; i < 12; ++i) {
      const std::string host = hosts[r.below(4)], path = paths[r.below(5)];
      const std::string name(1, static_cast<char>('a' + r.below(3)));
      const std::string domain = r.chance(0.5) ? hosts[r.below(4)] : "";
      const std::string value = std::to_string(i);
      j.take(name + "=" + value + "; Path=" + path + (domain.empty() ? "" : "; Domain=" + domain),
             "https://" + host + "/");
      const bool below = host.size() > domain.size() && host.ends_with("." + domain);
      if (domain.empty() || host == domain || below)
        naive[{name, domain.empty() ? host : domain, path}] = {value, domain.empty()};
    }
    const std::string host = hosts[r.below(4)], path = paths[r.below(5)];
    std::vector<std::string> expected, got;
    for (const auto &[key, kept] : naive) {
      const auto &[name, domain, cookiePath] = key;
      const bool hostFits = host == domain || (!kept.second && host.ends_with("." + domain));
      const bool pathFits =
          path == cookiePath || (cookiePath.back() == '/' ? path.rfind(cookiePath, 0) == 0
                                                          : path.rfind(cookiePath + "/", 0) == 0);
      if (hostFits && pathFits) expected.push_back(name + "=" + kept.first);
    }
    for (const auto &[name, value] : wire::http::parseCookies(j.to("https://" + host + path)))
      got.push_back(name + "=" + value);
    std::sort(expected.begin(), expected.end());
    std::sort(got.begin(), got.end());
    REQUIRE(got == expected);
  }
}

TEST_CASE("The jar is shown with all that a cookie carries") {
  Jar j;
  j.take("sid=42; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax; Domain=example.com",
         "https://www.example.com/");
  const Described d = j.jar.describe(second(20));
  CHECK(d.value == "1");
  REQUIRE(d.children.size() == 1);
  CHECK(d.children[0].name == "sid");
  CHECK(d.children[0].value == "42");
  CHECK(d.children[0].help == ".example.com/, for 40s more, Secure, HttpOnly, SameSite=Lax");
  CHECK(j.jar.describe(second(60)).value == "0");
}

TEST_CASE("A host that asked for it over https is only spoken to in https (RFC 6797 section 8)") {
  HstsStore store;
  const auto now = second(0);
  const auto upgraded = [&store](std::string_view url, std::int64_t at = 1) {
    return store.upgraded(urlOf(url), second(at)).text();
  };
  CHECK_FALSE(store.take("max-age=100", urlOf("http://example.com/"), now)); // not over http
  CHECK_FALSE(store.take("max-age=100", urlOf("https://192.0.2.1/"), now));  // not an address
  CHECK_FALSE(store.take("no age", urlOf("https://example.com/"), now));
  CHECK(upgraded("http://example.com/a?b") == "http://example.com/a?b");
  CHECK(store.take("max-age=100", urlOf("https://Example.com/"), now));
  CHECK(upgraded("http://EXAMPLE.com/a?b") == "https://EXAMPLE.com/a?b");
  CHECK(upgraded("http://example.com:80/") == "https://example.com/");
  CHECK(upgraded("http://example.com:8080/") == "https://example.com:8080/"); // section 8.3
  CHECK(upgraded("http://www.example.com/") == "http://www.example.com/");
  CHECK(upgraded("http://example.com/", 99) == "https://example.com/");
  CHECK(upgraded("http://example.com/", 100) == "http://example.com/");
  CHECK(store.take("max-age=100; includeSubDomains", urlOf("https://example.com/"), now));
  CHECK(upgraded("http://a.b.example.com/") == "https://a.b.example.com/");
  CHECK(upgraded("http://badexample.com/") == "http://badexample.com/");
  CHECK(store.describe(now).children.size() == 1);
  CHECK_FALSE(store.take("max-age=0", urlOf("https://example.com/"), now));
  CHECK(upgraded("http://example.com/") == "http://example.com/");
}

} // namespace packetarium::programs
