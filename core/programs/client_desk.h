// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/message_stream.h"

#include <deque>
#include <limits>
#include <map>
#include <optional>

namespace packetarium::programs {

/// Where a store's clients come to: their connections, what they ask in the order in which it came
/// (kv_protocol.h), and the time that the processor takes for one after another. A value.
class ClientDesk {
public:
  struct Request {
    transport::SocketId socket = transport::noSocket;
    wire::cluster::Message message;
    SimTime began; ///< it came
  };

  ClientDesk() = default;
  /// serviceTime: of the processor for each request. tag: of the timer that rings when one is due.
  /// waitingMax: what comes while so many wait is not taken.
  ClientDesk(Duration serviceTime, std::uint64_t tag,
             std::size_t waitingMax = std::numeric_limits<std::size_t>::max())
      : m_serviceTime(serviceTime), m_tag(tag), m_waitingMax(waitingMax) {}

  void accept(const transport::SocketEvent &event) {
    m_clients.insert_or_assign(event.socket, MessageStream(event.socket, event.remote));
  }
  bool holds(transport::SocketId client) const { return m_clients.contains(client); }
  /// Something happened at a connection; others than clients' are passed over.
  void onSocket(Context &ctx, const transport::SocketEvent &event);
  /// The timer rang: whose turn it is. Then serve() again, before or after it is answered.
  std::optional<Request> take();
  /// Begins with the next one that waits, unless one is being served.
  void serve(Context &ctx);

  /// Nothing happens when the client is gone.
  void send(Context &ctx, transport::SocketId client, const wire::cluster::Message &message);
  /// The same with the request's id in front; false when the client is gone.
  bool answer(Context &ctx, const Request &request, const wire::cluster::Message &message);

  std::size_t clients() const { return m_clients.size(); }
  std::size_t waiting() const { return m_queue.size(); }

private:
  void onData(Context &ctx, const transport::SocketEvent &event);

  Duration m_serviceTime;
  std::uint64_t m_tag = 0;
  std::size_t m_waitingMax = std::numeric_limits<std::size_t>::max();
  std::map<transport::SocketId, MessageStream> m_clients;
  std::deque<Request> m_queue;
  bool m_serving = false;
};

} // namespace packetarium::programs
