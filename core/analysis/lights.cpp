// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/analysis/explain.h"
#include "core/analysis/judgement.h"
#include "core/analysis/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using judge::History;
using judge::Operation;
using judge::OperationKind;
using judge::Outcome;
using judge::Property;
using judge::PropertyVerdict;
using judge::RaftInvariant;
using trace::FactTopic;

std::string_view titleOf(Property property) {
  switch (property) {
  case Property::Linearizable: return "Linearizable";
  case Property::Sequential: return "Sequential";
  case Property::Causal: return "Causal";
  case Property::ReadYourWrites: return "Read your writes";
  case Property::MonotonicReads: return "Monotonic reads";
  case Property::MonotonicWrites: return "Monotonic writes";
  case Property::WritesFollowReads: return "Writes follow reads";
  case Property::Convergence: return "Convergence";
  case Property::NoLostWrites: return "No lost write";
  }
  return {};
}

/// The history without some of its operations, and where those left stand in the whole.
struct PartOfHistory {
  History history;
  std::vector<std::size_t> whole;
};

/// Hands the time that is left out among the checks that are still to come.
class TimeKeeper {
public:
  explicit TimeKeeper(const judge::Budget &budget)
      : m_end(std::chrono::steady_clock::now() + budget.time), m_cancelled(budget.cancelled) {}
  /// share: of what is left.
  judge::CheckOptions options(double share, judge::Model model) const {
    judge::CheckOptions options;
    options.model = model;
    options.budget = std::chrono::nanoseconds(
        static_cast<std::int64_t>(share * static_cast<double>(left().count())));
    options.cancelled = m_cancelled;
    return options;
  }

private:
  std::chrono::nanoseconds left() const {
    return std::max(std::chrono::nanoseconds(0),
                    std::chrono::duration_cast<std::chrono::nanoseconds>(
                        m_end - std::chrono::steady_clock::now()));
  }
  std::chrono::steady_clock::time_point m_end;
  const std::atomic<bool> *m_cancelled;
};

/// Judges one service.
class LightMaker {
public:
  LightMaker(const FactBook &facts, const net::Blueprint &network, std::string_view service,
             trace::Sequence upTo, const judge::Budget &budget)
      : m_facts(facts),
        m_network(network),
        m_service(service),
        m_upTo(upTo),
        m_time(budget),
        m_history(historyOf(facts, service, upTo)) {
    for (const ReadMark &mark : markReads(m_history)) m_marks.emplace(mark.operation, mark);
    m_model = judge::modelFor(m_history);
  }

  std::vector<Light> make() {
    addLinearizable();
    addSessions();
    add(judge::checkCausal(m_history, m_time.options(0.5, m_model)));
    add(judge::checkSequential(m_history, m_time.options(0.8, m_model)));
    addConvergence();
    addLostWrites();
    if (tellsTerms()) addRaft();
    return order();
  }

private:
  Light lightOf(Property property) const {
    Light light;
    light.service = m_service;
    light.title = titleOf(property);
    light.promise = judge::sentence(property);
    return light;
  }

  /// Red from the return of the offending operation on, or from its invocation while it is open.
  void blame(Light &light, std::size_t operation, const std::vector<std::size_t> &against) {
    const Operation &o = m_history.operations[operation];
    light.offending = operation;
    light.record = o.returnRecord != 0 ? o.returnRecord : o.invokeRecord;
    light.since = o.returned.value_or(o.invoked);
    light.contradicts = against;
    for (const std::size_t i : against) {
      const Operation &other = m_history.operations[i];
      light.against.push_back(other.returnRecord != 0 ? other.returnRecord : other.invokeRecord);
    }
  }

  /// Which operation an offending one stands against, where no checker said so.
  std::vector<std::size_t> missedBy(std::size_t operation) const {
    const auto mark = m_marks.find(operation);
    if (mark == m_marks.end() || !mark->second.missed) return {};
    return {*mark->second.missed};
  }

