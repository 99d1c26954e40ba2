// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/ladder.h"

#include "core/analysis/delivery.h"
#include "core/analysis/journey_story.h"
#include "core/analysis/ladder_keys.h"
#include "core/analysis/packet_tree.h"
#include "core/wire/dissect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;
using trace::Sequence;

constexpr std::uint8_t listenState = 1; // transport::TcpState::Listen
constexpr std::size_t marksMax = 2000;
constexpr std::size_t slotsBeyond = 2;   // looked at behind the window for where arrows end
constexpr std::size_t slotsForKeys = 64; // looked at before the window for keys still in force

/// "1 278": as people group digits.
std::string groupedDigits(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, "\u00a0");
  return digits;
}

bool isAboutPacket(RecordKind kind) {
  return kind == RecordKind::FrameSent || kind == RecordKind::FrameReceived ||
         kind == RecordKind::FrameDropped || kind == RecordKind::FrameQueued ||
         kind == RecordKind::PacketRewritten;
}

class LadderBuilder {
public:
  LadderBuilder(const trace::Trace &trace, const net::Blueprint &network,
                const LadderRequest &request)
      : m_trace(trace), m_network(network), m_request(request) {}

  Ladder build() {
    chooseSlots();
    takeEarlierKeys();
    for (std::size_t i = m_firstSlot; i < m_endSlot; ++i) takeSlot(i);
    makeArrows();
    chooseLifelines();
    closeStates();
    m_ladder.keys = m_keys.finish(m_ladder.from, m_ladder.to);
    return std::move(m_ladder);
  }

private:
  struct Build {
    PacketTree tree;
    Sequence first = 0;
    std::uint32_t from = 0;
    SimTime at;
    std::uint8_t protocol = 0;
    std::uint16_t frameBytes = 0;
  };
  using StateKey = std::pair<std::uint32_t, std::uint32_t>;

  void chooseSlots();
  void takeEarlierKeys();
  void takeSlot(std::size_t index);
  void takePacketRecord(const trace::Record &r, Sequence s);
  void takeState(const trace::Record &r, Sequence s);
  void endStates(const trace::Record &r);
  void takeMark(const trace::Record &r, Sequence s, const trace::Chunk &chunk);
  void makeArrows();
  void makeArrow(PacketId origin, const Build &build);
  LadderArrow arrowOf(PacketId origin, const Build &build, const wire::Packet *form) const;
  void finishLost(LadderArrow &arrow, const Build &build) const;
  void addHops(LadderArrow &arrow, const PacketTree &tree, std::size_t last) const;
  std::uint32_t meantFor(const wire::Packet *form, const Build &build) const;
  void chooseLifelines();
  void closeStates();
  bool isLinkLayer(const LadderArrow &arrow) const {
    return arrow.protocol == static_cast<std::uint8_t>(wire::ProtocolClass::Arp) ||
           arrow.protocol == static_cast<std::uint8_t>(wire::ProtocolClass::Ethernet);
  }

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
  const LadderRequest &m_request;
  Ladder m_ladder;
  std::size_t m_firstSlot = 0, m_endSlot = 0;
  PacketId m_firstPacket = 0;         ///< packets born before it began before the stretch looked at
  std::map<PacketId, Build> m_builds; ///< by origin
  std::set<PacketId> m_retransmitted;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> m_wayLength; ///< hops from, to
  std::map<std::uint32_t, std::uint32_t> m_holders; ///< whom packets to an address reached last
  std::map<StateKey, std::size_t> m_openStates;
  KeyBands m_keys;
};

void LadderBuilder::chooseSlots() {
  const auto &slots = m_trace.slots();
  m_ladder.from = m_request.from;
  m_ladder.to = std::min(m_request.to, std::max(m_request.from, m_trace.knownUntil()));
  if (slots.empty()) return;
  std::size_t last = m_trace.slotAt(m_ladder.to);
  if (last == slots.size()) return;
  m_endSlot = std::min(slots.size(), last + 1 + slotsBeyond);
  std::size_t records = 0, packets = 0;
  m_firstSlot = last + 1;
  while (m_firstSlot > 0 && slots[m_firstSlot - 1].summary.to >= m_request.from) {
    const trace::ChunkSummary &s = slots[m_firstSlot - 1].summary;
    const bool enough = packets >= 3 * m_request.arrowsMax ||
                        (records > 0 && records + s.count > m_request.recordsMax);
    if (enough) break;
    --m_firstSlot;
    records += s.count;
    packets += s.packetCount;
  }
  if (m_firstSlot > last) m_firstSlot = last;
  const bool reachesStart = m_firstSlot == 0 || slots[m_firstSlot].summary.from <= m_request.from ||
                            slots[m_firstSlot - 1].summary.to < m_request.from;
  if (!reachesStart) {
    m_ladder.cut = true;
    m_ladder.from = slots[m_firstSlot].summary.from;
  }
  m_firstPacket = m_firstSlot == 0 ? 0 : slots[m_firstSlot].summary.firstPacket;
}

