// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/channel.h"
#include "core/programs/interceptor/http_reader.h"
#include "core/programs/interceptor/record_cutter.h"
#include "core/programs/peer.h"

#include <deque>
#include <string>
#include <vector>

namespace packetarium::programs {

/// A channel with what waits until it is open and has room. A value.
class Outlet {
public:
  Outlet() = default;
  explicit Outlet(Channel channel) : m_channel(std::move(channel)) {}

  Channel &channel() { return m_channel; }
  const Channel &channel() const { return m_channel; }
  /// Another layer on the same connection.
  void replace(Channel channel) { m_channel = std::move(channel); }

  std::vector<ChannelEvent> onSocket(Context &ctx, const transport::SocketEvent &event);
  void send(Context &ctx, wire::Payload data);
  /// Ready or Writable was told.
  void flush(Context &ctx);
  /// Closes once everything is on its way; at once what is not open yet.
  void close(Context &ctx);
  /// More waits than should: what feeds it had better rest.
  bool full() const { return m_bytes > 128 * 1024; }

private:
  Channel m_channel;
  std::deque<wire::Payload> m_waiting;
  std::uint64_t m_bytes = 0;
  bool m_connected = false, m_closing = false;
};

/// One connection that somebody was lured into, and what became of it. A value.
struct Attempt {
  transport::SocketId id = transport::noSocket; ///< the client's socket
  transport::Endpoint remote;                   ///< the client's
  Peer server;
  Outlet toClient, toServer;
  RecordCutter fromClient, fromServer;
  Outsider seen;
  HttpReader reader;
  wire::Bytes opening;     ///< what came before it was clear for whom to forge a certificate
  wire::Bytes firstFlight; ///< of the client, with its early data
  bool listening = true;   ///< firstFlight is still under way
  bool heldClient = false, heldServer = false; ///< made to rest, as the other side is full
  std::string planned;                         ///< done as soon as the server can be reached
  std::string done;                            ///< what was done to it, in words; empty: nothing
  std::string ended;                           ///< how that ended
  std::vector<std::string> read;               ///< in clear, oldest first

  Attempt(transport::SocketId socket, Peer peer) : id(socket), server(std::move(peer)) {}
  bool over() const { return !toClient.channel().exists() && !toServer.channel().exists(); }
  Described describe() const;
};

} // namespace packetarium::programs
