// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"
#include "core/analysis/judgement.h"
#include "core/scenario/json.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

/// How old what DNS says may be, against what follows from the TTL alone.
using namespace packetarium;
using namespace packetarium::analysis;

namespace {

/// admin changes a name at the server ns; reader looks it up. Instants as JSON members.
fixture::Run changingName(const std::string &updater, const std::string &reader, int seconds) {
  std::string addresses;
  for (int i = 1; i <= 60; ++i)
    addresses += fmt::format(R"({}{{"address": "10.1.0.{}"}})", i == 1 ? "" : ",", i);
  const auto node = [](const char *id, int n, const std::string &programs) {
    return fmt::format(R"({{"id": "{0}", "name": "{0}", "kind": "server", "interfaces":
      [{{"id": "eth0", "mac": "02:00:00:00:00:0{1}", "address": "10.0.0.{1}/24"}}],
      "programs": [{2}]}},)",
                       id, n, programs);
  };
  const auto link = [](const char *id, int n) {
    return fmt::format(R"({{"id": "l{1}", "from": {{"node": "{0}", "interface": "eth0"}}, "to":
      {{"node": "hub", "interface": "p{1}"}}, "rate_bps": 100000000, "delay_ns": 500000}}{2})",
                       id, n, n == 3 ? "" : ",");
  };
  const std::string text =
      R"({"version": 1, "id": "names", "title": "Names", "seed": 3, "nodes": [)" +
      node("ns", 1, R"({"id": "d", "kind": "dns-server", "parameters": {"zone": "example.com",
        "negative_ttl_s": 0, "updates_from": [{"address": "10.0.0.2"}]}})") +
      node("admin", 2,
           R"({"id": "u", "kind": "dns-updater", "parameters": {"server": "10.0.0.1",
        "name": "www.example.com", "addresses": [)" +
               addresses + "], " + updater + "}}") +
      node("reader", 3,
           R"({"id": "r", "kind": "dns-resolver", "parameters": {"servers":
        [{"address": "10.0.0.1"}]}}, {"id": "q", "kind": "dns-reader", "parameters":
        {"name": "www.example.com", )" +
               reader + "}}") +
      R"({"id": "hub", "name": "hub", "kind": "switch", "interfaces":
        [{"id": "p1", "mac": "02:00:00:00:01:01"}, {"id": "p2", "mac": "02:00:00:00:01:02"},
         {"id": "p3", "mac": "02:00:00:00:01:03"}]}], "links": [)" +
      link("ns", 1) + link("admin", 2) + link("reader", 3) + "]}";
  auto document = scenario::parse(text);
  if (!document.ok()) FAIL(document.faults().front().text());
  return fixture::runDocument(std::move(document).value(),
                              SimTime::zero() + Duration::seconds(seconds));
}

struct Staleness {
  std::size_t reads = 0, fresh = 0, stale = 0;
  double mean = 0, worst = 0; ///< seconds; the mean is over all reads
};

Staleness stalenessOf(const fixture::Run &run) {
  FactBook facts;
  facts.extend(run.trace);
  Staleness s;
  for (const ReadMark &mark : markReads(historyOf(facts, "dns", facts.seenUpTo()))) {
    ++s.reads;
    s.fresh += mark.freshness == Freshness::Fresh ? 1 : 0;
    s.stale += mark.freshness == Freshness::Stale ? 1 : 0;
    if (mark.freshness == Freshness::Stale) {
      CHECK(mark.missed.has_value());
      s.mean += mark.staleBy.toSeconds();
      s.worst = std::max(s.worst, mark.staleBy.toSeconds());
    }
  }
  s.mean /= static_cast<double>(s.reads);
  return s;
}

/// The way there and back, the disk, the server's time.
constexpr double updateTime = 0.02;

} // namespace

TEST_CASE("With a TTL of zero every read of a name is fresh, however often it changes") {
  const auto s = stalenessOf(changingName(R"("ttl_s": 0, "period_ns": 70000000)",
                                          R"("start_ns": 50000000, "period_ns": 31000000)", 60));
  CHECK(s.reads > 1900);
  CHECK(s.fresh == s.reads);
}

TEST_CASE("No read of a name is staler than its TTL and the time that a change takes") {
  for (const int ttl : {1, 3, 8, 20}) {
    const auto run = changingName(fmt::format(R"("ttl_s": {}, "arrivals": "poisson",
                                                 "period_ns": 2500000000)",
                                              ttl),
                                  R"("start_ns": 100000000, "period_ns": 170000000)", 600);
    const auto s = stalenessOf(run);
    INFO(ttl << " s: worst " << s.worst << " s, " << s.stale << " of " << s.reads << " stale");
    CHECK(s.fresh + s.stale == s.reads);
    CHECK(s.worst <= ttl + updateTime);
    CHECK(s.worst > 0.8 * ttl); // the bound is no idle one
  }
}

