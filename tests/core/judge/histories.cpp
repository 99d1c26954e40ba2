// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/judge/histories.h"

#include <algorithm>
#include <map>

namespace packetarium::judge::testing {
namespace {

/// Does the operation to the state; false when it does not fit.
bool doIt(const Operation &o, Value &state) {
  switch (o.kind) {
  case OperationKind::Read: return o.outcome != Outcome::Ok || !o.resultKnown || state == o.result;
  case OperationKind::Write: state = o.argument; return true;
  case OperationKind::Append: state = state.value_or("") + o.argument.value_or(""); return true;
  case OperationKind::Cas:
    if (state != o.expected) return false;
    state = o.argument;
    return true;
  }
  return false;
}

struct Naive {
  const History &history;
  std::vector<bool> placed;
  bool sequential = false; ///< keep each process's order only

  bool isNext(std::size_t i) const {
    for (std::size_t j = 0; j < placed.size(); ++j) {
      const Operation &before = history.operations[j];
      if (!placed[j] && j != i && before.outcome == Outcome::Ok &&
          before.precedes(history.operations[i]) &&
          (!sequential || before.process == history.operations[i].process))
        return false;
    }
    return true;
  }
  bool search(const std::map<std::string, Value> &states, const Value &initial) {
    bool complete = true;
    for (std::size_t i = 0; i < placed.size(); ++i)
      complete = complete && (placed[i] || history.operations[i].outcome != Outcome::Ok);
    if (complete) return true;
    for (std::size_t i = 0; i < placed.size(); ++i) {
      if (placed[i] || history.operations[i].outcome == Outcome::Fail || !isNext(i)) continue;
      auto next = states;
      Value &state = next.try_emplace(history.operations[i].key, initial).first->second;
      if (!doIt(history.operations[i], state)) continue;
      placed[i] = true;
      if (search(next, initial)) return true;
      placed[i] = false;
    }
    return false;
  }
};

std::string letter(std::uint64_t v) { return std::string(1, static_cast<char>('a' + v)); }

} // namespace

std::size_t Told::begin(const std::string &process, OperationKind kind) {
  Operation o;
  o.process = process;
  o.key = m_key;
  o.kind = kind;
  o.invokeOrder = m_order;
  o.invoked = SimTime::fromNs(static_cast<std::int64_t>(m_order++));
  m_history.operations.push_back(o);
  return m_history.operations.size() - 1;
}
void Told::end(std::size_t operation, Outcome outcome) {
  Operation &o = m_history.operations[operation];
  o.outcome = outcome;
  o.returned = SimTime::fromNs(static_cast<std::int64_t>(m_order));
  o.returnOrder = m_order++;
}
std::size_t Told::write(const std::string &process, const std::string &value) {
  const std::size_t i = begin(process, OperationKind::Write);
  m_history.operations[i].argument = value;
  return i;
}
std::size_t Told::append(const std::string &process, const std::string &value) {
  const std::size_t i = begin(process, OperationKind::Append);
  m_history.operations[i].argument = value;
  return i;
}
std::size_t Told::cas(const std::string &process, Value from, const std::string &to) {
  const std::size_t i = begin(process, OperationKind::Cas);
  m_history.operations[i].expected = std::move(from);
  m_history.operations[i].argument = to;
  return i;
}
std::size_t Told::read(const std::string &process) { return begin(process, OperationKind::Read); }
void Told::ok(std::size_t operation, Value result) {
  m_history.operations[operation].result = std::move(result);
  m_history.operations[operation].resultKnown = true;
  end(operation, Outcome::Ok);
}
void Told::info(std::size_t operation) {
  m_history.operations[operation].returned = SimTime::fromNs(static_cast<std::int64_t>(m_order));
}
std::size_t Told::wrote(const std::string &process, const std::string &value) {
  const std::size_t i = write(process, value);
  ok(i);
  return i;
}
std::size_t Told::gave(const std::string &process, Value result) {
  const std::size_t i = read(process);
  ok(i, std::move(result));
  return i;
}

namespace {

/// A real register behind clients: each operation takes effect at a random instant of its own.
class Simulated {
public:
  Simulated(std::uint64_t seed, const RandomOptions &options) : m_dice(seed), m_options(options) {}

