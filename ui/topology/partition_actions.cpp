// SPDX-License-Identifier: GPL-3.0-or-later
// Partitions: a stroke of the knife, groups, and how they are healed.
#include "ui/theme/icons.h"
#include "ui/topology/fault_actions.h"
#include "ui/widgets/format.h"

#include <QMenu>

#include <algorithm>

namespace packetarium::ui {
namespace {

using Kind = scenario::ScriptEntry::Kind;

QString partitionWhen(SimTime at) {
  return at == SimTime::zero() ? FaultActions::tr("from the start")
                               : FaultActions::tr("at %1").arg(formatTimeShort(at.ns()));
}

} // namespace

void FaultActions::cutAll(const std::vector<std::uint32_t> &links) {
  if (links.size() == 1) return apply(Kind::CutLink, Selection::ofLink({links.front()}));
  const SimTime at = m_state.now();
  std::vector<FaultRequest> requests;
  for (const std::uint32_t link : links)
    requests.push_back({Kind::CutLink, m_state.network().links[link].id, 0, at});
  const QString label = tr("Partition: cut %1 links %2").arg(links.size()).arg(partitionWhen(at));
  report(applyFaults(m_state.document(), label, requests), label);
}

bool FaultActions::canPartition() const {
  std::size_t inside = 0, hosts = 0, hostsInside = 0;
  for (const scenario::Node &node : m_state.scenario().nodes) {
    const bool marked = m_state.isMarked(node.id);
    if (marked && node.kind != scenario::NodeKind::Switch) ++inside;
    hosts += scenario::isHost(node.kind);
    hostsInside += marked && scenario::isHost(node.kind);
  }
  return inside > 0 && hosts > hostsInside;
}

void FaultActions::partitionMarked() {
  if (!canPartition())
    return Q_EMIT failed(tr("Mark the nodes of one side first; the other hosts are the other."));
  const SimTime at = m_state.now();
  std::vector<FaultRequest> requests;
  std::size_t inside = 0;
  for (const scenario::Node &node : m_state.scenario().nodes) {
    if (node.kind == scenario::NodeKind::Switch) continue;
    const bool marked = m_state.isMarked(node.id);
    if (!marked && !scenario::isHost(node.kind)) continue;
    inside += marked;
    requests.push_back({Kind::SetPartition, node.id, marked ? 1.0 : 2.0, at});
  }
  const QString label =
      tr("Partition %1 from the rest %2")
          .arg(inside == 1 ? targetLabel(m_state.scenario(), m_state.marked().front())
                           : tr("%1 nodes").arg(inside),
               partitionWhen(at));
  report(applyFaults(m_state.document(), label, requests), label);
}

std::vector<FaultRequest> FaultActions::healing() const {
  const scenario::Scenario &s = m_state.scenario();
  const SimTime at = m_state.now();
  std::vector<FaultRequest> requests;
  for (const scenario::Link &link : s.links)
    if (conditionAt(s, link.id, Kind::CutLink, at) == 0)
      requests.push_back({Kind::RestoreLink, link.id, 0, at});
  for (const scenario::Node &node : s.nodes)
    if (conditionAt(s, node.id, Kind::SetPartition, at) != 0)
      requests.push_back({Kind::SetPartition, node.id, 0, at});
  return requests;
}

bool FaultActions::isPartitioned() const {
  const scenario::Scenario &s = m_state.scenario();
  if (std::any_of(s.links.begin(), s.links.end(), [](const auto &link) { return !link.up; }))
    return !healing().empty();
  const bool ever = std::any_of(s.script.begin(), s.script.end(), [](const auto &entry) {
    return entry.action == Kind::CutLink || entry.action == Kind::SetPartition;
  });
  return ever && !healing().empty();
}

void FaultActions::healAll() {
  const std::vector<FaultRequest> requests = healing();
  if (requests.empty()) return Q_EMIT failed(tr("There is no partition to heal."));
  const QString label = tr("Heal all partitions %1").arg(partitionWhen(m_state.now()));
  report(applyFaults(m_state.document(), label, requests), label);
}

void FaultActions::fillPartitions(QMenu &menu) {
  const bool several = m_state.marked().size() > 1 && canPartition();
  const bool heal = m_state.marked().size() != 1 && isPartitioned();
  if (!several && !heal) return;
  menu.addSeparator();
  const auto add = [&](const char *icon, const QString &text, const QString &help,
                       void (FaultActions::*does)()) {
    QAction *action = menu.addAction(ui::icon(icon, m_state.theme()), text);
    action->setToolTip(help);
    connect(action, &QAction::triggered, this, does);
  };
  if (several)
    add("partition", tr("Partition from the Rest"),
        tr("What is marked and the other hosts no longer hear each other"),
        &FaultActions::partitionMarked);
  if (heal)
    add("restore", tr("Heal All Partitions"),
        tr("Plugs every cut cable in again and takes every node off its side"),
        &FaultActions::healAll);
}

} // namespace packetarium::ui
