// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

using namespace packetarium::clitest;
using Json = nlohmann::json;

namespace {

/// swarm of a built-in scenario, with one parameter of each node's program "store" set.
std::vector<std::string> swarmOf(const std::string &scenario, const std::vector<std::string> &nodes,
                                 const std::string &parameter,
                                 const std::vector<std::string> &more) {
  std::vector<std::string> arguments{"swarm", scenario};
  for (const std::string &node : nodes) {
    arguments.push_back("--set");
    arguments.push_back("nodes." + node + ".programs.store.parameters." + parameter);
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::vector<std::string> five{"alpha", "beta", "gamma", "delta", "epsilon"};
const std::vector<std::string> three{"alpha", "beta", "gamma"};

} // namespace

TEST_CASE("swarm ends with 0 when no run breaks a promise") {
  const Ended ended = cli({"swarm", "leader-election", "--runs", "3", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json told = Json::parse(ended.out);
  CHECK(told["scenario"] == "leader-election");
  CHECK(told["runs"] == 3);
  CHECK(told["expected"] == Json({"invariants", "linearizable"}));
  CHECK(told["violations"].empty());
  CHECK(told["shrunk"].is_null());
}

TEST_CASE("swarm ends with 1, tells the seed, and saves what run breaks again") {
  const Folder folder;
  const std::string saved = folder.file("broken.packetarium");
  const Ended ended = cli(
      swarmOf("leader-election", five, "flaw=double-vote",
              {"--seed", "30", "--runs", "20", "--first", "--shrink", "--save", saved, "--json"}));
  INFO(ended.err);
  REQUIRE(ended.code == 1);
  const Json told = Json::parse(ended.out);
  REQUIRE(told["violations"].size() == 1);
  CHECK(told["violations"][0]["promise"] == "invariants");
  CHECK(told["violations"][0]["seed"] == 39);
  CHECK(told["shrunk"]["violation"]["seed"] == told["shrunk"]["seed"]);
  CHECK(told["shrunk"]["faults"] <= 5);
  CHECK(told["shrunk"]["script"].size() == told["shrunk"]["entries"]);
  CHECK(cli({"validate", saved}).code == 0);
  const Ended again = cli({"run", saved, "--json"});
  CHECK(again.code == 1);
  const Json breach = Json::parse(again.out)["breach"];
  CHECK(breach["promise"] == told["shrunk"]["violation"]["operation"]);
  CHECK(breach["t_ns"] == told["shrunk"]["violation"]["at_ns"]);
}

TEST_CASE("What was shrunk is saved beside the scenario's file when no other name is given") {
  const Folder folder;
  const std::string file = folder.file("votes.packetarium");
  std::filesystem::copy_file(
      PACKETARIUM_SOURCE_DIR "/resources/scenarios/leader-election.packetarium", file);
  const auto search = [&] {
    return cli(swarmOf(file, five, "flaw=double-vote",
                       {"--seed", "30", "--runs", "20", "--first", "--shrink", "--json"}));
  };
  const Ended ended = search();
  REQUIRE(ended.code == 1);
  const Json told = Json::parse(ended.out);
  const std::string seed = told["violations"][0]["seed"].dump();
  CHECK(told["shrunk"]["file"] == folder.file("votes-seed-" + seed + ".packetarium"));
  CHECK(cli({"validate", told["shrunk"]["file"]}).code == 0);
  // What was saved before stays as it is.
  CHECK(Json::parse(search().out)["shrunk"]["file"] ==
        folder.file("votes-seed-" + seed + "-2.packetarium"));
}

TEST_CASE("swarm tells people the seed that breaks") {
  const Ended ended = cli(swarmOf("leader-election", five, "flaw=double-vote",
                                  {"--seed", "30", "--runs", "20", "--first"}));
  CHECK(ended.code == 1);
  CHECK(ended.out.starts_with("seed "));
  CHECK(ended.out.find("invariants broken at ") != std::string::npos);
}

TEST_CASE("swarm finds the write that automatic promotion loses") {
  const Folder folder;
  const std::string saved = folder.file("lost.packetarium");
  const Ended ended = cli(swarmOf("primary-replicas", three, "promotion=automatic",
                                  {"--expect", "no-lost-writes", "--seed", "13", "--runs", "1",
                                   "--shrink", "--save", saved, "--json"}));
  INFO(ended.err);
  REQUIRE(ended.code == 1);
  const Json told = Json::parse(ended.out);
  CHECK(told["shrunk"]["faults"] <= 5);
  CHECK(cli({"validate", saved}).code == 0);
  const Ended lost = cli({"lost-writes", saved, "--json"});
  REQUIRE(lost.code == 0);
  CHECK_FALSE(Json::parse(lost.out)["lost_writes"].empty());
}

TEST_CASE("swarm makes the harsh cluster itself") {
  const Ended ended = cli({"swarm", "raft-harsh", "--runs", "2", "--until", "2s", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json told = Json::parse(ended.out);
  CHECK(told["scenario"] == "raft-harsh");
  CHECK(told["runs"] == 2);
  CHECK(told["expected"] == Json({"invariants", "linearizable"}));
  const Ended flawed = cli({"swarm", "raft-harsh", "--runs", "300", "--first", "--set",
                            "nodes.m1.programs.raft.parameters.flaw=no-log-check", "--set",
                            "nodes.m2.programs.raft.parameters.flaw=no-log-check", "--set",
                            "nodes.m3.programs.raft.parameters.flaw=no-log-check"});
  CHECK(flawed.code == 1);
}

TEST_CASE("swarm ends with 2 when there is nothing to judge") {
  CHECK(cli({"swarm"}).code == 2);
  CHECK(cli({"swarm", "no-such-scenario"}).code == 2);
  CHECK(cli({"swarm", "primary-replicas", "--runs", "1"}).code == 2); // it promises nothing
  CHECK(cli({"swarm", "leader-election", "--expect", "eternity"}).code == 2);
  CHECK(cli({"swarm", "leader-election", "--runs", "0"}).code == 2);
  CHECK(cli({"swarm", "leader-election", "--set", "nodes.nobody.name=x"}).code == 2);
}

TEST_CASE("calc raft-election tells its figures in milliseconds") {
  const Ended ended =
      cli({"calc", "raft-election", "--timeout", "150-300", "--trials", "50", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json told = Json::parse(ended.out);
  CHECK(told["trials"] == 50);
  double before = 0;
  for (const char *key : {"min_ms", "p50_ms", "p90_ms", "p99_ms", "max_ms"}) {
    INFO(key);
    CHECK(told[key].get<double>() >= before);
    before = told[key];
  }
  CHECK(told["mean_ms"] > told["min_ms"]);
  CHECK(told["mean_ms"] < told["max_ms"]);
  // Heartbeats come every half of the shortest timeout: the last one was at most 75 ms before the
  // crash, so that nobody stands for election in the 75 ms after it.
  CHECK(told["min_ms"] >= 75);
}

TEST_CASE("calc raft-election says what it cannot use") {
  CHECK(cli({"calc", "raft-election", "--timeout", "soon"}).code == 2);
  CHECK(cli({"calc", "raft-election", "--trials", "0"}).code == 2);
  CHECK(cli({"calc", "raft-election", "--servers", "2"}).code == 2);
}
