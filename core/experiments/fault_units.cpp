// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/fault_units.h"

#include <algorithm>
#include <optional>

namespace packetarium::experiments {
namespace {

using scenario::Scenario;
using scenario::ScriptEntry;
using Action = ScriptEntry::Kind;

/// The value that the document gives what the action sets.
std::optional<double> usualValue(const Scenario &s, const ScriptEntry &e) {
  if (const scenario::Link *link = s.link(e.target); link != nullptr) {
    switch (e.action) {
    case Action::SetRate: return static_cast<double>(link->rateBps);
    case Action::SetDelay: return static_cast<double>(link->delay.ns());
    case Action::SetJitter: return static_cast<double>(link->jitter.ns());
    case Action::SetLoss: return link->loss;
    case Action::SetQueue: return link->queuePackets;
    case Action::SetDuplicate: return link->duplicate;
    case Action::SetReorder: return link->reorder;
    case Action::SetCorrupt: return link->corrupt;
    case Action::SetBlocked: return link->blocked;
    case Action::SetFlap: return static_cast<double>(link->flap.ns());
    default: return {};
    }
  }
  const scenario::Node *node = s.node(e.target);
  if (node == nullptr) return {};
  switch (e.action) {
  case Action::SetSlowness: return node->slowness;
  case Action::SetClockOffset: return static_cast<double>(node->clockOffset.ns());
  case Action::SetClockDrift: return node->clockDriftPpm;
  case Action::SetPartition: return 0;
  default: return {};
  }
}

/// What the later entry ends of what the earlier one began.
bool ends(const Scenario &s, const ScriptEntry &begin, const ScriptEntry &end) {
  if (begin.target != end.target || begin.action == Action::TimeOut) return false;
  switch (begin.action) {
  case Action::CrashNode:
    return end.action == Action::RestartNode || end.action == Action::RestartEmpty;
  case Action::PauseNode: return end.action == Action::ResumeNode;
  case Action::CutLink: return end.action == Action::RestoreLink;
  default: return begin.action == end.action && mends(s, end);
  }
}

/// Entries of many nodes that are one fault when they come at the same instant.
bool isShared(Action action) {
  return action == Action::SetPartition || action == Action::CrashNode;
}

} // namespace

bool mends(const Scenario &scenario, const ScriptEntry &entry) {
  switch (entry.action) {
  case Action::RestartNode:
  case Action::ResumeNode:
  case Action::RestoreLink: return true;
  default: return usualValue(scenario, entry) == entry.value;
  }
}

std::vector<FaultUnit> faultUnits(const Scenario &scenario) {
  const auto &script = scenario.script;
  std::vector<FaultUnit> units;
  std::vector<bool> taken(script.size());
  const auto take = [&](FaultUnit &unit, std::size_t i) {
    taken[i] = true;
    unit.entries.push_back(i);
  };
  const auto takeEnd = [&](FaultUnit &unit, std::size_t begin) {
    for (std::size_t j = begin + 1; j < script.size(); ++j)
      if (!taken[j] && ends(scenario, script[begin], script[j])) return take(unit, j);
  };
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (taken[i]) continue;
    FaultUnit unit;
    take(unit, i);
    const bool begins = !mends(scenario, script[i]);
    if (begins) takeEnd(unit, i);
    for (std::size_t j = i + 1; begins && isShared(script[i].action) && j < script.size(); ++j) {
      const bool together = !taken[j] && script[j].at == script[i].at &&
                            script[j].action == script[i].action && !mends(scenario, script[j]);
      if (!together) continue;
      take(unit, j);
      takeEnd(unit, j);
    }
    std::sort(unit.entries.begin(), unit.entries.end());
    units.push_back(std::move(unit));
  }
  return units;
}

} // namespace packetarium::experiments
