// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/cap_dial.h"

#include "app/cli/promises.h"
#include "app/cli/progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using experiments::DialRow;
using experiments::SideFigures;
using experiments::Spell;

constexpr std::size_t axisColumns = 60;

Ordered jsonOf(const SideFigures &f) {
  return {{"side", f.side},
          {"operations", f.operations},
          {"ok", f.ok},
          {"refused", f.refused},
          {"timed_out", f.timedOut},
          {"stale_reads", f.staleReads},
          {"read_p50_ms", f.readP50.toMs()},
          {"read_p99_ms", f.readP99.toMs()},
          {"write_p50_ms", f.writeP50.toMs()},
          {"write_p99_ms", f.writeP99.toMs()}};
}

Ordered jsonOf(const DialRow &row) {
  Ordered object = {{"design", experiments::name(row.design)},
                    {"title", experiments::title(row.design)},
                    {"partitioned", row.partitioned},
                    {"during", Ordered::array()},
                    {"whole", jsonOf(row.whole)},
                    {"conflicts", row.conflicts},
                    {"lost_writes", row.lostWrites},
                    {"converged_s", nullptr},
                    {"linearizable", row.linearizable},
                    {"spells", Ordered::array()}};
  for (const SideFigures &f : row.during) object["during"].push_back(jsonOf(f));
  if (row.converged >= Duration{}) object["converged_s"] = row.converged.toSeconds();
  for (const Spell &s : row.spells)
    object["spells"].push_back(
        {{"what", s.what}, {"side", s.side}, {"from_ns", s.from.ns()}, {"to_ns", s.to.ns()}});
  return object;
}

void printSide(const std::string &who, const SideFigures &f) {
  fmt::print("  {:<22}{:>5}{:>6}{:>8}{:>10}{:>7}{:>9.1f}{:>9.1f}{:>9.1f}{:>9.1f}\n", who,
             f.operations, f.ok, f.refused, f.timedOut, f.staleReads, f.readP50.toMs(),
             f.readP99.toMs(), f.writeP50.toMs(), f.writeP99.toMs());
}

/// Where spells of one sort lie on the time axis of the run.
std::string axisOf(const std::vector<Spell> &spells, const std::string &what,
                   const std::string &side, SimTime end) {
  std::string axis(axisColumns, ' ');
  const auto column = [&](SimTime t) {
    const double share =
        static_cast<double>(t.ns()) / static_cast<double>(std::max<std::int64_t>(1, end.ns()));
    return std::min(axisColumns - 1,
                    static_cast<std::size_t>(share * static_cast<double>(axisColumns)));
  };
  for (const Spell &s : spells)
    if (s.what == what && s.side == side)
      for (std::size_t c = column(s.from); c <= column(s.to); ++c) axis[c] = '#';
  return axis;
}

void printAxes(const DialRow &row, SimTime end) {
  std::vector<std::pair<std::string, std::string>> kinds;
  for (const Spell &s : row.spells)
    if (std::find(kinds.begin(), kinds.end(), std::pair(s.what, s.side)) == kinds.end())
      kinds.emplace_back(s.what, s.side);
  std::sort(kinds.begin(), kinds.end());
  for (const auto &[what, side] : kinds)
    fmt::print("  {:<22}|{}|\n", side.empty() ? what : what + ", " + side,
               axisOf(row.spells, what, side, end));
}

void print(const DialRow &row, SimTime end) {
  fmt::print("\n{}, {}: linearizable {}; {} conflict{}, {} lost write{}", title(row.design),
             row.partitioned ? "partitioned" : "without a partition", row.linearizable,
             row.conflicts, row.conflicts == 1 ? "" : "s", row.lostWrites,
             row.lostWrites == 1 ? "" : "s");
  if (row.partitioned)
    fmt::print("; {}", row.converged >= Duration{} ? fmt::format("agreed again {:.3f} s after it",
                                                                 row.converged.toSeconds())
                                                   : std::string("not agreed again by its end"));
  fmt::print("\n  {:<22}{:>5}{:>6}{:>8}{:>10}{:>7}{:>9}{:>9}{:>9}{:>9}\n", "", "asked", "ok",
             "refused", "timed out", "stale", "r50 ms", "r99 ms", "w50 ms", "w99 ms");
  for (const SideFigures &f : row.during)
    printSide((row.partitioned ? "during, " : "in that time, ") + f.side, f);
  printSide("whole run", row.whole);
  printAxes(row, end);
}

} // namespace

int capDial(const CapDialOptions &options) {
  auto loaded = documentOf(options.run);
  if (!loaded.ok()) return fail(loaded.faults());
  scenario::Scenario document = std::move(loaded).value();
  if (options.run.until) document.duration = *options.run.until;
  Progress progress;
  experiments::DialOptions dial;
  dial.cancelled = &stopRequested;
  dial.progress = [&](std::size_t done, std::size_t of) {
    progress.update(done, of, "runs");
  };
  const auto rows = experiments::runDial(document, dial);
  if (!rows.ok()) return stopRequested.load() ? Interrupted : fail(rows.faults());
  const SimTime end = SimTime::zero() + document.duration;
  if (options.json) {
    Ordered object = {{"scenario", options.run.scenario},
                      {"seed", document.seed},
                      {"until_s", end.toSeconds()},
                      {"rows", Ordered::array()}};
    for (const DialRow &row : *rows) object["rows"].push_back(jsonOf(row));
    fmt::print("{}\n", object.dump(2, ' ', false, Ordered::error_handler_t::replace));
    return Done_;
  }
  fmt::print("{}: the same clients, seed and script with each store; latencies of what was "
             "answered.\n",
             document.title);
  for (const DialRow &row : *rows) print(row, end);
  return Done_;
}

} // namespace packetarium::cli
