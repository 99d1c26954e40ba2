// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/journey.h"

#include "core/analysis/delivery.h"
#include "core/analysis/journey_story.h"
#include "core/analysis/names.h"
#include "core/analysis/packet_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;
using trace::Sequence;

/// A packet that rests in a node may wait for ARP: three questions a second apart.
constexpr Duration restMax = Duration::seconds(4);
constexpr std::size_t recordsMax = 2'000'000;

PacketId originOfForm(const trace::Trace &trace, PacketId form) {
  const wire::Packet *p = trace.packet(form);
  return p != nullptr ? p->origin : form;
}

/// The first record about the packet of this record, found by walking its causes back.
struct Beginning {
  Sequence first = 0;
  PacketId origin = 0;
  std::optional<std::size_t> pendingSlot;
};

Beginning beginningOf(const trace::Trace &trace, Sequence record) {
  Beginning b;
  for (Sequence s = record; s != 0;) {
    const trace::Record *r = trace.record(s);
    if (r == nullptr) {
      b.pendingSlot = trace.slotOf(s);
      return b;
    }
    if (r->packet == 0) return b;
    const PacketId origin = originOfForm(trace, r->packet);
    if (b.origin == 0) b.origin = origin;
    if (origin != b.origin) return b; // the packet that led to this one
    b.first = s;
    switch (r->kind) {
    case RecordKind::FrameReceived: s = r->args[0]; break;
    case RecordKind::FrameDropped: s = r->args[0] != 0 ? r->args[0] : r->cause; break;
    case RecordKind::FrameSent: {
      const Sequence queued = trace::sentArgs(*r).queued;
      if (queued != 0 && trace.record(queued) != nullptr) b.first = queued;
      s = r->cause;
      break;
    }
    case RecordKind::FrameQueued:
    case RecordKind::PacketRewritten: s = r->cause; break;
    default: return b;
    }
  }
  return b;
}

class JourneyBuilder {
public:
  JourneyBuilder(const trace::Trace &trace, const net::Blueprint &network, LayerModel model)
      : m_trace(trace), m_network(network), m_model(model) {}

  Journey build(Sequence record);

private:
  void gather(Sequence first);
  void choosePath(Sequence record);
  void addStops();
  JourneyStop stopAt(std::size_t index) const;
  StopRole roleOf(const JourneyStop &stop, bool last) const;
  StopFacts factsOf(const JourneyStop &stop, std::size_t index) const;
  bool askedArp(Sequence left, std::uint32_t node, const trace::SentArgs &args) const;
  void finish();
  std::size_t lastBehind(std::size_t hop) const;
  std::string lostText() const;

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
  LayerModel m_model;
  PacketTree m_tree;
  std::vector<std::size_t> m_path;
  const TreeDrop *m_drop = nullptr; ///< that ended the chosen way inside a node
  Journey m_journey;
};

void JourneyBuilder::gather(Sequence first) {
  const auto &slots = m_trace.slots();
  std::vector<PacketId> forms;
  std::size_t seen = 0;
  for (std::size_t i = m_trace.slotOf(first); i < slots.size(); ++i) {
    if (!slots[i].chunk) {
      if (m_tree.settled()) return;
      m_journey.pendingSlot = i;
      m_journey.complete = false;
      return;
    }
    const trace::Chunk &chunk = *slots[i].chunk;
    const Sequence begin = std::max(first, chunk.summary.first);
    for (Sequence s = begin; s < chunk.summary.end(); ++s, ++seen) {
      const trace::Record &r = chunk.records[s - chunk.summary.first];
      const bool rests = s > first && !m_tree.moving();
      if (rests && (r.at > m_tree.lastChange() + restMax || seen > recordsMax)) return;
      if (rests && r.at > m_tree.lastChange() && m_tree.settled()) return;
      if (r.kind > RecordKind::FrameQueued || r.kind == RecordKind::SegmentDelivered) continue;
      const bool rewritten =
          r.kind == RecordKind::PacketRewritten &&
          std::find(forms.begin(), forms.end(), static_cast<PacketId>(r.args[0])) != forms.end();
      if (s == first || rewritten) forms.push_back(r.packet);
      if (std::find(forms.begin(), forms.end(), r.packet) == forms.end()) continue;
      m_tree.take(m_trace, m_network, r, s);
    }
  }
}

