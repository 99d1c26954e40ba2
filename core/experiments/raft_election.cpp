// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_election.h"

#include "core/analysis/cluster_facts.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/experiments/fact_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>

namespace packetarium::experiments {
namespace {

using programs::ParameterRow;
using scenario::Scenario;
using scenario::ScriptEntry;

constexpr int attemptsMax = 200;
constexpr Duration patience = Duration::seconds(60);
constexpr int heartbeatsBefore = 6;
constexpr auto electionService = "register";

std::string serverId(int i) { return fmt::format("s{}", i + 1); }
std::string linkId(int a, int b) {
  return fmt::format("l{}{}", std::min(a, b) + 1, std::max(a, b) + 1);
}
/// Of server a on its link with b.
std::string addressOf(int a, int b) {
  return fmt::format("10.{}.{}.{}", std::min(a, b) + 1, std::max(a, b) + 1, a < b ? 1 : 2);
}
int firstPeer(int server) { return server == 0 ? 1 : 0; }

/// The cluster of a trial.
class ElectionMaker {
public:
  ElectionMaker(const RaftElectionOptions &options, std::uint64_t seed) : m_o(options) {
    m_s.id = "raft-election";
    m_s.title = "Raft elections";
    m_s.seed = seed;
    m_s.duration = Duration::seconds(120);
  }

  Scenario make() {
    for (int i = 0; i < m_o.servers; ++i) addServer(i);
    for (int a = 0; a < m_o.servers; ++a)
      for (int b = a + 1; b < m_o.servers; ++b) addLink(a, b);
    addScript();
    return std::move(m_s);
  }

  /// Everybody knows everybody's hardware address by now.
  Duration warmUp() const { return m_o.delayMax * 2 + Duration::us(200); }

private:
  bool isIneligible(int i) const { return i >= m_o.servers - m_o.ineligible; }

  void addServer(int i) {
    scenario::Node node;
    node.id = node.name = serverId(i);
    node.kind = scenario::NodeKind::Server;
    node.position = {200 * i, 0};
    node.diskSync = Duration{};
    std::vector<ParameterRow> members;
    for (int k = 0; k < m_o.servers; ++k) {
      const std::string address = k == i ? addressOf(i, firstPeer(i)) : addressOf(k, i);
      members.push_back({{{"name", serverId(k)}, {"address", address}}});
    }
    node.programs.push_back({"raft",
                             "raft",
                             {{"service", std::string(electionService)},
                              {"members", std::move(members)},
                              {"election_min_ns", m_o.timeoutMin.ns()},
                              {"election_max_ns", m_o.timeoutMax.ns()},
                              {"heartbeat_ns", m_o.timeoutMin.ns() / 2},
                              {"prevote", false},
                              {"service_time_ns", std::int64_t{0}},
                              {"initial_term", std::int64_t{1}},
                              {"initial_log", std::string(isIneligible(i) ? "1" : "1 1")}}});
    for (int k = 0; k < m_o.servers; ++k) {
      if (k == i) continue;
      node.interfaces.push_back({fmt::format("eth{}", node.interfaces.size()), {}, {}});
      node.interfaces.back().address = wire::Ipv4Prefix::parse(addressOf(i, k) + "/30");
      node.programs.push_back(
          {fmt::format("ping-{}", k + 1),
           "ping",
           {{"peer", addressOf(k, i)}, {"count", std::int64_t{1}}, {"start_ns", std::int64_t{0}}}});
    }
    m_s.nodes.push_back(std::move(node));
  }

  void addLink(int a, int b) {
    const auto end = [](int of, int to) {
      return scenario::LinkEnd{serverId(of), fmt::format("eth{}", to < of ? to : to - 1)};
    };
    scenario::Link link;
    link.id = linkId(a, b);
    link.from = end(a, b);
    link.to = end(b, a);
    link.delay = m_o.delayMin;
    link.jitter = m_o.delayMax - m_o.delayMin;
    m_s.links.push_back(std::move(link));
  }

  void entry(SimTime at, ScriptEntry::Kind action, const std::string &target, double value = 0) {
    m_s.script.push_back({fmt::format("e{}", m_s.script.size() + 1), at, action, target, value});
  }

