// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/swarm_faults.h"

#include "core/base/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace packetarium::experiments {
namespace {

using scenario::Scenario;
using scenario::ScriptEntry;
using Action = ScriptEntry::Kind;

constexpr std::array<std::string_view, faultKinds> faultNames{
    "crash",        "blackout",    "crash-empty", "pause",   "cut",     "one-way",   "flap",
    "loss",         "duplicate",   "reorder",     "slow",    "jitter",  "partition", "slowness",
    "clock-offset", "clock-drift", "time-out",    "contest", "overtake"};

constexpr std::array<std::string_view, 7> storeKinds{"cache-store", "failover-pair", "kv-store",
                                                     "mail-queue",  "multi-primary", "quorum-store",
                                                     "raft"};

bool runs(const scenario::Node &node, std::string_view kind) {
  return std::any_of(node.programs.begin(), node.programs.end(),
                     [kind](const scenario::Program &p) { return p.kind == kind; });
}

/// A name server whose zone changes while it runs.
bool keepsChanges(const scenario::Node &node) {
  return std::any_of(node.programs.begin(), node.programs.end(), [](const scenario::Program &p) {
    return p.kind == "dns-server" && p.parameters.contains("updates_from");
  });
}

bool isStore(const scenario::Node &node) {
  if (keepsChanges(node)) return true;
  return std::any_of(storeKinds.begin(), storeKinds.end(),
                     [&](std::string_view kind) { return runs(node, kind); });
}

/// Draws the faults of one run.
class FaultDraw {
public:
  FaultDraw(const Scenario &base, std::uint64_t seed, const DrawOptions &options)
      : m_s(base), m_options(options), m_random(seed, "swarm", "faults") {
    m_s.seed = seed;
    if (!options.keepScript) m_s.script.clear();
    m_members = membersOf(m_s);
    for (const scenario::Link &link : m_s.links)
      if (isMember(link.from.node) || isMember(link.to.node)) m_links.push_back(link.id);
    for (const scenario::Node &node : m_s.nodes)
      if (!node.programs.empty()) m_speakers.push_back(node.id);
  }

  Scenario draw() {
    if (m_members.empty()) return std::move(m_s);
    chooseKinds();
    const auto span =
        static_cast<std::uint64_t>(std::max(0, m_options.faultsMax - m_options.faultsMin) + 1);
    const int count = m_options.faultsMin + static_cast<int>(m_random.below(span));
    for (int i = 0; i < count; ++i) fault(m_kinds[m_random.below(m_kinds.size())]);
    std::stable_sort(m_s.script.begin(), m_s.script.end(),
                     [](const ScriptEntry &a, const ScriptEntry &b) { return a.at < b.at; });
    return std::move(m_s);
  }

private:
  bool isMember(std::string_view id) const {
    return std::find(m_members.begin(), m_members.end(), id) != m_members.end();
  }

  bool isPossible(FaultKind kind) const {
    switch (kind) {
    case FaultKind::CrashEmpty: return m_options.restartEmpty;
    case FaultKind::ClockOffset: return m_options.clockOffset > Duration{};
    case FaultKind::ClockDrift: return m_options.clockDriftPpm > 0;
    case FaultKind::Partition: return m_members.size() > 1;
    case FaultKind::Cut:
    case FaultKind::OneWay:
    case FaultKind::Flap:
    case FaultKind::Loss:
    case FaultKind::Duplicate:
    case FaultKind::Reorder:
    case FaultKind::Slow:
    case FaultKind::Jitter: return !m_links.empty();
    case FaultKind::Overtake: return m_members.size() > 2 && !m_links.empty();
    case FaultKind::Contest:
      if (m_members.size() < 2) return false;
      [[fallthrough]];
    case FaultKind::TimeOut:
      return std::any_of(m_s.nodes.begin(), m_s.nodes.end(),
                         [](const scenario::Node &n) { return runs(n, "raft"); });
    default: return true;
    }
  }

