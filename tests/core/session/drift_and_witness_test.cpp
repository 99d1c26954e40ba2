// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// The scenarios of the standby that drifted and of the witness show what their texts say, and what
/// they tell people to try has the effect that they promise.
using namespace packetarium;
using nlohmann::json;

namespace {

struct TakeoverRun {
  struct End {
    double begun = 0, at = 0;
    bool ok = false;
  };
  struct Told {
    double at = 0;
    std::string role;
  };
  std::map<std::string, std::vector<End>> requests;  ///< by client
  std::map<std::string, std::vector<Told>> roles;    ///< by node
  std::map<std::string, std::vector<double>> phases; ///< "pair.active server-b"

  /// The part of requests begun between two instants that were answered in time.
  double answered(const std::string &client, double from, double to) const {
    double all = 0, ok = 0;
    for (const End &e : requests.at(client)) {
      if (e.begun < from || e.begun >= to) continue;
      ++all;
      if (e.ok) ++ok;
    }
    REQUIRE(all > 0);
    return ok / all;
  }
  /// The first answer to what was begun after the instant.
  double firstAnswer(const std::string &client, double after) const {
    double first = 1e9;
    for (const End &e : requests.at(client))
      if (e.ok && e.begun > after) first = std::min(first, e.at);
    return first;
  }
  std::string role(const std::string &node, double at) const {
    std::string is;
    if (const auto told = roles.find(node); told != roles.end())
      for (const Told &t : told->second)
        if (t.at <= at) is = t.role;
    return is;
  }
  /// A server that is active as its program says, or answers with errors in that role.
  bool serves(const std::string &node, double at) const {
    return role(node, at) == "active" || role(node, at) == "broken";
  }
  double first(const std::string &phase, double after) const {
    if (const auto all = phases.find(phase); all != phases.end())
      for (const double at : all->second)
        if (at >= after) return at;
    return 1e9;
  }
};

json sceneOf(const std::string &id) {
  const auto s = scenario::loadBuiltIn(id);
  REQUIRE(s.ok());
  return json::parse(scenario::toJson(*s));
}

json &programOf(json &scene, const std::string &node, const std::string &program) {
  for (json &n : scene["nodes"])
    if (n["id"] == node)
      for (json &p : n["programs"])
        if (p["id"] == program) return p["parameters"];
  throw std::runtime_error("no such program: " + node + "/" + program);
}

void take(const trace::Chunk &chunk, const net::Blueprint &network,
          std::map<std::pair<std::uint32_t, std::uint64_t>, double> &open, TakeoverRun &into) {
  for (const trace::Record &r : chunk.records) {
    if (r.node >= network.nodes.size()) continue;
    const std::string &node = network.nodes[r.node].id;
    const double at = r.at.toSeconds();
    if (r.kind == trace::RecordKind::RequestStarted) open[{r.node, r.args[0]}] = at;
    if (r.kind == trace::RecordKind::RequestEnded)
      into.requests[node].push_back({open.at({r.node, r.args[0]}), at, r.detail == 0});
    if (r.kind == trace::RecordKind::Phase)
      into.phases[std::string(chunk.text(r.args[0])) + " " + node].push_back(at);
    if (r.kind == trace::RecordKind::NodeState) into.roles[node].push_back({at, "restarted"});
    if (r.kind == trace::RecordKind::Fact &&
        r.detail == static_cast<std::uint16_t>(trace::FactTopic::Role))
      into.roles[node].push_back({at, std::string(chunk.text(r.args[2]))});
  }
}

TakeoverRun runOf(const json &scene) {
  const auto parsed = scenario::parse(scene.dump());
  if (!parsed.ok()) FAIL(parsed.faults().front().text());
  scenario::Scenario document = *parsed;
  scenario::complete(document);
  const auto built = scenario::build(document);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + document.duration;
  session::Runner runner(built->plan, built->script, end);
  TakeoverRun run;
  std::map<std::pair<std::uint32_t, std::uint64_t>, double> open;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    for (const auto &chunk : runner.takeChunks()) take(*chunk, built->plan->network, open, run);
  }
  return run;
}

void removeFromScript(json &scene, const std::string &id) {
  json kept = json::array();
  for (const json &step : scene["script"])
    if (step["id"] != id) kept.push_back(step);
  scene["script"] = kept;
}

/// How long both were active at once, in seconds, looked at every 10 ms.
double bothServe(const TakeoverRun &run, const std::string &a, const std::string &b, double until) {
  int moments = 0;
  for (double at = 0; at < until; at += 0.01) moments += run.serves(a, at) && run.serves(b, at);
  return moments / 100.0;
}

} // namespace

TEST_CASE("The drifted standby takes over in time, and every answer of it is an error") {
  const TakeoverRun run = runOf(sceneOf("drifted-standby"));
  CHECK(run.answered("client-1", 3, 15) == 1);
  CHECK(run.answered("client-2", 3, 15) == 1);
  CHECK(run.first("pair.active server-b", 15) < 15.2 + 1.5);
  CHECK(run.role("server-b", 30) == "broken");
  // A port that opens is no service: half of the requests go to B for as long as it is active.
  CHECK(run.answered("client-1", 17, 40) == Approx(0.5).margin(0.02));
  CHECK(run.first("lb.server-down balancer-1", 0) == 1e9);
  // A page that is asked for tells the difference.
  CHECK(run.first("lb.server-down balancer-2", 0) == Approx(18).margin(0.01));
  CHECK(run.answered("client-2", 18.1, 60) == 1);
  CHECK(run.first("pair.active server-a", 40) < 41);
  CHECK(run.first("lb.server-up balancer-2", 40) < 43);
  CHECK(run.answered("client-1", 41, 60) == 1);
}

