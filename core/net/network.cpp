// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"

#include <algorithm>

namespace packetarium::net {

Network::Network(std::shared_ptr<const Blueprint> blueprint) : m_blueprint(std::move(blueprint)) {
  auto identities = std::make_shared<Identities>();
  m_kernel.seed = m_blueprint->seed;
  m_devices.resize(m_blueprint->nodes.size());
  for (const NodeSpec &node : m_blueprint->nodes) identities->nodes.push_back(hashText(node.id));
  m_links.reserve(m_blueprint->links.size());
  for (const LinkSpec &spec : m_blueprint->links) {
    identities->links.push_back(hashText(spec.id));
    Link link;
    link.rateBps = spec.rateBps;
    link.delay = spec.delay;
    link.jitter = spec.jitter;
    link.loss = spec.loss;
    link.queuePackets = spec.queuePackets;
    link.up = spec.up;
    link.duplicate = spec.duplicate;
    link.reorder = spec.reorder;
    link.corrupt = spec.corrupt;
    link.blocked = spec.blocked;
    // The stream belongs to the direction, named by the id of the node that sends into it.
    for (std::size_t end = 0; end < 2; ++end) {
      const std::string id = spec.id + ">" + std::to_string(end);
      link.directions[end].lossStream = RandomStream(m_blueprint->seed, id, "loss");
      link.directions[end].jitterStream = RandomStream(m_blueprint->seed, id, "jitter");
      link.directions[end].mishapStream = RandomStream(m_blueprint->seed, id, "mishap");
    }
    m_links.emplace_back(std::move(link));
  }
  m_identities = std::move(identities);
  for (std::uint32_t n = 0; n < m_devices.size(); ++n) {
    const NodeSpec &node = m_blueprint->nodes[n];
    if (node.slowness == 1 && node.clockOffset == Duration{} && node.clockDriftPpm == 0) continue;
    Device &d = m_devices[n].write();
    d.slowness = node.slowness;
    d.clock = {SimTime::zero(), node.clockOffset, node.clockDriftPpm, Duration{}};
  }
  for (std::uint32_t l = 0; l < m_links.size(); ++l) {
    const Duration period = m_blueprint->links[l].flap;
    if (period <= Duration{}) continue;
    m_links[l].write().flap = period;
    m_kernel.schedule(SimTime::zero() + period / 2, EventClass::Arrival, EventKind::LinkFlap, l);
  }
}

std::optional<LocalDelivery> Network::handle(const Event &event) {
  switch (static_cast<EventKind>(event.kind)) {
  case EventKind::FrameArrival: return onArrival(event);
  case EventKind::TransmitReady: onTransmitReady(event); return std::nullopt;
  case EventKind::ArpTimer: onArpTimer(event); return std::nullopt;
  case EventKind::LinkFlap: onFlap(event); return std::nullopt;
  case EventKind::Loopback:
  case EventKind::HeldFrame: break;
  default: return std::nullopt;
  }
  const NodeIndex node{event.target};
  if (device(node).epoch != event.gen) {
    m_kernel.packets.release(event.arg); // sent before a crash
    return std::nullopt;
  }
  m_kernel.cause = 0;
  if (static_cast<EventKind>(event.kind) == EventKind::HeldFrame)
    return receive(node, event.aux, event.arg);
  return LocalDelivery{node, noInterface, event.arg};
}

std::optional<LocalDelivery> Network::receive(NodeIndex node, std::uint32_t interface,
                                              std::uint32_t slot) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  if (spec.kind == NodeKind::Switch) {
    switchFrame(node, interface, slot);
    return std::nullopt;
  }
  const wire::Packet &packet = m_kernel.packets[slot];
  const wire::MacAddress to = packet.ethernet.destination;
  if (device(node).partition != 0 && partitioned(node, packet)) {
    dropFrame(node, spec.interfaces[interface].link, slot, trace::DropReason::Partitioned);
    return std::nullopt;
  }
  if (!to.isGroup() && !isOwnMac(node, interface, to) && !device(node).promiscuous) {
    dropFrame(node, spec.interfaces[interface].link, slot, trace::DropReason::NotForMe);
    return std::nullopt;
  }
  if (packet.kind == wire::PacketKind::Arp) {
    receiveArp(node, interface, slot);
    return LocalDelivery{node, interface, slot};
  }
  if (packet.isIp()) return receiveIp(node, interface, slot);
  return LocalDelivery{node, interface, slot};
}