  /// Every second kind, or only few: the fewer, the less comes between what they do. At least one.
  void chooseKinds() {
    std::vector<FaultKind> possible;
    for (int k = 0; k < faultKinds; ++k)
      if (isPossible(static_cast<FaultKind>(k))) possible.push_back(static_cast<FaultKind>(k));
    const double share = m_random.chance(0.5) ? 0.5 : 0.12;
    for (const FaultKind kind : possible)
      if (m_random.chance(share)) m_kinds.push_back(kind);
    if (m_kinds.empty()) m_kinds.push_back(possible[m_random.below(possible.size())]);
  }

  Duration share(double of) const {
    return Duration::ns(static_cast<std::int64_t>(static_cast<double>(m_s.duration.ns()) * of));
  }
  const std::string &oneOf(const std::vector<std::string> &ids) {
    return ids[m_random.below(ids.size())];
  }
  /// Whole milliseconds, as a person would write them.
  static SimTime rounded(SimTime t) { return SimTime::fromNs(t.ns() / 1'000'000 * 1'000'000); }

  /// Short ones are as likely as long ones: each doubling of the length alike.
  Duration drawLength(double leastMs, double mostMs) {
    const double ms = leastMs * detExp(m_random.uniform01() * detLog(mostMs / leastMs));
    return Duration::us(static_cast<std::int64_t>(ms * 1000));
  }
  SimTime drawBegin() {
    const SimTime earliest = SimTime::zero() + share(0.02), latest = SimTime::zero() + share(0.6);
    SimTime begin = earliest + m_random.uniform(Duration{}, latest - earliest);
    if (m_to > SimTime::zero() && m_random.chance(0.5)) {
      // One draw for each statement: compilers choose the order within one.
      const Duration after = drawLength(1, 500);
      begin = (m_random.chance(0.5) ? m_from : m_to) + after;
    }
    return rounded(std::min(begin, latest));
  }
  /// A program that starts again is back sooner than a cable is mended, and both sides of a
  /// partition need time to go on.
  static double leastMs(FaultKind kind) {
    switch (kind) {
    case FaultKind::Crash:
    case FaultKind::Blackout: return 2;
    case FaultKind::Partition: return 150;
    default: return 30;
    }
  }
  void drawSpan(FaultKind kind) {
    m_from = drawBegin();
    const double least = leastMs(kind);
    m_to = bounded(m_from + drawLength(least, std::max(2 * least, share(0.25).toMs())));
  }
  SimTime bounded(SimTime t) const { return rounded(std::min(t, SimTime::zero() + share(0.7))); }

  void entry(SimTime at, Action action, const std::string &target, double value = 0) {
    ScriptEntry e;
    e.id = freeEntryId();
    e.at = at;
    e.action = action;
    e.target = target;
    e.value = value;
    m_s.script.push_back(std::move(e));
  }
  std::string freeEntryId() {
    const auto taken = [this](const std::string &id) {
      return std::any_of(m_s.script.begin(), m_s.script.end(),
                         [&](const ScriptEntry &e) { return e.id == id; });
    };
    std::string id;
    do id = fmt::format("fault-{}", ++m_next);
    while (taken(id));
    return id;
  }
  void spell(Action begin, Action end, const std::string &target) {
    entry(m_from, begin, target);
    entry(m_to, end, target);
  }
  void spell(Action action, const std::string &target, double value, double usual) {
    entry(m_from, action, target, value);
    entry(m_to, action, target, usual);
  }
  double percent(std::uint64_t low, std::uint64_t high) {
    return static_cast<double>(low + m_random.below(high - low + 1)) / 100;
  }

