// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "core/analysis/packet_tree.h"

namespace packetarium::analysis {

/// What each layer did at a stop, in words; fills the stops of a journey.

/// Facts about a stop that its packets do not tell.
struct StopFacts {
  const net::Blueprint &network;
  std::uint64_t rateBps = 0; ///< of the link it left by
  Duration waited;           ///< in front of that link
  Duration travel;           ///< along that link, after its last bit left
  Duration held;             ///< in the node, for ARP or because it was paused
  bool askedArp = false;     ///< the hardware address became known just before it left
  std::size_t copies = 0;    ///< that left a switch
};

/// Fills inLayers, outLayers, topLayer and sentences of a stop whose other members are set.
void tellStop(JourneyStop &stop, const StopFacts &facts, LayerModel model);
/// OSI boxes in the grouping of a model.
std::vector<LayerStory> groupLayers(const std::vector<LayerStory> &osi, LayerModel model);

} // namespace packetarium::analysis
