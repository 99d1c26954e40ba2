// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/consistency.h"
#include "core/judge/key_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace packetarium::judge {
namespace {

/// The search for one order of all operations of all keys that keeps each process's own order.
/// Operations of unknown outcome stand apart: at any place after what their process did before.
class SequentialSearch {
public:
  SequentialSearch(const History &history, const CheckOptions &options, std::size_t cut)
      : m_history(history), m_options(options) {
    if (options.model == Model::Kv && !options.initial) m_initial = "";
    if (options.initial) m_initial = options.initial;
    std::map<std::string, std::size_t> processes, keys;
    for (std::size_t i = 0; i < history.operations.size(); ++i) {
      const Operation &o = history.operations[i];
      if (o.invokeOrder > cut || o.outcome == Outcome::Fail) continue;
      const bool open = o.outcome == Outcome::Info || o.returnOrder > cut;
      if (open && !o.changes()) continue;
      const auto p = processes.try_emplace(o.process, m_sessions.size());
      if (p.second) m_sessions.emplace_back();
      const auto k = keys.try_emplace(o.key, m_state.size());
      if (k.second) m_state.push_back(m_initial);
      m_keyOf[i] = k.first->second;
      if (open)
        m_open.push_back({i, p.first->second, m_sessions[p.first->second].size(), false});
      else
        m_sessions[p.first->second].push_back(i);
    }
    m_next.resize(m_sessions.size());
    for (const auto &session : m_sessions) m_left += session.size();
    for (const auto &[i, key] : m_keyOf) need(i, 1);
  }

  SearchEnd run(const SearchLimit &limit) {
    if (limit.spent()) return SearchEnd::Spent;
    const bool found = search(limit);
    if (found) return SearchEnd::Found;
    return m_spent ? SearchEnd::Spent : SearchEnd::None;
  }

private:
  struct Open {
    std::size_t operation = 0, session = 0, after = 0;
    bool used = false;
  };
  using Need = std::map<std::pair<std::size_t, Value>, int>; ///< by key and value

  Value normal(const Value &value) const {
    return m_options.model == Model::Kv && !value ? Value("") : value;
  }
  const Operation &operation(std::size_t i) const { return m_history.operations[i]; }

  void need(std::size_t i, int change) {
    const Operation &o = operation(i);
    const std::size_t key = m_keyOf.at(i);
    if (o.kind == OperationKind::Read && o.resultKnown)
      m_readers[{key, normal(o.result)}] += change;
    if (o.kind == OperationKind::Write || o.kind == OperationKind::Cas)
      m_bringers[{key, o.argument}] += change;
    if (o.kind == OperationKind::Append) m_grow.insert(key);
  }

  /// What the key holds after it; none when it does not fit.
  std::optional<Value> after(std::size_t i) const {
    const Operation &o = operation(i);
    const Value &state = m_state[m_keyOf.at(i)];
    switch (o.kind) {
    case OperationKind::Read:
      if (o.resultKnown && normal(o.result) != state) return std::nullopt;
      return state;
    case OperationKind::Write: return o.argument;
    case OperationKind::Append: return Value(state.value_or("") + o.argument.value_or(""));
    case OperationKind::Cas:
      if (normal(o.expected) != state) return std::nullopt;
      return o.argument;
    }
    return std::nullopt;
  }
  /// Somebody still has to see what is there, and nobody brings it back.
  bool isStuck(std::size_t i, const Value &target) const {
    const std::size_t key = m_keyOf.at(i);
    if (m_grow.contains(key) || m_state[key] == target) return false;
    const auto count = [&](const Need &of) {
      const auto at = of.find({key, m_state[key]});
      return at == of.end() ? 0 : at->second;
    };
    return count(m_readers) > 0 && count(m_bringers) == 0;
  }

  std::size_t placeReads() {
    std::size_t placed = 0;
    for (bool again = true; again;) {
      again = false;
      for (std::size_t s = 0; s < m_sessions.size(); ++s)
        while (m_next[s] < m_sessions[s].size() && !operation(head(s)).changes() &&
               after(head(s))) {
          need(head(s), -1);
          m_placedReads.push_back(s);
          ++m_next[s];
          --m_left;
          ++placed;
          again = true;
        }
    }
    return placed;
  }
  void takeBackReads(std::size_t count) {
    for (; count > 0; --count) {
      const std::size_t s = m_placedReads.back();
      m_placedReads.pop_back();
      --m_next[s];
      ++m_left;
      need(head(s), 1);
    }
  }
  std::size_t head(std::size_t s) const { return m_sessions[s][m_next[s]]; }

