// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/shrink.h"

#include "core/analysis/names.h"
#include "core/base/random.h"
#include "core/experiments/fault_units.h"
#include "core/scenario/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

namespace packetarium::experiments {
namespace {

using scenario::Scenario;
using scenario::ScriptEntry;

constexpr std::size_t fewEnough = 3; ///< faults: beyond, more is tried to have fewer
/// In how many ways a candidate is tried: as it is, and with other seeds.
constexpr std::size_t once = 1, someWays = 5, manyWays = 16;
constexpr std::uint64_t roundsMax = 4;            ///< of trying hard without success
constexpr Duration longTail = Duration::ms(1500); ///< of the run after the violation, for others
constexpr Duration tail = Duration::ms(500);      ///< the same, at last
constexpr std::size_t whyBytes = 1500, titleBytes = 60;

std::vector<ScriptEntry> only(const std::vector<ScriptEntry> &script,
                              const std::vector<FaultUnit> &units) {
  std::vector<std::size_t> places;
  for (const FaultUnit &unit : units)
    places.insert(places.end(), unit.entries.begin(), unit.entries.end());
  std::sort(places.begin(), places.end());
  std::vector<ScriptEntry> out;
  for (const std::size_t place : places) out.push_back(script[place]);
  return out;
}

void sortByTime(std::vector<ScriptEntry> &script) {
  std::stable_sort(script.begin(), script.end(),
                   [](const ScriptEntry &a, const ScriptEntry &b) { return a.at < b.at; });
}

class Shrinker {
public:
  Shrinker(Scenario violating, Promise promise, const ShrinkOptions &options)
      : m_best(std::move(violating)),
        m_promises{promise},
        m_options(options),
        m_random(m_best.seed, "shrink", "ways"),
        m_threads(options.threads != 0 ? options.threads
                                       : std::max(1u, std::thread::hardware_concurrency())) {
    sortByTime(m_best.script);
  }

  Result<Shrunk> run() {
    if (const auto built = scenario::build(m_best); !built.ok()) return built.faults();
    Shrunk shrunk;
    shrunk.faultsBefore = faultUnits(m_best).size();
    if (!accept(m_best))
      return Fault{"", fmt::format("seed {} does not break it: {}", m_best.seed,
                                   sentence(m_promises.front()))};
    // What one step leaves out often lets another one go further.
    std::size_t before = 0;
    do {
      before = size();
      cutTail(longTail);
      leaveOutFaults();
      leaveOutEntries();
      leaveOutClients();
    } while (size() < before && !spent());
    tryHard();
    leaveOutEntries();
    shorten();
    simplify();
    cutTail(tail);
    shrunk.faults = faultUnits(m_best).size();
    shrunk.runs = m_runs;
    shrunk.violation = m_violation;
    tell();
    shrunk.scenario = std::move(m_best);
    return shrunk;
  }

private:
  std::size_t size() const { return m_best.script.size() + m_best.nodes.size(); }
  bool cancelled() const {
    return m_options.judge.cancelled != nullptr && m_options.judge.cancelled->load();
  }
  bool spent() const { return m_runs >= m_options.runsMax || cancelled(); }

