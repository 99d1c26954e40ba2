// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"
#include "core/scenario/json_tree.h"
#include "core/scenario/scenario.h"

namespace packetarium::scenario {

/// Adds every fault of a document that its types do not rule out. Faults already in the list keep
/// what depends on them from being reported again.
void checkScenario(const Scenario &scenario, FaultList &faults, Accept accept);
/// The part of it that is about addresses, masks, gateways and routes.
void checkNetwork(const Scenario &scenario, FaultList &faults, Accept accept);
/// A document from its tree, with all faults of reading and checking.
Scenario fromTree(const Json &root, FaultList &faults, Accept accept = Accept::Faultless);

} // namespace packetarium::scenario
