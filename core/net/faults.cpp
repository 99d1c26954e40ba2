// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"

#include <algorithm>

namespace packetarium::net {

void Network::recordNode(NodeIndex node, trace::NodeHealth health) {
  trace::Record r;
  r.kind = trace::RecordKind::NodeState;
  r.node = node.value;
  r.detail = static_cast<std::uint16_t>(health);
  m_kernel.cause = 0;
  m_kernel.cause = m_kernel.emit(r);
}

void Network::recordLink(LinkIndex link, trace::LinkQuantity quantity, double value) {
  trace::Record r;
  r.kind = trace::RecordKind::LinkChanged;
  r.link = link.value;
  r.detail = static_cast<std::uint16_t>(quantity);
  r.args[0] = trace::doubleArg(value);
  m_kernel.cause = 0;
  m_kernel.cause = m_kernel.emit(r);
}

void Network::forgetVolatile(NodeIndex node) {
  Device &d = deviceForWrite(node);
  const auto &interfaces = m_blueprint->nodes[node.value].interfaces;
  for (const ArpPending &pending : d.arpPending)
    for (const ArpWaiting &w : pending.waiting)
      dropFrame(node, interfaces[pending.interface].link, w.slot, trace::DropReason::NodeDown);
  for (const Event &held : d.backlog)
    if (static_cast<EventKind>(held.kind) == EventKind::HeldFrame)
      dropFrame(node, interfaces[held.aux].link, held.arg, trace::DropReason::NodeDown);
  Device fresh;
  fresh.health = trace::NodeHealth::Crashed;
  fresh.epoch = d.epoch + 1;
  fresh.nextIdentification = d.nextIdentification;
  d = std::move(fresh);
}

void Network::crash(NodeIndex node) {
  if (device(node).health == trace::NodeHealth::Crashed) return;
  recordNode(node, trace::NodeHealth::Crashed);
  forgetVolatile(node);
  for (const InterfaceSpec &port : m_blueprint->nodes[node.value].interfaces)
    if (port.link.valid()) dropQueue(port.link, port.end, trace::DropReason::NodeDown);
}

void Network::restart(NodeIndex node) {
  if (device(node).health == trace::NodeHealth::Up) return;
  if (device(node).health == trace::NodeHealth::Paused) crash(node);
  deviceForWrite(node).health = trace::NodeHealth::Up;
  recordNode(node, trace::NodeHealth::Up);
}

void Network::pause(NodeIndex node) {
  if (device(node).health != trace::NodeHealth::Up) return;
  deviceForWrite(node).health = trace::NodeHealth::Paused;
  recordNode(node, trace::NodeHealth::Paused);
}

void Network::holdBack(NodeIndex node, const Event &event) {
  deviceForWrite(node).backlog.push_back(event);
}

void Network::resume(NodeIndex node) {
  if (device(node).health != trace::NodeHealth::Paused) return;
  Device &d = deviceForWrite(node);
  d.health = trace::NodeHealth::Up;
  recordNode(node, trace::NodeHealth::Up);
  // What should have happened meanwhile happens now, in its old order.
  for (const Event &event : std::exchange(d.backlog, {}))
    m_kernel.queue.reschedule(event, m_kernel.now);
}

void Network::dropQueue(LinkIndex link, int end, trace::DropReason reason) {
  LinkDirection &direction = linkForWrite(link).directions[static_cast<std::size_t>(end)];
  const NodeIndex node = m_blueprint->links[link.value].ends[static_cast<std::size_t>(end)].node;
  for (; !direction.queue.empty(); direction.queue.pop())
    dropFrame(node, link, direction.queue.front().slot, reason, direction.queue.front().record);
}

void Network::dropFlying(LinkIndex link, int end, trace::DropReason reason) {
  LinkDirection &direction = linkForWrite(link).directions[static_cast<std::size_t>(end)];
  const NodeIndex node = m_blueprint->links[link.value].ends[static_cast<std::size_t>(end)].node;
  for (; !direction.flying.empty(); direction.flying.pop())
    if (!direction.flying.front().gone)
      dropFrame(node, link, direction.flying.front().slot, reason, direction.flying.front().record);
  direction.busyUntil = m_kernel.now;
  direction.lastArrival = m_kernel.now;
}

void Network::cut(LinkIndex link) {
  if (!this->link(link).up) return;
  Link &l = linkForWrite(link);
  l.up = false;
  ++l.epoch;
  trace::Record r;
  r.kind = trace::RecordKind::LinkState;
  r.link = link.value;
  r.detail = 0;
  m_kernel.cause = 0;
  m_kernel.cause = m_kernel.emit(r);
  for (int end = 0; end < 2; ++end) {
    dropQueue(link, end, trace::DropReason::LinkCut);
    dropFlying(link, end, trace::DropReason::LinkCut);
  }
}

void Network::restore(LinkIndex link) {
  if (this->link(link).up) return;
  linkForWrite(link).up = true;
  trace::Record r;
  r.kind = trace::RecordKind::LinkState;
  r.link = link.value;
  r.detail = 1;
  m_kernel.cause = 0;
  m_kernel.cause = m_kernel.emit(r);
}

void Network::setRate(LinkIndex link, std::uint64_t bitsPerSecond) {
  linkForWrite(link).rateBps = std::max<std::uint64_t>(1, bitsPerSecond);
  recordLink(link, trace::LinkQuantity::Rate, static_cast<double>(bitsPerSecond));
}

void Network::setDelay(LinkIndex link, Duration delay) {
  linkForWrite(link).delay = std::max(Duration{}, delay);
  recordLink(link, trace::LinkQuantity::Delay, static_cast<double>(delay.ns()));
}

void Network::setJitter(LinkIndex link, Duration jitter) {
  linkForWrite(link).jitter = std::max(Duration{}, jitter);
  recordLink(link, trace::LinkQuantity::Jitter, static_cast<double>(jitter.ns()));
}

void Network::setLoss(LinkIndex link, double probability) {
  linkForWrite(link).loss = std::clamp(probability, 0.0, 1.0);
  recordLink(link, trace::LinkQuantity::Loss, probability);
}

void Network::setQueue(LinkIndex link, std::uint32_t packets) {
  linkForWrite(link).queuePackets = packets;
  recordLink(link, trace::LinkQuantity::Queue, packets);
}

} // namespace packetarium::net
