// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_election.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::experiments;

namespace {

RaftElectionReport measured(int lowMs, int highMs, std::uint32_t trials) {
  RaftElectionOptions options;
  options.timeoutMin = Duration::ms(lowMs);
  options.timeoutMax = Duration::ms(highMs);
  options.trials = trials;
  auto report = measureRaftElections(options);
  REQUIRE(report.ok());
  CHECK(report->unfinished == 0);
  REQUIRE(report->downtimes.size() == trials);
  return std::move(report).value();
}

} // namespace

// Ongaro and Ousterhout 2014, section 9.3 and figure 16: medians within a fifth.
TEST_CASE("Raft is without a leader as long as the paper measured", "[statistics]") {
  CHECK(measured(150, 155, 1000).quantile(.5).toMs() == Approx(287).epsilon(.2));
  CHECK(measured(150, 200, 1000).quantile(.5).toMs() == Approx(146).epsilon(.2));
  CHECK(measured(150, 300, 1000).quantile(.5).toMs() == Approx(171).epsilon(.2));
}

TEST_CASE("Short timeouts elect within the average that the paper tells", "[statistics]") {
  const RaftElectionReport report = measured(12, 24, 1000);
  CHECK(report.mean().toMs() == Approx(35).epsilon(.2));
  CHECK(report.downtimes.front() >= Duration::ms(6));
}

TEST_CASE(
    "Hardly any randomness makes for long elections, and no downtime is below half a timeout") {
  const RaftElectionReport close = measured(150, 151, 300), wide = measured(150, 300, 300);
  CHECK(close.quantile(.9) > wide.quantile(.9) * 3);
  CHECK(wide.downtimes.front() >= Duration::ms(75));
  CHECK(std::is_sorted(wide.downtimes.begin(), wide.downtimes.end()));
}

TEST_CASE("The closed form of split votes gives what it is known for") {
  CHECK(splitVoteProbability(5, 4, .1) == Approx(.0523).margin(.00005));
  CHECK(splitVoteProbability(5, 5, 0) == Approx(0));
  CHECK(splitVoteProbability(5, 4, 1) == Approx(1));
  CHECK(splitVoteProbability(3, 2, .1) == Approx(.19)); // either of two within a tenth
}

TEST_CASE("Votes split as often as the closed form says", "[statistics]") {
  for (const int delayMs : {10, 20}) {
    RaftElectionOptions options;
    options.timeoutMin = Duration::ms(100);
    options.timeoutMax = Duration::ms(200);
    options.delayMin = options.delayMax = Duration::ms(delayMs);
    options.ineligible = 0;
    options.trials = 3000;
    const auto report = measureRaftElections(options);
    REQUIRE(report.ok());
    const double share = static_cast<double>(report->split) / options.trials;
    CHECK(share == Approx(splitVoteProbability(5, 4, delayMs / 100.)).margin(.02));
  }
}

TEST_CASE("Trials are the same for any number of threads, and other seeds draw others") {
  RaftElectionOptions options;
  options.trials = 20;
  options.threads = 1;
  const auto one = measureRaftElections(options);
  options.threads = 3;
  const auto three = measureRaftElections(options);
  options.seed = 2;
  const auto other = measureRaftElections(options);
  REQUIRE((one.ok() && three.ok() && other.ok()));
  CHECK(one->downtimes == three->downtimes);
  CHECK(one->downtimes != other->downtimes);
}

TEST_CASE("What cannot be measured is named") {
  RaftElectionOptions options;
  options.servers = 2;
  CHECK_FALSE(measureRaftElections(options).ok());
  options.servers = 5;
  options.ineligible = 3;
  CHECK_FALSE(measureRaftElections(options).ok());
  options.ineligible = 2;
  options.timeoutMax = Duration::ms(10);
  CHECK_FALSE(measureRaftElections(options).ok());
}
