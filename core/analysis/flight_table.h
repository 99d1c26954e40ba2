// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"

#include <cstdint>
#include <vector>

namespace packetarium::analysis {

/// Which frames are queued or flying while one walks through a chunk: starts from the chunk's
/// keyframe and takes its records in order. Every walk in this room uses it.
class FlightTable {
public:
  struct Entry {
    trace::Sequence sequence = 0;          ///< of its FrameSent or FrameQueued
    const trace::Record *record = nullptr; ///< in the chunk; holds while the chunk does
    bool alive = true;
    bool queued() const { return record->kind == trace::RecordKind::FrameQueued; }
  };
  static constexpr std::uint32_t none = 0xffffffffU;

  /// Begins at the opening of a chunk, which must outlive the table's use.
  void open(const trace::Chunk &chunk);
  /// Takes the next record of the chunk and returns the entry it ended (a frame that came out, was
  /// dropped, or left its queue), or none. Must be called for every record in order.
  std::uint32_t apply(std::uint32_t recordIndex);
  /// The entry a record began; only just after apply() of a FrameSent or FrameQueued.
  std::uint32_t lastBegun() const { return static_cast<std::uint32_t>(m_entries.size() - 1); }

  /// In order of sequence, dead ones among them.
  const std::vector<Entry> &entries() const { return m_entries; }
  const Entry &entry(std::uint32_t index) const { return m_entries[index]; }
  std::size_t aliveCount() const { return m_alive; }

private:
  std::uint32_t find(trace::Sequence sequence) const;
  std::uint32_t end(trace::Sequence sequence);

  const trace::Chunk *m_chunk = nullptr;
  std::vector<Entry> m_entries;
  std::vector<std::uint32_t> m_ofRecord; ///< entry begun by each record of the chunk
  std::size_t m_fromKeyframe = 0;
  std::size_t m_alive = 0;
};

} // namespace packetarium::analysis
