// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/promises.h"

#include "core/analysis/judgement.h"
#include "core/analysis/names.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using analysis::Freshness;
using analysis::Light;

/// How many reads were answered how.
struct ReadCounts {
  std::size_t fresh = 0, stale = 0, refused = 0, unknown = 0;
  Duration staleMost;
};

ReadCounts countReads(const judge::History &history) {
  ReadCounts counts;
  for (const analysis::ReadMark &mark : analysis::markReads(history)) {
    counts.fresh += mark.freshness == Freshness::Fresh ? 1 : 0;
    counts.stale += mark.freshness == Freshness::Stale ? 1 : 0;
    counts.refused += mark.freshness == Freshness::Refused ? 1 : 0;
    counts.unknown += mark.freshness == Freshness::Unknown ? 1 : 0;
    counts.staleMost = std::max(counts.staleMost, mark.staleBy);
  }
  return counts;
}

Ordered jsonOf(const Light &light, const judge::History &history) {
  Ordered object = {{"title", light.title},
                    {"promise", light.promise},
                    {"verdict", judge::name(light.verdict)},
                    {"since_ns", nullptr},
                    {"record", nullptr},
                    {"offending", nullptr},
                    {"against", light.against},
                    {"why", light.why}};
  if (light.verdict != judge::Verdict::False) return object;
  object["since_ns"] = light.since.ns();
  object["record"] = light.record;
  if (light.offending)
    object["offending"] = {{"process", history.operations[*light.offending].process},
                           {"operation", judge::text(history.operations[*light.offending])}};
  return object;
}

Ordered jsonOf(const std::string &service, const judge::History &history,
               const std::vector<Light> &lights) {
  const ReadCounts reads = countReads(history);
  Ordered object = {{"service", service},
                    {"operations", history.operations.size()},
                    {"reads",
                     {{"fresh", reads.fresh},
                      {"stale", reads.stale},
                      {"refused", reads.refused},
                      {"unknown", reads.unknown},
                      {"stale_most_ns", reads.staleMost.ns()}}},
                    {"lights", Ordered::array()}};
  for (const Light &light : lights) object["lights"].push_back(jsonOf(light, history));
  return object;
}

std::string_view wordOf(judge::Verdict verdict) {
  switch (verdict) {
  case judge::Verdict::True: return "kept";
  case judge::Verdict::False: return "broken";
  case judge::Verdict::Unknown: return "unknown";
  }
  return {};
}

void print(const std::string &service, const judge::History &history,
           const std::vector<Light> &lights) {
  const ReadCounts reads = countReads(history);
  fmt::print("{}: {} operations; reads: {} fresh, {} stale", service, history.operations.size(),
             reads.fresh, reads.stale);
  if (reads.stale > 0) fmt::print(" (by up to {})", analysis::durationText(reads.staleMost));
  fmt::print(", {} refused, {} unknown\n", reads.refused, reads.unknown);
  for (const Light &light : lights) {
    fmt::print("  {:<22} {:<8}", light.title, wordOf(light.verdict));
    if (light.verdict == judge::Verdict::False)
      fmt::print(" since {}: {}", analysis::timeText(light.since), light.why);
    else
      fmt::print(" {}", light.verdict == judge::Verdict::True ? light.promise : light.why);
    fmt::print("\n");
  }
}

} // namespace

int judgeRun(const JudgeOptions &options) {
  const auto told = toldBy(options.run);
  if (!told.ok()) return fail(told.faults());
  judge::Budget budget;
  budget.time = std::chrono::nanoseconds(static_cast<std::int64_t>(options.budgetSeconds * 1e9));
  budget.cancelled = &stopRequested;
  Ordered object = {{"scenario", options.run.scenario},
                    {"until_s", told->until.toSeconds()},
                    {"services", Ordered::array()}};
  const std::vector<std::string> services = analysis::storesOf(told->facts);
  if (services.empty() && !options.json)
    fmt::print("No client in {} told of an operation of a store.\n", options.run.scenario);
  for (const std::string &service : services) {
    const auto history = analysis::historyOf(told->facts, service, told->last());
    const auto lights =
        analysis::lightsOf(told->facts, told->network(), service, told->last(), budget);
    if (options.json)
      object["services"].push_back(jsonOf(service, history, lights));
    else
      print(service, history, lights);
  }
  if (options.json)
    fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
  return told->exitCode();
}

} // namespace packetarium::cli
