// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "ui/playback/view_state.h"

#include <QString>

namespace packetarium::ui {

/// The name of whom a packet is for: where it arrived, and until then (or when it was lost) the
/// node that has the address it was sent to, else the address itself.
[[nodiscard]] QString journeyTarget(const ViewState &state, const analysis::Journey &journey);

/// The frame sent last before the cursor, for views that would have nothing to show while nothing
/// is under way; 0 when none is near.
[[nodiscard]] trace::Sequence lastSent(const ViewState &state);

} // namespace packetarium::ui
