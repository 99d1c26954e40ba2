// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/world/plan.h"

#include <QPointF>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace packetarium::ui {

/// What a prediction of staleness needs to know about a quorum store.
struct QuorumDelays {
  int n = 3, r = 1, w = 1;
  double diskMs = 0; ///< a replica writes to its disk before it acknowledges
  /// One way between each two members by the delays of the links: without and with all jitter.
  std::vector<std::pair<double, double>> pairsMs;
  bool operator==(const QuorumDelays &) const = default;
};
/// Of the quorum store of that service; none: it is no quorum store, or its members do not reach
/// one another.
[[nodiscard]] std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan,
                                                         const std::string &service);

/// P(fresh) by milliseconds after the acknowledgement, from 0 to untilMs (PBS, core/cluster/pbs.h).
[[nodiscard]] std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs);

} // namespace packetarium::ui
