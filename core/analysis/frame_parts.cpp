// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/frame_parts.h"

#include "core/net/device.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;

/// Looking back stops here, so that a frame's cost stays bounded however busy the run is.
constexpr std::size_t lookBackMax = 8192;

/// Sending time of a frame that lies in [from, to], in ns.
double busyWithin(const trace::Record &sent, double rateBps, SimTime from, SimTime to) {
  const double begin = static_cast<double>(std::max(sent.at, from).ns());
  const double sending = 8e9 * trace::sentArgs(sent).frameBytes / rateBps;
  const double end =
      std::min(static_cast<double>(sent.at.ns()) + sending, static_cast<double>(to.ns()));
  return std::max(0.0, end - begin);
}

DropView dropView(const trace::Trace &trace, const trace::Record &r, trace::Sequence s,
                  SimTime now) {
  DropView v;
  v.record = s;
  v.packet = r.packet;
  v.reason = static_cast<trace::DropReason>(r.detail);
  v.node = r.node;
  v.link = r.link;
  v.age = now - r.at;
  const trace::Record *sent = r.args[0] != 0 ? trace.record(r.args[0]) : nullptr;
  if (sent != nullptr) {
    v.protocol = trace::protocolClass(*sent);
    v.end = static_cast<std::uint8_t>(trace::sendingEnd(*sent));
  } else if (const wire::Packet *form = trace.packet(r.packet)) {
    v.protocol = static_cast<std::uint8_t>(form->protocol);
  }
  if (sent == nullptr || sent->kind != RecordKind::FrameSent || sent->link != r.link) return v;
  const auto whole = static_cast<double>((trace::sentArgs(*sent).arrival - sent->at).ns());
  const auto gone = static_cast<double>((r.at - sent->at).ns());
  v.position = whole <= 0 ? 1.0F : static_cast<float>(std::clamp(gone / whole, 0.0, 1.0));
  v.onLink = v.position < 1.0F;
  return v;
}

} // namespace

void applyLinkChange(trace::LinkSnapshot &link, const trace::Record &changed) {
  const double value = trace::doubleOf(changed.args[0]);
  const Duration time = Duration::ns(static_cast<std::int64_t>(value));
  switch (static_cast<trace::LinkQuantity>(changed.detail)) {
  case trace::LinkQuantity::Rate:
    link.rateBps = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(value));
    break;
  case trace::LinkQuantity::Delay: link.delay = time; break;
  case trace::LinkQuantity::Jitter: link.jitter = time; break;
  case trace::LinkQuantity::Loss: link.loss = value; break;
  case trace::LinkQuantity::Queue: link.queuePackets = static_cast<std::uint32_t>(value); break;
  case trace::LinkQuantity::Duplicate: link.duplicate = value; break;
  case trace::LinkQuantity::Reorder: link.reorder = value; break;
  case trace::LinkQuantity::Corrupt: link.corrupt = value; break;
  case trace::LinkQuantity::Blocked: link.blocked = static_cast<int>(value); break;
  case trace::LinkQuantity::Flap: link.flap = time; break;
  }
}

Duration clockAhead(const trace::NodeCondition &node, SimTime at) {
  const net::NodeClock clock{node.clockSince, node.clockOffset, node.clockDriftPpm, Duration{}};
  return clock.at(at) - at;
}

void applyNodeChange(trace::NodeCondition &node, const trace::Record &changed) {
  const double value = trace::doubleOf(changed.args[0]);
  switch (static_cast<trace::NodeQuantity>(changed.detail)) {
  case trace::NodeQuantity::Slowness: node.slowness = std::max(1.0, value); break;
  case trace::NodeQuantity::ClockOffset:
    node.clockOffset = Duration::ns(static_cast<std::int64_t>(value));
    node.clockSince = changed.at;
    break;
  case trace::NodeQuantity::ClockDrift:
    node.clockOffset = clockAhead(node, changed.at); // what it has gained so far, it keeps
    node.clockSince = changed.at;
    node.clockDriftPpm = value;
    break;
  case trace::NodeQuantity::Partition: node.partition = static_cast<std::uint32_t>(value); break;
  case trace::NodeQuantity::DiskLost: break; // over at once
  }
}

std::uint32_t flowThreshold(const std::vector<LinkView> &links, std::size_t packetsMax) {
  std::vector<std::uint32_t> counts;
  std::size_t total = 0;
  for (const LinkView &l : links)
    for (const DirectionView &d : l.directions) {
      total += d.inFlight;
      if (d.inFlight > 0) counts.push_back(d.inFlight);
    }
  if (total <= packetsMax) return ~std::uint32_t{0};
  std::sort(counts.begin(), counts.end());
  std::size_t sum = 0;
  std::uint32_t limit = 0;
  for (std::size_t i = 0; i < counts.size();) {
    std::size_t same = i;
    while (same < counts.size() && counts[same] == counts[i]) sum += counts[same++];
    if (sum > packetsMax) break;
    limit = counts[i];
    i = same;
  }
  return limit;
}

