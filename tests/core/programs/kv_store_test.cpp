// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/kv_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = world::Action::Kind;

Given quick(Given more = {}) {
  Given g{{"heartbeat_interval_ns", std::int64_t{100'000'000}}};
  g.insert(more.begin(), more.end());
  return g;
}
Given writers(Given more = {}) {
  Given g{{"clients", std::int64_t{2}},
          {"think_ns", std::int64_t{20'000'000}},
          {"read_share", 0.0},
          {"timeout_ns", std::int64_t{300'000'000}}};
  for (auto &[key, value] : more) g[key] = value;
  return g;
}
world::Action act(Kind kind, NodeIndex node, double value = 0) { return {kind, node, {}, value}; }
world::Action cut(std::size_t cable) { return {Kind::CutLink, {}, StoreLab::cable(cable), 0}; }
world::Action mend(std::size_t cable) { return {Kind::RestoreLink, {}, StoreLab::cable(cable), 0}; }
NodeIndex m(std::size_t i) { return StoreLab::member(i); }

/// How many milliseconds lie between two instants.
double msBetween(SimTime a, SimTime b) { return static_cast<double>((b - a).ns()) / 1e6; }

} // namespace

TEST_CASE("What a primary acknowledges, its replicas hold in the same order") {
  for (const std::string mode : {"async", "semi-sync", "sync"}) {
    INFO(mode);
    StoreLab store(3, quick({{"mode", mode}}),
                   writers({{"duration_ns", std::int64_t{4'000'000'000}}}));
    Run run(store.lab);
    run.until(Duration::seconds(5));
    const StoreStory story(run.lines());
    REQUIRE(story.wrong.empty());
    REQUIRE(story.acknowledged.size() > 100);
    REQUIRE(story.roles.at(0) == "primary");
    REQUIRE(story.roles.at(1) == "replica");
    REQUIRE(story.logs.at(0).entries == story.logs.at(1).entries);
    REQUIRE(story.logs.at(0).entries == story.logs.at(2).entries);
    REQUIRE(story.logs.at(2).committed == story.logs.at(0).entries.size());
    REQUIRE(story.failover.empty());
    REQUIRE(run.described(1, "role") == "replica");
  }
}

TEST_CASE("A client that asks a replica is sent to the primary, and remembers it") {
  StoreLab store(2, quick({{"role", std::string()}}), writers());
  // The client's first server is the replica: members are in another order for it.
  auto &client = store.lab.edit().programs[2].front();
  auto values = client.values.all();
  auto rows = std::get<std::vector<ParameterRow>>(values.at("servers"));
  std::reverse(rows.begin(), rows.end());
  values["servers"] = rows;
  client.values = ParameterValues(values);
  Run run(store.lab);
  run.until(Duration::seconds(2));
  REQUIRE(run.outcomes().at(trace::RequestOutcome::Ok) > 50);
  REQUIRE(run.described(2, "primary") == "10.0.0.1:7400");
}

TEST_CASE("Reads go to replicas only where they may") {
  for (const bool any : {true, false}) {
    StoreLab store(2, quick({{"reads", std::string(any ? "any" : "primary")}}),
                   writers({{"read_share", 0.5}, {"read_from", std::string("any")}}));
    Run run(store.lab);
    run.until(Duration::seconds(3));
    const std::string served = run.described(1, "served");
    REQUIRE((served.rfind("0 reads", 0) == 0) != any);
    REQUIRE(StoreStory(run.lines()).wrong.empty());
  }
}

TEST_CASE("A slow sync of the disk is part of every write") {
  StoreLab store(1, quick(), writers({{"clients", std::int64_t{1}}}));
  store.lab.edit().network.nodes[0].diskSync = Duration::ms(50);
  Run run(store.lab);
  run.until(Duration::seconds(3));
  for (const Line &l : run.of(trace::RecordKind::RequestEnded))
    REQUIRE(l.record.args[1] >= 50'000'000);
}

TEST_CASE("What was not synced vanishes in a crash") {
  for (const bool each : {true, false}) {
    StoreLab store(1, quick({{"sync_disk", std::string(each ? "each-write" : "never")}}),
                   writers({{"duration_ns", std::int64_t{1'000'000'000}}}));
    Run run(store.lab);
    run.apply(Duration::ms(1500), act(Kind::CrashNode, m(0)));
    const auto before = StoreStory(run.lines()).logs.at(0).entries;
    run.apply(Duration::ms(1600), act(Kind::RestartNode, m(0)));
    run.until(Duration::seconds(3));
    auto after = StoreStory(run.lines()).logs.at(0).entries;
    REQUIRE(after.size() == (each ? before.size() + 1 : 1)); // and the new epoch's beginning
    REQUIRE(after.back().second == "begin m1 -");
    REQUIRE(run.described(0, "role") == "primary");
  }
}

TEST_CASE("The best replica takes over by votes when the primary is silent") {
  StoreLab store(3, quick({{"promotion", std::string("automatic")}}), writers());
  Run run(store.lab);
  run.apply(Duration::ms(1000), act(Kind::CrashNode, m(0)));
  run.until(Duration::seconds(4));
  const StoreStory story(run.lines());
  REQUIRE(story.wrong.empty());
  REQUIRE(std::count_if(story.roles.begin(), story.roles.end(),
                        [](const auto &r) { return r.first > 0 && r.second == "primary"; }) == 1);
  std::vector<std::string> stages;
  for (const auto &[at, stage] : story.failover)
    if (stages.empty() || stages.back() != stage) stages.push_back(stage);
  REQUIRE(stages == std::vector<std::string>{"suspected", "decided", "active", "reachable"});
  // 3 missed heartbeats of 100 ms and the half interval of patience.
  const auto decided = std::find_if(story.failover.begin(), story.failover.end(),
                                    [](const auto &f) { return f.second == "decided"; });
  REQUIRE(msBetween(SimTime::fromNs(1'000'000'000), decided->first) > 250);
  REQUIRE(msBetween(SimTime::fromNs(1'000'000'000), decided->first) < 450);
}

TEST_CASE("By hand nobody takes over before somebody says so") {
  StoreLab store(2, quick(), writers());
  Run run(store.lab);
  run.apply(Duration::ms(1000), act(Kind::CrashNode, m(0)));
  run.until(Duration::ms(3000));
  REQUIRE(StoreStory(run.lines()).roles.at(1) == "replica");
  run.apply(Duration::ms(3000), act(Kind::Promote, m(1)));
  run.until(Duration::ms(4500));
  REQUIRE(StoreStory(run.lines()).roles.at(1) == "primary");
  run.apply(Duration::ms(4600), act(Kind::RestartNode, m(0)));
  run.until(Duration::ms(7000));
  const StoreStory story(run.lines());
  REQUIRE(story.roles.at(0) == "replica");
  REQUIRE(story.wrong.empty());
  REQUIRE(story.logs.at(0).committed > 0);
}

TEST_CASE("A primary that only starts again takes up by itself") {
  StoreLab store(2, quick(), writers());
  Run run(store.lab);
  run.apply(Duration::ms(1000), act(Kind::CrashNode, m(0)));
  run.apply(Duration::ms(1050), act(Kind::RestartNode, m(0)));
  run.until(Duration::ms(3000));
  const StoreStory story(run.lines());
  REQUIRE(story.roles.at(0) == "primary");
  REQUIRE(story.roles.at(1) == "replica");
  REQUIRE(run.described(0, "epoch") == "3");
}

TEST_CASE("A replica with an empty disk gets everything") {
  StoreLab store(2, quick(), writers({{"duration_ns", std::int64_t{4'000'000'000}}}));
  Run run(store.lab);
  run.apply(Duration::ms(2000), act(Kind::CrashNode, m(1)));
  run.apply(Duration::ms(3000), act(Kind::RestartEmpty, m(1)));
  run.until(Duration::ms(6000));
  const StoreStory story(run.lines());
  REQUIRE(story.wrong.empty());
  REQUIRE(story.logs.at(1).entries.size() > 100);
  REQUIRE(story.logs.at(0).entries == story.logs.at(1).entries);
}

TEST_CASE("A former primary rewinds, or stays out, as it was told") {
  for (const bool rewinds : {true, false}) {
    StoreLab store(2, quick({{"rejoin", std::string(rewinds ? "rewind" : "refuse")}}), writers());
    Run run(store.lab);
    run.apply(Duration::ms(1000), cut(1)); // the primary goes on alone: asynchronously it may
    run.apply(Duration::ms(2000), act(Kind::CrashNode, m(0)));
    run.apply(Duration::ms(2100), mend(1));
    run.apply(Duration::ms(2200), act(Kind::Promote, m(1)));
    run.apply(Duration::ms(4000), act(Kind::RestartNode, m(0)));
    run.until(Duration::ms(6000));
    const StoreStory story(run.lines());
    REQUIRE(story.wrong.empty());
    REQUIRE(story.thrownAway.empty() != rewinds);
    REQUIRE((run.firstPhase("kv.rejoin-refused") == SimTime::max()) == rewinds);
    std::size_t lost = 0;
    for (const std::string &write : story.acknowledged) {
      if (story.holds(1, write)) continue;
      ++lost;
      REQUIRE(story.thrownAway.count(write) == (rewinds ? 1 : 0));
    }
    REQUIRE(lost > 10);
  }
}

TEST_CASE("Without enough replicas a write is refused, and certainly not done") {
  StoreLab store(2, quick({{"mode", std::string("sync")}}),
                 writers({{"retries", std::int64_t{0}}}));
  Run run(store.lab);
  run.apply(Duration::ms(1000), act(Kind::CrashNode, m(1)));
  run.until(Duration::ms(4000));
  REQUIRE(run.outcomes()[trace::RequestOutcome::ServerError] > 10);
  const StoreStory story(run.lines());
  for (const Line &l : run.lines())
    if (l.record.kind == trace::RecordKind::Fact && l.first == "fail")
      REQUIRE_FALSE(story.holds(0, l.second));
}

TEST_CASE("A replica believes that its lag is what its log lacks of what it has heard") {
  StoreLab store(2, quick(), writers({{"think_ns", std::int64_t{10'000'000}}}));
  Run run(store.lab);
  run.apply(Duration::ms(1000), {Kind::SetRate, {}, StoreLab::cable(1), 100'000});
  run.until(Duration::ms(6000));
  run.apply(Duration::ms(6001), {Kind::SetRate, {}, StoreLab::cable(1), 10'000'000});
  run.until(Duration::ms(9000));
  std::map<std::uint32_t, double> entries;
  double worst = 0, worstTold = 0, newest = 0;
  for (const Line &l : run.lines()) {
    if (l.second.rfind("append ", 0) == 0) ++entries[l.record.node];
    if (l.record.kind != trace::RecordKind::Sample || l.first != "kv.lag_heard") continue;
    newest = trace::doubleOf(l.record.args[1]);
    REQUIRE(newest <= entries[0] - entries[1]);
    worst = std::max(worst, entries[0] - entries[1]);
    worstTold = std::max(worstTold, newest);
  }
  CHECK(worst > 50);
  CHECK(worstTold > worst / 2);
  CHECK(newest <= 3);
}

TEST_CASE("Losing a site: what it costs in writes and in time is measured") {
  for (const bool sync : {false, true}) {
    INFO(sync);
    StoreLab store(2,
                   quick({{"mode", std::string(sync ? "semi-sync" : "async")},
                          {"fallback_to_async_ns", std::int64_t{500'000'000}},
                          {"ship_interval_ns", std::int64_t{50'000'000}}}),
                   writers({{"clients", std::int64_t{8}}, {"think_ns", std::int64_t{2'000'000}}}));
    // The other site is far away: 40 ms of cable.
    store.lab.edit().network.links[1].delay = Duration::ms(40);
    Run run(store.lab);
    const SimTime lost = SimTime::fromNs(2'000'000'000);
    run.apply(Duration::ms(2000), act(Kind::CrashNode, m(0)));
    run.apply(Duration::ms(3000), act(Kind::Promote, m(1)));
    run.until(Duration::ms(6000));
    const StoreStory story(run.lines());
    std::size_t missing = 0;
    SimTime oldestLost = lost, firstAnswer = SimTime::max();
    for (const Line &l : run.lines()) {
      if (l.record.kind != trace::RecordKind::Fact || l.first != "ok") continue;
      if (l.record.at > lost + Duration::ms(10)) firstAnswer = std::min(firstAnswer, l.record.at);
      if (story.holds(1, l.second)) continue;
      ++missing;
      oldestLost = std::min(oldestLost, l.record.at);
    }
    // Recovery point: what had not been handed on yet, 50 ms of writes at most.
    const double rpoMs = msBetween(oldestLost, lost), rtoMs = msBetween(lost, firstAnswer);
    INFO("lost " << missing << " writes, " << rpoMs << " ms of them; back after " << rtoMs);
    if (sync)
      REQUIRE(missing == 0);
    else
      REQUIRE((missing > 0 && rpoMs > 0 && rpoMs < 60));
    REQUIRE((rtoMs > 1000 && rtoMs < 3000));
  }
}

} // namespace packetarium::programs
