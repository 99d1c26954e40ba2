// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/packet.h"

#include <cstdint>
#include <optional>

namespace packetarium::transport {

/// The RST that answers a segment for which there is no connection (RFC 9293 section 3.10.7.1);
/// nothing when the segment is an RST itself.
std::optional<wire::TcpHeader> resetReply(const wire::TcpHeader &segment,
                                          std::uint32_t payloadBytes);

} // namespace packetarium::transport
