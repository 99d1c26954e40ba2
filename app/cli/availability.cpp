// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/availability.h"

#include "app/cli/commands.h"
#include "app/cli/told_run.h"
#include "core/analysis/cluster_state.h"
#include "core/analysis/names.h"
#include "core/analysis/outages.h"
#include "core/analysis/services.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using analysis::OutageStep;
using analysis::ServiceHealth;
using analysis::ServiceReport;

constexpr std::size_t barColumns = 60;

/// Writes the file when one is wanted; gives what went wrong.
std::vector<Fault> writeFile(const std::string &name, const std::string &text) {
  if (name.empty()) return {};
  errno = 0;
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return {{"", fmt::format("cannot write {}: {}", name, std::strerror(errno != 0 ? errno : EIO))}};
}

void printObject(const Ordered &object) {
  fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
}

// ---- services ---------------------------------------------------------------------------------

Ordered jsonOf(const analysis::Availability &a) {
  Ordered object = {{"share", a.share}, {"nines", nullptr}};
  if (std::isfinite(a.nines)) object["nines"] = a.nines;
  object["down_per_day_s"] = a.perDay.toSeconds();
  object["down_per_week_s"] = a.perWeek.toSeconds();
  object["down_per_month_s"] = a.perMonth.toSeconds();
  object["down_per_year_s"] = a.perYear.toSeconds();
  return object;
}

Ordered jsonOf(const ServiceReport &r) {
  Ordered object = {{"service", r.name},
                    {"by_time", jsonOf(r.byTime)},
                    {"by_requests", jsonOf(r.byRequests)},
                    {"up_s", r.up.toSeconds()},
                    {"degraded_s", r.degraded.toSeconds()},
                    {"down_s", r.down.toSeconds()},
                    {"requests", r.requests},
                    {"in_time", r.inTime},
                    {"failed", r.failed},
                    {"offered_per_s", r.offeredPerSecond},
                    {"served_per_s", r.servedPerSecond},
                    {"latency_ms", nullptr},
                    {"ribbon", Ordered::array()}};
  // Shares of nothing are no shares.
  if (!r.isKnown()) object["by_time"] = object["by_requests"] = nullptr;
  if (r.inTime > 0)
    object["latency_ms"] = {
        {"mean", r.mean}, {"p50", r.p50}, {"p95", r.p95}, {"p99", r.p99}, {"max", r.longest}};
  for (const analysis::RibbonPart &part : r.ribbon)
    object["ribbon"].push_back({{"from_ns", part.from.ns()},
                                {"to_ns", part.to.ns()},
                                {"health", analysis::name(part.health)}});
  return object;
}

/// The whole run in one line: the worst health in each column.
std::string ribbonText(const ServiceReport &r) {
  static constexpr char marks[] = {' ', '#', '~', '.'};
  const std::size_t seconds = r.seconds.size();
  const std::size_t columns = std::min(barColumns, seconds);
  std::string text;
  for (std::size_t c = 0; c < columns; ++c) {
    auto worst = ServiceHealth::Unknown;
    for (std::size_t s = c * seconds / columns; s < (c + 1) * seconds / columns; ++s)
      worst = std::max(worst, r.seconds[s].health);
    text += marks[static_cast<std::size_t>(worst)];
  }
  return text;
}

void printAvailability(const char *what, const analysis::Availability &a) {
  fmt::print("  {:<13}{}\n", what, analysis::ninesText(a));
  if (!std::isfinite(a.nines)) return;
  fmt::print("  {:<13}at this rate down for {} a day, {} a week, {} a month, {} a year\n", "",
             analysis::downTimeText(a.perDay), analysis::downTimeText(a.perWeek),
             analysis::downTimeText(a.perMonth), analysis::downTimeText(a.perYear));
}

void print(const ServiceReport &r) {
  fmt::print("{}\n", r.name);
  fmt::print("  |{}|\n", ribbonText(r));
  fmt::print("  {:<13}up {}, degraded {}, down {}\n", "health", analysis::downTimeText(r.up),
             analysis::downTimeText(r.degraded), analysis::downTimeText(r.down));
  if (r.isKnown()) {
    printAvailability("by time", r.byTime);
    printAvailability("by requests", r.byRequests);
  } else {
    fmt::print("  {:<13}no request has ended yet\n", "available");
  }
  fmt::print("  {:<13}{} ended, {} in time, {} failed; {:.3g} offered and {:.3g} served a second\n",
             "requests", r.requests, r.inTime, r.failed, r.offeredPerSecond, r.servedPerSecond);
  if (r.inTime > 0)
    fmt::print("  {:<13}median {:.3f} ms, p95 {:.3f} ms, p99 {:.3f} ms, longest {:.3f} ms\n",
               "latency", r.p50, r.p95, r.p99, r.longest);
}

// ---- outages ----------------------------------------------------------------------------------

Ordered jsonOf(const analysis::Outage &o) {
  Ordered object = {{"service", o.service},     {"from_ns", o.from.ns()},
                    {"to_ns", o.to.ns()},       {"length_ns", o.length().ns()},
                    {"open", o.open},           {"cause", o.cause},
                    {"fault", nullptr},         {"first_failed", o.firstFailed},
                    {"answered", nullptr},      {"failed_requests", o.failedRequests},
                    {"steps", Ordered::array()}};
  if (o.fault) object["fault"] = *o.fault;
  if (o.answered != 0) object["answered"] = o.answered;
  for (const OutageStep &step : o.steps) {
    Ordered entry = {{"part", analysis::name(step.part)},
                     {"from_ns", step.from.ns()},
                     {"to_ns", step.to.ns()},
                     {"length_ns", (step.to - step.from).ns()},
                     {"record", nullptr},
                     {"text", step.text}};
    if (step.record != 0) entry["record"] = step.record;
    object["steps"].push_back(std::move(entry));
  }
  return object;
}

