// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/judgement.h"

#include "core/analysis/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using judge::History;
using judge::Operation;
using judge::OperationKind;
using judge::Outcome;
using trace::FactTopic;

/// "cas seat free ann" taken apart.
struct OperationWords {
  OperationKind kind = OperationKind::Read;
  std::string_view key, first, second;
};

std::optional<OperationWords> operationWords(std::string_view text) {
  std::string_view words[4];
  for (std::string_view &word : words) {
    const std::size_t end = std::min(text.find(' '), text.size());
    word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  OperationWords out{OperationKind::Read, words[1], words[2], words[3]};
  for (const OperationKind kind :
       {OperationKind::Read, OperationKind::Write, OperationKind::Cas, OperationKind::Append})
    if (judge::name(kind) == words[0]) {
      out.kind = kind;
      return out;
    }
  return std::nullopt; // add, remove: of counters and sets
}

judge::Value toldValue(std::string_view word) {
  return word.empty() || word == "-" ? judge::Value{} : judge::Value{std::string(word)};
}

/// Puts the operations of one service, or of all, together.
class HistoryMaker {
public:
  HistoryMaker(const FactBook &facts, std::string_view service, bool nameServices)
      : m_facts(facts), m_service(service), m_nameServices(nameServices) {}

  /// A key that is counted up or has elements put in is no register, and so are reads of it.
  void lookAhead(const FactMark &fact) {
    const auto of = operationOf(m_facts.text(fact.detail));
    const std::string_view text = m_facts.text(fact.value);
    if (of && !operationWords(text)) m_otherKeys.emplace(of->service, keyOf(text));
  }
  void take(const FactMark &fact) {
    const auto of = operationOf(m_facts.text(fact.detail));
    const auto words = operationWords(m_facts.text(fact.value));
    if (!of || !words || (!m_service.empty() && of->service != m_service)) return;
    if (m_otherKeys.contains({of->service, words->key})) return;
    if (m_facts.text(fact.name) == "invoke")
      begin(fact, *of, *words);
    else
      end(fact, *words);
  }
  History finish() { return std::move(m_history); }

private:
  void begin(const FactMark &fact, const OperationOf &of, const OperationWords &words) {
    Operation o;
    o.process = of.process;
    o.key = m_nameServices ? fmt::format("{}/{}", of.service, words.key) : std::string(words.key);
    o.kind = words.kind;
    if (o.kind == OperationKind::Cas) {
      o.expected = toldValue(words.first);
      o.argument = toldValue(words.second);
    } else if (o.kind != OperationKind::Read) {
      o.argument = toldValue(words.first);
    }
    o.invoked = fact.at;
    o.invokeOrder = m_order++;
    o.invokeRecord = fact.sequence;
    o.node = fact.node;
    m_open[fact.detail] = m_history.operations.size();
    m_history.operations.push_back(std::move(o));
  }

  void end(const FactMark &fact, const OperationWords &words) {
    const auto open = m_open.find(fact.detail);
    if (open == m_open.end()) return;
    Operation &o = m_history.operations[open->second];
    m_open.erase(open);
    const std::string_view how = m_facts.text(fact.name);
    o.outcome = how == "ok" ? Outcome::Ok : how == "fail" ? Outcome::Fail : Outcome::Info;
    o.returned = fact.at;
    o.returnRecord = fact.sequence;
    // What may have been done may yet take effect, after any return.
    if (o.outcome != Outcome::Info) o.returnOrder = m_order++;
    if (o.kind != OperationKind::Read || o.outcome != Outcome::Ok) return;
    o.result = toldValue(words.first);
    o.resultKnown = true;
  }

  const FactBook &m_facts;
  std::string_view m_service;
  bool m_nameServices;
  History m_history;
  std::set<std::pair<std::string_view, std::string_view>> m_otherKeys; ///< of which service
  std::map<std::uint32_t, std::size_t> m_open; ///< by the text that names the operation
  std::size_t m_order = 0;
};

constexpr std::size_t openOrder = Operation::never;

/// What happened to one key.
class KeyMarks {
public:
  KeyMarks(const History &history, const std::vector<std::size_t> &indices) : m_history(history) {
    for (const std::size_t i : indices) {
      const Operation &o = history.operations[i];
      if (!o.changes() || o.outcome == Outcome::Fail || !o.argument) continue;
      m_changes.push_back(i);
      m_appends = m_appends || o.kind == OperationKind::Append;
      if (o.outcome == Outcome::Ok) m_acknowledged.push_back(i);
      m_byValue[*o.argument].push_back({o.invokeOrder, o.returnOrder});
    }
    std::sort(m_acknowledged.begin(), m_acknowledged.end(), [&](std::size_t a, std::size_t b) {
      return history.operations[a].returnOrder < history.operations[b].returnOrder;
    });
    for (auto &[value, writes] : m_byValue) // the latest return among all that began by then
      for (std::size_t i = 1; i < writes.size(); ++i)
        writes[i].second = std::max(writes[i].second, writes[i - 1].second);
  }

  ReadMark mark(std::size_t index) const {
    const Operation &read = m_history.operations[index];
    ReadMark mark;
    mark.operation = index;
    if (read.outcome == Outcome::Fail) {
      mark.freshness = Freshness::Refused;
      mark.why = "It got no answer.";
      return mark;
    }
    if (read.outcome != Outcome::Ok || !read.resultKnown) {
      mark.why = "Nobody knows what it gave.";
      return mark;
    }
    if (!m_appends && read.result && !writtenBy(read)) {
      mark.why = fmt::format("Nobody is known to have written {}.", *read.result);
      return mark;
    }
    tell(mark, read, m_appends ? missedPieces(read) : missedWrites(read));
    return mark;
  }

private:
  /// The latest return of a write of the value that the read gave, among those that began before
  /// the read returned: the newest one that it may have seen.
  std::optional<std::size_t> writtenBy(const Operation &read) const {
    const auto writes = m_byValue.find(*read.result);
    if (writes == m_byValue.end()) return std::nullopt;
    const auto after =
        std::lower_bound(writes->second.begin(), writes->second.end(), read.returnOrder,
                         [](const auto &write, std::size_t order) { return write.first < order; });
    if (after == writes->second.begin()) return std::nullopt;
    return (after - 1)->second;
  }

  std::vector<std::size_t> acknowledgedBetween(std::size_t after, std::size_t before) const {
    const auto order = [&](std::size_t i) { return m_history.operations[i].returnOrder; };
    const auto from = std::upper_bound(m_acknowledged.begin(), m_acknowledged.end(), after,
                                       [&](std::size_t o, std::size_t i) { return o < order(i); });
    const auto to = std::lower_bound(from, m_acknowledged.end(), before,
                                     [&](std::size_t i, std::size_t o) { return order(i) < o; });
    return {from, to};
  }

  /// Those that began after what the read saw was done, and were done before the read began.
  std::vector<std::size_t> missedWrites(const Operation &read) const {
    if (!read.result) {
      std::vector<std::size_t> all;
      for (const std::size_t i : m_acknowledged) {
        if (m_history.operations[i].returnOrder >= read.invokeOrder) break;
        all.push_back(i);
      }
      return all;
    }
    const std::size_t seen = *writtenBy(read);
    if (seen == openOrder) return {};
    std::vector<std::size_t> missed = acknowledgedBetween(seen, read.invokeOrder);
    std::erase_if(missed,
                  [&](std::size_t i) { return m_history.operations[i].invokeOrder < seen; });
    return missed;
  }

  /// Of a text that grows: what is not in it, and nobody may have overwritten.
  std::vector<std::size_t> missedPieces(const Operation &read) const {
    const std::string_view text = read.result ? std::string_view(*read.result) : "";
    std::vector<std::size_t> missed;
    for (const std::size_t i : m_acknowledged) {
      const Operation &o = m_history.operations[i];
      if (o.returnOrder >= read.invokeOrder) break;
      if (text.find(*o.argument) != std::string_view::npos) continue;
      const bool overwritten = std::any_of(m_changes.begin(), m_changes.end(), [&](std::size_t c) {
        const Operation &other = m_history.operations[c];
        return other.kind != OperationKind::Append && c != i && !other.precedes(o) &&
               other.invokeOrder < read.returnOrder;
      });
      if (!overwritten) missed.push_back(i);
    }
    return missed;
  }

  void tell(ReadMark &mark, const Operation &read, const std::vector<std::size_t> &missed) const {
    mark.freshness = missed.empty() ? Freshness::Fresh : Freshness::Stale;
    if (missed.empty()) {
      mark.why = "It saw all that was acknowledged before it began.";
      return;
    }
    mark.versionsBehind = missed.size();
    SimTime oldest = *m_history.operations[missed.front()].returned;
    mark.missed = missed.front();
    for (const std::size_t i : missed) {
      const Operation &o = m_history.operations[i];
      oldest = std::min(oldest, *o.returned);
      if (o.invokeOrder > m_history.operations[*mark.missed].invokeOrder) mark.missed = i;
    }
    mark.staleBy = read.invoked - oldest;
    const Operation &newest = m_history.operations[*mark.missed];
    mark.why =
        fmt::format("It missed “{}” of {}, acknowledged {} before it began{}.", judge::text(newest),
                    newest.process, durationText(read.invoked - *newest.returned),
                    missed.size() == 1 ? std::string()
                                       : fmt::format(", and {} older one{}", missed.size() - 1,
                                                     missed.size() == 2 ? "" : "s"));
  }

  const History &m_history;
  std::vector<std::size_t> m_changes;      ///< that took effect or may have, in order
  std::vector<std::size_t> m_acknowledged; ///< by their returns
  bool m_appends = false;
  /// By value: when its writes began, and the latest return among them and those before.
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>, std::less<>> m_byValue;
};

} // namespace

