// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cursor.h"
#include "core/base/ids.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

/// A Phase record kept for the whole run.
struct PhaseMark {
  trace::Sequence sequence = 0;
  SimTime at;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t milestone = 0; ///< index into Chronicle::names()
  std::uint32_t object = 0;    ///< index into names(); 0: none
  std::uint32_t nth = 1;       ///< which occurrence of (node, milestone) in the run, from 1
};

struct NoteMark {
  trace::Sequence sequence = 0;
  SimTime at;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t text = 0; ///< index into names()
};

/// A client's request, open while ended is 0.
struct RequestMark {
  trace::Sequence started = 0, ended = 0;
  SimTime startedAt, endedAt;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t what = 0;    ///< index into names()
  std::uint32_t service = 0; ///< index into names(); 0: it names none
  std::uint64_t number = 0;
  trace::RequestOutcome outcome = trace::RequestOutcome::Ok;
  std::uint64_t bytes = 0;
  Duration latency;
  bool open() const { return ended == 0; }
};

/// A change of health, of a cable or of the conditions of a link or node: LinkState, NodeState,
/// LinkChanged, NodeChanged.
struct ChangeMark {
  trace::Sequence sequence = 0;
  trace::Record record;
};

/// What is rare in a run and wanted from far away: phases, notes, requests, faults. Grows with the
/// trace, keeps its own copies, and so never needs a dropped chunk again.
class Chronicle {
public:
  static constexpr std::size_t marksMax = 200'000; ///< of each sort; later ones are not kept

  Chronicle();
  /// Takes the chunks it has not seen. Call it before slots are dropped from memory.
  void extend(const trace::Trace &trace);
  /// The next chunk in order.
  void add(const trace::Chunk &chunk);
  /// Forgets everything at or after the record (an edit made it stale).
  void truncate(trace::Sequence from);
  void clear() { *this = Chronicle(); }

  const std::vector<PhaseMark> &phases() const { return m_phases; }
  const std::vector<NoteMark> &notes() const { return m_notes; }
  const std::vector<RequestMark> &requests() const { return m_requests; }
  const std::vector<ChangeMark> &changes() const { return m_changes; }
  std::string_view text(std::uint32_t index) const { return m_names[index]; }
  trace::Sequence seenUpTo() const { return m_next - 1; }

  /// The last phase at or before the record.
  const PhaseMark *phaseAt(trace::Sequence upTo) const;
  /// The latest request that had started and not ended just after the record.
  const RequestMark *activeRequest(trace::Sequence upTo) const;

private:
  std::uint32_t intern(std::string_view text);
  void addPhase(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk);
  void startRequest(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk);
  void endRequest(const trace::Record &r, trace::Sequence s);

  trace::Sequence m_next = 1;
  std::vector<PhaseMark> m_phases;
  std::vector<NoteMark> m_notes;
  std::vector<RequestMark> m_requests;
  std::vector<ChangeMark> m_changes;
  std::vector<std::string> m_names;
  std::map<std::string, std::uint32_t, std::less<>> m_index;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_occurrences;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> m_openRequests;
};

} // namespace packetarium::analysis
