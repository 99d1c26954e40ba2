// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/packet_tree.h"

#include "core/analysis/delivery.h"

#include <algorithm>

namespace packetarium::analysis {

using trace::RecordKind;
using trace::Sequence;

std::size_t PacketTree::parentOf(Sequence cause) const {
  for (std::size_t i = m_rewrites.size(); i-- > 0;)
    if (m_rewrites[i].first == cause) cause = m_rewrites[i].second;
  for (std::size_t i = m_hops.size(); i-- > 0;)
    if (m_hops[i].ended == cause && m_hops[i].received) return i;
  // A link made a second one of it: both left the same node.
  for (const TreeHop &hop : m_hops)
    if (hop.sent == cause && cause != 0) return hop.parent;
  return TreeHop::root;
}

std::size_t PacketTree::hopOf(Sequence sequence) const {
  for (std::size_t i = 0; i < m_hops.size(); ++i) {
    const TreeHop &h = m_hops[i];
    if (h.sent == sequence || h.queued == sequence || h.ended == sequence) return i;
  }
  for (const TreeDrop &d : m_drops)
    if (d.sequence == sequence) return d.parent;
  return TreeHop::root;
}

void PacketTree::take(const trace::Trace &trace, const net::Blueprint &network,
                      const trace::Record &r, Sequence s) {
  m_last = r.at;
  switch (r.kind) {
  case RecordKind::FrameQueued:
  case RecordKind::FrameSent: takeSent(network, r, s); break;
  case RecordKind::PacketRewritten: m_rewrites.emplace_back(s, r.cause); break;
  case RecordKind::FrameDropped: takeDropped(r, s); break;
  case RecordKind::FrameReceived: {
    const std::size_t i = hopOf(r.args[0]);
    if (i == TreeHop::root) break;
    TreeHop &hop = m_hops[i];
    hop.ended = s;
    hop.endedAt = r.at;
    hop.received = true;
    hop.final = isFinalReception(trace, network, s);
    break;
  }
  default: break;
  }
}

void PacketTree::takeSent(const net::Blueprint &network, const trace::Record &r, Sequence s) {
  const bool sent = r.kind == RecordKind::FrameSent;
  const Sequence waited = sent ? trace::sentArgs(r).queued : 0;
  std::size_t i = waited != 0 ? hopOf(waited) : TreeHop::root;
  if (i == TreeHop::root) {
    if (r.link >= network.links.size()) return;
    TreeHop hop;
    hop.parent = parentOf(r.cause);
    hop.form = r.packet;
    hop.link = r.link;
    hop.end = static_cast<std::uint8_t>(trace::sendingEnd(r));
    hop.from = r.node;
    hop.to = farNode(network, r.link, hop.end);
    i = m_hops.size();
    m_hops.push_back(hop);
  }
  TreeHop &hop = m_hops[i];
  (sent ? hop.sent : hop.queued) = s;
  (sent ? hop.sentAt : hop.queuedAt) = r.at;
  if (sent) hop.arrival = trace::sentArgs(r).arrival;
}

void PacketTree::takeDropped(const trace::Record &r, Sequence s) {
  const auto reason = static_cast<trace::DropReason>(r.detail);
  const std::size_t i = r.args[0] != 0 ? hopOf(r.args[0]) : TreeHop::root;
  if (i == TreeHop::root) {
    m_drops.push_back({parentOf(r.cause), s, r.at, r.node, r.link, reason});
    return;
  }
  TreeHop &hop = m_hops[i];
  hop.ended = s;
  hop.endedAt = r.at;
  hop.lost = true;
  hop.reason = reason;
}

bool PacketTree::moving() const {
  return std::any_of(m_hops.begin(), m_hops.end(), [](const TreeHop &h) { return h.ended == 0; });
}

bool PacketTree::settled() const {
  for (std::size_t i = 0; i < m_hops.size(); ++i) {
    const TreeHop &h = m_hops[i];
    if (h.ended == 0) return false;
    if (h.lost || h.final) continue;
    const bool droppedBehind = std::any_of(m_drops.begin(), m_drops.end(),
                                           [&](const TreeDrop &d) { return d.parent == i; });
    if (!droppedBehind && childCount(i) == 0) return false; // held in the node (ARP, pause)
  }
  return true;
}

std::size_t PacketTree::childCount(std::size_t hop) const {
  return static_cast<std::size_t>(std::count_if(m_hops.begin(), m_hops.end(),
                                                [&](const TreeHop &h) { return h.parent == hop; }));
}

bool PacketTree::isBehind(std::size_t hop, std::size_t ancestor) const {
  for (; hop != TreeHop::root; hop = m_hops[hop].parent)
    if (hop == ancestor) return true;
  return ancestor == TreeHop::root;
}

std::optional<std::size_t> PacketTree::delivered(std::size_t through) const {
  std::optional<std::size_t> any;
  for (std::size_t i = 0; i < m_hops.size(); ++i) {
    if (!m_hops[i].final) continue;
    if (isBehind(i, through)) return i;
    if (!any) any = i;
  }
  return through == TreeHop::root ? any : std::nullopt;
}

std::vector<std::size_t> PacketTree::pathTo(std::size_t hop) const {
  std::vector<std::size_t> path;
  for (; hop != TreeHop::root; hop = m_hops[hop].parent) path.push_back(hop);
  std::reverse(path.begin(), path.end());
  return path;
}

} // namespace packetarium::analysis
