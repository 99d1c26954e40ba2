// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/consensus.h"
#include "ui/playback/view_state.h"

#include <QString>
#include <QStringList>

namespace packetarium::ui {

// What a member of a Raft cluster is about at the instant, a line each: its term and whom it
// follows, the votes it asked for, what it waits for.
[[nodiscard]] QStringList memberLines(const analysis::MemberView &member, SimTime now,
                                      const ViewState &names);

} // namespace packetarium::ui