  /// Who answered it, and why that one did not know.
  std::string story(std::size_t operation, const std::vector<std::size_t> &against) const {
    const Operation &o = m_history.operations[operation];
    for (const std::size_t i : against) {
      const Operation &other = m_history.operations[i];
      // What a read saw stands against it, too, where it should not have been seen any more.
      const bool seen = o.result && other.argument == o.result;
      const bool missed =
          other.changes() && other.outcome == Outcome::Ok && other.precedes(o) && !seen;
      if (missed) return explainMiss(m_facts, m_network, o, other);
    }
    const auto node = answeredBy(m_facts, m_network, o);
    return node ? fmt::format("{} answered it.", nodeName(m_network, *node)) : std::string();
  }

  static void append(std::string &text, const std::string &more) {
    if (more.empty()) return;
    if (!text.empty()) text += ' ';
    text += more;
  }

  void addLinearizable() {
    Light light = lightOf(Property::Linearizable);
    if (m_history.operations.empty()) {
      light.why = "No client told of an operation on a register.";
      m_lights.push_back(std::move(light));
      return;
    }
    const auto verdict = judge::checkLinearizability(m_history, m_time.options(0.5, m_model));
    light.verdict = verdict.verdict;
    for (const judge::KeyVerdict &key : verdict.keys)
      if (key.verdict == verdict.verdict && light.why.empty() &&
          (!verdict.offending || key.offending == verdict.offending))
        light.why = key.why;
    if (verdict.verdict == judge::Verdict::False && verdict.offending) {
      blame(light, *verdict.offending, missedBy(*verdict.offending));
      append(light.why, story(*verdict.offending, light.contradicts));
    }
    m_lights.push_back(std::move(light));
  }

  void add(const PropertyVerdict &verdict) {
    Light light = lightOf(verdict.property);
    light.verdict = verdict.verdict;
    light.why = verdict.why;
    if (verdict.verdict == judge::Verdict::False && verdict.offending) {
      auto against = verdict.against.empty() ? missedBy(*verdict.offending) : verdict.against;
      blame(light, *verdict.offending, against);
      append(light.why, story(*verdict.offending, against));
    }
    m_lights.push_back(std::move(light));
  }

  void addSessions() {
    for (const Property guarantee : {Property::ReadYourWrites, Property::MonotonicReads,
                                     Property::MonotonicWrites, Property::WritesFollowReads})
      add(judge::checkSession(m_history, guarantee, m_time.options(0.2, m_model)));
  }

  /// When the last fault came or went.
  SimTime lastDisturbance() const {
    SimTime last;
    for (const DisturbanceMark &mark : m_facts.disturbances())
      if (mark.sequence <= m_upTo) last = std::max(last, mark.record.at);
    for (const HealthMark &mark : m_facts.healths())
      if (mark.sequence <= m_upTo) last = std::max(last, mark.at);
    return last;
  }
  bool isParted() const {
    std::set<std::uint32_t> sides;
    for (std::uint32_t n = 0; n < m_network.nodes.size(); ++n)
      sides.insert(m_facts.partitionSide(n, m_upTo));
    sides.erase(0);
    return sides.size() > 1;
  }
  /// When each key was last changed.
  std::map<std::string, SimTime> changeTimes() const {
    std::map<std::string, SimTime> changed;
    for (const Operation &o : m_history.operations)
      if (o.changes()) {
        SimTime &at = changed[o.key];
        at = std::max(at, o.returned.value_or(o.invoked));
      }
    return changed;
  }
  /// When the store gave what the read gave: an answer out of the reader's own cache is older.
  SimTime givenAt(const Operation &read) const {
    const auto kept = cachedAnswer(m_facts, read);
    return kept ? kept->since : read.invoked;
  }
  /// Reads of restless times say nothing about where the replicas end, nor do cached answers of
  /// before the last change.
  PartOfHistory calmPart() const {
    PartOfHistory part;
    const SimTime calm = lastDisturbance();
    const bool disturbed = calm > SimTime{};
    const auto changed = changeTimes();
    for (std::size_t i = 0; i < m_history.operations.size(); ++i) {
      const Operation &o = m_history.operations[i];
      if (!o.changes()) {
        const SimTime given = givenAt(o);
        const auto change = changed.find(o.key);
        const bool older = given < o.invoked && change != changed.end() &&
                           given < change->second + convergenceSettle;
        if (older || (disturbed && given < calm + convergenceSettle)) continue;
      }
      part.history.operations.push_back(o);
      part.whole.push_back(i);
    }
    return part;
  }
  void addConvergence() {
    if (isParted()) {
      Light light = lightOf(Property::Convergence);
      light.why = "A partition still lasts: replicas cannot agree before it ends.";
      m_lights.push_back(std::move(light));
      return;
    }
    const PartOfHistory part = calmPart();
    PropertyVerdict verdict = judge::checkConvergence(part.history, convergenceSettle);
    if (verdict.offending) verdict.offending = part.whole[*verdict.offending];
    for (std::size_t &i : verdict.against) i = part.whole[i];
    add(verdict);
  }

