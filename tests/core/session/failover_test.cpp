// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace packetarium;

namespace {

struct ToldRole {
  double at = 0;
  std::string node, role;
};

/// What a built-in scenario tells about its services.
struct Failovers {
  std::vector<ToldRole> roles;
  std::vector<std::pair<double, std::string>> phases; ///< "vrrp.active server-b"
  double firstFailure = 1e9, lastFailure = 0;
  std::map<std::string, int> failures; ///< by client

  double phase(const std::string &what, double after = 0) const {
    for (const auto &[at, text] : phases)
      if (text == what && at >= after) return at;
    return 1e9;
  }
  /// Whether the node was active at that time.
  bool active(const std::string &node, double at) const {
    bool is = false;
    for (const ToldRole &r : roles)
      if (r.node == node && r.at <= at) is = r.role == "active";
    return is;
  }
};

void read(const trace::Chunk &chunk, const net::Blueprint &network, Failovers &into) {
  for (const trace::Record &r : chunk.records) {
    if (r.node >= network.nodes.size()) continue;
    const std::string &node = network.nodes[r.node].id;
    const double at = r.at.toSeconds();
    if (r.kind == trace::RecordKind::Fact &&
        r.detail == static_cast<std::uint16_t>(trace::FactTopic::Role))
      into.roles.push_back({at, node, std::string(chunk.text(r.args[2]))});
    if (r.kind == trace::RecordKind::NodeState) into.roles.push_back({at, node, "restarted"});
    if (r.kind == trace::RecordKind::Phase)
      into.phases.emplace_back(at, std::string(chunk.text(r.args[0])) + " " + node);
    if (r.kind == trace::RecordKind::RequestEnded && r.detail != 0) {
      into.firstFailure = std::min(into.firstFailure, at);
      into.lastFailure = std::max(into.lastFailure, at);
      ++into.failures[node];
    }
  }
}

Failovers told(const std::string &id) {
  const auto document = scenario::loadBuiltIn(id);
  REQUIRE(document.ok());
  const auto built = scenario::build(*document);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + document->duration;
  session::Runner runner(built->plan, built->script, end);
  Failovers all;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    for (const auto &chunk : runner.takeChunks()) read(*chunk, built->plan->network, all);
  }
  return all;
}

} // namespace

TEST_CASE("The hot standby takes over once within four seconds, and gives back") {
  const Failovers f = told("active-passive-hot");
  const double taken = f.phase("vrrp.active server-b");
  CHECK(taken > 20 + 2.6);
  CHECK(taken < 20 + 3.61);
  CHECK(f.active("server-a", 19));
  CHECK(f.active("server-b", 39));
  CHECK(f.active("server-a", 59));
  CHECK_FALSE(f.active("server-b", 59));
  CHECK(f.firstFailure > 20);
  CHECK(f.lastFailure < taken + 1);
  CHECK(f.failures.at("client-2") < f.failures.at("client-1")); // it tries again
}

TEST_CASE("The cold standby has the address as soon, and serves eight seconds later") {
  const Failovers f = told("active-passive-cold");
  const double taken = f.phase("vrrp.active server-b");
  CHECK(taken == Approx(told("active-passive-hot").phase("vrrp.active server-b")));
  CHECK(f.phase("http.listening server-b") == Approx(taken + 8));
  CHECK(f.lastFailure == Approx(taken + 8).margin(1));
  CHECK(f.active("server-b", 59)); // no fail back
}

TEST_CASE("Two are active without a cure, and never with fencing") {
  const Failovers f = told("split-brain");
  for (const double at : {17.0, 25.0, 35.0}) {
    CHECK(f.active("server-a", at));
    CHECK(f.active("server-b", at));
    CHECK_FALSE((f.active("server-c", at) && f.active("server-d", at)));
  }
  CHECK_FALSE(f.active("server-b", 40));
  CHECK(f.active("server-d", 59));
  CHECK(f.phase("power.cut power") < f.phase("pair.active server-d"));
}
