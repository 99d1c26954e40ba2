// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/services.h"
#include "core/base/random.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <chrono>
#include <cmath>

using namespace packetarium;
using namespace packetarium::analysis;
using trace::RequestOutcome;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

struct Asked {
  std::int64_t startMs, endMs;
  RequestOutcome outcome = RequestOutcome::Ok;
};

Chronicle chronicleOf(const std::vector<Asked> &requests, std::string_view service = "shop") {
  // (instant, is end, number), in order of time
  std::vector<std::tuple<std::int64_t, bool, std::size_t>> order;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    order.emplace_back(requests[i].startMs, false, i);
    if (requests[i].endMs >= 0) order.emplace_back(requests[i].endMs, true, i);
  }
  std::sort(order.begin(), order.end());
  fixture::TraceBuilder builder;
  for (const auto &[at, isEnd, i] : order) {
    if (isEnd)
      builder.ended(ms(at), 0, i, requests[i].outcome,
                    Duration::ms(requests[i].endMs - requests[i].startMs));
    else
      builder.asked(ms(at), 0, i, service);
  }
  Chronicle chronicle;
  chronicle.extend(builder.take());
  return chronicle;
}

ServiceReport reportOf(const std::vector<Asked> &requests, SimTime until) {
  const auto reports = serviceReports(chronicleOf(requests), until);
  REQUIRE(reports.size() == 1);
  return reports[0];
}

std::int64_t roundedSeconds(Duration d) { return std::llround(d.toSeconds()); }

} // namespace

TEST_CASE("While no request has ended nothing is known of a service") {
  CHECK_FALSE(reportOf({{200, -1}, {300, -1}}, ms(900)).isKnown());
  CHECK_FALSE(reportOf({{200, 1500}}, ms(900)).isKnown());
  CHECK(reportOf({{200, 800}}, ms(900)).isKnown());
  CHECK(reportOf({{200, 800, RequestOutcome::Timeout}}, ms(900)).isKnown());
}

TEST_CASE("99 % allow what the published table says") {
  const Availability a = availability(0.99);
  CHECK(roundedSeconds(a.perDay) == 14 * 60 + 24);
  CHECK(roundedSeconds(a.perWeek) == 3600 + 40 * 60 + 48);
  CHECK(roundedSeconds(a.perMonth) == 7 * 3600 + 18 * 60 + 17);
  CHECK(roundedSeconds(a.perYear) == 3 * 86400 + 15 * 3600 + 39 * 60 + 30);
  CHECK(a.nines == Approx(2));
  CHECK(downTimeText(a.perDay) == "14 m 24 s");
  CHECK(downTimeText(a.perWeek) == "1 h 40 m 48 s");
  CHECK(downTimeText(a.perMonth) == "7 h 18 m 17 s");
  CHECK(downTimeText(a.perYear) == "3 d 15 h 39 m 30 s");
}

TEST_CASE("Other rows of the table of nines hold too") {
  CHECK(downTimeText(availability(0.9).perDay) == "2 h 24 m 0 s");
  CHECK(downTimeText(availability(0.999).perYear) == "8 h 45 m 57 s");
  CHECK(downTimeText(availability(0.9999).perYear) == "52 m 36 s");
  CHECK(downTimeText(availability(0.99999).perYear) == "5 m 16 s");
  CHECK(downTimeText(availability(0.99999).perDay) == "864 ms");
}

TEST_CASE("Nines in words are cut off, never rounded up") {
  CHECK(ninesText(availability(1)) == "nothing failed");
  CHECK(ninesText(availability(0.9995)) == "three nines (99.95 %)");
  CHECK(ninesText(availability(0.99999)) == "five nines (99.999 %)");
  CHECK(ninesText(availability(0.9)) == "one nine (90 %)");
  CHECK(ninesText(availability(0.999)) == "three nines (99.9 %)");
  CHECK(ninesText(availability(0.9989999)) == "two nines (99.89 %)");
  CHECK(ninesText(availability(0.5)) == "no nines (50 %)");
  CHECK(std::isinf(availability(1).nines));
}

TEST_CASE("Parts in series, side by side and k of n come to the published numbers") {
  CHECK(seriesAvailability({.99, .99, .99}) == Approx(.970299).epsilon(1e-12));
  CHECK(parallelAvailability({.99, .99}) == Approx(.9999).epsilon(1e-12));
  CHECK(anyOfAvailability(2, 3, .99) == Approx(.999702).epsilon(1e-12));
  CHECK(anyOfAvailability(3, 3, .99) == Approx(.970299).epsilon(1e-12));
  CHECK(anyOfAvailability(1, 2, .99) == Approx(.9999).epsilon(1e-12));
  CHECK(anyOfAvailability(0, 3, .5) == 1);
  CHECK(anyOfAvailability(4, 3, .99) == 0);
  CHECK(anyOfAvailability(2, {.99, .99, .99}) == Approx(.999702).epsilon(1e-12));
  CHECK(anyOfAvailability(1, {.9, .5}) == Approx(parallelAvailability({.9, .5})));
  CHECK(anyOfAvailability(2, {.9, .5}) == Approx(seriesAvailability({.9, .5})));
  CHECK(anyOfAvailability(2, {.9, .8, .7}) ==
        Approx(.9 * .8 * .3 + .9 * .2 * .7 + .1 * .8 * .7 + .9 * .8 * .7));
  for (int k = 0; k <= 9; ++k)
    CHECK(anyOfAvailability(k, std::vector<double>(9, .7)) == Approx(anyOfAvailability(k, 9, .7)));
  CHECK(anyOfAvailability(500, 1000, .99) == Approx(1));
  CHECK(mtbfAvailability(Duration::seconds(99), Duration::seconds(1)) == Approx(.99));
}

