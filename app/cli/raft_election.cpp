// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/progress.h"
#include "app/cli/swarm.h"
#include "core/scenario/units.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace packetarium::cli {
namespace {

std::optional<Duration> timeoutOf(std::string text) {
  if (text.empty()) return {};
  if (std::isdigit(static_cast<unsigned char>(text.back())) != 0) text += "ms";
  return scenario::parseDuration(text);
}

void printPeople(const experiments::RaftElectionOptions &o,
                 const experiments::RaftElectionReport &r) {
  fmt::print("Raft elections: {} servers, of which {} cannot win; timeouts {:g} to {:g} ms\n",
             o.servers, o.ineligible, o.timeoutMin.toMs(), o.timeoutMax.toMs());
  fmt::print("  trials       {}, {} took more than one term\n", r.downtimes.size() + r.unfinished,
             r.split);
  if (r.unfinished > 0) fmt::print("  unfinished   {} after a minute\n", r.unfinished);
  if (r.downtimes.empty()) return;
  for (const auto &[what, share] : {std::pair{"shortest", 0.0},
                                    {"median", 0.5},
                                    {"90 %", 0.9},
                                    {"99 %", 0.99},
                                    {"longest", 1.}})
    fmt::print("  {:<12} {:.1f} ms without a leader\n", what, r.quantile(share).toMs());
  fmt::print("  {:<12} {:.1f} ms\n", "mean", r.mean().toMs());
}

void printJson(const experiments::RaftElectionOptions &o,
               const experiments::RaftElectionReport &r) {
  nlohmann::ordered_json object = {{"timeout_min_ms", o.timeoutMin.toMs()},
                                   {"timeout_max_ms", o.timeoutMax.toMs()},
                                   {"servers", o.servers},
                                   {"ineligible", o.ineligible},
                                   {"trials", r.downtimes.size() + r.unfinished},
                                   {"unfinished", r.unfinished},
                                   {"split", r.split}};
  for (const auto &[key, share] : {std::pair{"min_ms", 0.0},
                                   {"p50_ms", 0.5},
                                   {"p90_ms", 0.9},
                                   {"p99_ms", 0.99},
                                   {"max_ms", 1.0}}) {
    object[key] = nullptr;
    if (!r.downtimes.empty()) object[key] = r.quantile(share).toMs();
  }
  object["mean_ms"] = nullptr;
  if (!r.downtimes.empty()) object["mean_ms"] = r.mean().toMs();
  fmt::print("{}\n", object.dump(2));
}

} // namespace

std::optional<std::pair<Duration, Duration>> parseTimeoutRange(const std::string &text) {
  const std::size_t dash = text.find('-');
  const auto low = timeoutOf(text.substr(0, dash));
  const auto high = dash == std::string::npos ? low : timeoutOf(text.substr(dash + 1));
  if (!low || !high || *high < *low) return {};
  return std::pair(*low, *high);
}

int calcRaftElection(const RaftElectionCliOptions &options) {
  experiments::RaftElectionOptions election = options.election;
  election.cancelled = &stopRequested;
  Result<experiments::RaftElectionReport> report = experiments::RaftElectionReport{};
  {
    Progress progress;
    election.progress = [&](std::uint32_t done, std::uint32_t of) {
      progress.update(done, of, "trials");
    };
    report = experiments::measureRaftElections(election);
  }
  if (!report.ok()) {
    fail(report.faults());
    return WrongUsage;
  }
  options.json ? printJson(election, *report) : printPeople(election, *report);
  return stopRequested.load() ? Interrupted : Done_;
}

} // namespace packetarium::cli
