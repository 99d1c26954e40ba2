// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace packetarium::scenario {

/// One built-in scenario as it stands in resources/scenarios, compiled into the program.
struct EmbeddedFile {
  std::string_view name; ///< file name without ".packetarium": the id used on the command line
  std::string_view text; ///< the whole JSON document
};

/// All built-in scenarios, sorted by name. The views live as long as the program.
std::span<const EmbeddedFile> embeddedScenarios();

} // namespace packetarium::scenario
