// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <chrono>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

std::string faultsOf(const std::string &text) {
  const auto result = parse(text);
  std::string all;
  if (!result.ok())
    for (const Fault &fault : result.faults()) all += fault.text() + "\n";
  return all;
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

double secondsOf(const std::string &text) {
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(parse(text).ok());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

TEST_CASE("A file cut off at any byte is refused with line and column") {
  const std::string text = toJson(*loadBuiltIn("tcp-lifecycle"));
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    const std::string message = faultsOf(text.substr(0, size));
    INFO("cut at " << size << ": " << message);
    REQUIRE(has(message, "line "));
    REQUIRE(has(message, "not valid JSON"));
  }
}

TEST_CASE("The line and column of a syntax error are where it is") {
  CHECK(
      has(faultsOf("{\n  \"version\": 1,\n  \"id\": oops\n}"), "line 3, column 9: not valid JSON"));
  CHECK(has(faultsOf("{\"version\": 1,}"), "line 1, column 15: not valid JSON"));
}

TEST_CASE("Nesting ten thousand deep is refused before anything that deep is built") {
  CHECK(has(faultsOf(std::string(10'000, '[')), "nested deeper than 32 levels"));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK(has(faultsOf(objects), "nested deeper than 32 levels"));
  CHECK(has(faultsOf(std::string(8'000'000, '[')), "nested deeper than 32 levels"));
}

TEST_CASE("A file larger than the limit is refused by its size") {
  CHECK(has(faultsOf(std::string(Limits::fileBytes + 1, ' ')), "bytes; at most 16777216 are read"));
}

TEST_CASE("What is no number, no text or no JSON gets its own message") {
  CHECK(has(faultsOf(""), "unexpected end of input"));
  CHECK(has(faultsOf("[NaN]"), "not valid JSON"));
  CHECK(has(faultsOf("{\"loss\": 1e400}"), "number overflow"));
  CHECK(has(faultsOf("\"\\ud800\""), "surrogate"));
  CHECK(has(faultsOf("\"\\udc00\""), "surrogate"));
  CHECK(has(faultsOf("{\"id\": \"\xff\xfe\"}"), "UTF-8"));
  CHECK(has(faultsOf("{\"id\": \"\xed\xa0\x80\"}"), "UTF-8")); // a surrogate in UTF-8
  CHECK(has(faultsOf(std::string("{\"id\": \"a\0b\"}", 13)), "not valid JSON"));
  CHECK(has(faultsOf("null"), "a scenario must be an object, got null"));
  CHECK(has(faultsOf("[]"), "a scenario must be an object, got a list"));
  CHECK(has(faultsOf("7"), "a scenario must be an object, got 7"));
  CHECK(has(faultsOf("{} {}"), "expected end of input"));
}

TEST_CASE("A key given twice is told with its path, wherever it is") {
  CHECK(has(faultsOf("{\"version\": 1, \"id\": \"a\", \"id\": \"b\", \"nodes\": []}"),
            "id: this key is given twice"));
  CHECK(has(faultsOf("{\"version\":1,\"id\":\"a\",\"nodes\":[{},{\"id\":\"x\",\"id\":\"x\"}]}"),
            "nodes[1].id: this key is given twice"));
}

TEST_CASE("What a file says never reaches the terminal as a command") {
  const std::string message = faultsOf(
      "{\"version\": 1, \"id\": \"\\u001b[2J\", \"nodes\": [], \"\\u001b]0;x\\u0007\": 1}");
  CHECK(has(message, "id: "));
  CHECK(std::none_of(message.begin(), message.end(),
                     [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }));
}

TEST_CASE("Very many faults are counted, not listed without end, and quickly") {
  std::string text = "{\"version\":1,\"id\":\"a\",\"nodes\":[";
  for (int i = 0; i < 9'999; ++i) text += "{\"id\":\"\",\"kind\":\"?\"},";
  text += "{}]}";
  const auto result = parse(text);
  REQUIRE_FALSE(result.ok());
  CHECK(result.faults().size() == Limits::faults + 1);
  CHECK(has(result.faults().back().message, "more faults"));
}

TEST_CASE("Hostile files of many megabytes are refused within seconds") {
  std::string keys = "{\"version\":1,\"id\":\"a\",\"nodes\":[]";
  for (int i = 0; keys.size() < 8u << 20; ++i) keys += ",\"key" + std::to_string(i) + "\":0";
  CHECK(secondsOf(keys + "}") < 120); // also under sanitizers, beside other work

  std::string links = "{\"version\":1,\"id\":\"a\",\"nodes\":[";
  for (int i = 0; i < 10'000; ++i)
    links += std::string(i == 0 ? "" : ",") + "{\"id\":\"n" + std::to_string(i) +
             "\",\"kind\":\"host\"}";
  links += "],\"links\":[";
  for (int i = 0; i < 40'000; ++i)
    links += std::string(i == 0 ? "" : ",") + "{\"id\":\"l" + std::to_string(i) +
             "\",\"rate_bps\":1,\"delay_ns\":0,\"from\":{\"node\":\"x\",\"interface\":\"y\"},"
             "\"to\":{\"node\":\"x\",\"interface\":\"y\"}}";
  CHECK(secondsOf(links + "]}") < 120); // also under sanitizers, beside other work
}

TEST_CASE("Every byte changed to another never makes a valid file misread") {
  // Whatever still loads must survive its own round trip.
  const std::string text = toJson(test::smallScenario());
  std::size_t loaded = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    for (const char c : {'0', '"', '}', ',', '\x80', 'e'}) {
      std::string changed = text;
      changed[i] = c;
      const auto result = parse(changed);
      if (!result.ok()) continue;
      ++loaded;
      const auto again = parse(toJson(*result));
      REQUIRE(again.ok());
      REQUIRE(*again == *result);
    }
  CHECK(loaded > 0);
}
