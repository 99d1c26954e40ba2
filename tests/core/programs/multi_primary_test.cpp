// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/cluster/merge.h"
#include "core/cluster/text.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/pair_lab.h"
#include "tests/support/catch.h"

#include <sstream>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = world::Action::Kind;

/// Members on three hosts of the switch, each with a client of its own on the same host.
Lab threeMembers(std::uint64_t seed, pair::Given member, pair::Given client) {
  Lab lab = pair::lab(seed);
  const std::vector<std::pair<std::string, std::string>> hosts{
      {"a", "192.0.2.1"}, {"b", "192.0.2.2"}, {"client", "192.0.2.3"}};
  for (const auto &[node, address] : hosts) {
    std::vector<std::string> others;
    for (const auto &other : hosts)
      if (other.second != address) others.push_back(other.second);
    pair::Given given = member;
    given["peers"] = rowsOf("address", others);
    lab.run(node, "multi-primary", given);
  }
  // Clients live where no member crashes with them.
  for (const auto &[node, address] :
       {std::pair{"witness", "192.0.2.1"}, std::pair{"power", "192.0.2.2"}}) {
    pair::Given given = client;
    given["servers"] = rowsOf("address", {address});
    lab.run(node, "kv-client", given);
  }
  return lab;
}

const pair::Given adders{{"operations", std::string("add")},
                         {"keys", std::int64_t{2}},
                         {"read_share", 0.2},
                         {"think_ns", std::int64_t{150'000'000}},
                         {"duration_ns", std::int64_t{12'000'000'000}}};
const pair::Given writers{{"operations", std::string("set")},
                          {"keys", std::int64_t{2}},
                          {"read_share", 0.2},
                          {"think_ns", std::int64_t{150'000'000}},
                          {"duration_ns", std::int64_t{12'000'000'000}}};

/// Crashes, partitions and bad cables between 1 s and 13 s; all is well again afterwards.
void trouble(Run &run, std::uint64_t seed) {
  RandomStream random(seed, "test", "trouble");
  for (int i = 0; i < 6; ++i) {
    const auto at = Duration::seconds(1 + 2 * i);
    const NodeIndex node{static_cast<std::uint32_t>(random.below(3))};
    const LinkIndex cable{node.value};
    switch (random.below(4)) {
    case 0:
      run.apply(at, {Kind::CrashNode, node, {}, 0});
      run.apply(at + Duration::ms(700), {Kind::RestartNode, node, {}, 0});
      break;
    case 1:
      run.apply(at, {Kind::SetPartition, node, {}, 1});
      run.apply(at + Duration::ms(1900), {Kind::SetPartition, node, {}, 0});
      break;
    case 2:
      run.apply(at, {Kind::SetDuplicate, {}, cable, 0.3});
      run.apply(at, {Kind::SetReorder, {}, cable, 0.3});
      break;
    default:
      run.apply(at, {Kind::CutLink, {}, cable, 0});
      run.apply(at + Duration::ms(1500), {Kind::RestoreLink, {}, cable, 0});
    }
  }
}

/// Of the operations told by clients, those that ended so: the third word of each, by key.
std::map<std::string, std::vector<std::string>> told(const Run &run, const std::string &how) {
  std::map<std::string, std::vector<std::string>> values;
  for (const Line &line : run.of(trace::RecordKind::Fact)) {
    if (line.record.detail != static_cast<std::uint16_t>(trace::FactTopic::Operation)) continue;
    std::istringstream words(line.second);
    std::string verb, key, value;
    words >> verb >> key >> value;
    if (line.first == how && verb != "read") values[key].push_back(value);
  }
  return values;
}

/// The value of a row that stands beneath another one.
std::string below(const std::vector<Described> &tables, std::string_view table,
                  std::string_view name) {
  for (const Described &outer : tables)
    if (outer.name == table)
      for (const Described &row : outer.children)
        if (row.name == name) return row.value;
  for (const Described &outer : tables)
    if (const std::string found = below(outer.children, table, name); found != "none") return found;
  return "none";
}

std::string keyAt(Run &run, std::uint32_t node, std::string_view key) {
  return below(run.world().describe(NodeIndex{node}).tables, "keys", key);
}

} // namespace

TEST_CASE("After crashes, partitions and bad cables, members hold the same and no count is lost") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    const Lab lab = threeMembers(
        seed, {{"type", std::string("counter")}, {"policy", std::string("merge")}}, adders);
    Run run(lab);
    trouble(run, seed);
    run.until(Duration::seconds(60));
    auto done = told(run, "ok"), perhaps = told(run, "info");
    REQUIRE(done.size() == 2);
    for (auto &[key, amounts] : done) {
      std::int64_t least = 0, most = 0;
      for (const std::string &amount : amounts) least += *cluster::signedOf(amount);
      most = least;
      for (const std::string &amount : perhaps[key]) most += *cluster::signedOf(amount);
      const auto held = cluster::signedOf(keyAt(run, 0, key));
      REQUIRE(held.has_value());
      CHECK(*held >= least);
      CHECK(*held <= most);
      CHECK(keyAt(run, 1, key) == keyAt(run, 0, key));
      CHECK(keyAt(run, 2, key) == keyAt(run, 0, key));
    }
    for (std::uint32_t i = 1; i < 3; ++i)
      CHECK(run.described(i, "version vector") == run.described(0, "version vector"));
  }
}

TEST_CASE("Under every policy members end with the same registers") {
  for (const char *policy : {"last-write-wins", "merge", "application"})
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      INFO(policy << ", seed " << seed);
      const Lab lab = threeMembers(seed, {{"policy", std::string(policy)}}, writers);
      Run run(lab);
      trouble(run, seed + 100);
      run.until(Duration::seconds(60));
      for (std::uint32_t i = 1; i < 3; ++i) {
        CHECK(run.described(i, "version vector") == run.described(0, "version vector"));
        for (const char *key : {"key-1", "key-2"}) CHECK(keyAt(run, i, key) == keyAt(run, 0, key));
        CHECK(run.described(i, "lost writes") == run.described(0, "lost writes"));
      }
    }
}

TEST_CASE("A conflict's facts read back, and the other policies can be asked about it") {
  const Lab lab = threeMembers(3, {}, writers);
  Run run(lab);
  run.apply(Duration::seconds(2), {Kind::SetPartition, pair::a, {}, 1});
  run.apply(Duration::seconds(2), {Kind::SetPartition, pair::witness, {}, 1});
  run.apply(Duration::seconds(8), {Kind::SetPartition, pair::a, {}, 0});
  run.apply(Duration::seconds(8), {Kind::SetPartition, pair::witness, {}, 0});
  run.until(Duration::seconds(20));
  const auto conflicts = run.facts(0, trace::FactTopic::Conflict);
  const auto merged = run.facts(0, trace::FactTopic::Merged);
  REQUIRE_FALSE(conflicts.empty());
  REQUIRE(conflicts.size() == merged.size());
  for (std::size_t i = 0; i < conflicts.size(); ++i) {
    const auto versions = cluster::parseVersions(conflicts[i].third);
    REQUIRE(versions.ok());
    const auto what = cluster::parseMerged(merged[i].third);
    REQUIRE(what.ok());
    const auto last = cluster::resolve(cluster::ConflictPolicy::LastWriteWins, *versions);
    CHECK(what->lost == last.lost);
    CHECK(what->story == last.story);
    CHECK(cluster::resolve(cluster::ConflictPolicy::Merge, *versions).lost.empty());
  }
  CHECK(run.samples("multi.lost_writes").back() > 0);
  CHECK(run.samples("multi.divergent_keys").back() == 0);
}

TEST_CASE("A clock that is behind makes a later write lose, and the loss says so") {
  const Lab lab = threeMembers(5, {}, writers);
  Run run(lab);
  run.apply(Duration::seconds(3), {Kind::SetClockOffset, pair::b, {}, -2e9});
  run.until(Duration::seconds(20));
  std::size_t newerLost = 0;
  for (const Line &line : run.facts(1, trace::FactTopic::Merged)) {
    const auto what = cluster::parseMerged(line.third);
    REQUIRE(what.ok());
    for (const auto &lost : what->lost)
      if (lost.why.find("its member's clock is behind") != std::string::npos) {
        CHECK(lost.dot.member == "b");
        CHECK(line.record.at > SimTime::zero() + Duration::seconds(3));
        ++newerLost;
      }
  }
  CHECK(newerLost > 3);
}

TEST_CASE("A member that restarts with an empty disk hears everything from the others") {
  const Lab lab =
      threeMembers(7, {{"type", std::string("counter")}, {"policy", std::string("merge")}}, adders);
  Run run(lab);
  run.apply(Duration::seconds(15), {Kind::CrashNode, pair::a, {}, 0});
  run.apply(Duration::seconds(16), {Kind::RestartEmpty, pair::a, {}, 0});
  run.until(Duration::seconds(30));
  CHECK(keyAt(run, 0, "key-1") == keyAt(run, 1, "key-1"));
  CHECK(run.described(0, "version vector") == run.described(1, "version vector"));
  CHECK(run.described(0, "member") == "a~16000");
}

TEST_CASE("Each member is a primary, from the start") {
  const Lab lab = threeMembers(1, {{"service", std::string("cart")}}, writers);
  Run run(lab);
  run.until(Duration::seconds(1));
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto roles = run.facts(i, trace::FactTopic::Role);
    REQUIRE(roles.size() == 1);
    CHECK(roles.front().first == "cart");
    CHECK(roles.front().second == "primary");
  }
}

} // namespace packetarium::programs