History historyOf(const FactBook &facts, std::string_view service, trace::Sequence upTo) {
  HistoryMaker maker(facts, service, service.empty() && storesOf(facts).size() > 1);
  const auto &told = facts.of(FactTopic::Operation);
  const std::size_t count = facts.countUpTo(told, upTo);
  for (const std::uint32_t i : told) maker.lookAhead(facts.facts()[i]);
  for (std::size_t i = 0; i < count; ++i) maker.take(facts.facts()[told[i]]);
  return maker.finish();
}

std::vector<std::string> storesOf(const FactBook &facts) {
  std::set<std::string> services;
  for (const std::uint32_t i : facts.of(FactTopic::Operation))
    if (const auto of = operationOf(facts.text(facts.facts()[i].detail)))
      if (!services.contains(std::string(of->service))) services.emplace(of->service);
  return {services.begin(), services.end()};
}

std::string_view name(Freshness freshness) {
  switch (freshness) {
  case Freshness::Fresh: return "fresh";
  case Freshness::Stale: return "stale";
  case Freshness::Refused: return "refused";
  case Freshness::Unknown: return "unknown";
  }
  return {};
}

std::vector<ReadMark> markReads(const History &history) {
  std::vector<ReadMark> marks;
  for (const auto &[key, indices] : judge::byKey(history)) {
    const KeyMarks changes(history, indices);
    for (const std::size_t i : indices)
      if (history.operations[i].kind == OperationKind::Read) marks.push_back(changes.mark(i));
  }
  std::sort(marks.begin(), marks.end(),
            [](const ReadMark &a, const ReadMark &b) { return a.operation < b.operation; });
  return marks;
}

