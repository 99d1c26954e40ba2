// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"
#include "core/wire/packet.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

enum class LayerModel : std::uint8_t { Osi7, TcpIp4 };
/// OSI number (1 to 7) and name; in TCP/IP grouping 4 to 7 are one, 1 and 2 are one.
std::string_view osiName(int layer);

/// One layer's box in a tower: what stands in it, and what the layer did.
struct LayerStory {
  /// OSI number 1 to 7; in TCP/IP: 1 link, 2 internet, 3 transport, 4 application.
  std::uint8_t layer = 1;
  std::string title;         ///< "Network", "Internet"
  std::string summary;       ///< what stands there: "10.0.0.5 -> 192.0.2.1, TTL 63"
  std::string sentence;      ///< what the layer did here and why; empty when it had nothing to do
  std::string reference;     ///< "RFC 1812, 5.3.1"; empty when none
  std::uint8_t protocol = 0; ///< wire::ProtocolClass, for its colour
  bool active = false;       ///< the packet passes through this layer here
  /// TLS, for which neither model has a layer of its own: stands between two, as number 6 (OSI) or
  /// below the application, as number 4 (TCP/IP). Only where a packet carries it.
  bool between = false;
  /// Part of the frame (wire::encode) this layer's header takes; empty: none.
  std::uint32_t headerFrom = 0, headerTo = 0;
};

enum class StopRole : std::uint8_t { Sender, Switch, Router, Nat, Receiver, Lost };

/// A node on the packet's way: in on one link, out on another.
struct JourneyStop {
  std::uint32_t node = 0;
  StopRole role = StopRole::Sender;
  trace::Sequence in = 0;  ///< FrameReceived; 0 at the sender
  trace::Sequence out = 0; ///< FrameSent; 0 where the journey ends
  std::optional<SimTime> inAt, outAt;
  std::optional<wire::Packet> inPacket, outPacket; ///< exactly as on the links
  std::vector<LayerStory> inLayers;   ///< top layer first: what is taken off; empty at the sender
  std::vector<LayerStory> outLayers;  ///< top layer first: what is put on; empty at the end
  std::uint8_t topLayer = 7;          ///< OSI layer up to which this device looks: 2, 3, 4 or 7
  std::vector<std::string> sentences; ///< layer by layer in the order things happened
};

/// Where the packet is at an instant, for towers that grow and shed headers in motion.
struct JourneyPosition {
  enum class Where : std::uint8_t { NotYet, InNode, OnLink, Ended };
  Where where = Where::NotYet;
  std::size_t stop = 0;    ///< index of the node it is in, or of the one it left
  double linkProgress = 0; ///< 0 to 1 on the link to stop + 1
  int top = 1; ///< OSI layer it has reached in the node: headers below are still (or already) on
  bool rising = false; ///< being unpacked (true) or packed
};

struct Journey {
  PacketId origin = 0;
  std::vector<JourneyStop> stops;
  bool delivered = false;
  bool lost = false;
  bool complete = true; ///< false: a chunk in the middle is not in memory, or it is under way
  trace::Sequence lastRecord = 0; ///< reception at the end, or drop
  trace::DropReason reason = trace::DropReason::None;
  std::string ending; ///< a sentence about how it ended; empty while under way
  SimTime startedAt, endedAt;
  std::optional<std::size_t> pendingSlot;
};

/// The whole path of the packet that a record (FrameSent, FrameReceived, FrameDropped, FrameQueued)
/// is about: back to where it was born and on to where it ended. Where a switch flooded copies, the
/// way through the given record is told, then the one that arrived.
Journey journeyOf(const trace::Trace &trace, const net::Blueprint &network, trace::Sequence record,
                  LayerModel model = LayerModel::Osi7);

/// Where the packet is at t. A node usually takes no simulated time, so packing and unpacking show
/// only where it waits (ARP, a queue, a pause); see positionAtShare for the picture in motion.
JourneyPosition positionAt(const Journey &journey, SimTime t);
/// The same by share of the whole way, 0 to 1: every node and every link takes an equal part.
/// For playing one packet's journey at leisure.
JourneyPosition positionAtShare(const Journey &journey, double share);

/// The boxes of a frame as it is on a link, top layer first; in OSI or TCP/IP grouping.
std::vector<LayerStory> layersOf(const wire::Packet &packet, LayerModel model);

} // namespace packetarium::analysis