  /// The first server is made the leader. It never hears that the ineligible ones miss something.
  void addScript() {
    const SimTime at = SimTime::zero() + warmUp();
    for (int i = m_o.servers - m_o.ineligible; i < m_o.servers; ++i)
      entry(at, ScriptEntry::Kind::SetBlocked, linkId(0, i), 2);
    entry(at, ScriptEntry::Kind::TimeOut, serverId(0));
  }

  const RaftElectionOptions &m_o;
  Scenario m_s;
};

struct Trial {
  Duration downtime;
  bool split = false, finished = false;
};

/// The last that a node told of its role before the facts ended; none: it told nothing.
std::optional<std::string_view> roleOf(const analysis::FactBook &facts, std::uint32_t node) {
  std::optional<std::string_view> role;
  for (const auto &[of, told] : facts.roles())
    if (of.node == node && !told.empty()) role = facts.text(facts.facts()[told.back()].value);
  return role;
}

std::uint64_t highestTerm(const analysis::FactBook &facts) {
  std::uint64_t term = 0;
  for (const std::uint32_t i : facts.of(trace::FactTopic::Term))
    term = std::max<std::uint64_t>(
        term, std::strtoull(std::string(facts.text(facts.facts()[i].value)).c_str(), nullptr, 10));
  return term;
}

/// The first fact after the instant that a node leads.
const analysis::FactMark *newLeader(const analysis::FactBook &facts, SimTime after) {
  const analysis::FactMark *first = nullptr;
  for (const auto &[of, told] : facts.roles())
    for (const std::uint32_t i : told) {
      const analysis::FactMark &f = facts.facts()[i];
      if (f.at > after && facts.text(f.value) == "leader" &&
          (first == nullptr || f.sequence < first->sequence))
        first = &f;
    }
  return first;
}

/// True when the first server leads and the ineligible ones have nothing that they began without.
bool isReady(const RaftElectionOptions &o, const FactRun &run) {
  const analysis::FactBook &facts = run.facts();
  for (int i = 0; i < o.servers; ++i) {
    const auto role = roleOf(facts, static_cast<std::uint32_t>(i));
    if (!role || (*role == "leader") != (i == 0) || *role == "candidate") return false;
  }
  for (const auto &[of, marks] : facts.logs())
    if (static_cast<int>(of.node) >= o.servers - o.ineligible)
      for (const analysis::LogMark &mark : marks)
        if (mark.change.what == analysis::LogChange::What::Append && mark.change.index > 1)
          return false;
  return true;
}

/// One attempt; nothing when the cluster was not as it should be before the crash.
Result<std::optional<Trial>> attempt(const RaftElectionOptions &o, std::uint64_t seed) {
  ElectionMaker maker(o, seed);
  const Duration warmUp = maker.warmUp();
  const auto built = scenario::build(maker.make());
  if (!built.ok()) return built.faults();
  const Duration heartbeat = o.timeoutMin / 2;
  RandomStream random(seed, "trial", "crash");
  const SimTime crash = SimTime::zero() + warmUp + o.delayMax * 2 + heartbeat * heartbeatsBefore +
                        random.uniform(Duration{}, heartbeat);
  FactRun run(*built);
  if (!run.runTo(crash, o.cancelled) || !isReady(o, run)) return std::optional<Trial>();
  const std::uint64_t term = highestTerm(run.facts());
  run.apply(crash, {world::Action::Kind::CrashNode, NodeIndex{0}, {}, 0});
  Trial trial;
  const analysis::FactMark *leader = nullptr;
  for (SimTime at = crash; leader == nullptr && at < crash + patience;) {
    at += o.timeoutMax;
    if (!run.runTo(at, o.cancelled)) return std::optional<Trial>();
    leader = newLeader(run.facts(), crash);
  }
  if (leader == nullptr) return std::optional(trial);
  trial.finished = true;
  trial.downtime = leader->at - crash;
  std::uint64_t termNow = 0;
  for (const std::uint32_t i : run.facts().of(trace::FactTopic::Term)) {
    const analysis::FactMark &f = run.facts().facts()[i];
    if (f.node == leader->node && f.sequence <= leader->sequence)
      termNow = std::strtoull(std::string(run.facts().text(f.value)).c_str(), nullptr, 10);
  }
  trial.split = termNow > term + 1;
  return std::optional(trial);
}

/// Attempts until the cluster was as it should be.
Result<Trial> trialOf(const RaftElectionOptions &o, std::uint32_t number) {
  for (int i = 0; i < attemptsMax; ++i) {
    if (o.cancelled != nullptr && o.cancelled->load()) return Trial{};
    const std::uint64_t seed =
        hashCombine(hashCombine(o.seed, number), static_cast<std::uint64_t>(i)) >> 1;
    const auto trial = attempt(o, seed);
    if (!trial.ok()) return trial.faults();
    if (*trial) return **trial;
  }
  return Fault{"", "the first server does not come to lead with such timeouts and delays"};
}

std::vector<Fault> faultsOf(const RaftElectionOptions &o) {
  std::vector<Fault> faults;
  if (o.servers < 3 || o.servers > 9) faults.push_back({"servers", "must be 3 to 9"});
  if (o.ineligible < 0 || o.servers - 1 - o.ineligible < 1 ||
      o.servers - o.ineligible <= o.servers / 2)
    faults.push_back({"ineligible", "must leave a majority with the leader"});
  if (o.timeoutMin < Duration::ms(2) || o.timeoutMax < o.timeoutMin ||
      o.timeoutMax > Duration::seconds(10))
    faults.push_back({"timeout", "must be from 2 ms to 10 s, the least first"});
  if (o.delayMin < Duration{} || o.delayMax < o.delayMin || o.delayMax > Duration::seconds(1))
    faults.push_back({"delay", "must be from 0 to 1 s, the least first"});
  if (o.trials == 0) faults.push_back({"trials", "must be at least 1"});
  return faults;
}

double binomial(int n, int k) {
  double c = 1;
  for (int i = 1; i <= k; ++i) c = c * (n - k + i) / i;
  return c;
}

/// What the threads of a measurement share.
class ElectionTrials {
public:
  explicit ElectionTrials(const RaftElectionOptions &options)
      : m_o(options), m_trials(options.trials) {}

