// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace packetarium::programs {
namespace {

bool endsWith(const std::string &text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void requireSound(const std::vector<Parameter> &declared, const std::string &path) {
  std::set<std::string> keys;
  for (const Parameter &p : declared) {
    INFO(path + "." + p.key);
    REQUIRE(keys.insert(p.key).second);
    REQUIRE_FALSE(p.help.empty());
    REQUIRE(p.help.size() <= 100);
    REQUIRE(p.minimum <= p.maximum);
    REQUIRE((p.type == ParameterType::Duration) == endsWith(p.key, "_ns"));
    REQUIRE((p.type == ParameterType::Choice) == !p.choices.empty());
    REQUIRE((p.type == ParameterType::Records) == !p.columns.empty());
    requireSound(p.columns, path + "." + p.key);
  }
}

std::string readme() {
  std::ifstream file(PACKETARIUM_SOURCE_DIR "/core/programs/README.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("Program kinds are unique, ordered and found by name") {
  const auto &types = programTypes();
  REQUIRE(types.size() >= 14);
  for (std::size_t i = 1; i < types.size(); ++i) REQUIRE(types[i - 1].kind < types[i].kind);
  for (const ProgramType &t : types) REQUIRE(findProgramType(t.kind) == &t);
  REQUIRE(findProgramType("") == nullptr);
  REQUIRE(findProgramType("http") == nullptr);
  REQUIRE(findProgramType("zzz") == nullptr);
}

TEST_CASE("Every kind has words for people and an icon that exists") {
  for (const ProgramType &t : programTypes()) {
    INFO(t.kind);
    REQUIRE_FALSE(t.title.empty());
    REQUIRE_FALSE(t.help.empty());
    std::ifstream icon(std::string(PACKETARIUM_SOURCE_DIR) + "/resources/icons/" +
                       std::string(t.icon) + ".svg");
    REQUIRE(icon.good());
  }
}

TEST_CASE("Every declared parameter is sound") {
  for (const ProgramType &t : programTypes()) requireSound(t.parameters, std::string(t.kind));
}

TEST_CASE("Every default passes the check of its own declaration") {
  for (const ProgramType &t : programTypes()) {
    std::map<std::string, ParameterValue> given;
    std::vector<Parameter> optional;
    for (const Parameter &p : t.parameters) {
      if (p.required) continue;
      optional.push_back(p);
      given[p.key] = p.byDefault;
    }
    INFO(t.kind);
    const auto values = complete(optional, given, "");
    if (!values) FAIL(values.faults().front().text());
    REQUIRE(values->all() == given);
  }
}

TEST_CASE("The room's README names every kind and every parameter of its own") {
  const std::string text = readme();
  for (const ProgramType &t : programTypes()) {
    INFO(t.kind);
    REQUIRE(text.find("| `" + std::string(t.kind) + "` |") != std::string::npos);
    for (const Parameter &p : t.parameters) {
      INFO(p.key);
      REQUIRE(text.find(p.key) != std::string::npos);
    }
  }
}

} // namespace packetarium::programs
