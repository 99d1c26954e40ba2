// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissector.h"
#include "core/wire/rtp.h"

#include <fmt/format.h>

namespace packetarium::wire {

void dissectRtp(Dissector &d, std::size_t at, std::size_t end) {
  Field layer = Dissector::make("rtp", at, end - at);
  const auto decoded = rtp::decode(d.frame.subspan(at, end - at));
  if (end - at < rtp::headerBytes) {
    Dissector::malformed(layer, at, end - at, decoded.faults()[0].text());
    d.layers.push_back(std::move(layer));
    return;
  }
  auto &out = layer.children;
  out.push_back(d.bits("rtp.version", at, 1, 0xc0));
  out.push_back(d.bits("rtp.padding", at, 1, 0x20));
  out.push_back(d.bits("rtp.ext", at, 1, 0x10));
  out.push_back(d.bits("rtp.cc", at, 1, 0x0f));
  out.push_back(d.bits("rtp.marker", at + 1, 1, 0x80));
  out.push_back(
      d.bits("rtp.p_type", at + 1, 1, 0x7f, (d.frame[at + 1] & 0x7f) == 0 ? "PCMU (0)" : ""));
  out.push_back(d.number("rtp.seq", at + 2, 2));
  out.push_back(d.number("rtp.timestamp", at + 4, 4));
  out.push_back(d.hex("rtp.ssrc", at + 8, 4));
  if (!decoded) {
    Dissector::malformed(layer, at, end - at, decoded.faults()[0].text());
  } else {
    layer.value = fmt::format("number {}, {} bytes of sound", decoded->header.sequence,
                              decoded->payloadBytes);
    if (decoded->payloadBytes > 0)
      out.push_back(d.blob("rtp.payload", at + decoded->payloadOffset, decoded->payloadBytes));
  }
  d.layers.push_back(std::move(layer));
}

Summary summariseRtp(const Payload &payload) {
  const auto decoded = rtp::decode(payload);
  if (!decoded) return {"RTP", "RTP?", "Malformed RTP packet: " + decoded.faults()[0].text()};
  const auto &h = decoded->header;
  return {"RTP", fmt::format("voice {}", h.sequence),
          fmt::format("{} seq={} time={} ssrc=0x{:08x}{}",
                      h.payloadType == 0 ? "PCMU" : fmt::format("payload type {}", h.payloadType),
                      h.sequence, h.timestamp, h.ssrc, h.marker ? " mark" : "")};
}

} // namespace packetarium::wire
