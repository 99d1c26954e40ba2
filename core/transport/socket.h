// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace packetarium::transport {

/// Names a socket within its node; never used twice in a run.
using SocketId = std::uint32_t;
constexpr SocketId noSocket = 0;
/// Which program of the node a socket belongs to (its index).
using Owner = std::uint32_t;

struct Endpoint {
  wire::Ipv4Address address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint &) const = default;
  std::string text() const; ///< "192.0.2.1:80"
};

/// RFC 9293 section 3.3.2. The numbers are stable (they stand in TcpState records).
enum class TcpState : std::uint8_t {
  Closed,
  Listen,
  SynSent,
  SynReceived,
  Established,
  FinWait1,
  FinWait2,
  CloseWait,
  Closing,
  LastAck,
  TimeWait
};
/// As the RFC writes it: "SYN-SENT".
std::string_view name(TcpState state);

enum class SocketError : std::uint8_t {
  None,
  Refused,
  Reset,
  TimedOut,
  Unreachable,
  PortInUse,
  NoPortLeft,
  TooBig,
  NoRoute
};
std::string_view name(SocketError error);

/// Knobs of a TCP endpoint; the defaults are what RFCs name.
struct TcpOptions {
  std::uint16_t mss = 1460;                   ///< announced; 1 to 1460
  std::uint32_t receiveBuffer = 256 * 1024;   ///< bytes
  std::uint32_t sendBuffer = 256 * 1024;      ///< bytes
  bool windowScale = true;                    ///< RFC 7323
  bool delayedAck = true;                     ///< RFC 9293 section 3.8.6.3
  Duration delayedAckTime = Duration::ms(40); ///< at most 500 ms
  bool nagle = true;                          ///< RFC 9293 section 3.7.4
  bool limitedTransmit = true;                ///< RFC 3042
  Duration rtoMin = Duration::seconds(1);     ///< RFC 6298 (2.4)
  Duration rtoInitial = Duration::seconds(1); ///< RFC 6298 (2.1)
  Duration rtoMax = Duration::seconds(60);    ///< RFC 6298 (2.5)
  int synRetries = 6;
  int dataRetries = 15;
  Duration timeWait = Duration::seconds(60); ///< 2 MSL; RFC 9293 takes MSL = 2 minutes
};

/// What a program hears about its sockets.
struct SocketEvent {
  enum class Kind : std::uint8_t {
    Connected,  ///< our connect succeeded
    Accepted,   ///< a listener (listener) got a new connection (socket)
    Data,       ///< TCP stream data, in order
    PeerClosed, ///< FIN received: no more data will come
    Closed,     ///< both sides closed in order; the socket is gone (or rests in TIME-WAIT)
    Failed,     ///< error tells why; the socket is gone
    Writable,   ///< there is room in the send buffer again
    Datagram,   ///< UDP
    Error,      ///< an ICMP error about a UDP socket's datagram; the socket stays
    Packet,     ///< raw IP or link-layer: packet
    SynSeen     ///< a listener saw a SYN (before the handshake completes)
  };
  Kind kind = Kind::Data;
  SocketError error = SocketError::None;
  Owner owner = 0;
  SocketId socket = noSocket;
  SocketId listener = noSocket;
  std::uint32_t interface = 0;
  Endpoint local;
  Endpoint remote;
  wire::Payload data;
  wire::Packet packet;
};

/// One row of a socket table.
struct SocketInfo {
  SocketId id = noSocket;
  Owner owner = 0;
  std::string protocol; ///< "TCP", "UDP", "raw 112", "link 0x0806"
  Endpoint local, remote;
  TcpState state = TcpState::Closed;                                ///< TCP only
  std::uint32_t sendQueue = 0, receiveQueue = 0;                    ///< bytes
  std::uint32_t cwnd = 0, ssthresh = 0, flight = 0, peerWindow = 0; ///< bytes; TCP only
  Duration srtt, rto;                                               ///< TCP only
};

} // namespace packetarium::transport
