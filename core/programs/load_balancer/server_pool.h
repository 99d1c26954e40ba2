// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/transport/socket.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// A balancer's servers and how it chooses among them. A value.
class ServerPool {
public:
  enum class Algorithm : std::uint8_t {
    RoundRobin,       ///< each in turn; by weights, spread smoothly
    LeastConnections, ///< the one with the fewest requests under way, for its weight
    ResponseTime,     ///< the shortest wait to expect: mean response time, for each under way
    TwoChoices        ///< the less busy one of two drawn at random
  };
  struct Server {
    transport::Endpoint endpoint;
    std::int64_t weight = 1;
    std::uint64_t inFlight = 0, chosen = 0, answered = 0, failed = 0;
    /// Exponentially weighted mean of its response times, each new one an eighth (as the smoothed
    /// round trip of RFC 6298); nothing: not measured yet.
    std::optional<Duration> response;
    std::int64_t credit = 0; ///< of the smooth weighted round robin
  };

  ServerPool() = default;
  ServerPool(std::string_view algorithm, std::vector<Server> servers);

  /// One of the candidates (not empty, ascending).
  std::size_t choose(const std::vector<std::size_t> &candidates, RandomStream &random);
  /// A request or a connection goes to the server; end follows once.
  void begin(std::size_t server);
  void end(std::size_t server, bool answered);
  void measured(std::size_t server, Duration response);

  const std::vector<Server> &servers() const { return m_servers; }

private:
  std::size_t inTurn(const std::vector<std::size_t> &candidates);
  /// The best one by a cost; of several equally good ones, each in turn.
  template <class Better>
  std::size_t best(const std::vector<std::size_t> &candidates, Better better);
  bool lessBusy(std::size_t a, std::size_t b) const;
  bool sooner(std::size_t a, std::size_t b) const;

  Algorithm m_algorithm = Algorithm::RoundRobin;
  std::vector<Server> m_servers;
  std::size_t m_next = 0;
};

} // namespace packetarium::programs
