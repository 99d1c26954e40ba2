// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/ladder.h"

#include <map>
#include <tuple>
#include <vector>

namespace packetarium::analysis {

/// Finds out from records in their order which keys of TLS were in force, and for how long.
class KeyBands {
public:
  /// Takes a record about keys or about the state of a TCP connection; others are passed over.
  void take(const trace::Chunk &chunk, const trace::Record &record, trace::Sequence sequence);
  /// The bands that reach into [from, to], ordered by (node, since).
  std::vector<LadderKeys> finish(SimTime from, SimTime to);

private:
  using Slot = std::tuple<std::uint32_t, std::uint32_t, bool>; ///< node, socket, writes
  void close(const Slot &slot, SimTime at);

  std::vector<LadderKeys> m_bands;
  std::map<Slot, std::size_t> m_open;
};

} // namespace packetarium::analysis
