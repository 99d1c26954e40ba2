// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/templates.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

/// What packetarium-cli does. Each command prints to standard output and gives the exit code.
namespace packetarium::cli {

enum ExitCode : int {
  Done_ = 0,
  InputAtFault = 1, ///< with a message on standard error; also: a run broke a promise of Raft
  WrongUsage = 2,
  Interrupted = 130 ///< ended early by Ctrl+C, in good order: what there is was written
};

/// Set by Ctrl+C; long work looks at it.
extern std::atomic<bool> stopRequested;

/// Prints faults to standard error, one a line, and gives InputAtFault.
int fail(const std::vector<Fault> &faults);

int listScenarios();

struct RunOptions {
  std::string scenario;
  std::optional<Duration> until;
  std::optional<std::uint64_t> seed;
  bool json = false;
  std::string pcap, keylog, trace, metrics, history;
  std::vector<std::string> settings;
};
int run(const RunOptions &options);

struct TapOptions {
  std::string scenario, link;
  std::optional<Duration> until;
  bool json = false;
};
/// What an eavesdropper on a link sees.
int tap(const TapOptions &options);

int validateFile(const std::string &file);

struct GenerateOptions {
  scenario::TemplateOptions make;
  std::string output;
};
int generateFile(const GenerateOptions &options);

struct BenchOptions {
  std::string load; ///< hold, dumbbell, grid, cluster, raft, tls
  bool trace = false;
  bool json = false;
  std::optional<Duration>
      duration; ///< of dumbbell, grid, cluster and raft, and of tls's turns; else as defined
};
int bench(const BenchOptions &options);

/// The lists at the end of --help of run: metrics and trace kinds.
std::string metricList();
std::string traceKindList();
/// The reference page, resources/reference/cli.md. options: the help text of every command.
std::string referencePage(const std::string &options);

} // namespace packetarium::cli
