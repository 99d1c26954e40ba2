// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/swarm.h"

#include <algorithm>
#include <mutex>
#include <thread>

namespace packetarium::experiments {
namespace {

constexpr std::chrono::milliseconds tellEvery{100};

/// What the threads of a swarm share: seeds to take, and what came of them.
class Swarm {
public:
  Swarm(const scenario::Scenario &scenario, const SwarmOptions &options,
        std::vector<Promise> promises)
      : m_scenario(scenario), m_options(options), m_last(options.runs) {
    m_report.promises = std::move(promises);
  }

  Result<SwarmReport> run() {
    unsigned count = m_options.threads != 0 ? m_options.threads
                                            : std::max(1u, std::thread::hardware_concurrency());
    count = static_cast<unsigned>(std::min<std::uint64_t>(count, m_options.runs));
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    while (!ended()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      tell();
    }
    for (std::thread &thread : threads) thread.join();
    if (!m_faults.empty()) return m_faults;
    auto &found = m_report.violations;
    std::sort(found.begin(), found.end(),
              [](const Violation &a, const Violation &b) { return a.seed < b.seed; });
    if (m_options.stopAtFirst && found.size() > 1) found.resize(1);
    m_report.cancelled = isCancelled();
    return std::move(m_report);
  }

private:
  bool isCancelled() const {
    return m_options.judge.cancelled != nullptr && m_options.judge.cancelled->load();
  }
  bool ended() {
    const std::lock_guard lock(m_mutex);
    return m_underWay == 0 && (m_next >= m_last || isCancelled());
  }

  void tell() {
    const auto now = std::chrono::steady_clock::now();
    if (!m_options.progress || now - m_told < tellEvery) return;
    m_told = now;
    std::uint64_t done = 0;
    {
      const std::lock_guard lock(m_mutex);
      done = m_report.done;
    }
    m_options.progress(done, m_options.runs);
  }

  /// The number of the next run, or none.
  std::optional<std::uint64_t> take() {
    const std::lock_guard lock(m_mutex);
    if (m_next >= m_last || isCancelled()) return {};
    ++m_underWay;
    return m_next++;
  }

  void work() {
    while (const auto number = take()) {
      const auto drawn =
          withDrawnFaults(m_scenario, m_options.firstSeed + *number, m_options.faults);
      const auto verdict = runAndJudge(drawn, m_report.promises, m_options.judge);
      const std::lock_guard lock(m_mutex);
      --m_underWay;
      if (!verdict.ok()) {
        m_faults = verdict.faults();
        m_last = 0;
        continue;
      }
      if (isCancelled()) continue;
      gather(*number, *verdict);
    }
  }

  void gather(std::uint64_t number, const RunVerdict &verdict) {
    ++m_report.done;
    m_report.operations += verdict.operations;
    if (verdict.undecided) ++m_report.undecided;
    if (verdict.violations.empty()) return;
    m_report.violations.push_back(verdict.violations.front());
    if (m_options.stopAtFirst) m_last = std::min(m_last, number);
  }

  const scenario::Scenario &m_scenario;
  const SwarmOptions &m_options;
  std::mutex m_mutex;
  SwarmReport m_report;
  std::vector<Fault> m_faults; ///< of a scenario that could not be built
  std::uint64_t m_next = 0, m_last;
  std::uint64_t m_underWay = 0;
  std::chrono::steady_clock::time_point m_told = std::chrono::steady_clock::now();
};

} // namespace

Result<SwarmReport> swarm(const scenario::Scenario &scenario, const SwarmOptions &options) {
  if (const auto built = scenario::build(scenario); !built.ok()) return built.faults();
  std::vector<Promise> promises =
      options.promises.empty() ? promisesOf(scenario) : options.promises;
  if (promises.empty())
    return Fault{"", "its programs promise nothing that a swarm can judge; say what to expect"};
  if (membersOf(scenario).empty()) return Fault{"", "it has no server that could fail"};
  if (options.runs == 0) return SwarmReport{};
  return Swarm(scenario, options, std::move(promises)).run();
}

} // namespace packetarium::experiments
