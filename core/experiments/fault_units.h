// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <vector>

/// Scripts read as faults.
namespace packetarium::experiments {

/// What belongs together in a script, as one fault: a crash and its restart, the sides of a
/// partition and their healing. Places in the script, in order.
struct FaultUnit {
  std::vector<std::size_t> entries;
};
std::vector<FaultUnit> faultUnits(const scenario::Scenario &scenario);
/// An entry that makes nothing worse: a restart, a link restored, a value as the document has it.
bool mends(const scenario::Scenario &scenario, const scenario::ScriptEntry &entry);

} // namespace packetarium::experiments