TEST_CASE("Changes at fixed times make reads as stale as their ages in the cache say") {
  // Each answer is read at ages 0, 1 ... 20 s, and changes come every 47 s: of the 47 phases that a
  // change may have to an answer, age a sees a changes. So a share of sum(a) / (21 * 47) is stale,
  // and the mean staleness is sum(a^2 / 2) / (21 * 47).
  double ages = 0, squares = 0;
  for (int a = 0; a <= 20; ++a) {
    ages += a;
    squares += a * a / 2.0;
  }
  const auto run = changingName(R"("ttl_s": 20, "period_ns": 47000000000)",
                                R"("start_ns": 500000000)", 21 * 47 * 6);
  const auto s = stalenessOf(run);
  const auto reads = static_cast<double>(s.reads);
  CHECK(static_cast<double>(s.stale) / reads == Approx(ages / (21 * 47)).epsilon(.01));
  CHECK(s.mean == Approx(squares / (21 * 47)).epsilon(.01));
}

TEST_CASE("Changes at random times make reads as stale as the TTL and their rate foretell") {
  // At age a since it came, an answer has missed a change with 1 - e^-ma, and the oldest one it
  // missed is a - (1 - e^-ma) / m old on average. Reads come at random, at rate r: of 1 + rT in a
  // TTL of T, all but the first find an age uniform in (0, T).
  constexpr double ttl = 20, m = 1 / 15., r = 2;
  const double missed = 1 - (1 - std::exp(-m * ttl)) / (m * ttl);
  const double age = ttl / 2 - missed / m;
  constexpr double cached = r * ttl / (1 + r * ttl);
  const auto run = changingName(
      R"("ttl_s": 20, "arrivals": "poisson", "period_ns": 15000000000)",
      R"("start_ns": 500000000, "arrivals": "poisson", "period_ns": 500000000)", 30000);
  const auto s = stalenessOf(run);
  INFO(s.mean << " s, foretold " << cached * age);
  // Some 1460 answers: the share is known to 1.5 % of itself or so, the mean to 2.5 %.
  CHECK(static_cast<double>(s.stale) / static_cast<double>(s.reads) ==
        Approx(cached * missed).epsilon(.04));
  CHECK(s.mean == Approx(cached * age).epsilon(.06));
}

TEST_CASE("A stale read of a name is explained by the reader's own cache") {
  const auto run =
      changingName(R"("ttl_s": 8, "period_ns": 5000000000)", R"("start_ns": 3000000000)", 8);
  FactBook facts;
  facts.extend(run.trace);
  const auto history = historyOf(facts, "dns", facts.seenUpTo());
  const auto marks = markReads(history);
  const auto stale = std::find_if(marks.begin(), marks.end(), [](const ReadMark &mark) {
    return mark.freshness == Freshness::Stale;
  });
  REQUIRE(stale != marks.end());
  CHECK(stale->why.find("It missed “write www.example.com 10.1.0.2” of admin-") == 0);
  const auto &read = history.operations[stale->operation];
  const std::string told =
      explainMiss(facts, run.network(), read, history.operations[*stale->missed]);
  INFO(told);
  CHECK(told.find("ns took the write, reader answered the read. reader had the answer in its own "
                  "cache since 3.00") != std::string::npos);
  const auto story =
      missStory(run.trace, run.network(), facts, read, history.operations[*stale->missed]);
  CHECK(std::any_of(story.begin(), story.end(), [](const WhyStep &step) {
    return step.sentence.find("reader found the answer in its own cache") == 0;
  }));
}

TEST_CASE("Names whose changes have ended converge once the caches let the old answer go") {
  const auto run = changingName(R"("ttl_s": 8, "period_ns": 5000000000, "count": 4)",
                                R"("start_ns": 3000000000)", 40);
  FactBook facts;
  facts.extend(run.trace);
  const auto verdictAt = [&](double seconds, std::string_view title) {
    trace::Sequence upTo = 0;
    for (const FactMark &f : facts.facts())
      if (f.at.toSeconds() <= seconds) upTo = f.sequence;
    for (const Light &light : lightsOf(facts, run.network(), "dns", upTo, {}))
      if (light.title == title) return light.verdict;
    return judge::Verdict::Unknown;
  };
  CHECK(verdictAt(39, "Linearizable") == judge::Verdict::False);
  CHECK(verdictAt(39, "Sequential") == judge::Verdict::True);
  CHECK(verdictAt(39, "Monotonic reads") == judge::Verdict::True);
  CHECK(verdictAt(39, "Convergence") == judge::Verdict::True);
  for (double t = 5; t < 40; t += 1) {
    INFO(t);
    CHECK(verdictAt(t, "Convergence") != judge::Verdict::False);
    CHECK(verdictAt(t, "No lost write") != judge::Verdict::False);
  }
}
