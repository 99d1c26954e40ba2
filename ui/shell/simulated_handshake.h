// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/real/handshake_facts.h"

#include <optional>

namespace packetarium::ui {

// The newest handshake that was complete at the cursor, in the words in which a real one is told.
// Nothing when there is none.
[[nodiscard]] std::optional<HandshakeFacts> simulatedHandshake(const ViewState &state);

} // namespace packetarium::ui
