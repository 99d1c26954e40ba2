// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/told_run.h"

#include "core/session/runner.h"

#include <limits>

namespace packetarium::cli {
namespace {

constexpr std::uint64_t eventsPerTurn = 100'000;

} // namespace

Result<scenario::Scenario> documentOf(const ToldRequest &request) {
  auto loaded = scenario::loadIdOrFile(request.scenario);
  if (!loaded.ok()) return loaded.faults();
  scenario::Scenario document = std::move(loaded).value();
  std::vector<Fault> faults;
  for (const std::string &setting : request.settings)
    if (const Status status = scenario::applySetting(document, setting); !status.ok())
      for (const Fault &fault : status.faults())
        faults.push_back({"", "--set " + setting + ": " + fault.text()});
  if (!faults.empty()) return faults;
  if (request.seed) document.seed = *request.seed;
  return document;
}

Result<ToldRun> toldBy(const ToldRequest &request) {
  auto document = documentOf(request);
  if (!document.ok()) return document.faults();
  const auto built = scenario::build(*document);
  if (!built.ok()) return built.faults();
  const SimTime end = request.until ? SimTime::zero() + *request.until : built->end;
  session::RunnerOptions streaming;
  streaming.checkpointInterval = std::numeric_limits<std::uint64_t>::max();
  session::Runner runner(built->plan, built->script, end, streaming);
  ToldRun told;
  told.document = std::move(document).value();
  told.plan = built->plan;
  const auto handOver = [&] {
    for (const trace::ChunkPtr &chunk : runner.takeChunks()) {
      told.chronicle.add(*chunk);
      told.facts.add(*chunk);
    }
  };
  while (!runner.ended() && !stopRequested.load()) {
    runner.advance(end, eventsPerTurn);
    handOver();
  }
  runner.flush();
  handOver();
  told.interrupted = !runner.ended();
  // A promise of Raft that was broken ends a run, too.
  told.until = told.interrupted || runner.breach() ? runner.knownUntil() : end;
  return told;
}

} // namespace packetarium::cli
