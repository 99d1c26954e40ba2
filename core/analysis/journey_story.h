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
/// Whether TLS stands between transport and application in this packet.
bool carriesTls(const wire::Packet &packet);
/// Where in its payload, which begins with a record, the first one has its body of which only the
/// size can be seen; a Change Cipher Spec may stand before it. 0: there is none.
std::uint32_t encryptedFrom(const wire::Packet &packet);
inline bool carriesEncrypted(const wire::Packet &packet) { return encryptedFrom(packet) != 0; }
/// OSI boxes in the grouping of a model.
std::vector<LayerStory> groupLayers(const std::vector<LayerStory> &osi, LayerModel model);

} // namespace packetarium::analysis