/// Of what lies behind a hop: the last part that was really lost, else the latest one.
std::size_t JourneyBuilder::lastBehind(std::size_t hop) const {
  const auto &hops = m_tree.hops();
  std::size_t best = hop;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (!m_tree.isBehind(i, hop)) continue;
    const bool better = best == TreeHop::root || !hops[best].lost || hops[i].lost;
    if (better) best = i;
  }
  return best;
}

void JourneyBuilder::choosePath(Sequence record) {
  const std::size_t through = m_tree.hopOf(record);
  if (const auto arrived = m_tree.delivered(through)) {
    m_path = m_tree.pathTo(*arrived);
    return;
  }
  for (const TreeDrop &d : m_tree.drops()) {
    const bool onWay = d.sequence == record || m_tree.isBehind(d.parent, through);
    if (onWay && (d.sequence == record || !isHarmless(d.reason))) m_drop = &d;
    if (d.sequence == record) break;
  }
  if (m_drop != nullptr) {
    m_path = m_tree.pathTo(m_drop->parent);
    return;
  }
  if (!m_tree.hops().empty()) m_path = m_tree.pathTo(lastBehind(through));
}

JourneyStop JourneyBuilder::stopAt(std::size_t index) const {
  JourneyStop stop;
  const auto &hops = m_tree.hops();
  if (index > 0) {
    const TreeHop &in = hops[m_path[index - 1]];
    stop.node = in.to;
    stop.in = in.ended;
    stop.inAt = in.endedAt;
    stop.inPacket = packetOn(m_trace, in.sent);
  }
  if (index < m_path.size()) {
    const TreeHop &out = hops[m_path[index]];
    stop.node = out.from;
    if (out.sent != 0) {
      stop.out = out.sent;
      stop.outAt = out.sentAt;
      stop.outPacket = packetOn(m_trace, out.sent);
    }
  }
  return stop;
}

StopRole JourneyBuilder::roleOf(const JourneyStop &stop, bool last) const {
  if (stop.in == 0) return StopRole::Sender;
  const net::NodeSpec &node = m_network.nodes[stop.node];
  if (node.kind == net::NodeKind::Switch) return StopRole::Switch;
  if (!last || stop.out != 0) {
    const bool rewritten =
        stop.inPacket && stop.outPacket && stop.inPacket->id != stop.outPacket->id;
    return rewritten ? StopRole::Nat : StopRole::Router;
  }
  if (m_drop == nullptr && m_tree.hops()[m_path.back()].final) return StopRole::Receiver;
  return m_drop != nullptr                    ? StopRole::Lost
         : node.kind == net::NodeKind::Router ? StopRole::Router
                                              : StopRole::Receiver;
}

StopFacts JourneyBuilder::factsOf(const JourneyStop &stop, std::size_t index) const {
  StopFacts facts{m_network, 0, {}, {}, {}, false, 0};
  if (index >= m_path.size()) return facts;
  const TreeHop &out = m_tree.hops()[m_path[index]];
  if (out.sent == 0) return facts;
  if (out.queued != 0) facts.waited = out.sentAt - out.queuedAt;
  const SimTime left = out.queued != 0 ? out.queuedAt : out.sentAt;
  if (stop.inAt) facts.held = left - *stop.inAt;
  facts.rateBps = m_network.links[out.link].rateBps;
  // The rate may have been changed since: the keyframe of the record's chunk knows better.
  const std::size_t slot = m_trace.slotOf(out.sent);
  if (slot < m_trace.slots().size() && m_trace.slots()[slot].chunk) {
    const auto &links = m_trace.slots()[slot].chunk->keyframe.links;
    if (out.link < links.size() && links[out.link].rateBps != 0)
      facts.rateBps = links[out.link].rateBps;
  }
  if (index > 0) facts.copies = m_tree.childCount(m_path[index - 1]);
  const trace::Record *r = m_trace.record(out.sent);
  if (r == nullptr || facts.rateBps == 0) return facts;
  const trace::SentArgs args = trace::sentArgs(*r);
  const double sending = 8e9 * args.frameBytes / static_cast<double>(facts.rateBps);
  const Duration whole = args.arrival - r->at;
  facts.travel = std::max(Duration{}, whole - Duration::ns(std::llround(std::ceil(sending))));
  facts.askedArp = askedArp(out.queued != 0 ? out.queued : out.sent, stop.node, args);
  return facts;
}

