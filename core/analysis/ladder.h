// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::analysis {

/// One crossing of one link.
struct LadderHop {
  trace::Sequence sent = 0;
  std::uint32_t fromNode = 0, toNode = 0;
  SimTime sentAt, arrivedAt;
};

enum class ArrowEnd : std::uint8_t { Delivered, Lost, UnderWay };

/// One message: from the node where the packet was born to the one it was for.
struct LadderArrow {
  PacketId origin = 0;
  trace::Sequence firstSent = 0; ///< its first FrameSent: names the packet in all views
  trace::Sequence last = 0;      ///< the reception or the drop that ended it; 0 while under way
  std::uint32_t fromNode = 0;
  std::uint32_t toNode = 0; ///< whom it was for, also when it never got there
  SimTime sentAt;
  SimTime endedAt; ///< delivered or lost; last known instant while under way
  ArrowEnd end = ArrowEnd::UnderWay;
  trace::DropReason reason = trace::DropReason::None;
  std::uint32_t lostNode = NodeIndex::noneValue; ///< node (or sending node of the link) where lost
  std::uint32_t lostLink = LinkIndex::noneValue;
  float reach = 1; ///< share of the way it got, for drawing a broken arrow
  bool retransmission = false;
  std::uint8_t protocol = 0; ///< wire::ProtocolClass
  std::uint32_t frameBytes = 0;
  bool encrypted = false; ///< by TLS: of its content only the size can be seen
  std::string label;      ///< wire::shortLabel of the form it was born with; "encrypted, 1 278 B"
  std::vector<LadderHop> hops; ///< along the way it was delivered (or lost)
  Duration latency() const { return endedAt - sentAt; }
};

/// A TCP state that lasted.
struct LadderState {
  std::uint32_t node = 0;
  std::uint32_t socket = 0;
  std::uint8_t state = 0; ///< transport::TcpState
  std::uint16_t localPort = 0, remotePort = 0;
  std::uint32_t remoteIp = 0;
  trace::Sequence since = 0; ///< its TcpState record
  SimTime from, to;          ///< to: end of the window when it still lasts
  bool open = false;
};

/// Keys of TLS that were in force at one end of a connection, for one direction.
struct LadderKeys {
  std::uint32_t node = 0;
  std::uint32_t socket = 0;
  bool writes = false;       ///< for what this end sends; else for what it receives
  std::string name;          ///< "client handshake traffic"
  std::string cipher;        ///< "AES-128-GCM"
  trace::Sequence since = 0; ///< the record that tells of them
  SimTime from, to;          ///< to: end of the window while they are in force
  bool open = false;
};

struct LadderMark {
  trace::Sequence sequence = 0;
  /// Note, Phase, NodeState, RequestStarted, RequestEnded, or Fact: a role that the node took.
  trace::RecordKind kind = trace::RecordKind::Note;
  std::uint32_t node = NodeIndex::noneValue;
  SimTime at;
  std::string text;
};

struct LadderRequest {
  SimTime from;
  SimTime to = SimTime::max();
  std::vector<std::uint32_t> lifelines; ///< empty: the end points of the messages in the window
  bool allHops = false;                 ///< lifelines for every node on the way as well
  bool linkLayer = false;               ///< ARP between nodes that are no end points too
  std::size_t arrowsMax = 500;          ///< the latest are kept
  std::size_t recordsMax = 200'000;     ///< looked at, back from `to`
};

/// The sequence diagram of a stretch of the run. Arrows lie in order of firstSent.
struct Ladder {
  std::vector<std::uint32_t> lifelines; ///< nodes, in order of first appearance
  std::vector<LadderArrow> arrows;
  std::vector<LadderState> states;       ///< ordered by (node, since)
  std::vector<LadderKeys> keys;          ///< ordered by (node, since)
  std::vector<LadderMark> marks;         ///< ordered by sequence
  SimTime from, to;                      ///< what it covers
  bool cut = false;                      ///< earlier arrows were left out (limits)
  std::vector<std::size_t> pendingSlots; ///< slots within that are not in memory
};

Ladder buildLadder(const trace::Trace &trace, const net::Blueprint &network,
                   const LadderRequest &request);

} // namespace packetarium::analysis
