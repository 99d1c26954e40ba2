// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cow.h"
#include "core/net/blueprint.h"
#include "core/net/device.h"
#include "core/net/kernel.h"
#include "core/net/link.h"

#include <memory>
#include <optional>
#include <vector>

namespace packetarium::net {

/// A packet that reached the node it is for. Whoever takes it releases the slot.
struct LocalDelivery {
  NodeIndex node;
  std::uint32_t interface = 0; ///< by which it came; noInterface for the loopback
  std::uint32_t slot = 0;
};

/// How a packet leaves a node.
struct SendOptions {
  std::optional<std::uint32_t> interface; ///< forced way out (multicast, limited broadcast)
};

/// Devices and links joined together: everything up to layer 3. A value.
class Network {
public:
  static constexpr std::uint32_t noInterface = 0xffffffffU;

  Network() = default;
  explicit Network(std::shared_ptr<const Blueprint> blueprint);

  const Blueprint &blueprint() const { return *m_blueprint; }
  Kernel &kernel() { return m_kernel; }
  const Kernel &kernel() const { return m_kernel; }
  const Device &device(NodeIndex n) const { return m_devices[n.value].read(); }
  const Link &link(LinkIndex l) const { return m_links[l.value].read(); }
  std::size_t nodeCount() const { return m_devices.size(); }
  std::size_t linkCount() const { return m_links.size(); }
  bool up(NodeIndex n) const { return device(n).health == trace::NodeHealth::Up; }

  /// Keeps a timer of a paused node until it resumes.
  void holdBack(NodeIndex node, const Event &event);

  /// Fetches into the caches what an upcoming event of this room needs first.
  void prefetch(const EventQueue::Hint &hint) const {
    const auto kind = static_cast<EventKind>(hint.kind);
    if (kind != EventKind::FrameArrival && kind != EventKind::TransmitReady) return;
    if (hint.target / 2 < m_links.size()) m_links[hint.target / 2].prefetch(sizeof(Link));
  }
  /// Runs one of the net room's events; gives back a packet that reached its node, if any.
  std::optional<LocalDelivery> handle(const Event &event);

  /// Sends an IP packet from a node: fills the source address when it is 0.0.0.0, the
  /// identification, and the Ethernet header; routes, asks ARP, drops with a reason.
  void sendIp(NodeIndex node, wire::Packet packet, const SendOptions &options = {});
  /// Sends a frame as it is out of one interface (link-layer sockets).
  void sendFrame(NodeIndex node, std::uint32_t interface, wire::Packet packet);
  /// The address a packet to destination would be sent from; 0.0.0.0 without a route.
  wire::Ipv4Address sourceFor(NodeIndex node, wire::Ipv4Address destination) const;
  bool isLocalAddress(NodeIndex node, wire::Ipv4Address address) const;
  /// Answers a packet with an ICMP error (RFC 1122 section 3.2.2 says when not to).
  void sendIcmpError(NodeIndex node, const wire::Packet &about, std::uint8_t type,
                     std::uint8_t code);
  /// Records the drop of a packet inside a node.
  void recordDrop(NodeIndex node, const wire::Packet &packet, trace::DropReason reason,
                  std::uint32_t interface = noInterface);
  void joinGroup(NodeIndex node, std::uint32_t interface, wire::Ipv4Address group);
  void leaveGroup(NodeIndex node, std::uint32_t interface, wire::Ipv4Address group);
  /// All frames reach this node's local delivery, whomever they are for (captures, bridges).
  void setPromiscuous(NodeIndex node, bool on);
  /// A further address of an interface, answered with mac or with the card's own; recorded.
  void takeAddress(NodeIndex node, std::uint32_t interface, wire::Ipv4Address address,
                   std::optional<wire::MacAddress> mac);
  void releaseAddress(NodeIndex node, wire::Ipv4Address address);
  /// Gratuitous ARP (a request for a held address, with it as the sender's).
  void announceAddress(NodeIndex node, wire::Ipv4Address address);
  SimTime clock(NodeIndex node) const { return device(node).clock.at(m_kernel.now); }
  SimTime steadyClock(NodeIndex node) const { return device(node).clock.steadyAt(m_kernel.now); }
  const NodeSpec &spec(NodeIndex n) const { return m_blueprint->nodes[n.value]; }

  // Faults and link conditions; each records what it did.
  void crash(NodeIndex node);
  void restart(NodeIndex node);
  void pause(NodeIndex node);
  void resume(NodeIndex node);
  void cut(LinkIndex link);
  void restore(LinkIndex link);
  void setRate(LinkIndex link, std::uint64_t bitsPerSecond);
  void setDelay(LinkIndex link, Duration delay);
  void setJitter(LinkIndex link, Duration jitter);
  void setLoss(LinkIndex link, double probability);
  void setQueue(LinkIndex link, std::uint32_t packets);
  void setDuplicate(LinkIndex link, double probability);
  void setReorder(LinkIndex link, double probability);
  void setCorrupt(LinkIndex link, double probability);
  /// 0: none; 1, 2: what the first, second end sends is lost.
  void setBlocked(LinkIndex link, int direction);
  /// Goes down and comes up again and again, half of the period each; 0 stops it, up.
  void setFlap(LinkIndex link, Duration period);
  /// factor: at least 1.
  void setSlowness(NodeIndex node, double factor);
  void setClockOffset(NodeIndex node, Duration ahead);
  void setClockDrift(NodeIndex node, double ppm);
  /// Nodes on different sides (from 1) hear nothing of one another; 0 hears everybody.
  void setPartition(NodeIndex node, std::uint32_t side);
  /// Records that the disk was emptied.
  void diskLost(NodeIndex node);
  /// A crash or restart that another event brought about, whose cause stands in the kernel.
  void switchOff(NodeIndex node);
  void switchOn(NodeIndex node);

