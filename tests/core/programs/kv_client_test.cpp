// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/kv_fixture.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <sstream>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = world::Action::Kind;

constexpr std::int64_t ms = 1'000'000;

Given with(Given base, const Given &more) {
  for (const auto &[key, value] : more) base[key] = value;
  return base;
}
Given member(const Given &more = {}) { return with({{"heartbeat_interval_ns", 100 * ms}}, more); }
Given client(const std::string &operations, const Given &more = {}) {
  return with({{"operations", operations},
               {"clients", std::int64_t{4}},
               {"think_ns", 20 * ms},
               {"timeout_ns", 300 * ms}},
              more);
}

/// How often a milestone was told.
std::ptrdiff_t times(const Run &run, const std::string &milestone) {
  const auto all = run.phases();
  return std::count(all.begin(), all.end(), milestone);
}

/// An Operation fact, cut into its words.
struct Told {
  std::string how, verb, key, process;
  std::vector<std::string> values;
};
std::vector<Told> toldBy(const Run &run) {
  std::vector<Told> all;
  for (const Line &l : run.lines()) {
    if (l.record.kind != trace::RecordKind::Fact ||
        static_cast<trace::FactTopic>(l.record.detail) != trace::FactTopic::Operation)
      continue;
    Told t;
    t.how = l.first;
    std::istringstream words(l.second), who(l.third);
    words >> t.verb >> t.key;
    for (std::string w; words >> w;) t.values.push_back(w);
    who >> t.process;
    all.push_back(std::move(t));
  }
  return all;
}

/// Reads that went back before what their own process had written or read of the key. Each value
/// has its place in the log of the primary.
int steppedBack(const Run &run) {
  std::map<std::string, std::size_t> place{{"-", 0}};
  const StoreStory story(run.lines());
  const auto &entries = story.logs.at(0).entries;
  for (std::size_t i = 0; i < entries.size(); ++i)
    place[entries[i].second.substr(entries[i].second.rfind(' ') + 1)] = i + 1;
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  int violations = 0;
  for (const Told &t : toldBy(run)) {
    if (t.how != "ok") continue;
    std::size_t &newest = seen[{t.process, t.key}];
    const std::size_t at = place.at(t.values.at(0));
    if (t.verb == "read" && at < newest) ++violations;
    newest = std::max(newest, at);
  }
  return violations;
}

} // namespace

TEST_CASE("Each compare-and-set that is done replaces what the one before it wrote") {
  StoreLab store(3, member({{"mode", std::string("sync")}}),
                 client("cas", {{"keys", std::int64_t{1}}, {"read_share", 0.2}}));
  Run run(store.lab);
  run.until(Duration::seconds(5));
  const StoreStory story(run.lines());
  std::map<std::string, std::string> after; // by the value that was replaced
  int failed = 0;
  for (const Told &t : toldBy(run)) {
    if (t.verb != "cas") continue;
    if (t.how == "fail") ++failed;
    if (t.how != "ok") continue;
    REQUIRE(t.values.size() == 2);
    REQUIRE(after.emplace(t.values[0], t.values[1]).second);
  }
  REQUIRE(after.size() > 100);
  REQUIRE(failed > 20);
  std::string at = "-";
  std::size_t steps = 0;
  for (; after.contains(at); ++steps) at = after.at(at);
  REQUIRE(steps == after.size());
}

TEST_CASE("What is appended is there once, although answers are lost") {
  StoreLab store(1, member(),
                 client("append", {{"keys", std::int64_t{1}},
                                   {"read_share", 0.1},
                                   {"retries", std::int64_t{20}},
                                   {"duration_ns", 4000 * ms}}));
  store.lab.link(1).loss = 0.1;
  Run run(store.lab);
  run.until(Duration::seconds(20));
  std::string last;
  std::vector<std::string> done;
  for (const Told &t : toldBy(run)) {
    REQUIRE(t.how != "info");
    if (t.how != "ok") continue;
    if (t.verb == "append") done.push_back(t.values.at(0));
    if (t.verb == "read") last = t.values.at(0);
  }
  REQUIRE(done.size() > 50);
  // Whatever the last read did not see yet came after it; nothing stands there twice.
  std::set<std::string> seen;
  for (std::istringstream parts(last); std::getline(parts, last, ',');)
    REQUIRE(seen.insert(last).second);
  REQUIRE(seen.size() > 40);
}

TEST_CASE("The sum of all accounts stays where transfers compare and set") {
  StoreLab store(3,
                 member({{"mode", std::string("sync")}, {"promotion", std::string("automatic")}}),
                 client("transfer", {{"keys", std::int64_t{3}},
                                     {"audit_every_ns", 500 * ms},
                                     {"duration_ns", 9000 * ms}}));
  Run run(store.lab);
  run.apply(Duration::seconds(3), {Kind::CutLink, {}, StoreLab::cable(0), 0});
  run.apply(Duration::seconds(6), {Kind::RestoreLink, {}, StoreLab::cable(0), 0});
  run.until(Duration::seconds(12));
  REQUIRE(times(run, "bank.transferred") > 200);
  REQUIRE(times(run, "bank.sum-right") > 8);
  REQUIRE(times(run, "bank.sum-wrong") == 0);
  REQUIRE(run.samples("bank.sum").back() == 300);
}

