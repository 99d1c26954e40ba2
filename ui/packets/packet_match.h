// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/packet_filter.h"
#include "core/analysis/packets.h"

#include <optional>
#include <string_view>

namespace packetarium::ui {

// The filter language as the packet list speaks it: what is in the bytes, and what is known of the
// row besides: node, link, dropped, reason, retransmission, frame.number, frame.time (whole ms).
[[nodiscard]] Result<analysis::PacketFilter> parsePacketFilter(std::string_view text);

// Whether the row's packet satisfies the filter. None while a chunk that is needed to tell is not
// in memory; slot then gets the one to ask for.
[[nodiscard]] std::optional<bool> matchesRow(const analysis::PacketFilter &filter,
                                             const analysis::PacketList &list, std::size_t row,
                                             const trace::Trace &trace,
                                             const net::Blueprint &network, std::size_t &slot);

} // namespace packetarium::ui
