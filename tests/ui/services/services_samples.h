// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/services_shown.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

/// Values made by hand, as the analysis would give them.
namespace packetarium::ui {

inline SimTime atMs(std::int64_t ms) { return SimTime::fromNs(ms * 1'000'000); }

inline analysis::Availability shareOf(double share) {
  analysis::Availability a;
  a.share = share;
  a.nines = -std::log10(1 - share);
  const double day = 86'400e9 * (1 - share);
  a.perDay = Duration::ns(std::llround(day));
  a.perWeek = Duration::ns(std::llround(day * 7));
  a.perMonth = Duration::ns(std::llround(day * 365.2425 / 12));
  a.perYear = Duration::ns(std::llround(day * 365.2425));
  return a;
}

using Health = analysis::ServiceHealth;

/// parts: until which millisecond, and how the service was until then; from the first `fromMs` on.
inline analysis::ServiceReport report(std::string name, std::int64_t fromMs,
                                      const std::vector<std::pair<std::int64_t, Health>> &parts) {
  analysis::ServiceReport r;
  r.name = std::move(name);
  SimTime from = atMs(fromMs);
  for (const auto &[until, health] : parts) {
    r.ribbon.push_back({from, atMs(until), health});
    const Duration length = atMs(until) - from;
    if (health == Health::Up) r.up = r.up + length;
    if (health == Health::Degraded) r.degraded = r.degraded + length;
    if (health == Health::Down) r.down = r.down + length;
    from = atMs(until);
  }
  const double whole = (r.up + r.degraded + r.down).toSeconds();
  r.byTime = shareOf(1 - r.down.toSeconds() / whole);
  r.byRequests = r.byTime;
  r.requests = 412;
  r.failed = r.down > Duration() ? 9 : 0;
  r.inTime = r.requests - r.failed;
  r.p50 = 12.4;
  r.p95 = 40;
  r.p99 = 95.6;
  r.offeredPerSecond = 20;
  r.servedPerSecond = 19.6;
  return r;
}

/// A server crashes at 10 s; the first answer of the other one comes 2.9 s later.
inline analysis::Outage failover(std::string service = "shop") {
  using P = analysis::OutagePart;
  analysis::Outage o;
  o.service = std::move(service);
  o.fault = 100;
  o.cause = "server A crashed";
  o.firstFailed = 105;
  o.failedRequests = 14;
  o.from = atMs(10'000);
  const std::vector<std::tuple<P, std::int64_t, trace::Sequence, const char *>> steps = {
      {P::Unnoticed, 120'400'700, 105, "the first request got no answer"},
      {P::Detect, 1'500'000'333, 140, "standby missed the third heartbeat"},
      {P::Decide, 0, 141, "standby takes over"},
      {P::TakeOver, 800'123'456, 160, "standby serves"},
      {P::Redirect, 30'000'001, 170, "gratuitous ARP sent"},
      {P::Reconnect, 0, 0, ""},
      {P::Retry, 449'475'511, 200, "client 1 was answered"}};
  SimTime at = o.from;
  for (const auto &[part, ns, record, text] : steps) {
    o.steps.push_back({part, at, at + Duration::ns(ns), record, text});
    at = at + Duration::ns(ns);
  }
  o.to = at;
  o.answered = 200;
  return o;
}

inline analysis::LostWrite lostWrite(int value) {
  analysis::LostWrite w;
  w.service = "shop";
  w.operation = "write cart " + std::to_string(value);
  w.client = "0";
  w.acknowledgedAt = atMs(9'900 + value);
  w.lostAt = atMs(12'000);
  w.acknowledged = static_cast<trace::Sequence>(90 + value);
  w.lost = 180;
  w.story = "server A told client 1 that it is done and crashed before server B had it.";
  return w;
}

inline ServicesShown sample() {
  ServicesShown s;
  s.reports.push_back(report("dns", 500, {{20'000, Health::Up}}));
  s.reports.push_back(report("shop", 1'000,
                             {{10'000, Health::Up},
                              {13'000, Health::Down},
                              {15'000, Health::Degraded},
                              {20'000, Health::Up}}));
  s.outages.push_back(failover());
  s.lost = {lostWrite(17), lostWrite(18)};
  s.machines = {{"server A", "shop", Duration::seconds(10), Duration::seconds(10)},
                {"server B", "shop", Duration::seconds(8), Duration::seconds(12)}};
  s.from = atMs(0);
  s.to = atMs(20'000);
  s.until = s.seenUntil = atMs(20'000);
  s.seen = s.reports;
  return s;
}

} // namespace packetarium::ui