/// Whether the address it is sent to was learned at the very instant at which it left.
bool JourneyBuilder::askedArp(Sequence left, std::uint32_t node,
                              const trace::SentArgs &args) const {
  constexpr Sequence lookBack = 64;
  const trace::Record *r = m_trace.record(left);
  const SimTime at = r != nullptr ? r->at : SimTime::max();
  for (Sequence s = left - 1; s > 0 && s + lookBack > left; --s) {
    r = m_trace.record(s);
    if (r == nullptr || r->at != at) return false;
    if (r->kind == RecordKind::ArpLearned && r->node == node && r->args[1] == args.destinationMac)
      return true;
  }
  return false;
}

void JourneyBuilder::addStops() {
  if (m_path.empty()) {
    if (m_drop == nullptr) return;
    JourneyStop stop; // died where it was born
    stop.node = m_drop->node;
    stop.role = StopRole::Lost;
    m_journey.stops.push_back(std::move(stop));
    return;
  }
  const bool arrived = m_tree.hops()[m_path.back()].received;
  const std::size_t count = m_path.size() + (arrived ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    JourneyStop stop = stopAt(i);
    stop.role = roleOf(stop, i + 1 == count);
    tellStop(stop, factsOf(stop, i), m_model);
    m_journey.stops.push_back(std::move(stop));
  }
}

std::string JourneyBuilder::lostText() const {
  const std::string why(trace::sentence(m_journey.reason));
  if (m_drop != nullptr)
    return fmt::format("The journey ends at {}. {}", nodeName(m_network, m_drop->node), why);
  const TreeHop &hop = m_tree.hops()[m_path.back()];
  return fmt::format("The journey ends on the link {}. {}", linkName(m_network, hop.link), why);
}

void JourneyBuilder::finish() {
  if (!m_path.empty()) {
    const TreeHop &first = m_tree.hops()[m_path.front()];
    const TreeHop &last = m_tree.hops()[m_path.back()];
    m_journey.startedAt = first.queued != 0 ? first.queuedAt : first.sentAt;
    m_journey.endedAt = last.ended != 0 ? last.endedAt : std::max(last.arrival, last.sentAt);
    m_journey.delivered = m_drop == nullptr && last.final;
    m_journey.lost = m_drop != nullptr || last.lost;
    m_journey.lastRecord = last.ended;
    m_journey.reason = last.reason;
    if (!m_journey.delivered && !m_journey.lost) m_journey.complete = false;
  }
  if (m_drop != nullptr) {
    if (m_path.empty()) m_journey.startedAt = m_drop->at;
    m_journey.lost = true;
    m_journey.endedAt = m_drop->at;
    m_journey.lastRecord = m_drop->sequence;
    m_journey.reason = m_drop->reason;
  }
  if (m_journey.lost) m_journey.ending = lostText();
  if (m_journey.delivered)
    m_journey.ending = fmt::format("It reached {} after {} and {} hop{}.",
                                   nodeName(m_network, m_journey.stops.back().node),
                                   durationText(m_journey.endedAt - m_journey.startedAt),
                                   m_path.size(), m_path.size() == 1 ? "" : "s");
  if (m_journey.lost && !m_journey.stops.empty())
    m_journey.stops.back().sentences.push_back(m_journey.ending);
}

