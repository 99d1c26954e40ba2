// SPDX-License-Identifier: GPL-3.0-or-later
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
}

} // namespace packetarium::programs
