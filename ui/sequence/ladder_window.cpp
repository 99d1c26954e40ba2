// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/ladder_window.h"

#include "core/analysis/cluster_facts.h"

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr std::size_t recordsMax = 3 * trace::ChunkWriter::recordsPerChunk;
constexpr std::size_t arrowsMax = 8000;  // the records are the limit
constexpr std::size_t slotsSettling = 2; // in which arrows of a slot may still end
constexpr std::size_t quietLifelinesMax = 12;

} // namespace

void LadderWindow::clear() { *this = LadderWindow(); }

bool LadderWindow::reachBack() {
  if (!m_ladder.cut || m_before >= arrowsBeforeMax) return false;
  m_before = std::min(m_before + arrowsBefore, arrowsBeforeMax);
  m_valid = false;
  return true;
}

void LadderWindow::traceChanged(const ViewState &state) {
  if (!m_settled || !m_ladder.pendingSlots.empty()) m_valid = false;
  if (state.trace().knownUntil() < m_to) m_valid = false;
}

bool LadderWindow::covers(analysis::Cursor cursor) const {
  if (!m_valid || cursor.at > m_to) return false;
  // A jump back to before what is kept, or so near its beginning that the past would be missing.
  const auto &arrows = m_ladder.arrows;
  if (!m_ladder.cut || arrows.empty()) return true;
  const std::size_t needed = std::min<std::size_t>(arrows.size() - 1, 40);
  return cursor.at >= arrows[needed].sentAt;
}

bool LadderWindow::refresh(const ViewState &state, const LadderChoice &choice) {
  if (!(choice == m_choice)) {
    m_choice = choice;
    m_lifelines.clear();
    m_valid = false;
  }
  if (covers(state.frame().cursor)) return false;
  build(state);
  return true;
}

void LadderWindow::build(const ViewState &state) {
  const trace::Trace &trace = state.trace();
  const SimTime now = state.frame().cursor.at;
  const auto &slots = trace.slots();
  analysis::LadderRequest request;
  request.allHops = m_choice.allHops;
  request.linkLayer = m_choice.linkLayer;
  request.arrowsMax = arrowsMax;
  request.recordsMax = recordsMax * (m_before / arrowsBefore);
  request.to = now;
  m_settled = state.playback().runEnded();
  if (const std::size_t slot = trace.slotAt(now); slot < slots.size()) {
    const std::size_t last = std::min(slot + 1, slots.size() - 1);
    request.to = std::max(now, std::min(slots[last].summary.to, trace.knownUntil()));
    m_settled = m_settled || last + slotsSettling < slots.size();
  }
  m_to = m_settled && request.to >= trace.knownUntil() ? SimTime::max() : request.to;
  m_ladder = analysis::buildLadder(trace, state.network(), request);
  for (const std::size_t slot : m_ladder.pendingSlots) state.playback().requestSlot(slot);
  addFaults(state);
  trim(now);
  arrangeLifelines();
  m_valid = true;
}

// Cables that were cut and mended, and other changes made from outside; those of health are marks
// of the trace.
void LadderWindow::addFaults(const ViewState &state) {
  for (const analysis::ChangeMark &change : state.chronicle().changes()) {
    const trace::Record &r = change.record;
    if (r.kind == trace::RecordKind::NodeState || r.at < m_ladder.from || r.at > m_to) continue;
    analysis::LadderMark mark;
    mark.sequence = change.sequence;
    mark.kind = r.kind;
    mark.at = r.at;
    if (r.kind == trace::RecordKind::LinkState)
      mark.text = state.linkName(r.link).toStdString() + (r.detail != 0 ? " restored" : " cut");
    else
      mark.text = analysis::changeWords(state.network(), r);
    m_ladder.marks.push_back(std::move(mark));
  }
  std::stable_sort(m_ladder.marks.begin(), m_ladder.marks.end(),
                   [](const auto &a, const auto &b) { return a.sequence < b.sequence; });
}

// So much of the past and no more; what lies ahead stays.
void LadderWindow::trim(SimTime now) {
  auto &arrows = m_ladder.arrows;
  const auto ahead = std::partition_point(arrows.begin(), arrows.end(),
                                          [&](const auto &a) { return a.sentAt <= now; });
  const auto before = static_cast<std::size_t>(ahead - arrows.begin());
  if (before <= m_before) return;
  arrows.erase(arrows.begin(), arrows.begin() + static_cast<std::ptrdiff_t>(before - m_before));
  m_ladder.cut = true;
  m_ladder.from = std::max(m_ladder.from, arrows.front().sentAt);
  std::erase_if(m_ladder.states, [&](const auto &s) { return s.to < m_ladder.from; });
  std::erase_if(m_ladder.marks, [&](const auto &m) { return m.at < m_ladder.from; });
}

void LadderWindow::arrangeLifelines() {
  const auto appears = [&](std::uint32_t node) {
    const auto &lines = m_ladder.lifelines;
    return std::find(lines.begin(), lines.end(), node) != lines.end();
  };
  for (const std::uint32_t node : m_ladder.lifelines)
    if (std::find(m_lifelines.begin(), m_lifelines.end(), node) == m_lifelines.end())
      m_lifelines.push_back(node);
  if (m_lifelines.size() > quietLifelinesMax)
    std::erase_if(m_lifelines, [&](std::uint32_t node) { return !appears(node); });
}

} // namespace packetarium::ui
