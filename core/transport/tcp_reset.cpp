// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/tcp_reset.h"

namespace packetarium::transport {

std::optional<wire::TcpHeader> resetReply(const wire::TcpHeader &segment,
                                          std::uint32_t payloadBytes) {
  using F = wire::TcpFlags;
  if (segment.has(F::Rst)) return std::nullopt;
  wire::TcpHeader reset;
  reset.sourcePort = segment.destinationPort;
  reset.destinationPort = segment.sourcePort;
  if (segment.has(F::Ack)) {
    reset.sequence = segment.acknowledgment;
    reset.flags = F::Rst;
    return reset;
  }
  reset.acknowledgment = segment.sequence + payloadBytes + (segment.has(F::Syn) ? 1 : 0) +
                         (segment.has(F::Fin) ? 1 : 0);
  reset.flags = F::Rst | F::Ack;
  return reset;
}

} // namespace packetarium::transport
