// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace packetarium::analysis {

/// The detail of a Try fact that tells of a connection. Views into it.
struct TryEnds {
  std::string_view asked, own; ///< own: empty when it is not told
};
TryEnds tryEnds(std::string_view detail);

} // namespace packetarium::analysis
