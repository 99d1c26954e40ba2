// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/programs/kv_client/key_choice.h"
#include "core/programs/kv_store/replicated_log.h"
#include "core/programs/kv_store/settings.h"
#include "tests/support/catch.h"

#include <cmath>
#include <vector>

using namespace packetarium;
using namespace packetarium::programs;
using namespace packetarium::programs::kv;

TEST_CASE("A replicated log does what a plain list does") {
  RandomStream random(7, "log", "test");
  ReplicatedLog log;
  std::vector<Entry> naive;
  for (int i = 0; i < 20'000; ++i) {
    if (random.chance(0.02)) {
      const std::uint64_t keep = random.below(naive.size() + 1);
      log.truncate(keep);
      naive.resize(keep);
    }
    const Entry e{
        1 + static_cast<std::uint64_t>(i) / 50,
        SimTime::fromNs(i),
        {"write", "k", std::to_string(i), "c" + std::to_string(i % 5) + " " + std::to_string(i)}};
    log.append(e);
    naive.push_back(e);
    REQUIRE(log.last() == naive.size());
    const std::uint64_t at = 1 + random.below(naive.size());
    REQUIRE(log.at(at) == naive[at - 1]);
    REQUIRE(log.matches(at, naive[at - 1].epoch));
    REQUIRE_FALSE(log.matches(at, naive[at - 1].epoch + 1));
    REQUIRE(log.placeOf(e.change) == log.last());
  }
  REQUIRE(log.matches(0, 0));
  REQUIRE_FALSE(log.matches(naive.size() + 1, 0));
}

TEST_CASE("The same change is found again until it is thrown away") {
  ReplicatedLog log;
  log.append({1, {}, {"write", "a", "1", "client-1 1"}});
  log.append({1, {}, {"write", "a", "2", "client-1 2"}});
  REQUIRE(log.placeOf({"write", "a", "2", "client-1 2"}) == 2);
  log.truncate(1);
  REQUIRE(log.placeOf({"write", "a", "2", "client-1 2"}) == 0);
  REQUIRE(log.placeOf({"write", "a", "1", "client-1 1"}) == 1);
}

TEST_CASE("Entries survive their way onto the disk and over the wire") {
  const Entry e{3, SimTime::fromNs(17), {"add", "a cart = b", "x%\n,y", "client 1 9"}};
  REQUIRE(decodeEntry(encodeEntry(e)) == e);
  REQUIRE_FALSE(decodeEntry("PCM1 entry of=0 do=write\n").has_value());
  REQUIRE_FALSE(decodeEntry("nonsense").has_value());
}

TEST_CASE("A table counts, keeps sets, and forgets") {
  Table t;
  t.apply({"add", "views", "1", {}});
  t.apply({"add", "views", "41", {}});
  REQUIRE(t.get("views") == "42");
  t.apply({"add", "cart", "figs", {}});
  t.apply({"add", "cart", "bread", {}});
  t.apply({"add", "cart", "figs", {}});
  REQUIRE(t.get("cart") == "bread,figs");
  t.apply({"remove", "cart", "bread", {}});
  REQUIRE(t.get("cart") == "figs");
  REQUIRE_FALSE(t.accepts({"add", "cart", "1", {}}));
  t.apply({"remove", "cart", {}, {}});
  REQUIRE_FALSE(t.get("cart").has_value());
  t.apply({"begin", "m1", {}, {}});
  REQUIRE(t.size() == 1);
}

TEST_CASE("No two members ever own the same epoch") {
  std::vector<ParameterRow> rows(3);
  for (std::size_t i = 0; i < 3; ++i) rows[i].values["address"] = "10.0.0." + std::to_string(i + 1);
  std::map<std::uint64_t, std::size_t> owner;
  for (std::size_t i = 0; i < 3; ++i) {
    const Members m(rows, {*wire::Ipv4Address::parse("10.0.0." + std::to_string(i + 1))}, "n");
    REQUIRE(m.self() == i);
    std::uint64_t epoch = 0;
    for (int k = 0; k < 10; ++k) {
      epoch = m.nextOwnEpoch(epoch);
      REQUIRE(m.ownerOf(epoch) == i);
      REQUIRE(owner.emplace(epoch, i).second);
    }
  }
  REQUIRE(owner.size() == 30);
  REQUIRE(owner.rbegin()->first == 30);
}

TEST_CASE("Keys are drawn by Zipf's law") {
  constexpr int draws = 200'000;
  const KeyChoice keys("k", 5, 1.0);
  RandomStream random(1, "zipf", "test");
  std::map<std::string, int> seen;
  for (int i = 0; i < draws; ++i) ++seen[keys.draw(random)];
  double harmonic = 0;
  for (int k = 1; k <= 5; ++k) harmonic += 1.0 / k;
  for (int k = 1; k <= 5; ++k) {
    const double share = 1.0 / k / harmonic;
    const double sigma = std::sqrt(share * (1 - share) / draws);
    CHECK(std::abs(static_cast<double>(seen["k-" + std::to_string(k)]) / draws - share) <
          5 * sigma);
  }
}
