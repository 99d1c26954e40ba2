// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/judgement.h"

#include <algorithm>
#include <set>

namespace packetarium::ui {
namespace {

// Those whose clients told operations, and those that agree by votes although nobody asked them.
std::set<std::string> judgedServices(const analysis::FactBook &facts) {
  std::set<std::string> out;
  for (std::string &name : analysis::storesOf(facts)) out.insert(std::move(name));
  for (const std::uint32_t index : facts.of(trace::FactTopic::Term))
    out.emplace(facts.text(facts.facts()[index].name));
  return out;
}

} // namespace

const ServiceJudgement *Judgement::find(const std::string &service) const {
  const auto at = std::find_if(services.begin(), services.end(),
                               [&](const ServiceJudgement &s) { return s.service == service; });
  return at == services.end() ? nullptr : &*at;
}

const analysis::ReadMark *markOf(const ServiceJudgement &judged, std::size_t operation) {
  const auto at = std::lower_bound(
      judged.marks.begin(), judged.marks.end(), operation,
      [](const analysis::ReadMark &mark, std::size_t o) { return mark.operation < o; });
  return at == judged.marks.end() || at->operation != operation ? nullptr : &*at;
}

Judgement judgeRun(const analysis::FactBook &facts, const net::Blueprint &network,
                   judge::Budget budget) {
  Judgement out;
  out.upTo = facts.seenUpTo();
  for (const std::string &name : judgedServices(facts)) {
    if (budget.cancelled != nullptr && *budget.cancelled) break;
    ServiceJudgement judged;
    judged.service = name;
    judged.history = analysis::historyOf(facts, name, out.upTo);
    judged.marks = analysis::markReads(judged.history);
    std::sort(judged.marks.begin(), judged.marks.end(),
              [](const auto &a, const auto &b) { return a.operation < b.operation; });
    judged.lights = analysis::lightsOf(facts, network, name, out.upTo, budget);
    judge::CheckOptions options;
    options.budget = budget.time;
    options.cancelled = budget.cancelled;
    options.threads = 1; // the run and the window want the others
    judged.linearizability = judge::checkLinearizability(judged.history, options);
    out.services.push_back(std::move(judged));
  }
  return out;
}

} // namespace packetarium::ui
