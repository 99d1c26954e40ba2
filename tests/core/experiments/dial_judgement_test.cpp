// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"
#include "core/analysis/judgement.h"
#include "core/experiments/cap_dial.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <string>

using namespace packetarium;
using namespace packetarium::analysis;
using namespace packetarium::experiments;
using analysis::fixture::Run;

namespace {

const Light &lightOf(const std::vector<Light> &lights, const std::string &title) {
  const auto found =
      std::find_if(lights.begin(), lights.end(), [&](const Light &l) { return l.title == title; });
  REQUIRE(found != lights.end());
  return *found;
}

} // namespace

TEST_CASE("a red light names the read, the write it missed, who answered, and the partition") {
  const auto document = withDesign(scenario::loadBuiltIn("cap-dial").value(), Design::MultiPrimary);
  REQUIRE(document.ok());
  const Run run =
      analysis::fixture::runDocument(*document, SimTime::zero() + Duration::seconds(26));
  FactBook facts;
  facts.extend(run.trace);
  judge::Budget budget;
  budget.time = std::chrono::seconds(30);
  const auto stores = storesOf(facts);
  REQUIRE(stores.size() == 1);
  const auto lights = lightsOf(facts, run.network(), stores[0], facts.seenUpTo(), budget);
  const Light &red = lightOf(lights, "Linearizable");
  INFO(red.why);
  REQUIRE(red.verdict == judge::Verdict::False);
  REQUIRE(red.offending);
  CHECK(red.record != 0);
  CHECK_FALSE(red.against.empty());
  const auto history = historyOf(facts, stores[0], facts.seenUpTo());
  const judge::Operation &read = history.operations[*red.offending];
  CHECK(read.returnRecord == red.record);
  CHECK(read.returned == red.since);
  REQUIRE_FALSE(red.contradicts.empty());
  const judge::Operation &missed = history.operations[red.contradicts.front()];
  const auto story = missStory(run.trace, run.network(), facts, read, missed);
  REQUIRE(story.size() >= 4);
  for (std::size_t i = 1; i < story.size(); ++i) CHECK(story[i].sequence > story[i - 1].sequence);
  std::string whole;
  for (const WhyStep &step : story) whole += step.sentence + "\n";
  INFO(whole);
  CHECK(whole.find(judge::text(missed).substr(0, 5)) != std::string::npos);
  // The lost write's light says why it is gone.
  const Light &lost = lightOf(lights, "No lost write");
  CHECK(lost.verdict == judge::Verdict::False);
  CHECK(lost.why.find("was told that") != std::string::npos);
}

TEST_CASE("a read across the cut is explained by the partition") {
  const auto document = withDesign(scenario::loadBuiltIn("cap-dial").value(), Design::AsyncPrimary);
  REQUIRE(document.ok());
  const Run run =
      analysis::fixture::runDocument(*document, SimTime::zero() + Duration::seconds(22));
  FactBook facts;
  facts.extend(run.trace);
  const auto history = historyOf(facts, "shop", facts.seenUpTo());
  std::size_t looked = 0;
  for (const ReadMark &mark : markReads(history)) {
    const judge::Operation &read = history.operations[mark.operation];
    const SimTime cut = SimTime::zero() + Duration::seconds(11);
    if (mark.freshness != Freshness::Stale || read.invoked < cut) continue;
    const std::string why =
        explainMiss(facts, run.network(), read, history.operations[*mark.missed]);
    INFO(why);
    CHECK(why.find("took the write") != std::string::npos);
    CHECK(why.find("A partition had lain between the two since 10") != std::string::npos);
    CHECK(why.find("never got that write") != std::string::npos);
    const auto story =
        missStory(run.trace, run.network(), facts, read, history.operations[*mark.missed], 64);
    std::string whole;
    for (const WhyStep &step : story) whole += step.sentence + "\n";
    INFO(whole);
    CHECK(whole.find("is on side") != std::string::npos);
    ++looked;
  }
  CHECK(looked > 2);
}