  /// Runs it; when it breaks the promise it is the best so far.
  bool accept(const Scenario &candidate) { return acceptAny({candidate}); }
  /// Runs them side by side; the first that breaks the promise is the best so far. The same for any
  /// number of threads, and what is counted is what one thread would have run.
  bool acceptAny(const std::vector<Scenario> &candidates) {
    const auto left = static_cast<std::size_t>(m_options.runsMax - m_runs);
    const std::size_t count = spent() ? 0 : std::min(candidates.size(), left);
    for (std::size_t from = 0; from < count; from += m_threads) {
      const std::size_t to = std::min(count, from + m_threads);
      std::vector<std::optional<Violation>> found(to - from);
      std::vector<std::thread> threads;
      for (std::size_t i = from + 1; i < to; ++i)
        threads.emplace_back([&, i] { found[i - from] = violationOf(candidates[i]); });
      found.front() = violationOf(candidates[from]);
      for (std::thread &thread : threads) thread.join();
      if (cancelled()) return false;
      for (std::size_t i = from; i < to; ++i) {
        ++m_runs;
        if (!found[i - from]) continue;
        m_violation = *found[i - from];
        m_best = Scenario(candidates[i]);
        if (m_options.progress) m_options.progress(m_runs, faultUnits(m_best).size());
        return true;
      }
    }
    return false;
  }
  std::optional<Violation> violationOf(const Scenario &candidate) const {
    const auto verdict = runAndJudge(candidate, m_promises, m_options.judge);
    if (!verdict.ok() || verdict->violations.empty()) return {};
    return verdict->violations.front();
  }

  /// As it is, and with other seeds: without one fault all that chance decides comes out otherwise,
  /// so that one run says little about whether the others are enough.
  bool acceptSomehow(const Scenario &candidate, std::size_t ways) {
    std::vector<Scenario> all{candidate};
    while (all.size() < ways) {
      all.push_back(candidate);
      all.back().seed = otherSeed();
    }
    return acceptAny(all);
  }
  std::uint64_t otherSeed() { return 1 + m_random.below(1'000'000); }
  bool acceptScript(std::vector<ScriptEntry> script, std::size_t ways = once) {
    Scenario candidate = m_best;
    candidate.script = std::move(script);
    sortByTime(candidate.script);
    return acceptSomehow(candidate, ways);
  }

  /// Nothing after the violation can have led to it, unless it is judged from the end.
  void cutTail(Duration tailLength) {
    Scenario candidate = m_best;
    std::erase_if(candidate.script, [this](const ScriptEntry &e) { return e.at > m_violation.at; });
    const std::int64_t step = Duration::ms(100).ns();
    const std::int64_t wanted = (m_violation.at + tailLength).ns();
    candidate.duration =
        std::min(candidate.duration, Duration::ns((wanted + step - 1) / step * step));
    if (!(candidate == m_best)) accept(candidate);
  }

  /// Delta debugging: a minimal set of faults, of which none can be left out.
  void leaveOutFaults() {
    if (!m_best.script.empty() && acceptScript({})) return;
    std::size_t parts = 2;
    while (true) {
      const std::vector<FaultUnit> units = faultUnits(m_best);
      if (units.size() < 2 || spent()) return;
      parts = std::min(parts, units.size());
      if (keepOne(units, parts)) {
        parts = 2;
      } else if (leaveOutOne(units, parts)) {
        parts = std::max<std::size_t>(2, parts - 1);
      } else if (parts == units.size()) {
        return;
      } else {
        parts *= 2;
      }
    }
  }
  static std::pair<std::size_t, std::size_t> part(std::size_t i, std::size_t parts,
                                                  std::size_t size) {
    return {i * size / parts, (i + 1) * size / parts};
  }
  bool keepOne(const std::vector<FaultUnit> &units, std::size_t parts) {
    if (parts == units.size() && parts > 8) return false; // one alone will seldom do
    for (std::size_t i = 0; i < parts; ++i) {
      const auto [from, to] = part(i, parts, units.size());
      const auto at = [&](std::size_t k) { return units.begin() + static_cast<std::ptrdiff_t>(k); };
      if (acceptScript(only(m_best.script, {at(from), at(to)}), someWays)) return true;
    }
    return false;
  }
  bool leaveOutOne(const std::vector<FaultUnit> &units, std::size_t parts) {
    if (parts == 2) return false; // the halves were tried
    for (std::size_t i = 0; i < parts; ++i) {
      const auto [from, to] = part(i, parts, units.size());
      std::vector<FaultUnit> rest;
      for (std::size_t k = 0; k < units.size(); ++k)
        if (k < from || k >= to) rest.push_back(units[k]);
      if (acceptScript(only(m_best.script, rest), someWays)) return true;
    }
    return false;
  }

