// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include <algorithm>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

std::string firstFault(const Result<Scenario> &result) {
  return result.ok() ? "" : result.faults().front().text();
}

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    lines.push_back(text.substr(start, end - start));
  return lines;
}

std::size_t linesThatDiffer(const std::string &a, const std::string &b) {
  const auto x = linesOf(a), y = linesOf(b);
  REQUIRE(x.size() == y.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < x.size(); ++i) count += x[i] == y[i] ? 0 : 1;
  return count;
}

} // namespace

TEST_CASE("What is saved is what is loaded, and loading and saving again gives the same bytes") {
  CHECK(rc::check("round trip", [] {
    const auto number = *rc::gen::arbitrary<std::uint64_t>();
    const Scenario s = test::randomScenario(number);
    const std::string text = toJson(s);
    const auto loaded = parse(text);
    RC_ASSERT(firstFault(loaded) == "");
    RC_ASSERT(*loaded == s);
    RC_ASSERT(toJson(*loaded) == text);
  }));
}

TEST_CASE("What is saved is JSON for another reader too") {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Scenario s = test::randomScenario(i);
    const auto json = nlohmann::json::parse(toJson(s));
    CHECK(json["version"] == 1);
    CHECK(json["id"] == s.id);
    CHECK(json["seed"] == s.seed);
    CHECK(json["nodes"].size() == s.nodes.size());
  }
}

TEST_CASE("Completing a document twice changes nothing the second time") {
  for (std::uint64_t i = 0; i < 100; ++i) {
    Scenario once = test::randomScenario(i);
    complete(once);
    Scenario twice = once;
    complete(twice);
    CHECK(twice == once);
  }
}

TEST_CASE("A moved node changes one line of the file") {
  Scenario s = *loadBuiltIn("web-request");
  const std::string before = toJson(s);
  s.nodes[2].position.x += 16;
  CHECK(linesThatDiffer(before, toJson(s)) == 1);
}

TEST_CASE("A renamed node and a changed rate each change one line") {
  Scenario s = *loadBuiltIn("web-request");
  const std::string before = toJson(s);
  s.nodes[2].name = "provider";
  CHECK(linesThatDiffer(before, toJson(s)) == 1);
  s.links[0].rateBps = 5;
  CHECK(linesThatDiffer(before, toJson(s)) == 2);
}

TEST_CASE("A whole number may be written with a fraction or an exponent") {
  std::string text = toJson(test::smallScenario());
  const auto at = text.find("\"rate_bps\": 1000000000");
  REQUIRE(at != std::string::npos);
  text.replace(at, 22, "\"rate_bps\": 2.5e6");
  const auto loaded = parse(text);
  REQUIRE(firstFault(loaded) == "");
  CHECK(loaded->links[0].rateBps == 2'500'000);
}

TEST_CASE("Every built-in scenario is written as saving writes it") {
  for (const std::string &id : builtInIds()) {
    INFO(id);
    const auto loaded = loadBuiltIn(id);
    REQUIRE(firstFault(loaded) == "");
    CHECK(loaded->id == id);
    const std::string path = PACKETARIUM_SOURCE_DIR "/resources/scenarios/" + id + ".packetarium";
    const auto fromFile = loadFile(path);
    REQUIRE(firstFault(fromFile) == "");
    CHECK(*fromFile == *loaded);
    Scenario completed = *loaded;
    complete(completed);
    CHECK(completed == *loaded); // addresses, routes and names are written in it
  }
}
