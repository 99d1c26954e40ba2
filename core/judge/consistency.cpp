// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/consistency.h"

#include "core/judge/sight.h"

#include <algorithm>
#include <map>

namespace packetarium::judge {
namespace {

std::string quotedOperation(const History &history, std::size_t i) {
  const Operation &o = history.operations[i];
  return "\"" + text(o) + "\" of process " + o.process;
}

/// What is found; the earliest by its return stays.
class Finding {
public:
  explicit Finding(const History &history) : m_history(history) {}
  void add(std::size_t offending, std::vector<std::size_t> against, std::string why) {
    const std::size_t back = m_history.operations[offending].returnOrder;
    if (m_offending && m_history.operations[*m_offending].returnOrder <= back) return;
    m_offending = offending;
    m_against = std::move(against);
    m_why = std::move(why);
  }
  PropertyVerdict verdict(Property property, bool ambiguous) {
    PropertyVerdict v;
    v.property = property;
    v.verdict = m_offending ? Verdict::False : ambiguous ? Verdict::Unknown : Verdict::True;
    v.offending = m_offending;
    v.against = std::move(m_against);
    v.why = std::move(m_why);
    if (v.verdict == Verdict::Unknown)
      v.why = "Some value was written more than once, so that it is not known which write a read "
              "saw.";
    return v;
  }

private:
  const History &m_history;
  std::optional<std::size_t> m_offending;
  std::vector<std::size_t> m_against;
  std::string m_why;
};

PropertyVerdict tooLong(Property property) {
  PropertyVerdict v;
  v.property = property;
  v.why =
      "The history is too long: more than " + std::to_string(Sight::operationsMax) + " operations.";
  return v;
}

/// The bad patterns, one read after the other.
class CausalJudge {
public:
  CausalJudge(const History &history, const CheckOptions &options)
      : m_history(history), m_options(options), m_sight(history, options), m_finding(history) {}

  PropertyVerdict judge() {
    if (const auto cycle = m_sight.onCycle())
      m_finding.add(*cycle, {},
                    quotedOperation(m_history, *cycle) +
                        " depends on itself: something was read before it was written.");
    for (std::size_t i = 0; i < m_history.operations.size(); ++i) {
      const Operation &o = m_history.operations[i];
      if (o.changes() && o.outcome != Outcome::Fail) m_writes[o.key].push_back(i);
    }
    for (std::size_t i = 0; i < m_history.operations.size() && !isOver(); ++i) look(i);
    if (isOver()) {
      PropertyVerdict v;
      v.property = Property::Causal;
      v.why = "The judgement was ended before it came to a result.";
      return v;
    }
    return m_finding.verdict(Property::Causal, m_sight.hasAmbiguous());
  }

private:
  bool isOver() const {
    return (m_options.cancelled != nullptr && m_options.cancelled->load()) ||
           std::chrono::steady_clock::now() - m_begin > m_options.budget;
  }
  void look(std::size_t read) {
    const Seen &seen = m_sight.seen(read);
    const std::string what = quotedOperation(m_history, read);
    if (seen.source == Source::ThinAir)
      m_finding.add(read, {}, what + " saw a value that nobody wrote.");
    if (seen.source != Source::Initial && seen.source != Source::Write) return;
    for (const std::size_t write : m_writes[m_history.operations[read].key]) {
      if (write == read || !m_sight.causes(write, read)) continue;
      if (seen.source == Source::Initial)
        return m_finding.add(read, {write},
                             what + " saw nothing, but " + quotedOperation(m_history, write) +
                                 " comes before it: it is among what led to the read.");
      if (!m_sight.causes(seen.writer, write)) continue;
      return m_finding.add(read, {seen.writer, write},
                           what + " saw " + quotedOperation(m_history, seen.writer) + ", but " +
                               quotedOperation(m_history, write) +
                               " came after that and is among what led to the read.");
    }
  }

  const History &m_history;
  const CheckOptions &m_options;
  Sight m_sight;
  Finding m_finding;
  std::map<std::string, std::vector<std::size_t>> m_writes;
  std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

/// The four guarantees to a session, each read of each session looked at in order.
class SessionJudge {
public:
  SessionJudge(const History &history, Property guarantee, const CheckOptions &options)
      : m_history(history), m_guarantee(guarantee), m_sight(history, options), m_finding(history) {
    for (const auto &session : m_sight.sessions()) listByKey(session);
  }

