// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"

namespace packetarium::analysis {

/// Acknowledged writes of stores without a common log that no replica holds at the record, nor a
/// version that replaces them: from the Held facts of their members. A member that is down is taken
/// to have what its disk had, until it begins again. Those that are in `out` are not told again.
void appendUnheld(const FactBook &facts, const net::Blueprint &network, trace::Sequence upTo,
                  std::vector<LostWrite> &out);

} // namespace packetarium::analysis