  void fault(FaultKind kind) {
    drawSpan(kind);
    switch (kind) {
    case FaultKind::Crash: spell(Action::CrashNode, Action::RestartNode, oneOf(m_members)); break;
    case FaultKind::Blackout: blackout(); break;
    case FaultKind::CrashEmpty:
      spell(Action::CrashNode, Action::RestartEmpty, oneOf(m_members));
      break;
    case FaultKind::Pause: spell(Action::PauseNode, Action::ResumeNode, oneOf(m_members)); break;
    case FaultKind::Partition: partition(); break;
    case FaultKind::TimeOut: entry(m_from, Action::TimeOut, oneOf(m_members)); break;
    case FaultKind::Contest: contest(); break;
    case FaultKind::Overtake: overtake(); break;
    case FaultKind::Slowness:
    case FaultKind::ClockOffset:
    case FaultKind::ClockDrift: faultOfNode(kind, *m_s.node(oneOf(m_members))); break;
    default: faultOfLink(kind, *m_s.link(oneOf(m_links)));
    }
  }

  void blackout() {
    for (const std::string &member : m_members) entry(m_from, Action::CrashNode, member);
    for (const std::string &member : m_members) entry(m_to, Action::RestartNode, member);
  }

  /// Members in an order of their own, each equally likely at each place.
  std::vector<std::string> shuffled() {
    std::vector<std::string> out = m_members;
    for (std::size_t i = out.size(); i > 1; --i) {
      const std::size_t with = m_random.below(i);
      std::swap(out[i - 1], out[with]);
    }
    return out;
  }
  const scenario::Link *linkOf(const std::string &member) const {
    for (const std::string &id : m_links)
      if (const scenario::Link *link = m_s.link(id);
          link->from.node == member || link->to.node == member)
        return link;
    return nullptr;
  }
  /// A member stands for election, all crash when it may just have won, and another one stands:
  /// what was promised meanwhile must be on the disks.
  void contest() {
    const std::vector<std::string> cast = shuffled();
    entry(m_from, Action::TimeOut, cast[0]);
    const double won = electionMs(cast[0]);
    m_from = bounded(m_from + drawLength(won * 0.7, won * 2.5));
    m_to = bounded(m_from + drawLength(2, 60));
    blackout();
    m_to = bounded(m_to + drawLength(1, 60));
    entry(m_to, Action::TimeOut, cast[1]);
  }
  /// There and back through two links, and what is promised is written on both disks.
  double electionMs(const std::string &member) const {
    const scenario::Link *link = linkOf(member);
    const Duration way = link == nullptr ? Duration{} : link->delay;
    return std::max(1.0, (way * 4 + m_s.node(member)->diskSync * 2).toMs());
  }

  /// Messages come so late that their repetitions were answered long ago, and when they come, who
  /// repeated them crashes; who might know better was away.
  void overtake() {
    const std::vector<std::string> cast = shuffled();
    const scenario::Link *link = linkOf(cast[0]);
    if (link == nullptr) return;
    const SimTime at = m_from;
    const Duration late = drawLength(60, 400);
    const Duration sentLate = drawLength(10, 100);
    const SimTime arrived = at + sentLate + late * 3 / 2;
    m_to = bounded(at + sentLate);
    spell(Action::SetDelay, link->id, std::floor(late.toMs()) * 1e6,
          static_cast<double>(link->delay.ns()));
    m_to = bounded(arrived);
    spell(Action::SetReorder, link->id, percent(30, 90), link->reorder);
    const SimTime crash = bounded(at + late + m_random.uniform(Duration{}, arrived - at - late));
    m_from = at;
    m_to = bounded(crash + drawLength(1, 200));
    if (m_random.chance(0.5))
      spell(Action::CrashNode, Action::RestartNode, cast[1]);
    else if (const scenario::Link *away = linkOf(cast[1]))
      spell(Action::CutLink, Action::RestoreLink, away->id);
    m_from = crash;
    m_to = bounded(crash + drawLength(100, 2000));
    spell(Action::CrashNode, Action::RestartNode, cast[2]);
  }