void Network::switchFrame(NodeIndex node, std::uint32_t interface, std::uint32_t slot) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  const wire::EthernetHeader header = m_kernel.packets[slot].ethernet;
  if (!header.source.isGroup()) learnMac(node, interface, header.source);
  const auto &table = device(node).macTable;
  const auto known = header.destination.isGroup() ? table.end() : table.find(header.destination);
  if (known != table.end() && known->second.expires > m_kernel.now) {
    const std::uint32_t out = known->second.interface;
    if (out == interface)
      dropFrame(node, spec.interfaces[interface].link, slot, trace::DropReason::OwnEcho);
    else
      transmit(node, out, slot, 255);
    return;
  }
  for (std::uint32_t out = 0; out < spec.interfaces.size(); ++out) {
    const LinkIndex link = spec.interfaces[out].link;
    if (out == interface || !link.valid() || !this->link(link).up) continue;
    const std::uint32_t copy = m_kernel.packets.put(wire::Packet(m_kernel.packets[slot]));
    transmit(node, out, copy, 255);
  }
  m_kernel.packets.release(slot);
}

void Network::learnMac(NodeIndex node, std::uint32_t interface, wire::MacAddress source) {
  const auto &table = device(node).macTable;
  const auto known = table.find(source);
  const bool news = known == table.end() || known->second.interface != interface ||
                    known->second.expires <= m_kernel.now;
  const SimTime expires = m_kernel.now + m_blueprint->nodes[node.value].macTimeout;
  deviceForWrite(node).macTable[source] = {interface, expires};
  if (!news) return;
  trace::Record r;
  r.kind = trace::RecordKind::MacLearned;
  r.node = node.value;
  r.link = m_blueprint->nodes[node.value].interfaces[interface].link.value;
  r.args[0] = interface;
  r.args[1] = source.bits();
  m_kernel.emit(r);
}

void Network::dropFrame(NodeIndex node, LinkIndex link, std::uint32_t slot,
                        trace::DropReason reason, trace::Sequence about) {
  const wire::Packet &packet = m_kernel.packets[slot];
  trace::Record r;
  r.kind = trace::RecordKind::FrameDropped;
  r.packet = packet.id;
  r.node = node.value;
  r.link = link.value;
  r.detail = static_cast<std::uint16_t>(reason);
  r.args[0] = about;
  const std::uint64_t place = node.valid() ? m_identities->nodes[node.value] : 0;
  const std::uint64_t way = link.valid() ? m_identities->links[link.value] : 0;
  m_kernel.emitWire(r, hashCombine(place, way), packet.contentHash);
  m_kernel.packets.release(slot);
}

void Network::recordDrop(NodeIndex node, const wire::Packet &packet, trace::DropReason reason,
                         std::uint32_t interface) {
  trace::Record r;
  r.kind = trace::RecordKind::FrameDropped;
  r.packet = packet.id;
  r.node = node.value;
  r.detail = static_cast<std::uint16_t>(reason);
  const auto &interfaces = m_blueprint->nodes[node.value].interfaces;
  if (interface < interfaces.size()) r.link = interfaces[interface].link.value;
  m_kernel.emitWire(r, m_identities->nodes[node.value], packet.contentHash);
}

void Network::sendFrame(NodeIndex node, std::uint32_t interface, wire::Packet packet) {
  const NodeSpec &spec = m_blueprint->nodes[node.value];
  if (interface >= spec.interfaces.size()) return;
  if (packet.ethernet.source.isZero()) packet.ethernet.source = spec.interfaces[interface].mac;
  packet.maker = node;
  m_kernel.born(packet);
  transmit(node, interface, m_kernel.packets.put(std::move(packet)), 255);
}

void Network::setPromiscuous(NodeIndex node, bool on) { deviceForWrite(node).promiscuous = on; }

} // namespace packetarium::net
