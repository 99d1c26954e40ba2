// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/network.h"
#include "core/wire/cluster_message.h"

#include <algorithm>

namespace packetarium::net {
namespace {

/// Frames in the whole network at once. Beyond, queues count as full: a document may ask for more
/// than any memory holds (a very long and very fast link).
constexpr std::size_t framesMax = 4'000'000;

constexpr std::uint64_t wayBack = 0x517cc1b727220a95ULL; // tells the directions of a link apart

/// Signs of life, which come again and again.
bool isBackground(const wire::Packet &packet) {
  if (packet.protocol == wire::ProtocolClass::Vrrp) return true;
  return packet.protocol == wire::ProtocolClass::Cluster &&
         wire::cluster::startsHeartbeat(packet.payload.view());
}

trace::Record frameRecord(trace::RecordKind kind, const wire::Packet &packet, NodeIndex node,
                          LinkIndex link, int end) {
  trace::Record r;
  r.kind = kind;
  r.packet = packet.id;
  r.node = node.value;
  r.link = link.value;
  const int background = isBackground(packet) ? trace::backgroundBit : 0;
  r.detail = static_cast<std::uint16_t>(static_cast<int>(packet.protocol) | end << 8 | background);
  return r;
}

std::array<std::uint64_t, 4> sentArgsOf(const wire::Packet &packet, SimTime arrival,
                                        std::uint8_t prefixLength, trace::Sequence queued) {
  trace::SentArgs args;
  args.queued = queued;
  args.arrival = arrival;
  args.sourceMac = packet.ethernet.source.bits();
  args.destinationMac = packet.ethernet.destination.bits();
  args.frameBytes = packet.frameBytes;
  args.ttl = packet.isIp() ? packet.ip.ttl : std::uint8_t{0};
  args.prefixLength = prefixLength;
  return trace::pack(args);
}

} // namespace

void Network::transmit(NodeIndex node, std::uint32_t interface, std::uint32_t slot,
                       std::uint8_t prefixLength) {
  const InterfaceSpec &port = m_blueprint->nodes[node.value].interfaces[interface];
  if (!port.link.valid() || !link(port.link).up) {
    dropFrame(node, port.link, slot, trace::DropReason::NoCarrier);
    return;
  }
  Link &l = linkForWrite(port.link);
  LinkDirection &direction = l.directions[port.end];
  QueuedFrame frame{slot, prefixLength, 0, m_kernel.now, m_kernel.cause};
  if (m_kernel.packets.inUse() > framesMax) {
    dropFrame(node, port.link, slot, trace::DropReason::QueueFull);
    return;
  }
  if (direction.busyUntil <= m_kernel.now && direction.queue.empty()) {
    startTransmission(port.link, port.end, frame);
    return;
  }
  if (direction.queue.size() >= l.queuePackets) {
    dropFrame(node, port.link, slot, trace::DropReason::QueueFull);
    return;
  }
  if (direction.queue.empty())
    m_kernel.schedule(direction.busyUntil, EventClass::Arrival, EventKind::TransmitReady,
                      port.link.value * 2 + port.end, 0, l.epoch);
  const wire::Packet &packet = m_kernel.packets[slot];
  trace::Record r = frameRecord(trace::RecordKind::FrameQueued, packet, node, port.link, port.end);
  r.args[0] = packet.frameBytes;
  frame.record = m_kernel.emit(r);
  direction.queue.push(frame);
}

void Network::startTransmission(LinkIndex link, int end, const QueuedFrame &frame) {
  Link &l = linkForWrite(link);
  LinkDirection &direction = l.directions[static_cast<std::size_t>(end)];
  const NodeIndex node = m_blueprint->links[link.value].ends[static_cast<std::size_t>(end)].node;
  const wire::Packet &packet = m_kernel.packets[frame.slot];

  const Duration onWire = transmissionTime(packet.frameBytes, l.rateBps);
  direction.busyUntil = m_kernel.now + onWire;
  SimTime arrival = direction.busyUntil + l.delay;
  if (l.jitter > Duration{}) arrival += direction.jitterStream.uniform(Duration{}, l.jitter);
  if (l.reorder > 0 && direction.mishapStream.chance(l.reorder)) {
    // It goes astray for a while, and those sent after it need not wait for it.
    arrival += std::max(onWire * 4, l.delay / 2) + Duration::us(1);
  } else {
    arrival = std::max(arrival, direction.lastArrival);
    direction.lastArrival = arrival;
  }
  Mishap mishap = mishapOf(l, end);

  trace::Record r = frameRecord(trace::RecordKind::FrameSent, packet, node, link, end);
  r.args = sentArgsOf(packet, arrival, frame.prefixLength, frame.record);
  const std::uint64_t identity =
      m_identities->links[link.value] + (end != 0 ? wayBack : 0) + packet.ip.ttl;
  m_kernel.cause = frame.cause;
  const trace::Sequence sent = m_kernel.emitWire(r, identity, packet.contentHash);

  FlyingFrame flying;
  flying.slot = frame.slot;
  flying.flight = direction.nextFlight++;
  flying.record = sent;
  flying.sentAt = m_kernel.now;
  flying.arrival = arrival;
  flying.prefixLength = frame.prefixLength;
  flying.cause = frame.cause;
  flying.queued = frame.record;
  fly(link, end, flying, mishap);
  if (mishap != Mishap::None || l.duplicate <= 0 || !direction.mishapStream.chance(l.duplicate))
    return;
  // The line makes a second one of it, right behind the first. A new slot may move all packets.
  const std::uint64_t content = packet.contentHash;
  flying.slot = m_kernel.packets.put(wire::Packet(packet));
  flying.flight = direction.nextFlight++;
  flying.arrival = arrival + onWire;
  r.args = sentArgsOf(m_kernel.packets[flying.slot], flying.arrival, frame.prefixLength, 0);
  m_kernel.cause = sent;
  flying.record = m_kernel.emitWire(r, identity + 1, content);
  flying.cause = sent;
  flying.queued = 0;
  direction.lastArrival = std::max(direction.lastArrival, flying.arrival);
  fly(link, end, flying, Mishap::None);
  m_kernel.cause = frame.cause;
}

Mishap Network::mishapOf(Link &link, int end) {
  LinkDirection &direction = link.directions[static_cast<std::size_t>(end)];
  // Each draws only when it can happen, so that one fault does not shift another's luck.
  if (link.loss > 0 && direction.lossStream.chance(link.loss)) return Mishap::Lost;
  if (link.blocked == end + 1) return Mishap::Blocked;
  if (link.corrupt > 0 && direction.mishapStream.chance(link.corrupt)) return Mishap::Corrupted;
  return Mishap::None;
}

void Network::fly(LinkIndex link, int end, FlyingFrame frame, Mishap mishap) {
  Link &l = linkForWrite(link);
  l.directions[static_cast<std::size_t>(end)].flying.push(frame);
  // A lost frame dies half-way, so that one can see where; a corrupted one at the far end.
  const bool halfWay = mishap == Mishap::Lost || mishap == Mishap::Blocked;
  const SimTime due = halfWay ? m_kernel.now + (frame.arrival - m_kernel.now) / 2 : frame.arrival;
  m_kernel.schedule(due, EventClass::Arrival, EventKind::FrameArrival,
                    link.value * 2 + static_cast<std::uint32_t>(end), frame.flight, l.epoch,
                    static_cast<std::uint16_t>(mishap));
}

void Network::onTransmitReady(const Event &event) {
  const LinkIndex link{event.target / 2};
  const int end = static_cast<int>(event.target & 1);
  if (this->link(link).epoch != event.gen) return;
  Link &l = linkForWrite(link);
  LinkDirection &direction = l.directions[static_cast<std::size_t>(end)];
  if (direction.queue.empty()) return; // its node crashed meanwhile
  const QueuedFrame frame = direction.queue.front();
  direction.queue.pop();
  startTransmission(link, end, frame);
  if (!direction.queue.empty())
    m_kernel.schedule(direction.busyUntil, EventClass::Arrival, EventKind::TransmitReady,
                      event.target, 0, l.epoch);
}

std::optional<LocalDelivery> Network::onArrival(const Event &event) {
  const LinkIndex link{event.target / 2};
  const int end = static_cast<int>(event.target & 1);
  if (this->link(link).epoch != event.gen) return std::nullopt;
  LinkDirection &direction = linkForWrite(link).directions[static_cast<std::size_t>(end)];
  FlyingFrame &flying = direction.flying[event.arg - direction.flying.front().flight];
  const std::uint32_t slot = flying.slot;
  const trace::Sequence sent = flying.record;
  flying.gone = true;
  while (!direction.flying.empty() && direction.flying.front().gone) direction.flying.pop();

  m_kernel.cause = sent;
  const LinkEndSpec &far = m_blueprint->links[link.value].ends[static_cast<std::size_t>(1 - end)];
  const auto mishap = static_cast<Mishap>(event.aux);
  if (mishap == Mishap::Lost || mishap == Mishap::Blocked) {
    const NodeIndex near = m_blueprint->links[link.value].ends[static_cast<std::size_t>(end)].node;
    dropFrame(near, link, slot,
              mishap == Mishap::Lost ? trace::DropReason::LinkLoss : trace::DropReason::Blocked,
              sent);
    return std::nullopt;
  }
  if (mishap == Mishap::Corrupted) {
    dropFrame(far.node, link, slot, trace::DropReason::Corrupted, sent);
    return std::nullopt;
  }
  const trace::NodeHealth health = device(far.node).health;
  if (health == trace::NodeHealth::Crashed) {
    dropFrame(far.node, link, slot, trace::DropReason::NodeDown, sent);
    return std::nullopt;
  }
  if (health == trace::NodeHealth::Paused &&
      device(far.node).backlog.size() >= pausedBacklogLimit) {
    dropFrame(far.node, link, slot, trace::DropReason::PausedBacklogFull, sent);
    return std::nullopt;
  }
  const wire::Packet &packet = m_kernel.packets[slot];
  trace::Record r = frameRecord(trace::RecordKind::FrameReceived, packet, far.node, link, end);
  r.args[0] = sent;
  m_kernel.cause = m_kernel.emitWire(r, m_identities->nodes[far.node.value], packet.contentHash);
  ++m_kernel.packetHops;
  if (health == trace::NodeHealth::Paused) {
    holdBack(far.node, m_kernel.queue.prepare(m_kernel.now, EventClass::Arrival,
                                              static_cast<std::uint16_t>(EventKind::HeldFrame),
                                              far.node.value, slot, device(far.node).epoch,
                                              static_cast<std::uint16_t>(far.interface)));
    return std::nullopt;
  }
  return receive(far.node, far.interface, slot);
}

trace::Keyframe Network::keyframe() const {
  trace::Keyframe k;
  k.nodes.reserve(m_devices.size());
  k.links.reserve(m_links.size());
  k.inFlight.reserve(m_kernel.packets.inUse());
  for (std::uint32_t n = 0; n < m_devices.size(); ++n) {
    const Device &d = m_devices[n].read();
    k.nodes.push_back(d.health);
    if (d.slowness != 1 || d.clock.offset != Duration{} || d.clock.driftPpm != 0 ||
        d.partition != 0)
      k.conditions.push_back(
          {n, d.slowness, d.clock.since, d.clock.offset, d.clock.driftPpm, d.partition});
  }
  for (std::uint32_t i = 0; i < m_links.size(); ++i) {
    const Link &l = m_links[i].read();
    k.links.push_back({l.up, l.rateBps, l.delay, l.jitter, l.loss, l.queuePackets, l.duplicate,
                       l.reorder, l.corrupt, l.blocked, l.flap});
    for (int end = 0; end < 2; ++end) {
      const LinkDirection &d = l.directions[static_cast<std::size_t>(end)];
      const NodeIndex node = m_blueprint->links[i].ends[static_cast<std::size_t>(end)].node;
      for (std::size_t f = 0; f < d.flying.size(); ++f) {
        const FlyingFrame &flying = d.flying[f];
        if (flying.gone) continue;
        const wire::Packet &packet = m_kernel.packets[flying.slot];
        trace::Record r =
            frameRecord(trace::RecordKind::FrameSent, packet, node, LinkIndex{i}, end);
        r.at = flying.sentAt;
        r.cause = flying.cause;
        r.args = sentArgsOf(packet, flying.arrival, flying.prefixLength, flying.queued);
        k.inFlight.push_back({flying.record, r});
      }
      for (std::size_t q = 0; q < d.queue.size(); ++q) {
        const QueuedFrame &queued = d.queue[q];
        const wire::Packet &packet = m_kernel.packets[queued.slot];
        trace::Record r =
            frameRecord(trace::RecordKind::FrameQueued, packet, node, LinkIndex{i}, end);
        r.at = queued.queuedAt;
        r.cause = queued.cause;
        r.args[0] = packet.frameBytes;
        k.inFlight.push_back({queued.record, r});
      }
    }
  }
  std::sort(k.inFlight.begin(), k.inFlight.end(),
            [](const auto &a, const auto &b) { return a.sequence < b.sequence; });
  return k;
}

} // namespace packetarium::net
