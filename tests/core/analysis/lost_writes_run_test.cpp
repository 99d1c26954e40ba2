// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"

#include <map>
#include <set>
#include <sstream>

using namespace packetarium;
using namespace packetarium::analysis;

namespace {

std::uint64_t crashesToTry() { return randomRuns(100); }

/// The scenario of the lost write with its crash at some other instant, and others to follow.
fixture::Run crashedSomewhere(std::uint64_t seed, bool comesBack) {
  RandomStream random(seed, "crash", "test");
  auto document = scenario::loadBuiltIn("lost-write");
  REQUIRE(document.ok());
  scenario::Scenario s = *document;
  s.seed = seed;
  const SimTime crash = SimTime::zero() + random.uniform(Duration::ms(1500), Duration::ms(4000));
  std::vector<scenario::ScriptEntry> script;
  for (scenario::ScriptEntry entry : s.script) {
    if (entry.id == "crash") entry.at = crash;
    if (entry.id == "promote") entry.at = crash + Duration::ms(1500);
    if (entry.id == "return") entry.at = crash + Duration::ms(3000);
    if (entry.id != "return" || comesBack) script.push_back(entry);
  }
  s.script = script;
  return fixture::runDocument(s, crash + Duration::ms(5000));
}

/// Client acknowledgements against the log of the one that took over, with the plainest means.
std::set<std::string> missingIn(const fixture::Run &run, std::uint32_t survivor) {
  std::vector<std::string> log;
  std::set<std::string> believed;
  for (const auto &slot : run.trace.slots())
    for (const trace::Record &r : slot.chunk->records) {
      if (r.kind != trace::RecordKind::Fact) continue;
      const std::string name(slot.chunk->text(r.args[1])), value(slot.chunk->text(r.args[2]));
      const auto topic = static_cast<trace::FactTopic>(r.detail);
      if (topic == trace::FactTopic::Operation && name == "ok" && value.rfind("write", 0) == 0)
        believed.insert(value);
      if (topic != trace::FactTopic::Log || r.node != survivor) continue;
      std::istringstream words(value);
      std::string what;
      std::size_t index = 0;
      words >> what >> index;
      if (what == "append") log.emplace_back(slot.chunk->text(r.args[3]));
      if (what == "truncate" && index <= log.size()) log.resize(index - 1);
    }
  for (const std::string &held : log) believed.erase(held);
  return believed;
}

} // namespace

TEST_CASE("The lost writes that are named are those that clients believe in and nobody holds") {
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= crashesToTry(); ++seed) {
    INFO("seed " << seed);
    const bool comesBack = seed % 3 != 0;
    const fixture::Run run = crashedSomewhere(seed, comesBack);
    std::uint32_t beta = 0;
    while (run.network().nodes[beta].id != "beta") ++beta;
    FactBook facts;
    facts.extend(run.trace);
    std::set<std::string> named;
    for (const LostWrite &w : lostWrites(facts, run.network(), ~trace::Sequence{0})) {
      REQUIRE(named.insert(w.operation).second);
      REQUIRE((w.lost != 0) == comesBack);
      REQUIRE_FALSE(w.story.empty());
    }
    REQUIRE(named == missingIn(run, beta));
    lost += named.size();
  }
  CHECK(lost > crashesToTry() / 4);
}

namespace {

/// "cart-2" of "write cart-2 west-1.22", and "west-1.22".
std::pair<std::string, std::string> keyAndValue(const std::string &operation) {
  std::istringstream words(operation);
  std::string verb, key, value;
  words >> verb >> key >> value;
  return {key, value};
}

} // namespace

TEST_CASE("What last-write-wins threw away is named, and no reader sees it ever again") {
  for (const char *id : {"two-primaries", "clocks-disagree"}) {
    INFO(id);
    auto document = scenario::loadBuiltIn(id);
    REQUIRE(document.ok());
    const auto run = fixture::runDocument(*document, SimTime::zero() + document->duration);
    FactBook facts;
    facts.extend(run.trace);
    const auto lost = lostWrites(facts, run.network(), run.trace.lastSequence());
    CHECK_FALSE(lost.empty());
    std::set<std::string> named;
    for (const LostWrite &w : lost) {
      INFO(w.operation << ": " << w.story);
      CHECK(named.insert(w.operation).second);
      CHECK(w.acknowledged < w.lost);
      CHECK_FALSE(w.client.empty());
      const auto [key, value] = keyAndValue(w.operation);
      for (const std::uint32_t i : facts.of(trace::FactTopic::Operation)) {
        const FactMark &f = facts.facts()[i];
        // The other member hears of it within a second: then nobody has it any more.
        if (f.at < w.lostAt + Duration::seconds(1) || facts.text(f.name) != "ok") continue;
        CHECK(facts.text(f.value) != "read " + key + " " + value);
      }
    }
  }
}

TEST_CASE("Where versions are merged, no write is lost") {
  auto document = scenario::loadBuiltIn("two-primaries");
  REQUIRE(document.ok());
  scenario::Scenario s = *document;
  for (scenario::Node &node : s.nodes)
    for (scenario::Program &program : node.programs)
      if (program.kind == "multi-primary") program.parameters["policy"] = std::string("merge");
  const auto run = fixture::runDocument(s, SimTime::zero() + s.duration);
  FactBook facts;
  facts.extend(run.trace);
  CHECK(lostWrites(facts, run.network(), run.trace.lastSequence()).empty());
}
