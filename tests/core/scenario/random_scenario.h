// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <cstdint>

namespace packetarium::scenario::test {

/// A valid document that uses every key there is, different for each number.
Scenario randomScenario(std::uint64_t number);

/// A small valid document to break: host a - router r - host b.
Scenario smallScenario();

} // namespace packetarium::scenario::test
