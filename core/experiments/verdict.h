// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/experiments/fact_run.h"
#include "core/scenario/build.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One run, held against what its stores promise.
namespace packetarium::experiments {

/// In the order in which they are judged.
enum class Promise : std::uint8_t {
  Invariants,   ///< Raft's four
  NoLostWrites, ///< no acknowledged write is gone in the end
  Convergence,  ///< what is read long after the last write is the same for all
  Causal,
  Linearizable ///< histories of the service's clients
};
constexpr int promiseCount = static_cast<int>(Promise::Linearizable) + 1;
std::string_view name(Promise promise); ///< "no-lost-writes"
std::optional<Promise> promiseOf(std::string_view name);
std::string_view sentence(Promise promise); ///< what it says, for people

/// What the programs of a scenario promise by how they are set up: Raft its invariants, and
/// linearizability unless its reads are local; a primary that waits for its replicas that no write
/// is lost; what takes writes on all sides that it converges.
std::vector<Promise> promisesOf(const scenario::Scenario &scenario);

struct Violation {
  std::uint64_t seed = 0;
  Promise promise = Promise::Invariants;
  std::string service;
  SimTime at;                 ///< from when on it is broken
  trace::Sequence record = 0; ///< the operation's return, or what broke the invariant
  std::string operation;      ///< the first offending one, or what the invariant is called
  std::string why;            ///< sentences
};

struct RunVerdict {
  /// Of the first promise that is broken: at most one for each service, earliest first.
  std::vector<Violation> violations;
  std::uint64_t operations = 0; ///< that clients ended
  bool undecided = false;       ///< a judgement needed more than its budget
};

struct JudgeOptions {
  std::chrono::nanoseconds budget = std::chrono::seconds(2); ///< of each judgement of a run
  const std::atomic<bool> *cancelled = nullptr;
};
/// What was told up to now, judged on the calling thread, the cheapest judgement first.
RunVerdict judge(const FactRun &run, const std::vector<Promise> &promises,
                 const JudgeOptions &options);
/// Runs the scenario to its end and judges it. Faults when it cannot be built.
Result<RunVerdict> runAndJudge(const scenario::Scenario &scenario,
                               const std::vector<Promise> &promises, const JudgeOptions &options);

} // namespace packetarium::experiments
