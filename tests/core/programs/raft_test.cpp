// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/raft_invariants.h"
#include "core/programs/kv_protocol.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/kv_fixture.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = world::Action::Kind;

const Given steadyClients{{"clients", std::int64_t{3}},
                          {"start_ns", std::int64_t{500'000'000}},
                          {"think_ns", std::int64_t{10'000'000}},
                          {"duration_ns", std::int64_t{3'000'000'000}}};

StoreLab raftLab(std::size_t members, Given member, Given client, std::uint64_t seed = 1) {
  return StoreLab(members, std::move(member), std::move(client), seed, "raft");
}

Given fast(Given more = {}) {
  Given g{{"election_min_ns", std::int64_t{150'000'000}}};
  for (auto &[key, value] : more) g[key] = value;
  return g;
}

/// The first breach of Raft's promises that the run's facts show, in words.
std::string breachOf(const Run &run) {
  judge::RaftWatch watch;
  std::uint64_t sequence = 0;
  for (const Line &l : run.lines()) {
    ++sequence;
    if (l.record.kind == trace::RecordKind::Fact)
      watch.take(sequence, l.record.at, l.record.node, fmt::format("m{}", l.record.node + 1),
                 static_cast<trace::FactTopic>(l.record.detail), l.first, l.second, l.third);
  }
  return watch.breach() ? watch.breach()->why : std::string{};
}

/// Writes that clients were told of and that no entry of the member's log is.
std::size_t missing(const StoreStory &story, std::uint32_t node) {
  std::size_t count = 0;
  for (const std::string &write : story.acknowledged)
    if (!story.holds(node, write)) ++count;
  return count;
}

std::vector<std::uint32_t> leaders(const StoreStory &story) {
  std::vector<std::uint32_t> out;
  for (const auto &[node, role] : story.roles)
    if (role == "leader") out.push_back(node);
  return out;
}

} // namespace

TEST_CASE("Members elect one leader, and their logs grow together") {
  const StoreLab store = raftLab(5, {}, steadyClients);
  Run run(store.lab);
  run.until(Duration::seconds(4));
  const StoreStory story(run.lines());
  REQUIRE(story.wrong.empty());
  REQUIRE(leaders(story).size() == 1);
  const auto outcomes = run.outcomes();
  CHECK(outcomes.at(trace::RequestOutcome::Ok) > 200);
  CHECK(outcomes.size() == 1);
  REQUIRE(story.acknowledged.size() > 50);
  for (std::uint32_t node = 1; node < 5; ++node)
    REQUIRE(story.logs.at(node).entries == story.logs.at(0).entries);
  for (const auto &[node, log] : story.logs) REQUIRE(log.committed == log.entries.size());
  REQUIRE(run.samples("raft.commit_ms").size() > 50);
  REQUIRE(breachOf(run).empty());
}

TEST_CASE("After a crash of the leader another one serves, and nothing acknowledged is lost") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const StoreLab store = raftLab(3, {}, steadyClients, seed);
    Run run(store.lab);
    run.until(Duration::ms(1500));
    const std::uint32_t first = leaders(StoreStory(run.lines())).front();
    run.apply(Duration::ms(1500), {Kind::CrashNode, NodeIndex{first}, {}, 0});
    run.apply(Duration::ms(2600), {Kind::RestartNode, NodeIndex{first}, {}, 0});
    run.until(Duration::ms(5500));
    const StoreStory story(run.lines());
    REQUIRE(story.wrong.empty());
    REQUIRE(leaders(story).size() == 1);
    REQUIRE(leaders(story).front() != first);
    for (std::uint32_t node = 0; node < 3; ++node) {
      REQUIRE(missing(story, node) == 0);
      REQUIRE(story.logs.at(node).entries == story.logs.at(0).entries);
    }
    std::vector<std::string> stages;
    for (const auto &[at, stage] : story.failover) stages.push_back(stage);
    REQUIRE(stages.size() >= 4);
    REQUIRE(stages.front() == "suspected");
    REQUIRE(stages.back() == "reachable");
    REQUIRE(breachOf(run).empty());
  }
}

TEST_CASE("A time-out that is ended by hand makes a leader, and a promotion too") {
  const StoreLab store = raftLab(3, {}, steadyClients);
  Run run(store.lab);
  run.apply(Duration::ms(20), {Kind::TimeOut, StoreLab::member(1), {}, 0});
  run.until(Duration::ms(100));
  REQUIRE(run.described(1, "role") == "leader");
  REQUIRE(run.described(1, "term") == "1");
  run.apply(Duration::ms(1000), {Kind::Promote, StoreLab::member(2), {}, 0});
  run.until(Duration::ms(1100));
  REQUIRE(run.described(2, "role") == "leader");
  REQUIRE(run.described(1, "role") == "follower");
  REQUIRE(run.described(2, "term") == "2");
}

