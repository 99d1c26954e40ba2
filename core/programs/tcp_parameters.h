// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/transport/socket.h"

#include <vector>

namespace packetarium::programs {

/// The few knobs of TCP that matter to a program of short exchanges.
std::vector<Parameter> shortTcpParameters();
/// All knobs of transport::TcpOptions.
std::vector<Parameter> fullTcpParameters();
/// Options from either set; what was not declared keeps the default of TcpOptions.
transport::TcpOptions tcpOptions(const ParameterValues &values);
/// first followed by second: own parameters, then those shared with other programs.
std::vector<Parameter> joined(std::vector<Parameter> first, std::vector<Parameter> second);

} // namespace packetarium::programs
