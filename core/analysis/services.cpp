// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/services.h"

#include "core/analysis/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

namespace packetarium::analysis {
namespace {

constexpr std::int64_t nsPerSecond = 1'000'000'000;

SimTime startOfSecond(std::size_t second) {
  return SimTime::zero() + Duration::seconds(static_cast<std::int64_t>(second));
}

std::size_t secondOf(SimTime t) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, t.ns()) / nsPerSecond);
}

/// Nearest rank among values that may be reordered; 0 when there are none.
double rankOf(std::vector<double> &values, int percent) {
  if (values.empty()) return 0;
  const std::size_t n = values.size();
  const std::size_t rank =
      std::max<std::size_t>(1, (n * static_cast<std::size_t>(percent) + 99) / 100);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Gathers the requests of one service into its report.
class ReportMaker {
public:
  ReportMaker(std::string_view name, SimTime until) : m_until(until) {
    m_report.name = name;
    m_report.seconds.resize(secondOf(until) + (until.ns() % nsPerSecond != 0 ? 1 : 0));
    m_latencies.resize(m_report.seconds.size());
  }

  void take(const RequestMark &r) {
    if (!m_any) m_first = r.startedAt;
    m_any = true;
    ++m_offered;
    ServiceSecond *began = second(r.startedAt);
    if (began != nullptr) ++began->offered;
    if (r.open() || r.endedAt > m_until) return;
    const bool inTime = r.outcome == trace::RequestOutcome::Ok;
    ++m_report.requests;
    ++(inTime ? m_report.inTime : m_report.failed);
    if (began != nullptr) {
      ++began->requests;
      began->inTime += inTime ? 1 : 0;
    }
    if (!inTime) return;
    if (ServiceSecond *answered = second(r.endedAt)) ++answered->served;
    if (began != nullptr) m_latencies[secondOf(r.startedAt)].push_back(r.latency.toMs());
    m_sum += r.latency.toMs();
  }

  ServiceReport finish() {
    judgeSeconds();
    drawRibbon();
    tellLatencies();
    const double length = std::max(0.0, (m_until - m_first).toSeconds());
    if (length > 0) {
      m_report.offeredPerSecond = static_cast<double>(m_offered) / length;
      m_report.servedPerSecond = static_cast<double>(m_report.inTime) / length;
    }
    const auto requests = static_cast<double>(m_report.requests);
    m_report.byRequests =
        availability(m_report.requests == 0 ? 1 : static_cast<double>(m_report.inTime) / requests);
    return std::move(m_report);
  }

private:
  /// Nothing for what happens at the very end: no time is left of its second.
  ServiceSecond *second(SimTime t) {
    const std::size_t i = secondOf(t);
    return i < m_report.seconds.size() ? &m_report.seconds[i] : nullptr;
  }
  static ServiceHealth healthOf(const ServiceSecond &s) {
    const std::uint64_t hundredfold = std::uint64_t{s.inTime} * 100;
    if (hundredfold >= std::uint64_t{s.requests} * 99) return ServiceHealth::Up;
    return hundredfold >= s.requests ? ServiceHealth::Degraded : ServiceHealth::Down;
  }
  void judgeSeconds() {
    ServiceHealth last = ServiceHealth::Unknown;
    double share = 0, good = 0, known = 0;
    for (std::size_t i = 0; i < m_report.seconds.size(); ++i) {
      ServiceSecond &s = m_report.seconds[i];
      if (s.requests > 0) {
        last = healthOf(s);
        share = last == ServiceHealth::Up         ? 1
                : last == ServiceHealth::Degraded ? static_cast<double>(s.inTime) / s.requests
                                                  : 0;
      }
      s.health = last;
      if (last == ServiceHealth::Unknown) continue;
      const double length = lengthOf(i).toSeconds();
      good += share * length;
      known += length;
    }
    m_report.byTime = availability(known > 0 ? std::min(1.0, good / known) : 1);
  }
  /// How much of the second lies between the first request and the end.
  Duration lengthOf(std::size_t i) const {
    return std::max(Duration{},
                    std::min(m_until, startOfSecond(i + 1)) - std::max(m_first, startOfSecond(i)));
  }
  void drawRibbon() {
    for (std::size_t i = secondOf(m_first); i < m_report.seconds.size(); ++i) {
      const ServiceHealth health = m_report.seconds[i].health;
      const Duration length = lengthOf(i);
      if (length <= Duration{}) continue;
      const SimTime from = std::max(m_first, startOfSecond(i));
      auto &ribbon = m_report.ribbon;
      if (ribbon.empty() || ribbon.back().health != health) ribbon.push_back({from, from, health});
      ribbon.back().to = from + length;
      if (health == ServiceHealth::Up) m_report.up = m_report.up + length;
      if (health == ServiceHealth::Degraded) m_report.degraded = m_report.degraded + length;
      if (health == ServiceHealth::Down) m_report.down = m_report.down + length;
    }
  }
  void tellLatencies() {
    std::vector<double> all;
    all.reserve(m_report.inTime);
    for (std::size_t i = 0; i < m_latencies.size(); ++i) {
      auto &values = m_latencies[i];
      all.insert(all.end(), values.begin(), values.end());
      m_report.seconds[i].p50 = rankOf(values, 50);
      m_report.seconds[i].p99 = rankOf(values, 99);
    }
    if (all.empty()) return;
    m_report.p50 = rankOf(all, 50);
    m_report.p95 = rankOf(all, 95);
    m_report.p99 = rankOf(all, 99);
    m_report.longest = *std::max_element(all.begin(), all.end());
    m_report.mean = m_sum / static_cast<double>(all.size());
  }

  SimTime m_until, m_first;
  bool m_any = false;
  std::uint64_t m_offered = 0;
  double m_sum = 0;
  ServiceReport m_report;
  std::vector<std::vector<double>> m_latencies; ///< by second, ms
};

Duration shareOf(double share, double seconds) {
  return Duration::ns(std::llround((1 - share) * seconds * 1e9));
}

std::string countText(int n) {
  static constexpr const char *words[] = {"no",   "one", "two",   "three", "four",
                                          "five", "six", "seven", "eight", "nine"};
  return n < static_cast<int>(std::size(words)) ? words[n] : std::to_string(n);
}

/// Cut off, not rounded: 99.999 % must not stand where 0.99998 is meant.
std::string percentText(double share, int nines) {
  const int decimals = std::clamp(nines, 1, 12);
  const double scale = std::pow(10, decimals);
  const double cut = std::floor(share * 100 * scale + 1e-6) / scale;
  std::string text = fmt::format("{:.{}f}", cut, decimals);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " %";
}

} // namespace

