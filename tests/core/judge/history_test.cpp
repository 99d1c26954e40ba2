// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/history.h"
#include "core/judge/linearizability.h"
#include "tests/core/judge/histories.h"
#include "tests/support/catch.h"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace packetarium;
using namespace packetarium::judge;
using judge::testing::randomHistory;
using judge::testing::RandomOptions;
using judge::testing::Told;

namespace {

History readAll(const std::string &lines, ReadOptions options = {}) {
  const auto history = readHistory(lines, options);
  if (!history.ok()) FAIL(history.faults().front().text());
  return *history;
}

std::string faultOf(const std::string &lines) {
  const auto history = readHistory(lines);
  REQUIRE_FALSE(history.ok());
  return history.faults().front().text();
}

} // namespace

TEST_CASE("A history is read line by line, as it happened") {
  const History h =
      readAll(R"({"process":0,"type":"invoke","f":"write","key":"x","value":17,"t_ns":5}
{"process":"b","type":"invoke","f":"read","key":"x","value":null,"t_ns":6}

{"process":0,"type":"ok","f":"write","key":"x","value":null,"t_ns":7}
{"process":"b","type":"ok","f":"read","key":"x","value":"17","t_ns":9}
)");
  REQUIRE(h.operations.size() == 2);
  const Operation &write = h.operations[0];
  CHECK(write.process == "0");
  CHECK(write.key == "x");
  CHECK(write.kind == OperationKind::Write);
  CHECK(write.outcome == Outcome::Ok);
  CHECK(write.argument == Value("17"));
  CHECK(write.invoked == SimTime::fromNs(5));
  CHECK(write.returned == SimTime::fromNs(7));
  CHECK(write.invokeOrder == 0);
  CHECK(write.returnOrder == 2);
  const Operation &read = h.operations[1];
  CHECK(read.process == "b");
  CHECK(read.result == Value("17"));
  CHECK(read.resultKnown);
  CHECK_FALSE(write.precedes(read));
  CHECK(text(write) == "write x 17");
  CHECK(text(read) == "read x → 17");
}

TEST_CASE("A compare-and-set tells from and to; null is a register never set") {
  const History h = readAll(R"({"process":1,"type":"invoke","f":"cas","value":[null,2]}
{"process":1,"type":"ok","f":"cas","value":null}
{"process":1,"type":"invoke","f":"cas","value":["2","3"]}
{"process":1,"type":"ok","f":"cas","value":["2","3"]})");
  REQUIRE(h.operations.size() == 2);
  CHECK_FALSE(h.operations[0].expected);
  CHECK(h.operations[0].argument == Value("2"));
  CHECK(h.operations[1].expected == Value("2"));
  CHECK(h.operations[0].key.empty());
  CHECK(text(h.operations[1]) == "cas 2 → 3");
}

TEST_CASE("A read's null is a value never set, or anything when asked so") {
  const std::string lines = R"({"process":1,"type":"invoke","f":"read","value":null}
{"process":1,"type":"ok","f":"read","value":null})";
  CHECK(readAll(lines).operations[0].resultKnown);
  CHECK_FALSE(readAll(lines).operations[0].result);
  CHECK_FALSE(readAll(lines, {true}).operations[0].resultKnown);
}

TEST_CASE("What has not returned, or returned as info, stays open to the end") {
  const History h = readAll(R"({"process":1,"type":"invoke","f":"write","value":1,"t_ns":1}
{"process":2,"type":"invoke","f":"write","value":2,"t_ns":2}
{"process":2,"type":"info","f":"write","value":2,"t_ns":3}
{"process":3,"type":"invoke","f":"append","value":"x","t_ns":4}
{"process":3,"type":"fail","f":"append","value":"x","t_ns":5})");
  REQUIRE(h.operations.size() == 3);
  CHECK(h.operations[0].outcome == Outcome::Info);
  CHECK_FALSE(h.operations[0].returned);
  CHECK(h.operations[1].outcome == Outcome::Info);
  CHECK(h.operations[1].returned == SimTime::fromNs(3));
  CHECK(h.operations[1].returnOrder == Operation::never);
  CHECK(h.operations[2].outcome == Outcome::Fail);
  CHECK(h.operations[2].returnOrder != Operation::never);
}

TEST_CASE("A process that begins anew leaves what it had begun open") {
  const History h = readAll(R"({"process":1,"type":"invoke","f":"write","value":1}
{"process":1,"type":"invoke","f":"write","value":2}
{"process":1,"type":"ok","f":"write"})");
  CHECK(h.operations[0].outcome == Outcome::Info);
  CHECK(h.operations[1].outcome == Outcome::Ok);
}

