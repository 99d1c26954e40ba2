// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/server_pool.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

ServerPool::Algorithm algorithmOf(std::string_view name) {
  if (name == "least-connections") return ServerPool::Algorithm::LeastConnections;
  if (name == "response-time") return ServerPool::Algorithm::ResponseTime;
  return name == "two-choices" ? ServerPool::Algorithm::TwoChoices
                               : ServerPool::Algorithm::RoundRobin;
}

} // namespace

ServerPool::ServerPool(std::string_view algorithm, std::vector<Server> servers)
    : m_algorithm(algorithmOf(algorithm)), m_servers(std::move(servers)) {}

std::size_t ServerPool::choose(const std::vector<std::size_t> &candidates, RandomStream &random) {
  switch (m_algorithm) {
  case Algorithm::RoundRobin: break;
  case Algorithm::LeastConnections:
    return best(candidates, [this](std::size_t a, std::size_t b) { return lessBusy(a, b); });
  case Algorithm::ResponseTime:
    return best(candidates, [this](std::size_t a, std::size_t b) { return sooner(a, b); });
  case Algorithm::TwoChoices: {
    if (candidates.size() == 1) return candidates.front();
    const std::uint64_t first = random.below(candidates.size());
    const std::uint64_t other = random.below(candidates.size() - 1);
    const std::size_t a = candidates[first];
    const std::size_t b = candidates[other < first ? other : other + 1];
    return lessBusy(b, a) ? b : a;
  }
  }
  return inTurn(candidates);
}

/// Everyone gains its weight, the richest one is chosen and pays what all gained: over as many
/// choices as the weights sum up to, each is chosen as often as its weight says.
std::size_t ServerPool::inTurn(const std::vector<std::size_t> &candidates) {
  std::int64_t total = 0;
  std::size_t richest = candidates.front();
  for (const std::size_t s : candidates) {
    m_servers[s].credit += m_servers[s].weight;
    total += m_servers[s].weight;
    if (m_servers[s].credit > m_servers[richest].credit) richest = s;
  }
  m_servers[richest].credit -= total;
  return richest;
}

template <class Better>
std::size_t ServerPool::best(const std::vector<std::size_t> &candidates, Better better) {
  const auto first = static_cast<std::size_t>(
      std::lower_bound(candidates.begin(), candidates.end(), m_next) - candidates.begin());
  std::size_t chosen = candidates[first % candidates.size()];
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    const std::size_t s = candidates[(first + i) % candidates.size()];
    if (better(s, chosen)) chosen = s;
  }
  m_next = chosen + 1;
  return chosen;
}

bool ServerPool::lessBusy(std::size_t a, std::size_t b) const {
  const Server &x = m_servers[a], &y = m_servers[b];
  return x.inFlight * static_cast<std::uint64_t>(y.weight) <
         y.inFlight * static_cast<std::uint64_t>(x.weight);
}

bool ServerPool::sooner(std::size_t a, std::size_t b) const {
  const auto cost = [this](std::size_t s) {
    const Server &x = m_servers[s];
    return x.response.value_or(Duration{}).toSeconds() * static_cast<double>(x.inFlight + 1) /
           static_cast<double>(x.weight);
  };
  return cost(a) < cost(b);
}

void ServerPool::begin(std::size_t server) {
  ++m_servers[server].inFlight;
  ++m_servers[server].chosen;
}

void ServerPool::end(std::size_t server, bool answered) {
  Server &s = m_servers[server];
  --s.inFlight;
  ++(answered ? s.answered : s.failed);
}

void ServerPool::measured(std::size_t server, Duration response) {
  std::optional<Duration> &mean = m_servers[server].response;
  mean = mean ? *mean + (response - *mean) / 8 : response;
}

} // namespace packetarium::programs
