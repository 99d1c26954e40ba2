// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

using namespace packetarium;
using namespace packetarium::analysis;

namespace {

/// PACKETARIUM_CRASHES sets how many random crashes are gone through.
std::uint64_t crashesToTry() {
  const char *const value = std::getenv("PACKETARIUM_CRASHES");
  return value == nullptr ? 100 : std::strtoull(value, nullptr, 10);
}

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