  Result<RaftElectionReport> run() {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const unsigned count = std::min(m_o.threads != 0 ? m_o.threads : cores, m_o.trials);
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < count; ++i) threads.emplace_back([this] { work(false); });
    work(true);
    for (std::thread &thread : threads) thread.join();
    if (!m_faults.empty()) return m_faults;
    RaftElectionReport report;
    for (std::uint32_t i = 0; i < m_done; ++i) {
      if (!m_trials[i].finished) ++report.unfinished;
      if (m_trials[i].finished) report.downtimes.push_back(m_trials[i].downtime);
      if (m_trials[i].split) ++report.split;
    }
    std::sort(report.downtimes.begin(), report.downtimes.end());
    return report;
  }

private:
  void work(bool tells) {
    while (true) {
      std::uint32_t number = 0;
      {
        const std::lock_guard lock(m_mutex);
        if (m_next >= m_o.trials || !m_faults.empty()) return;
        if (m_o.cancelled != nullptr && m_o.cancelled->load()) return;
        number = m_next++;
      }
      const auto trial = trialOf(m_o, number);
      const std::lock_guard lock(m_mutex);
      if (!trial.ok()) {
        m_faults = trial.faults();
        return;
      }
      m_trials[number] = *trial;
      ++m_done;
      if (tells && m_o.progress) m_o.progress(m_done, m_o.trials);
    }
  }

  const RaftElectionOptions &m_o;
  std::mutex m_mutex;
  std::vector<Trial> m_trials;
  std::vector<Fault> m_faults;
  std::uint32_t m_next = 0, m_done = 0;
};

} // namespace

Duration RaftElectionReport::quantile(double share) const {
  const auto rank =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(downtimes.size())));
  return downtimes[std::clamp<std::size_t>(rank, 1, downtimes.size()) - 1];
}

Duration RaftElectionReport::mean() const {
  Duration sum;
  for (const Duration d : downtimes) sum = sum + d;
  return sum / static_cast<std::int64_t>(downtimes.size());
}

scenario::Scenario raftElectionScenario(const RaftElectionOptions &options, std::uint64_t seed) {
  return ElectionMaker(options, seed).make();
}

Result<RaftElectionReport> measureRaftElections(const RaftElectionOptions &options) {
  if (auto faults = faultsOf(options); !faults.empty()) return faults;
  return ElectionTrials(options).run();
}

double splitVoteProbability(int n, int live, double l) {
  const int candidates = live - n / 2 + 1;
  double p = 0;
  for (int k = std::max(0, candidates - 1); k <= live; ++k)
    p += binomial(live, k) * std::pow(l, k) * std::pow(1 - l, live - k);
  return p;
}

} // namespace packetarium::experiments
