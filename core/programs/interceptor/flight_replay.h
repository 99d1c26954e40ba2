// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/interceptor/attempt.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs {

/// Sends recorded first flights with early data to the server once more, each in a connection of
/// its own, and tells from the size of the answer whether the request was served again. A value.
class FlightReplay {
public:
  FlightReplay(std::string attackName, Duration delay, const transport::TcpOptions &tcp)
      : m_attackName(std::move(attackName)), m_delay(delay), m_tcp(tcp) {}

  /// of: the connection that it was recorded from.
  void keep(Context &ctx, transport::SocketId of, transport::Endpoint server, wire::Bytes flight);
  void onTimer(Context &ctx, std::uint64_t tag);
  /// False: the socket is none of its own.
  bool onSocket(Context &ctx, const transport::SocketEvent &event);
  std::vector<Described> describe() const;

private:
  struct Replay {
    transport::SocketId of = transport::noSocket;
    transport::Endpoint server;
    wire::Bytes flight;
    Outlet outlet;
    RecordCutter fromServer;
    Outsider seen;
    std::string done, ended;
  };
  void begin(Context &ctx, Replay replay);
  void onAnswer(Context &ctx, Replay &replay, const wire::Payload &data);
  void judge(Context &ctx, Replay &replay, bool served, const std::string &how);

  std::string m_attackName;
  Duration m_delay;
  transport::TcpOptions m_tcp;
  std::map<transport::SocketId, Replay> m_waiting; ///< by the socket that they were recorded from
  std::map<transport::SocketId, Replay> m_running; ///< by their own sockets
  std::vector<Described> m_past;
};

} // namespace packetarium::programs
