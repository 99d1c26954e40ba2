// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/cap_dial.h"

#include "core/experiments/dial_figures.h"
#include "core/scenario/build.h"
#include "core/session/runner.h"

#include <limits>
#include <optional>

namespace packetarium::experiments {
namespace {

constexpr std::uint64_t eventsPerTurn = 100'000;

/// The service of the store whose program was exchanged: the one that has the design's kind on the
/// most nodes is what withDesign() chose.
std::string dialService(const scenario::Scenario &s) {
  std::map<std::string, std::size_t> counts;
  for (const scenario::Node &node : s.nodes)
    for (const scenario::Program &program : node.programs) {
      if (!isDialStore(program.kind)) continue;
      const auto at = program.parameters.find("service");
      const auto *text =
          at == program.parameters.end() ? nullptr : std::get_if<std::string>(&at->second);
      ++counts[text == nullptr || text->empty() ? "store" : *text];
    }
  std::string best;
  std::size_t most = 0;
  for (const auto &[service, count] : counts)
    if (count > most) {
      best = service;
      most = count;
    }
  return best;
}

bool isCancelled(const DialOptions &options) {
  return options.cancelled != nullptr && options.cancelled->load();
}

/// One run; nothing when it was cancelled.
Result<std::optional<DialRow>> runOnce(const scenario::Scenario &given, Design design,
                                       bool partitioned, const DialOptions &options) {
  const auto exchanged = withDesign(given, design);
  if (!exchanged.ok()) return exchanged.faults();
  const std::vector<Partition> partitions = partitionsOf(*exchanged);
  const auto built = scenario::build(partitioned ? *exchanged : withoutFaults(*exchanged));
  if (!built.ok()) return built.faults();
  session::RunnerOptions streaming;
  streaming.checkpointInterval = std::numeric_limits<std::uint64_t>::max();
  session::Runner runner(built->plan, built->script, built->end, streaming);
  analysis::Chronicle chronicle;
  analysis::FactBook facts;
  const auto handOver = [&] {
    for (const trace::ChunkPtr &chunk : runner.takeChunks()) {
      chronicle.add(*chunk);
      facts.add(*chunk);
    }
  };
  while (!runner.ended()) {
    if (isCancelled(options)) return std::optional<DialRow>{};
    runner.advance(built->end, eventsPerTurn);
    handOver();
  }
  runner.flush();
  handOver();
  DialRow row;
  row.design = design;
  row.partitioned = partitioned;
  const SimTime until = runner.breach() ? runner.knownUntil() : built->end;
  countRow({chronicle, facts, built->plan->network, partitions, dialService(*exchanged), until},
           row);
  return std::optional<DialRow>(std::move(row));
}

} // namespace

Result<std::vector<DialRow>> runDial(const scenario::Scenario &scenario,
                                     const DialOptions &options) {
  std::vector<DialRow> rows;
  const std::size_t of = options.designs.size() * 2;
  for (const Design design : options.designs)
    for (const bool partitioned : {true, false}) {
      auto row = runOnce(scenario, design, partitioned, options);
      if (!row.ok()) return row.faults();
      if (!*row) return Fault{"", "cancelled"};
      rows.push_back(std::move(**row));
      if (options.progress) options.progress(rows.size(), of);
    }
  return rows;
}

} // namespace packetarium::experiments