/// A connection that began before the window is still encrypted in it.
void LadderBuilder::takeEarlierKeys() {
  const std::size_t first = m_firstSlot > slotsForKeys ? m_firstSlot - slotsForKeys : 0;
  for (std::size_t i = first; i < m_firstSlot; ++i) {
    const auto &slot = m_trace.slots()[i];
    if (!slot.chunk) continue;
    for (std::size_t r = 0; r < slot.chunk->records.size(); ++r)
      m_keys.take(*slot.chunk, slot.chunk->records[r], slot.summary.first + r);
  }
}

void LadderBuilder::takeSlot(std::size_t index) {
  const auto &slot = m_trace.slots()[index];
  if (!slot.chunk) {
    if (slot.summary.from <= m_ladder.to) m_ladder.pendingSlots.push_back(index);
    return;
  }
  const trace::Chunk &chunk = *slot.chunk;
  if (index == m_firstSlot)
    for (const trace::SocketSnapshot &s : chunk.keyframe.sockets) takeState(s.state, s.sequence);
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    const trace::Record &r = chunk.records[i];
    const Sequence s = chunk.summary.first + i;
    if (isAboutPacket(r.kind)) {
      takePacketRecord(r, s);
      continue;
    }
    if (r.at > m_ladder.to) continue;
    m_keys.take(chunk, r, s);
    switch (r.kind) {
    case RecordKind::TcpRetransmit: m_retransmitted.insert(r.packet); break;
    case RecordKind::TcpState: takeState(r, s); break;
    case RecordKind::NodeState:
      endStates(r);
      takeMark(r, s, chunk);
      break;
    case RecordKind::Note:
    case RecordKind::Phase:
    case RecordKind::RequestStarted:
    case RecordKind::RequestEnded: takeMark(r, s, chunk); break;
    case RecordKind::Fact:
      if (static_cast<trace::FactTopic>(r.detail) == trace::FactTopic::Role) takeMark(r, s, chunk);
      break;
    default: break;
    }
  }
}

void LadderBuilder::takePacketRecord(const trace::Record &r, Sequence s) {
  const wire::Packet *form = m_trace.packet(r.packet);
  const PacketId origin = form != nullptr ? form->origin : r.packet;
  auto it = m_builds.find(origin);
  if (it == m_builds.end()) {
    const bool begins = r.kind == RecordKind::FrameSent || r.kind == RecordKind::FrameQueued ||
                        r.kind == RecordKind::FrameDropped;
    if (!begins || r.at > m_ladder.to || origin < m_firstPacket) return;
    it = m_builds.emplace(origin, Build{}).first;
    it->second.from = r.node;
    it->second.at = r.at;
    it->second.first = s;
    if (form != nullptr) it->second.frameBytes = form->frameBytes;
    if (form != nullptr) it->second.protocol = static_cast<std::uint8_t>(form->protocol);
  }
  Build &build = it->second;
  if (r.kind == RecordKind::FrameSent && build.tree.drops().empty() &&
      (build.tree.hops().empty() || build.tree.hops().front().sent == 0)) {
    build.first = s;
    build.at = r.at;
    build.protocol = trace::protocolClass(r);
    build.frameBytes = trace::sentArgs(r).frameBytes;
  }
  build.tree.take(m_trace, m_network, r, s);
}

void LadderBuilder::takeState(const trace::Record &r, Sequence s) {
  const trace::TcpStateArgs args = trace::tcpStateArgs(r);
  const StateKey key{r.node, args.socket};
  const auto open = m_openStates.find(key);
  if (open != m_openStates.end()) {
    m_ladder.states[open->second].to = r.at;
    m_ladder.states[open->second].open = false;
    m_openStates.erase(open);
  }
  if (r.detail == 0) return; // CLOSED: there is no connection
  LadderState state;
  state.node = r.node;
  state.socket = args.socket;
  state.state = static_cast<std::uint8_t>(r.detail);
  state.localPort = args.localPort;
  state.remotePort = args.remotePort;
  state.remoteIp = args.remoteIp;
  state.since = s;
  state.from = r.at;
  state.open = true;
  m_openStates[key] = m_ladder.states.size();
  m_ladder.states.push_back(state);
}

