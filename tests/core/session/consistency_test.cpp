// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace packetarium;

namespace {

struct ToldPhase {
  double at = 0;
  std::string node, milestone, object;
};
struct ToldOperation {
  double at = 0;
  std::string how, verb, value, process, service;
};

/// What a built-in scenario's clients tell.
struct ClientStory {
  std::vector<ToldPhase> phases;
  std::vector<ToldOperation> operations;

  std::ptrdiff_t times(const std::string &node, const std::string &milestone) const {
    return std::count_if(phases.begin(), phases.end(), [&](const ToldPhase &p) {
      return p.node == node && p.milestone == milestone;
    });
  }
};

void readOperation(const trace::Chunk &chunk, const trace::Record &r, ClientStory &into) {
  ToldOperation o;
  o.at = r.at.toSeconds();
  o.how = chunk.text(r.args[1]);
  std::istringstream what{std::string(chunk.text(r.args[2]))},
      who{std::string(chunk.text(r.args[3]))};
  std::string number;
  what >> o.verb >> o.value;
  while (what >> o.value) {
  }
  who >> o.process >> number >> o.service;
  into.operations.push_back(std::move(o));
}

ClientStory clientsOf(const std::string &id) {
  const auto document = scenario::loadBuiltIn(id);
  REQUIRE(document.ok());
  const auto built = scenario::build(*document);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + document->duration;
  session::Runner runner(built->plan, built->script, end);
  ClientStory story;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    for (const auto &chunk : runner.takeChunks())
      for (const trace::Record &r : chunk->records) {
        if (r.kind == trace::RecordKind::Fact &&
            r.detail == static_cast<std::uint16_t>(trace::FactTopic::Operation))
          readOperation(*chunk, r, story);
        if (r.kind == trace::RecordKind::Phase)
          story.phases.push_back({r.at.toSeconds(), built->plan->network.nodes[r.node].id,
                                  std::string(chunk->text(r.args[0])),
                                  std::string(chunk->text(r.args[1]))});
      }
  }
  return story;
}

/// Reads of a process that did not see its own acknowledged write although nobody else had written
/// since: by the name of the client.
std::map<std::string, int> forgottenWrites(const ClientStory &story) {
  std::map<std::string, std::set<std::string>> before; ///< values that its own write came after
  std::set<std::string> known;
  std::map<std::string, int> forgotten;
  for (const ToldOperation &o : story.operations) {
    if (o.how != "ok") continue;
    if (o.verb == "write") {
      before[o.process] = known;
      known.insert(o.value);
    } else if (before[o.process].contains(o.value)) {
      ++forgotten[o.process.substr(0, o.process.find('-'))];
    }
  }
  return forgotten;
}

} // namespace

TEST_CASE("The last seat is refused where the store is consistent, and sold twice where not") {
  const ClientStory story = clientsOf("last-seat");
  std::map<std::string, int> sold; // by "opera seat-3"
  for (const ToldOperation &o : story.operations)
    if (o.how == "ok" && o.verb != "read") ++sold[o.service];
  CHECK(sold.at("opera") == 3);
  CHECK(sold.at("circus") == 4);
  CHECK(story.times("bob", "seat.refused") >= 1);
  CHECK(story.times("ann", "seat.refused") == 0);
  REQUIRE(story.times("bob", "seat.sold-twice") == 1);
  for (const ToldPhase &p : story.phases) {
    if (p.milestone == "seat.refused") CHECK((p.at > 12 && p.at < 34));
    if (p.milestone == "seat.sold-twice") CHECK(p.at > 32);
  }
}

TEST_CASE("The same transfers keep the sum on a strong store alone") {
  const ClientStory story = clientsOf("consistency-patterns");
  CHECK(story.times("bank-1", "bank.sum-right") >= 12);
  CHECK(story.times("bank-1", "bank.sum-wrong") == 0);
  CHECK(story.times("bank-2", "bank.sum-wrong") >= 2);
  CHECK(story.times("bank-2", "bank.sum-right") >= 2);
  CHECK(story.times("bank-3", "bank.sum-wrong") >= 5);
  CHECK(story.times("strong-2", "raft.elected") == 1);
  CHECK(story.times("phone-2", "voice.gap") >= 1);
}

TEST_CASE("Mail is accepted while the recipient's server is down, and all of it delivered") {
  const ClientStory story = clientsOf("consistency-patterns");
  std::map<std::string, double> accepted, delivered;
  for (const ToldPhase &p : story.phases) {
    if (p.node == "mail-1" && p.milestone == "mail.accepted") accepted[p.object] = p.at;
    if (p.milestone == "mail.delivered") delivered[p.object] = p.at;
  }
  REQUIRE(accepted.size() >= 19);
  double slowest = 0;
  for (const auto &[letter, at] : accepted) {
    REQUIRE(delivered.contains(letter));
    slowest = std::max(slowest, delivered.at(letter) - at);
    if (at > 20 && at < 32) CHECK(delivered.at(letter) > 32);
  }
  CHECK(slowest > 10);
  CHECK(slowest < 30);
}

TEST_CASE(
    "A name is read no staler than its TTL, refused while nobody knows it, and right in the end") {
  const ClientStory story = clientsOf("consistency-patterns");
  constexpr double ttl = 8, updateTime = 0.02;
  std::vector<std::pair<std::string, double>> written; // addresses, and when that was acknowledged
  std::map<std::string, double> began;                 // by process
  double worst = 0;
  int fresh = 0, stale = 0, refused = 0;
  for (const ToldOperation &o : story.operations) {
    if (o.service != "dns") continue;
    if (o.how == "invoke") began[o.process] = o.at;
    if (o.verb == "write" && o.how == "ok") written.push_back({o.value, o.at});
    if (o.verb != "read" || o.how == "invoke") continue;
    if (o.how == "fail") {
      ++refused;
      CHECK((o.at > 28 && o.at < 34)); // the server crashed at 20 s, its answer lived on
      continue;
    }
    const double at = began.at(o.process);
    const auto seen = std::find_if(written.begin(), written.end(),
                                   [&](const auto &w) { return w.first == o.value; });
    REQUIRE(seen != written.end());
    const bool missed = seen + 1 != written.end() && (seen + 1)->second < at;
    ++(missed ? stale : fresh);
    if (missed) worst = std::max(worst, at - (seen + 1)->second);
    if (at > 45 + ttl + 1) CHECK(seen + 1 == written.end());
  }
  CHECK(written.size() == 5);
  CHECK(story.times("shop", "dns.name-changed") == 5);
  CHECK(std::count_if(written.begin(), written.end(),
                      [](const auto &w) { return w.second > 32 && w.second < 33.5; }) == 1);
  CHECK(stale >= 15);
  CHECK(fresh >= 25);
  CHECK(refused >= 1);
  CHECK(worst > 5);
  CHECK(worst <= ttl + updateTime);
}

TEST_CASE("Of two readers of an old copy the one with a session misses none of its own writes") {
  const auto forgotten = forgottenWrites(clientsOf("stale-read"));
  REQUIRE(forgotten.contains("ann"));
  CHECK(forgotten.at("ann") >= 2);
  CHECK_FALSE(forgotten.contains("bob"));
}
