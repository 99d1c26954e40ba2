// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/dial_figures.h"

#include "core/analysis/cluster_state.h"
#include "core/cluster/merge.h"
#include "core/judge/linearizability.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::experiments {
namespace {

using analysis::FactMark;
using analysis::Freshness;
using analysis::ReadMark;
using analysis::RequestMark;
using trace::FactTopic;
using trace::RequestOutcome;

/// Spells of one sort that are closer than this are one.
constexpr Duration spellGap = Duration::ms(500);
/// Reads of the last stretch of a run tell whether it ever converged.
constexpr Duration lastStretch = Duration::seconds(3);
constexpr int onNoSide = 0;

std::string sideName(int side) { return side == onNoSide ? "" : fmt::format("side {}", side); }

bool isRefusal(RequestOutcome outcome) {
  return outcome == RequestOutcome::ServerError || outcome == RequestOutcome::Refused ||
         outcome == RequestOutcome::Reset;
}

/// Nearest rank; zero when there are none.
Duration rankOf(std::vector<Duration> &values, std::size_t percent) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t rank = std::max<std::size_t>(1, (values.size() * percent + 99) / 100);
  return values[rank - 1];
}

/// Counts the requests of one side.
class SideCount {
public:
  explicit SideCount(std::string side) { m_figures.side = std::move(side); }
  void take(const RequestMark &request, bool isRead) {
    ++m_figures.operations;
    if (request.outcome == RequestOutcome::Ok) {
      ++m_figures.ok;
      (isRead ? m_reads : m_writes).push_back(request.latency);
    } else if (isRefusal(request.outcome)) {
      ++m_figures.refused;
    } else {
      ++m_figures.timedOut;
    }
  }
  void takeStale() { ++m_figures.staleReads; }
  SideFigures finish() {
    m_figures.readP50 = rankOf(m_reads, 50);
    m_figures.readP99 = rankOf(m_reads, 99);
    m_figures.writeP50 = rankOf(m_writes, 50);
    m_figures.writeP99 = rankOf(m_writes, 99);
    return m_figures;
  }

private:
  SideFigures m_figures;
  std::vector<Duration> m_reads, m_writes;
};

/// Puts stretches of time together that (nearly) meet.
class SpellMaker {
public:
  void add(const std::string &what, const std::string &side, SimTime from, SimTime to) {
    m_stretches[{what, side}].push_back({from, to});
  }
  std::vector<Spell> finish() {
    std::vector<Spell> spells;
    for (auto &[key, stretches] : m_stretches) {
      std::sort(stretches.begin(), stretches.end());
      const std::size_t first = spells.size();
      for (const auto &[from, to] : stretches) {
        if (spells.size() == first || from > spells.back().to + spellGap)
          spells.push_back({from, to, key.first, key.second});
        else
          spells.back().to = std::max(spells.back().to, to);
      }
    }
    std::stable_sort(spells.begin(), spells.end(),
                     [](const Spell &a, const Spell &b) { return a.from < b.from; });
    return spells;
  }

private:
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<SimTime, SimTime>>>
      m_stretches;
};

class RowCounter {
public:
  RowCounter(const DialRun &run, DialRow &row)
      : m_run(run),
        m_row(row),
        m_history(analysis::historyOf(run.facts, run.service, run.facts.seenUpTo())),
        m_marks(analysis::markReads(m_history)) {
    for (std::uint32_t n = 0; n < run.network.nodes.size(); ++n)
      for (const Partition &p : run.partitions)
        if (const auto at = p.sides.find(run.network.nodes[n].id); at != p.sides.end())
          m_sides.try_emplace(n, at->second);
  }

  void count() {
    countOperations();
    countConflicts();
    const auto lost = analysis::lostWrites(m_run.facts, m_run.network, m_run.facts.seenUpTo());
    m_row.lostWrites = static_cast<std::uint64_t>(
        std::count_if(lost.begin(), lost.end(),
                      [this](const analysis::LostWrite &w) { return w.service == m_run.service; }));
    m_row.linearizable = linearizability();
    if (m_row.partitioned) tellPartitions();
    m_row.spells = m_spells.finish();
  }

private:
  int sideOf(std::uint32_t node) const {
    const auto at = m_sides.find(node);
    return at == m_sides.end() ? onNoSide : at->second;
  }
  bool isDuring(SimTime t) const {
    return std::any_of(m_run.partitions.begin(), m_run.partitions.end(),
                       [t](const Partition &p) { return t >= p.from && t < p.to; });
  }

  void countOperations() {
    SideCount whole("all"), during("all");
    std::map<int, SideCount> sides;
    const auto sideAt = [&](int side) -> SideCount & {
      return sides.try_emplace(side, sideName(side)).first->second;
    };
    for (const RequestMark &r : m_run.chronicle.requests()) {
      if (m_run.chronicle.text(r.service) != m_run.service || r.open() ||
          r.outcome == RequestOutcome::Cancelled)
        continue;
      const bool isRead = m_run.chronicle.text(r.what).starts_with("read");
      const int side = sideOf(r.node);
      whole.take(r, isRead);
      if (r.outcome != RequestOutcome::Ok)
        m_spells.add("refused", sideName(side), r.startedAt, r.endedAt);
      if (!isDuring(r.startedAt)) continue;
      during.take(r, isRead);
      if (side != onNoSide) sideAt(side).take(r, isRead);
    }
    for (const ReadMark &mark : m_marks) {
      if (mark.freshness != Freshness::Stale) continue;
      const judge::Operation &read = m_history.operations[mark.operation];
      const int side = sideOf(read.node);
      whole.takeStale();
      m_spells.add("stale", sideName(side), read.invoked, read.returned.value_or(read.invoked));
      if (!isDuring(read.invoked)) continue;
      during.takeStale();
      if (side != onNoSide) sideAt(side).takeStale();
    }
    m_row.whole = whole.finish();
    if (m_run.partitions.empty()) return;
    for (auto &[side, count] : sides) m_row.during.push_back(count.finish());
    m_row.during.push_back(during.finish());
  }

