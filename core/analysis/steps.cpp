// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/steps.h"

#include "core/analysis/delivery.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;
using trace::Sequence;

/// Whether a record is a stop of this size. Depends on the trace alone, never on the cursor: that
/// is what makes steps exactly reversible.
/// Of the facts about a connection or a service those that change what one knows; the rest come
/// along with them.
bool isFactStop(trace::FactTopic topic) {
  using enum trace::FactTopic;
  return topic == TlsSecret || topic == TlsCheck || topic == TlsAlert || topic == Intercepted ||
         topic == Role || topic == Failover || topic == Conflict;
}

bool isStop(const StepContext &c, const trace::Record &r, Sequence s, StepSize size) {
  if (size == StepSize::Event)
    return r.kind != RecordKind::Fact || isFactStop(static_cast<trace::FactTopic>(r.detail));
  if (r.kind == RecordKind::FrameDropped)
    return size == StepSize::Hop || !isHarmless(static_cast<trace::DropReason>(r.detail));
  if (r.kind != RecordKind::FrameReceived) return false;
  return size == StepSize::Hop || isFinalReception(c.trace, c.network, s);
}

bool mayHoldStop(const trace::ChunkSummary &summary, StepSize size) {
  return size == StepSize::Event || summary.received + summary.dropped > 0;
}

StepResult found(const trace::Record &r, Sequence s) { return {Cursor{r.at, s}, std::nullopt}; }

StepResult nextRecord(const StepContext &c, Cursor from, StepSize size) {
  const auto &slots = c.trace.slots();
  for (std::size_t i = c.trace.slotOf(from.upTo + 1); i < slots.size(); ++i) {
    const auto &slot = slots[i];
    if (!mayHoldStop(slot.summary, size)) continue;
    if (!slot.chunk) return {std::nullopt, i};
    const Sequence first = slot.summary.first;
    for (Sequence s = std::max(first, from.upTo + 1); s < slot.summary.end(); ++s) {
      const trace::Record &r = slot.chunk->records[s - first];
      if (isStop(c, r, s, size)) return found(r, s);
    }
  }
  return {};
}

StepResult previousRecord(const StepContext &c, Sequence last, StepSize size) {
  const auto &slots = c.trace.slots();
  if (last == 0) return {Cursor{}, std::nullopt};
  for (std::size_t i = c.trace.slotOf(last) + 1; i-- > 0;) {
    const auto &slot = slots[i];
    if (!mayHoldStop(slot.summary, size)) continue;
    if (!slot.chunk) return {std::nullopt, i};
    const Sequence first = slot.summary.first;
    for (Sequence s = std::min(last, slot.summary.end() - 1); s >= first && s > 0; --s) {
      const trace::Record &r = slot.chunk->records[s - first];
      if (isStop(c, r, s, size)) return found(r, s);
    }
  }
  return {Cursor{}, std::nullopt};
}

/// Position of the first phase mark after a record.
std::size_t markAfter(const std::vector<PhaseMark> &marks, Sequence upTo) {
  return static_cast<std::size_t>(
      std::upper_bound(marks.begin(), marks.end(), upTo,
                       [](Sequence s, const PhaseMark &m) { return s < m.sequence; }) -
      marks.begin());
}

bool isPhaseStop(const StepContext &c, const PhaseMark &mark) {
  return phaseStopOf(c.chronicle, mark, c.phases).has_value();
}

StepResult nextPhase(const StepContext &c, Cursor from) {
  const auto &marks = c.chronicle.phases();
  for (std::size_t i = markAfter(marks, from.upTo); i < marks.size(); ++i)
    if (isPhaseStop(c, marks[i])) return {Cursor{marks[i].at, marks[i].sequence}, std::nullopt};
  return {};
}

StepResult previousPhase(const StepContext &c, Sequence last) {
  const auto &marks = c.chronicle.phases();
  for (std::size_t i = markAfter(marks, last); i-- > 0;)
    if (isPhaseStop(c, marks[i])) return {Cursor{marks[i].at, marks[i].sequence}, std::nullopt};
  return {Cursor{}, std::nullopt};
}

/// The last record that a stop before the cursor may have: the cursor's own when it stands later
/// than that record (going back then means going to that stop).
std::optional<Sequence> lastBefore(const trace::Trace &trace, Cursor from) {
  if (from.upTo == 0) return 0;
  const trace::Record *r = trace.record(from.upTo);
  if (r == nullptr) return std::nullopt;
  return from.at > r->at ? from.upTo : from.upTo - 1;
}

} // namespace

StepResult next(const StepContext &context, Cursor from, StepSize size) {
  return size == StepSize::Phase ? nextPhase(context, from) : nextRecord(context, from, size);
}

StepResult previous(const StepContext &context, Cursor from, StepSize size) {
  const auto last = lastBefore(context.trace, from);
  if (!last) {
    const std::size_t slot = context.trace.slotOf(from.upTo);
    if (slot >= context.trace.slots().size()) return {Cursor{}, std::nullopt};
    return {std::nullopt, slot};
  }
  return size == StepSize::Phase ? previousPhase(context, *last)
                                 : previousRecord(context, *last, size);
}

std::optional<std::size_t> phaseStopOf(const Chronicle &chronicle, const PhaseMark &mark,
                                       const std::vector<PhaseStopSpec> &phases) {
  const std::string_view milestone = chronicle.text(mark.milestone);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const PhaseStopSpec &p = phases[i];
    if (p.node != NodeIndex::noneValue && p.node != mark.node) continue;
    if (p.nth != 0 && p.nth != mark.nth) continue;
    if (p.milestone == milestone) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> currentPhaseStop(const Chronicle &chronicle, trace::Sequence upTo,
                                            const std::vector<PhaseStopSpec> &phases) {
  const auto &marks = chronicle.phases();
  for (std::size_t i = markAfter(marks, upTo); i-- > 0;)
    if (const auto stop = phaseStopOf(chronicle, marks[i], phases)) return stop;
  return std::nullopt;
}

} // namespace packetarium::analysis
