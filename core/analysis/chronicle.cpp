// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/chronicle.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

template <class Marks> void cutBack(Marks &marks, trace::Sequence from) {
  while (!marks.empty() && marks.back().sequence >= from) marks.pop_back();
}

} // namespace

Chronicle::Chronicle() : m_names(1) {} // index 0: no text

std::uint32_t Chronicle::intern(std::string_view text) {
  if (text.empty()) return 0;
  const auto known = m_index.find(text);
  if (known != m_index.end()) return known->second;
  const auto index = static_cast<std::uint32_t>(m_names.size());
  m_names.emplace_back(text);
  m_index.emplace(std::string(text), index);
  return index;
}

void Chronicle::extend(const trace::Trace &trace) {
  for (std::size_t i = trace.slotOf(m_next); i < trace.slots().size(); ++i) {
    const auto &slot = trace.slots()[i];
    if (slot.chunk) add(*slot.chunk);
    m_next = slot.summary.end();
  }
}

void Chronicle::add(const trace::Chunk &chunk) {
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    const trace::Record &r = chunk.records[i];
    const trace::Sequence s = chunk.summary.first + i;
    switch (r.kind) {
    case trace::RecordKind::Phase: addPhase(r, s, chunk); break;
    case trace::RecordKind::RequestStarted: startRequest(r, s, chunk); break;
    case trace::RecordKind::RequestEnded: endRequest(r, s); break;
    case trace::RecordKind::Note:
      if (m_notes.size() < marksMax)
        m_notes.push_back({s, r.at, r.node, intern(chunk.text(r.args[0]))});
      break;
    case trace::RecordKind::NodeState:
    case trace::RecordKind::LinkState:
    case trace::RecordKind::LinkChanged:
    case trace::RecordKind::NodeChanged:
      if (m_changes.size() < marksMax) m_changes.push_back({s, r});
      break;
    default: break;
    }
  }
  m_next = chunk.summary.end();
}

void Chronicle::addPhase(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk) {
  if (m_phases.size() >= marksMax) return;
  PhaseMark mark;
  mark.sequence = s;
  mark.at = r.at;
  mark.node = r.node;
  mark.milestone = intern(chunk.text(r.args[0]));
  mark.object = intern(chunk.text(r.args[1]));
  mark.nth = ++m_occurrences[{r.node, mark.milestone}];
  m_phases.push_back(mark);
}

void Chronicle::startRequest(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk) {
  if (m_requests.size() >= marksMax) return;
  RequestMark mark;
  mark.started = s;
  mark.startedAt = r.at;
  mark.node = r.node;
  mark.number = r.args[0];
  mark.what = intern(chunk.text(r.args[1]));
  mark.service = intern(chunk.text(r.args[2]));
  m_openRequests[{r.node, r.args[0]}] = m_requests.size();
  m_requests.push_back(mark);
}

void Chronicle::endRequest(const trace::Record &r, trace::Sequence s) {
  const auto open = m_openRequests.find({r.node, r.args[0]});
  if (open == m_openRequests.end()) return;
  RequestMark &mark = m_requests[open->second];
  mark.ended = s;
  mark.endedAt = r.at;
  mark.outcome = static_cast<trace::RequestOutcome>(r.detail);
  mark.latency = Duration::ns(static_cast<std::int64_t>(r.args[1]));
  mark.bytes = r.args[2];
  m_openRequests.erase(open);
}

void Chronicle::truncate(trace::Sequence from) {
  if (from >= m_next) return;
  for (std::size_t i = m_phases.size(); i-- > 0 && m_phases[i].sequence >= from;)
    --m_occurrences[{m_phases[i].node, m_phases[i].milestone}];
  cutBack(m_phases, from);
  cutBack(m_notes, from);
  cutBack(m_changes, from);
  while (!m_requests.empty() && m_requests.back().started >= from) m_requests.pop_back();
  m_openRequests.clear();
  for (std::size_t i = 0; i < m_requests.size(); ++i) {
    RequestMark &mark = m_requests[i];
    if (mark.ended >= from) mark.ended = 0;
    if (mark.open()) m_openRequests[{mark.node, mark.number}] = i;
  }
  m_next = from;
}

const PhaseMark *Chronicle::phaseAt(trace::Sequence upTo) const {
  const auto after =
      std::upper_bound(m_phases.begin(), m_phases.end(), upTo,
                       [](trace::Sequence s, const PhaseMark &m) { return s < m.sequence; });
  return after == m_phases.begin() ? nullptr : &*(after - 1);
}

const RequestMark *Chronicle::activeRequest(trace::Sequence upTo) const {
  constexpr int lookBack = 1000; // requests under way at once; older ones are of no interest here
  auto it = std::upper_bound(m_requests.begin(), m_requests.end(), upTo,
                             [](trace::Sequence s, const RequestMark &m) { return s < m.started; });
  for (int i = 0; i < lookBack && it != m_requests.begin(); ++i) {
    --it;
    if (it->open() || it->ended > upTo) return &*it;
  }
  return nullptr;
}

} // namespace packetarium::analysis
