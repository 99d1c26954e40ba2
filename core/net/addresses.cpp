// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"

#include <algorithm>

namespace packetarium::net {

const HeldAddress *Network::held(NodeIndex node, wire::Ipv4Address address) const {
  const auto &all = device(node).held;
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const HeldAddress &h) { return h.address == address; });
  return at == all.end() ? nullptr : &*at;
}

bool Network::isOwnMac(NodeIndex node, std::uint32_t interface, wire::MacAddress mac) const {
  if (m_blueprint->nodes[node.value].interfaces[interface].mac == mac) return true;
  const auto &all = device(node).held;
  return std::any_of(all.begin(), all.end(), [&](const HeldAddress &h) {
    return h.interface == interface && h.mac == mac;
  });
}

void Network::recordHeld(NodeIndex node, const HeldAddress &held, bool taken) {
  trace::Record r;
  r.kind = trace::RecordKind::AddressHeld;
  r.node = node.value;
  r.link = m_blueprint->nodes[node.value].interfaces[held.interface].link.value;
  r.detail = taken ? 1 : 0;
  r.args[0] = held.address.value;
  r.args[1] = held.mac.bits();
  m_kernel.emit(r);
}

void Network::takeAddress(NodeIndex node, std::uint32_t interface, wire::Ipv4Address address,
                          std::optional<wire::MacAddress> mac) {
  const auto &interfaces = m_blueprint->nodes[node.value].interfaces;
  if (interface >= interfaces.size()) return;
  releaseAddress(node, address);
  HeldAddress entry{interface, address, mac.value_or(interfaces[interface].mac), !mac};
  deviceForWrite(node).held.push_back(entry);
  recordHeld(node, entry, true);
}

void Network::releaseAddress(NodeIndex node, wire::Ipv4Address address) {
  const HeldAddress *known = held(node, address);
  if (known == nullptr) return;
  const HeldAddress gone = *known;
  auto &all = deviceForWrite(node).held;
  all.erase(std::find_if(all.begin(), all.end(),
                         [&](const HeldAddress &h) { return h.address == address; }));
  recordHeld(node, gone, false);
}

void Network::announceAddress(NodeIndex node, wire::Ipv4Address address) {
  const HeldAddress *known = held(node, address);
  if (known == nullptr) return;
  wire::ArpMessage message;
  message.operation = wire::ArpMessage::Request;
  message.senderMac = known->mac;
  message.senderIp = address;
  message.targetIp = address;
  sendArpFor(node, known->interface, message);
}

} // namespace packetarium::net