TEST_CASE("Setting the clocks of members disturbs neither elections nor leases") {
  const auto outcomes = [](bool set) {
    const StoreLab store =
        raftLab(3, {{"reads", std::string("lease")}, {"prevote", true}}, steadyClients);
    Run run(store.lab);
    for (std::uint32_t i = 0; set && i < 3; ++i)
      for (const double hours : {1.0, -2.0, 0.5})
        run.apply(Duration::ms(1500 + 100 * i),
                  {Kind::SetClockOffset, NodeIndex{i}, {}, hours * 3600e9});
    run.until(Duration::seconds(4));
    CHECK(run.described(0, "term") == "1");
    return run.outcomes();
  };
  const auto calm = outcomes(false);
  CHECK(calm.at(trace::RequestOutcome::Ok) > 200);
  CHECK(calm.size() == 1);
  CHECK(outcomes(true) == calm);
}

namespace {

/// Time passes, in steps: a sync of the scripted disk ends when the next one begins.
void pass(FakeContext &ctx, Program &program) {
  for (int i = 0; i < 100; ++i) ctx.runFor(program, Duration::ms(10));
}

} // namespace

TEST_CASE("A value may be as long as an answer can hold, and is refused in words beyond") {
  FakeContext ctx;
  auto member = make("raft", {});
  member->start(ctx);
  pass(ctx, *member);
  const SocketId client = ctx.freshSocket();
  const SocketId listener = 1;
  member->onSocket(ctx, accepted(listener, client, {}));
  std::string longest;
  for (std::size_t i = 0; i + 1 < kv::valueBytesMax; ++i) longest += "%25";
  member->onSocket(ctx, tcpData(client, "PCM1 set id=1 key=k value=" + longest + "%25\n"));
  member->onSocket(ctx, tcpData(client, "PCM1 set id=2 key=k value=" + longest + "\n"));
  pass(ctx, *member);
  member->onSocket(ctx, tcpData(client, "PCM1 get id=3 key=k\n"));
  pass(ctx, *member);
  member->onSocket(ctx, tcpData(client, "PCM1 append id=4 key=k value=v\n"));
  pass(ctx, *member);
  const std::string said = ctx.streamText(client);
  REQUIRE(said.find("PCM1 refused id=1 why=the%20value%20is%20too%20long") == 0);
  REQUIRE(said.find("PCM1 ok id=2 term=1 index=2 at=2") != std::string::npos);
  const std::size_t answer = said.find("PCM1 value id=3 key=k value=" + longest + " at=2\n");
  REQUIRE(answer != std::string::npos);
  REQUIRE(wire::cluster::decode(said.substr(answer, said.find('\n', answer) - answer)).ok());
  REQUIRE(said.find("PCM1 refused id=4 why=the%20value%20has%20grown%20too%20long") !=
          std::string::npos);
}

TEST_CASE("Comparing, appending and counting answer as the protocol says") {
  FakeContext ctx;
  auto member = make("raft", {});
  member->start(ctx);
  pass(ctx, *member);
  const SocketId client = ctx.freshSocket();
  member->onSocket(ctx, accepted(1, client, {}));
  member->onSocket(ctx, tcpData(client, "PCM1 cas id=1 key=seat to=free\n"
                                        "PCM1 cas id=2 key=seat from=free to=ann\n"
                                        "PCM1 cas id=3 key=seat from=free to=bob\n"
                                        "PCM1 append id=4 key=list value=x\n"
                                        "PCM1 append id=5 key=list value=y\n"
                                        "PCM1 add id=7 key=list value=1\n"
                                        "PCM1 add id=8 key=n value=2 once=a%201\n"
                                        "PCM1 add id=9 key=n value=2 once=a%201\n"));
  pass(ctx, *member);
  member->onSocket(ctx, tcpData(client, "PCM1 get id=6 key=list\nPCM1 get id=10 key=n\n"));
  pass(ctx, *member);
  const std::string said = ctx.streamText(client);
  for (const std::string part :
       {"ok id=1 ", "ok id=2 ", "failed id=3 value=ann", "value id=6 key=list value=xy",
        "refused id=7 why=a%20number", "ok id=8 ", "ok id=9 ", "value id=10 key=n value=2 "}) {
    INFO(part);
    REQUIRE(said.find("PCM1 " + part) != std::string::npos);
  }
}

