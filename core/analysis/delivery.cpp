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

namespace {

/// What a NAT does to a frame stands right behind the reception, with it as cause.
bool causedRewrite(const trace::Trace &trace, trace::Sequence received, SimTime at) {
  constexpr trace::Sequence lookAhead = 6;
  for (trace::Sequence s = received + 1; s <= received + lookAhead; ++s) {
    const trace::Record *r = trace.record(s);
    if (r == nullptr || r->at != at) return false;
    if (r->kind == trace::RecordKind::PacketRewritten && r->cause == received) return true;
  }
  return false;
}

} // namespace

bool isFinalReception(const trace::Trace &trace, const net::Blueprint &network,
                      trace::Sequence received) {
  const trace::Record *r = trace.record(received);
  if (r == nullptr || r->kind != trace::RecordKind::FrameReceived) return false;
  if (r->node >= network.nodes.size()) return false;
  const net::NodeSpec &node = network.nodes[r->node];
  if (node.kind == net::NodeKind::Switch) return false;
  const wire::Packet *form = trace.packet(r->packet);
  if (form == nullptr) return false;
  const trace::Record *sent = trace.record(r->args[0]);
  if (sent != nullptr) { // a flooded copy that this card ignores is no delivery
    const auto to = wire::MacAddress::fromBits(trace::sentArgs(*sent).destinationMac);
    const auto in = interfaceAt(network, r->node, r->link);
    if (!to.isGroup() && in && node.interfaces[*in].mac != to) return false;
  }
  return isForNode(node, *form, node.nat && causedRewrite(trace, received, r->at));
}

} // namespace packetarium::analysis
