// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/linearizability.h"

#include "core/judge/key_search.h"

#include <algorithm>
#include <array>
#include <thread>

namespace packetarium::judge {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::array models = {Model::Register, Model::CasRegister, Model::Kv};

/// No budget is so large that the clock's end is in sight.
std::chrono::nanoseconds bounded(std::chrono::nanoseconds budget) {
  return std::min<std::chrono::nanoseconds>(budget, std::chrono::hours(24 * 365));
}

/// One key of the history under judgement.
struct KeyTask {
  const History &history;
  const std::vector<std::size_t> &operations;
  const CheckOptions &options;
};

/// The operations that return in good order, by their return.
std::vector<std::size_t> returnsOf(const KeyTask &task) {
  std::vector<std::size_t> out;
  for (const std::size_t i : task.operations)
    if (task.history.operations[i].outcome == Outcome::Ok) out.push_back(i);
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return task.history.operations[a].returnOrder < task.history.operations[b].returnOrder;
  });
  return out;
}

std::string quoted(const Operation &o) { return "\"" + text(o) + "\" of process " + o.process; }

std::string whyFalse(const KeyTask &task, const KeyVerdict &v, bool exact) {
  const Operation &o = task.history.operations[*v.offending];
  std::string out = exact ? "No order explains what clients had seen when "
                          : "No order explains what clients had seen, at the latest when ";
  out += quoted(o) + " returned.";
  if (!exact) return out;
  if (v.order.empty()) return out + " No operation before it returned.";
  return out + " All that had returned before it has a legal order of " +
         std::to_string(v.order.size()) + (v.order.size() == 1 ? " operation." : " operations.");
}

/// Finds the earliest return at which it goes wrong: what has a legal order has one at every
/// earlier instant too.
void findOffending(const KeyTask &task, const SearchLimit &limit, KeyVerdict &v) {
  const std::vector<std::size_t> returns = returnsOf(task);
  std::size_t good = 0, bad = returns.size(); // so many first returns are legal, are not
  bool exact = true;
  while (good + 1 < bad && exact) {
    const std::size_t middle = (good + bad) / 2;
    const std::size_t cut = task.history.operations[returns[middle - 1]].returnOrder;
    KeySearch search(task.history, task.operations, task.options, cut);
    const SearchEnd end = search.run(limit);
    exact = end != SearchEnd::Spent;
    if (end == SearchEnd::None) bad = middle;
    if (end != SearchEnd::Found) continue;
    good = middle;
    v.order = search.order();
  }
  v.offending = returns[bad - 1];
  v.why = whyFalse(task, v, exact);
}

void judgeKey(const KeyTask &task, const SearchLimit &limit, const SearchLimit &whole,
              KeyVerdict &v) {
  KeySearch search(task.history, task.operations, task.options);
  switch (search.run(limit)) {
  case SearchEnd::Found:
    v.verdict = Verdict::True;
    v.order = search.order();
    v.why.clear();
    return;
  case SearchEnd::None:
    v.verdict = Verdict::False;
    findOffending(task, whole, v);
    return;
  case SearchEnd::Spent:
    v.verdict = Verdict::Unknown;
    v.why = "The search was ended before it came to a result.";
    return;
  }
}

class KeyJudge {
public:
  KeyJudge(const History &history, const CheckOptions &options)
      : m_history(history),
        m_options(options),
        m_keys(byKey(history)),
        m_budget(bounded(options.budget)),
        m_begin(Clock::now()) {
    for (const auto &[key, operations] : m_keys) {
      KeyVerdict v;
      v.key = key;
      v.operations = operations.size();
      m_verdicts.push_back(std::move(v));
    }
  }

  std::vector<KeyVerdict> judge() {
    const std::size_t keys = std::max<std::size_t>(1, m_keys.size());
    const std::size_t wanted =
        m_options.threads != 0 ? m_options.threads : std::thread::hardware_concurrency();
    const std::size_t threads = std::clamp<std::size_t>(wanted, 1, keys);
    if (keys == 1) {
      pass(threads, m_budget);
      return std::move(m_verdicts);
    }
    // A hard key must not eat the time of those after it: first each has its share, then the rest
    // goes to those that are left.
    pass(threads,
         m_budget / static_cast<std::int64_t>(2 * keys) * static_cast<std::int64_t>(threads));
    pass(threads, m_budget);
    return std::move(m_verdicts);
  }

private:
  SearchLimit limit(std::chrono::nanoseconds share) const {
    return {std::min(m_begin + m_budget, Clock::now() + share), m_options.statesMax,
            m_options.cancelled};
  }

  void pass(std::size_t threads, std::chrono::nanoseconds share) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < m_keys.size(); i = next++) {
        if (m_verdicts[i].verdict != Verdict::Unknown) continue;
        const KeyTask task{m_history, m_keys[i].second, m_options};
        judgeKey(task, limit(share), limit(m_budget), m_verdicts[i]);
      }
    };
    std::vector<std::thread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
    for (std::thread &helper : helpers) helper.join();
  }

  const History &m_history;
  const CheckOptions &m_options;
  std::vector<std::pair<std::string, std::vector<std::size_t>>> m_keys;
  std::chrono::nanoseconds m_budget;
  Clock::time_point m_begin;
  std::vector<KeyVerdict> m_verdicts;
};

} // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
  case Verdict::True: return "true";
  case Verdict::False: return "false";
  case Verdict::Unknown: return "unknown";
  }
  return "";
}

std::string_view name(Model model) {
  switch (model) {
  case Model::Register: return "register";
  case Model::CasRegister: return "cas-register";
  case Model::Kv: return "kv";
  }
  return "";
}

std::optional<Model> modelOf(std::string_view text) {
  for (const Model model : models)
    if (name(model) == text) return model;
  return std::nullopt;
}

bool has(Model model, OperationKind kind) {
  switch (kind) {
  case OperationKind::Read:
  case OperationKind::Write: return true;
  case OperationKind::Cas: return model == Model::CasRegister;
  case OperationKind::Append: return model == Model::Kv;
  }
  return false;
}

Model modelFor(const History &history) {
  bool cas = false, append = false;
  for (const Operation &o : history.operations) {
    cas |= o.kind == OperationKind::Cas;
    append |= o.kind == OperationKind::Append;
  }
  return append && !cas ? Model::Kv : Model::CasRegister;
}

LinearizabilityVerdict checkLinearizability(const History &history, const CheckOptions &options) {
  LinearizabilityVerdict v;
  v.keys = KeyJudge(history, options).judge();
  v.verdict = Verdict::True;
  for (const KeyVerdict &key : v.keys) {
    if (key.verdict == Verdict::False)
      v.verdict = Verdict::False;
    else if (key.verdict == Verdict::Unknown && v.verdict == Verdict::True)
      v.verdict = Verdict::Unknown;
    if (!key.offending) continue;
    const auto back = [&](std::size_t i) { return history.operations[i].returnOrder; };
    if (!v.offending || back(*key.offending) < back(*v.offending)) v.offending = key.offending;
  }
  return v;
}

std::vector<std::size_t> longestPrefixWith(const History &history, std::size_t operation,
                                           const CheckOptions &options) {
  if (operation >= history.operations.size()) return {};
  std::vector<std::size_t> same;
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    if (history.operations[i].key == history.operations[operation].key) same.push_back(i);
  KeySearch search(history, same, options, Operation::never, operation);
  const SearchLimit limit{Clock::now() + bounded(options.budget), options.statesMax,
                          options.cancelled};
  search.run(limit);
  return search.longest();
}

} // namespace packetarium::judge
