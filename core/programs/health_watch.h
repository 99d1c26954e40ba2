// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/wire/http.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::programs {

/// How servers are asked whether they live.
struct HealthPlan {
  enum class Kind : std::uint8_t {
    None,
    Tcp, ///< a connection opens
    Http ///< a page is answered with 2xx or 3xx
  };
  Kind kind = Kind::None;
  std::string path = "/", host;
  Duration interval, timeout;
  int fall = 3; ///< failures in a row that take a server out
  int rise = 2; ///< successes in a row that bring it back
};
/// key, check_interval_ns, check_timeout_ns, fall, rise; and check_path, check_host with http.
std::vector<Parameter> healthParameters(std::string key, bool http, Duration interval);
/// From values of those parameters.
HealthPlan healthPlan(const ParameterValues &values, std::string_view key);

/// Asks a list of servers again and again, and says which ones count as gone. A value; the program
/// hands on the events of its sockets and its timers.
class HealthWatch {
public:
  struct Change {
    enum class What : std::uint8_t {
      Suspected, ///< a check or a connection failed, after all was well
      Cleared,   ///< it answered again before it was taken out
      Out,
      Back
    };
    What what = What::Suspected;
    std::size_t server = 0;
    std::string why; ///< a sentence
  };
  using Changes = std::vector<Change>;

  HealthWatch() = default;
  /// timerKind: the low bits (shift of them) of the tags of timers that belong to it.
  HealthWatch(HealthPlan plan, std::vector<transport::Endpoint> servers, std::uint64_t timerKind,
              unsigned shift);

  /// The first check of each server comes after its share of an interval, so that they are spread.
  void start(Context &ctx);
  /// number: the tag without the kind.
  Changes onTimer(Context &ctx, std::uint64_t number);
  bool owns(transport::SocketId socket) const;
  Changes onSocket(Context &ctx, const transport::SocketEvent &event);
  /// A client's connection to the server failed: a suspicion, which checks must confirm.
  Changes suspect(std::size_t server, std::string why);
  /// It answered a client: a suspicion that no check confirmed is over.
  void trust(std::size_t server);

  /// Counts as there; without checks always.
  bool up(std::size_t server) const { return m_servers[server].up; }
  bool suspected(std::size_t server) const { return m_servers[server].suspected; }
  std::size_t size() const { return m_servers.size(); }
  std::size_t upCount() const;
  /// "up", "up, 1 of 3 checks failed", "out".
  std::string state(std::size_t server) const;

private:
  struct Watched {
    transport::Endpoint endpoint;
    bool up = true, suspected = false;
    int inARow = 0; ///< failures while up, successes while out
    transport::SocketId socket = transport::noSocket;
    TimerId limit;
    wire::http::Parser parser{wire::http::Parser::Role::Responses};
  };
  enum TimerUse : std::uint64_t { Check, Limit };
  std::uint64_t tagOf(std::size_t server, TimerUse use) const;
  void check(Context &ctx, std::size_t server, Changes &changes);
  void heard(Context &ctx, std::size_t server, Changes &changes);
  void passed(Context &ctx, std::size_t server, Changes &changes);
  void failed(Context &ctx, std::size_t server, std::string why, Changes &changes);

  HealthPlan m_plan;
  std::vector<Watched> m_servers;
  std::uint64_t m_timerKind = 0;
  unsigned m_shift = 0;
};

/// Tells what changed as Failover facts of a service: suspected; decided and at the same instant
/// reachable, when others are left to lead clients to. An empty name: nothing is told.
void tellFailover(Context &ctx, const std::string &service, const HealthWatch &watch,
                  const HealthWatch::Change &change);

} // namespace packetarium::programs
