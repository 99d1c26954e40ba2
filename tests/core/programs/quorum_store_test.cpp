// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/quorum_lab.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace testing::quorum;
using Kind = world::Action::Kind;
using trace::FactTopic;

Given quorumOf(std::int64_t n, std::int64_t r, std::int64_t w, Given more = {}) {
  more.insert({{"n", n}, {"r", r}, {"w", w}});
  return more;
}

/// One client, busy: reads and writes of one key after another.
Given oneClient(std::int64_t keys, double readShare, Given more = {}) {
  more.insert({{"keys", keys},
               {"read_share", readShare},
               {"think_ns", std::int64_t{3'000'000}},
               {"duration_ns", std::int64_t{3'000'000'000}}});
  return more;
}

std::size_t ended(const Run &run, const std::string &how, const std::string &verb) {
  std::size_t count = 0;
  for (const Done &d : doneIn(run))
    if (d.how == how && d.verb == verb) ++count;
  return count;
}

/// Reads that gave something other than what a single writer had been told was there.
std::size_t staleReads(const Run &run) {
  std::size_t stale = 0;
  std::map<std::string, std::vector<Done>> writes;
  const auto all = doneIn(run);
  for (const Done &d : all)
    if (d.verb != "read") writes[d.key].push_back(d);
  for (const Done &d : all) {
    if (d.verb != "read" || d.how != "ok") continue;
    std::string least = "-";
    bool newer = false, known = d.value == "-";
    for (const Done &w : writes[d.key]) {
      if (w.how == "ok" && w.ended <= d.began) least = w.value;
    }
    bool afterLeast = least == "-";
    for (const Done &w : writes[d.key]) {
      if (w.value == least) afterLeast = true;
      if (w.value == d.value) {
        known = true;
        newer = afterLeast;
      }
    }
    const bool fine = known && (d.value == "-" ? least == "-" : newer);
    if (!fine) ++stale;
  }
  return stale;
}

/// Parts these nodes from all others; nobody is apart: all are together again.
void cut(Run &run, const std::set<std::size_t> &apart, Duration at) {
  const std::size_t nodes = run.world().plan().network.nodes.size();
  for (std::size_t i = 0; i < nodes; ++i) {
    const double side = apart.empty() ? 0 : apart.count(i) > 0 ? 2 : 1;
    run.apply(at, {Kind::SetPartition, QuorumLab::node(i), {}, side});
  }
}

} // namespace

TEST_CASE("With R + W > N a single writer's reads are never stale while nothing fails") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (const auto &[r, w] : {std::pair{2, 2}, std::pair{1, 3}, std::pair{3, 1}})
      for (const bool sloppy : {false, true}) {
        INFO("seed " << seed << " R " << r << " W " << w << " sloppy " << sloppy);
        QuorumLab store(5, quorumOf(3, r, w, {{"sloppy", sloppy}, {"read_repair", seed % 2 == 0}}),
                        {{oneClient(4, 0.5), {0, 1, 2, 3, 4}},
                         {oneClient(4, 1.0, {{"read_from", std::string("any")}}), {0, 1, 2, 3, 4}}},
                        seed);
        for (std::size_t i = 0; i < 5; ++i)
          store.lab.link(i).jitter = Duration::ms(static_cast<std::int64_t>(2 * i));
        Run run(store.lab);
        run.until(Duration::seconds(4));
        CHECK(ended(run, "ok", "write") > 20);
        CHECK(ended(run, "ok", "read") > 60);
        CHECK(ended(run, "fail", "write") + ended(run, "info", "write") == 0);
        CHECK(staleReads(run) == 0);
      }
}

TEST_CASE("A strict quorum keeps that promise while frames are lost and members crash") {
  std::size_t writes = 0, reads = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    QuorumLab store(5, quorumOf(3, 2, 2, {{"sloppy", false}, {"hinted_handoff", seed % 2 == 0}}),
                    {{oneClient(3, 0.5, {{"think_ns", std::int64_t{20'000'000}}}), {0, 1, 2, 3, 4}},
                     {oneClient(3, 1.0, {{"read_from", std::string("any")}}), {0, 1, 2, 3, 4}}},
                    seed);
    for (std::size_t i = 0; i < 5; ++i) {
      store.lab.link(i).loss = .05;
      store.lab.link(i).duplicate = .2;
      store.lab.link(i).reorder = .2;
    }
    Run run(store.lab);
    for (std::size_t i = 0; i < 5; ++i) {
      const auto at = Duration::ms(static_cast<std::int64_t>(300 + 500 * i));
      run.apply(at, {Kind::CrashNode, QuorumLab::node((i + seed) % 5), {}, 0});
      run.apply(at + Duration::ms(300),
                {Kind::RestartNode, QuorumLab::node((i + seed) % 5), {}, 0});
    }
    run.until(Duration::seconds(5));
    writes += ended(run, "ok", "write");
    reads += ended(run, "ok", "read");
    CHECK(staleReads(run) == 0);
  }
  CHECK(writes > 300);
  CHECK(reads > 600);
}

TEST_CASE("A member tells its role and its points on the ring") {
  QuorumLab store(3, quorumOf(3, 2, 2, {{"virtual_nodes", std::int64_t{4}}}), {});
  Run run(store.lab);
  run.until(Duration::ms(10));
  for (std::uint32_t i = 0; i < 3; ++i) {
    REQUIRE(run.facts(i, FactTopic::Role).size() == 1);
    CHECK(run.facts(i, FactTopic::Role)[0].second == "replica");
    REQUIRE(run.facts(i, FactTopic::Ring).size() == 1);
    CHECK(run.facts(i, FactTopic::Ring)[0].second.size() == 4 * 9 - 1);
    CHECK(run.facts(i, FactTopic::Ring)[0].second == run.described(i, "ring"));
  }
}

TEST_CASE("A strict quorum refuses on the smaller side of a cut, a sloppy one answers on both") {
  for (const bool sloppy : {false, true}) {
    // One key; its replicas are three of five. Cut off two members with a client of their own.
    QuorumLab store(5, quorumOf(3, 2, 2, {{"sloppy", sloppy}}),
                    {{oneClient(6, 0.5,
                                {{"duration_ns", std::int64_t{9'000'000'000}},
                                 {"think_ns", std::int64_t{50'000'000}}}),
                      {0, 1, 2}},
                     {oneClient(6, 0.5,
                                {{"duration_ns", std::int64_t{9'000'000'000}},
                                 {"think_ns", std::int64_t{50'000'000}}}),
                      {3, 4}}});
    Run run(store.lab);
    cut(run, {3, 4, 6}, Duration::seconds(3));
    run.until(Duration::seconds(10));
    std::size_t answered = 0, refused = 0;
    for (const Done &d : doneIn(run))
      if (d.began > SimTime::zero() + Duration::seconds(5) && d.process.rfind("c2", 0) == 0)
        ++(d.how == "ok" ? answered : refused);
    INFO("sloppy " << sloppy << " answered " << answered << " refused " << refused);
    if (sloppy) {
      CHECK(refused == 0);
      CHECK(answered > 20);
      CHECK(factsOf(run, FactTopic::Hint, "kept ") > 0);
    } else {
      CHECK(refused > 0);
      CHECK(run.phases().size() > 0);
      CHECK(std::find(run.phases().begin(), run.phases().end(), "quorum.refused") !=
            run.phases().end());
    }
  }
}

TEST_CASE("After a cut, hints are handed over and every replica holds the same siblings") {
  QuorumLab store(5, quorumOf(3, 2, 2, {{"anti_entropy_ns", std::int64_t{0}}}),
                  {{oneClient(6, 0.3, {{"duration_ns", std::int64_t{7'000'000'000}}}), {0, 1, 2}},
                   {oneClient(6, 0.3, {{"duration_ns", std::int64_t{7'000'000'000}}}), {3, 4}}});
  Run run(store.lab);
  cut(run, {3, 4, 6}, Duration::seconds(3));
  run.until(Duration::ms(7900));
  std::map<std::string, std::set<std::string>> apart;
  for (std::size_t i = 0; i < 5; ++i)
    for (const auto &[key, value] : allHeldAt(run, i)) apart[key].insert(value);
  CHECK(std::any_of(apart.begin(), apart.end(), [](const auto &k) { return k.second.size() > 1; }));
  cut(run, {}, Duration::seconds(8));
  run.until(Duration::seconds(14));
  CHECK(factsOf(run, FactTopic::Hint, "handed ") > 0);
  CHECK(factsOf(run, FactTopic::Conflict) > 0);
  std::size_t siblings = 0;
  std::map<std::string, std::map<std::string, int>> held;
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(run.described(static_cast<std::uint32_t>(i), "hints") == "0");
    for (const auto &[key, value] : allHeldAt(run, i)) ++held[key][value];
  }
  CHECK(held.size() == 6);
  for (const auto &[key, values] : held) {
    INFO(key);
    REQUIRE(values.size() == 1);
    CHECK(values.begin()->second == 3);
    if (values.begin()->first.find('|') != std::string::npos) ++siblings;
  }
  CHECK(siblings > 0);
}

TEST_CASE("A read brings the replicas up whose answers were old") {
  QuorumLab store(
      3,
      quorumOf(
          3, 2, 2,
          {{"anti_entropy_ns", std::int64_t{0}}, {"hinted_handoff", false}, {"sloppy", false}}),
      {{oneClient(3, 0.0, {{"duration_ns", std::int64_t{2'000'000'000}}}), {0}},
       {oneClient(3, 1.0, {{"start_ns", std::int64_t{4'000'000'000}}}), {1}}});
  Run run(store.lab);
  cut(run, {2}, Duration::seconds(1));
  cut(run, {}, Duration::seconds(3));
  run.until(Duration::ms(3900));
  CHECK(allHeldAt(run, 0) == allHeldAt(run, 1));
  CHECK(allHeldAt(run, 0) != allHeldAt(run, 2));
  run.until(Duration::seconds(6));
  CHECK(allHeldAt(run, 0) == allHeldAt(run, 2));
  CHECK(factsOf(run, FactTopic::Repair, "read ") > 0);
  CHECK(factsOf(run, FactTopic::Repair, "merkle ") == 0);
  CHECK(factsOf(run, FactTopic::Hint) == 0);
}

TEST_CASE("Comparing trees brings up a member that lost its disk, and little is sent when all is "
          "alike") {
  QuorumLab store(5,
                  quorumOf(3, 2, 2,
                           {{"anti_entropy_ns", std::int64_t{500'000'000}},
                            {"hinted_handoff", false},
                            {"read_repair", false}}),
                  {{oneClient(40, 0.0), {0, 1, 2, 3, 4}}});
  Run run(store.lab);
  run.until(Duration::seconds(5));
  const auto before = allHeldAt(run, 2);
  CHECK(before.size() > 10);
  CHECK(factsOf(run, FactTopic::Repair, "merkle ") == 0);
  run.apply(Duration::seconds(5), {Kind::CrashNode, QuorumLab::node(2), {}, 0});
  run.apply(Duration::ms(5900), {Kind::RestartEmpty, QuorumLab::node(2), {}, 0});
  run.until(Duration::ms(5950));
  CHECK(allHeldAt(run, 2).size() < before.size());
  run.until(Duration::seconds(15));
  CHECK(allHeldAt(run, 2) == before);
  CHECK(factsOf(run, FactTopic::Repair, "merkle ") >= before.size());
}

TEST_CASE("A restart keeps what was acknowledged") {
  QuorumLab store(3, quorumOf(3, 1, 3, {{"anti_entropy_ns", std::int64_t{0}}}),
                  {{oneClient(5, 0.0, {{"duration_ns", std::int64_t{2'000'000'000}}}), {0}}});
  Run run(store.lab);
  run.until(Duration::seconds(3));
  const auto before = allHeldAt(run, 0);
  CHECK(before.size() == 5);
  for (std::size_t i = 0; i < 3; ++i) {
    run.apply(Duration::seconds(3), {Kind::CrashNode, QuorumLab::node(i), {}, 0});
    run.apply(Duration::seconds(4), {Kind::RestartNode, QuorumLab::node(i), {}, 0});
  }
  run.until(Duration::seconds(5));
  for (std::size_t i = 0; i < 3; ++i) CHECK(allHeldAt(run, i) == before);
}

TEST_CASE("Last write wins: writes of both sides of a cut end as one, and the others are named") {
  QuorumLab store(5, quorumOf(3, 2, 2, {{"policy", std::string("last-write-wins")}}),
                  {{oneClient(3, 0.0, {{"duration_ns", std::int64_t{7'000'000'000}}}), {0, 1, 2}},
                   {oneClient(3, 0.0,
                              {{"duration_ns", std::int64_t{7'000'000'000}},
                               {"start_ns", std::int64_t{4'000'000'000}}}),
                    {3, 4}}});
  Run run(store.lab);
  run.until(Duration::seconds(2));
  CHECK(factsOf(run, FactTopic::Merged) == 0); // one writer alone loses nothing
  cut(run, {3, 4, 6}, Duration::seconds(3));
  cut(run, {}, Duration::seconds(8));
  run.until(Duration::seconds(16));
  CHECK(factsOf(run, FactTopic::Merged) > 0);
  std::map<std::string, std::set<std::string>> held;
  for (std::size_t i = 0; i < 5; ++i)
    for (const auto &[key, value] : allHeldAt(run, i)) held[key].insert(value);
  CHECK(held.size() == 3);
  for (const auto &[key, values] : held) {
    CHECK(values.size() == 1);
    CHECK(values.begin()->find('|') == std::string::npos);
  }
}

TEST_CASE("The store says why it does not compare and set, add or append") {
  for (const char *kind : {"add", "cart"}) {
    QuorumLab store(3, quorumOf(3, 2, 2),
                    {{oneClient(1, 0.0, {{"operations", std::string(kind)}}), {0}}});
    Run run(store.lab);
    run.until(Duration::seconds(1));
    const auto phases = run.phases(0);
    CHECK(std::find(phases.begin(), phases.end(), "quorum.refused") != phases.end());
    CHECK(ended(run, "ok", "add") == 0);
  }
}

} // namespace packetarium::programs