  /// The part of a keyframe that this room knows: health, links, frames queued and in flight.
  trace::Keyframe keyframe() const;
  std::uint64_t nodeHash(NodeIndex n) const { return m_identities->nodes[n.value]; }

private:
  struct Identities {
    std::vector<std::uint64_t> nodes, links;
  };
  Device &deviceForWrite(NodeIndex n) { return m_devices[n.value].write(); }
  Link &linkForWrite(LinkIndex l) { return m_links[l.value].write(); }

  // links
  void transmit(NodeIndex node, std::uint32_t interface, std::uint32_t slot,
                std::uint8_t prefixLength);
  void startTransmission(LinkIndex link, int end, const QueuedFrame &frame);
  void onTransmitReady(const Event &event);
  std::optional<LocalDelivery> onArrival(const Event &event);
  void dropFrame(NodeIndex node, LinkIndex link, std::uint32_t slot, trace::DropReason reason,
                 trace::Sequence about = 0);
  // Ethernet and IP
  std::optional<LocalDelivery> receive(NodeIndex node, std::uint32_t interface, std::uint32_t slot);
  void switchFrame(NodeIndex node, std::uint32_t interface, std::uint32_t slot);
  void learnMac(NodeIndex node, std::uint32_t interface, wire::MacAddress source);
  void receiveArp(NodeIndex node, std::uint32_t interface, std::uint32_t slot);
  std::optional<LocalDelivery> receiveIp(NodeIndex node, std::uint32_t interface,
                                         std::uint32_t slot);
  void forward(NodeIndex node, std::uint32_t inInterface, std::uint32_t slot);
  void sendToGroup(NodeIndex node, wire::Packet packet, const SendOptions &options);
  std::optional<std::uint32_t> groupInterface(NodeIndex node, const SendOptions &options) const;
  void output(NodeIndex node, const Route &route, std::uint32_t slot);
  void outputTo(NodeIndex node, std::uint32_t interface, wire::Ipv4Address nextHop,
                std::uint32_t slot, std::uint8_t prefixLength);
  const HeldAddress *held(NodeIndex node, wire::Ipv4Address address) const;
  bool isOwnMac(NodeIndex node, std::uint32_t interface, wire::MacAddress mac) const;
  bool partitioned(NodeIndex node, const wire::Packet &packet) const;
  bool acceptsIp(const Device &device, std::uint32_t interface, wire::Ipv4Address to) const;
  // ARP
  void resolve(NodeIndex node, std::uint32_t interface, wire::Ipv4Address nextHop,
               std::uint32_t slot, std::uint8_t prefixLength);
  void sendArp(NodeIndex node, std::uint32_t interface, std::uint16_t operation,
               wire::MacAddress targetMac, wire::Ipv4Address targetIp);
  void sendArpFor(NodeIndex node, std::uint32_t interface, wire::ArpMessage message);
  void learn(NodeIndex node, std::uint32_t interface, wire::Ipv4Address ip, wire::MacAddress mac,
             bool createEntry);
  void onArpTimer(const Event &event);
  // NAT
  bool translateOutbound(NodeIndex node, std::uint32_t slot);
  bool translateInbound(NodeIndex node, std::uint32_t slot);
  bool translateQuote(NodeIndex node, wire::Packet &error);
  void rewritten(NodeIndex node, wire::Packet &packet);
  // faults
  void dropQueue(LinkIndex link, int end, trace::DropReason reason);
  void dropFlying(LinkIndex link, int end, trace::DropReason reason);
  void forgetVolatile(NodeIndex node);
  void crashNow(NodeIndex node);
  void restartNow(NodeIndex node);
  void recordNode(NodeIndex node, trace::NodeHealth health);
  void recordQuantity(NodeIndex node, trace::NodeQuantity quantity, double value);
  void onFlap(const Event &event);
  void recordHeld(NodeIndex node, const HeldAddress &held, bool taken);
  Mishap mishapOf(Link &link, int end);
  void fly(LinkIndex link, int end, FlyingFrame frame, Mishap mishap);
  void recordLink(LinkIndex link, trace::LinkQuantity quantity, double value);

  std::shared_ptr<const Blueprint> m_blueprint;
  std::shared_ptr<const Identities> m_identities;
  Kernel m_kernel;
  std::vector<Cow<Device>> m_devices;
  std::vector<Cow<Link>> m_links;
};

} // namespace packetarium::net