Journey JourneyBuilder::build(Sequence record) {
  const Beginning begin = beginningOf(m_trace, record);
  m_journey.origin = begin.origin;
  m_journey.pendingSlot = begin.pendingSlot;
  m_journey.complete = !begin.pendingSlot;
  if (begin.first == 0) {
    m_journey.complete = false;
    return std::move(m_journey);
  }
  gather(begin.first);
  choosePath(record);
  addStops();
  finish();
  return std::move(m_journey);
}

} // namespace

Journey journeyOf(const trace::Trace &trace, const net::Blueprint &network, Sequence record,
                  LayerModel model) {
  return JourneyBuilder(trace, network, model).build(record);
}

namespace {

/// Inside a node: up to its top layer and down again, over the share 0 to 1 of the visit.
void placeInNode(JourneyPosition &p, const JourneyStop &stop, double share) {
  p.where = JourneyPosition::Where::InNode;
  const int top = stop.topLayer;
  const bool onlyDown = stop.in == 0, onlyUp = stop.out == 0;
  const double up = onlyDown ? 0 : onlyUp ? 1 : 0.5;
  p.rising = share < up;
  const double part = p.rising ? share / up : up >= 1 ? 1 : (share - up) / (1 - up);
  const int steps = static_cast<int>(std::floor(std::clamp(part, 0.0, 1.0) * top));
  p.top = p.rising ? std::min(top, 1 + steps) : std::max(1, top - steps);
  if (onlyUp && share >= 1) p.top = top;
}

} // namespace

JourneyPosition positionAt(const Journey &journey, SimTime t) {
  JourneyPosition p;
  const auto &stops = journey.stops;
  if (stops.empty() || t < journey.startedAt) return p;
  for (std::size_t i = 0; i < stops.size(); ++i) {
    const JourneyStop &stop = stops[i];
    p.stop = i;
    if (!stop.outAt || t < *stop.outAt) {
      if (!stop.outAt && t >= journey.endedAt) {
        p.where = JourneyPosition::Where::Ended;
        p.top = stop.topLayer;
        return p;
      }
      const SimTime from = stop.inAt.value_or(journey.startedAt);
      const SimTime to = stop.outAt.value_or(from);
      const auto whole = static_cast<double>((to - from).ns());
      placeInNode(p, stop, whole > 0 ? static_cast<double>((t - from).ns()) / whole : 1);
      return p;
    }
    const SimTime arrival =
        i + 1 < stops.size() && stops[i + 1].inAt ? *stops[i + 1].inAt : journey.endedAt;
    if (t < arrival || i + 1 >= stops.size()) {
      const auto whole = static_cast<double>((arrival - *stop.outAt).ns());
      const auto gone = static_cast<double>((t - *stop.outAt).ns());
      p.where = t >= arrival && (journey.lost || journey.delivered)
                    ? JourneyPosition::Where::Ended
                    : JourneyPosition::Where::OnLink;
      p.linkProgress = whole > 0 ? std::clamp(gone / whole, 0.0, 1.0) : 1;
      return p;
    }
  }
  return p;
}

JourneyPosition positionAtShare(const Journey &journey, double share) {
  JourneyPosition p;
  const std::size_t count = journey.stops.size();
  if (count == 0) return p;
  // Nodes and links by turns; a way that ends on a link has as many links as nodes.
  const bool endsOnLink = journey.stops.back().out != 0;
  const std::size_t parts = 2 * count - (endsOnLink ? 0 : 1);
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(parts);
  const auto part = std::min(static_cast<std::size_t>(place), parts - 1);
  const double within = std::clamp(place - static_cast<double>(part), 0.0, 1.0);
  p.stop = part / 2;
  if (part % 2 == 1) {
    p.where = JourneyPosition::Where::OnLink;
    // A lost frame dies half-way.
    const bool dies = endsOnLink && journey.lost && p.stop + 1 == count;
    p.linkProgress = dies ? within / 2 : within;
    return p;
  }
  placeInNode(p, journey.stops[p.stop], within);
  return p;
}

} // namespace packetarium::analysis
