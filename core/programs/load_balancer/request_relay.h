// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/load_balancer/balancer_core.h"
#include "core/wire/http.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace packetarium::programs {

/// Balancing at layer 7: reads each request, hands it to a server over a connection that it keeps,
/// and hands the answer back; a request that may be repeated goes to another server when one fails.
/// A gateway of RFC 9110 section 3.7. A value.
class RequestRelay {
public:
  void accept(Context &ctx, BalancerCore &core, const transport::SocketEvent &event);
  /// False when the socket is none of its own.
  bool onSocket(Context &ctx, BalancerCore &core, const transport::SocketEvent &event);
  /// A server did not take the connection, or did not answer, in time.
  void onLimit(Context &ctx, BalancerCore &core, std::uint64_t number);
  void onIdle(Context &ctx, std::uint64_t client);
  void onServerOut(Context &ctx, BalancerCore &core, std::size_t server);
  std::vector<Described> describe(const BalancerCore &core) const;

private:
  using SocketId = transport::SocketId;
  struct Client {
    transport::Endpoint from;
    wire::http::Parser parser{wire::http::Parser::Role::Requests};
    std::deque<wire::http::Message> requests;
    std::deque<wire::Payload> outbound; ///< what the socket had no room for
    std::uint64_t exchange = 0;         ///< 0: none is under way
    bool peerClosed = false, closeWhenSent = false, closing = false;
    TimerId idle;
  };
  /// One request on its way.
  struct Exchange {
    SocketId client = transport::noSocket;
    wire::http::Message asked;
    std::optional<std::size_t> wanted; ///< what the visitor's cookie says
    std::size_t server = 0;
    std::vector<std::size_t> tried;
    SocketId socket = transport::noSocket;
    wire::http::Parser parser{wire::http::Parser::Role::Responses};
    std::deque<wire::Payload> outbound; ///< of the request, towards the server
    bool sent = false, reused = false;
    bool ended = false; ///< the server said FIN
    bool headSent = false, paused = false;
    std::size_t partsSent = 0; ///< of the response's body
    SimTime sentAt;
    TimerId limit;
  };

  void onClient(Context &ctx, BalancerCore &core, const transport::SocketEvent &event);
  void onRequests(Context &ctx, BalancerCore &core, SocketId socket, const wire::Payload &data);
  void serveNext(Context &ctx, BalancerCore &core, SocketId socket);
  void flush(Context &ctx, BalancerCore &core, SocketId socket);
  void closeClient(Context &ctx, SocketId socket);
  void forgetClient(Context &ctx, BalancerCore &core, SocketId socket);
  void answerItself(Context &ctx, BalancerCore &core, SocketId socket, int status, bool keepAlive);

  void assign(Context &ctx, BalancerCore &core, std::uint64_t number);
  void send(Context &ctx, BalancerCore &core, std::uint64_t number);
  void flushRequest(Context &ctx, Exchange &e);
  void onServer(Context &ctx, BalancerCore &core, std::uint64_t number,
                const transport::SocketEvent &event);
  void onResponse(Context &ctx, BalancerCore &core, std::uint64_t number);
  void sendHead(Context &ctx, BalancerCore &core, Exchange &e, const wire::http::Response &head,
                std::optional<std::uint64_t> length);
  void sendBody(Exchange &e, const wire::http::Message &message);
  void complete(Context &ctx, BalancerCore &core, std::uint64_t number, bool serverKeepsOpen);
  /// The server did not answer; status: what the client hears when nobody else can.
  void serverFailed(Context &ctx, BalancerCore &core, std::uint64_t number, int status,
                    const std::string &why);
  void leaveServer(Context &ctx, BalancerCore &core, Exchange &e, bool answered);
  void onIdleServer(Context &ctx, const transport::SocketEvent &event);

  std::map<SocketId, Client> m_clients;
  std::map<std::uint64_t, Exchange> m_exchanges;
  std::map<SocketId, std::uint64_t> m_byServer; ///< exchange on a server's connection
  std::map<SocketId, std::size_t> m_idle;       ///< kept connections: their server
  std::uint64_t m_last = 0, m_requests = 0, m_repeated = 0;
  std::map<int, std::uint64_t> m_own; ///< answers of its own, by status
};

} // namespace packetarium::programs
