// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"
#include "core/analysis/judgement.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <string>

using namespace packetarium;
using namespace packetarium::analysis;

namespace {

/// The explanations of all stale reads of a service in a built-in scenario, one a line.
std::string staleReads(const std::string &scenario, std::int64_t seconds,
                       const std::string &service) {
  const fixture::Run run = fixture::run(scenario, SimTime::zero() + Duration::seconds(seconds));
  FactBook facts;
  facts.extend(run.trace);
  const auto history = historyOf(facts, service, facts.seenUpTo());
  std::string told;
  for (const ReadMark &mark : markReads(history)) {
    if (mark.freshness != Freshness::Stale) continue;
    const auto &read = history.operations[mark.operation];
    const auto &missed = history.operations[*mark.missed];
    CHECK(answeredBy(facts, run.network(), read));
    told += explainMiss(facts, run.network(), read, missed) + "\n";
    const auto story = missStory(run.trace, run.network(), facts, read, missed);
    REQUIRE(story.size() >= 4); // both began, and both were told
    CHECK(std::is_sorted(story.begin(), story.end(), [](const WhyStep &a, const WhyStep &b) {
      return a.sequence < b.sequence;
    }));
    for (const trace::Sequence known : {read.invokeRecord, missed.invokeRecord})
      CHECK(std::any_of(story.begin(), story.end(),
                        [&](const WhyStep &step) { return step.sequence == known; }));
  }
  return told;
}

bool has(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a replica that lags behind: it got the write only later") {
  const std::string told = staleReads("stale-read", 20, "prices");
  INFO(told);
  CHECK(has(told, "took the write"));
  CHECK(has(told, "got that write only at"));
}

TEST_CASE("a cut line between two primaries is named") {
  const std::string told = staleReads("two-primaries", 20, "cart");
  INFO(told);
  CHECK(has(told, "The link router west – router east had been cut since 8.000 s."));
}

TEST_CASE("a conflict that was settled without the write is named, and why") {
  const std::string told = staleReads("clocks-disagree", 20, "cart");
  INFO(told);
  CHECK(has(told, "had settled a conflict without that write at"));
  CHECK(has(told, "clock is behind"));
}

TEST_CASE("a cache that let the key go is named") {
  const std::string told = staleReads("consistency-patterns", 6, "weak");
  INFO(told);
  CHECK(has(told, "cache had let account-"));
}

TEST_CASE("a reader's own cache that keeps an old answer is named, and until when") {
  const std::string told = staleReads("consistency-patterns", 20, "dns");
  INFO(told);
  CHECK(has(told, "names took the write, visitor answered the read."));
  CHECK(has(told, "visitor had the answer in its own cache since"));
}