  /// Every member that sees versions meet tells of it; the same versions count once.
  void countConflicts() {
    std::set<std::pair<std::uint32_t, std::uint32_t>> known; // key, versions
    for (const std::uint32_t i : m_run.facts.of(FactTopic::Conflict)) {
      const FactMark &fact = m_run.facts.facts()[i];
      if (m_run.facts.text(fact.name) != m_run.service) continue;
      m_spells.add("conflict", sideName(sideOf(fact.node)), fact.at, fact.at);
      known.insert({fact.value, fact.detail});
    }
    m_row.conflicts = known.size();
  }

  std::string linearizability() const {
    judge::CheckOptions options;
    options.budget = std::chrono::seconds(10);
    options.model = judge::modelFor(m_history);
    return std::string(judge::name(judge::checkLinearizability(m_history, options).verdict));
  }

  void tellPartitions() {
    for (const Partition &p : m_run.partitions) m_spells.add("partition", "", p.from, p.to);
    if (m_run.partitions.empty() || !m_run.partitions.back().heals) return;
    const SimTime healed = m_run.partitions.back().to;
    const auto end = convergedAt(healed);
    if (!end) return;
    m_row.converged = *end - healed;
    if (*end > healed) m_spells.add("converging", "", healed, *end);
  }

  /// The last instant at which somebody still lacked what was acknowledged before the healing;
  /// nothing when somebody lacked it to the end.
  std::optional<SimTime> convergedAt(SimTime healed) const {
    SimTime last = std::max(lastCatchingUp(healed), lastMeeting(healed));
    for (const ReadMark &mark : m_marks) {
      if (mark.freshness != Freshness::Stale) continue;
      const judge::Operation &read = m_history.operations[mark.operation];
      const SimTime oldest = read.invoked - mark.staleBy; // when what it missed was acknowledged
      if (read.invoked < healed || oldest > healed) continue;
      last = std::max(last, *read.returned);
    }
    if (last + lastStretch > m_run.until && last > healed) return std::nullopt;
    return std::max(last, healed);
  }

  /// Members that got entries that others had before the healing, or threw entries away.
  SimTime lastCatchingUp(SimTime healed) const {
    std::map<std::pair<std::uint64_t, std::uint64_t>, SimTime> first;
    std::vector<std::pair<SimTime, std::pair<std::uint64_t, std::uint64_t>>> later;
    SimTime last;
    for (const auto &[who, marks] : m_run.facts.logs()) {
      if (m_run.facts.text(who.service) != m_run.service) continue;
      for (const analysis::LogMark &mark : marks) {
        const SimTime at = m_run.facts.facts()[mark.fact].at;
        const std::pair id{mark.change.index, mark.change.epoch};
        if (mark.change.what == analysis::LogChange::What::Truncate && at >= healed)
          last = std::max(last, at);
        if (mark.change.what != analysis::LogChange::What::Append) continue;
        const auto known = first.try_emplace(id, at).first;
        known->second = std::min(known->second, at);
        if (at >= healed) later.push_back({at, id});
      }
    }
    for (const auto &[at, id] : later)
      if (first.at(id) < healed) last = std::max(last, at);
    return last;
  }

  /// Versions from before the healing that met after it, and what was kept for others.
  SimTime lastMeeting(SimTime healed) const {
    SimTime last;
    for (const std::uint32_t i : m_run.facts.of(FactTopic::Conflict)) {
      const FactMark &fact = m_run.facts.facts()[i];
      if (fact.at < healed || m_run.facts.text(fact.name) != m_run.service) continue;
      const auto versions = cluster::parseVersions(m_run.facts.text(fact.detail));
      const bool old =
          versions.ok() && std::any_of(versions->begin(), versions->end(),
                                       [&](const cluster::Version &v) { return v.stamp < healed; });
      if (old) last = std::max(last, fact.at);
    }
    for (const auto &[hint, told] : m_run.facts.hints()) {
      SimTime kept = m_run.until;
      for (const std::uint32_t i : told) {
        const FactMark &fact = m_run.facts.facts()[i];
        if (m_run.facts.text(fact.name) != m_run.service) continue;
        if (m_run.facts.text(fact.value).starts_with("kept"))
          kept = std::min(kept, fact.at);
        else if (fact.at >= healed && kept < healed)
          last = std::max(last, fact.at);
      }
    }
    return last;
  }

  const DialRun &m_run;
  DialRow &m_row;
  judge::History m_history;
  std::vector<ReadMark> m_marks;
  std::map<std::uint32_t, int> m_sides; ///< by node
  SpellMaker m_spells;
};

} // namespace

void countRow(const DialRun &run, DialRow &row) { RowCounter(run, row).count(); }

} // namespace packetarium::experiments
