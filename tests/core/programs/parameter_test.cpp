// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/parameter.h"
#include "tests/support/catch.h"

#include <limits>

namespace packetarium::programs {
namespace {

using Given = std::map<std::string, ParameterValue>;

std::vector<Parameter> declared() {
  using namespace declare;
  Parameter even = integer("even", "", 2, 0, 100, "An even number");
  Parameter rows = records(
      "rows", {required(text("name", "", "A name")), integer("size", "bytes", 7, 1, 10, "A size")},
      "Some rows");
  rows.checkRow = [](const ParameterRow &row) -> std::string {
    return std::get<std::string>(row.values.at("name")) == "bad" ? "name must not be bad" : "";
  };
  Parameter word = text("word", "fine", "A word");
  word.checkText = [](std::string_view t) -> std::string {
    return t.find(' ') == t.npos ? "" : "must be one word";
  };
  return {even,
          real("share", "", 0.5, 0, 1, "A share"),
          boolean("on", true, "A switch"),
          word,
          duration("wait_ns", Duration::ms(1), 0, 1e9, "A wait"),
          address("to", "An address"),
          choice("colour", {"red", "blue"}, "A colour"),
          rows};
}

std::vector<std::string> faultsOf(const Given &given, std::string_view path = "p") {
  const auto result = complete(declared(), given, path);
  std::vector<std::string> texts;
  if (!result)
    for (const Fault &f : result.faults()) texts.push_back(f.text());
  return texts;
}

} // namespace

TEST_CASE("What is not given takes its default") {
  const auto v = complete(declared(), {}, "");
  REQUIRE(v);
  REQUIRE(v->integer("even") == 2);
  REQUIRE(v->real("share") == 0.5);
  REQUIRE(v->boolean("on"));
  REQUIRE(v->text("word") == "fine");
  REQUIRE(v->duration("wait_ns") == Duration::ms(1));
  REQUIRE(v->address("to") == wire::Ipv4Address::any());
  REQUIRE(v->text("colour") == "red");
  REQUIRE(v->rows("rows").empty());
}

TEST_CASE("Whole and real numbers stand for each other where nothing is lost") {
  const auto v = complete(declared(), {{"even", 4.0}, {"share", std::int64_t{1}}}, "");
  REQUIRE(v);
  REQUIRE(v->integer("even") == 4);
  REQUIRE(v->real("share") == 1.0);
  REQUIRE(faultsOf({{"even", 4.5}}) ==
          std::vector<std::string>{"p.even: must be a whole number, got a number with a fraction"});
}

TEST_CASE("Rows are completed column by column") {
  const auto v = complete(
      declared(), {{"rows", std::vector<ParameterRow>{{{{"name", std::string("a")}}}}}}, "");
  REQUIRE(v);
  REQUIRE(std::get<std::int64_t>(v->rows("rows")[0].values.at("size")) == 7);
}

TEST_CASE("All faults are told at once, each with its path and what to do") {
  const std::vector<ParameterRow> rows = {
      {{{"name", std::string("ok")}, {"size", std::int64_t{11}}}},
      {{{"size", std::int64_t{5}}}},
      {{{"name", std::string("bad")}}}};
  const auto faults = faultsOf({{"even", std::int64_t{101}},
                                {"share", true},
                                {"word", std::string("two words")},
                                {"to", std::string("192.0.2.256")},
                                {"colour", std::string("green")},
                                {"colur", std::string("red")},
                                {"rows", rows}},
                               "nodes.a.programs.x");
  const std::string at = "nodes.a.programs.x.";
  const std::vector<std::string> expected = {
      at + "even: must be 0 to 100, got 101",
      at + "share: must be a number, got true or false",
      at + "word: must be one word",
      at + "to: must be an IPv4 address in quotes, such as \"192.0.2.1\", got \"192.0.2.256\"",
      at + "colour: must be one of \"red\", \"blue\", got \"green\"",
      at + "rows[0].size: must be 1 to 10 bytes, got 11",
      at + "rows[1].name: is missing: give a text in quotes (A name)",
      at + "rows[2]: name must not be bad",
      at + "colur: is unknown here; there are: even, share, on, word, wait_ns, to, colour, rows"};
  REQUIRE(faults == expected);
}

TEST_CASE("Numbers that are none are refused") {
  REQUIRE(faultsOf({{"share", std::numeric_limits<double>::quiet_NaN()}}) ==
          std::vector<std::string>{"p.share: must be a finite number"});
  REQUIRE(faultsOf({{"share", std::numeric_limits<double>::infinity()}}).size() == 1);
  REQUIRE(faultsOf({{"wait_ns", 1e300}}).size() == 1);
}

TEST_CASE("A required text must not be empty") {
  const std::vector<Parameter> one = {declare::peer("Whom to talk to")};
  const auto result = complete(one, {{"peer", std::string()}}, "");
  REQUIRE_FALSE(result);
  REQUIRE(result.faults()[0].text() == "peer: must not be empty (Whom to talk to)");
}

} // namespace packetarium::programs
