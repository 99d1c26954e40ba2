// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/frame.h"
#include "core/net/blueprint.h"

namespace packetarium::ui {

// What a network looks like before its first event.
[[nodiscard]] analysis::Frame untouchedFrame(const net::Blueprint &network);

// A frame to show after an edit until the new run has come to the same instant: what the last one
// showed of the nodes and links that are still there, so that nothing blinks. It names no packets
// and no records, since those of the last run are gone.
[[nodiscard]] analysis::Frame carriedFrame(const analysis::Frame &last,
                                           const net::Blueprint &before,
                                           const net::Blueprint &after);

} // namespace packetarium::ui