/// A bar where the step lies in the outage.
std::string barText(const analysis::Outage &o, const OutageStep &step) {
  const auto columnOf = [&](SimTime t) {
    const double share = static_cast<double>((t - o.from).ns()) /
                         static_cast<double>(std::max<std::int64_t>(1, o.length().ns()));
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(barColumns)));
  };
  std::string bar(barColumns, ' ');
  if (step.to <= step.from) return bar;
  const std::size_t from = std::min(columnOf(step.from), barColumns - 1);
  const std::size_t to = std::max(from + 1, columnOf(step.to));
  std::fill(bar.begin() + static_cast<std::ptrdiff_t>(from),
            bar.begin() + static_cast<std::ptrdiff_t>(to), '#');
  return bar;
}

void print(const analysis::Outage &o) {
  fmt::print("{}: {} {} from {}: {}; {} request{} failed\n", o.service,
             o.open ? "down, and still so after" : "down for", analysis::durationText(o.length()),
             analysis::timeText(o.from), o.cause, o.failedRequests,
             o.failedRequests == 1 ? "" : "s");
  for (const OutageStep &step : o.steps)
    fmt::print("  {:<10}{:>9}  |{}|  {}\n", analysis::name(step.part),
               analysis::durationText(step.to - step.from), barText(o, step), step.text);
  fmt::print("\n");
}

// ---- lost writes ------------------------------------------------------------------------------

Ordered jsonOf(const analysis::LostWrite &w, const net::Blueprint &network) {
  Ordered object = {{"service", w.service},
                    {"operation", w.operation},
                    {"client", w.client},
                    {"acknowledged_ns", w.acknowledgedAt.ns()},
                    {"acknowledged", w.acknowledged},
                    {"lost_ns", w.lostAt.ns()},
                    {"lost", nullptr},
                    {"index", w.index},
                    {"epoch", w.epoch},
                    {"node", nullptr},
                    {"story", w.story}};
  if (w.lost != 0) object["lost"] = w.lost;
  if (w.node < network.nodes.size()) object["node"] = network.nodes[w.node].id;
  return object;
}

ToldRequest requestOf(const AvailabilityOptions &options) {
  return {options.scenario, options.until, options.seed, {}};
}

Ordered headOf(const AvailabilityOptions &options, const ToldRun &told) {
  return {{"scenario", options.scenario}, {"until_s", told.until.toSeconds()}};
}

} // namespace

int services(const AvailabilityOptions &options) {
  const auto told = toldBy(requestOf(options));
  if (!told.ok()) return fail(told.faults());
  const auto reports = analysis::serviceReports(told->chronicle, told->until);
  if (const auto faults = writeFile(options.csv, analysis::servicesCsv(reports)); !faults.empty())
    return fail(faults);
  if (options.json) {
    Ordered object = headOf(options, *told);
    object["services"] = Ordered::array();
    for (const ServiceReport &r : reports) object["services"].push_back(jsonOf(r));
    printObject(object);
    return told->exitCode();
  }
  if (reports.empty())
    fmt::print("No request in {} names a service.\n", options.scenario);
  else
    fmt::print("Marks: # up, ~ degraded, . down; {} in all.\n", toString(told->until));
  for (const ServiceReport &r : reports) print(r);
  return told->exitCode();
}

int outageList(const AvailabilityOptions &options) {
  const auto told = toldBy(requestOf(options));
  if (!told.ok()) return fail(told.faults());
  const auto list = analysis::outages(told->chronicle, told->facts, told->network(), told->until);
  if (const auto faults = writeFile(options.csv, analysis::outagesCsv(list)); !faults.empty())
    return fail(faults);
  if (options.json) {
    Ordered object = headOf(options, *told);
    object["outages"] = Ordered::array();
    for (const analysis::Outage &o : list) object["outages"].push_back(jsonOf(o));
    printObject(object);
    return told->exitCode();
  }
  if (list.empty()) fmt::print("No outage in {}.\n", toString(told->until));
  for (const analysis::Outage &o : list) print(o);
  return told->exitCode();
}

int lostWriteList(const AvailabilityOptions &options) {
  const auto told = toldBy(requestOf(options));
  if (!told.ok()) return fail(told.faults());
  const auto lost = analysis::lostWrites(told->facts, told->network(), told->last());
  if (options.json) {
    Ordered object = headOf(options, *told);
    object["lost_writes"] = Ordered::array();
    for (const analysis::LostWrite &w : lost)
      object["lost_writes"].push_back(jsonOf(w, told->network()));
    printObject(object);
    return told->exitCode();
  }
  fmt::print("{} acknowledged write{} lost in {}.\n", lost.size(), lost.size() == 1 ? "" : "s",
             toString(told->until));
  for (const analysis::LostWrite &w : lost)
    fmt::print("\n{}: {}\n  {}\n", w.service, w.operation, w.story);
  return told->exitCode();
}

} // namespace packetarium::cli