/// A crash forgets every socket, and no state is told of them.
void LadderBuilder::endStates(const trace::Record &r) {
  const auto health = static_cast<trace::NodeHealth>(r.detail);
  if (health == trace::NodeHealth::Up || health == trace::NodeHealth::Paused) return;
  const auto first = m_openStates.lower_bound({r.node, 0});
  auto it = first;
  for (; it != m_openStates.end() && it->first.first == r.node; ++it) {
    m_ladder.states[it->second].to = r.at;
    m_ladder.states[it->second].open = false;
  }
  m_openStates.erase(first, it);
}

void LadderBuilder::takeMark(const trace::Record &r, Sequence s, const trace::Chunk &chunk) {
  if (r.at < m_ladder.from || m_ladder.marks.size() >= marksMax) return;
  LadderMark mark;
  mark.sequence = s;
  mark.kind = r.kind;
  mark.node = r.node;
  mark.at = r.at;
  switch (r.kind) {
  case RecordKind::RequestStarted: mark.text = std::string(chunk.text(r.args[1])); break;
  case RecordKind::RequestEnded:
    mark.text = std::string(trace::name(static_cast<trace::RequestOutcome>(r.detail)));
    break;
  case RecordKind::NodeState:
    mark.text = std::string(trace::name(static_cast<trace::NodeHealth>(r.detail)));
    break;
  case RecordKind::Fact:
    mark.text = fmt::format("{} of {}", chunk.text(r.args[2]), chunk.text(r.args[1]));
    break;
  default: mark.text = std::string(chunk.text(r.args[0])); break;
  }
  m_ladder.marks.push_back(std::move(mark));
}

std::uint32_t LadderBuilder::meantFor(const wire::Packet *form, const Build &build) const {
  const std::uint32_t nearest =
      build.tree.hops().empty() ? build.from : build.tree.hops().front().to;
  if (form == nullptr) return nearest;
  std::optional<std::uint32_t> owner;
  if (form->kind == wire::PacketKind::Arp) owner = ownerOf(m_network, form->arp.targetIp);
  if (form->isIp()) owner = ownerOf(m_network, form->ip.destination);
  if (owner || !form->isIp()) return owner.value_or(nearest);
  const auto holder = m_holders.find(form->ip.destination.value); // of a further address
  return holder != m_holders.end() ? holder->second : nearest;
}

LadderArrow LadderBuilder::arrowOf(PacketId origin, const Build &build,
                                   const wire::Packet *form) const {
  LadderArrow arrow;
  arrow.origin = origin;
  arrow.firstSent = build.first;
  arrow.fromNode = build.from;
  arrow.sentAt = build.at;
  arrow.protocol = build.protocol;
  arrow.frameBytes = build.frameBytes;
  arrow.retransmission = m_retransmitted.contains(origin);
  if (form == nullptr) return arrow;
  arrow.encrypted = carriesEncrypted(*form);
  arrow.label = arrow.encrypted
                    ? fmt::format("encrypted, {} B", groupedDigits(form->payload.size()))
                    : wire::shortLabel(*form);
  return arrow;
}

void LadderBuilder::addHops(LadderArrow &arrow, const PacketTree &tree, std::size_t last) const {
  for (const std::size_t i : tree.pathTo(last)) {
    const TreeHop &h = tree.hops()[i];
    if (h.sent == 0) continue;
    arrow.hops.push_back({h.sent, h.from, h.to, h.sentAt, h.ended != 0 ? h.endedAt : h.arrival});
  }
}

/// Nobody it was for got it: it was lost, or is under way.
void LadderBuilder::finishLost(LadderArrow &arrow, const Build &build) const {
  const auto &hops = build.tree.hops();
  const TreeDrop *inNode = nullptr;
  for (const TreeDrop &d : build.tree.drops())
    if (!isHarmless(d.reason)) inNode = &d;
  std::size_t last = TreeHop::root;
  double within = 0;
  for (std::size_t i = 0; i < hops.size(); ++i)
    if (hops[i].lost && !isHarmless(hops[i].reason)) last = i;
  if (last != TreeHop::root) {
    const TreeHop &h = hops[last];
    arrow.last = h.ended;
    arrow.endedAt = h.endedAt;
    arrow.reason = h.reason;
    arrow.lostNode = h.from;
    arrow.lostLink = h.link;
    const auto whole = static_cast<double>((h.arrival - h.sentAt).ns());
    if (h.sent != 0 && whole > 0)
      within = std::clamp(static_cast<double>((h.endedAt - h.sentAt).ns()) / whole, 0.0, 1.0);
  } else if (inNode != nullptr) {
    last = inNode->parent;
    within = 1;
    arrow.last = inNode->sequence;
    arrow.endedAt = inNode->at;
    arrow.reason = inNode->reason;
    arrow.lostNode = inNode->node;
    arrow.lostLink = inNode->link;
  } else {
    arrow.end = ArrowEnd::UnderWay;
    arrow.endedAt = std::max(arrow.sentAt, m_trace.knownUntil());
    if (!hops.empty()) addHops(arrow, build.tree, hops.size() - 1);
    return;
  }
  arrow.end = ArrowEnd::Lost;
  if (last != TreeHop::root) addHops(arrow, build.tree, last);
  const auto way = m_wayLength.find({arrow.fromNode, arrow.toNode});
  const auto done = static_cast<double>(arrow.hops.size()) - 1 + within;
  const double whole = way != m_wayLength.end() ? static_cast<double>(way->second)
                                                : static_cast<double>(arrow.hops.size()) + 1;
  arrow.reach = static_cast<float>(std::clamp(done / std::max(1.0, whole), 0.08, 0.92));
}

