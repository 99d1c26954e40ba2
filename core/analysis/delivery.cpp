// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"

#include <algorithm>

namespace packetarium::analysis {

wire::Packet applyHop(wire::Packet form, const trace::SentArgs &hop) {
  form.ethernet.source = wire::MacAddress::fromBits(hop.sourceMac);
  form.ethernet.destination = wire::MacAddress::fromBits(hop.destinationMac);
  if (form.isIp()) form.ip.ttl = hop.ttl;
  return form;
}

std::optional<wire::Packet> packetOn(const trace::Trace &trace, const trace::Record &sent) {
  const wire::Packet *form = trace.packet(sent.packet);
  if (form == nullptr || sent.kind != trace::RecordKind::FrameSent) return std::nullopt;
  return applyHop(*form, trace::sentArgs(sent));
}

std::optional<wire::Packet> packetOn(const trace::Trace &trace, trace::Sequence sent) {
  const trace::Record *r = trace.record(sent);
  if (r == nullptr) return std::nullopt;
  if (r->kind == trace::RecordKind::FrameReceived || r->kind == trace::RecordKind::FrameDropped)
    return r->args[0] != 0 && r->args[0] < sent ? packetOn(trace, r->args[0]) : std::nullopt;
  return packetOn(trace, *r);
}

bool owns(const net::NodeSpec &node, wire::Ipv4Address address) {
  return std::any_of(node.interfaces.begin(), node.interfaces.end(),
                     [&](const auto &i) { return i.address && i.address->address == address; });
}

std::optional<std::uint32_t> ownerOf(const net::Blueprint &network, wire::Ipv4Address address) {
  for (std::uint32_t n = 0; n < network.nodes.size(); ++n)
    if (owns(network.nodes[n], address)) return n;
  return std::nullopt;
}

std::optional<std::uint32_t> interfaceAt(const net::Blueprint &network, std::uint32_t node,
                                         std::uint32_t link) {
  if (link >= network.links.size()) return std::nullopt;
  for (const net::LinkEndSpec &end : network.links[link].ends)
    if (end.node.value == node) return end.interface;
  return std::nullopt;
}

std::uint32_t farNode(const net::Blueprint &network, std::uint32_t link, int sendingEnd) {
  return network.links[link].ends[static_cast<std::size_t>(1 - sendingEnd)].node.value;
}

bool isForNode(const net::NodeSpec &node, const wire::Packet &packet, bool rewritten) {
  if (node.kind == net::NodeKind::Switch || rewritten) return false;
  if (!packet.isIp()) return true; // the link layer sorted out what is not for this card
  const wire::Ipv4Address to = packet.ip.destination;
  if (to == wire::Ipv4Address::broadcast() || to.isMulticast() || owns(node, to)) return true;
  return std::any_of(node.interfaces.begin(), node.interfaces.end(), [&](const auto &i) {
    return i.address && i.address->length < 31 && i.address->directedBroadcast() == to;
  });
}

Aftermath aftermathOf(const trace::Record &received, trace::Sequence sequence,
                      std::span<const trace::Record> following) {
  constexpr std::size_t lookAhead = 6;
  Aftermath after;
  for (std::size_t i = 0; i < following.size() && i < lookAhead; ++i) {
    const trace::Record &r = following[i];
    if (r.at != received.at) break;
    const bool same = r.packet == received.packet && r.node == received.node;
    switch (r.kind) {
    case trace::RecordKind::PacketRewritten:
      after.rewritten = after.rewritten || r.cause == sequence;
      break;
    case trace::RecordKind::FrameSent:
    case trace::RecordKind::FrameQueued: after.passedOn = after.passedOn || same; break;
    case trace::RecordKind::FrameDropped: {
      const auto reason = static_cast<trace::DropReason>(r.detail);
      if (!same) break;
      const bool refused =
          reason == trace::DropReason::NotForMe || reason == trace::DropReason::Partitioned;
      (refused ? after.refused : after.passedOn) = true;
      break;
    }
    default: break;
    }
  }
  return after;
}

bool endsAt(const net::Blueprint &network, const trace::Record &received, const wire::Packet &form,
            std::optional<wire::MacAddress> sentTo, const Aftermath &after) {
  if (received.node >= network.nodes.size() || after.refused) return false;
  const net::NodeSpec &node = network.nodes[received.node];
  if (node.kind == net::NodeKind::Switch) return false;
  const auto in = interfaceAt(network, received.node, received.link);
  const bool ownCard = !sentTo || sentTo->isGroup() || !in || node.interfaces[*in].mac == *sentTo;
  // A flooded copy that this card ignores is no delivery; a router's virtual address has no card.
  constexpr std::uint64_t virtualPrefix = 0x00005e0001ULL; // RFC 9568 section 7.3
  if (!ownCard && sentTo->bits() >> 8 != virtualPrefix) return false;
  if (isForNode(node, form, node.nat && after.rewritten)) return true;
  return node.kind == net::NodeKind::Host && form.isIp() && !after.passedOn && !after.rewritten &&
         !ownerOf(network, form.ip.destination);
}

bool isFinalReception(const trace::Trace &trace, const net::Blueprint &network,
                      trace::Sequence received) {
  const std::size_t slot = trace.slotOf(received);
  if (slot >= trace.slots().size() || !trace.slots()[slot].chunk) return false;
  const trace::Chunk &chunk = *trace.slots()[slot].chunk;
  const std::size_t index = received - chunk.summary.first;
  const trace::Record &r = chunk.records[index];
  if (r.kind != trace::RecordKind::FrameReceived) return false;
  if (r.node >= network.nodes.size()) return false;
  if (network.nodes[r.node].kind == net::NodeKind::Switch) return false;
  const wire::Packet *form = trace.packet(r.packet);
  if (form == nullptr) return false;
  std::optional<wire::MacAddress> to;
  if (const trace::Record *sent = trace.record(r.args[0]))
    to = wire::MacAddress::fromBits(trace::sentArgs(*sent).destinationMac);
  // What a node does with a frame stands right behind its reception, in the same chunk.
  const Aftermath after = aftermathOf(r, received, chunk.records.subspan(index + 1));
  return endsAt(network, r, *form, to, after);
}

} // namespace packetarium::analysis
