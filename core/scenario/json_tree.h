// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/fault_list.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace packetarium::scenario {

using Json = nlohmann::json;

/// Reads JSON text (RFC 8259) within the bounds of Limits. Depth is checked while reading, before
/// anything that deep is built; a key given twice is a fault. On a fault of syntax, which names
/// line and column, the tree is null.
Json parseTree(std::string_view text, FaultList &faults);

} // namespace packetarium::scenario
