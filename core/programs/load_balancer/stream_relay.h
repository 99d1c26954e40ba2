// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/load_balancer/balancer_core.h"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace packetarium::programs {

/// Balancing at layer 4: each client's connection is joined to one to a server, and bytes pass from
/// one to the other unread. A value.
class StreamRelay {
public:
  void accept(Context &ctx, BalancerCore &core, const transport::SocketEvent &event);
  /// False when the socket is none of its own.
  bool onSocket(Context &ctx, BalancerCore &core, const transport::SocketEvent &event);
  /// The server did not take the connection in time.
  void onLimit(Context &ctx, BalancerCore &core, std::uint64_t number);
  void onIdle(Context &ctx, BalancerCore &core, std::uint64_t number);
  /// A server is out: what is under way there is broken off.
  void onServerOut(Context &ctx, BalancerCore &core, std::size_t server);
  std::vector<Described> describe(const BalancerCore &core) const;

private:
  /// One direction of a pair: what has come and could not be handed on yet.
  struct Lane {
    std::deque<wire::Payload> waiting;
    bool ended = false;  ///< the sender said FIN
    bool closed = false; ///< and so did we, to the receiver
    bool paused = false; ///< the sender is not read
  };
  struct Pair {
    transport::Endpoint from;
    transport::SocketId client = transport::noSocket, server = transport::noSocket;
    std::size_t chosen = 0;
    std::vector<std::size_t> tried;
    bool open = false; ///< the connection to the server
    Lane toServer, toClient;
    std::optional<SimTime> asked; ///< the client's first bytes that nothing came back for
    SimTime active;
    bool answered = false;
    TimerId limit, idle;
  };
  void dial(Context &ctx, BalancerCore &core, std::uint64_t number);
  void onClient(Context &ctx, BalancerCore &core, std::uint64_t number,
                const transport::SocketEvent &event);
  void onServer(Context &ctx, BalancerCore &core, std::uint64_t number,
                const transport::SocketEvent &event);
  void dialFailed(Context &ctx, BalancerCore &core, std::uint64_t number, const std::string &why);
  static void pass(Context &ctx, Lane &lane, transport::SocketId from, transport::SocketId to);
  void leaveServer(Context &ctx, BalancerCore &core, Pair &pair, bool gone = false);
  void drop(Context &ctx, BalancerCore &core, std::uint64_t number);
  void dropIfOver(Context &ctx, BalancerCore &core, std::uint64_t number);

  std::map<std::uint64_t, Pair> m_pairs;
  std::map<transport::SocketId, std::uint64_t> m_bySocket;
  std::uint64_t m_last = 0, m_refused = 0, m_broken = 0;
};

} // namespace packetarium::programs
