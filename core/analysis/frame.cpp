// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/frame.h"

#include "core/analysis/frame_parts.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;

bool socketBefore(const trace::Record &a, const trace::Record &b) {
  return a.node != b.node ? a.node < b.node : a.args[0] < b.args[0];
}

void fillFaults(Frame &frame) {
  for (std::uint32_t n = 0; n < frame.nodes.size(); ++n)
    if (frame.nodes[n] != trace::NodeHealth::Up)
      frame.faults.push_back({n, LinkIndex::noneValue, frame.nodes[n], false});
  for (std::uint32_t l = 0; l < frame.links.size(); ++l)
    if (!frame.links[l].up)
      frame.faults.push_back({NodeIndex::noneValue, l, trace::NodeHealth::Up, true});
}

/// Slot whose replay gives the state after a record: its own, or the one that opens behind it.
std::size_t slotFor(const trace::Trace &trace, trace::Sequence upTo) {
  if (trace.empty()) return 0;
  if (upTo == 0) return 0;
  const std::size_t own = trace.slotOf(upTo);
  const auto &slots = trace.slots();
  if (own >= slots.size()) return slots.size() - 1;
  const bool atEnd = upTo + 1 == slots[own].summary.end();
  if (!slots[own].chunk && atEnd && own + 1 < slots.size() && slots[own + 1].chunk) return own + 1;
  return own;
}

} // namespace

void FrameBuilder::open(trace::ChunkPtr chunk) {
  m_chunk = std::move(chunk);
  m_done = 0;
  m_flights.open(*m_chunk);
  m_nodes = m_chunk->keyframe.nodes;
  m_conditions.assign(m_nodes.size(), {});
  for (const trace::NodeCondition &c : m_chunk->keyframe.conditions)
    if (c.node < m_conditions.size()) m_conditions[c.node] = c;
  m_links = m_chunk->keyframe.links;
  m_sockets.clear();
  for (const trace::SocketSnapshot &s : m_chunk->keyframe.sockets)
    m_sockets.push_back({s.sequence, s.state});
}

void FrameBuilder::replayTo(trace::Sequence upTo) {
  const trace::Sequence first = m_chunk->summary.first;
  const auto wanted = static_cast<std::uint32_t>(
      upTo < first ? 0 : std::min<trace::Sequence>(upTo - first + 1, m_chunk->records.size()));
  if (wanted < m_done) open(m_chunk);
  while (m_done < wanted) apply(m_done++);
}

void FrameBuilder::apply(std::uint32_t index) {
  const trace::Record &r = m_chunk->records[index];
  m_flights.apply(index);
  switch (r.kind) {
  case RecordKind::NodeState:
    if (r.node < m_nodes.size()) m_nodes[r.node] = static_cast<trace::NodeHealth>(r.detail);
    if (static_cast<trace::NodeHealth>(r.detail) == trace::NodeHealth::Crashed)
      std::erase_if(m_sockets, [&](const Socket &s) { return s.record.node == r.node; });
    break;
  case RecordKind::LinkState:
    if (r.link < m_links.size()) m_links[r.link].up = r.detail != 0;
    break;
  case RecordKind::LinkChanged:
    if (r.link < m_links.size()) applyLinkChange(m_links[r.link], r);
    break;
  case RecordKind::NodeChanged:
    if (r.node < m_conditions.size()) applyNodeChange(m_conditions[r.node], r);
    break;
  case RecordKind::TcpState: applySocket(r, m_chunk->summary.first + index); break;
  default: break;
  }
}

void FrameBuilder::applySocket(const trace::Record &r, trace::Sequence s) {
  const auto at = std::lower_bound(
      m_sockets.begin(), m_sockets.end(), r,
      [](const Socket &a, const trace::Record &b) { return socketBefore(a.record, b); });
  const bool known = at != m_sockets.end() && !socketBefore(r, at->record);
  if (r.detail == closedState) {
    if (known) m_sockets.erase(at);
  } else if (known) {
    *at = {s, r};
  } else {
    m_sockets.insert(at, {s, r});
  }
}

void FrameBuilder::fillNodes(Frame &frame) const {
  frame.nodes = m_nodes;
  for (const trace::NodeCondition &c : m_conditions)
    frame.conditions.push_back(
        {c.slowness, clockAhead(c, frame.cursor.at), c.clockDriftPpm, c.partition});
}

