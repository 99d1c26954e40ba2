// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/record.h"
#include "core/trace/record_block.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::trace {

/// A link's state as views need it at the opening of a chunk.
struct LinkSnapshot {
  bool up = true;
  std::uint64_t rateBps = 0;
  Duration delay;
  Duration jitter;
  double loss = 0;
  std::uint32_t queuePackets = 0;
  double duplicate = 0, reorder = 0, corrupt = 0;
  int blocked = 0; ///< 0: none; 1, 2: what the first, second end sends is lost
  Duration flap;
};

/// A node that is not as good as new, apart from its health.
struct NodeCondition {
  std::uint32_t node = 0;
  double slowness = 1;
  SimTime clockSince;   ///< when its clock was last set
  Duration clockOffset; ///< by which it was ahead then
  double clockDriftPpm = 0;
  std::uint32_t partition = 0;
};

/// A frame queued or flying, with the record that sent it.
struct InFlight {
  Sequence sequence = 0;
  Record sent;
};

/// The last TcpState record of a socket that still exists.
struct SocketSnapshot {
  Sequence sequence = 0;
  Record state;
};

/// The cumulative state that views need at the opening of a chunk, so that a frame never looks at
/// chunks before its own. Built from the World, hence the same whenever the chunk is derived again.
struct Keyframe {
  std::vector<NodeHealth> nodes;         ///< by NodeIndex
  std::vector<NodeCondition> conditions; ///< ordered by node; those with anything to tell
  std::vector<LinkSnapshot> links;       ///< by LinkIndex
  std::vector<InFlight> inFlight;        ///< ordered by sequence
  std::vector<SocketSnapshot> sockets;   ///< ordered by (node, socket)
};

/// What stays known of a chunk when its records were dropped to save memory.
struct ChunkSummary {
  Sequence first = 1; ///< sequence of its first record
  std::uint32_t count = 0;
  SimTime from; ///< of its first record
  SimTime to;   ///< of its last record
  PacketId firstPacket = 1;
  std::uint32_t packetCount = 0;
  std::uint32_t sent = 0, received = 0, dropped = 0, retransmitted = 0, notes = 0;
  Sequence end() const { return first + count; }
};

/// An immutable stretch of the trace: records, the packet forms born in it, its texts. Crosses
/// threads as shared_ptr<const Chunk>.
struct Chunk {
  ChunkSummary summary;
  Keyframe keyframe;
  std::span<const Record> records;
  std::shared_ptr<const RecordBlock> block; ///< where the records lie
  std::vector<wire::Packet> packets;        ///< ids firstPacket, firstPacket + 1, ...
  std::vector<std::string> texts;

  std::string_view text(std::uint64_t index) const {
    return index < texts.size() ? std::string_view(texts[index]) : std::string_view{};
  }
  std::size_t bytes() const;
};
using ChunkPtr = std::shared_ptr<const Chunk>;

/// Collects records into the open chunk. The World owns none: it is handed one while it runs.
class ChunkWriter {
public:
  static constexpr std::size_t recordsPerChunk = 4096;

  /// Opens a chunk whose first record will have this sequence number. Nothing may be open.
  void open(Sequence first, PacketId firstPacket, Keyframe keyframe);
  bool isOpen() const { return m_chunk != nullptr; }
  bool full() const { return m_chunk && m_count >= m_limit; }
  bool hasRecords() const { return m_chunk && m_count > 0; }
  /// Instant of the first record; there must be one.
  SimTime firstAt() const { return m_first->at; }
  void append(const Record &record) {
    if (m_count == m_room) grow();
    ::new (m_first + m_count++) Record(record);
    ChunkSummary &s = m_chunk->summary;
    switch (record.kind) {
    case RecordKind::FrameSent: ++s.sent; break;
    case RecordKind::FrameReceived: ++s.received; break;
    case RecordKind::FrameDropped: ++s.dropped; break;
    case RecordKind::TcpRetransmit: ++s.retransmitted; break;
    default: ++s.notes; break;
    }
  }
  void appendPacket(const wire::Packet &packet) { m_chunk->packets.push_back(packet); }
  std::uint64_t appendText(std::string_view text);
  /// Closes and returns the open chunk; null when none is open or it holds nothing.
  ChunkPtr seal();

private:
  void takeBlock(std::size_t records);
  void grow();

  std::unique_ptr<Chunk> m_chunk;
  std::size_t m_limit = recordsPerChunk;
  std::shared_ptr<RecordBlock> m_block;
  Record *m_first = nullptr; ///< of the open chunk, or where the next one begins
  std::size_t m_count = 0;   ///< records of the open chunk
  std::size_t m_room = 0;    ///< for records of the open chunk, up to the end of the block
};

/// The run so far: summaries of all chunks, and those chunks that are in memory. A value; copying
/// shares the chunks.
class Trace {
public:
  struct Slot {
    ChunkSummary summary;
    ChunkPtr chunk; ///< null when dropped
  };

  /// Appends a chunk that follows the last one, or puts a derived one back into its slot.
  void insert(ChunkPtr chunk);
  /// Drops a chunk's records; its summary stays.
  void drop(std::size_t slot) { m_slots[slot].chunk.reset(); }
  /// Forgets all slots whose first record is at or after the sequence (an edit made them stale).
  void truncate(Sequence from);
  void clear() { *this = {}; }

  const std::vector<Slot> &slots() const { return m_slots; }
  bool empty() const { return m_slots.empty(); }
  Sequence lastSequence() const { return m_slots.empty() ? 0 : m_slots.back().summary.end() - 1; }
  /// How far the run has got: everything before this instant is in the trace.
  SimTime knownUntil() const { return m_knownUntil; }
  void setKnownUntil(SimTime t) { m_knownUntil = t; }

  /// Index of the slot that holds the record; slots().size() when there is none.
  std::size_t slotOf(Sequence sequence) const;
  std::size_t slotOfPacket(PacketId id) const;
  /// The last record at or before t; 0 when there is none. Needs the chunk at t in memory, else
  /// gives the last record of the slot before it.
  Sequence lastAtOrBefore(SimTime t) const;
  /// Index of the last slot that opens at or before t; slots().size() when there is none.
  std::size_t slotAt(SimTime t) const;
  /// The record, or null when it does not exist or its chunk was dropped.
  const Record *record(Sequence sequence) const;
  const wire::Packet *packet(PacketId id) const;
  /// The text a record's argument names; empty when none or dropped.
  std::string_view text(Sequence sequence, std::uint64_t textArg) const;

private:
  std::vector<Slot> m_slots;
  SimTime m_knownUntil;
};

} // namespace packetarium::trace
