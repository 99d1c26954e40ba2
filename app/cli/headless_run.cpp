// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/headless_run.h"

#include "app/cli/progress.h"
#include "app/cli/trace_file.h"
#include "core/analysis/capture.h"
#include "core/analysis/judgement.h"
#include "core/analysis/key_log.h"
#include "core/analysis/metrics.h"
#include "core/session/runner.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>

namespace packetarium::cli {
namespace {

constexpr std::uint64_t eventsPerTurn = 100'000;

/// A file that is written while the run goes, and told of when it could not be.
class OutputFile {
public:
  explicit OutputFile(std::string name) : m_name(std::move(name)) {
    if (!m_name.empty()) m_stream.open(m_name, std::ios::binary | std::ios::trunc);
    m_error = errno;
  }
  bool wanted() const { return !m_name.empty(); }
  std::ostream &stream() { return m_stream; }
  void check(std::vector<Fault> &faults) const {
    if (wanted() && !m_stream)
      faults.push_back({"", fmt::format("cannot write {}: {}", m_name, std::strerror(m_error))});
  }
  void finish(std::vector<Fault> &faults) {
    if (!wanted()) return;
    errno = 0;
    m_stream.close();
    m_error = errno != 0 ? errno : EIO;
    check(faults);
  }

private:
  std::string m_name;
  std::ofstream m_stream;
  int m_error = 0;
};

/// Everything that looks at the records as they pass.
class Observers {
public:
  Observers(const RunRequest &request, std::shared_ptr<const net::Blueprint> network)
      : m_pcapFile(request.pcap),
        m_keylogFile(request.keylog),
        m_traceFile(request.trace),
        m_metricsFile(request.metrics),
        m_historyFile(request.history) {
    if (m_pcapFile.wanted())
      m_capture = std::make_unique<analysis::CaptureWriter>(m_pcapFile.stream(), network);
    if (m_keylogFile.wanted())
      m_keylog = std::make_unique<analysis::KeyLogWriter>(m_keylogFile.stream());
    if (m_traceFile.wanted()) m_trace = std::make_unique<TraceFile>(m_traceFile.stream(), network);
    analysis::MetricsOptions options;
    options.keepSeries = false;
    if (m_metricsFile.wanted()) {
      m_metricsFile.stream() << analysis::csvHeader() << '\n';
      options.onRow = [this](const analysis::MetricRow &row) {
        m_metricsFile.stream() << analysis::csvLine(row) << '\n';
      };
    }
    m_metrics = std::make_unique<analysis::MetricsCollector>(network, std::move(options));
  }
  Observers(const Observers &) = delete;
  Observers &operator=(const Observers &) = delete;

  void add(const trace::Chunk &chunk) {
    m_metrics->add(chunk);
    if (m_capture) m_capture->add(chunk);
    if (m_keylog) m_keylog->add(chunk);
    if (m_trace) m_trace->add(chunk);
    if (m_historyFile.wanted()) m_facts.add(chunk);
  }
  std::map<std::string, double> finish(SimTime until) {
    m_metrics->finish(until);
    if (m_historyFile.wanted())
      m_historyFile.stream() << judge::writeHistory(
          analysis::historyOf(m_facts, "", m_facts.seenUpTo()));
    return m_metrics->summary(until);
  }
  /// Files that could not be opened, or (after the end) not be written.
  std::vector<Fault> faults(bool closing) {
    std::vector<Fault> faults;
    for (OutputFile *file :
         {&m_pcapFile, &m_keylogFile, &m_traceFile, &m_metricsFile, &m_historyFile})
      closing ? file->finish(faults) : file->check(faults);
    return faults;
  }

private:
  OutputFile m_pcapFile, m_keylogFile, m_traceFile, m_metricsFile, m_historyFile;
  std::unique_ptr<analysis::CaptureWriter> m_capture;
  std::unique_ptr<analysis::KeyLogWriter> m_keylog;
  std::unique_ptr<TraceFile> m_trace;
  std::unique_ptr<analysis::MetricsCollector> m_metrics;
  analysis::FactBook m_facts; ///< for the history
};

/// Chunks are looked at once, so nothing needs to be derived again: no checkpoints.
session::RunnerOptions streaming() {
  session::RunnerOptions options;
  options.checkpointInterval = std::numeric_limits<std::uint64_t>::max();
  return options;
}

double share(SimTime now, SimTime end) {
  return end.ns() > 0 ? static_cast<double>(now.ns()) / static_cast<double>(end.ns()) : 1.0;
}

} // namespace

Result<RunOutcome> runHeadless(const RunRequest &request, const std::atomic<bool> &stop) {
  const auto built = scenario::build(request.scenario);
  if (!built.ok()) return built.faults();
  const SimTime end = request.until ? SimTime::zero() + *request.until : built->end;
  const std::shared_ptr<const net::Blueprint> network(built->plan, &built->plan->network);
  Observers observers(request, network);
  if (auto faults = observers.faults(false); !faults.empty()) return faults;

  Progress progress;
  session::Runner runner(built->plan, built->script, end, streaming());
  const auto handOver = [&] {
    for (const trace::ChunkPtr &chunk : runner.takeChunks()) observers.add(*chunk);
  };
  while (!runner.ended() && !stop.load()) {
    runner.advance(end, eventsPerTurn);
    handOver();
    progress.update(share(runner.knownUntil(), end), runner.knownUntil().toSeconds(),
                    runner.world().eventCount());
  }
  runner.flush();
  handOver();

  RunOutcome outcome;
  outcome.interrupted = !runner.ended();
  outcome.breach = runner.breach();
  outcome.simulated = runner.knownUntil();
  outcome.wallSeconds = progress.elapsedSeconds();
  outcome.events = runner.world().eventCount();
  outcome.fingerprint = runner.world().fingerprint();
  outcome.metrics = observers.finish(outcome.simulated);
  if (auto faults = observers.faults(true); !faults.empty()) return faults;
  return outcome;
}

} // namespace packetarium::cli
