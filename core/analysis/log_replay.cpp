// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/log_replay.h"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

namespace packetarium::analysis {
namespace {

/// Walks a member's marks backwards: what was told last holds.
class TailReader {
public:
  TailReader(const FactBook &facts, std::size_t keep) : m_facts(facts), m_keep(keep) {}

  /// False when older marks would tell nothing more.
  bool take(const LogMark &mark) {
    const LogChange &c = mark.change;
    switch (c.what) {
    case LogChange::What::Append: append(mark); break;
    case LogChange::What::Truncate: m_cut = std::min(m_cut, c.index); break;
    case LogChange::What::Acknowledge: m_acknowledged.insert({c.index, c.epoch}); break;
    case LogChange::What::Commit:
      if (m_committed == 0 && c.index < m_cut) m_committed = c.index;
      break;
    }
    return m_alive.size() < m_keep || m_committed == 0;
  }

  LogView finish() {
    LogView view;
    view.last = m_alive.empty() ? 0 : m_alive.rbegin()->first;
    view.first = m_alive.empty() ? 1 : m_alive.begin()->first;
    view.committed = std::min(m_committed, view.last);
    std::reverse(m_gone.begin(), m_gone.end());
    std::stable_sort(
        m_gone.begin(), m_gone.end(),
        [](const LogEntryView &a, const LogEntryView &b) { return a.index < b.index; });
    auto gone = m_gone.begin();
    const auto showGone = [&](std::uint64_t upTo) {
      for (; gone != m_gone.end() && gone->index <= upTo; ++gone)
        if (gone->index >= view.first) view.entries.push_back(*gone);
    };
    for (auto &[index, entry] : m_alive) {
      showGone(index);
      entry.committed = index <= view.committed;
      view.entries.push_back(entry);
    }
    showGone(std::numeric_limits<std::uint64_t>::max());
    for (LogEntryView &e : view.entries)
      e.acknowledged = m_acknowledged.contains({e.index, e.epoch});
    return view;
  }

private:
  void append(const LogMark &mark) {
    const LogChange &c = mark.change;
    const FactMark &fact = m_facts.facts()[mark.fact];
    LogEntryView entry;
    entry.index = c.index;
    entry.epoch = c.epoch;
    entry.operation = m_facts.text(fact.detail);
    entry.record = fact.sequence;
    if (c.index < m_cut) {
      if (m_alive.size() < m_keep) m_alive[c.index] = std::move(entry);
      m_cut = c.index; // what lay there before was replaced, and all after it
      return;
    }
    const auto same = m_alive.find(c.index);
    if (same != m_alive.end() && same->second.epoch == c.epoch) return; // told again
    const bool known = std::any_of(m_gone.begin(), m_gone.end(), [&](const LogEntryView &e) {
      return e.index == c.index && e.epoch == c.epoch;
    });
    if (known || m_gone.size() >= m_keep) return;
    entry.thrownAway = true;
    m_gone.push_back(std::move(entry));
  }

  const FactBook &m_facts;
  std::size_t m_keep;
  std::uint64_t m_cut = std::numeric_limits<std::uint64_t>::max(); ///< from here on: overwritten
  std::uint64_t m_committed = 0;
  std::map<std::uint64_t, LogEntryView> m_alive;
  std::vector<LogEntryView> m_gone; ///< newest first
  std::set<std::pair<std::uint64_t, std::uint64_t>> m_acknowledged;
};

} // namespace

LogView logTail(const FactBook &facts, const std::vector<LogMark> &marks, std::size_t count,
                std::size_t keepEntries) {
  // Between two appends there may be acknowledgements and commits of several members.
  const std::size_t marksMax = 64 + keepEntries * 32;
  TailReader reader(facts, keepEntries);
  for (std::size_t i = count, looked = 0; i-- > 0 && looked < marksMax; ++looked)
    if (!reader.take(marks[i])) break;
  return reader.finish();
}

std::optional<SnapshotHeld> snapshotAt(const FactBook &facts, ServiceNode who,
                                       trace::Sequence upTo) {
  const auto &told = facts.of(trace::FactTopic::Snapshot, who);
  std::optional<SnapshotHeld> held;
  trace::Sequence since = 0;
  for (std::size_t i = facts.countUpTo(told, upTo); i-- > 0 && !held;) {
    const FactMark &fact = facts.facts()[told[i]];
    held = snapshotHeld(facts.text(fact.value)); // else it was sent to another one
    since = fact.sequence;
  }
  const HealthMark *crash = held ? facts.lastCrash(who.node, upTo) : nullptr;
  if (crash == nullptr || crash->sequence < since) return held;
  // A member that starts again says first from where on its log is empty.
  const auto logs = facts.logs().find(who);
  if (logs == facts.logs().end()) return held;
  const std::size_t next = facts.countUpTo(logs->second, crash->sequence);
  if (next >= facts.countUpTo(logs->second, upTo)) return held;
  const LogChange &first = logs->second[next].change;
  const bool lost = first.what == LogChange::What::Truncate && first.index <= held->index;
  return lost ? std::nullopt : held;
}

std::map<std::uint64_t, WholeEntry> wholeLog(const FactBook &facts,
                                             const std::vector<LogMark> &marks, std::size_t count) {
  std::map<std::uint64_t, WholeEntry> log;
  for (std::size_t i = 0; i < count; ++i) {
    const LogChange &c = marks[i].change;
    const FactMark &fact = facts.facts()[marks[i].fact];
    const bool append = c.what == LogChange::What::Append;
    // An entry replaces what lay there before, and all after it; a member that starts again tells
    // its log anew.
    if (append || c.what == LogChange::What::Truncate)
      log.erase(log.lower_bound(c.index), log.end());
    if (append) log[c.index] = {c.epoch, fact.detail, fact.sequence};
  }
  return log;
}

} // namespace packetarium::analysis
