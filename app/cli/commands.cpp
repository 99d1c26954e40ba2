// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/headless_run.h"
#include "core/scenario/build.h"
#include "core/scenario/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace packetarium::cli {
namespace {

using Ordered = nlohmann::ordered_json;

std::string hex(std::uint64_t v) { return fmt::format("{:016x}", v); }

double perSecond(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

Result<RunRequest> requestOf(const RunOptions &options) {
  auto loaded = scenario::loadIdOrFile(options.scenario);
  if (!loaded.ok()) return loaded.faults();
  RunRequest request;
  request.scenario = std::move(loaded).value();
  std::vector<Fault> faults;
  for (const std::string &setting : options.settings)
    if (const Status status = scenario::applySetting(request.scenario, setting); !status.ok())
      for (const Fault &fault : status.faults())
        faults.push_back({"", "--set " + setting + ": " + fault.text()});
  if (!faults.empty()) return faults;
  if (options.seed) request.scenario.seed = *options.seed;
  request.until = options.until;
  request.pcap = options.pcap;
  request.keylog = options.keylog;
  request.trace = options.trace;
  request.metrics = options.metrics;
  request.history = options.history;
  return request;
}

void printJson(const scenario::Scenario &s, const RunOutcome &o) {
  Ordered object = {{"scenario", s.id},
                    {"seed", s.seed},
                    {"simulated_s", o.simulated.toSeconds()},
                    {"wall_s", o.wallSeconds},
                    {"events", o.events},
                    {"events_per_s", perSecond(o.events, o.wallSeconds)},
                    {"fingerprint", hex(o.fingerprint)},
                    {"metrics", Ordered::object()},
                    {"requirements", Ordered::array()}};
  for (const auto &[name, value] : o.metrics) object["metrics"][name] = value;
  if (o.breach)
    object["breach"] = {{"promise", judge::name(o.breach->invariant)},
                        {"service", o.breach->service},
                        {"t_ns", o.breach->at.ns()},
                        {"record", o.breach->record},
                        {"against", o.breach->against},
                        {"why", o.breach->why}};
  fmt::print("{}\n", object.dump(2));
}

/// Reads one metric of the summary; 0 when it has none of that name.
class Summary {
public:
  explicit Summary(const std::map<std::string, double> &metrics) : m_metrics(metrics) {}
  double operator()(const std::string &name) const {
    const auto at = m_metrics.find(name);
    return at == m_metrics.end() ? 0 : at->second;
  }
  bool has(const std::string &name) const { return m_metrics.contains(name); }

private:
  const std::map<std::string, double> &m_metrics;
};

void printDrops(const std::map<std::string, double> &metrics) {
  for (const auto &[name, value] : metrics)
    if (name.starts_with("drops.")) fmt::print("    {:<20} {:.0f}\n", name.substr(6), value);
}

void printSummary(const scenario::Scenario &s, const RunOutcome &o) {
  const Summary m(o.metrics);
  fmt::print("{}: {} (seed {})\n", s.id, s.title, s.seed);
  fmt::print("  simulated      {} in {:.3f} s: {} events, {:.3g} events/s\n", toString(o.simulated),
             o.wallSeconds, o.events, perSecond(o.events, o.wallSeconds));
  fmt::print("  fingerprint    {}\n", hex(o.fingerprint));
  fmt::print("  packets        {:.0f} sent, {:.0f} delivered, {:.0f} dropped\n", m("packets.sent"),
             m("packets.delivered"), m("packets.dropped"));
  printDrops(o.metrics);
  fmt::print("  goodput        {:.6g} bit/s\n", m("throughput.goodput_bps"));
  if (m("tcp.connections") > 0)
    fmt::print("  TCP            {:.0f} connection ends opened, {:.0f} segments sent again\n",
               m("tcp.connections"), m("tcp.retransmissions"));
  if (m("request.count") > 0)
    fmt::print("  requests       {:.0f} begun, {:.0f} ok, {:.0f} failed\n", m("request.count"),
               m("request.ok"), m("request.failed"));
  if (m.has("request.latency_ms.p50"))
    fmt::print("  latency        median {:.3f} ms, p95 {:.3f} ms, p99 {:.3f} ms\n",
               m("request.latency_ms.p50"), m("request.latency_ms.p95"),
               m("request.latency_ms.p99"));
}

void printFiles(const RunOptions &options) {
  const std::pair<const char *, const std::string &> files[] = {{"capture", options.pcap},
                                                                {"key log", options.keylog},
                                                                {"trace", options.trace},
                                                                {"metrics", options.metrics},
                                                                {"history", options.history}};
  for (const auto &[what, file] : files)
    if (!file.empty()) fmt::print("  {:<14} {}\n", what, file);
}

/// The run ended where a promise was broken.
int broken(const judge::Breach &breach) {
  fmt::print(stderr, "Broken at {}, in service {}: {} {}\n", toString(breach.at), breach.service,
             judge::sentence(breach.invariant), breach.why);
  return InputAtFault;
}

} // namespace

int fail(const std::vector<Fault> &faults) {
  for (const Fault &fault : faults) fmt::print(stderr, "{}\n", fault.text());
  return InputAtFault;
}

int listScenarios() {
  for (const std::string &id : scenario::builtInIds()) {
    const auto loaded = scenario::loadBuiltIn(id);
    if (!loaded.ok()) return fail(loaded.faults());
    const auto isDefault = id == scenario::defaultScenarioId ? " (default)" : "";
    fmt::print("{:<16} {:<8} {}: {}{}\n", id, loaded->tab, loaded->title, loaded->summary,
               isDefault);
  }
  return Done_;
}

int run(const RunOptions &options) {
  const auto request = requestOf(options);
  if (!request.ok()) return fail(request.faults());
  const auto outcome = runHeadless(*request, stopRequested);
  if (!outcome.ok()) return fail(outcome.faults());
  if (options.json) {
    printJson(request->scenario, *outcome);
  } else {
    printSummary(request->scenario, *outcome);
    printFiles(options);
  }
  if (outcome->breach) return broken(*outcome->breach);
  if (!outcome->interrupted) return Done_;
  fmt::print(stderr, "Ended early at {}.\n", toString(outcome->simulated));
  return Interrupted;
}

int validateFile(const std::string &file) {
  const auto loaded = scenario::loadFile(file);
  std::vector<Fault> faults;
  if (!loaded.ok())
    faults = loaded.faults();
  else if (const auto built = scenario::build(*loaded); !built.ok())
    faults = built.faults();
  for (const Fault &fault : faults) fmt::print("{}\n", fault.text());
  if (faults.empty() && ::isatty(STDOUT_FILENO) != 0) fmt::print("{} has no faults.\n", file);
  return faults.empty() ? Done_ : InputAtFault;
}

int generateFile(const GenerateOptions &options) {
  const auto made = scenario::generate(options.make);
  if (!made.ok()) {
    fail(made.faults());
    return WrongUsage;
  }
  if (options.output == "-") {
    fmt::print("{}", scenario::toJson(*made));
    return Done_;
  }
  const Status saved = scenario::saveFile(options.output, *made);
  return saved.ok() ? Done_ : fail(saved.faults());
}

} // namespace packetarium::cli