  /// What breaks at one instant seldom breaks at the same one when a fault before it is gone: the
  /// others are moved a little, this way and that, and more seeds are tried.
  void tryHard() {
    std::uint64_t round = 0;
    while (round < roundsMax && faultUnits(m_best).size() > fewEnough && !spent()) {
      ++round;
      const std::vector<FaultUnit> units = faultUnits(m_best);
      for (std::size_t u = 0; u < units.size(); ++u)
        if (leaveOutHard(units, u)) {
          round = 0;
          break;
        }
      // Little is left for what makes it readable.
      if (m_runs > m_options.runsMax * 3 / 4) return;
    }
  }
  bool leaveOutHard(const std::vector<FaultUnit> &units, std::size_t without) {
    std::vector<FaultUnit> rest = units;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(without));
    std::vector<Scenario> all;
    while (all.size() < manyWays) {
      Scenario candidate = m_best;
      if (all.size() % 2 == 1) candidate.seed = otherSeed();
      candidate.script = only(shifted(rest), rest);
      sortByTime(candidate.script);
      all.push_back(std::move(candidate));
    }
    return acceptAny(all);
  }
  /// The script with each of these faults up to 40 ms earlier or later, as a whole.
  std::vector<ScriptEntry> shifted(const std::vector<FaultUnit> &units) {
    std::vector<ScriptEntry> script = m_best.script;
    for (const FaultUnit &unit : units) {
      const Duration by = Duration::ms(static_cast<std::int64_t>(m_random.below(81)) - 40);
      for (const std::size_t place : unit.entries)
        script[place].at = std::max(SimTime::zero(), script[place].at + by);
    }
    return script;
  }

  /// Ends of faults that are not needed, nodes of partitions and blackouts.
  void leaveOutEntries() {
    for (std::size_t i = m_best.script.size(); i-- > 0;) {
      if (i >= m_best.script.size()) continue;
      const std::size_t units = faultUnits(m_best).size();
      std::vector<ScriptEntry> script = m_best.script;
      script.erase(script.begin() + static_cast<std::ptrdiff_t>(i));
      Scenario candidate = m_best;
      candidate.script = script;
      if (faultUnits(candidate).size() <= units) acceptScript(std::move(script));
    }
  }

  void leaveOutClients() {
    for (const std::string &client : clientsOf(m_best)) {
      if (clientsOf(m_best).size() < 2) return;
      Scenario candidate = m_best;
      std::vector<std::string> ids{client};
      for (const scenario::Link &link : candidate.links)
        if (link.from.node == client || link.to.node == client) ids.push_back(link.id);
      scenario::remove(candidate, ids);
      candidate.routes = {};
      acceptSomehow(candidate, someWays);
    }
  }

  /// Halves what lies between the beginning and the end of each fault, as long as that works.
  void shorten() {
    for (std::size_t u = 0; u < faultUnits(m_best).size(); ++u) {
      bool shorter = true;
      for (int i = 0; i < 6 && shorter && !spent(); ++i) {
        std::vector<ScriptEntry> script = m_best.script;
        const std::vector<FaultUnit> units = faultUnits(m_best);
        if (u >= units.size()) return;
        const SimTime from = script[units[u].entries.front()].at;
        shorter = false;
        for (const std::size_t place : units[u].entries) {
          const Duration length = script[place].at - from;
          if (length < Duration::ms(20)) continue;
          script[place].at = from + Duration::ms(length.ns() / 2'000'000);
          shorter = true;
        }
        shorter = shorter && acceptScript(std::move(script));
      }
    }
  }

