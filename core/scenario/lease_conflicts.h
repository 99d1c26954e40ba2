// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/conflicts.h"

namespace packetarium::scenario {

/// Raft members that read in leases, with a clock that drifts further than a lease of theirs allows
/// (programs/raft/settings.h). A document may be so: it is a lesson of its own.
std::vector<Conflict> leaseConflicts(const Scenario &scenario);
/// Its clock drifts as far as its leases allow.
void cureLease(Node &node);

} // namespace packetarium::scenario
