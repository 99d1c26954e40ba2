// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace packetarium::analysis {

/// A replicated log as one member's Log facts tell it.

/// The last entries after the first `count` marks, and what was thrown away among them. Walks back
/// from there, as far as it must.
LogView logTail(const FactBook &facts, const std::vector<LogMark> &marks, std::size_t count,
                std::size_t keepEntries);

/// The snapshot that a member has at the record, in place of all entries up to its index; nothing:
/// none, or its disk was lost since.
std::optional<SnapshotHeld> snapshotAt(const FactBook &facts, ServiceNode who,
                                       trace::Sequence upTo);

/// One entry of a whole log.
struct WholeEntry {
  std::uint64_t epoch = 0;
  std::uint32_t operation = 0;  ///< for FactBook::text
  trace::Sequence appended = 0; ///< its Log fact
};
/// All entries after the first `count` marks, by index.
std::map<std::uint64_t, WholeEntry> wholeLog(const FactBook &facts,
                                             const std::vector<LogMark> &marks, std::size_t count);

} // namespace packetarium::analysis
