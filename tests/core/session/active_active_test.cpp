// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

/// The two scenarios of services with two active servers show what their texts say.
using namespace packetarium;
using nlohmann::json;

namespace {

struct Ended {
  double atS = 0;
  bool ok = false;
};
struct Seen {
  std::map<std::string, std::vector<Ended>> requests; ///< by client
  std::map<std::string, std::vector<double>> phases;  ///< instants in seconds, by milestone
};

json document(const std::string &id) {
  const auto s = scenario::loadBuiltIn(id);
  REQUIRE(s.ok());
  return json::parse(scenario::toJson(*s));
}

json &parametersOf(json &scene, const std::string &node) {
  for (json &n : scene["nodes"])
    if (n["id"] == node) return n["programs"][0]["parameters"];
  throw std::runtime_error("no such node: " + node);
}

Seen play(const json &scene) {
  const auto parsed = scenario::parse(scene.dump());
  REQUIRE(parsed.ok());
  const auto built = scenario::build(*parsed);
  REQUIRE(built.ok());
  const SimTime end = SimTime::fromNs(scene["duration_ns"].get<std::int64_t>());
  session::Runner runner(built->plan, built->script, end);
  Seen seen;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    for (const auto &chunk : runner.takeChunks()) {
      for (const trace::Record &r : chunk->records) {
        const double at = (r.at - SimTime::zero()).toSeconds();
        if (r.kind == trace::RecordKind::RequestEnded)
          seen.requests[built->plan->network.nodes[r.node].id].push_back({at, r.detail == 0});
        if (r.kind == trace::RecordKind::Phase)
          seen.phases[std::string(chunk->text(r.args[0]))].push_back(at);
      }
    }
  }
  return seen;
}

/// The part of requests that ended between two instants and were answered.
double answered(const std::vector<Ended> &requests, double fromS, double toS) {
  double all = 0, ok = 0;
  for (const Ended &e : requests) {
    if (e.atS < fromS || e.atS >= toS) continue;
    ++all;
    if (e.ok) ++ok;
  }
  REQUIRE(all > 0);
  return ok / all;
}

} // namespace

TEST_CASE("Behind a balancer: a server dies, sessions are lost, and the survivor is overloaded") {
  const Seen seen = play(document("active-active-balancer"));
  const auto &crowd = seen.requests.at("crowd");
  CHECK(answered(crowd, 2, 20) == 1);
  // 100 requests a second meet 80.
  CHECK(answered(crowd, 24, 42) == Approx(0.8).margin(0.06));
  CHECK(answered(crowd, 45, 60) == 1);
  REQUIRE(seen.phases.at("lb.server-down").size() == 1);
  CHECK(seen.phases.at("lb.server-down").front() == Approx(23));
  CHECK(seen.phases.at("lb.server-up").size() == 1);
  CHECK(seen.phases.at("client.logged-in-again").size() >= 3);
  CHECK(seen.phases.at("client.logged-in-again").front() > 20);
}

TEST_CASE("Behind a balancer: with the sessions in the store nobody logs in again") {
  json scene = document("active-active-balancer");
  for (const char *server : {"server-a", "server-b"})
    parametersOf(scene, server)["session_store"] = "192.0.2.20";
  const Seen seen = play(scene);
  CHECK(seen.phases.at("lb.server-down").size() == 1);
  CHECK(seen.phases.count("client.logged-in-again") == 0);
}

TEST_CASE("Behind DNS: who keeps the dead address waits for the TTL, who tries the next does not") {
  const Seen seen = play(document("active-active-dns"));
  const auto &unlucky = seen.requests.at("unlucky");
  CHECK(answered(unlucky, 0, 12) == 1);
  CHECK(answered(unlucky, 13, 30) == 0);
  CHECK(answered(unlucky, 31.5, 75) == 1);
  for (const char *client : {"lucky", "careful", "office"}) {
    INFO(client);
    CHECK(answered(seen.requests.at(client), 0, 75) == 1);
  }
  REQUIRE(seen.phases.at("dns.address-out").size() == 1);
  CHECK(seen.phases.at("dns.address-out").front() == Approx(15));
}

TEST_CASE("Behind DNS: a shorter TTL shortens the wait") {
  json scene = document("active-active-dns");
  for (json &record : parametersOf(scene, "dns")["records"]) record["ttl_s"] = 5;
  const Seen seen = play(scene);
  CHECK(answered(seen.requests.at("unlucky"), 22, 45) == 1);
}
