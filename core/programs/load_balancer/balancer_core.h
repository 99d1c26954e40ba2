// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/health_watch.h"
#include "core/programs/load_balancer/server_pool.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs {

/// What both modes of a balancer share: its servers, whether they live, and who stays with whom.
/// A value.
class BalancerCore {
public:
  enum class Sticky : std::uint8_t { None, Cookie, Source };
  /// Of the program's timers, in the low bits of their tags.
  enum TimerKind : std::uint64_t { Check, Limit, Idle, Sample };
  static constexpr unsigned tagShift = 2;
  static constexpr std::uint64_t tagOf(std::uint64_t number, TimerKind kind) {
    return number << tagShift | kind;
  }

  BalancerCore() = default;
  explicit BalancerCore(const ParameterValues &values);

  /// A server that is not out; nothing when there is none. tried: where this request was already:
  /// taken again only when there is no other. wanted: where the visitor was before.
  std::optional<std::size_t> choose(Context &ctx, wire::Ipv4Address client,
                                    const std::vector<std::size_t> &tried,
                                    std::optional<std::size_t> wanted = {});
  /// Nobody answered at that server when a connection was begun.
  void connectFailed(Context &ctx, std::size_t server, const std::string &why);
  void answered(std::size_t server, Duration response);
  /// Tells that a client is led to a server, and when it is connected with it.
  void tellLed(Context &ctx, transport::Endpoint client, std::size_t server) const;
  void tellJoined(Context &ctx, transport::Endpoint client, std::size_t server) const;
  /// Tells changes; gives the servers that are out from now on.
  std::vector<std::size_t> tell(Context &ctx, const HealthWatch::Changes &changes) const;
  /// Requests under way at each server, and how many servers are up.
  void sample(Context &ctx) const;
  Described describe() const;

  ServerPool pool;
  HealthWatch watch;
  std::string service, cookieName;
  Sticky sticky = Sticky::None;
  int retries = 0;
  bool endWhenOut = true;
  Duration connectTimeout, serverTimeout, idleTimeout;
  transport::TcpOptions tcp;

private:
  std::map<std::uint32_t, std::size_t> m_bySource; ///< client address: its server
};

} // namespace packetarium::programs
