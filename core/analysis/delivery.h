// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"
#include "core/wire/packet.h"

#include <optional>
#include <span>
#include <string>

namespace packetarium::analysis {

/// The packet exactly as it was on one link: the stored form with the MAC addresses and the TTL of
/// that hop. The record may be any that names a FrameSent (or is one). None when its chunk, or that
/// of the packet's form, is not in memory.
std::optional<wire::Packet> packetOn(const trace::Trace &trace, trace::Sequence sent);
/// As above for a FrameSent record that one holds already.
std::optional<wire::Packet> packetOn(const trace::Trace &trace, const trace::Record &sent);
/// The form of the headers with what this hop changed.
wire::Packet applyHop(wire::Packet form, const trace::SentArgs &hop);

/// The node one of whose interfaces has the address; none when nobody does.
std::optional<std::uint32_t> ownerOf(const net::Blueprint &network, wire::Ipv4Address address);
bool owns(const net::NodeSpec &node, wire::Ipv4Address address);
/// Interface index of a node at a link; none when it has none there.
std::optional<std::uint32_t> interfaceAt(const net::Blueprint &network, std::uint32_t node,
                                         std::uint32_t link);
std::uint32_t farNode(const net::Blueprint &network, std::uint32_t link, int sendingEnd);

/// Whether a frame that came in at this node has reached whom it was for: a host or router that
/// owns the destination address (or a group it belongs to), and that does not pass it on through
/// its NAT. `rewritten` tells whether the same reception caused a PacketRewritten.
bool isForNode(const net::NodeSpec &node, const wire::Packet &packet, bool rewritten);
/// What a node did with a frame at the instant it came in.
struct Aftermath {
  bool refused = false;   ///< it is for another card or group, or from beyond a partition
  bool rewritten = false; ///< NAT gave it another form
  bool passedOn = false;  ///< it was sent on, or dropped on the way to being sent
};
/// following: the records behind the FrameReceived; a few are enough.
Aftermath aftermathOf(const trace::Record &received, trace::Sequence sequence,
                      std::span<const trace::Record> following);
/// Whether a frame that came in has reached whom it was for: as isForNode, or a further address
/// that a host holds just then. sentTo: the MAC address it was sent to, when that is known.
bool endsAt(const net::Blueprint &network, const trace::Record &received, const wire::Packet &form,
            std::optional<wire::MacAddress> sentTo, const Aftermath &after);
/// The same for a FrameReceived record of the trace; false when what is needed is not in memory.
bool isFinalReception(const trace::Trace &trace, const net::Blueprint &network,
                      trace::Sequence received);

/// A drop that only means "a copy flooded by a switch was not for this one".
constexpr bool isHarmless(trace::DropReason reason) {
  return reason == trace::DropReason::NotForMe || reason == trace::DropReason::OwnEcho;
}

} // namespace packetarium::analysis
