// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"

#include <algorithm>

namespace packetarium::net {

void Network::recordNode(NodeIndex node, trace::NodeHealth health) {
  trace::Record r;
  r.kind = trace::RecordKind::NodeState;
  r.node = node.value;
  r.detail = static_cast<std::uint16_t>(health);
  m_kernel.cause = m_kernel.emit(r);
}

void Network::recordQuantity(NodeIndex node, trace::NodeQuantity quantity, double value) {
  trace::Record r;
  r.kind = trace::RecordKind::NodeChanged;
  r.node = node.value;
  r.detail = static_cast<std::uint16_t>(quantity);
  r.args[0] = trace::doubleArg(value);
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
  fresh.slowness = d.slowness;
  fresh.clock = d.clock;
  fresh.partition = d.partition;
  d = std::move(fresh);
}

void Network::crash(NodeIndex node) {
  m_kernel.cause = 0;
  crashNow(node);
}

void Network::switchOff(NodeIndex node) { crashNow(node); }

void Network::crashNow(NodeIndex node) {
  if (device(node).health == trace::NodeHealth::Crashed) return;
  recordNode(node, trace::NodeHealth::Crashed);
  for (const HeldAddress &held : device(node).held) recordHeld(node, held, false);
  forgetVolatile(node);
  for (const InterfaceSpec &port : m_blueprint->nodes[node.value].interfaces)
    if (port.link.valid()) dropQueue(port.link, port.end, trace::DropReason::NodeDown);
}

void Network::restart(NodeIndex node) {
  m_kernel.cause = 0;
  restartNow(node);
}

void Network::switchOn(NodeIndex node) { restartNow(node); }

void Network::restartNow(NodeIndex node) {
  if (device(node).health == trace::NodeHealth::Up) return;
  if (device(node).health == trace::NodeHealth::Paused) crashNow(node);
  deviceForWrite(node).health = trace::NodeHealth::Up;
  recordNode(node, trace::NodeHealth::Up);
}

void Network::pause(NodeIndex node) {
  if (device(node).health != trace::NodeHealth::Up) return;
  deviceForWrite(node).health = trace::NodeHealth::Paused;
  m_kernel.cause = 0;
  recordNode(node, trace::NodeHealth::Paused);
}

void Network::holdBack(NodeIndex node, const Event &event) {
  deviceForWrite(node).backlog.push_back(event);
}

void Network::resume(NodeIndex node) {
  if (device(node).health != trace::NodeHealth::Paused) return;
  Device &d = deviceForWrite(node);
  d.health = trace::NodeHealth::Up;
  m_kernel.cause = 0;
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

void Network::setDuplicate(LinkIndex link, double probability) {
  linkForWrite(link).duplicate = std::clamp(probability, 0.0, 1.0);
  recordLink(link, trace::LinkQuantity::Duplicate, probability);
}

void Network::setReorder(LinkIndex link, double probability) {
  linkForWrite(link).reorder = std::clamp(probability, 0.0, 1.0);
  recordLink(link, trace::LinkQuantity::Reorder, probability);
}

void Network::setCorrupt(LinkIndex link, double probability) {
  linkForWrite(link).corrupt = std::clamp(probability, 0.0, 1.0);
  recordLink(link, trace::LinkQuantity::Corrupt, probability);
}

void Network::setBlocked(LinkIndex link, int direction) {
  linkForWrite(link).blocked = std::clamp(direction, 0, 2);
  recordLink(link, trace::LinkQuantity::Blocked, direction);
}

void Network::setFlap(LinkIndex link, Duration period) {
  Link &l = linkForWrite(link);
  const bool flapped = l.flap > Duration{};
  l.flap = std::max(Duration{}, period);
  ++l.flapGeneration;
  recordLink(link, trace::LinkQuantity::Flap, static_cast<double>(l.flap.ns()));
  if (l.flap > Duration{})
    m_kernel.schedule(m_kernel.now, EventClass::Arrival, EventKind::LinkFlap, link.value, 0,
                      l.flapGeneration);
  else if (flapped)
    restore(link);
}

void Network::onFlap(const Event &event) {
  const LinkIndex link{event.target};
  const Link &l = this->link(link);
  if (l.flapGeneration != event.gen || l.flap <= Duration{}) return;
  m_kernel.schedule(m_kernel.now + std::max(l.flap / 2, Duration::ns(1)), EventClass::Arrival,
                    EventKind::LinkFlap, link.value, 0, event.gen);
  if (l.up)
    cut(link);
  else
    restore(link);
}

void Network::setSlowness(NodeIndex node, double factor) {
  deviceForWrite(node).slowness = std::max(1.0, factor);
  recordQuantity(node, trace::NodeQuantity::Slowness, factor);
}

void Network::setClockOffset(NodeIndex node, Duration ahead) {
  deviceForWrite(node).clock.set(m_kernel.now, ahead);
  recordQuantity(node, trace::NodeQuantity::ClockOffset, static_cast<double>(ahead.ns()));
}

void Network::setClockDrift(NodeIndex node, double ppm) {
  deviceForWrite(node).clock.setDrift(m_kernel.now, ppm);
  recordQuantity(node, trace::NodeQuantity::ClockDrift, ppm);
}

void Network::setPartition(NodeIndex node, std::uint32_t side) {
  deviceForWrite(node).partition = side;
  recordQuantity(node, trace::NodeQuantity::Partition, side);
}

void Network::diskLost(NodeIndex node) { recordQuantity(node, trace::NodeQuantity::DiskLost, 1); }

bool Network::partitioned(NodeIndex node, const wire::Packet &packet) const {
  if (!packet.maker.valid()) return false;
  const std::uint32_t theirs = device(packet.maker).partition;
  return theirs != 0 && theirs != device(node).partition;
}

} // namespace packetarium::net