  bool serviceTells(FactTopic topic) const {
    for (const std::uint32_t i : m_facts.of(topic)) {
      const FactMark &fact = m_facts.facts()[i];
      if (fact.sequence <= m_upTo && m_facts.text(fact.name) == m_service) return true;
    }
    return false;
  }
  /// Of its members' own telling one can know what became of a write.
  bool membersTell() const {
    for (const auto &[who, marks] : m_facts.logs())
      if (m_facts.text(who.service) == m_service) return true;
    return serviceTells(FactTopic::Merged) || serviceTells(FactTopic::Conflict) ||
           serviceTells(FactTopic::Held);
  }
  std::optional<std::size_t> operationReturnedAt(trace::Sequence record) const {
    for (std::size_t i = 0; i < m_history.operations.size(); ++i)
      if (m_history.operations[i].returnRecord == record) return i;
    return std::nullopt;
  }

  void addLostWrites() {
    Light light = lightOf(Property::NoLostWrites);
    std::vector<LostWrite> lost = lostWrites(m_facts, m_network, m_upTo);
    std::erase_if(lost, [&](const LostWrite &w) { return w.service != m_service; });
    if (!lost.empty()) {
      const LostWrite &first =
          *std::min_element(lost.begin(), lost.end(), [](const LostWrite &a, const LostWrite &b) {
            return a.lostAt < b.lostAt;
          });
      light.verdict = judge::Verdict::False;
      light.since = first.lostAt;
      light.record = first.lost != 0 ? first.lost : recordAt(first.lostAt);
      light.against = {first.acknowledged};
      light.offending = operationReturnedAt(first.acknowledged);
      light.why = first.story;
      if (lost.size() > 1) append(light.why, fmt::format("{} writes are lost.", lost.size()));
    } else if (membersTell()) {
      light.verdict = judge::Verdict::True;
    } else {
      judgeByLastReads(light);
    }
    m_lights.push_back(std::move(light));
  }
  /// The last fact told at or before the instant: what a cursor there has seen.
  trace::Sequence recordAt(SimTime at) const {
    const auto &all = m_facts.facts();
    const auto after = std::upper_bound(all.begin(), all.end(), at,
                                        [](SimTime t, const FactMark &f) { return t < f.at; });
    return after == all.begin() ? 1 : (after - 1)->sequence;
  }

