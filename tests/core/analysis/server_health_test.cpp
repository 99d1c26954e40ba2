// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/server_health.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <map>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::TraceBuilder;
using trace::FactTopic;
using trace::RequestOutcome;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

net::Blueprint clientAndTwoServers() {
  net::Blueprint network;
  for (const char *name : {"client", "A", "B"}) {
    net::NodeSpec node;
    node.id = node.name = name;
    network.nodes.push_back(node);
  }
  return network;
}

struct Told {
  TraceBuilder builder{3};
  std::uint64_t number = 0;
  void request(std::int64_t from, std::int64_t to, const std::vector<std::string> &tried,
               RequestOutcome outcome = RequestOutcome::Ok) {
    builder.asked(ms(from), 0, ++number, "shop");
    for (const std::string &target : tried)
      builder.fact(ms(from), 0, FactTopic::Try, "sent", std::to_string(number), target);
    builder.ended(ms(to), 0, number, outcome, Duration::ms(to - from));
  }
  std::vector<ServerHealth> at(std::int64_t now) {
    const trace::Trace trace = builder.take();
    Chronicle chronicle;
    FactBook facts;
    chronicle.extend(trace);
    facts.extend(trace);
    return serverHealth(chronicle, facts, clientAndTwoServers(), {ms(now), 1'000'000});
  }
};

} // namespace

TEST_CASE("A request counts for the server that was tried last, in the second in which it ended") {
  Told told;
  told.request(100, 110, {"A"});
  told.request(200, 500, {"A", "B"}); // B answered in the end
  told.request(600, 900, {"A"}, RequestOutcome::Timeout);
  told.request(1000, 1020, {"A"});
  const auto health = told.at(1100);
  REQUIRE(health.size() == 2);
  CHECK(health[0].node == 1);
  CHECK(health[0].requests == 3);
  CHECK(health[0].inTime == 2);
  CHECK(health[0].health == ServiceHealth::Degraded);
  CHECK(health[0].p50 == Approx(10));
  CHECK(health[1].node == 2);
  CHECK(health[1].requests == 1);
  CHECK(health[1].health == ServiceHealth::Up);
}

TEST_CASE("What nobody asked lately keeps its health for a while, and then is not known") {
  const auto asked = [](std::int64_t now) {
    Told told;
    told.request(100, 120, {"A"}, RequestOutcome::Refused);
    return told.at(now);
  };
  REQUIRE(asked(4000).size() == 1);
  CHECK(asked(4000)[0].health == ServiceHealth::Down);
  CHECK(asked(5500).empty());
}

TEST_CASE("In a run each server's counts are those of a plain walk over all requests") {
  const fixture::Run run = fixture::run("active-active-balancer", ms(12'000));
  FactBook facts;
  facts.extend(run.trace);
  const Cursor at = cursorAt(run.trace, ms(11'000));
  const auto found = serverHealth(run.chronicle, facts, run.network(), at);
  REQUIRE_FALSE(found.empty());
  // Clients know the balancer alone: it answers for all.
  std::uint32_t requests = 0;
  SimTime last;
  for (const RequestMark &r : run.chronicle.requests())
    if (!r.open() && r.ended <= at.upTo) last = std::max(last, r.endedAt);
  for (const RequestMark &r : run.chronicle.requests())
    requests += !r.open() && r.ended <= at.upTo && r.endedAt > last - Duration::seconds(1) ? 1 : 0;
  REQUIRE(found.size() == 1);
  CHECK(found[0].requests == requests);
  CHECK(found[0].health == ServiceHealth::Up);
}
