// SPDX-License-Identifier: GPL-3.0-or-later
// What the canvas's still layer shows of nodes and links, from the frame and the cluster.
#include "ui/cluster/cluster_watch.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/cluster/role_words.h"
#include "ui/cluster/server_watch.h"
#include "ui/document/fault_kinds.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace packetarium::ui {
namespace {

double widthOf(std::uint64_t rateBps) {
  return std::clamp(
      1.0 + 0.35 * std::log10(std::max<double>(static_cast<double>(rateBps), 1e5) / 1e5), 1.0, 3.6);
}

// When the link went down for good, as seen from the record; none when it was never up.
std::optional<SimTime> cutSince(const analysis::Chronicle &chronicle, std::uint32_t link,
                                trace::Sequence upTo) {
  const auto &changes = chronicle.changes();
  for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
    if (it->sequence > upTo || it->record.link != link) continue;
    if (it->record.kind == trace::RecordKind::LinkState && it->record.detail == 0)
      return it->record.at;
  }
  return std::nullopt;
}

quint64 mixKey(quint64 key, quint64 value) {
  return (key ^ value) * 0x9E3779B97F4A7C15ULL + (key >> 29);
}

// Changes whenever something does that the static layer shows.
quint64 keyOf(const analysis::Frame &frame) {
  quint64 key = frame.nodes.size();
  const auto share = [](double value) { return static_cast<quint64>(value * 1e9); };
  for (const auto health : frame.nodes) key = mixKey(key, static_cast<quint64>(health));
  for (const analysis::NodeView &node : frame.conditions) {
    key = mixKey(key, node.partition);
    key = mixKey(key, (node.slowness != 1 ? 1U : 0U) | (node.clockOffset != Duration{} ? 2U : 0U));
  }
  for (const analysis::LinkView &link : frame.links) {
    key = mixKey(key, link.up);
    key = mixKey(key, link.rateBps);
    key = mixKey(key, static_cast<quint64>(link.delay.ns()));
    key = mixKey(key, share(link.loss));
    key = mixKey(key, share(link.duplicate + 2 * link.reorder + 3 * link.corrupt));
    key =
        mixKey(key, static_cast<quint64>(link.flap.ns()) * 4 + static_cast<quint64>(link.blocked));
  }
  return key;
}

quint64 keyOf(const analysis::ClusterState &cluster) {
  quint64 key = cluster.roles.size();
  for (const analysis::RoleView &role : cluster.roles)
    key = mixKey(mixKey(key, role.node), std::hash<std::string>{}(role.role));
  for (const analysis::LogView &log : cluster.logs) key = mixKey(mixKey(key, log.node), log.lag);
  return key;
}

// Only of what is drawn: the numbers are told when one asks.
quint64 keyOf(const std::vector<analysis::ServerHealth> &servers) {
  quint64 key = servers.size();
  for (const analysis::ServerHealth &server : servers)
    key = mixKey(mixKey(key, server.node), static_cast<quint64>(server.health));
  return key;
}

bool isStanding(const analysis::MemberView &member) {
  return member.role == "candidate" || member.role == "pre-candidate";
}

// Who wears a ring, and who has room for votes around it; not how far the ring has run.
quint64 keyOf(const analysis::ConsensusState &consensus) {
  quint64 key = consensus.members.size();
  for (const analysis::MemberView &member : consensus.members)
    key = mixKey(mixKey(key, member.node),
                 (member.role == "down" ? 1U : 0U) + (isStanding(member) ? 2U : 0U));
  return key;
}

} // namespace

void Canvas::refreshLook() {
  const analysis::Frame &frame = m_state.frame();
  const bool moved = m_tags->update();
  const quint64 told = mixKey(mixKey(keyOf(clusterOf(m_state)), keyOf(consensusOf(m_state))),
                              keyOf(ServerWatch::of(m_state).now()));
  const quint64 key = mixKey(mixKey(keyOf(frame), told), m_captions) | 1;
  if (key == m_lookKey && !moved) return;
  const CanvasModel &model = m_scene.model();
  if (frame.nodes.size() != model.nodes.size() || frame.links.size() != model.links.size()) return;
  m_lookKey = key;
  m_look.captions = m_captions;
  lookAtNodes();
  lookAtMembers();
  lookAtLinks();
  invalidate();
}

