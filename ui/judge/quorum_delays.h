// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quorum_delays.h"

#include <QPointF>

#include <vector>

namespace packetarium::ui {

using analysis::QuorumDelays;

/// P(fresh) by milliseconds after the acknowledgement, from 0 to untilMs (PBS, core/cluster/pbs.h).
[[nodiscard]] std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs);

} // namespace packetarium::ui