void LadderBuilder::makeArrow(PacketId origin, const Build &build) {
  const wire::Packet *form = m_trace.packet(origin);
  LadderArrow arrow = arrowOf(origin, build, form);
  arrow.toNode = meantFor(form, build);
  const auto &hops = build.tree.hops();
  const bool arp = form != nullptr && form->kind == wire::PacketKind::Arp;
  const bool targetExists = arp && ownerOf(m_network, form->arp.targetIp).has_value();
  bool any = false;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (!hops[i].final || (targetExists && hops[i].to != arrow.toNode)) continue;
    any = true;
    LadderArrow reached = arrow;
    reached.toNode = hops[i].to;
    reached.last = hops[i].ended;
    reached.endedAt = hops[i].endedAt;
    reached.end = ArrowEnd::Delivered;
    addHops(reached, build.tree, i);
    if (form != nullptr && form->isIp() && !form->ip.destination.isMulticast())
      m_holders[form->ip.destination.value] = reached.toNode;
    m_wayLength[{reached.fromNode, reached.toNode}] = reached.hops.size();
    if (reached.endedAt >= m_ladder.from) m_ladder.arrows.push_back(std::move(reached));
  }
  if (any) return;
  finishLost(arrow, build);
  if (arrow.endedAt >= m_ladder.from) m_ladder.arrows.push_back(std::move(arrow));
}

void LadderBuilder::makeArrows() {
  for (const auto &[origin, build] : m_builds) makeArrow(origin, build);
  std::stable_sort(m_ladder.arrows.begin(), m_ladder.arrows.end(),
                   [](const auto &a, const auto &b) { return a.firstSent < b.firstSent; });
}

void LadderBuilder::chooseLifelines() {
  std::vector<std::uint32_t> &lines = m_ladder.lifelines;
  const auto add = [&](std::uint32_t node) {
    if (std::find(lines.begin(), lines.end(), node) == lines.end()) lines.push_back(node);
  };
  lines = m_request.lifelines;
  if (lines.empty())
    for (const LadderArrow &a : m_ladder.arrows) {
      if (isLinkLayer(a) && !m_request.linkLayer) continue;
      add(a.fromNode);
      if (m_request.allHops)
        for (const LadderHop &h : a.hops) add(h.toNode);
      add(a.toNode);
    }
  const auto has = [&](std::uint32_t node) {
    return std::find(lines.begin(), lines.end(), node) != lines.end();
  };
  std::erase_if(m_ladder.arrows,
                [&](const LadderArrow &a) { return !has(a.fromNode) || !has(a.toNode); });
  auto &arrows = m_ladder.arrows;
  if (arrows.size() <= m_request.arrowsMax) return;
  arrows.erase(arrows.begin(), arrows.end() - static_cast<std::ptrdiff_t>(m_request.arrowsMax));
  m_ladder.cut = true;
  m_ladder.from = std::max(m_ladder.from, arrows.front().sentAt);
}

void LadderBuilder::closeStates() {
  for (const auto &[key, index] : m_openStates) m_ladder.states[index].to = m_ladder.to;
  // A new connection of a listener begins in LISTEN for no time at all.
  std::erase_if(m_ladder.states, [&](const LadderState &s) {
    return s.to < m_ladder.from || (s.state == listenState && s.from == s.to && !s.open);
  });
  std::stable_sort(m_ladder.states.begin(), m_ladder.states.end(),
                   [](const LadderState &a, const LadderState &b) {
                     return a.node != b.node ? a.node < b.node : a.since < b.since;
                   });
}

} // namespace

Ladder buildLadder(const trace::Trace &trace, const net::Blueprint &network,
                   const LadderRequest &request) {
  return LadderBuilder(trace, network, request).build();
}

} // namespace packetarium::analysis
