// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/cap_dial.h"
#include "core/scenario/build.h"
#include "tests/support/catch.h"

#include <algorithm>

using namespace packetarium;
using namespace packetarium::experiments;

namespace {

SimTime seconds(std::int64_t s) { return SimTime::zero() + Duration::seconds(s); }

scenario::Scenario dialScenario() { return scenario::loadBuiltIn("cap-dial").value(); }

/// Run once, looked at by several cases.
const std::vector<DialRow> &rows() {
  static const std::vector<DialRow> all = [] {
    auto done = runDial(dialScenario(), {});
    REQUIRE(done.ok());
    return std::move(done).value();
  }();
  return all;
}

const DialRow &rowOf(Design design, bool partitioned) {
  const auto at = std::find_if(rows().begin(), rows().end(), [&](const DialRow &r) {
    return r.design == design && r.partitioned == partitioned;
  });
  REQUIRE(at != rows().end());
  return *at;
}

const SideFigures &during(const DialRow &row, const std::string &side) {
  const auto at = std::find_if(row.during.begin(), row.during.end(),
                               [&](const SideFigures &f) { return f.side == side; });
  REQUIRE(at != row.during.end());
  return *at;
}

scenario::ScriptEntry part(std::int64_t at, const std::string &node, int side) {
  scenario::ScriptEntry entry;
  entry.at = seconds(at);
  entry.action = scenario::ScriptEntry::Kind::SetPartition;
  entry.target = node;
  entry.value = side;
  return entry;
}

} // namespace

TEST_CASE("A partition lasts from when two sides are apart until one of them is gone") {
  scenario::Scenario s;
  s.duration = Duration::seconds(60);
  CHECK(partitionsOf(s).empty());
  s.script = {part(5, "a", 1), part(10, "b", 2), part(10, "c", 2), part(20, "a", 0),
              part(40, "a", 3)};
  const auto found = partitionsOf(s);
  REQUIRE(found.size() == 2);
  CHECK(found[0].from == seconds(10)); // until then nobody was on another side
  CHECK(found[0].to == seconds(20));
  CHECK(found[0].heals);
  CHECK(found[0].sides == std::map<std::string, int>{{"a", 1}, {"b", 2}, {"c", 2}});
  CHECK(found[1].from == seconds(40));
  CHECK(found[1].to == seconds(60)); // the end of the run
  CHECK_FALSE(found[1].heals);
}

TEST_CASE("A cut link parts who is behind it, until it is restored") {
  const auto found = partitionsOf(scenario::loadBuiltIn("two-primaries").value());
  REQUIRE(found.size() == 1);
  CHECK(found[0].from == seconds(8));
  CHECK(found[0].to == seconds(20));
  CHECK(found[0].sides == std::map<std::string, int>{
                              {"west", 1}, {"west-clients", 1}, {"east", 2}, {"east-clients", 2}});
  // There are two ways round: one cut parts nobody.
  CHECK(partitionsOf(scenario::loadBuiltIn("two-paths").value()).empty());
}

TEST_CASE(
    "Every design makes a document that can be built, with the same nodes, links and script") {
  const scenario::Scenario before = dialScenario();
  for (const Design design :
       {Design::Raft, Design::Quorum, Design::MultiPrimary, Design::AsyncPrimary}) {
    INFO(name(design));
    const auto after = withDesign(before, design);
    REQUIRE(after.ok());
    CHECK(after->links == before.links);
    CHECK(after->script == before.script);
    CHECK(after->seed == before.seed);
    CHECK(scenario::build(*after).ok());
    // And the dial can be turned on from there.
    const auto back = withDesign(*after, Design::MultiPrimary);
    REQUIRE(back.ok());
    CHECK(scenario::build(*back).ok());
  }
  CHECK(withoutFaults(before).script.empty());
}

TEST_CASE("A store keeps what its document says when it is of the design already") {
  scenario::Scenario s = dialScenario();
  for (scenario::Node &node : s.nodes)
    for (scenario::Program &program : node.programs)
      if (program.kind == "raft") program.parameters["reads"] = std::string("lease");
  const auto same = withDesign(s, Design::Raft);
  REQUIRE(same.ok());
  CHECK(same->node("west-1")->programs.front() == s.node("west-1")->programs.front());
}

TEST_CASE("Clients ask the members on their own side first") {
  const auto s = withDesign(dialScenario(), Design::Quorum);
  REQUIRE(s.ok());
  const auto &client = s->node("east-clients")->programs.front();
  const auto &servers =
      std::get<std::vector<programs::ParameterRow>>(client.parameters.at("servers"));
  REQUIRE(servers.size() == 5);
  CHECK(std::get<std::string>(servers[0].values.at("address")) == "10.2.0.11");
  CHECK(std::get<std::string>(client.parameters.at("read_from")) == "nearest");
}