bool FlowTally::take(const trace::Record &sent) {
  const auto end = static_cast<std::size_t>(trace::sendingEnd(sent));
  if (m_links[sent.link].directions[end].inFlight <= m_limit) return false;
  if (m_tallies.empty()) m_tallies.resize(m_links.size() * 2);
  Tally &t = m_tallies[sent.link * std::size_t{2} + end];
  ++t.packets;
  t.bytes += trace::sentArgs(sent).frameBytes;
  ++t.byClass[trace::protocolClass(sent) % classes];
  return true;
}

std::vector<FlowView> FlowTally::flows() const {
  std::vector<FlowView> out;
  for (std::size_t i = 0; i < m_tallies.size(); ++i) {
    const Tally &t = m_tallies[i];
    if (t.packets == 0) continue;
    FlowView v;
    v.link = static_cast<std::uint32_t>(i / 2);
    v.end = static_cast<std::uint8_t>(i % 2);
    v.packets = t.packets;
    v.bytes = t.bytes;
    const auto top = std::max_element(t.byClass.begin(), t.byClass.end());
    v.protocol = static_cast<std::uint8_t>(top - t.byClass.begin());
    out.push_back(v);
  }
  return out;
}

namespace {

/// Walks back from a record over chunks in memory, at most lookBackMax records.
template <class Visit> void walkBack(const trace::Trace &trace, trace::Sequence from, Visit visit) {
  std::size_t left = lookBackMax;
  for (trace::Sequence s = from; s > 0 && left > 0;) {
    const std::size_t slot = trace.slotOf(s);
    if (slot >= trace.slots().size() || !trace.slots()[slot].chunk) return;
    const trace::Chunk &chunk = *trace.slots()[slot].chunk;
    const trace::Sequence first = chunk.summary.first;
    for (; s >= first && s > 0 && left > 0; --s, --left)
      if (!visit(chunk.records[s - first], s)) return;
  }
}

} // namespace

void fillRecent(Frame &frame, const trace::Trace &trace, const FrameOptions &options) {
  const SimTime now = frame.cursor.at;
  const auto since = [&](Duration window) { return std::max(SimTime::zero(), now - window); };
  const SimTime useFrom = since(options.recentWindow);
  const SimTime dropsFrom = since(options.recentDrops);
  const SimTime notesFrom = since(options.recentNotes);
  // A frame that began to leave before the window may still be leaving in it.
  const SimTime all = std::min({useFrom - options.recentWindow, dropsFrom, notesFrom});
  SimTime oldest = now;
  std::size_t seen = 0;
  const auto visit = [&](const trace::Record &r, trace::Sequence s) {
    if (r.at < all) return false;
    ++seen;
    oldest = r.at;
    if (r.kind == RecordKind::FrameSent && r.link < frame.links.size()) {
      LinkView &link = frame.links[r.link];
      DirectionView &d = link.directions[static_cast<std::size_t>(trace::sendingEnd(r))];
      d.utilisation += busyWithin(r, static_cast<double>(link.rateBps), useFrom, now);
      if (r.at >= useFrom) d.throughputBps += 8.0 * trace::sentArgs(r).frameBytes;
    } else if (r.kind == RecordKind::FrameDropped && r.at >= dropsFrom &&
               frame.drops.size() < options.dropsMax) {
      frame.drops.push_back(dropView(trace, r, s, now));
    } else if (r.kind == RecordKind::Note && r.at >= notesFrom &&
               frame.notes.size() < options.notesMax) {
      frame.notes.push_back(s);
    }
    return true;
  };
  walkBack(trace, frame.cursor.upTo, visit);
  std::reverse(frame.drops.begin(), frame.drops.end());
  std::reverse(frame.notes.begin(), frame.notes.end());
  const SimTime reached = seen >= lookBackMax ? std::max(oldest, useFrom) : useFrom;
  const double window = std::max(1.0, static_cast<double>((now - reached).ns()));
  for (LinkView &link : frame.links)
    for (DirectionView &d : link.directions) {
      d.utilisation = std::min(1.0, d.utilisation / window);
      d.throughputBps = d.throughputBps * 1e9 / window;
    }
  for (FlowView &flow : frame.flows)
    flow.rateBps = frame.links[flow.link].directions[flow.end].throughputBps;
}

void fillStory(Frame &frame, const trace::Trace &trace, const Chronicle *chronicle) {
  const trace::Sequence upTo = frame.cursor.upTo;
  if (chronicle != nullptr) {
    if (const PhaseMark *m = chronicle->phaseAt(upTo)) frame.phase = m->sequence;
    if (const RequestMark *m = chronicle->activeRequest(upTo)) frame.request = m->started;
    return;
  }
  std::vector<std::pair<std::uint32_t, std::uint64_t>> ended;
  const auto visit = [&](const trace::Record &r, trace::Sequence s) {
    if (r.kind == RecordKind::Phase && !frame.phase) frame.phase = s;
    const std::pair who{r.node, r.args[0]};
    if (r.kind == RecordKind::RequestEnded) ended.push_back(who);
    if (r.kind == RecordKind::RequestStarted && !frame.request &&
        std::find(ended.begin(), ended.end(), who) == ended.end())
      frame.request = s;
    return !(frame.phase && frame.request);
  };
  walkBack(trace, upTo, visit);
}

} // namespace packetarium::analysis
