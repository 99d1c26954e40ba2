// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/cursor.h"
#include "core/analysis/flight_table.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace packetarium::analysis {

/// What one direction of a link looks like; [0] is what end 0 sends.
struct DirectionView {
  std::uint32_t queued = 0;   ///< frames waiting in front of it
  std::uint32_t inFlight = 0; ///< frames being sent or flying
  double utilisation = 0;     ///< share of the recent window it was sending, 0 to 1
  double throughputBps = 0;   ///< frame bits sent per second in the recent window
};

struct LinkView {
  bool up = true;
  std::uint64_t rateBps = 0;
  Duration delay, jitter;
  double loss = 0;
  std::uint32_t queueLimit = 0;
  double duplicate = 0, reorder = 0, corrupt = 0; ///< probabilities
  int blocked = 0; ///< 0: none; 1, 2: what the first, second end sends is lost
  Duration flap;   ///< period of flapping; 0: steady
  std::array<DirectionView, 2> directions;
};

/// How a node is, apart from its health.
struct NodeView {
  double slowness = 1;         ///< how many times longer its processor needs
  Duration clockOffset;        ///< by which its clock is ahead at this instant
  double clockDriftPpm = 0;    ///< by which its clock runs fast
  std::uint32_t partition = 0; ///< the side of a partition it is on; 0: none
  bool operator==(const NodeView &) const = default;
};

/// One frame on its way. Positions run from the sending end (0) to the far end (1).
struct PacketView {
  trace::Sequence sent = 0; ///< its FrameSent: names it in all views
  PacketId packet = 0;
  std::uint32_t link = 0;
  std::uint16_t frameBytes = 0;
  std::uint8_t end = 0;      ///< that sends: 0 or 1
  std::uint8_t protocol = 0; ///< wire::ProtocolClass
  float progress = 0;        ///< where to draw it
  float tail = 0;            ///< where its last bit is; at most progress
};

/// A frame waiting in front of a link, in order of leaving.
struct QueuedView {
  trace::Sequence queued = 0; ///< its FrameQueued
  PacketId packet = 0;
  std::uint32_t link = 0;
  std::uint32_t position = 0; ///< 0 leaves next
  std::uint16_t frameBytes = 0;
  std::uint8_t end = 0;
  std::uint8_t protocol = 0;
};

/// Many frames of one direction drawn as a stream, because single ones would be too many.
struct FlowView {
  std::uint32_t link = 0;
  std::uint8_t end = 0;
  std::uint8_t protocol = 0; ///< the most frequent class among them
  std::uint32_t packets = 0; ///< in flight
  std::uint64_t bytes = 0;
  double rateBps = 0; ///< recent
};

struct DropView {
  trace::Sequence record = 0;
  PacketId packet = 0;
  trace::DropReason reason = trace::DropReason::None;
  std::uint32_t node = NodeIndex::noneValue; ///< where it died, unless on a link
  std::uint32_t link = LinkIndex::noneValue; ///< where it died, or was to go
  std::uint8_t protocol = 0;
  std::uint8_t end = 0; ///< that sent it, when on a link
  bool onLink = false;  ///< died between the ends, at position
  float position = 0;   ///< from the sending end (0) to the far end (1)
  Duration age;         ///< since it happened
};

struct SocketView {
  std::uint32_t node = 0;
  trace::Sequence since = 0; ///< the TcpState record that put it into this state
  trace::TcpStateArgs args;
  std::uint8_t state = 0; ///< transport::TcpState
};

/// Something that is not as the document says: open at this instant.
struct OpenFault {
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t link = LinkIndex::noneValue;
  trace::NodeHealth health = trace::NodeHealth::Up; ///< of the node
  bool cut = false;                                 ///< the link
};

struct FrameOptions {
  Duration recentDrops = Duration::ms(50);   ///< how far back drops are shown
  Duration recentWindow = Duration::ms(100); ///< over which use is averaged
  Duration recentNotes = Duration::ms(500);
  std::size_t packetsMax = 10'000; ///< drawn one by one; beyond, directions become flows
  std::size_t dropsMax = 256;      ///< the latest are kept
  std::size_t notesMax = 16;
};

/// All that views draw of one instant.
struct Frame {
  bool pending = false; ///< the chunk is not in memory: ask for slot; the rest is empty
  std::size_t slot = 0; ///< of the trace, that holds (or would hold) this instant
  Cursor cursor;
  std::vector<trace::NodeHealth> nodes; ///< by NodeIndex
  std::vector<NodeView> conditions;     ///< by NodeIndex
  std::vector<LinkView> links;          ///< by LinkIndex
  std::vector<PacketView> packets;      ///< ordered by sent
  std::vector<FlowView> flows;          ///< ordered by (link, end)
  std::vector<QueuedView> queued;       ///< ordered by (link, end, position)
  std::vector<DropView> drops;          ///< oldest first
  std::vector<SocketView> sockets;      ///< ordered by (node, socket)
  std::vector<OpenFault> faults;        ///< nodes, then links
  std::vector<trace::Sequence> notes;   ///< Note records, oldest first
  std::size_t inFlightTotal = 0;        ///< frames on links, drawn one by one or not
  std::optional<trace::Sequence> phase; ///< last Phase record (needs a chronicle to look far back)
  std::optional<trace::Sequence> request; ///< RequestStarted of the latest open request
};

/// Makes frames one after another and remembers where it is: moving forward within a chunk costs
/// only the records in between. The result depends on (trace, cursor, options) alone.
class FrameBuilder {
public:
  /// chronicle may be null; then phase and request are looked for in the cursor's chunk only.
  Frame at(const trace::Trace &trace, Cursor cursor, const FrameOptions &options = {},
           const Chronicle *chronicle = nullptr);

private:
  struct Socket {
    trace::Sequence since = 0;
    trace::Record record;
  };
  void open(trace::ChunkPtr chunk);
  void replayTo(trace::Sequence upTo);
  void apply(std::uint32_t index);
  void applySocket(const trace::Record &r, trace::Sequence s);
  void fillNodes(Frame &frame) const;
  void fillLinks(Frame &frame) const;
  void fillPackets(Frame &frame, const FrameOptions &options) const;
  void fillQueued(Frame &frame) const;
  PacketView packetView(const FlightTable::Entry &entry, SimTime at) const;

  trace::ChunkPtr m_chunk;
  std::uint32_t m_done = 0; ///< records applied
  FlightTable m_flights;
  std::vector<trace::NodeHealth> m_nodes;
  std::vector<trace::NodeCondition> m_conditions; ///< by NodeIndex
  std::vector<trace::LinkSnapshot> m_links;
  std::vector<Socket> m_sockets; ///< ordered by (node, socket)
};

/// One frame from nothing. At most one chunk is replayed.
Frame frameAt(const trace::Trace &trace, Cursor cursor, const FrameOptions &options = {},
              const Chronicle *chronicle = nullptr);

} // namespace packetarium::analysis