TEST_CASE("Each fault names its line and what is wrong") {
  const std::string good = R"({"process":1,"type":"invoke","f":"write","value":1})"
                           "\n";
  const auto second = [&](const std::string &line) { return faultOf(good + line); };
  CHECK(second("{") == "line 2: not JSON");
  CHECK(second("[1]") == "line 2: must be a JSON object");
  CHECK(second("\xff\xfe") == "line 2: not JSON");
  CHECK(second("\n{}") == "line 3: process is missing");
  CHECK(second(R"({"process":[1]})") == "line 2: process must be a number or a string");
  CHECK(second(R"({"process":2,"type":"begin"})") ==
        "line 2: type must be invoke, ok, fail or info");
  CHECK(second(R"({"process":2,"type":"invoke","f":"add","value":1})") ==
        "line 2: f must be read, write, cas or append");
  CHECK(second(R"({"process":2,"type":"ok"})") == "line 2: process 2 has no open operation");
  CHECK(second(R"({"process":1,"type":"ok","f":"read"})") ==
        "line 2: f is not the invoke's, which was write");
  CHECK(second(R"({"process":1,"type":"ok","f":"write","key":"y"})") ==
        "line 2: key is not the invoke's, which was ");
  CHECK(second(R"({"process":1,"type":"ok","f":"write","value":2})") ==
        "line 2: the value is not the one of the invoke");
  CHECK(second(R"({"process":2,"type":"invoke","f":"cas","value":[1]})") ==
        "line 2: the value of a cas must be [from, to]");
  CHECK(second(R"({"process":2,"type":"invoke","f":"cas","value":3})") ==
        "line 2: the value of a cas must be [from, to]");
  CHECK(second(R"({"process":2,"type":"invoke","f":"write","value":[1,2]})") ==
        "line 2: the value must be a number or a string");
  CHECK(second(R"({"process":2,"type":"invoke","f":"write","value":{"a":1}})") ==
        "line 2: value must be a number, a string, null, or [from, to] of a cas");
  CHECK(second(R"({"process":2,"type":"invoke","f":"write"})") ==
        "line 2: a value is missing here and at the completion");
  CHECK(second(R"({"process":2,"type":"invoke","f":"read","t_ns":1.5})") ==
        "line 2: t_ns must be a whole number");
  CHECK(second(R"({"process":2,"type":"invoke","f":"read","t_ns":99999999999999999999})") ==
        "line 2: t_ns must be a whole number");
  CHECK(second(std::string(70'000, ' ') + "{}") == "line 2: longer than 65536 bytes");
  CHECK(second(std::string(60'000, '[')) == "line 2: not JSON");
}

TEST_CASE("A million lines are read, one more is not") {
  std::string lines(1'000'000, '\n');
  CHECK(readHistory(lines).ok());
  lines += "x";
  CHECK(faultOf(lines) == "line 1000001: more than 1000000 lines");
}

TEST_CASE("What is written is read again as the same history") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomOptions random;
    random.operations = 20;
    random.keys = 1 + seed % 3;
    random.append = seed % 2 == 0;
    random.unique = seed % 4 < 2;
    random.infoPercent = 20;
    random.failPercent = 20;
    History history = randomHistory(seed, random);
    const std::string lines = writeHistory(history);
    const History again = readAll(lines);
    // Places in the order of events are counted anew: what counts is the lines.
    CHECK(writeHistory(again) == lines);
    REQUIRE(again.operations.size() == history.operations.size());
    CheckOptions options;
    CHECK(checkLinearizability(again, options).verdict ==
          checkLinearizability(history, options).verdict);
    const History third = readAll(writeHistory(again));
    CHECK(third == again);
  }
}

TEST_CASE("Values that look like numbers are written as numbers, and come back as they were") {
  Told told("x");
  for (const char *value :
       {"0", "17", "-3", "007", "-0", "1.5", "1e3", "", "12345678901234567890", "a \"b\" \n", "→"})
    told.wrote("p", value);
  const std::string lines = writeHistory(told.history());
  CHECK(lines.find("\"value\":17,") != std::string::npos);
  CHECK(lines.find("\"value\":\"007\",") != std::string::npos);
  const History again = readAll(lines);
  for (std::size_t i = 0; i < again.operations.size(); ++i)
    CHECK(again.operations[i].argument == told.history().operations[i].argument);
}

TEST_CASE("Operations are sorted by their keys") {
  Told told("b");
  told.wrote("p", "1");
  told.setKey("a");
  told.wrote("p", "2");
  told.setKey("b");
  told.gave("p", "1");
  const auto keys = byKey(told.history());
  REQUIRE(keys.size() == 2);
  CHECK(keys[0] == std::pair<std::string, std::vector<std::size_t>>{"a", {1}});
  CHECK(keys[1] == std::pair<std::string, std::vector<std::size_t>>{"b", {0, 2}});
}
