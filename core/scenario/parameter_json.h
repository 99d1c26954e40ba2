// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/scenario/json_read.h"

#include <map>
#include <string>
#include <vector>

namespace packetarium::scenario {

using ParameterMap = std::map<std::string, programs::ParameterValue>;

/// Reads what an object gives, each value as the declaration of its key says. Unknown keys and
/// wrong types are faults; ranges are checkParameters()'s matter.
ParameterMap readParameters(const Json &object, const std::vector<programs::Parameter> &declared,
                            const std::string &path, FaultList &faults);
/// Faults of given values: what their declaration says of them, and bounds on texts and lists.
void checkParameters(const ParameterMap &given, const std::vector<programs::Parameter> &declared,
                     const std::string &path, FaultList &faults);
/// The values as JSON, rows as lists of objects.
nlohmann::ordered_json parameterJson(const programs::ParameterValue &value);

} // namespace packetarium::scenario