  PropertyVerdict judge() {
    for (const auto &session : m_sight.sessions()) {
      m_lastWrite.clear();
      m_lastRead.clear();
      m_read.clear();
      m_met.clear();
      for (const std::size_t i : session) take(i);
    }
    return m_finding.verdict(m_guarantee, m_sight.hasAmbiguous());
  }

private:
  using Places = std::vector<std::pair<std::size_t, std::size_t>>; ///< (place, write)

  /// What a session wrote, and what writes it saw, of each key in order.
  void listByKey(const std::vector<std::size_t> &session) {
    auto &wrote = m_wrote.emplace_back();
    auto &saw = m_saw.emplace_back();
    for (const std::size_t i : session) {
      const Operation &o = m_history.operations[i];
      const Seen &seen = m_sight.seen(i);
      if (seen.source == Source::Write) saw[o.key].emplace_back(m_sight.placeOf(i), seen.writer);
      if (o.changes()) wrote[o.key].emplace_back(m_sight.placeOf(i), i);
    }
  }

  void take(std::size_t i) {
    const Operation &o = m_history.operations[i];
    if (o.kind == OperationKind::Read) {
      const Seen &seen = m_sight.seen(i);
      if (m_guarantee == Property::ReadYourWrites) readYourWrites(i, seen);
      if (m_guarantee == Property::MonotonicReads) monotonicReads(i, seen);
      if (m_guarantee == Property::MonotonicWrites) follows(i, seen, m_wrote);
      if (m_guarantee == Property::WritesFollowReads) follows(i, seen, m_saw);
      if (seen.source == Source::Write) meet(seen.writer);
    }
    if (o.changes()) m_lastWrite[o.key] = i;
  }

  void readYourWrites(std::size_t read, const Seen &seen) {
    const auto own = m_lastWrite.find(m_history.operations[read].key);
    if (own == m_lastWrite.end() || !m_sight.isOlder(seen, own->second)) return;
    m_finding.add(read, {own->second},
                  quotedOperation(m_history, read) + " saw something older than its own " +
                      quotedOperation(m_history, own->second) + ".");
  }

  void monotonicReads(std::size_t read, const Seen &seen) {
    const std::string &key = m_history.operations[read].key;
    auto &before = m_read[key]; // (write, read that saw it), each write once
    for (const auto &[write, when] : before) {
      const bool wentBack = seen.source == Source::Write && seen.writer != m_lastRead[key] &&
                            write == m_lastRead[key] && hasRead(key, seen.writer);
      if (!wentBack && !m_sight.isOlder(seen, write)) continue;
      return m_finding.add(read, {when, write},
                           quotedOperation(m_history, read) + " saw something older than what " +
                               quotedOperation(m_history, when) + " had seen before.");
    }
    if (seen.source != Source::Write) return;
    if (!hasRead(key, seen.writer)) before.emplace_back(seen.writer, read);
    m_lastRead[key] = seen.writer;
  }
  bool hasRead(const std::string &key, std::size_t write) {
    const auto &before = m_read[key];
    return std::any_of(before.begin(), before.end(),
                       [&](const auto &one) { return one.first == write; });
  }

  /// A write was seen: of each process the last one counts.
  void meet(std::size_t write) {
    auto &last = m_met.try_emplace(m_sight.sessionOf(write), write).first->second;
    if (m_sight.placeOf(write) > m_sight.placeOf(last)) last = write;
  }

  /// Who saw a write must see what its process had written (or read) before it.
  void follows(std::size_t read, const Seen &seen,
               const std::vector<std::map<std::string, Places>> &lists) {
    const std::string &key = m_history.operations[read].key;
    for (const auto &[session, met] : m_met) {
      const auto list = lists[session].find(key);
      if (list == lists[session].end()) continue;
      const Places &places = list->second;
      auto after = std::lower_bound(places.begin(), places.end(),
                                    std::pair(m_sight.placeOf(met), std::size_t{0}));
      if (after == places.begin()) continue;
      const std::size_t first = (--after)->second;
      const bool sameKey = m_history.operations[met].key == key;
      const bool overwritten =
          sameKey && seen.source == Source::Write && seen.writer == first && seen.writer != met;
      if (!overwritten && !m_sight.isOlder(seen, first)) continue;
      const bool writes = &lists == &m_wrote;
      m_finding.add(read, {first, met},
                    quotedOperation(m_history, read) +
                        " saw something older than it had to: " + quotedOperation(m_history, met) +
                        " had been seen before, whose process had " +
                        (writes ? "first done " : "first seen ") +
                        quotedOperation(m_history, first) + ".");
    }
  }

