// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/judgement.h"
#include "core/analysis/quorum_delays.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <map>

using namespace packetarium;
using namespace packetarium::analysis;

namespace {

constexpr std::string_view service = "store";
SimTime at(double seconds) { return SimTime::fromNs(static_cast<std::int64_t>(seconds * 1e9)); }

/// The built-in scenario, so busy that many reads follow a write at once.
std::vector<std::string> busy(const std::vector<std::string> &more = {}) {
  std::vector<std::string> settings = {
      "nodes.writers.programs.load.clients=10", "nodes.writers.programs.load.think_ns=250000000",
      "nodes.readers.programs.load.clients=60", "nodes.readers.programs.load.think_ns=40000000"};
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

std::vector<std::string> onAll(const std::vector<std::string> &settings) {
  std::vector<std::string> all;
  for (const char *member : {"ada", "ben", "cem", "dora", "emil"})
    for (const std::string &setting : settings)
      all.push_back(fmt::format("nodes.{}.programs.store.{}", member, setting));
  return all;
}

fixture::Run runOf(const std::vector<std::string> &settings, double seconds, bool faults) {
  scenario::Scenario document = std::move(scenario::loadBuiltIn("quorums")).value();
  if (!faults) document.script.clear();
  for (const std::string &s : settings) REQUIRE(scenario::applySetting(document, s).ok());
  return fixture::runDocument(std::move(document), at(seconds));
}

struct Tally {
  double reads = 0, fresh = 0, expected = 0;
  double measured() const { return fresh / reads; }
  double predicted() const { return expected / reads; }
};
struct Compared {
  Tally all;
  std::map<int, Tally> byTens; ///< from 0, 10, 20 ... ms on
};

FactBook factsOf(const fixture::Run &run) {
  FactBook facts;
  facts.extend(run.trace);
  return facts;
}

/// What was measured in the first 60 ms beside what is predicted for the same reads.
Compared compare(const fixture::Run &run) {
  const FactBook facts = factsOf(run);
  const judge::History history = historyOf(facts, service, ~trace::Sequence{0});
  const auto quorum = quorumDelaysOf(*run.built.plan, service);
  REQUIRE(quorum);
  const auto predicted = cluster::predictPbs(quorum->placements, 50'000);
  constexpr Duration step = Duration::ms(2);
  Compared out;
  for (const StalenessPoint &p : stalenessCurve(history, markReads(history), step, 30)) {
    const double middleMs = p.after.toMs() - step.toMs() / 2;
    for (Tally *tally : {&out.all, &out.byTens[10 * static_cast<int>(middleMs / 10)]}) {
      tally->reads += static_cast<double>(p.reads);
      tally->fresh += static_cast<double>(p.fresh);
      tally->expected += static_cast<double>(p.reads) * predicted.freshAt(middleMs);
    }
  }
  return out;
}

void checkAlike(const Compared &compared, double margin, double marginOfTens) {
  CHECK(compared.all.reads > 1500);
  CHECK(compared.all.measured() == Approx(compared.all.predicted()).margin(margin));
  for (const auto &[from, tally] : compared.byTens) {
    INFO("from " << from << " ms, " << tally.reads << " reads");
    REQUIRE(tally.reads > 200);
    CHECK(tally.measured() == Approx(tally.predicted()).margin(marginOfTens));
  }
}

} // namespace

TEST_CASE("A store of five members is as fresh as where its keys lie, and the links, predict",
          "[statistics]") {
  const auto run = runOf(busy(), 36, false);
  const Compared compared = compare(run);
  // The writers' side commits without the readers' side, where half of the keys are read.
  CHECK(compared.byTens.at(0).predicted() > 0.3);
  CHECK(compared.byTens.at(0).predicted() < 0.7);
  CHECK(compared.byTens.at(30).predicted() > 0.99);
  checkAlike(compared, .02, .06);
}

TEST_CASE("With one replica to write, members asked at random and frames astray it does too",
          "[statistics]") {
  std::vector<std::string> settings =
      busy({"nodes.readers.programs.load.read_from=any", "links.near-far.reorder=0.4"});
  for (const std::string &setting : onAll({"w=1", "read_repair=false", "sync_disk=false"}))
    settings.push_back(setting);
  checkAlike(compare(runOf(settings, 36, false)), .02, .06);
}

TEST_CASE("Two of three to write and two to read are fresh at once, measured and predicted",
          "[statistics]") {
  const Compared compared = compare(runOf(busy(onAll({"r=2"})), 36, false));
  CHECK(compared.all.reads > 1000);
  CHECK(compared.all.measured() == 1);
  CHECK(compared.all.predicted() == 1);
}

TEST_CASE("A quorum's placements are those that its clients and the ring make") {
  const auto run = runOf({}, 0.1, false);
  const auto quorum = quorumDelaysOf(*run.built.plan, service);
  REQUIRE(quorum);
  CHECK((quorum->n == 3 && quorum->r == 1 && quorum->w == 2));
  CHECK(quorum->longestMs == Approx(26).margin(.2)); // 0.5 + 25 + 0.5
  double sum = 0;
  for (const cluster::PbsPlacement &placement : quorum->placements) {
    CHECK(placement.replicas.size() == 3);
    sum += placement.share;
  }
  CHECK(sum == Approx(1));
  CHECK_FALSE(quorumDelaysOf(*run.built.plan, "another"));
  const auto other = runOf({"nodes.readers.programs.load.key_name=other"}, 0.1, false);
  CHECK_FALSE(quorumDelaysOf(*other.built.plan, service)); // nobody reads what was written
}

TEST_CASE("Times of faults last until the replicas have been brought up") {
  const auto run = runOf({}, 30, true);
  const auto times = restlessTimes(factsOf(run), *run.built.plan, service);
  REQUIRE(times.size() == 2);
  CHECK(times[0].from == at(10));
  CHECK(times[0].to == at(20)); // up again at 18 s
  CHECK(times[1].from == at(25));
  CHECK(times[1].to == at(27 + 2 + 4 * 4)); // an empty disk: every four seconds another member
  const auto calm = runOf({}, 5, false);
  CHECK(restlessTimes(factsOf(calm), *calm.built.plan, service).empty());
}
