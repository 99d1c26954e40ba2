// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/log_replay.h"

#include <algorithm>
#include <set>

namespace packetarium::analysis {
namespace {

constexpr std::size_t conflictsMax = 256;

std::vector<HeldAddress> heldAddresses(const FactBook &facts, trace::Sequence upTo) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, HeldAddress> held;
  for (const AddressMark &mark : facts.addresses()) {
    if (mark.sequence > upTo) break;
    const trace::Record &r = mark.record;
    const auto address = static_cast<std::uint32_t>(r.args[0]);
    if (r.detail == 0)
      held.erase({r.node, address});
    else
      held[{r.node, address}] = {r.node, r.link, wire::Ipv4Address{address}, r.at};
  }
  std::vector<HeldAddress> out;
  for (const auto &[key, address] : held) out.push_back(address);
  return out;
}

std::vector<ConflictView> conflictsOf(const FactBook &facts, trace::Sequence upTo) {
  const auto &found = facts.of(trace::FactTopic::Conflict);
  const std::size_t end = facts.countUpTo(found, upTo);
  std::vector<ConflictView> out;
  for (std::size_t i = end > conflictsMax ? end - conflictsMax : 0; i < end; ++i) {
    const FactMark &f = facts.facts()[found[i]];
    ConflictView view;
    view.service = facts.text(f.name);
    view.key = facts.text(f.value);
    view.at = f.at;
    view.node = f.node;
    view.record = f.sequence;
    view.versions = facts.text(f.detail);
    out.push_back(std::move(view));
  }
  if (out.empty()) return out;
  const auto &merged = facts.of(trace::FactTopic::Merged);
  const std::size_t mergedEnd = facts.countUpTo(merged, upTo);
  for (std::size_t i = facts.countUpTo(merged, out.front().record); i < mergedEnd; ++i) {
    const FactMark &f = facts.facts()[merged[i]];
    const auto about = std::find_if(out.rbegin(), out.rend(), [&](const ConflictView &v) {
      return v.record < f.sequence && v.node == f.node && v.key == facts.text(f.value) &&
             v.service == facts.text(f.name);
    });
    if (about != out.rend() && about->merged.empty()) about->merged = facts.text(f.detail);
  }
  return out;
}

/// What a snapshot holds is no longer in the log.
void cutAtSnapshot(LogView &view, const SnapshotHeld &snapshot) {
  view.snapshotIndex = snapshot.index;
  view.snapshotTerm = snapshot.term;
  std::erase_if(view.entries, [&](const LogEntryView &e) { return e.index <= snapshot.index; });
  view.last = std::max(view.last, snapshot.index);
  view.committed = std::max(view.committed, snapshot.index);
  view.first = std::max(view.first, snapshot.index + 1);
}

/// The member whose log counts among these of one service.
const LogView *leadingLog(const std::vector<RoleView> &roles, const std::vector<LogView> &logs,
                          const std::string &service) {
  const auto serves = [&](const LogView &log) {
    return std::any_of(roles.begin(), roles.end(), [&](const RoleView &r) {
      return r.node == log.node && r.service == service && isServing(r.role);
    });
  };
  const auto epoch = [](const LogView &log) {
    return log.entries.empty() ? log.snapshotTerm : log.entries.back().epoch;
  };
  const LogView *best = nullptr;
  for (const LogView &log : logs)
    if (log.service == service && serves(log) && (best == nullptr || epoch(log) > epoch(*best)))
      best = &log;
  return best;
}

void compareWith(const LogView &leader, LogView &log) {
  log.lag = leader.last > log.last ? leader.last - log.last : 0;
  if (&leader == &log) return;
  std::map<std::uint64_t, std::uint64_t> epochs;
  for (const LogEntryView &e : leader.entries)
    if (!e.thrownAway) epochs[e.index] = e.epoch;
  for (LogEntryView &e : log.entries) {
    const auto theirs = epochs.find(e.index);
    e.divergent = !e.thrownAway && theirs != epochs.end() && theirs->second != e.epoch;
    // Beyond what the newer epoch holds, an older epoch's entries will have to go.
    if (!e.thrownAway && e.index > leader.last && !leader.entries.empty())
      e.divergent = e.epoch < leader.entries.back().epoch;
  }
}

std::vector<LogView> logViews(const FactBook &facts, const std::vector<RoleView> &roles,
                              trace::Sequence upTo, std::size_t keepEntries) {
  std::vector<LogView> logs;
  std::map<std::string, std::set<std::pair<std::uint64_t, std::uint64_t>>> acknowledged;
  for (const auto &[key, marks] : facts.logs()) {
    const std::size_t end = facts.countUpTo(marks, upTo);
    if (end == 0) continue;
    LogView view = logTail(facts, marks, end, keepEntries);
    view.node = key.node;
    view.service = facts.text(key.service);
    if (const auto snapshot = snapshotAt(facts, key, upTo)) cutAtSnapshot(view, *snapshot);
    for (const LogEntryView &e : view.entries)
      if (e.acknowledged) acknowledged[view.service].insert({e.index, e.epoch});
    logs.push_back(std::move(view));
  }
  std::sort(logs.begin(), logs.end(), [](const LogView &a, const LogView &b) {
    return a.service != b.service ? a.service < b.service : a.node < b.node;
  });
  for (LogView &log : logs) {
    for (LogEntryView &e : log.entries)
      e.acknowledged = acknowledged[log.service].contains({e.index, e.epoch});
  }
  for (LogView &log : logs)
    if (const LogView *leader = leadingLog(roles, logs, log.service)) compareWith(*leader, log);
  return logs;
}

} // namespace

