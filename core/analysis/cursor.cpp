// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cursor.h"

#include <algorithm>

namespace packetarium::analysis {

Cursor cursorAt(const trace::Trace &trace, SimTime t) {
  return {std::max(t, SimTime::zero()), trace.lastAtOrBefore(t)};
}

std::optional<Cursor> cursorAfter(const trace::Trace &trace, trace::Sequence sequence) {
  if (sequence == 0) return Cursor{};
  const trace::Record *r = trace.record(sequence);
  if (r == nullptr) return std::nullopt;
  return Cursor{r->at, sequence};
}

} // namespace packetarium::analysis