TEST_CASE("Transfers that write over what they read make and lose money") {
  StoreLab store(1, member(),
                 client("transfer", {{"keys", std::int64_t{2}},
                                     {"change_by", std::string("read-then-write")},
                                     {"decide_ns", 5 * ms},
                                     {"audit_every_ns", 500 * ms}}));
  Run run(store.lab);
  run.until(Duration::seconds(6));
  REQUIRE(times(run, "bank.sum-wrong") > 3);
}

TEST_CASE("Sessions read their own writes and never go back, if they ask for it") {
  for (const bool session : {true, false}) {
    INFO(session);
    StoreLab store(3, member({{"reads", std::string("any")}, {"ship_interval_ns", 300 * ms}}),
                   client("set", {{"keys", std::int64_t{2}},
                                  {"session", session},
                                  {"read_from", std::string("any")}}));
    Run run(store.lab);
    run.until(Duration::seconds(6));
    REQUIRE(run.outcomes().at(trace::RequestOutcome::Ok) > 100);
    REQUIRE((steppedBack(run) > 10) != session);
    if (session) REQUIRE(steppedBack(run) == 0);
  }
}

TEST_CASE("A replica that stays behind sends a session to the primary") {
  StoreLab store(2,
                 member({{"reads", std::string("any")},
                         {"ship_interval_ns", 3600'000 * ms},
                         {"catch_up_wait_ns", 50 * ms}}),
                 client("set", {{"session", true}, {"read_from", std::string("any")}}));
  Run run(store.lab);
  run.until(Duration::seconds(4));
  REQUIRE(run.outcomes().at(trace::RequestOutcome::Ok) > 50);
  REQUIRE(steppedBack(run) == 0);
}

TEST_CASE("A read that may be stale is answered by a replica that otherwise sends it on") {
  StoreLab store(
      2, member(),
      client("set", {{"level", std::string("stale")}, {"read_from", std::string("any")}}));
  Run run(store.lab);
  run.until(Duration::seconds(2));
  REQUIRE(run.described(1, "served").rfind("0 reads", 0) != 0);
}

TEST_CASE("A seat is sold once where it is compared and set") {
  for (const bool cas : {true, false}) {
    INFO(cas);
    StoreLab store(3, member({{"mode", std::string("sync")}}),
                   client("seat", {{"keys", std::int64_t{5}},
                                   {"key_name", std::string("seat")},
                                   {"change_by", std::string(cas ? "cas" : "read-then-write")},
                                   {"clients", std::int64_t{3}},
                                   {"decide_ns", 200 * ms}}));
    Run run(store.lab);
    run.until(Duration::seconds(20));
    const auto sold = times(run, "seat.sold");
    REQUIRE((sold == 5) == cas);
    REQUIRE(sold >= 5);
    REQUIRE((times(run, "seat.lost") > 0) == cas);
    REQUIRE((times(run, "seat.sold-twice") > 0) != cas);
  }
}

TEST_CASE("On both sides of a cut the last seat is sold by a store that stays available") {
  Lab lab(switchedNetwork({"east", "west", "ann", "bob"}));
  const auto row = [](const std::string &address) { return ParameterRow{{{"address", address}}}; };
  const auto rows = [&](const char *first, const char *second) {
    return std::vector<ParameterRow>{row(first), row(second)};
  };
  const Given store{{"peers", rows("10.0.0.1", "10.0.0.2")}, {"anti_entropy_ns", 200 * ms}};
  lab.run("east", "multi-primary", store).run("west", "multi-primary", store);
  const Given buyer{{"operations", std::string("seat")},
                    {"key_name", std::string("seat")},
                    {"keys", std::int64_t{1}},
                    {"change_by", std::string("read-then-write")},
                    {"read_from", std::string("nearest")},
                    {"start_ns", 3000 * ms},
                    {"think_ns", 500 * ms}};
  lab.run("ann", "kv-client", with(buyer, {{"servers", rows("10.0.0.1", "10.0.0.2")}}));
  lab.run("bob", "kv-client", with(buyer, {{"servers", rows("10.0.0.2", "10.0.0.1")}}));
  Run run(lab);
  for (const std::uint32_t n : {0U, 2U})
    run.apply(Duration::seconds(2), {Kind::SetPartition, NodeIndex{n}, {}, 1});
  for (const std::uint32_t n : {1U, 3U})
    run.apply(Duration::seconds(2), {Kind::SetPartition, NodeIndex{n}, {}, 2});
  run.until(Duration::seconds(6));
  REQUIRE(times(run, "seat.sold") == 2);
  REQUIRE(times(run, "seat.sold-twice") == 0);
  for (std::uint32_t n = 0; n < 4; ++n)
    run.apply(Duration::seconds(6), {Kind::SetPartition, NodeIndex{n}, {}, 0});
  run.until(Duration::seconds(12));
  REQUIRE(times(run, "seat.sold-twice") >= 1);
}

TEST_CASE(
    "Where all members take writes a session is refused by those that have not heard of its") {
  for (const bool session : {true, false}) {
    INFO(session);
    Lab lab(switchedNetwork({"east", "west", "ann"}));
    const auto rows = std::vector<ParameterRow>{{{{"address", std::string("10.0.0.1")}}},
                                                {{{"address", std::string("10.0.0.2")}}}};
    for (const char *node : {"east", "west"}) lab.run(node, "multi-primary", {{"peers", rows}});
    lab.run("ann", "kv-client",
            client("set", {{"keys", std::int64_t{2}},
                           {"clients", std::int64_t{1}},
                           {"session", session},
                           {"servers", rows},
                           {"read_from", std::string("any")}}));
    Run run(lab);
    // The members do not hear each other; ann hears both.
    for (const std::uint32_t n : {0U, 1U})
      run.apply(Duration::seconds(1),
                {Kind::SetPartition, NodeIndex{n}, {}, static_cast<double>(n + 1)});
    run.until(Duration::seconds(4));
    std::map<std::string, std::string> written;
    int reads = 0, missed = 0;
    for (const Told &t : toldBy(run)) {
      if (t.how != "ok") continue;
      if (t.verb == "write") written[t.key] = t.values.at(0);
      if (t.verb != "read" || !written.contains(t.key)) continue;
      ++reads;
      if (t.values.at(0) != written[t.key]) ++missed;
    }
    REQUIRE(reads > 20);
    REQUIRE((missed == 0) == session);
  }
}

TEST_CASE("A Raft cluster keeps the sum although one member after another is cut off") {
  StoreLab store(3, {},
                 client("transfer", {{"keys", std::int64_t{4}},
                                     {"retries", std::int64_t{20}},
                                     {"audit_every_ns", 500 * ms},
                                     {"duration_ns", 10'000 * ms}}),
                 7, "raft");
  Run run(store.lab);
  for (int i = 0; i < 9; ++i) {
    const std::size_t cable = static_cast<std::size_t>(i) % 3;
    run.apply(Duration::ms(1000 + i * 1000), {Kind::CutLink, {}, StoreLab::cable(cable), 0});
    run.apply(Duration::ms(1700 + i * 1000), {Kind::RestoreLink, {}, StoreLab::cable(cable), 0});
  }
  run.until(Duration::seconds(16));
  REQUIRE(times(run, "bank.transferred") > 100);
  REQUIRE(times(run, "bank.sum-wrong") == 0);
  REQUIRE(run.samples("bank.sum").back() == 400);
}

TEST_CASE("On the smaller side of a cut a Raft cluster sells nothing, and nothing twice") {
  StoreLab store(3, {},
                 client("seat", {{"keys", std::int64_t{1}},
                                 {"start_ns", 2000 * ms},
                                 {"read_from", std::string("any")}}),
                 3, "raft");
  Run run(store.lab);
  // The client is alone with one member.
  for (const std::uint32_t n : {0U, 3U})
    run.apply(Duration::seconds(1), {Kind::SetPartition, NodeIndex{n}, {}, 1});
  for (const std::uint32_t n : {1U, 2U})
    run.apply(Duration::seconds(1), {Kind::SetPartition, NodeIndex{n}, {}, 2});
  run.until(Duration::seconds(12));
  REQUIRE(times(run, "seat.sold") == 0);
  REQUIRE(times(run, "seat.refused") > 0);
  for (std::uint32_t n = 0; n < 4; ++n)
    run.apply(Duration::seconds(12), {Kind::SetPartition, NodeIndex{n}, {}, 0});
  run.until(Duration::seconds(20));
  REQUIRE(times(run, "seat.sold") == 1);
  REQUIRE(times(run, "seat.sold-twice") == 0);
}

TEST_CASE("Stale reads of a Raft cluster hold a session's guarantees if it asks for them") {
  for (const bool session : {true, false}) {
    INFO(session);
    StoreLab store(3, {{"heartbeat_ns", 100 * ms}},
                   client("set", {{"keys", std::int64_t{2}},
                                  {"session", session},
                                  {"level", std::string("stale")},
                                  {"read_from", std::string("any")}}),
                   1, "raft");
    Run run(store.lab);
    run.until(Duration::seconds(6));
    REQUIRE(run.outcomes().at(trace::RequestOutcome::Ok) > 100);
    REQUIRE((steppedBack(run) == 0) == session);
  }
}

} // namespace packetarium::programs
