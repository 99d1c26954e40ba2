// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/wire/cluster_message.h"

#include <optional>

namespace packetarium::programs {

/// One TCP connection that carries cluster messages: what is sent waits here while the socket's
/// buffer is full, what comes is cut into messages. A value.
class MessageStream {
public:
  MessageStream() = default;
  MessageStream(transport::SocketId socket, transport::Endpoint remote)
      : m_socket(socket), m_remote(remote) {}

  transport::SocketId socket() const { return m_socket; }
  const transport::Endpoint &remote() const { return m_remote; }

  void send(Context &ctx, const wire::cluster::Message &message);
  /// There is room again (SocketEvent::Writable).
  void flush(Context &ctx);
  /// Bytes that came; false when they are no messages: then the connection is of no more use.
  bool feed(const wire::Payload &data) { return m_reader.feed(data).ok(); }
  std::optional<wire::cluster::Message> take() { return m_reader.take(); }

private:
  transport::SocketId m_socket = transport::noSocket;
  transport::Endpoint m_remote;
  wire::Payload m_waiting;
  wire::cluster::Reader m_reader;
};

/// For short messages that shall leave at once and be missed soon: no Nagle, and a retransmission
/// time-out as low as Linux's 200 ms.
transport::TcpOptions messageTcp();

} // namespace packetarium::programs
