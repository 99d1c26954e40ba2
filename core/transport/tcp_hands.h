// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/record.h"
#include "core/transport/socket.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <optional>

namespace packetarium::transport {

/// What a connection measures of itself.
struct TcpFigures {
  std::uint32_t cwnd = 0, ssthresh = 0, flight = 0, peerWindow = 0; ///< bytes
  Duration srtt;                                                    ///< 0 before the first sample
  bool operator==(const TcpFigures &) const = default;
};

/// What a TcpConnection reaches the world with; lent for the time of one call. The stack gives it
/// hands on a network, tests give it a pipe.
class TcpHands {
public:
  virtual ~TcpHands() = default;

  virtual SimTime now() const = 0;
  /// The record that led to whatever happens now. Timers keep it and bring it back.
  virtual trace::Sequence cause() const = 0;
  virtual void setCause(trace::Sequence cause) = 0;

  /// Sends a segment. resent tells why, when it holds sequence numbers that were sent before.
  virtual void transmit(const wire::TcpHeader &header, const wire::Payload &payload,
                        std::optional<trace::RetransmitReason> resent) = 0;
  /// onTimer is to be called at this instant. Calls asked for earlier may come too.
  virtual void wakeAt(SimTime at) = 0;

  virtual void tell(SocketEvent::Kind kind, SocketError error, wire::Payload data) = 0;
  virtual void stateChanged(TcpState from, TcpState to) = 0;
  /// So many bytes were handed to the program because of the segment in hand.
  virtual void delivered(std::uint32_t bytes) = 0;
  virtual void measured(const TcpFigures &figures) = 0;
  /// The retransmission timer expired; gives the record that tells so.
  virtual trace::Sequence timedOut(Duration rto) = 0;
};

} // namespace packetarium::transport