std::vector<StalenessPoint> stalenessCurve(const History &history,
                                           const std::vector<ReadMark> &marks, Duration bucket,
                                           std::size_t buckets,
                                           const std::vector<RestlessTime> &restless) {
  std::vector<StalenessPoint> points(buckets);
  for (std::size_t i = 0; i < buckets; ++i)
    points[i].after = bucket * static_cast<std::int64_t>(i + 1);
  if (bucket <= Duration{}) return points;
  // When the newest acknowledgement of each key came, in order of the returns.
  std::map<std::string_view, std::vector<std::pair<std::size_t, SimTime>>> done;
  for (const Operation &o : history.operations)
    if (o.changes() && o.outcome == Outcome::Ok)
      done[o.key].push_back({o.returnOrder, *o.returned});
  for (auto &[key, returns] : done) std::sort(returns.begin(), returns.end());
  for (const ReadMark &mark : marks) {
    if (mark.freshness != Freshness::Fresh && mark.freshness != Freshness::Stale) continue;
    const Operation &read = history.operations[mark.operation];
    if (std::any_of(restless.begin(), restless.end(), [&](const RestlessTime &time) {
          return time.from <= read.invoked && read.invoked < time.to;
        }))
      continue;
    const auto returns = done.find(read.key);
    if (returns == done.end()) continue;
    const auto after =
        std::lower_bound(returns->second.begin(), returns->second.end(), read.invokeOrder,
                         [](const auto &r, std::size_t order) { return r.first < order; });
    if (after == returns->second.begin()) continue;
    const auto at =
        static_cast<std::size_t>((read.invoked - (after - 1)->second).ns() / bucket.ns());
    if (at >= buckets) continue;
    ++points[at].reads;
    points[at].fresh += mark.freshness == Freshness::Fresh ? 1 : 0;
  }
  return points;
}

} // namespace packetarium::analysis
