// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/reassembly.h"

#include "core/transport/seq.h"

#include <algorithm>
#include <utility>

namespace packetarium::transport {

void Reassembly::insert(std::uint32_t sequence, wire::Payload data) {
  const std::uint32_t end = sequence + data.size();
  std::uint32_t at = sequence;
  // Most segments come behind everything that is held.
  std::size_t i = m_runs.size();
  while (i > 0 && seqLess(at, m_runs[i - 1].end())) --i;
  while (seqLess(at, end)) {
    if (i == m_runs.size()) {
      put(i, at, data.slice(at - sequence, end - at));
      return;
    }
    const std::uint32_t gapEnd = seqMin(end, m_runs[i].begin);
    if (seqLess(at, gapEnd)) {
      const std::size_t before = m_runs.size();
      put(i, at, data.slice(at - sequence, gapEnd - at));
      i += m_runs.size() - before;
    }
    at = seqMax(at, m_runs[i].end());
    ++i;
  }
}

/// Puts data that overlaps nothing in front of the run at index, or onto the end of the one before.
void Reassembly::put(std::size_t index, std::uint32_t sequence, wire::Payload data) {
  m_bytes += data.size();
  if (index > 0) {
    Run &before = m_runs[index - 1];
    if (before.end() == sequence && before.data.adjoins(data)) {
      before.data = before.data.followedBy(data);
      return;
    }
  }
  m_runs.insert(m_runs.begin() + static_cast<std::ptrdiff_t>(index), {sequence, std::move(data)});
}

wire::Payload Reassembly::take(std::uint32_t next) {
  std::size_t gone = 0;
  wire::Payload found;
  while (gone < m_runs.size() && seqLessEq(m_runs[gone].begin, next)) {
    const Run &run = m_runs[gone];
    m_bytes -= run.data.size();
    ++gone;
    if (seqLess(next, run.end())) {
      const std::uint32_t skip = next - run.begin;
      found = run.data.slice(skip, run.data.size() - skip);
      break;
    }
  }
  m_runs.erase(m_runs.begin(), m_runs.begin() + static_cast<std::ptrdiff_t>(gone));
  return found;
}

} // namespace packetarium::transport
