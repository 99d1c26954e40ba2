// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"

#include <algorithm>

namespace packetarium::net {

void Network::resolve(NodeIndex node, std::uint32_t interface, wire::Ipv4Address nextHop,
                      std::uint32_t slot, std::uint8_t prefixLength) {
  Device &d = deviceForWrite(node);
  const auto pending =
      std::find_if(d.arpPending.begin(), d.arpPending.end(), [&](const ArpPending &p) {
        return p.nextHop == nextHop && p.interface == interface;
      });
  if (pending != d.arpPending.end()) {
    if (pending->waiting.size() >= arpQueueLimit) {
      const LinkIndex link = m_blueprint->nodes[node.value].interfaces[interface].link;
      dropFrame(node, link, slot, trace::DropReason::ArpQueueFull);
      return;
    }
    pending->waiting.push_back({slot, prefixLength, m_kernel.cause});
    return;
  }
  d.arpPending.push_back({nextHop, interface, 1, {{slot, prefixLength, m_kernel.cause}}});
  m_kernel.schedule(m_kernel.now + arpInterval, EventClass::Timer, EventKind::ArpTimer, node.value,
                    nextHop.value, d.epoch, static_cast<std::uint16_t>(interface));
  sendArp(node, interface, wire::ArpMessage::Request, {}, nextHop);
}

void Network::sendArp(NodeIndex node, std::uint32_t interface, std::uint16_t operation,
                      wire::MacAddress targetMac, wire::Ipv4Address targetIp) {
  const InterfaceSpec &port = m_blueprint->nodes[node.value].interfaces[interface];
  wire::ArpMessage message;
  message.operation = operation;
  message.senderMac = port.mac;
  message.senderIp = port.address ? port.address->address : wire::Ipv4Address{};
  message.targetMac = targetMac;
  message.targetIp = targetIp;
  sendArpFor(node, interface, message);
}

void Network::sendArpFor(NodeIndex node, std::uint32_t interface, wire::ArpMessage message) {
  wire::Packet packet;
  packet.kind = wire::PacketKind::Arp;
  packet.ethernet.etherType = static_cast<std::uint16_t>(wire::EtherType::Arp);
  packet.ethernet.source = message.senderMac;
  packet.ethernet.destination = message.operation == wire::ArpMessage::Request
                                    ? wire::MacAddress::broadcast()
                                    : message.targetMac;
  packet.arp = message;
  packet.maker = node;
  m_kernel.born(packet);
  transmit(node, interface, m_kernel.packets.put(std::move(packet)), 255);
}

void Network::receiveArp(NodeIndex node, std::uint32_t interface, std::uint32_t slot) {
  const wire::ArpMessage message = m_kernel.packets[slot].arp;
  const auto &own = m_blueprint->nodes[node.value].interfaces[interface].address;
  const HeldAddress *further = held(node, message.targetIp);
  if (further != nullptr && further->interface != interface) further = nullptr;
  const bool forMe = (own && own->address == message.targetIp) || further != nullptr;
  // RFC 826, "Packet Reception": an entry we have is merged from any message; a new one is made
  // only when the message is for us.
  if (!message.senderIp.isAny()) learn(node, interface, message.senderIp, message.senderMac, forMe);
  if (!forMe || message.operation != wire::ArpMessage::Request) return;
  if (further != nullptr && message.senderIp != message.targetIp)
    sendArpFor(node, interface,
               {wire::ArpMessage::Reply, further->mac, message.senderMac, further->address,
                message.senderIp});
  else if (further == nullptr)
    sendArp(node, interface, wire::ArpMessage::Reply, message.senderMac, message.senderIp);
}

void Network::learn(NodeIndex node, std::uint32_t interface, wire::Ipv4Address ip,
                    wire::MacAddress mac, bool createEntry) {
  const auto isIt = [&](const auto &e) { return e.ip == ip && e.interface == interface; };
  const auto &known = device(node).arp;
  const bool exists = std::any_of(known.begin(), known.end(), isIt);
  const auto &awaited = device(node).arpPending;
  const bool asked = std::any_of(awaited.begin(), awaited.end(), [&](const ArpPending &p) {
    return p.nextHop == ip && p.interface == interface;
  });
  if (!exists && !createEntry && !asked) return;

  Device &d = deviceForWrite(node);
  const SimTime expires = m_kernel.now + m_blueprint->nodes[node.value].arpTimeout;
  auto entry = std::find_if(d.arp.begin(), d.arp.end(), isIt);
  const bool news = entry == d.arp.end() || entry->mac != mac || entry->expires <= m_kernel.now;
  if (entry == d.arp.end())
    d.arp.push_back({ip, mac, interface, expires});
  else
    *entry = {ip, mac, interface, expires};
  if (news) {
    trace::Record r;
    r.kind = trace::RecordKind::ArpLearned;
    r.node = node.value;
    r.link = m_blueprint->nodes[node.value].interfaces[interface].link.value;
    r.args[0] = ip.value;
    r.args[1] = mac.bits();
    m_kernel.emit(r);
  }
  if (!asked) return;
  const auto pending =
      std::find_if(d.arpPending.begin(), d.arpPending.end(), [&](const ArpPending &p) {
        return p.nextHop == ip && p.interface == interface;
      });
  const std::vector<ArpWaiting> waiting = std::move(pending->waiting);
  d.arpPending.erase(pending);
  const trace::Sequence cause = m_kernel.cause;
  for (const ArpWaiting &w : waiting) {
    m_kernel.cause = w.cause; // why the packet exists; that ARP answered only set it free
    outputTo(node, interface, ip, w.slot, w.prefixLength);
  }
  m_kernel.cause = cause;
}

void Network::onArpTimer(const Event &event) {
  const NodeIndex node{event.target};
  const wire::Ipv4Address nextHop{event.arg};
  if (device(node).epoch != event.gen) return;
  Device &d = deviceForWrite(node);
  const auto pending =
      std::find_if(d.arpPending.begin(), d.arpPending.end(), [&](const ArpPending &p) {
        return p.nextHop == nextHop && p.interface == event.aux;
      });
  if (pending == d.arpPending.end()) return;
  m_kernel.cause = pending->waiting.empty() ? 0 : pending->waiting.front().cause;
  if (pending->requests < arpRequestsMax) {
    ++pending->requests;
    m_kernel.schedule(m_kernel.now + arpInterval, EventClass::Timer, EventKind::ArpTimer,
                      node.value, nextHop.value, d.epoch, event.aux);
    sendArp(node, event.aux, wire::ArpMessage::Request, {}, nextHop);
    return;
  }
  const std::vector<ArpWaiting> waiting = std::move(pending->waiting);
  d.arpPending.erase(pending);
  const LinkIndex link = m_blueprint->nodes[node.value].interfaces[event.aux].link;
  for (const ArpWaiting &w : waiting) {
    m_kernel.cause = w.cause;
    const wire::Packet about = m_kernel.packets[w.slot];
    dropFrame(node, link, w.slot, trace::DropReason::ArpFailed);
    sendIcmpError(node, about, wire::IcmpHeader::DestinationUnreachable, 1);
  }
}

} // namespace packetarium::net