TEST_CASE("Without a store there is nothing to turn the dial of") {
  const auto s = withDesign(scenario::loadBuiltIn("web-request").value(), Design::Raft);
  REQUIRE_FALSE(s.ok());
  CHECK(s.faults().front().message.find("no store") != std::string::npos);
}

TEST_CASE("Raft: the side without a majority refuses, and nobody ever reads an old value") {
  const DialRow &row = rowOf(Design::Raft, true);
  const SideFigures &majority = during(row, "side 1"), &minority = during(row, "side 2");
  CHECK(majority.ok > 100);
  CHECK(majority.refused + majority.timedOut == 0);
  // What began before the cut was noticed may still have been answered.
  CHECK(minority.ok <= 2);
  CHECK(minority.refused + minority.timedOut >= 15);
  CHECK(row.whole.staleReads == 0);
  CHECK(row.conflicts == 0);
  CHECK(row.lostWrites == 0);
  CHECK(row.linearizable == "true");
  CHECK(row.converged >= Duration{});
  CHECK(row.converged < Duration::seconds(2));
}

TEST_CASE("Multi-primary and sloppy quorum: both sides answer, and what they say differs") {
  for (const Design design : {Design::MultiPrimary, Design::Quorum}) {
    INFO(name(design));
    const DialRow &row = rowOf(design, true);
    for (const char *side : {"side 1", "side 2"}) {
      const SideFigures &f = during(row, side);
      CHECK(f.ok > 80);
      CHECK(f.refused + f.timedOut <= f.operations / 20);
      CHECK(f.staleReads > 0);
    }
    CHECK(row.conflicts > 0);
    CHECK(row.linearizable == "false");
    CHECK(row.converged >= Duration{});
  }
  // The last write wins, and the other one is gone although its client was told that it is done.
  CHECK(rowOf(Design::MultiPrimary, true).lostWrites > 0);
}

TEST_CASE(
    "One primary with asynchronous replicas: the far side reads what is old, and cannot write") {
  const DialRow &row = rowOf(Design::AsyncPrimary, true);
  const SideFigures &near = during(row, "side 1"), &far = during(row, "side 2");
  CHECK(near.refused + near.timedOut == 0);
  CHECK(near.staleReads == 0); // it reads at the primary
  CHECK(far.staleReads > 0);
  CHECK(far.timedOut + far.refused > 0);
  CHECK(row.linearizable == "false");
  CHECK(row.conflicts == 0);
}

TEST_CASE("Without a partition the stores that agree first are slower") {
  const DialRow &raft = rowOf(Design::Raft, false), &async = rowOf(Design::AsyncPrimary, false),
                &multi = rowOf(Design::MultiPrimary, false);
  for (const DialRow *row : {&raft, &async, &multi}) {
    CHECK(row->whole.timedOut == 0);
    CHECK(row->converged < Duration{}); // nothing healed
  }
  const auto far = [](const DialRow &row) { return during(row, "side 2"); };
  CHECK(far(raft).writeP50 > far(multi).writeP50 * 5); // it waits for the other data centre
  CHECK(far(raft).readP50 > far(multi).readP50 * 5);
  CHECK(far(raft).readP50 > far(async).readP50 * 5);
  CHECK(during(raft, "side 1").readP50 > during(async, "side 1").readP50);
}

TEST_CASE("The same dial gives the same rows, and spells lie within the run") {
  DialOptions options;
  options.designs = {Design::MultiPrimary};
  std::vector<std::size_t> steps;
  options.progress = [&](std::size_t done, std::size_t of) {
    CHECK(of == 2);
    steps.push_back(done);
  };
  const auto again = runDial(dialScenario(), options);
  REQUIRE(again.ok());
  CHECK(steps == std::vector<std::size_t>{1, 2});
  const DialRow &a = again->front(), &b = rowOf(Design::MultiPrimary, true);
  CHECK(a.whole.ok == b.whole.ok);
  CHECK(a.conflicts == b.conflicts);
  CHECK(a.spells.size() == b.spells.size());
  bool partition = false, converging = false;
  for (const Spell &s : a.spells) {
    CHECK(s.from <= s.to);
    CHECK(s.to <= seconds(40));
    partition =
        partition || (s.what == "partition" && s.from == seconds(10) && s.to == seconds(22));
    converging = converging || (s.what == "converging" && s.from == seconds(22));
  }
  CHECK(partition);
  CHECK(converging);
  std::atomic<bool> cancelled{true};
  options.cancelled = &cancelled;
  CHECK_FALSE(runDial(dialScenario(), options).ok());
}
