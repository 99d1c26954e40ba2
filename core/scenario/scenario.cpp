// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/scenario.h"

#include "core/scenario/ranges.h"

#include <algorithm>
#include <array>

namespace packetarium::scenario {
namespace {

constexpr std::array<std::string_view, 6> kindNames = {"host",   "laptop", "server",
                                                       "switch", "router", "home-router"};

struct ActionRow {
  ScriptEntry::Kind kind;
  std::string_view name;
  std::string_view valueKey;
  ValueRange range;
};
using Kind = ScriptEntry::Kind;
constexpr double linkNsMax = static_cast<double>(range::linkNs);
constexpr ValueRange probability{0, 1, false};
constexpr std::array<ActionRow, world::actionKinds> actionRows = {{
    {Kind::CrashNode, "crash-node", "", {}},
    {Kind::RestartNode, "restart-node", "", {}},
    {Kind::PauseNode, "pause-node", "", {}},
    {Kind::ResumeNode, "resume-node", "", {}},
    {Kind::CutLink, "cut-link", "", {}},
    {Kind::RestoreLink, "restore-link", "", {}},
    {Kind::SetRate, "set-rate", "rate_bps", {1, static_cast<double>(range::rateBps)}},
    {Kind::SetDelay, "set-delay", "delay_ns", {0, linkNsMax}},
    {Kind::SetJitter, "set-jitter", "jitter_ns", {0, linkNsMax}},
    {Kind::SetLoss, "set-loss", "loss", probability},
    {Kind::SetQueue, "set-queue", "queue_packets", {0, static_cast<double>(range::queuePackets)}},
    {Kind::SetDuplicate, "set-duplicate", "duplicate", probability},
    {Kind::SetReorder, "set-reorder", "reorder", probability},
    {Kind::SetCorrupt, "set-corrupt", "corrupt", probability},
    {Kind::SetBlocked, "set-blocked", "blocked_direction", {0, 2}},
    {Kind::SetFlap, "set-flap", "flap_period_ns", {0, linkNsMax}},
    {Kind::SetSlowness, "set-slowness", "slowness", {1, range::slowness, false}},
    {Kind::SetClockOffset,
     "set-clock-offset",
     "clock_offset_ns",
     {-range::clockOffsetNs, range::clockOffsetNs}},
    {Kind::SetClockDrift,
     "set-clock-drift",
     "clock_drift_ppm",
     {-range::clockDriftPpm, range::clockDriftPpm, false}},
    {Kind::SetPartition, "set-partition", "partition", {0, range::partitions}},
    {Kind::RestartEmpty, "restart-empty", "", {}},
    {Kind::Promote, "promote", "", {}},
    {Kind::TimeOut, "time-out", "", {}},
}};

const ActionRow &rowOf(ScriptEntry::Kind kind) {
  return *std::find_if(actionRows.begin(), actionRows.end(),
                       [kind](const ActionRow &row) { return row.kind == kind; });
}

template <class Items> auto findById(Items &items, std::string_view id) -> decltype(items.data()) {
  const auto at =
      std::find_if(items.begin(), items.end(), [id](const auto &item) { return item.id == id; });
  return at == items.end() ? nullptr : &*at;
}

} // namespace

std::string_view name(NodeKind kind) { return kindNames[static_cast<std::size_t>(kind)]; }

std::optional<NodeKind> nodeKind(std::string_view text) {
  const auto at = std::find(kindNames.begin(), kindNames.end(), text);
  if (at == kindNames.end()) return {};
  return static_cast<NodeKind>(at - kindNames.begin());
}

std::string_view name(ScriptEntry::Kind action) { return rowOf(action).name; }

std::optional<ScriptEntry::Kind> actionKind(std::string_view text) {
  const auto at = std::find_if(actionRows.begin(), actionRows.end(),
                               [text](const ActionRow &row) { return row.name == text; });
  if (at == actionRows.end()) return {};
  return at->kind;
}

std::string_view valueKey(ScriptEntry::Kind action) { return rowOf(action).valueKey; }
bool targetsNode(ScriptEntry::Kind action) { return world::onNode(action); }
ValueRange valueRange(ScriptEntry::Kind action) { return rowOf(action).range; }

const Node *Scenario::node(std::string_view nodeId) const { return findById(nodes, nodeId); }
Node *Scenario::node(std::string_view nodeId) { return findById(nodes, nodeId); }
const Link *Scenario::link(std::string_view linkId) const { return findById(links, linkId); }
Link *Scenario::link(std::string_view linkId) { return findById(links, linkId); }

const Link *linkAt(const Scenario &scenario, std::string_view node, std::string_view interface) {
  const auto isIt = [&](const LinkEnd &end) {
    return end.node == node && end.interface == interface;
  };
  for (const Link &link : scenario.links)
    if (isIt(link.from) || isIt(link.to)) return &link;
  return nullptr;
}

std::string freeId(const Scenario &scenario, std::string_view stem) {
  std::string id(stem);
  for (int i = 2; scenario.node(id) != nullptr || scenario.link(id) != nullptr; ++i)
    id = std::string(stem) + "-" + std::to_string(i);
  return id;
}

} // namespace packetarium::scenario
