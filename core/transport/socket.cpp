// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/socket.h"

namespace packetarium::transport {

std::string Endpoint::text() const { return address.text() + ":" + std::to_string(port); }

std::string_view name(TcpState state) {
  switch (state) {
  case TcpState::Closed: return "CLOSED";
  case TcpState::Listen: return "LISTEN";
  case TcpState::SynSent: return "SYN-SENT";
  case TcpState::SynReceived: return "SYN-RECEIVED";
  case TcpState::Established: return "ESTABLISHED";
  case TcpState::FinWait1: return "FIN-WAIT-1";
  case TcpState::FinWait2: return "FIN-WAIT-2";
  case TcpState::CloseWait: return "CLOSE-WAIT";
  case TcpState::Closing: return "CLOSING";
  case TcpState::LastAck: return "LAST-ACK";
  case TcpState::TimeWait: return "TIME-WAIT";
  }
  return {};
}

std::string_view name(SocketError error) {
  switch (error) {
  case SocketError::None: return "none";
  case SocketError::Refused: return "refused";
  case SocketError::Reset: return "reset";
  case SocketError::TimedOut: return "timed-out";
  case SocketError::Unreachable: return "unreachable";
  case SocketError::PortInUse: return "port-in-use";
  case SocketError::NoPortLeft: return "no-port-left";
  case SocketError::TooBig: return "too-big";
  case SocketError::NoRoute: return "no-route";
  }
  return {};
}

} // namespace packetarium::transport
