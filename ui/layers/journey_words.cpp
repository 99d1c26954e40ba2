// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layers/journey_words.h"

#include "core/analysis/delivery.h"

namespace packetarium::ui {

QString journeyTarget(const ViewState &state, const analysis::Journey &journey) {
  if (journey.stops.empty()) return {};
  const auto &first = journey.stops.front();
  const auto &packet = first.outPacket ? first.outPacket : first.inPacket;
  const bool arp = packet && packet->kind == wire::PacketKind::Arp;
  if (journey.delivered || !packet || !(arp || packet->isIp()))
    return state.nodeName(journey.stops.back().node);
  const auto address = arp ? packet->arp.targetIp : packet->ip.destination;
  const auto owner = analysis::ownerOf(state.network(), address);
  return owner ? state.nodeName(*owner) : QString::fromStdString(address.text());
}

} // namespace packetarium::ui
