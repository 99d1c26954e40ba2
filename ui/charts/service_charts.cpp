// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/service_charts.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

using Requests = std::vector<const analysis::RequestMark *>;

constexpr std::size_t requestsMin = 8, servicesMax = 4, binsMax = 120;
constexpr double answersPerBinMin = 8;

QString tr(const char *text) { return QCoreApplication::translate("Chart", text); }

struct Service {
  QString name;
  Requests requests; // in order of their beginning
};

std::vector<Service> busiest(const analysis::Chronicle &chronicle) {
  std::map<std::string_view, Requests> byName;
  for (const analysis::RequestMark &r : chronicle.requests())
    if (r.service != 0) byName[chronicle.text(r.service)].push_back(&r);
  std::vector<Service> out;
  for (auto &[name, requests] : byName)
    if (requests.size() >= requestsMin)
      out.push_back({QString::fromUtf8(name.data(), qsizetype(name.size())), std::move(requests)});
  std::stable_sort(out.begin(), out.end(), [](const Service &a, const Service &b) {
    return a.requests.size() > b.requests.size();
  });
  if (out.size() > servicesMax) out.resize(servicesMax);
  return out;
}

QString fileStem(const QString &kind, const Service &service, bool alone) {
  if (alone) return kind;
  QString stem = kind + QLatin1Char('-') + service.name;
  for (QChar &c : stem)
    if (!c.isLetterOrNumber() && c != u'-' && c != u'.') c = u'_';
  return stem;
}

bool isAnswered(const analysis::RequestMark &r, SimTime until) {
  return !r.open() && r.endedAt <= until && r.outcome == trace::RequestOutcome::Ok;
}

// Counts per second in whole bins that have ended by `until`.
template <class Instant>
ChartLine rateLine(const Service &service, const ChartData &chart, SimTime until,
                   std::size_t pixels, Instant &&instantOf) {
  ChartLine line;
  const double span = (chart.to - chart.from).toSeconds();
  const double bins = static_cast<double>(std::clamp<std::size_t>(pixels / 6, 16, binsMax));
  const double mean = span / static_cast<double>(service.requests.size()) * answersPerBinMin;
  const Duration width = Duration::ns(std::max<std::int64_t>(
      1, std::llround(roundStep(std::max(span / bins, std::min(mean, span / 16))) * 1e9)));
  const SimTime first = SimTime::fromNs(chart.from.ns() / width.ns() * width.ns());
  const auto count =
      std::max<std::int64_t>(0, (std::min(chart.to, until) - first).ns() / width.ns());
  std::vector<double> counts(static_cast<std::size_t>(count), 0);
  for (const analysis::RequestMark *r : service.requests) {
    const std::optional<SimTime> at = instantOf(*r);
    if (!at || *at < first) continue;
    const auto bin = static_cast<std::size_t>((*at - first).ns() / width.ns());
    if (bin < counts.size()) counts[bin] += 1;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double rate = counts[i] / width.toSeconds();
    const SimTime from = std::max(first + width * static_cast<std::int64_t>(i), chart.from);
    if (i == 0) line.points.append({chart.x(from), rate});
    line.points.append({chart.x(first + width * static_cast<std::int64_t>(i + 1)), rate});
  }
  return line;
}

ChartData load(const Service &service, bool alone, SimTime from, SimTime to, SimTime until,
               std::size_t pixels) {
  ChartData chart;
  chart.id = fileStem(QStringLiteral("requests"), service, alone);
  chart.title = alone ? tr("Requests") : tr("Requests of %1").arg(service.name);
  chart.unit = tr("/s");
  chart.help =
      tr("How many requests clients began each second, and how many were answered in time.");
  chart.setSpan(from, to);
  ChartLine asked = rateLine(service, chart, until, pixels,
                             [](const auto &r) { return std::optional(r.startedAt); });
  asked.name = tr("asked");
  asked.colour = 1;
  ChartLine answered = rateLine(service, chart, until, pixels, [&](const auto &r) {
    return isAnswered(r, until) ? std::optional(r.endedAt) : std::nullopt;
  });
  answered.name = tr("answered");
  answered.colour = 2;
  answered.filled = true;
  chart.lines = {std::move(asked), std::move(answered)};
  return chart;
}

ChartData latencyOf(const Service &service, SimTime from, SimTime to, SimTime until,
                    std::size_t pixels) {
  ChartData chart;
  chart.id = fileStem(QStringLiteral("latency"), service, false);
  chart.title = tr("Latency of %1").arg(service.name);
  chart.unit = QStringLiteral("ms");
  chart.help =
      tr("How long requests to it took that were answered: of the last %1.").arg(trailingRequests);
  chart.setSpan(from, to);
  std::vector<std::pair<SimTime, double>> answers;
  for (const analysis::RequestMark *r : service.requests)
    if (isAnswered(*r, until)) answers.emplace_back(r->endedAt, r->latency.toSeconds() * 1e3);
  std::stable_sort(answers.begin(), answers.end(),
                   [](const auto &a, const auto &b) { return a.first < b.first; });
  ChartLine lines[] = {
      {tr("p50"), 0, true, {}}, {tr("p95"), 3, false, {}}, {tr("p99"), 1, false, {}}};
  const double shares[] = {0.5, 0.95, 0.99};
  const std::size_t every =
      std::max<std::size_t>(1, answers.size() / std::max<std::size_t>(pixels, 1));
  std::vector<double> recent;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto &[at, value] = answers[i];
    if (at < chart.from || at > chart.to || (i % every != 0 && i + 1 != answers.size())) continue;
    recent.clear();
    for (std::size_t j = i + 1 - std::min(i + 1, trailingRequests); j <= i; ++j)
      recent.push_back(answers[j].second);
    for (int k = 0; k < 3; ++k)
      lines[k].points.append({chart.x(at), percentile(recent, shares[k])});
  }
  chart.lines.assign(std::begin(lines), std::end(lines));
  return chart;
}

} // namespace

double percentile(std::vector<double> &values, double share) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())) - 1);
  const auto it = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::nth_element(values.begin(), it, values.end());
  return *it;
}

std::vector<ChartData> serviceCharts(const analysis::Chronicle &chronicle, SimTime from, SimTime to,
                                     SimTime until, std::size_t pixels) {
  const std::vector<Service> services = busiest(chronicle);
  const bool alone = services.size() == 1;
  std::vector<ChartData> out;
  for (const Service &service : services) {
    if (!alone) out.push_back(latencyOf(service, from, to, until, pixels));
    out.push_back(load(service, alone, from, to, until, pixels));
  }
  return out;
}

} // namespace packetarium::ui
