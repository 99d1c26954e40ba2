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

trace::Sequence lastSent(const ViewState &state) {
  constexpr int lookedAt = 4000;
  const trace::Sequence from = state.frame().cursor.upTo;
  for (int i = 0; i < lookedAt && from > static_cast<trace::Sequence>(i); ++i) {
    const trace::Sequence sequence = from - static_cast<trace::Sequence>(i);
    const trace::Record *record = state.trace().record(sequence);
    if (record == nullptr) return 0;
    if (record->kind == trace::RecordKind::FrameSent) return sequence;
  }
  return 0;
}

} // namespace packetarium::ui