  std::string configuration() const {
    std::string key;
    for (const std::size_t next : m_next) key += std::to_string(next) + ",";
    for (const Open &open : m_open) key += open.used ? '1' : '0';
    for (const Value &value : m_state)
      key += value ? "|" + std::to_string(value->size()) + ":" + *value : "|-";
    return key;
  }

  bool search(const SearchLimit &limit) {
    const std::size_t reads = placeReads();
    if (m_left == 0) return true;
    if (++m_visits % 64 == 0 && (limit.spent() || m_seen.size() > limit.statesMax)) m_spent = true;
    if (!m_spent && m_seen.insert(configuration()).second && tryAll(limit)) return true;
    takeBackReads(reads);
    return false;
  }
  bool tryAll(const SearchLimit &limit) {
    for (std::size_t s = 0; s < m_sessions.size() && !m_spent; ++s) {
      if (m_next[s] == m_sessions[s].size() || !operation(head(s)).changes()) continue;
      const std::size_t i = head(s);
      ++m_next[s];
      --m_left;
      if (change(i, limit)) return true;
      --m_next[s];
      ++m_left;
    }
    for (Open &open : m_open) {
      if (m_spent || open.used || m_next[open.session] < open.after) continue;
      open.used = true;
      if (change(open.operation, limit)) return true;
      open.used = false;
    }
    return false;
  }
  bool change(std::size_t i, const SearchLimit &limit) {
    const auto target = after(i);
    if (!target || isStuck(i, *target)) return false;
    Value &state = m_state[m_keyOf.at(i)];
    const Value before = std::exchange(state, *target);
    need(i, -1);
    if (search(limit)) return true;
    need(i, 1);
    state = before;
    return false;
  }

  const History &m_history;
  const CheckOptions &m_options;
  Value m_initial;
  std::vector<std::vector<std::size_t>> m_sessions;
  std::vector<Open> m_open;
  std::map<std::size_t, std::size_t> m_keyOf;
  std::vector<Value> m_state; ///< by key
  std::vector<std::size_t> m_next, m_placedReads;
  std::size_t m_left = 0, m_visits = 0;
  Need m_readers, m_bringers;
  std::set<std::size_t> m_grow; ///< keys that somebody appends to
  std::unordered_set<std::string> m_seen;
  bool m_spent = false;
};

/// Deep histories would need a deep stack.
constexpr std::size_t sequentialOperationsMax = 2000;

std::vector<std::size_t> sequentialReturns(const History &history) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    if (history.operations[i].outcome == Outcome::Ok) out.push_back(i);
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return history.operations[a].returnOrder < history.operations[b].returnOrder;
  });
  return out;
}

} // namespace

PropertyVerdict checkSequential(const History &history, const CheckOptions &options) {
  PropertyVerdict v;
  v.property = Property::Sequential;
  v.why = "The search was ended before it came to a result.";
  if (history.operations.size() > sequentialOperationsMax) return v;
  const auto budget = std::min<std::chrono::nanoseconds>(options.budget, std::chrono::hours(24));
  const SearchLimit limit{std::chrono::steady_clock::now() + budget, options.statesMax,
                          options.cancelled};
  const auto ends = [&](std::size_t cut) {
    return SequentialSearch(history, options, cut).run(limit);
  };
  const SearchEnd whole = ends(Operation::never);
  if (whole == SearchEnd::Spent) return v;
  v.verdict = whole == SearchEnd::Found ? Verdict::True : Verdict::False;
  v.why.clear();
  if (whole == SearchEnd::Found) return v;
  // The earliest return at which it goes wrong: halving, for what fits does so at every earlier
  // one.
  const std::vector<std::size_t> returns = sequentialReturns(history);
  std::size_t good = 0, bad = returns.size();
  while (good + 1 < bad) {
    const std::size_t middle = (good + bad) / 2;
    const SearchEnd end = ends(history.operations[returns[middle - 1]].returnOrder);
    if (end == SearchEnd::Spent) break;
    (end == SearchEnd::Found ? good : bad) = middle;
  }
  v.offending = returns[bad - 1];
  const Operation &o = history.operations[*v.offending];
  v.why = "No one order of all operations that keeps each process's own explains \"" + text(o) +
          "\" of process " + o.process + ".";
  return v;
}

} // namespace packetarium::judge