  /// Values a person would write, instants on whole tenths of a second.
  void simplify() {
    for (std::size_t i = 0; i < m_best.script.size() && !spent(); ++i) {
      ScriptEntry entry = m_best.script[i];
      const scenario::ValueRange range = scenario::valueRange(entry.action);
      if (!scenario::valueKey(entry.action).empty() && range.maximum == 1 && entry.value > 0) {
        for (const double simple : {1.0, 0.5, std::round(entry.value * 10) / 10}) {
          if (simple == entry.value) break;
          entry.value = simple;
          if (replace(i, entry)) break;
        }
        entry = m_best.script[i];
      }
      const std::int64_t tenth = Duration::ms(100).ns();
      const SimTime round = SimTime::fromNs((entry.at.ns() + tenth / 2) / tenth * tenth);
      if (round == entry.at) continue;
      entry.at = round;
      replace(i, entry);
    }
  }
  bool replace(std::size_t i, const ScriptEntry &entry) {
    std::vector<ScriptEntry> script = m_best.script;
    script[i] = entry;
    return acceptScript(std::move(script));
  }

  // ---- what the window tells ------------------------------------------------------------------

  std::string targetName(const std::string &id) const {
    const scenario::Node *node = m_best.node(id);
    return node != nullptr && !node->name.empty() ? node->name : id;
  }
  std::string wordsOf(const FaultUnit &unit) const {
    const ScriptEntry &first = m_best.script[unit.entries.front()];
    std::string targets;
    for (const std::size_t place : unit.entries) {
      const ScriptEntry &e = m_best.script[place];
      if (e.at != first.at || e.action != first.action) continue;
      if (!targets.empty()) targets += ", ";
      targets += targetName(e.target);
      if (e.action == ScriptEntry::Kind::SetPartition)
        targets += fmt::format(" (side {})", static_cast<int>(e.value));
    }
    std::string action(scenario::name(first.action));
    std::replace(action.begin(), action.end(), '-', ' ');
    return fmt::format("{}: {}", action, targets);
  }
  static std::string bounded(std::string text, std::size_t bytes = whyBytes) {
    if (text.size() <= bytes) return text;
    std::size_t end = bytes; // not within a character
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "…";
  }

  void bookmark(SimTime at, std::string title, std::string caption) {
    const std::string id = fmt::format("b{}", m_best.bookmarks.size() + 1);
    m_best.bookmarks.push_back({id, at, std::move(title), std::move(caption)});
  }

  void tell() {
    m_best.id = m_best.id.substr(0, 56) + "-broken";
    m_best.title += " (broken)";
    m_best.summary =
        fmt::format("Seed {} breaks a promise: {}", m_best.seed, sentence(m_violation.promise));
    m_best.card = {};
    m_best.bookmarks.clear();
    m_best.phases.clear();
    for (const FaultUnit &unit : faultUnits(m_best)) {
      const SimTime at = m_best.script[unit.entries.front()].at;
      m_best.card.watch.push_back(
          bounded(fmt::format("At {}: {}.", analysis::timeText(at), wordsOf(unit))));
      bookmark(at, bounded(wordsOf(unit), titleBytes), "");
    }
    m_best.card.watch.push_back(bounded(fmt::format(
        "At {} it is broken: {}.", analysis::timeText(m_violation.at), m_violation.operation)));
    m_best.card.notice.push_back(std::string(sentence(m_violation.promise)));
    if (!m_violation.why.empty()) m_best.card.notice.push_back(bounded(m_violation.why));
    bookmark(m_violation.at, "Broken", bounded(m_violation.operation));
    scenario::complete(m_best);
  }

  Scenario m_best;
  std::vector<Promise> m_promises;
  const ShrinkOptions &m_options;
  Violation m_violation;
  RandomStream m_random; ///< decides what else is tried
  std::size_t m_threads;
  std::uint64_t m_runs = 0;
};

} // namespace

Result<Shrunk> shrink(const Scenario &violating, Promise promise, const ShrinkOptions &options) {
  return Shrinker(violating, promise, options).run();
}

} // namespace packetarium::experiments
