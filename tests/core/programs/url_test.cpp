// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/url.h"
#include "tests/support/catch.h"

#include <string>

namespace packetarium::programs {
namespace {

std::string resolved(std::string_view base, std::string_view reference) {
  const auto url = Url::parse(base)->resolve(reference);
  return url ? url->text() : "none";
}

} // namespace

TEST_CASE("URLs are read as RFC 9110 writes them") {
  const auto url = Url::parse("http://www.example.com:8080/a?b#c");
  REQUIRE(url);
  REQUIRE(url->host == "www.example.com");
  REQUIRE(url->port == 8080);
  REQUIRE(url->path == "/a?b");
  REQUIRE(url->bare() == "/a");
  REQUIRE_FALSE(url->secure);
  REQUIRE(url->text() == "http://www.example.com:8080/a?b");
  REQUIRE(Url::parse("http://192.0.2.1")->path == "/");
  for (const char *bad : {"", "www.example.com", "ftp://www.example.com/", "http://", "http:///x",
                          "https://", "http://a b/", "http://x:0/", "http://x:65536/", "http://x:/",
                          "http://x:8o/", "http://a..b/", "http://x/\r\nHost: y"}) {
    INFO(bad);
    REQUIRE_FALSE(Url::parse(bad));
    REQUIRE_FALSE(checkUrl(bad).empty());
  }
}

TEST_CASE("https has a port of its own and leaves it out, as http does (RFC 9110 section 4.2)") {
  const auto url = Url::parse("HTTPS://www.example.com/");
  REQUIRE(url);
  CHECK(url->secure);
  CHECK(url->port == 443);
  CHECK(url->authority() == "www.example.com");
  CHECK(url->text() == "https://www.example.com/");
  CHECK(Url::parse("https://www.example.com:80/")->text() == "https://www.example.com:80/");
  CHECK(Url::parse("http://www.example.com:443/")->authority() == "www.example.com:443");
  CHECK_FALSE(url->sameOrigin(*Url::parse("http://www.example.com:443/")));
  CHECK(url->sameOrigin(*Url::parse("https://WWW.example.com:443/other")));
}

TEST_CASE("References lead where RFC 3986 section 5.4 says") {
  const char *const base = "http://a/b/c/d?q";
  const std::pair<const char *, const char *> normal[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g"},
      {"g:h", "none"},
      {"mailto:g", "none"},
      {"https://b.example/x/../y?z", "https://b.example/y?z"},
      {"g h", "none"}};
  for (const auto &[reference, expected] : normal) {
    INFO(reference);
    CHECK(resolved(base, reference) == expected);
  }
  CHECK(resolved("https://a:8443/b", "//c/d") == "https://c/d");
  CHECK(resolved("https://a:8443/b", "d") == "https://a:8443/d");
}

TEST_CASE("A document may ask for http and https, and is told what else is no URL") {
  CHECK(checkUrl("https://www.example.com/").empty());
  CHECK(checkUrl("http://www.example.com/").empty());
  CHECK_FALSE(checkUrl("ftp://www.example.com/").empty());
}

} // namespace packetarium::programs
