// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/programs/cache_store/memory.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using Action = world::Action::Kind;
using Given = std::map<std::string, ParameterValue>;

constexpr std::int64_t ms = 1'000'000;

std::vector<ParameterRow> serversAt(const std::string &address) {
  return {ParameterRow{{{"address", address}}}};
}

/// Hosts: cache 10.0.0.1, client 10.0.0.2, origin 10.0.0.3.
Lab labOf(const Given &cache, Given client) {
  Lab lab(switchedNetwork({"cache", "client", "origin"}));
  client["servers"] = serversAt("10.0.0.1");
  client.emplace("think_ns", 20 * ms);
  client.emplace("timeout_ns", 300 * ms);
  lab.run("cache", "cache-store", cache).run("client", "kv-client", client);
  lab.run("origin", "kv-store");
  return lab;
}

std::vector<std::string> evictedWhy(const Run &run) {
  std::vector<std::string> all;
  for (const Line &l : run.facts(0, trace::FactTopic::Evicted)) all.push_back(l.third);
  return all;
}

/// Reads that found nothing although their key had been written before.
int readsOfNothing(const Run &run, SimTime from = SimTime::zero()) {
  std::set<std::string> written;
  int count = 0;
  for (const Line &l : run.facts(1, trace::FactTopic::Operation)) {
    if (l.first != "ok") continue;
    const std::size_t key = l.second.find(' ') + 1, value = l.second.rfind(' ') + 1;
    const std::string name = l.second.substr(key, value - key);
    if (l.second.rfind("write", 0) == 0)
      written.insert(name);
    else if (l.second.substr(value) == "-" && written.contains(name) && l.record.at >= from)
      ++count;
  }
  return count;
}

} // namespace

TEST_CASE("A cache's memory does what a plain list in order of use does") {
  RandomStream random(3, "memory", "test");
  cache::Memory memory(8, Duration::ms(50));
  struct Kept {
    std::string key, value;
    SimTime ends;
  };
  std::vector<Kept> naive; // least recently used first
  for (int i = 0; i < 20'000; ++i) {
    const SimTime now = SimTime::fromNs(i * ms);
    const std::string key = "k" + std::to_string(random.below(14));
    std::vector<std::string> gone = memory.expire(now), expected;
    const auto ended = [&](const Kept &k) { return k.ends <= now; };
    for (const Kept &k : naive)
      if (ended(k)) expected.push_back(k.key);
    naive.erase(std::remove_if(naive.begin(), naive.end(), ended), naive.end());
    std::sort(gone.begin(), gone.end());
    std::sort(expected.begin(), expected.end());
    REQUIRE(gone == expected);
    const auto at =
        std::find_if(naive.begin(), naive.end(), [&](const Kept &k) { return k.key == key; });
    if (random.chance(0.5)) {
      const auto found = memory.get(key);
      REQUIRE(found.has_value() == (at != naive.end()));
      if (!found) continue;
      REQUIRE(*found == at->value);
      std::rotate(at, at + 1, naive.end());
      continue;
    }
    if (at != naive.end()) naive.erase(at);
    std::optional<std::string> evicted;
    if (naive.size() == 8) {
      evicted = naive.front().key;
      naive.erase(naive.begin());
    }
    naive.push_back({key, std::to_string(i), now + Duration::ms(50)});
    REQUIRE(memory.put(key, std::to_string(i), now) == evicted);
    REQUIRE(memory.size() == naive.size());
  }
}

TEST_CASE("A full cache lets the key go that was not used for the longest time") {
  Run run(labOf({{"entries_max", std::int64_t{5}}}, {{"keys", std::int64_t{12}}}));
  run.until(Duration::seconds(5));
  const auto why = evictedWhy(run);
  REQUIRE(why.size() > 10);
  for (const std::string &w : why) REQUIRE(w.find("room") != std::string::npos);
  REQUIRE(readsOfNothing(run) > 5);
  REQUIRE(run.described(0, "entries") == "5 of 5");
}

TEST_CASE("A cached value goes when its time has ended") {
  Run run(labOf({{"ttl_ns", 1000 * ms}}, {{"keys", std::int64_t{3}}, {"duration_ns", 2000 * ms}}));
  run.until(Duration::seconds(5));
  REQUIRE_FALSE(evictedWhy(run).empty());
  REQUIRE(run.described(0, "entries").rfind("0 of", 0) == 0);
}

TEST_CASE("A crash empties a cache, without a store behind it for good") {
  for (const bool behind : {false, true}) {
    INFO(behind);
    Given cache;
    if (behind) cache = {{"origin", std::string("10.0.0.3")}, {"write_behind_ns", 100 * ms}};
    Run run(labOf(cache, {{"keys", std::int64_t{5}}, {"read_share", 0.9}, {"think_ns", 5 * ms}}));
    run.apply(Duration::ms(3000), {Action::CrashNode, NodeIndex{0}, {}, 0});
    run.apply(Duration::ms(3200), {Action::RestartNode, NodeIndex{0}, {}, 0});
    run.until(Duration::seconds(6));
    REQUIRE((readsOfNothing(run, SimTime::zero() + Duration::ms(3200)) == 0) == behind);
  }
}

TEST_CASE("What a cache had not handed on is lost with it") {
  Run run(labOf({{"origin", std::string("10.0.0.3")}, {"write_behind_ns", 3'600'000 * ms}},
                {{"keys", std::int64_t{5}}, {"read_share", 0.3}}));
  run.apply(Duration::ms(3000), {Action::CrashNode, NodeIndex{0}, {}, 0});
  run.apply(Duration::ms(3200), {Action::RestartNode, NodeIndex{0}, {}, 0});
  run.until(Duration::seconds(4));
  REQUIRE(readsOfNothing(run, SimTime::zero() + Duration::ms(3200)) > 0);
  REQUIRE(run.described(2, "served").find(" 0 writes") != std::string::npos);
}

TEST_CASE("What is read through a cache is what the store behind it holds") {
  // The cache holds one key; everything else has to come back from behind.
  Run run(labOf({{"origin", std::string("10.0.0.3")},
                 {"entries_max", std::int64_t{1}},
                 {"write_behind_ns", 50 * ms}},
                {{"keys", std::int64_t{6}}, {"operations", std::string("append")}}));
  run.until(Duration::seconds(6));
  std::map<std::string, std::string> appended;
  int reads = 0;
  for (const Line &l : run.facts(1, trace::FactTopic::Operation)) {
    if (l.first != "ok") continue;
    const std::size_t key = l.second.find(' ') + 1, value = l.second.rfind(' ') + 1;
    const std::string name = l.second.substr(key, value - key - 1);
    const std::string is = l.second.substr(value);
    if (l.second.rfind("append", 0) == 0)
      appended[name] += is;
    else if (++reads)
      REQUIRE(is == (appended.contains(name) ? appended[name] : "-"));
  }
  REQUIRE(reads > 50);
}

TEST_CASE("A cache whose store behind is gone refuses what it does not hold") {
  Lab lab = labOf({{"origin", std::string("10.0.0.3")}, {"origin_timeout_ns", 100 * ms}},
                  {{"keys", std::int64_t{50}}, {"read_share", 1.0}, {"retries", std::int64_t{0}}});
  Run run(lab);
  run.apply(Duration::ms(100), {Action::CrashNode, NodeIndex{2}, {}, 0});
  run.until(Duration::seconds(3));
  REQUIRE(run.outcomes().at(trace::RequestOutcome::ServerError) > 3);
}

} // namespace packetarium::programs