  void partition() {
    std::vector<double> sides;
    for (std::size_t i = 0; i < m_speakers.size(); ++i)
      sides.push_back(m_random.chance(0.5) ? 1 : 2);
    // A cut that leaves all members together would not be one.
    const std::string &alone = oneOf(m_members);
    const std::string &other = m_members[(memberPlace(alone) + 1) % m_members.size()];
    for (std::size_t i = 0; i < m_speakers.size(); ++i) {
      if (m_speakers[i] == alone) sides[i] = 1;
      if (m_speakers[i] == other) sides[i] = 2;
      entry(m_from, Action::SetPartition, m_speakers[i], sides[i]);
    }
    for (const std::string &speaker : m_speakers) entry(m_to, Action::SetPartition, speaker);
  }
  std::size_t memberPlace(const std::string &id) const {
    return static_cast<std::size_t>(std::find(m_members.begin(), m_members.end(), id) -
                                    m_members.begin());
  }

  void faultOfNode(FaultKind kind, const scenario::Node &node) {
    const std::string id = node.id;
    const double sign = m_random.chance(0.5) ? 1 : -1;
    if (kind == FaultKind::Slowness)
      spell(Action::SetSlowness, id, static_cast<double>(2u << m_random.below(6)), node.slowness);
    if (kind == FaultKind::ClockOffset) {
      const Duration by = m_random.uniform(Duration{}, m_options.clockOffset);
      spell(Action::SetClockOffset, id, sign * std::floor(by.toMs()) * 1e6,
            static_cast<double>(node.clockOffset.ns()));
    }
    if (kind == FaultKind::ClockDrift)
      spell(Action::SetClockDrift, id,
            sign * std::ceil(m_options.clockDriftPpm * m_random.uniform01()), node.clockDriftPpm);
  }

  void faultOfLink(FaultKind kind, const scenario::Link &link) {
    const std::string id = link.id;
    switch (kind) {
    case FaultKind::Cut: spell(Action::CutLink, Action::RestoreLink, id); break;
    case FaultKind::OneWay:
      spell(Action::SetBlocked, id, static_cast<double>(1 + m_random.below(2)), link.blocked);
      break;
    case FaultKind::Flap:
      spell(Action::SetFlap, id, 1e7 * static_cast<double>(1 + m_random.below(50)),
            static_cast<double>(link.flap.ns()));
      break;
    case FaultKind::Loss: spell(Action::SetLoss, id, percent(5, 60), link.loss); break;
    case FaultKind::Duplicate:
      spell(Action::SetDuplicate, id, percent(10, 80), link.duplicate);
      break;
    case FaultKind::Reorder:
      // What is overtaken comes later by half the delay: the longer, the more may overtake it.
      spell(Action::SetReorder, id, percent(10, 80), link.reorder);
      delay(link);
      break;
    case FaultKind::Jitter:
      spell(Action::SetJitter, id, drawnDelay(), static_cast<double>(link.jitter.ns()));
      break;
    default: delay(link);
    }
  }

  double drawnDelay() { return 1e6 * static_cast<double>(5u << m_random.below(6)); }
  void delay(const scenario::Link &link) {
    spell(Action::SetDelay, link.id, drawnDelay(), static_cast<double>(link.delay.ns()));
  }

  Scenario m_s;
  const DrawOptions &m_options;
  RandomStream m_random;
  std::vector<std::string> m_members, m_links, m_speakers;
  std::vector<FaultKind> m_kinds;
  SimTime m_from, m_to;
  int m_next = 0;
};

} // namespace

std::string_view name(FaultKind kind) { return faultNames[static_cast<std::size_t>(kind)]; }

Scenario withDrawnFaults(const Scenario &scenario, std::uint64_t seed, const DrawOptions &options) {
  return FaultDraw(scenario, seed, options).draw();
}

std::vector<std::string> membersOf(const Scenario &scenario) {
  std::vector<std::string> stores, servers;
  for (const scenario::Node &node : scenario.nodes) {
    if (isStore(node)) stores.push_back(node.id);
    if (node.kind == scenario::NodeKind::Server) servers.push_back(node.id);
  }
  return stores.empty() ? servers : stores;
}

std::vector<std::string> clientsOf(const Scenario &scenario) {
  std::vector<std::string> out;
  for (const scenario::Node &node : scenario.nodes)
    if (!isStore(node) && runs(node, "kv-client")) out.push_back(node.id);
  return out;
}

} // namespace packetarium::experiments
