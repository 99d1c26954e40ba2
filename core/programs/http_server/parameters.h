// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"

#include <vector>

namespace packetarium::programs {

/// All that an http-server can be told.
std::vector<Parameter> httpServerParameters();

} // namespace packetarium::programs
