// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"

#include <vector>

namespace packetarium::programs {

/// What a client-load can be told, apart from what all clients of TLS and TCP share.
std::vector<Parameter> clientLoadParameters();

} // namespace packetarium::programs
