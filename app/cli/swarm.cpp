// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/swarm.h"

#include "app/cli/commands.h"
#include "app/cli/progress.h"
#include "core/analysis/names.h"
#include "core/experiments/raft_cluster.h"
#include "core/experiments/shrink.h"
#include "core/scenario/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using experiments::Shrunk;
using experiments::SwarmReport;
using experiments::Violation;

constexpr std::string_view harshRaft = "raft-harsh";

int wrong(const std::vector<Fault> &faults) {
  fail(faults);
  return WrongUsage;
}

Result<scenario::Scenario> swarmScenario(const SwarmCliOptions &options) {
  scenario::Scenario scenario;
  if (options.scenario == harshRaft) {
    scenario = experiments::raftCluster(experiments::harshRaftCluster());
  } else {
    auto loaded = scenario::loadIdOrFile(options.scenario);
    if (!loaded.ok()) return loaded.faults();
    scenario = std::move(loaded).value();
  }
  for (const std::string &setting : options.settings)
    if (const Status status = scenario::applySetting(scenario, setting); !status.ok())
      return Fault{"", "--set " + setting + ": " + status.faults().front().text()};
  if (options.until) scenario.duration = *options.until;
  return scenario;
}

Ordered jsonOf(const Violation &v) {
  return {{"seed", v.seed},       {"promise", experiments::name(v.promise)},
          {"service", v.service}, {"at_ns", v.at.ns()},
          {"record", v.record},   {"operation", v.operation},
          {"why", v.why}};
}

Ordered jsonOf(const Shrunk &s, const std::string &file) {
  Ordered object = {{"seed", s.violation.seed},
                    {"faults_before", s.faultsBefore},
                    {"faults", s.faults},
                    {"entries", s.scenario.script.size()},
                    {"runs", s.runs},
                    {"violation", jsonOf(s.violation)},
                    {"script", Ordered::array()},
                    {"file", nullptr}};
  for (const scenario::ScriptEntry &e : s.scenario.script)
    object["script"].push_back({{"at_ns", e.at.ns()},
                                {"action", scenario::name(e.action)},
                                {"target", e.target},
                                {"value", e.value}});
  if (!file.empty()) object["file"] = file;
  return object;
}

void printJson(const SwarmCliOptions &options, const SwarmReport &report,
               const std::optional<Shrunk> &shrunk, const std::string &file) {
  Ordered object = {{"scenario", options.scenario},          {"runs", report.done},
                    {"first_seed", options.swarm.firstSeed}, {"expected", Ordered::array()},
                    {"operations", report.operations},       {"undecided", report.undecided},
                    {"violations", Ordered::array()},        {"shrunk", nullptr}};
  for (const auto promise : report.promises)
    object["expected"].push_back(experiments::name(promise));
  for (const Violation &v : report.violations) object["violations"].push_back(jsonOf(v));
  if (shrunk) object["shrunk"] = jsonOf(*shrunk, file);
  fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
}

void print(const Violation &v) {
  fmt::print("seed {}: {} broken at {} by {}\n", v.seed, experiments::name(v.promise),
             analysis::timeText(v.at), v.operation);
  if (!v.why.empty()) fmt::print("  {}\n", v.why);
}

void printPeople(const SwarmCliOptions &options, const SwarmReport &report,
                 const std::optional<Shrunk> &shrunk, const std::string &file) {
  for (const Violation &v : report.violations) print(v);
  fmt::print("{} runs from seed {}, {} operations: {}\n", report.done, options.swarm.firstSeed,
             report.operations,
             report.violations.empty()
                 ? "no violation"
                 : fmt::format("{} with a violation", report.violations.size()));
  for (const auto promise : report.promises)
    fmt::print("  expected     {}\n", experiments::name(promise));
  if (report.undecided > 0)
    fmt::print("  undecided    {}: judging needed more than its budget\n", report.undecided);
  if (!file.empty()) fmt::print("  saved        {}\n", file);
  if (!shrunk) return;
  fmt::print("seed {} shrunk from {} faults to {}, in {} runs, now with seed {}:\n",
             report.violations.front().seed, shrunk->faultsBefore, shrunk->faults, shrunk->runs,
             shrunk->violation.seed);
  for (const scenario::ScriptEntry &e : shrunk->scenario.script) {
    const auto key = scenario::valueKey(e.action);
    fmt::print("  {:<12} {} {}{}\n", analysis::timeText(e.at), scenario::name(e.action), e.target,
               key.empty() ? "" : fmt::format(" {}={:g}", key, e.value));
  }
  print(shrunk->violation);
}

Result<SwarmReport> search(const SwarmCliOptions &options, const scenario::Scenario &scenario) {
  Progress progress;
  experiments::SwarmOptions swarm = options.swarm;
  swarm.judge.cancelled = &stopRequested;
  swarm.progress = [&](std::uint64_t done, std::uint64_t of) { progress.update(done, of, "runs"); };
  return experiments::swarm(scenario, swarm);
}

Result<Shrunk> shrinkFirst(const scenario::Scenario &violating, const Violation &violation,
                           const SwarmCliOptions &options) {
  Progress progress;
  experiments::ShrinkOptions shrink;
  shrink.judge = options.swarm.judge;
  shrink.judge.cancelled = &stopRequested;
  shrink.threads = options.swarm.threads;
  shrink.progress = [&](std::uint64_t runs, std::size_t) {
    progress.update(runs, shrink.runsMax, "runs to shrink it");
  };
  return experiments::shrink(violating, violation.promise, shrink);
}

/// Where the violating scenario goes: where it was asked for, or, when it was shrunk, beside the
/// scenario's own file under a name that nothing has yet; "" when it is not kept.
std::string fileFor(const SwarmCliOptions &options, std::uint64_t seed) {
  if (!options.save.empty() || !options.shrink) return options.save;
  std::filesystem::path stem(options.scenario);
  stem.replace_extension();
  const std::string start = fmt::format("{}-seed-{}", stem.string(), seed);
  std::string file = start + ".packetarium";
  for (int i = 2; std::filesystem::exists(file); ++i)
    file = fmt::format("{}-{}.packetarium", start, i);
  return file;
}

} // namespace

int swarm(const SwarmCliOptions &options) {
  auto scenario = swarmScenario(options);
  if (!scenario.ok()) return wrong(scenario.faults());
  const auto report = search(options, *scenario);
  if (!report.ok()) return wrong(report.faults());
  std::optional<Shrunk> shrunk;
  std::string file;
  if (!report->violations.empty() && (options.shrink || !options.save.empty())) {
    const Violation &first = report->violations.front();
    scenario::Scenario worst =
        experiments::withDrawnFaults(*scenario, first.seed, options.swarm.faults);
    if (options.shrink) {
      auto result = shrinkFirst(worst, first, options);
      if (!result.ok()) return wrong(result.faults());
      shrunk = std::move(result).value();
      worst = shrunk->scenario;
    }
    file = fileFor(options, first.seed);
    if (!file.empty())
      if (const Status saved = scenario::saveFile(file, worst); !saved.ok())
        return wrong(saved.faults());
  }
  options.json ? printJson(options, *report, shrunk, file)
               : printPeople(options, *report, shrunk, file);
  if (stopRequested.load()) return Interrupted;
  return report->violations.empty() ? Done_ : InputAtFault;
}

} // namespace packetarium::cli
