// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/headless_run.h"
#include "app/cli/tls_bench.h"
#include "core/experiments/raft_cluster.h"
#include "core/scenario/build.h"
#include "core/scenario/groups.h"
#include "core/session/runner.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <chrono>

namespace packetarium::cli {
namespace {

constexpr std::uint64_t holdEvents = 10'000'000;
constexpr std::uint32_t holdPending = 10'000;
constexpr std::size_t traceBytesMax = 256u << 20; ///< as in the window
constexpr std::uint64_t eventsPerTurn = 100'000;

struct BenchResult {
  double wallSeconds = 0;
  double simulatedSeconds = 0;
  std::uint64_t events = 0;
  std::uint64_t packetHops = 0;
  double goodputBps = 0;
  double peakMib = 0;
  std::size_t chunks = 0, chunksKept = 0, checkpoints = 0;
};

class Stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
  }

private:
  std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

double peakMib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// The event queue through the real World, with nothing but events that reschedule themselves.
BenchResult hold() {
  BenchResult result;
  world::World world(std::make_shared<const world::Plan>());
  world.addPulses(holdPending, Duration::us(2100));
  const Stopwatch watch;
  while (result.events < holdEvents && !stopRequested.load())
    result.events += world.runUntil(SimTime::max(),
                                    std::min(holdEvents - result.events, std::uint64_t{1'000'000}));
  result.wallSeconds = watch.seconds();
  result.simulatedSeconds = world.now().toSeconds();
  result.peakMib = peakMib();
  return result;
}

/// Keeps chunks under a cap, the oldest go first.
void keep(trace::Trace &trace, session::Runner &runner, std::size_t &bytes, std::size_t &oldest) {
  for (trace::ChunkPtr &chunk : runner.takeChunks()) {
    bytes += chunk->bytes();
    trace.insert(std::move(chunk));
  }
  for (; bytes > traceBytesMax && oldest < trace.slots().size(); ++oldest) {
    bytes -= trace.slots()[oldest].chunk->bytes();
    trace.drop(oldest);
  }
}

/// The network of a load by its name.
Result<scenario::Scenario> network(const BenchOptions &options) {
  if (options.load == "cluster") {
    scenario::Scenario cluster = scenario::clusterBenchmark();
    if (options.duration) cluster.duration = *options.duration;
    return cluster;
  }
  if (options.load == "raft") {
    scenario::Scenario raft = experiments::raftBenchmark();
    if (options.duration) raft.duration = *options.duration;
    return raft;
  }
  scenario::TemplateOptions shape =
      options.load == "grid" ? scenario::gridBenchmark() : scenario::dumbbellBenchmark();
  if (options.duration) shape.duration = *options.duration;
  return scenario::generate(shape);
}

Result<BenchResult> load(const BenchOptions &options) {
  const bool recorded = options.trace;
  const auto scenario = network(options);
  if (!scenario.ok()) return scenario.faults();
  const auto built = scenario::build(*scenario);
  if (!built.ok()) return built.faults();
  session::RunnerOptions runnerOptions;
  runnerOptions.record = recorded;
  BenchResult result;
  trace::Trace trace;
  std::size_t bytes = 0, oldest = 0;
  const Stopwatch watch;
  session::Runner runner(built->plan, built->script, built->end, runnerOptions);
  while (!runner.ended() && !stopRequested.load()) {
    runner.advance(built->end, eventsPerTurn);
    if (recorded) keep(trace, runner, bytes, oldest);
  }
  result.wallSeconds = watch.seconds();
  result.simulatedSeconds = runner.knownUntil().toSeconds();
  result.events = runner.world().eventCount();
  result.packetHops = runner.world().packetHops();
  result.peakMib = peakMib();
  result.chunks = trace.slots().size();
  result.chunksKept = result.chunks - oldest;
  result.checkpoints = runner.checkpointCount();
  if (stopRequested.load()) return result;
  // What programs received is read from the records of the same run once more, outside the clock.
  RunRequest again;
  again.scenario = *scenario;
  const auto outcome = runHeadless(again, stopRequested);
  if (!outcome.ok()) return outcome.faults();
  const auto goodput = outcome->metrics.find("throughput.goodput_bps");
  if (goodput != outcome->metrics.end()) result.goodputBps = goodput->second;
  return result;
}

double rate(double count, double seconds) { return seconds > 0 ? count / seconds : 0; }

void print(const BenchOptions &options, const BenchResult &r) {
  const double eventsPerS = rate(static_cast<double>(r.events), r.wallSeconds);
  const double hopsPerS = rate(static_cast<double>(r.packetHops), r.wallSeconds);
  if (!options.json) {
    fmt::print("{}{}\n", options.load, options.trace ? ", everything recorded" : "");
    fmt::print("  events         {}, {:.4g} a second\n", r.events, eventsPerS);
    fmt::print("  packet-hops    {}, {:.4g} a second\n", r.packetHops, hopsPerS);
    fmt::print("  goodput        {:.6g} bit/s\n", r.goodputBps);
    if (options.trace)
      fmt::print("  kept           {} of {} chunks, {} checkpoints\n", r.chunksKept, r.chunks,
                 r.checkpoints);
    fmt::print("  peak memory    {:.1f} MiB\n", r.peakMib);
    fmt::print("  wall time      {:.4f} s for {:.3f} s simulated, {:.4g} times real time\n",
               r.wallSeconds, r.simulatedSeconds, rate(r.simulatedSeconds, r.wallSeconds));
    return;
  }
  nlohmann::ordered_json object = {{"bench", options.load},
                                   {"trace", options.trace},
                                   {"events", r.events},
                                   {"events_per_s", eventsPerS},
                                   {"packet_hops", r.packetHops},
                                   {"packet_hops_per_s", hopsPerS},
                                   {"goodput_bps", r.goodputBps},
                                   {"peak_mib", r.peakMib},
                                   {"wall_s", r.wallSeconds},
                                   {"simulated_s", r.simulatedSeconds},
                                   {"times_real_time", rate(r.simulatedSeconds, r.wallSeconds)}};
  if (options.trace) {
    object["chunks"] = r.chunks;
    object["chunks_kept"] = r.chunksKept;
    object["checkpoints"] = r.checkpoints;
  }
  fmt::print("{}\n", object.dump(2));
}

} // namespace

int bench(const BenchOptions &options) {
  if (options.load == "tls") return benchTls(options);
  if (options.load == "hold") {
    print(options, hold());
  } else {
    const auto result = load(options);
    if (!result.ok()) return fail(result.faults());
    print(options, *result);
  }
  return stopRequested.load() ? Interrupted : Done_;
}

} // namespace packetarium::cli
