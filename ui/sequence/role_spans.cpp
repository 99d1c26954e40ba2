// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/role_spans.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace packetarium::ui {
namespace {

using trace::FactTopic;

// What one member told, or that it crashed, in the order in which it happened.
struct Turn {
  trace::Sequence sequence = 0;
  SimTime at;
  std::string role; // empty: as before
  std::uint64_t term = 0;
};

std::uint64_t termOf(std::string_view text) {
  std::uint64_t term = 0;
  std::from_chars(text.data(), text.data() + text.size(), term);
  return term;
}

std::vector<Turn> turnsOf(const analysis::FactBook &facts, analysis::ServiceNode who) {
  std::vector<Turn> turns;
  for (const std::uint32_t index : facts.of(FactTopic::Term, who)) {
    const analysis::FactMark &fact = facts.facts()[index];
    turns.push_back({fact.sequence, fact.at, {}, termOf(facts.text(fact.value))});
  }
  if (const auto roles = facts.roles().find(who); roles != facts.roles().end())
    for (const std::uint32_t index : roles->second) {
      const analysis::FactMark &fact = facts.facts()[index];
      turns.push_back({fact.sequence, fact.at, std::string(facts.text(fact.value)), 0});
    }
  for (const analysis::HealthMark &mark : facts.healths())
    if (mark.node == who.node && mark.health == trace::NodeHealth::Crashed)
      turns.push_back({mark.sequence, mark.at, "down", 0});
  std::sort(turns.begin(), turns.end(),
            [](const Turn &a, const Turn &b) { return a.sequence < b.sequence; });
  return turns;
}

} // namespace

std::vector<RoleSpan> roleSpans(const analysis::FactBook &facts, SimTime from, SimTime to) {
  std::vector<RoleSpan> all;
  std::set<std::uint32_t> seen;
  for (const auto &[who, told] : facts.byNode(FactTopic::Term)) {
    if (!seen.insert(who.node).second) continue;
    std::vector<RoleSpan> spans;
    RoleSpan now;
    now.node = who.node;
    now.role = "follower"; // every member begins as one
    for (const Turn &turn : turnsOf(facts, who)) {
      if (turn.at > to) break;
      RoleSpan next = now;
      if (!turn.role.empty()) next.role = turn.role;
      if (turn.term > 0) next.term = turn.term;
      next.from = turn.at;
      if (next.role == now.role && next.term == now.term) continue;
      now.to = turn.at;
      // What lasted for no time at all was on the way from one to the other.
      if (now.to > now.from) spans.push_back(now);
      now = next;
    }
    now.to = SimTime::max();
    spans.push_back(now);
    for (RoleSpan &span : spans)
      if (span.to >= from && span.from <= to) all.push_back(std::move(span));
  }
  std::stable_sort(all.begin(), all.end(), [](const RoleSpan &a, const RoleSpan &b) {
    return a.node != b.node ? a.node < b.node : a.from < b.from;
  });
  return all;
}

} // namespace packetarium::ui
