// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/cursor.h"
#include "core/analysis/fact_book.h"
#include "core/analysis/services.h"
#include "core/net/blueprint.h"

#include <cstdint>
#include <vector>

namespace packetarium::analysis {

/// A server as its clients see it: of the requests whose last try went to it, those that ended in
/// the last second in which any did.
struct ServerHealth {
  std::uint32_t node = 0;
  std::uint32_t requests = 0, inTime = 0;
  double p50 = 0; ///< ms, of the timely answers; 0: none
  ServiceHealth health = ServiceHealth::Unknown;
  bool operator==(const ServerHealth &) const = default;
};

/// For how long nothing new is as it was.
inline constexpr Duration serverHealthHolds = Duration::seconds(5);

/// By node, of the servers that clients asked lately. An address that moves is whose it was when
/// it was tried. Only clients that tell whom they try count (`Try` facts). Looks at the last 4096
/// requests at most: about a fifth of a millisecond.
std::vector<ServerHealth> serverHealth(const Chronicle &chronicle, const FactBook &facts,
                                       const net::Blueprint &network, Cursor at);

} // namespace packetarium::analysis
