// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/world/plan.h"

#include <QPointF>

#include <optional>
#include <string>
#include <vector>

namespace packetarium::ui {

/// What a prediction of staleness needs to know about a quorum store.
struct QuorumDelays {
  int n = 3, r = 1, w = 1;
  double diskMs = 0; ///< a replica writes to its disk before it acknowledges
  /// One way between members by the delays of the links, each with its share: from the least to
  /// the most that jitter adds.
  struct Way {
    double share = 1, leastMs = 0, mostMs = 0;
    bool operator==(const Way &) const = default;
  };
  std::vector<Way> ways;
  /// Which of the members clients write and read through, from 0; -1: now this one, now that.
  int writerSite = -1, readerSite = -1;
  bool operator==(const QuorumDelays &) const = default;
};
/// Of the quorum store of that service; none: it is no quorum store, or its members do not reach
/// one another.
[[nodiscard]] std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan,
                                                         const std::string &service);

/// P(fresh) by milliseconds after the acknowledgement, from 0 to untilMs (PBS, core/cluster/pbs.h).
[[nodiscard]] std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs);

} // namespace packetarium::ui