  /// Of a store whose members tell nothing: a write is lost when, once all is calm, no read gives
  /// it or anything newer any more.
  void judgeByLastReads(Light &light) {
    constexpr std::size_t readsMin = 3;
    std::map<std::string, std::vector<const ReadMark *>> lastReads; // by key
    const std::map<std::string, SimTime> changed = changeTimes();
    const SimTime calm = lastDisturbance();
    for (const auto &[operation, mark] : m_marks) {
      const Operation &read = m_history.operations[operation];
      const auto change = changed.find(read.key);
      const SimTime last = change == changed.end() ? SimTime{} : change->second;
      const SimTime settled = std::max(calm, last) + convergenceSettle;
      const bool known = mark.freshness == Freshness::Fresh || mark.freshness == Freshness::Stale;
      if (known && givenAt(read) >= settled) lastReads[read.key].push_back(&mark);
    }
    light.why = "Nothing was read once all was calm, so nobody can say.";
    if (isParted()) return;
    for (const auto &[key, marks] : lastReads) {
      if (marks.size() < readsMin) continue;
      if (light.verdict == judge::Verdict::Unknown) {
        light.verdict = judge::Verdict::True;
        light.why.clear();
      }
      const bool gone = std::all_of(marks.begin(), marks.end(), [](const ReadMark *m) {
        return m->freshness == Freshness::Stale;
      });
      if (!gone || light.verdict == judge::Verdict::False) continue;
      const ReadMark &first = *marks.front();
      light.verdict = judge::Verdict::False;
      blame(light, first.operation, {*first.missed});
      const Operation &write = m_history.operations[*first.missed];
      light.why = fmt::format("{} was told at {} that “{}” is done. Of {} reads of {} after all "
                              "was calm none gave it or anything newer.",
                              write.process, timeText(*write.returned), judge::text(write),
                              marks.size(), key);
    }
  }

  bool tellsTerms() const {
    for (const auto &[who, told] : m_facts.byNode(FactTopic::Term))
      if (m_facts.text(who.service) == m_service && m_facts.countUpTo(told, m_upTo) > 0)
        return true;
    return false;
  }

  void addRaft() {
    judge::RaftWatch watch;
    for (std::size_t i = 0, n = m_facts.countUpTo(m_upTo); i < n && !watch.breach(); ++i) {
      const FactMark &fact = m_facts.facts()[i];
      if (m_facts.text(fact.name) != m_service) continue;
      watch.take(fact.sequence, fact.at, fact.node, nodeName(m_network, fact.node), fact.topic,
                 m_service, m_facts.text(fact.value), m_facts.text(fact.detail));
    }
    for (const RaftInvariant invariant :
         {RaftInvariant::ElectionSafety, RaftInvariant::LogMatching,
          RaftInvariant::LeaderCompleteness, RaftInvariant::StateMachineSafety}) {
      Light light;
      light.service = m_service;
      light.title = capitalised(std::string(judge::name(invariant)));
      light.promise = judge::sentence(invariant);
      light.verdict = judge::Verdict::True;
      if (watch.breach()) tellBreach(light, invariant, *watch.breach());
      m_lights.push_back(std::move(light));
    }
  }
  /// The watch ends at the first breach: of what came later it says nothing.
  void tellBreach(Light &light, RaftInvariant invariant, const judge::Breach &breach) const {
    if (breach.invariant == invariant) {
      light.verdict = judge::Verdict::False;
      light.since = breach.at;
      light.record = breach.record;
      light.against = breach.against;
      light.why = breach.why;
      return;
    }
    if (m_facts.countUpTo(breach.record) == m_facts.countUpTo(m_upTo)) return;
    light.verdict = judge::Verdict::Unknown;
    light.why = fmt::format("It held until {}, when {} was broken; nobody watched from then on.",
                            timeText(breach.at), judge::name(breach.invariant));
  }

  /// As the strip shows them: from strong to weak, then what Raft promises.
  std::vector<Light> order() {
    const auto rank = [](const Light &light) {
      int at = 0;
      for (; at <= static_cast<int>(Property::NoLostWrites); ++at)
        if (titleOf(static_cast<Property>(at)) == light.title) break;
      return at;
    };
    std::stable_sort(m_lights.begin(), m_lights.end(),
                     [&](const Light &a, const Light &b) { return rank(a) < rank(b); });
    return std::move(m_lights);
  }

  const FactBook &m_facts;
  const net::Blueprint &m_network;
  std::string m_service;
  trace::Sequence m_upTo;
  TimeKeeper m_time;
  History m_history;
  judge::Model m_model = judge::Model::CasRegister;
  std::map<std::size_t, ReadMark> m_marks; ///< by operation
  std::vector<Light> m_lights;
};

} // namespace

std::vector<Light> lightsOf(const FactBook &facts, const net::Blueprint &network,
                            std::string_view service, trace::Sequence upTo, judge::Budget budget) {
  return LightMaker(facts, network, service, upTo, budget).make();
}

} // namespace packetarium::analysis
