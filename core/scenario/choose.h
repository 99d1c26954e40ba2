// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

namespace packetarium::scenario {

/// Gives every plugged interface of a host or router that lacks one an address: from the subnet
/// that is in use on its link, or else from a fresh one in 10.0.0.0/8 (RFC 1918): a /30 between two
/// routers, a /24 elsewhere. Routers count up from .1, hosts from .10.
void chooseAddresses(Scenario &scenario);

} // namespace packetarium::scenario
