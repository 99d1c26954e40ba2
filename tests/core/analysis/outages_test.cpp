// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outages.h"
#include "core/base/random.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <functional>

using namespace packetarium;
using namespace packetarium::analysis;
using trace::FactTopic;
using trace::RequestOutcome;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

net::Blueprint twoServers() {
  net::Blueprint network;
  for (const char *name : {"client", "server A", "server B"}) {
    net::NodeSpec node;
    node.id = name;
    node.name = name;
    network.nodes.push_back(node);
  }
  return network;
}

struct Told {
  Chronicle chronicle;
  FactBook facts;
  explicit Told(fixture::TraceBuilder &builder) {
    const trace::Trace trace = builder.take();
    chronicle.extend(trace);
    facts.extend(trace);
  }
  std::vector<Outage> outages(SimTime until) const {
    return analysis::outages(chronicle, facts, twoServers(), until);
  }
};

/// Things that happen, put into order of time before they are told.
struct Story {
  std::vector<std::pair<SimTime, std::function<void(fixture::TraceBuilder &, SimTime)>>> happens;
  void at(SimTime t, std::function<void(fixture::TraceBuilder &, SimTime)> what) {
    happens.emplace_back(t, std::move(what));
  }
  void request(SimTime from, SimTime to, std::uint64_t number, RequestOutcome outcome) {
    at(from, [number](auto &b, SimTime t) { b.asked(t, 0, number, "shop"); });
    at(to, [=](auto &b, SimTime t) { b.ended(t, 0, number, outcome, to - from); });
  }
  void fact(SimTime t, std::uint32_t node, FactTopic topic, std::string name, std::string value,
            std::string detail = {}) {
    at(t, [=](auto &b, SimTime when) { b.fact(when, node, topic, name, value, detail); });
  }
  Told tell() {
    std::stable_sort(happens.begin(), happens.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    fixture::TraceBuilder builder(3);
    for (const auto &[t, what] : happens) what(builder, t);
    return Told(builder);
  }
};

void requireWhole(const Outage &o) {
  REQUIRE(o.steps.size() == outageParts);
  Duration sum;
  SimTime at = o.from;
  for (std::size_t i = 0; i < o.steps.size(); ++i) {
    REQUIRE(static_cast<std::size_t>(o.steps[i].part) == i);
    REQUIRE(o.steps[i].from == at);
    REQUIRE(o.steps[i].to >= at);
    at = o.steps[i].to;
    sum = sum + (o.steps[i].to - o.steps[i].from);
  }
  REQUIRE(at == o.to);
  REQUIRE(sum == o.length());
}

Duration lengthOf(const Outage &o, OutagePart part) {
  const OutageStep &s = o.steps[static_cast<std::size_t>(part)];
  return s.to - s.from;
}

/// A takeover as it is in books: crash at 10 s, all stages told.
Story takeover() {
  Story s;
  s.request(ms(9900), ms(9910), 1, RequestOutcome::Ok);
  s.at(ms(10'000), [](auto &b, SimTime t) { b.health(t, 1, trace::NodeHealth::Crashed); });
  s.request(ms(10'100), ms(11'100), 2, RequestOutcome::Timeout);
  s.request(ms(11'100), ms(12'100), 3, RequestOutcome::Timeout);
  s.fact(ms(11'000), 2, FactTopic::Failover, "shop", "suspected", "server B missed a heartbeat");
  s.fact(ms(13'000), 2, FactTopic::Failover, "shop", "decided");
  s.fact(ms(13'500), 2, FactTopic::Failover, "shop", "active");
  s.fact(ms(13'501), 2, FactTopic::Failover, "shop", "reachable", "server B sent gratuitous ARP");
  s.request(ms(13'400), ms(13'900), 4, RequestOutcome::Ok);
  s.fact(ms(13'400), 0, FactTopic::Try, "sent", "4", "10.0.0.9:80");
  s.fact(ms(13'700), 0, FactTopic::Try, "connected", "4", "10.0.0.9:80");
  s.request(ms(14'000), ms(14'010), 5, RequestOutcome::Ok);
  return s;
}

} // namespace

TEST_CASE("An outage is cut where the run tells that a stage was reached") {
  const auto list = takeover().tell().outages(ms(20'000));
  REQUIRE(list.size() == 1);
  const Outage &o = list[0];
  CHECK(o.service == "shop");
  CHECK(o.cause == "server A crashed");
  CHECK(o.from == ms(10'000));
  CHECK(o.to == ms(13'900));
  CHECK_FALSE(o.open);
  CHECK(o.failedRequests == 2);
  requireWhole(o);
  CHECK(lengthOf(o, OutagePart::Unnoticed) == Duration::ms(100));
  CHECK(lengthOf(o, OutagePart::Detect) == Duration::ms(900));
  CHECK(lengthOf(o, OutagePart::Decide) == Duration::ms(2000));
  CHECK(lengthOf(o, OutagePart::TakeOver) == Duration::ms(500));
  CHECK(lengthOf(o, OutagePart::Redirect) == Duration::ms(1));
  CHECK(lengthOf(o, OutagePart::Reconnect) == Duration::ms(199));
  CHECK(lengthOf(o, OutagePart::Retry) == Duration::ms(200));
  CHECK(o.steps[1].text == "server B missed a heartbeat.");
  for (const OutageStep &step : o.steps) CHECK(step.record != 0);
  CHECK(o.steps.back().record == o.answered);
}

TEST_CASE("While an outage lasts its last part grows") {
  const Told told = takeover().tell();
  const auto before = told.outages(ms(11'150));
  REQUIRE(before.size() == 1);
  CHECK(before[0].open);
  CHECK(before[0].to == ms(11'150));
  requireWhole(before[0]);
  CHECK(lengthOf(before[0], OutagePart::Decide) == Duration::ms(150));
  CHECK(lengthOf(before[0], OutagePart::Retry) == Duration{});
  CHECK(told.outages(ms(9'950)).empty());
}

TEST_CASE("Where nobody takes over, the repair ends the wait for a server") {
  Story s;
  s.request(ms(900), ms(910), 1, RequestOutcome::Ok);
  s.at(ms(1000), [](auto &b, SimTime t) { b.health(t, 1, trace::NodeHealth::Crashed); });
  s.request(ms(1200), ms(2200), 2, RequestOutcome::Timeout);
  s.at(ms(3000), [](auto &b, SimTime t) { b.health(t, 1, trace::NodeHealth::Up); });
  s.request(ms(3100), ms(3110), 3, RequestOutcome::Ok);
  const auto list = s.tell().outages(ms(5000));
  REQUIRE(list.size() == 1);
  requireWhole(list[0]);
  CHECK(lengthOf(list[0], OutagePart::TakeOver) == Duration::ms(1800));
  CHECK(list[0].steps[3].text == "server A is up.");
  CHECK(lengthOf(list[0], OutagePart::Retry) == Duration::ms(110));
}

TEST_CASE("One request that fails beside others that are answered is no outage") {
  Story s;
  for (std::uint64_t i = 0; i < 20; ++i)
    s.request(ms(100 * static_cast<std::int64_t>(i) + 5),
              ms(100 * static_cast<std::int64_t>(i) + 15), i, RequestOutcome::Ok);
  s.request(ms(501), ms(1501), 100, RequestOutcome::Timeout);
  CHECK(s.tell().outages(ms(5000)).empty());
}

TEST_CASE("An outage without a fault begins with the first request that failed") {
  Story s;
  s.request(ms(100), ms(110), 1, RequestOutcome::Ok);
  s.request(ms(200), ms(210), 2, RequestOutcome::ServerError);
  s.request(ms(300), ms(310), 3, RequestOutcome::ServerError);
  s.request(ms(1400), ms(1410), 4, RequestOutcome::Ok);
  s.request(ms(2200), ms(2210), 5, RequestOutcome::ServerError); // degraded: less than a second
  s.request(ms(2300), ms(2310), 6, RequestOutcome::ServerError);
  s.request(ms(2400), ms(2410), 7, RequestOutcome::Ok);
  const auto list = s.tell().outages(ms(5000));
  REQUIRE(list.size() == 1);
  CHECK(list[0].cause == "no fault before it");
  CHECK_FALSE(list[0].fault);
  CHECK(list[0].from == ms(200));
  CHECK(list[0].to == ms(1410));
  requireWhole(list[0]);
}

TEST_CASE("Answers on their way when the fault happens do not end the outage") {
  Story s;
  s.request(ms(90), ms(120), 1, RequestOutcome::Ok); // sent before the crash, answered after it
  s.at(ms(100), [](auto &b, SimTime t) { b.health(t, 1, trace::NodeHealth::Crashed); });
  s.request(ms(110), ms(510), 2, RequestOutcome::Timeout);
  s.request(ms(600), ms(610), 3, RequestOutcome::Ok);
  const auto list = s.tell().outages(ms(5000));
  REQUIRE(list.size() == 1);
  CHECK(list[0].from == ms(100));
  CHECK(list[0].to == ms(610));
}

TEST_CASE("Whatever is told and whenever, the parts sum to what clients saw, to the nanosecond") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random(seed, "trial", "outages");
    const auto instant = [&](std::int64_t from, std::int64_t to) {
      return SimTime::fromNs(
          from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(to - from))));
    };
    constexpr std::int64_t s = 1'000'000'000;
    const SimTime down = instant(5 * s, 6 * s), up = instant(6 * s, 9 * s);
    Story story;
    story.at(down, [](auto &b, SimTime t) { b.health(t, 1, trace::NodeHealth::Crashed); });
    SimTime answered = SimTime::max(), firstFailed = SimTime::max();
    for (std::uint64_t i = 0; i < 400; ++i) {
      const SimTime from = instant(0, 12 * s);
      const bool fails = from >= down && from < up;
      const SimTime to = from + Duration::ns(1 + static_cast<std::int64_t>(random.below(
                                                     fails ? 900'000'000U : 5'000'000U)));
      story.request(from, to, i, fails ? RequestOutcome::Timeout : RequestOutcome::Ok);
      if (fails) firstFailed = std::min(firstFailed, from);
      if (from > down && !fails) answered = std::min(answered, to);
    }
    const char *stages[] = {"suspected", "decided", "active", "reachable"};
    const std::uint64_t facts = random.below(9);
    for (std::uint64_t i = 0; i < facts; ++i)
      story.fact(instant(4 * s, 10 * s), 2, FactTopic::Failover,
                 random.below(3) == 0 ? "another" : "shop", stages[random.below(4)]);
    const auto list = story.tell().outages(SimTime::fromNs(20 * s));
    if (firstFailed == SimTime::max()) {
      CHECK(list.empty());
      continue;
    }
    REQUIRE(list.size() == 1);
    requireWhole(list[0]);
    REQUIRE(list[0].length() == answered - down);
    REQUIRE(list[0].steps[0].to == firstFailed);
  }
}

TEST_CASE("The CSV of outages has a line for each part") {
  const auto list = takeover().tell().outages(ms(20'000));
  const std::string csv = outagesCsv(list);
  CHECK(csv.starts_with("service,part,from_ns,to_ns,length_ns,text\n"
                        "shop,unnoticed,10000000000,10100000000,100000000,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + outageParts);
}
