// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace packetarium::clitest;
using Json = nlohmann::json;

namespace {

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

Json jsonOf(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const Ended ended = cli(arguments);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return Json::parse(ended.out);
}

double calculated(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"calc", "availability"});
  return jsonOf(arguments)["availability"];
}

} // namespace

TEST_CASE("calc availability comes to the published numbers") {
  CHECK(calculated({"--share", "0.99"}) == Approx(.99));
  CHECK(calculated({"--share", "99%", "--copies", "3"}) == Approx(.970299).epsilon(1e-12));
  CHECK(calculated({"--share", ".99", "--share", ".99", "--need", "1"}) ==
        Approx(.9999).epsilon(1e-12));
  CHECK(calculated({"--share", ".99", "--copies", "3", "--need", "2"}) ==
        Approx(.999702).epsilon(1e-12));
  CHECK(calculated({"--mtbf", "99h", "--mttr", "1h"}) == Approx(.99));
  CHECK(calculated({"--mtbf", "99h", "--mttr", "1h", "--share", "0.5"}) == Approx(.495));
  const Json object = jsonOf({"calc", "availability", "--share", "0.99"});
  CHECK(object["nines"] == Approx(2));
  CHECK(object["down_per_day_s"] == Approx(864));
  CHECK(object["down_per_year_s"] == Approx(315569.52));
  CHECK(jsonOf({"calc", "availability", "--share", "1"})["nines"].is_null());
}

TEST_CASE("calc availability tells people what the share allows") {
  const Ended ended = cli({"calc", "availability", "--share", "0.99"});
  CHECK(ended.code == 0);
  for (const char *part : {"two nines (99 %)", "14 m 24 s a day", "1 h 40 m 48 s a week",
                           "7 h 18 m 17 s a month", "3 d 15 h 39 m 30 s a year"}) {
    INFO(part);
    CHECK(has(ended.out, part));
  }
}

TEST_CASE("calc availability says what it cannot use") {
  for (const std::vector<std::string> &arguments : {std::vector<std::string>{},
                                                    {"--share", "1.5"},
                                                    {"--share", "many"},
                                                    {"--mtbf", "1h"},
                                                    {"--share", "0.9", "--need", "2"},
                                                    {"--share", "0.9", "--copies", "0"},
                                                    {"--mtbf", "0s", "--mttr", "0s"}}) {
    std::vector<std::string> all = {"calc", "availability"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Ended ended = cli(all);
    CHECK(ended.code == 2);
    CHECK_FALSE(ended.err.empty());
  }
}

TEST_CASE("services, outages and lost-writes print one object with the keys scripts rely on") {
  const Json services = jsonOf({"services", "web-request", "--until", "3s"});
  CHECK(services["scenario"] == "web-request");
  CHECK(services["until_s"] == 3.0);
  CHECK(services["services"].is_array());
  const Json outages = jsonOf({"outages", "web-request", "--until", "3s"});
  CHECK(outages["outages"] == Json::array());
  const Json lost = jsonOf({"lost-writes", "web-request", "--until", "3s"});
  CHECK(lost["lost_writes"] == Json::array());
  CHECK(has(cli({"outages", "web-request", "--until", "3s"}).out, "No outage in 3"));
  CHECK(
      has(cli({"lost-writes", "web-request", "--until", "3s"}).out, "0 acknowledged writes lost"));
}

TEST_CASE("services and outages write CSV, and say when they cannot") {
  const Folder folder;
  CHECK(cli({"services", "web-request", "--until", "2s", "--csv", folder.file("s.csv")}).code == 0);
  CHECK(contents(folder.file("s.csv")).starts_with("t_s,service,health,requests,in_time,"));
  CHECK(cli({"outages", "web-request", "--until", "2s", "--csv", folder.file("o.csv")}).code == 0);
  CHECK(contents(folder.file("o.csv")) == "service,part,from_ns,to_ns,length_ns,text\n");
  const Ended failed =
      cli({"services", "web-request", "--until", "1s", "--csv", folder.file("no/s.csv")});
  CHECK(failed.code == 1);
  CHECK(has(failed.err, "cannot write"));
  CHECK(cli({"services", "no-such-scenario"}).code == 1);
  CHECK(cli({"outages"}).code == 2);
}

TEST_CASE("A failover is told as an outage whose parts sum to its length") {
  const Json object = jsonOf({"outages", "active-passive-hot", "--until", "30s"});
  REQUIRE(object["outages"].size() == 1);
  const Json &outage = object["outages"][0];
  CHECK(outage["service"] == "shop");
  CHECK(outage["from_ns"] == 20'000'000'000);
  CHECK_FALSE(outage["open"]);
  std::int64_t sum = 0;
  for (const Json &step : outage["steps"]) sum += step["length_ns"].get<std::int64_t>();
  CHECK(outage["steps"].size() == 7);
  CHECK(sum == outage["length_ns"]);
  const Ended people = cli({"outages", "active-passive-hot", "--until", "30s"});
  CHECK(people.out.starts_with("shop: down for "));
  for (const char *part : {"unnoticed", "detect", "take over", "retry", "###"}) {
    INFO(part);
    CHECK(has(people.out, part));
  }
  const Json services = jsonOf({"services", "active-passive-hot", "--until", "30s"});
  REQUIRE(services["services"].size() == 1);
  const Json &shop = services["services"][0];
  CHECK(shop["service"] == "shop");
  CHECK(shop["requests"] == shop["in_time"].get<int>() + shop["failed"].get<int>());
  CHECK(shop["down_s"] > 0);
  CHECK(shop["by_time"]["share"] < 1);
  const Ended text = cli({"services", "active-passive-hot", "--until", "30s"});
  CHECK(has(text.out, "shop\n  |"));
  CHECK(has(text.out, "a year"));
}