  const History &m_history;
  Property m_guarantee;
  Sight m_sight;
  Finding m_finding;
  std::vector<std::map<std::string, Places>> m_wrote, m_saw; ///< by session and key
  // Of the session that is being looked at.
  std::map<std::string, std::size_t> m_lastWrite, m_lastRead;
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> m_read;
  std::map<std::size_t, std::size_t> m_met; ///< the last write seen, by its session
};

/// When the last change of a key was over, as far as anybody knows.
std::map<std::string, SimTime> lastChanges(const History &history) {
  std::map<std::string, SimTime> last;
  for (const Operation &o : history.operations) {
    if (!o.changes() || o.outcome == Outcome::Fail) continue;
    SimTime &at = last[o.key];
    at = std::max(at, o.returned.value_or(o.invoked));
  }
  return last;
}

} // namespace

std::string_view name(Property property) {
  switch (property) {
  case Property::Linearizable: return "linearizable";
  case Property::Sequential: return "sequential";
  case Property::Causal: return "causal";
  case Property::ReadYourWrites: return "read-your-writes";
  case Property::MonotonicReads: return "monotonic-reads";
  case Property::MonotonicWrites: return "monotonic-writes";
  case Property::WritesFollowReads: return "writes-follow-reads";
  case Property::Convergence: return "convergence";
  case Property::NoLostWrites: return "no-lost-writes";
  }
  return "";
}

std::string_view sentence(Property property) {
  switch (property) {
  case Property::Linearizable:
    return "Each operation takes effect at one instant between its call and its answer.";
  case Property::Sequential:
    return "All operations fit one order in which each client's own order is kept.";
  case Property::Causal: return "Who saw an effect also sees what led to it.";
  case Property::ReadYourWrites: return "A client sees what it wrote, or something newer.";
  case Property::MonotonicReads: return "A client never sees something older than it saw before.";
  case Property::MonotonicWrites: return "A client's writes are seen in the order it made them.";
  case Property::WritesFollowReads:
    return "Who sees a write also sees what its writer had seen before.";
  case Property::Convergence: return "Once writing has ended, all come to read the same.";
  case Property::NoLostWrites: return "What was acknowledged is never gone.";
  }
  return "";
}

PropertyVerdict checkCausal(const History &history, const CheckOptions &options) {
  if (history.operations.size() > Sight::operationsMax) return tooLong(Property::Causal);
  return CausalJudge(history, options).judge();
}

PropertyVerdict checkSession(const History &history, Property guarantee,
                             const CheckOptions &options) {
  if (history.operations.size() > Sight::operationsMax) return tooLong(guarantee);
  return SessionJudge(history, guarantee, options).judge();
}

PropertyVerdict checkConvergence(const History &history, Duration settle) {
  const auto last = lastChanges(history);
  std::map<std::string, std::size_t> first; // read of each key once it had settled
  Finding finding(history);
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const Operation &o = history.operations[i];
    if (o.kind != OperationKind::Read || o.outcome != Outcome::Ok || !o.resultKnown) continue;
    const auto change = last.find(o.key);
    if (change != last.end() && o.invoked < change->second + settle) continue;
    const auto [at, isFirst] = first.try_emplace(o.key, i);
    if (isFirst || history.operations[at->second].result == o.result) continue;
    finding.add(i, {at->second},
                quotedOperation(history, i) + " and " + quotedOperation(history, at->second) +
                    " differ, although nothing changed " + toString(settle) +
                    " before either and ever after.");
  }
  PropertyVerdict v = finding.verdict(Property::Convergence, first.empty());
  if (v.verdict == Verdict::Unknown) v.why = "Nobody read after the last change had settled.";
  return v;
}

} // namespace packetarium::judge