void Canvas::lookAtNodes() {
  const analysis::Frame &frame = m_state.frame();
  const analysis::ClusterState &cluster = clusterOf(m_state);
  m_look.nodes.assign(m_scene.model().nodes.size(), {});
  for (std::size_t i = 0; i < m_look.nodes.size(); ++i) {
    CanvasLook::Node &look = m_look.nodes[i];
    look.health = frame.nodes[i];
    if (i >= frame.conditions.size()) continue;
    look.side = frame.conditions[i].partition;
    look.slow = frame.conditions[i].slowness != 1;
    look.clockWrong = frame.conditions[i].clockOffset != Duration{};
  }
  for (const analysis::ServerHealth &server : ServerWatch::of(m_state).now())
    if (server.node < m_look.nodes.size()) m_look.nodes[server.node].served = server.health;
  for (const analysis::RoleView &told : cluster.roles) {
    if (told.node >= m_look.nodes.size()) continue;
    CanvasLook::Node &look = m_look.nodes[told.node];
    const RoleLook role = roleLook(told.role);
    if (look.health == trace::NodeHealth::Crashed) continue;
    if (!look.roleIcon.empty() && look.rank <= static_cast<int>(role.rank)) continue;
    look.roleIcon = role.icon;
    look.rank = static_cast<int>(role.rank);
    look.role = QString::fromStdString(told.role);
    const analysis::LogView *log = logOf(cluster, told.node, told.service);
    look.lag = log != nullptr && log->lag > 0 ? tr("%1 behind").arg(log->lag) : QString();
  }
}

void Canvas::lookAtMembers() {
  for (const analysis::MemberView &member : consensusOf(m_state).members) {
    if (member.node >= m_look.nodes.size() || member.role == "down") continue;
    m_look.nodes[member.node].dial = true;
    m_look.nodes[member.node].votes = isStanding(member);
  }
}

void Canvas::lookAtLinks() {
  const analysis::Frame &frame = m_state.frame();
  const CanvasModel &model = m_scene.model();
  m_look.links.assign(model.links.size(), {});
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const analysis::LinkView &link = frame.links[i];
    CanvasLook::Link &look = m_look.links[i];
    look.up = link.up;
    look.oneWay = link.blocked == 0 ? 0 : 3 - link.blocked;
    look.width = widthOf(link.rateBps);
    look.caption = formatDuration(link.delay.ns()) + QStringLiteral(" · ") +
                   formatBitRate(static_cast<double>(link.rateBps));
    QStringList conditions;
    if (!link.up) {
      const auto since =
          cutSince(m_state.chronicle(), static_cast<std::uint32_t>(i), frame.cursor.upTo);
      conditions << (since ? tr("cut at %1").arg(formatTimeShort(since->ns())) : tr("cut"));
      for (const std::uint32_t end : {model.links[i].a, model.links[i].b})
        m_look.nodes[end].degraded = true;
    } else {
      if (link.blocked != 0) conditions << tr("one way");
      if (link.loss > 0) conditions << tr("%1 loss").arg(formatPercent(link.loss));
      if (link.duplicate > 0) conditions << tr("%1 twice").arg(formatPercent(link.duplicate));
      if (link.reorder > 0) conditions << tr("%1 late").arg(formatPercent(link.reorder));
      if (link.corrupt > 0) conditions << tr("%1 corrupt").arg(formatPercent(link.corrupt));
    }
    if (link.flap > Duration{})
      conditions << tr("flaps %1")
                        .arg(valueText(FaultAction::SetFlap, static_cast<double>(link.flap.ns())));
    look.condition = conditions.join(QStringLiteral(", "));
  }
}

} // namespace packetarium::ui