TEST_CASE("A second is up, degraded or down by the share of what was sent in it") {
  std::vector<Asked> requests;
  // 0 s: 99 of 100 in time. 1 s: 98 of 100. 2 s: none asked. 3 s: 1 of 100. 4 s: 1 of 101.
  const auto second = [&](int s, int inTime, int failed) {
    for (int i = 0; i < inTime + failed; ++i)
      requests.push_back({s * 1000 + 5 * i, s * 1000 + 5 * i + 3,
                          i < inTime ? RequestOutcome::Ok : RequestOutcome::Timeout});
  };
  second(0, 99, 1);
  second(1, 98, 2);
  second(3, 1, 99);
  second(4, 1, 100);
  const ServiceReport r = reportOf(requests, ms(6000));
  REQUIRE(r.seconds.size() == 6);
  CHECK(r.seconds[0].health == ServiceHealth::Up);
  CHECK(r.seconds[1].health == ServiceHealth::Degraded);
  CHECK(r.seconds[2].health == ServiceHealth::Degraded); // inherits
  CHECK(r.seconds[3].health == ServiceHealth::Degraded);
  CHECK(r.seconds[4].health == ServiceHealth::Down);
  CHECK(r.seconds[5].health == ServiceHealth::Down);
  REQUIRE(r.ribbon.size() == 3);
  CHECK(r.ribbon[1].from == ms(1000));
  CHECK(r.ribbon[1].to == ms(4000));
  CHECK(r.up == Duration::seconds(1));
  CHECK(r.degraded == Duration::seconds(3));
  CHECK(r.down == Duration::seconds(2));
  CHECK(r.requests == 401);
  CHECK(r.inTime == 199);
  CHECK(r.failed == 202);
  CHECK(r.byRequests.share == Approx(199.0 / 401));
  CHECK(r.byTime.share == Approx((1 + .98 + .98 + .01) / 6));
}

TEST_CASE("A request counts for the second in which it was sent, and not before it has ended") {
  const std::vector<Asked> requests = {{200, 210}, {900, 1900, RequestOutcome::Timeout}};
  const ServiceReport early = reportOf(requests, ms(1500));
  CHECK(early.seconds[0].requests == 1);
  CHECK(early.seconds[0].health == ServiceHealth::Up);
  CHECK(early.seconds[0].offered == 2);
  const ServiceReport late = reportOf(requests, ms(2000));
  CHECK(late.seconds[0].requests == 2);
  CHECK(late.seconds[0].health == ServiceHealth::Degraded);
  CHECK(late.seconds[1].requests == 0);
  CHECK(late.ribbon.front().from == ms(200));
  CHECK(late.ribbon.back().to == ms(2000));
}

TEST_CASE("Percentiles are of timely answers alone, by nearest rank") {
  std::vector<Asked> requests;
  for (int i = 1; i <= 100; ++i) requests.push_back({i * 10, i * 10 + i});
  requests.push_back({2000, 9000, RequestOutcome::Timeout});
  const ServiceReport r = reportOf(requests, ms(10'000));
  CHECK(r.p50 == 50);
  CHECK(r.p95 == 95);
  CHECK(r.p99 == 99);
  CHECK(r.longest == 100);
  CHECK(r.mean == Approx(50.5));
  CHECK(r.offeredPerSecond == Approx(101 / 9.99));
  CHECK(r.servedPerSecond == Approx(100 / 9.99));
  CHECK(r.seconds[0].served + r.seconds[1].served == 100);
}

TEST_CASE("What names no service makes none; nothing asked is no service") {
  CHECK(serviceReports(chronicleOf({{10, 20}}, ""), ms(1000)).empty());
  CHECK(serviceReports(Chronicle(), ms(1000)).empty());
  CHECK(serviceReports(chronicleOf({{500, 600}}), ms(400)).empty());
}

TEST_CASE("A minute of 200 requests a second is told fast enough for a live view") {
  std::vector<Asked> requests;
  for (int i = 0; i < 12'000; ++i)
    requests.push_back(
        {i * 5, i * 5 + 4, i % 50 == 0 ? RequestOutcome::Reset : RequestOutcome::Ok});
  const Chronicle chronicle = chronicleOf(requests);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int times = 20;
  for (int i = 0; i < times; ++i) REQUIRE(serviceReports(chronicle, ms(60'000)).size() == 1);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  INFO(took.count() / times << " ms each");
  CHECK(took.count() / times < 50); // about 1 in an optimised build
}

TEST_CASE("The CSV of services has a line a second, and quotes what must be") {
  auto chronicle = chronicleOf({{100, 150}, {1200, 1300, RequestOutcome::Refused}}, "a,b");
  const std::string csv = servicesCsv(serviceReports(chronicle, ms(2000)));
  CHECK(csv == "t_s,service,health,requests,in_time,availability,offered,served,p50_ms,p99_ms\n"
               "0,\"a,b\",up,1,1,1,1,1,50,50\n"
               "1,\"a,b\",down,1,0,0,1,0,0,0\n");
}
