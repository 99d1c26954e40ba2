// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

using namespace packetarium::clitest;
using Json = nlohmann::json;

namespace {

Json pbs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"calc", "pbs", "--json", "--trials", "100000"});
  const Ended ended = cli(arguments);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return Json::parse(ended.out);
}

} // namespace

TEST_CASE("calc pbs comes to the published numbers") {
  const Json disk = pbs({"--n", "3", "--r", "1", "--w", "1", "--model", "lnkd-disk"});
  CHECK(disk["p_fresh_at_0"] == Approx(.439).margin(.015));
  CHECK(disk["t_999_ms"] == Approx(45.5).epsilon(.2));
  CHECK(disk["read_p999_ms"] == Approx(.66).epsilon(.05));
  CHECK(disk["write_p999_ms"] == Approx(10.99).epsilon(.05));
}

TEST_CASE("calc pbs takes delays and times of one's own") {
  const Json own = pbs({"--w-delay", "uniform:0:10", "--s-delay", "uniform:0:0.000001", "--n", "1",
                        "--t", "3", "--t", "20", "--k", "3"});
  CHECK(own["model"] == "custom");
  CHECK(own["p_fresh_at_0"] == 1);
  CHECK(own["write_p50_ms"] == Approx(5).epsilon(.02));
  CHECK(own["p_fresh_at"].size() == 2);
  CHECK(own["p_fresh_at"][1]["t_ms"] == 20);
  CHECK(own["p_stale_by_k"] == 0);
}

TEST_CASE("calc pbs says what it cannot use") {
  CHECK(cli({"calc", "pbs"}).code == 2);
  CHECK(cli({"calc", "pbs", "--model", "tape"}).code == 2);
  CHECK(cli({"calc", "pbs", "--model", "wan", "--n", "2", "--r", "3"}).code == 2);
  CHECK(cli({"calc", "pbs", "--model", "wan", "--n", "0"}).code == 2);
  CHECK(cli({"calc", "pbs", "--w-delay", "soon"}).code == 2);
  CHECK(cli({"calc", "pbs", "--model", "wan", "--trials", "0"}).code == 2);
}
