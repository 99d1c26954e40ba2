// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/event_queue.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/trace/chunk.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace packetarium::net {

/// Kinds of events. The comment tells what target, arg, gen and aux mean.
enum class EventKind : std::uint16_t {
  FrameArrival,   ///< link*2 + sending end, flight id, link epoch, aux: 1 = lost on the way
  TransmitReady,  ///< link*2 + sending end, -, link epoch: the next queued frame may leave
  Loopback,       ///< node, packet slot, node epoch: a packet a node sent to itself
  ArpTimer,       ///< node, next hop address, node epoch, aux: interface
  TransportTimer, ///< node, transport's own, transport's own, transport's own
  ProgramTimer,   ///< node, timer slot, slot generation
  ProgramStart,   ///< node, program index, node epoch
  LinkFlap,       ///< link, -, how often its flapping was set: it goes down or comes up
  DiskSynced,     ///< node, sync number, node epoch: a sync of its disk has ended
  HeldFrame,      ///< node, packet slot, node epoch, aux: interface: came while it was paused
  Pulse           ///< measures the queue itself (bench hold)
};

/// Holds packets in flight. Slots are named by index; every copy of a frame has its own slot.
class PacketSlab {
public:
  std::uint32_t put(wire::Packet packet) {
    if (m_free.empty()) {
      m_slots.push_back(std::move(packet));
      return static_cast<std::uint32_t>(m_slots.size() - 1);
    }
    const std::uint32_t slot = m_free.back();
    m_free.pop_back();
    m_slots[slot] = std::move(packet);
    return slot;
  }
  wire::Packet &operator[](std::uint32_t slot) { return m_slots[slot]; }
  const wire::Packet &operator[](std::uint32_t slot) const { return m_slots[slot]; }
  void release(std::uint32_t slot) {
    m_slots[slot].payload = {};
    m_free.push_back(slot);
  }
  std::size_t inUse() const { return m_slots.size() - m_free.size(); }

private:
  std::vector<wire::Packet> m_slots;
  std::vector<std::uint32_t> m_free;
};

/// What every part of a running world shares: clock, queue, packets, and the way to the trace.
/// A value like the World it belongs to; the sink is lent for the time of a run.
struct Kernel {
  SimTime now;
  EventQueue queue;
  PacketSlab packets;
  std::uint64_t seed = 1;
  trace::Sequence nextSequence = 1;
  PacketId nextPacket = 1;
  trace::Sequence cause = 0; ///< of whatever is emitted next
  std::uint64_t fingerprint = 0;
  std::uint64_t packetHops = 0; ///< frames that came out at the far end of a link
  trace::ChunkWriter *sink = nullptr;

  void schedule(SimTime at, EventClass cls, EventKind kind, std::uint32_t target,
                std::uint32_t arg = 0, std::uint32_t gen = 0, std::uint16_t aux = 0) {
    queue.schedule(at, cls, static_cast<std::uint16_t>(kind), target, arg, gen, aux);
  }

  /// Appends a record (at and cause are filled in here) and returns its sequence number.
  trace::Sequence emit(trace::Record r) {
    const trace::Sequence sequence = nextSequence++;
    if (sink != nullptr) {
      r.at = now;
      r.cause = cause;
      sink->append(r);
    }
    return sequence;
  }

  /// As emit, for the kinds which the fingerprint covers. identity: hashed ids of node and link.
  trace::Sequence emitWire(const trace::Record &r, std::uint64_t identity,
                           std::uint64_t contentHash) {
    // The number of a wire kind is as stable as its name, and cheaper to hash.
    const std::uint64_t what = static_cast<std::uint64_t>(r.kind) << 16 |
                               (r.kind == trace::RecordKind::FrameDropped ? r.detail : 0u);
    fingerprint = mix64((fingerprint ^ identity) * 0x9e3779b97f4a7c15ULL + contentHash) ^
                  (static_cast<std::uint64_t>(now.ns()) + (what << 40));
    return emit(r);
  }

  /// Keeps a text beside the records; give the result as a record's text argument.
  std::uint64_t text(std::string_view t) {
    return sink == nullptr || t.empty() ? trace::noText : sink->appendText(t);
  }

  /// Gives a newly built packet its id (and origin, unless set) and stores its form in the trace.
  void born(wire::Packet &packet) {
    wire::seal(packet);
    packet.id = nextPacket++;
    if (packet.origin == 0) packet.origin = packet.id;
    if (sink != nullptr) sink->appendPacket(packet);
  }
};

} // namespace packetarium::net
