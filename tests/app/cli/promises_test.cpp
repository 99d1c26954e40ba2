// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <map>

using namespace packetarium::clitest;
using Json = nlohmann::json;

TEST_CASE("run --history writes what the clients of a store saw, line by line in real time") {
  const Folder folder;
  const std::string file = folder.file("history.jsonl");
  const Ended ended = cli({"run", "cap-dial", "--until", "12s", "--history", file});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(ended.out.find("history") != std::string::npos);
  std::map<std::string, bool> busy;
  std::int64_t last = 0;
  std::size_t invokes = 0;
  for (const std::string &text : linesOf(contents(file))) {
    const Json line = Json::parse(text);
    const std::string process =
        line["process"].is_string() ? line["process"].get<std::string>() : line["process"].dump();
    const std::string type = line["type"];
    CHECK(line.contains("f"));
    CHECK(line.contains("key"));
    CHECK(line.contains("value"));
    CHECK(line["t_ns"].get<std::int64_t>() >= last);
    last = line["t_ns"];
    CHECK(busy[process] == (type != "invoke"));
    busy[process] = type == "invoke";
    invokes += type == "invoke" ? 1 : 0;
  }
  CHECK(invokes > 100);
}

TEST_CASE("a history that a run wrote is judged as the run itself is") {
  const Folder folder;
  const std::string file = folder.file("history.jsonl");
  REQUIRE(cli({"run", "cap-dial", "--history", file}).code == 0);
  const Ended raft = cli({"check-history", file});
  INFO(raft.out + raft.err);
  CHECK(raft.code == 0);
  CHECK(raft.out.find("linearizable: true") != std::string::npos);

  REQUIRE(cli({"run", "two-primaries", "--history", file}).code == 0);
  const Ended apart = cli({"check-history", file, "--json"});
  CHECK(apart.code == 1);
  const Json judged = Json::parse(cli({"judge", "two-primaries", "--json"}).out);
  CHECK(judged["services"][0]["lights"][0]["title"] == "Linearizable");
  CHECK(judged["services"][0]["lights"][0]["verdict"] == "false");
}

TEST_CASE("judge tells each light of each store, and why a red one is red") {
  const Ended ended = cli({"judge", "cap-dial", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json object = Json::parse(ended.out);
  CHECK(object["scenario"] == "cap-dial");
  REQUIRE(object["services"].size() == 1);
  const Json &shop = object["services"][0];
  CHECK(shop["service"] == "shop");
  CHECK(shop["reads"]["stale"] == 0);
  CHECK(shop["lights"].size() == 13);
  for (const Json &light : shop["lights"]) {
    INFO(light.dump());
    CHECK(light["verdict"] != "false");
    for (const char *key :
         {"title", "promise", "since_ns", "record", "offending", "against", "why"})
      CHECK(light.contains(key));
  }
  const Ended people = cli({"judge", "two-primaries"});
  CHECK(people.code == 0);
  CHECK(people.out.find("broken") != std::string::npos);
  CHECK(people.out.find("Read your writes") != std::string::npos);
  CHECK(cli({"judge", "web-request"}).out.find("No client") != std::string::npos);
  CHECK(cli({"judge", "no-such-scenario"}).code == 1);
  CHECK(cli({"judge"}).code == 2);
}

TEST_CASE("cap-dial lays the designs side by side, with and without the partition") {
  const Ended ended = cli({"cap-dial", "cap-dial", "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json object = Json::parse(ended.out);
  REQUIRE(object["rows"].size() == 8);
  for (std::size_t i = 0; i < 8; ++i) {
    const Json &row = object["rows"][i];
    CHECK(row["partitioned"] == (i % 2 == 0));
    CHECK(row["during"].size() == 3);
    CHECK(row["whole"]["operations"] > 500);
    CHECK(row["converged_s"].is_null() == (i % 2 == 1));
  }
  CHECK(object["rows"][0]["design"] == "raft");
  CHECK(object["rows"][0]["linearizable"] == "true");
  const Ended people = cli({"cap-dial", "cap-dial", "--until", "14s"});
  CHECK(people.code == 0);
  for (const char *part : {"Raft (CP)", "Sloppy quorum (AP)", "without a partition", "w99 ms",
                           "partition", "not agreed again by its end"}) {
    INFO(part);
    CHECK(people.out.find(part) != std::string::npos);
  }
  CHECK(cli({"cap-dial", "web-request"}).code == 1);
}
