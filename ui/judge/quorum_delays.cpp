// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/quorum_delays.h"

namespace packetarium::ui {
namespace {

constexpr std::uint32_t trials = 100'000;
constexpr int curvePoints = 160;

} // namespace

std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs) {
  const auto prediction = cluster::predictPbs(quorum.placements, trials);
  std::vector<QPointF> out;
  for (const cluster::PbsPoint &p : cluster::pbsCurve(prediction, untilMs, curvePoints))
    out.emplace_back(p.tMs, p.fresh);
  return out;
}

} // namespace packetarium::ui
