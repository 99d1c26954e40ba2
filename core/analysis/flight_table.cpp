// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/flight_table.h"

#include <algorithm>

namespace packetarium::analysis {

void FlightTable::open(const trace::Chunk &chunk) {
  m_chunk = &chunk;
  m_entries.clear();
  m_ofRecord.assign(chunk.records.size(), none);
  for (const trace::InFlight &f : chunk.keyframe.inFlight)
    m_entries.push_back({f.sequence, &f.sent, true});
  m_fromKeyframe = m_entries.size();
  m_alive = m_entries.size();
}

std::uint32_t FlightTable::find(trace::Sequence sequence) const {
  const trace::Sequence first = m_chunk->summary.first;
  if (sequence >= first) {
    const trace::Sequence offset = sequence - first;
    return offset < m_ofRecord.size() ? m_ofRecord[offset] : none;
  }
  const auto end = m_entries.begin() + static_cast<std::ptrdiff_t>(m_fromKeyframe);
  const auto it =
      std::lower_bound(m_entries.begin(), end, sequence,
                       [](const Entry &e, trace::Sequence s) { return e.sequence < s; });
  if (it == end || it->sequence != sequence) return none;
  return static_cast<std::uint32_t>(it - m_entries.begin());
}

std::uint32_t FlightTable::end(trace::Sequence sequence) {
  const std::uint32_t i = sequence == 0 ? none : find(sequence);
  if (i == none || !m_entries[i].alive) return none;
  m_entries[i].alive = false;
  --m_alive;
  return i;
}

std::uint32_t FlightTable::apply(std::uint32_t recordIndex) {
  const trace::Record &r = m_chunk->records[recordIndex];
  switch (r.kind) {
  case trace::RecordKind::FrameSent:
  case trace::RecordKind::FrameQueued: {
    const bool left = r.kind == trace::RecordKind::FrameSent;
    const std::uint32_t ended = left ? end(trace::sentArgs(r).queued) : none;
    m_ofRecord[recordIndex] = static_cast<std::uint32_t>(m_entries.size());
    m_entries.push_back({m_chunk->summary.first + recordIndex, &r, true});
    ++m_alive;
    return ended;
  }
  case trace::RecordKind::FrameReceived:
  case trace::RecordKind::FrameDropped: return end(r.args[0]);
  default: return none;
  }
}

} // namespace packetarium::analysis