TEST_CASE("A member that does not lead answers what may be old, and sends on what may not") {
  const std::vector<ParameterRow> rows{
      {{{"name", std::string("m1")}, {"address", std::string("10.0.0.1")}}},
      {{{"name", std::string("m2")}, {"address", std::string("10.0.0.2")}}}};
  FakeContext ctx;
  net::NodeSpec node;
  node.name = "m1";
  node.interfaces.emplace_back().address = wire::Ipv4Prefix::parse("10.0.0.1/24");
  ctx.setNode(node);
  auto member = make("raft", {{"members", rows}});
  member->start(ctx);
  const Endpoint leader{*wire::Ipv4Address::parse("10.0.0.2"), 7401};
  const auto hears = [&](const std::string &line) {
    member->onSocket(ctx, datagram(2, leader, wire::Payload::of(line)));
    for (int i = 0; i < 4; ++i) ctx.runFor(*member, Duration::ms(5));
  };
  hears("PCM1 append from=m2 term=1 index=1 before=0 commit=0 of=1 do=no-op of=1 do=write key=k "
        "value=v\n");
  REQUIRE_FALSE(ctx.datagrams.empty());
  REQUIRE(ctx.datagrams.back().data.toText() == "PCM1 append-ok from=m1 term=1 index=2\n");
  const SocketId client = ctx.freshSocket();
  member->onSocket(ctx, accepted(1, client, {}));
  member->onSocket(ctx, tcpData(client, "PCM1 get id=1 key=k\n"
                                        "PCM1 get id=2 key=k level=stale\n"
                                        "PCM1 get id=3 key=k level=stale after=2\n"
                                        "PCM1 set id=4 key=k value=w\n"));
  ctx.runFor(*member, Duration::ms(20));
  const std::string first = "PCM1 redirect id=1 to=10.0.0.2:7400\n"
                            "PCM1 value id=2 key=k at=0\n"
                            "PCM1 redirect id=4 to=10.0.0.2:7400\n";
  REQUIRE(ctx.streamText(client) == first);
  hears("PCM1 heartbeat from=m2 term=1 commit=2 round=1\n");
  // Now it knows what was asked for.
  REQUIRE(ctx.streamText(client) == first + "PCM1 value id=3 key=k value=v at=2\n");
}

namespace {

/// One random fault.
void trouble(Run &run, RandomStream &random, SimTime &at) {
  at += random.uniform(Duration::ms(20), Duration::ms(400));
  const Duration when = at - SimTime::zero();
  const auto node = NodeIndex{static_cast<std::uint32_t>(random.below(5))};
  const auto cable = LinkIndex{static_cast<std::uint32_t>(random.below(5))};
  switch (random.below(9)) {
  case 0: run.apply(when, {Kind::CrashNode, node, {}, 0}); return;
  case 1:
  case 2: run.apply(when, {Kind::RestartNode, node, {}, 0}); return;
  case 3: run.apply(when, {Kind::PauseNode, node, {}, 0}); return;
  case 4: run.apply(when, {Kind::ResumeNode, node, {}, 0}); return;
  case 5: run.apply(when, {Kind::CutLink, {}, cable, 0}); return;
  case 6: run.apply(when, {Kind::RestoreLink, {}, cable, 0}); return;
  case 7: run.apply(when, {Kind::SetDuplicate, {}, cable, 0.2}); return;
  default: run.apply(when, {Kind::SetLoss, {}, cable, random.chance(0.5) ? 0.0 : 0.2}); return;
  }
}

void endTrouble(Run &run, Duration at) {
  for (std::uint32_t i = 0; i < 5; ++i) {
    run.apply(at, {Kind::ResumeNode, NodeIndex{i}, {}, 0});
    run.apply(at, {Kind::RestoreLink, {}, LinkIndex{i}, 0});
    run.apply(at, {Kind::SetLoss, {}, LinkIndex{i}, 0.0});
    run.apply(at, {Kind::SetDuplicate, {}, LinkIndex{i}, 0.0});
    run.apply(at, {Kind::RestartNode, NodeIndex{i}, {}, 0});
  }
}

} // namespace

TEST_CASE("On a true network, too, no acknowledged write is lost in a storm of faults") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    const StoreLab store = raftLab(5, fast({{"prevote", seed % 2 == 0}}),
                                   {{"clients", std::int64_t{3}},
                                    {"think_ns", std::int64_t{20'000'000}},
                                    {"timeout_ns", std::int64_t{300'000'000}},
                                    {"retries", std::int64_t{10}},
                                    {"read_share", 0.3},
                                    {"duration_ns", std::int64_t{5'000'000'000}}},
                                   seed);
    Run run(store.lab);
    RandomStream random(seed, "trouble", "test");
    SimTime at = SimTime::zero() + Duration::ms(300);
    while (at < SimTime::zero() + Duration::ms(3500)) trouble(run, random, at);
    endTrouble(run, Duration::ms(4000));
    run.until(Duration::seconds(9));
    const StoreStory story(run.lines());
    REQUIRE(story.wrong.empty());
    REQUIRE(leaders(story).size() == 1);
    REQUIRE(story.acknowledged.size() > 5);
    for (std::uint32_t node = 0; node < 5; ++node) {
      REQUIRE(missing(story, node) == 0);
      REQUIRE(story.logs.at(node).entries == story.logs.at(0).entries);
    }
    REQUIRE(breachOf(run).empty());
  }
}

} // namespace packetarium::programs