void FrameBuilder::fillLinks(Frame &frame) const {
  frame.links.resize(m_links.size());
  for (std::size_t i = 0; i < m_links.size(); ++i) {
    const trace::LinkSnapshot &s = m_links[i];
    LinkView &v = frame.links[i];
    v.up = s.up;
    v.rateBps = s.rateBps;
    v.delay = s.delay;
    v.jitter = s.jitter;
    v.loss = s.loss;
    v.queueLimit = s.queuePackets;
    v.duplicate = s.duplicate;
    v.reorder = s.reorder;
    v.corrupt = s.corrupt;
    v.blocked = s.blocked;
    v.flap = s.flap;
  }
  for (const FlightTable::Entry &e : m_flights.entries()) {
    if (!e.alive || e.record->link >= frame.links.size()) continue;
    auto &direction = frame.links[e.record->link].directions[trace::sendingEnd(*e.record)];
    ++(e.queued() ? direction.queued : direction.inFlight);
  }
}

PacketView FrameBuilder::packetView(const FlightTable::Entry &entry, SimTime at) const {
  const trace::Record &r = *entry.record;
  const trace::SentArgs args = trace::sentArgs(r);
  PacketView v;
  v.sent = entry.sequence;
  v.packet = r.packet;
  v.link = r.link;
  v.frameBytes = args.frameBytes;
  v.end = static_cast<std::uint8_t>(trace::sendingEnd(r));
  v.protocol = trace::protocolClass(r);
  const auto whole = static_cast<double>((args.arrival - r.at).ns());
  const auto gone = static_cast<double>((at - r.at).ns());
  const double progress = whole <= 0 ? 1 : std::clamp(gone / whole, 0.0, 1.0);
  const std::uint64_t rate = r.link < m_links.size() ? m_links[r.link].rateBps : 0;
  const double sending = rate == 0 ? 0 : 8e9 * args.frameBytes / static_cast<double>(rate);
  const double tail = whole <= 0 ? 0 : std::clamp(sending / whole, 0.0, 1.0);
  v.progress = static_cast<float>(progress);
  v.tail = static_cast<float>(std::max(0.0, progress - tail));
  return v;
}

void FrameBuilder::fillPackets(Frame &frame, const FrameOptions &options) const {
  const std::uint32_t limit = flowThreshold(frame.links, options.packetsMax);
  FlowTally tally(frame.links, limit);
  for (const FlightTable::Entry &e : m_flights.entries()) {
    if (!e.alive || e.queued() || e.record->link >= frame.links.size()) continue;
    ++frame.inFlightTotal;
    if (!tally.take(*e.record)) frame.packets.push_back(packetView(e, frame.cursor.at));
  }
  frame.flows = tally.flows();
}

void FrameBuilder::fillQueued(Frame &frame) const {
  for (const FlightTable::Entry &e : m_flights.entries()) {
    if (!e.alive || !e.queued()) continue;
    const trace::Record &r = *e.record;
    QueuedView v;
    v.queued = e.sequence;
    v.packet = r.packet;
    v.link = r.link;
    v.frameBytes = static_cast<std::uint16_t>(r.args[0]);
    v.end = static_cast<std::uint8_t>(trace::sendingEnd(r));
    v.protocol = trace::protocolClass(r);
    frame.queued.push_back(v);
  }
  std::stable_sort(frame.queued.begin(), frame.queued.end(),
                   [](const QueuedView &a, const QueuedView &b) {
                     return a.link != b.link ? a.link < b.link : a.end < b.end;
                   });
  for (std::size_t i = 1; i < frame.queued.size(); ++i) {
    const QueuedView &before = frame.queued[i - 1];
    QueuedView &v = frame.queued[i];
    if (before.link == v.link && before.end == v.end) v.position = before.position + 1;
  }
}

Frame FrameBuilder::at(const trace::Trace &trace, Cursor cursor, const FrameOptions &options,
                       const Chronicle *chronicle) {
  Frame frame;
  frame.cursor = cursor;
  frame.slot = slotFor(trace, cursor.upTo);
  const trace::ChunkPtr chunk = trace.empty() ? nullptr : trace.slots()[frame.slot].chunk;
  if (!chunk) {
    frame.pending = true;
    return frame;
  }
  if (chunk != m_chunk) open(chunk);
  replayTo(cursor.upTo);
  fillNodes(frame);
  fillLinks(frame);
  fillPackets(frame, options);
  fillQueued(frame);
  for (const Socket &s : m_sockets)
    frame.sockets.push_back({s.record.node, s.since, trace::tcpStateArgs(s.record),
                             static_cast<std::uint8_t>(s.record.detail)});
  fillFaults(frame);
  fillRecent(frame, trace, options);
  fillStory(frame, trace, chronicle);
  return frame;
}

Frame frameAt(const trace::Trace &trace, Cursor cursor, const FrameOptions &options,
              const Chronicle *chronicle) {
  FrameBuilder builder;
  return builder.at(trace, cursor, options, chronicle);
}

} // namespace packetarium::analysis
