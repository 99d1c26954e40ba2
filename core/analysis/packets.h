// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/origins.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"
#include "core/wire/packet.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace packetarium::analysis {

/// One line of the packet list.
struct PacketRow {
  std::uint64_t number = 0; ///< from 1
  trace::Sequence sent = 0; ///< FrameSent: names the packet in all views
  PacketId packet = 0, origin = 0;
  SimTime at;
  std::uint32_t node = 0, link = 0; ///< that sent it, onto which
  bool pending = false;             ///< its chunk is not in memory: only the above and flags hold
  bool dropped = false;
  bool retransmission = false;
  trace::DropReason reason = trace::DropReason::None;
  std::uint32_t length = 0;                ///< frame bytes
  std::uint8_t protocol = 0;               ///< wire::ProtocolClass
  std::string source, destination;         ///< addresses as text (MAC when there is no IP)
  std::string sourceName, destinationName; ///< of the nodes that own them; empty when none
  std::string info;                        ///< wire::shortInfo
};

enum class PacketRows : std::uint8_t {
  Origins, ///< one row per packet, at the node where it was born
  Frames   ///< one row per crossing of a link
};

/// All packets of a run, numbered. Grows with the trace; keeps a few bytes per row and makes the
/// text of a row on demand.
class PacketList {
public:
  explicit PacketList(PacketRows rows = PacketRows::Origins) : m_mode(rows) {}

  /// Takes the chunks it has not seen. Call it before slots are dropped from memory.
  void extend(const trace::Trace &trace);
  /// The next chunk in order.
  void add(const trace::Chunk &chunk);
  /// Forgets everything at or after the record (an edit made it stale).
  void truncate(trace::Sequence from);
  void clear() { *this = PacketList(m_mode); }

  std::size_t size() const { return m_rows.size(); }
  trace::Sequence sentOf(std::size_t row) const { return m_rows[row].sent; }
  PacketId originOf(std::size_t row) const { return m_rows[row].origin; }
  trace::DropReason reasonOf(std::size_t row) const {
    return static_cast<trace::DropReason>(m_rows[row].reason);
  }
  bool retransmissionAt(std::size_t row) const { return m_rows[row].retransmission != 0; }
  /// The row in full. slot (may be null) gets the slot to ask for when the row is pending.
  PacketRow row(std::size_t row, const trace::Trace &trace, const net::Blueprint &network,
                std::size_t *slot = nullptr) const;
  /// The packet of a row as it was on its link, for filters; none while its chunk is away.
  std::optional<wire::Packet> packetAt(std::size_t row, const trace::Trace &trace) const;
  /// The row of a packet (any of its FrameSent records in Frames mode; the origin's in Origins).
  std::optional<std::size_t> rowOfOrigin(PacketId origin) const;
  std::optional<std::size_t> rowOfSent(trace::Sequence sent) const;
  /// Number of rows sent at or before the record: where the cursor stands in the list.
  std::size_t rowsUpTo(trace::Sequence upTo) const;
  /// The first row whose drop or retransmission flag changed since the last call (rows before it
  /// are as they were); size() when none did.
  std::size_t takeFirstChanged();
  trace::Sequence seenUpTo() const { return m_next - 1; }

private:
  struct Row {
    trace::Sequence sent = 0;
    PacketId origin = 0;
    std::uint16_t reason = 0;
    std::uint8_t retransmission = 0;
  };
  struct Drop {
    trace::Sequence at = 0;
    std::size_t row = 0;
    std::uint16_t before = 0;
  };
  void addSent(const trace::Record &r, trace::Sequence s);
  void addDrop(const trace::Record &r, trace::Sequence s);
  void addRetransmit(const trace::Record &r, trace::Sequence s);
  std::optional<std::size_t> rowOfDrop(const trace::Record &r, trace::Sequence s) const;
  std::uint32_t &firstRowOf(PacketId origin);
  bool isRetransmission(PacketId origin) const { return m_retransmitted.contains(origin); }
  void changed(std::size_t row) { m_firstChanged = row < m_firstChanged ? row : m_firstChanged; }

  PacketRows m_mode = PacketRows::Origins;
  trace::Sequence m_next = 1;
  std::vector<Row> m_rows;            ///< ordered by sent
  std::vector<std::uint32_t> m_rowOf; ///< first row + 1 by origin id; 0: none yet
  FormTable m_forms;
  std::vector<Drop> m_drops; ///< in order, to be undone by truncate
  std::vector<std::pair<trace::Sequence, PacketId>> m_retransmits; ///< in order, likewise
  std::unordered_set<PacketId> m_retransmitted;
  std::size_t m_firstChanged = 0;
};

} // namespace packetarium::analysis
