// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/event_queue.h"
#include "core/base/sim_time.h"
#include "core/trace/record.h"
#include "core/wire/address.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace packetarium::net {

/// RFC 826 with the timeout of RFC 1122 section 2.3.2.1 and its rule to hold back packets while an
/// answer is awaited.
struct ArpEntry {
  wire::Ipv4Address ip;
  wire::MacAddress mac;
  std::uint32_t interface = 0;
  SimTime expires;
};
struct ArpWaiting {
  std::uint32_t slot = 0;
  std::uint8_t prefixLength = 255;
  trace::Sequence cause = 0;
};
struct ArpPending {
  wire::Ipv4Address nextHop;
  std::uint32_t interface = 0;
  int requests = 0; ///< sent so far
  std::vector<ArpWaiting> waiting;
};
constexpr std::size_t arpQueueLimit = 16;
constexpr int arpRequestsMax = 3; ///< one a second
constexpr Duration arpInterval = Duration::seconds(1);

/// Where a learning switch has seen an address (IEEE 802.1D).
struct MacEntry {
  std::uint32_t interface = 0;
  SimTime expires;
};

/// One translation of the home router: inside address and port to a port of its own.
struct NatMapping {
  std::uint8_t protocol = 0;
  wire::Ipv4Address insideIp;
  std::uint16_t insidePort = 0; ///< ICMP: the echo identifier
  std::uint16_t outsidePort = 0;
  SimTime lastUsed;
};

/// A further address that a node answers for, beside those of its interfaces.
struct HeldAddress {
  std::uint32_t interface = 0;
  wire::Ipv4Address address;
  wire::MacAddress mac; ///< that ARP is answered with
  bool ownMac = true;   ///< the card's own
};

/// What a node's clock shows: set now and then, running at its own pace between.
struct NodeClock {
  SimTime since;       ///< true time when it was last set
  Duration offset;     ///< how far it was ahead then
  double driftPpm = 0; ///< by which it runs fast
  Duration drifted;    ///< what its pace alone had gained until then
  SimTime at(SimTime now) const { return now + offset + gained(now); }
  /// The same clock as if nobody had ever set it: spans between two readings are right but for the
  /// drift.
  SimTime steadyAt(SimTime now) const { return now + drifted + gained(now); }
  /// From now on it is so far ahead, or runs fast by so much.
  void set(SimTime now, Duration ahead) {
    drifted = drifted + gained(now);
    since = now;
    offset = ahead;
  }
  void setDrift(SimTime now, double ppm) {
    set(now, at(now) - now); // what it has gained so far, it keeps
    driftPpm = ppm;
  }
  /// By its pace, since it was last set.
  Duration gained(SimTime now) const {
    if (driftPpm == 0) return {};
    return Duration::ns(
        static_cast<std::int64_t>(static_cast<double>((now - since).ns()) * driftPpm / 1e6));
  }
  /// How long a time span on this clock truly takes.
  Duration trueSpan(Duration onClock) const {
    if (driftPpm == 0) return onClock;
    return Duration::ns(
        static_cast<std::int64_t>(static_cast<double>(onClock.ns()) / (1 + driftPpm / 1e6)));
  }
};

/// Everything a node holds from the network card up to layer 3. A value.
struct Device {
  trace::NodeHealth health = trace::NodeHealth::Up;
  std::uint32_t epoch = 0; ///< grows with every crash, so that events of its past life are stale
  std::uint16_t nextIdentification = 1;
  bool promiscuous = false;
  double slowness = 1;           ///< how many times longer its processor needs
  NodeClock clock;               ///< survives a crash
  std::uint32_t partition = 0;   ///< side of a partition it is on; 0: none
  std::vector<HeldAddress> held; ///< in the order in which they were taken
  std::vector<ArpEntry> arp;
  std::vector<ArpPending> arpPending;
  std::map<wire::MacAddress, MacEntry> macTable;
  std::vector<NatMapping> nat;
  std::uint16_t nextNatPort = 49152;
  std::vector<std::pair<std::uint32_t, wire::Ipv4Address>> groups; ///< (interface, group) joined
  std::vector<Event> backlog; ///< events held back while the node is paused
};
constexpr std::size_t pausedBacklogLimit = 1024; ///< frames a paused node's card can hold

} // namespace packetarium::net