  History run() {
    m_open.assign(m_options.processes, none);
    m_lives.assign(m_options.processes, 0);
    std::size_t begun = 0;
    while (begun < m_options.operations || anyOpen()) {
      const std::size_t p = m_dice.below(m_options.processes);
      if (m_open[p] != none)
        proceed(p);
      else if (begun < m_options.operations) {
        start(p);
        ++begun;
      }
    }
    return m_told.history();
  }

private:
  static constexpr std::size_t none = ~std::size_t{0};
  bool anyOpen() const {
    return std::any_of(m_open.begin(), m_open.end(), [](std::size_t o) { return o != none; });
  }
  const Operation &operation(std::size_t i) const { return m_told.history().operations[i]; }

  void start(std::size_t p) {
    const std::string process = "p" + std::to_string(p) + "-" + std::to_string(m_lives[p]);
    if (m_options.keys > 1) m_told.setKey("k" + std::to_string(m_dice.below(m_options.keys)));
    const std::string value = m_options.unique ? std::to_string(m_told.history().operations.size())
                                               : letter(m_dice.below(m_options.values));
    const std::uint64_t what = m_dice.below(10);
    if (what < 4)
      m_open[p] = m_told.read(process);
    else if (what < 6 && m_options.cas)
      m_open[p] = m_told.cas(process, letter(m_dice.below(m_options.values)), value);
    else if (what < 8 && m_options.append)
      m_open[p] = m_told.append(process, value);
    else
      m_open[p] = m_told.write(process, value);
    m_effect.resize(m_told.history().operations.size(), 0);
    m_seen.resize(m_effect.size());
  }

  /// First it takes effect, at a later turn it returns.
  void proceed(std::size_t p) {
    const std::size_t i = m_open[p];
    Value &state = m_states[operation(i).key];
    if (m_effect[i] == 0) {
      Value next = state;
      const bool fails = m_dice.below(100) < m_options.failPercent;
      const bool fits = !fails && doIt(operation(i), next);
      m_seen[i] = state;
      m_effect[i] = fits ? 1 : 2;
      if (fits) state = next;
      if (m_dice.below(100) >= m_options.infoPercent) return;
      ++m_lives[p];
      m_open[p] = none;
      return m_told.info(i);
    }
    m_open[p] = none;
    if (m_effect[i] == 2) return m_told.fail(i);
    if (operation(i).kind != OperationKind::Read) return m_told.ok(i);
    const bool wrong = m_dice.below(100) < m_options.wrongPercent;
    m_told.ok(i, wrong ? wrongValue() : m_seen[i]);
  }

  Value wrongValue() {
    if (!m_options.unique) return letter(m_dice.below(m_options.values));
    const auto &all = m_told.history().operations;
    return all[m_dice.below(all.size())].argument; // of any key: none of a read's
  }

  Dice m_dice;
  RandomOptions m_options;
  Told m_told;
  std::map<std::string, Value> m_states; ///< by key
  std::vector<std::size_t> m_open;       ///< by process
  std::vector<int> m_effect;             ///< by operation: 0 not yet, 1 done, 2 without effect
  std::vector<Value> m_seen;
  std::vector<int> m_lives; ///< by process: one of unknown outcome ends it
};

} // namespace

History randomHistory(std::uint64_t seed, const RandomOptions &options) {
  return Simulated(seed, options).run();
}

bool naiveIsLinearizable(const History &history, const Value &initial) {
  Naive naive{history, std::vector<bool>(history.operations.size()), false};
  return naive.search({}, initial);
}

bool naiveIsSequential(const History &history, const Value &initial) {
  Naive naive{history, std::vector<bool>(history.operations.size()), true};
  return naive.search({}, initial);
}

bool isLegalOrder(const History &history, const std::vector<std::size_t> &order,
                  const Value &initial, std::size_t until) {
  Value state = initial;
  std::vector<bool> placed(history.operations.size());
  for (std::size_t n = 0; n < order.size(); ++n) {
    const Operation &o = history.operations[order[n]];
    if (placed[order[n]] || o.outcome == Outcome::Fail) return false;
    for (std::size_t later = n + 1; later < order.size(); ++later)
      if (history.operations[order[later]].precedes(o)) return false;
    if (!doIt(o, state)) return false;
    placed[order[n]] = true;
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const Operation &o = history.operations[i];
    const bool returned = o.outcome == Outcome::Ok && o.returnOrder <= until;
    if (returned && !placed[i]) return false;
  }
  return true;
}

} // namespace packetarium::judge::testing
