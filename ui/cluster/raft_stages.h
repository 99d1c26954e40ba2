// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/consensus.h"
#include "ui/document/faults.h"
#include "ui/playback/view_state.h"

#include <QString>

#include <vector>

namespace packetarium::ui {

// What can be staged at the cursor in a Raft cluster, so that it happens before everybody's eyes.
enum class RaftStage { SplitVote, DivergedLog, CutOffLeader, TimeOut };

// What is written into the script for it, as one edit.
struct StagePlan {
  QString label; // of the edit: "Stage a split vote at 1.2 s"
  QString watch; // what was staged and what to look at, a sentence or two
  QString fault; // why it cannot be staged here; empty: it can
  std::vector<FaultRequest> requests;
};

// For the cluster of the selected node, or the first one that there is.
[[nodiscard]] StagePlan planStage(RaftStage stage, const ViewState &state);

// How many of so many live members have to stand at once so that none of them can win, when so many
// votes are needed: each votes for itself, and those who do not stand are too few.
[[nodiscard]] constexpr std::size_t standersForSplit(std::size_t live, std::size_t needed) {
  return live + 2 > needed ? live + 2 - needed : 1;
}

} // namespace packetarium::ui
