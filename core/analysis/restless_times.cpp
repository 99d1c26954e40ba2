// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/activity.h"
#include "core/analysis/judgement.h"
#include "core/analysis/quorum_delays.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

bool isPlannedLink(const FaultClip &clip, const net::LinkSpec &link) {
  using Kind = FaultClip::Kind;
  switch (clip.kind) {
  case Kind::Rate: return clip.value == static_cast<double>(link.rateBps);
  case Kind::Delay: return clip.value == static_cast<double>(link.delay.ns());
  case Kind::Jitter: return clip.value == static_cast<double>(link.jitter.ns());
  case Kind::Loss: return clip.value == link.loss;
  case Kind::Queue: return clip.value == static_cast<double>(link.queuePackets);
  case Kind::Duplicate: return clip.value == link.duplicate;
  case Kind::Reorder: return clip.value == link.reorder;
  case Kind::Corrupt: return clip.value == link.corrupt;
  case Kind::Blocked: return clip.value == static_cast<double>(link.blocked);
  case Kind::Flap: return clip.value == static_cast<double>(link.flap.ns());
  default: return false;
  }
}

bool isPlannedNode(const FaultClip &clip, const net::NodeSpec &node) {
  using Kind = FaultClip::Kind;
  switch (clip.kind) {
  case Kind::Slowness: return clip.value == node.slowness;
  case Kind::ClockOffset: return clip.value == static_cast<double>(node.clockOffset.ns());
  case Kind::ClockDrift: return clip.value == node.clockDriftPpm;
  case Kind::Partition: return clip.value == 0;
  default: return false;
  }
}

bool isPlanned(const FaultClip &clip, const net::Blueprint &network) {
  return clip.link != LinkIndex::noneValue ? isPlannedLink(clip, network.links[clip.link])
                                           : isPlannedNode(clip, network.nodes[clip.node]);
}

/// A round of comparing with all the others.
Duration comparingTime(const world::Plan &plan, std::string_view service) {
  Duration longest;
  std::int64_t members = 0;
  for (const auto &programs : plan.programs)
    for (const world::ProgramSpec &program : programs) {
      if (program.kind != "quorum-store") continue;
      const std::string &name = program.values.text("service");
      if ((name.empty() ? "store" : name) != service) continue;
      longest = std::max(longest, program.values.duration("anti_entropy_ns"));
      ++members;
    }
  return longest * std::max<std::int64_t>(members - 1, 1);
}

std::vector<RestlessTime> joinTimes(std::vector<RestlessTime> times) {
  std::sort(times.begin(), times.end(),
            [](const RestlessTime &a, const RestlessTime &b) { return a.from < b.from; });
  std::vector<RestlessTime> joined;
  for (const RestlessTime &time : times)
    if (!joined.empty() && time.from <= joined.back().to)
      joined.back().to = std::max(joined.back().to, time.to);
    else
      joined.push_back(time);
  return joined;
}

} // namespace

std::vector<RestlessTime> restlessTimes(const FactBook &facts, const world::Plan &plan,
                                        std::string_view service) {
  std::vector<RestlessTime> times;
  for (const FaultClip &clip : faultClips(facts)) {
    if (isPlanned(clip, plan.network)) continue;
    times.push_back({clip.from, clip.open ? SimTime::max() : clip.to + convergenceSettle});
  }
  for (const DisturbanceMark &mark : facts.disturbances()) {
    const trace::Record &r = mark.record;
    if (r.kind == trace::RecordKind::NodeChanged &&
        static_cast<trace::NodeQuantity>(r.detail) == trace::NodeQuantity::DiskLost)
      times.push_back({r.at, r.at + convergenceSettle + comparingTime(plan, service)});
  }
  return joinTimes(std::move(times));
}

} // namespace packetarium::analysis