TEST_CASE("With the same configuration, or a check that asks for the page, clients are served") {
  json same = sceneOf("drifted-standby");
  programOf(same, "server-b", "pair")["config_drift"] = false;
  const TakeoverRun cured = runOf(same);
  CHECK(cured.role("server-b", 30) == "active");
  CHECK(cured.answered("client-1", 17, 60) == 1);
  CHECK(cured.first("lb.server-down balancer-2", 0) == 1e9);

  json asked = sceneOf("drifted-standby");
  programOf(asked, "balancer-1", "balancer")["check"] = "http";
  CHECK(runOf(asked).answered("client-1", 18.1, 60) == 1);
}

TEST_CASE("A check that asks deeper finds the drifted standby; it mends nothing") {
  json scene = sceneOf("drifted-standby");
  scene["script"].push_back({{"id", "crash-c"},
                             {"at_ns", 25'000'000'000},
                             {"action", "crash-node"},
                             {"node", "server-c"}});
  const TakeoverRun run = runOf(scene);
  CHECK(run.answered("client-2", 18.1, 25) == 1);
  CHECK(run.answered("client-2", 29, 40) == 0);
  CHECK(run.first("lb.no-server balancer-2", 0) > 25);
}

TEST_CASE("Without a witness two are active, with one never, whatever is cut") {
  const TakeoverRun run = runOf(sceneOf("witness"));
  CHECK(bothServe(run, "server-a", "server-b", 70) == Approx(19).margin(0.1));
  CHECK(bothServe(run, "server-c", "server-d", 70) == 0);
  CHECK(run.serves("server-c", 24)); // D has asked in vain since 16.5 s
  CHECK(run.first("pair.taking-over server-d", 15) == Approx(16.5).margin(0.01));
  // C is cut off: its lease ends by its own clock, before the witness lends it to D.
  const double stepsDown = run.first("pair.standby server-c", 25);
  const double takesOver = run.first("pair.active server-d", 25);
  CHECK(stepsDown < 28);
  CHECK(stepsDown < takesOver);
  CHECK(takesOver < 28.5);
  CHECK_FALSE(run.serves("server-b", 36));
  CHECK(run.serves("server-d", 40));
  CHECK(run.answered("client-1", 2, 70) == 1); // a split brain looks like a good day
}

TEST_CASE("Without the witness nobody may be active, and back it waits before it lends") {
  const TakeoverRun run = runOf(sceneOf("witness"));
  CHECK(run.first("pair.standby server-d", 45) < 48);
  for (const double at : {49.0, 54.0, 59.5}) {
    CHECK_FALSE(run.serves("server-c", at));
    CHECK_FALSE(run.serves("server-d", at));
  }
  CHECK(run.answered("client-2", 48, 58) == 0);
  CHECK(run.first("witness.granted witness", 55) == Approx(60).margin(1));
  CHECK(run.serves("server-c", 61.5));
  CHECK(run.answered("client-2", 62, 69) == 1);
}

TEST_CASE("A witness that is back within half a second is not missed") {
  json scene = sceneOf("witness");
  removeFromScript(scene, "return");
  scene["script"].push_back(
      {{"id", "back"}, {"at_ns", 45'500'000'000}, {"action", "restart-node"}, {"node", "witness"}});
  const TakeoverRun run = runOf(scene);
  CHECK(run.first("pair.standby server-d", 45) == 1e9);
  CHECK(run.answered("client-2", 40, 69) == 1);
}

TEST_CASE("A shorter lease makes the takeover quicker, and takes more messages") {
  json scene = sceneOf("witness");
  for (const char *server : {"server-c", "server-d"})
    programOf(scene, server, "pair")["lease_ns"] = 1'000'000'000;
  const TakeoverRun usual = runOf(sceneOf("witness")), quick = runOf(scene);
  CHECK(quick.firstAnswer("client-2", 25) + 0.5 < usual.firstAnswer("client-2", 25));
  CHECK(bothServe(quick, "server-c", "server-d", 70) == 0);
}

TEST_CASE("The upper pair with a witness of its own has no split brain any more") {
  json scene = sceneOf("witness");
  scene["nodes"].push_back({{"id", "second"},
                            {"name", "second witness"},
                            {"kind", "host"},
                            {"interfaces", {{{"id", "eth0"}, {"address", "192.0.2.5/24"}}}},
                            {"programs", {{{"id", "witness"}, {"kind", "witness"}}}}});
  for (json &n : scene["nodes"])
    if (n["id"] == "switch-1") n["interfaces"].push_back({{"id", "p4"}});
  json cable = scene["links"][0];
  cable["id"] = "switch-1-second";
  cable["from"] = {{"node", "switch-1"}, {"interface", "p4"}};
  cable["to"] = {{"node", "second"}, {"interface", "eth0"}};
  scene["links"].push_back(cable);
  for (const char *server : {"server-a", "server-b"})
    programOf(scene, server, "pair")["witness"] = "192.0.2.5";
  const TakeoverRun run = runOf(scene);
  CHECK(bothServe(run, "server-a", "server-b", 70) == 0);
  CHECK(run.answered("client-1", 2, 70) == 1);
}
