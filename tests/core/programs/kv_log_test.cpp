// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/programs/kv_client/key_choice.h"
#include "core/programs/kv_position.h"
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
  REQUIRE_FALSE(t.refusal({"add", "cart", "1", {}}).empty());
  REQUIRE(t.refusal({"add", "views", "1", {}}).empty());
  t.apply({"remove", "cart", {}, {}});
  REQUIRE_FALSE(t.get("cart").has_value());
  t.apply({"begin", "m1", {}, {}});
  REQUIRE(t.size() == 1);
}

TEST_CASE("A value is set only where it is the expected one") {
  Table t;
  const Change taken{"cas", "seat", "ann", "c 1", "free"};
  REQUIRE(t.apply({"cas", "seat", "free", {}}) == Applied{true});
  REQUIRE(t.apply({"cas", "seat", "free", {}}) == Applied{false, "free"});
  REQUIRE(t.apply(taken) == Applied{true});
  REQUIRE(t.apply({"cas", "seat", "bob", "d 1", "free"}) == Applied{false, "ann"});
  REQUIRE(t.get("seat") == "ann");
  REQUIRE(taken.text() == "cas seat free ann");
  REQUIRE(Change{"cas", "seat", "free", {}}.text() == "cas seat - free");
}

TEST_CASE("A change that comes once more is not done again, and its answer is the same") {
  Table t;
  t.apply({"append", "list", "x", "c 7"});
  t.apply({"append", "list", "y", "c 8"});
  t.apply({"append", "list", "y", "c 8"});
  t.apply({"append", "list", "x", "c 7"}); // late: its client has gone on
  REQUIRE(t.get("list") == "xy");
  const Change lost{"cas", "list", "z", "d 1", "x"};
  const Applied first = t.apply(lost);
  t.apply({"write", "list", "x", "c 9"});
  REQUIRE(t.apply(lost) == first);
  REQUIRE(t.outcomeOf(lost) == first);
  REQUIRE_FALSE(t.outcomeOf({"append", "list", "x", "c 7"}).has_value());
  REQUIRE(Table::decode(t.encode()) == t);
}

TEST_CASE("A value cannot grow for ever") {
  Table t;
  const std::string much(16'000, 'x');
  REQUIRE(t.refusal({"append", "list", much, {}}).empty());
  t.apply({"append", "list", much, {}});
  REQUIRE_FALSE(t.refusal({"append", "list", much, {}}).empty());
}

TEST_CASE("A request says what it wants changed") {
  using wire::cluster::Message;
  const auto cas = changeOf(
      Message("cas").add("key", "seat").add("from", "free").add("to", "ann").add("once", "c 1"));
  REQUIRE(cas == Change{"cas", "seat", "ann", "c 1", "free"});
  REQUIRE(changeOf(Message("cas").add("key", "seat").add("to", "x"))->from == std::nullopt);
  REQUIRE(changeOf(Message("set").add("key", "k").add("value", "v"))->text() == "write k v");
  REQUIRE_FALSE(changeOf(Message("get").add("key", "k")).has_value());
  const Entry e{2, {}, *cas};
  REQUIRE(decodeEntry(encodeEntry(e)) == e);
}

TEST_CASE("Positions are ordered by epoch, then by index") {
  REQUIRE(Position{1, 50} < Position{2, 3});
  REQUIRE(Position::parse("2.17") == Position{2, 17});
  REQUIRE(Position{2, 17}.text() == "2.17");
  REQUIRE(Position::parse("17") == Position{0, 17});
  for (const char *bad : {"", "2.", ".3", "a.b", "1.2.3", "-1.2"})
    REQUIRE_FALSE(Position::parse(bad).has_value());
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
