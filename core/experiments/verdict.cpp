// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/verdict.h"

#include "core/analysis/cluster_state.h"
#include "core/analysis/judgement.h"
#include "core/judge/consistency.h"
#include "core/judge/linearizability.h"
#include "core/judge/raft_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace packetarium::experiments {
namespace {

struct PromiseRow {
  std::string_view name, sentence;
};
constexpr std::array<PromiseRow, promiseCount> promiseRows{{
    {"invariants", "Raft's invariants hold: one leader in a term, logs that match, leaders that "
                   "have all that was committed, members that apply the same."},
    {"no-lost-writes", "A write whose client was told that it is done is not lost."},
    {"convergence", "Some time after the last write all reads give the same."},
    {"causal", "Whoever sees a write has seen what its writer had seen."},
    {"linearizable", "All operations look as if each took place at one instant between its "
                     "beginning and its end."},
}};

constexpr std::size_t statesMax = 1'000'000; ///< several threads judge at once
constexpr Duration settleTime = Duration::seconds(2);

bool isSet(const scenario::Program &program, const std::string &key, std::string_view value) {
  const auto at = program.parameters.find(key);
  if (at == program.parameters.end()) return false;
  const auto *text = std::get_if<std::string>(&at->second);
  return text != nullptr && *text == value;
}

/// Judges one run, one promise after the other.
class RunJudge {
public:
  RunJudge(const FactRun &run, const JudgeOptions &options)
      : m_facts(run.facts()), m_network(run.plan().network), m_breach(run.world().breach()) {
    m_check.budget = options.budget;
    m_check.threads = 1;
    m_check.statesMax = statesMax;
    m_check.cancelled = options.cancelled;
  }

  void judge(Promise promise) {
    switch (promise) {
    case Promise::Invariants: return invariants();
    case Promise::NoLostWrites: return lostWrites();
    default: break;
    }
    for (const std::string &service : analysis::storesOf(m_facts)) {
      const judge::History history = analysis::historyOf(m_facts, service, m_facts.seenUpTo());
      if (promise == Promise::Linearizable) linearizable(service, history);
      if (promise == Promise::Causal)
        property(promise, service, history, judge::checkCausal(history, m_check));
      if (promise == Promise::Convergence)
        property(promise, service, history, judge::checkConvergence(history, settleTime));
    }
  }

  bool broken() const { return !m_verdict.violations.empty(); }
  RunVerdict verdict() {
    for (const std::uint32_t i : m_facts.of(trace::FactTopic::Operation))
      if (m_facts.text(m_facts.facts()[i].name) != "invoke") ++m_verdict.operations;
    std::stable_sort(m_verdict.violations.begin(), m_verdict.violations.end(),
                     [](const Violation &a, const Violation &b) { return a.at < b.at; });
    return std::move(m_verdict);
  }

private:
  void invariants() {
    if (!m_breach) return;
    m_verdict.violations.push_back({0, Promise::Invariants, m_breach->service, m_breach->at,
                                    m_breach->record, std::string(judge::name(m_breach->invariant)),
                                    m_breach->why});
  }

  void lostWrites() {
    std::set<std::string> told;
    for (const analysis::LostWrite &w :
         analysis::lostWrites(m_facts, m_network, m_facts.seenUpTo()))
      if (told.insert(w.service).second)
        m_verdict.violations.push_back({0, Promise::NoLostWrites, w.service, w.lostAt,
                                        w.lost != 0 ? w.lost : w.acknowledged, w.operation,
                                        w.story});
  }

  void linearizable(const std::string &service, const judge::History &history) {
    judge::CheckOptions check = m_check;
    const auto &all = history.operations;
    const bool appends = std::any_of(all.begin(), all.end(), [](const judge::Operation &o) {
      return o.kind == judge::OperationKind::Append;
    });
    if (appends) check.model = judge::Model::Kv;
    const judge::LinearizabilityVerdict v = judge::checkLinearizability(history, check);
    if (v.verdict == judge::Verdict::Unknown) m_verdict.undecided = true;
    if (v.verdict != judge::Verdict::False || !v.offending) return;
    std::string why;
    for (const judge::KeyVerdict &key : v.keys)
      if (key.offending == v.offending) why = key.why;
    add(Promise::Linearizable, service, all[*v.offending], why);
  }

  void property(Promise promise, const std::string &service, const judge::History &history,
                const judge::PropertyVerdict &v) {
    if (v.verdict == judge::Verdict::Unknown && !history.operations.empty())
      m_verdict.undecided = true;
    if (v.verdict == judge::Verdict::False && v.offending)
      add(promise, service, history.operations[*v.offending], v.why);
  }

  void add(Promise promise, const std::string &service, const judge::Operation &operation,
           std::string why) {
    m_verdict.violations.push_back(
        {0, promise, service, operation.returned.value_or(operation.invoked),
         operation.returnRecord != 0 ? operation.returnRecord : operation.invokeRecord,
         fmt::format("{}: {}", operation.process, judge::text(operation)), std::move(why)});
  }

  const analysis::FactBook &m_facts;
  const net::Blueprint &m_network;
  const std::optional<judge::Breach> &m_breach;
  judge::CheckOptions m_check;
  RunVerdict m_verdict;
};

} // namespace

std::string_view name(Promise promise) {
  return promiseRows[static_cast<std::size_t>(promise)].name;
}

std::string_view sentence(Promise promise) {
  return promiseRows[static_cast<std::size_t>(promise)].sentence;
}

std::optional<Promise> promiseOf(std::string_view name) {
  for (std::size_t i = 0; i < promiseRows.size(); ++i)
    if (promiseRows[i].name == name) return static_cast<Promise>(i);
  return {};
}

std::vector<Promise> promisesOf(const scenario::Scenario &scenario) {
  std::set<Promise> promises;
  bool weak = false;
  for (const scenario::Node &node : scenario.nodes)
    for (const scenario::Program &p : node.programs) {
      if (p.kind == "raft") {
        promises.insert(Promise::Invariants);
        promises.insert(Promise::Linearizable);
        weak = weak || isSet(p, "reads", "local");
      } else if (p.kind == "kv-store") {
        if (isSet(p, "mode", "sync")) promises.insert(Promise::NoLostWrites);
      } else if (p.kind == "multi-primary" || p.kind == "quorum-store") {
        promises.insert(Promise::Convergence);
      }
    }
  if (weak) promises.erase(Promise::Linearizable);
  return {promises.begin(), promises.end()};
}

RunVerdict judge(const FactRun &run, const std::vector<Promise> &promises,
                 const JudgeOptions &options) {
  RunJudge judging(run, options);
  // The cheap ones first: a run that breaks one of them need not be searched for more.
  std::vector<Promise> order = promises;
  std::sort(order.begin(), order.end());
  for (const Promise promise : order)
    if (!judging.broken()) judging.judge(promise);
  return judging.verdict();
}

Result<RunVerdict> runAndJudge(const scenario::Scenario &scenario,
                               const std::vector<Promise> &promises, const JudgeOptions &options) {
  const auto built = scenario::build(scenario);
  if (!built.ok()) return built.faults();
  FactRun run(*built);
  run.runTo(built->end, options.cancelled);
  RunVerdict verdict = judge(run, promises, options);
  for (Violation &v : verdict.violations) v.seed = scenario.seed;
  return verdict;
}

} // namespace packetarium::experiments