std::vector<RoleView> rolesAt(const FactBook &facts, trace::Sequence upTo) {
  std::vector<RoleView> roles;
  for (const auto &[key, told] : facts.roles()) {
    const std::size_t count = facts.countUpTo(told, upTo);
    if (count == 0) continue;
    const FactMark &f = facts.facts()[told[count - 1]];
    RoleView role{key.node,
                  std::string(facts.text(key.service)),
                  std::string(facts.text(f.value)),
                  std::string(facts.text(f.detail)),
                  f.at,
                  f.sequence};
    const HealthMark *crash = facts.lastCrash(key.node, upTo);
    if (crash != nullptr && crash->sequence > f.sequence) {
      role.role = "down";
      role.why = "it crashed";
      role.since = crash->at;
      role.record = crash->sequence;
    }
    roles.push_back(std::move(role));
  }
  std::sort(roles.begin(), roles.end(), [](const RoleView &a, const RoleView &b) {
    return a.service != b.service ? a.service < b.service : a.node < b.node;
  });
  return roles;
}

ClusterState clusterState(const FactBook &facts, const net::Blueprint &, trace::Sequence upTo,
                          std::size_t keepEntries) {
  ClusterState state;
  state.roles = rolesAt(facts, upTo);
  state.logs = logViews(facts, state.roles, upTo, keepEntries);
  state.addresses = heldAddresses(facts, upTo);
  state.conflicts = conflictsOf(facts, upTo);
  return state;
}

std::vector<MachineShare> machineShares(const FactBook &facts, trace::Sequence upTo,
                                        SimTime until) {
  std::vector<MachineShare> shares;
  for (const auto &[key, told] : facts.roles()) {
    const std::size_t count = facts.countUpTo(told, upTo);
    if (count == 0) continue;
    MachineShare share;
    share.node = key.node;
    share.service = facts.text(key.service);
    // Every member of a quorum store answers clients.
    const bool onRing = !facts.of(trace::FactTopic::Ring, key).empty();
    for (std::size_t i = 0; i < count; ++i) {
      const FactMark &f = facts.facts()[told[i]];
      SimTime end = i + 1 < count ? facts.facts()[told[i + 1]].at : until;
      // What it was ends with its crash.
      const auto &healths = facts.healths();
      const auto crash = std::find_if(
          std::lower_bound(healths.begin(), healths.end(), f.sequence,
                           [](const HealthMark &m, trace::Sequence s) { return m.sequence < s; }),
          healths.end(), [node = key.node](const HealthMark &m) {
            return m.node == node && m.health == trace::NodeHealth::Crashed;
          });
      if (crash != healths.end() && crash->sequence <= upTo) end = std::min(end, crash->at);
      const Duration length = std::max(Duration{}, end - f.at);
      const std::string_view role = facts.text(f.value);
      const bool serves = isServing(role) || (onRing && isStandingBy(role));
      if (serves) share.active = share.active + length;
      if (!serves && isStandingBy(role)) share.idle = share.idle + length;
    }
    shares.push_back(std::move(share));
  }
  std::sort(shares.begin(), shares.end(), [](const MachineShare &a, const MachineShare &b) {
    return a.service != b.service ? a.service < b.service : a.node < b.node;
  });
  return shares;
}

} // namespace packetarium::analysis