std::string_view name(ServiceHealth health) {
  switch (health) {
  case ServiceHealth::Unknown: return "unknown";
  case ServiceHealth::Up: return "up";
  case ServiceHealth::Degraded: return "degraded";
  case ServiceHealth::Down: return "down";
  }
  return {};
}

Availability availability(double share) {
  constexpr double day = 86'400, year = 365.2425 * day;
  Availability a;
  a.share = std::clamp(share, 0.0, 1.0);
  a.nines = a.share >= 1 ? std::numeric_limits<double>::infinity() : -std::log10(1 - a.share);
  a.perDay = shareOf(a.share, day);
  a.perWeek = shareOf(a.share, 7 * day);
  a.perMonth = shareOf(a.share, year / 12);
  a.perYear = shareOf(a.share, year);
  return a;
}

std::string ninesText(const Availability &a) {
  if (std::isinf(a.nines)) return "nothing failed";
  const int whole = static_cast<int>(std::floor(a.nines + 1e-9));
  return fmt::format("{} {} ({})", countText(whole), whole == 1 ? "nine" : "nines",
                     percentText(a.share, whole));
}

std::string downTimeText(Duration d) {
  if (d < Duration::seconds(60)) {
    const double s = d.toSeconds();
    if (s >= 1) return fmt::format("{:.3g} s", s);
    if (s >= 1e-3) return fmt::format("{:.3g} ms", s * 1e3);
    return s > 0 ? fmt::format("{:.3g} µs", s * 1e6) : "0 s";
  }
  std::int64_t seconds = (d.ns() + nsPerSecond / 2) / nsPerSecond;
  std::string text;
  for (const auto &[unit, size] : {std::pair{"d", std::int64_t{86'400}},
                                   {"h", std::int64_t{3'600}},
                                   {"m", std::int64_t{60}},
                                   {"s", std::int64_t{1}}}) {
    if (seconds >= size || !text.empty())
      text += fmt::format("{}{} {}", text.empty() ? "" : " ", seconds / size, unit);
    seconds %= size;
  }
  return text;
}

double mtbfAvailability(Duration mtbf, Duration mttr) {
  const double up = mtbf.toSeconds(), down = mttr.toSeconds();
  return up + down > 0 ? up / (up + down) : 0;
}

double seriesAvailability(const std::vector<double> &shares) {
  double all = 1;
  for (const double share : shares) all *= share;
  return all;
}

double parallelAvailability(const std::vector<double> &shares) {
  double none = 1;
  for (const double share : shares) none *= 1 - share;
  return 1 - none;
}

double anyOfAvailability(int k, int n, double share) {
  if (k <= 0 || share >= 1) return k <= n ? 1 : 0;
  if (k > n || share <= 0) return 0;
  // Terms by their logarithms: the coefficients alone would overflow.
  double sum = 0;
  for (int i = k; i <= n; ++i) {
    const double choose = std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0);
    sum += std::exp(choose + i * std::log(share) + (n - i) * std::log1p(-share));
  }
  return std::min(1.0, sum);
}

double anyOfAvailability(int k, const std::vector<double> &shares) {
  const auto n = static_cast<int>(shares.size());
  if (k <= 0) return 1;
  if (k > n) return 0;
  // chances[j]: that exactly j of the parts so far are up; the last one: that many or more.
  std::vector<double> chances(static_cast<std::size_t>(k) + 1, 0.0);
  chances[0] = 1;
  for (const double share : shares) {
    chances.back() += chances[chances.size() - 2] * share;
    for (std::size_t j = chances.size() - 2; j > 0; --j)
      chances[j] = chances[j] * (1 - share) + chances[j - 1] * share;
    chances[0] *= 1 - share;
  }
  return std::min(1.0, chances.back());
}

std::vector<ServiceReport> serviceReports(const Chronicle &chronicle, SimTime until) {
  std::map<std::string_view, ReportMaker> makers;
  std::map<std::uint32_t, ReportMaker *> byIndex;
  for (const RequestMark &r : chronicle.requests()) {
    if (r.startedAt > until) break;
    if (r.service == 0) continue;
    ReportMaker *&maker = byIndex[r.service];
    if (maker == nullptr) {
      const std::string_view name = chronicle.text(r.service);
      maker = &makers.try_emplace(name, name, until).first->second;
    }
    maker->take(r);
  }
  std::vector<ServiceReport> reports;
  for (auto &[name, maker] : makers) reports.push_back(maker.finish());
  return reports;
}

std::string servicesCsv(const std::vector<ServiceReport> &reports) {
  std::string out =
      "t_s,service,health,requests,in_time,availability,offered,served,p50_ms,p99_ms\n";
  for (const ServiceReport &report : reports) {
    const std::string name = csvField(report.name);
    for (std::size_t i = 0; i < report.seconds.size(); ++i) {
      const ServiceSecond &s = report.seconds[i];
      const std::string share =
          s.requests > 0 ? fmt::format("{:.10g}", static_cast<double>(s.inTime) / s.requests) : "";
      fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{},{:.6g},{:.6g}\n", i, name,
                     analysis::name(s.health), s.requests, s.inTime, share, s.offered, s.served,
                     s.p50, s.p99);
    }
  }
  return out;
}

} // namespace packetarium::analysis
