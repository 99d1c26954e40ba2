// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/server_health.h"

#include "core/analysis/names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>

namespace packetarium::analysis {
namespace {

constexpr std::size_t requestsMost = 4096, triesMost = 4 * requestsMost;
constexpr Duration longestWait = Duration::seconds(20); ///< of a request that still counts

/// Whose request, by client and number.
using RequestKey = std::pair<std::uint32_t, std::uint64_t>;

/// Which server clients tried last, for each request.
class LastTries {
public:
  LastTries(const FactBook &facts, const net::Blueprint &network, Cursor at, SimTime from)
      : m_facts(facts), m_network(network) {
    const auto &all = facts.of(trace::FactTopic::Try);
    std::size_t i = facts.countUpTo(all, at.upTo);
    for (std::size_t seen = 0; i-- > 0 && seen < triesMost; ++seen) {
      const FactMark &fact = facts.facts()[all[i]];
      if (fact.at < from) break;
      const std::string_view what = facts.text(fact.name);
      if (what != "sent" && what != "answered") continue; // the others tell of the way there
      const std::string_view text = facts.text(fact.value);
      std::uint64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      m_last.try_emplace({fact.node, number}, Target{fact.detail, fact.sequence});
    } // the latest comes first
    for (const AddressMark &mark : facts.addresses())
      if (mark.record.detail != 0)
        m_takers[static_cast<std::uint32_t>(mark.record.args[0])].emplace_back(mark.sequence,
                                                                               mark.record.node);
  }
  std::optional<std::uint32_t> server(const RequestMark &request) {
    const auto tried = m_last.find({request.node, request.number});
    if (tried == m_last.end()) return std::nullopt;
    const auto [known, isNew] = m_places.try_emplace(tried->second.text);
    if (isNew) known->second = placeOf(m_facts.text(tried->second.text));
    if (known->second.takers == nullptr) return known->second.node;
    // Who took the address last before it was tried.
    std::optional<std::uint32_t> holder = known->second.node;
    for (const auto &[since, node] : *known->second.takers)
      if (since <= tried->second.at) holder = node;
    return holder;
  }

private:
  using Takers = std::vector<std::pair<trace::Sequence, std::uint32_t>>;
  struct Target {
    std::uint32_t text = 0;
    trace::Sequence at = 0;
  };
  struct Place {
    std::optional<std::uint32_t> node;
    const Takers *takers = nullptr; ///< of an address that moves
  };
  Place placeOf(std::string_view target) const {
    Place place{nodeNamed(m_network, target), nullptr};
    const auto address = wire::Ipv4Address::parse(target.substr(0, target.find(':')));
    if (!address) return place;
    if (const auto it = m_takers.find(address->value); it != m_takers.end())
      place.takers = &it->second;
    return place;
  }

  const FactBook &m_facts;
  const net::Blueprint &m_network;
  std::map<RequestKey, Target> m_last;
  std::unordered_map<std::uint32_t, Takers> m_takers; ///< by address
  std::unordered_map<std::uint32_t, Place> m_places;  ///< by text
};

ServiceHealth healthOfShare(std::uint32_t inTime, std::uint32_t requests) {
  const std::uint64_t hundredfold = std::uint64_t{inTime} * 100;
  if (hundredfold >= std::uint64_t{requests} * 99) return ServiceHealth::Up;
  return hundredfold >= requests ? ServiceHealth::Degraded : ServiceHealth::Down;
}

} // namespace

std::vector<ServerHealth> serverHealth(const Chronicle &chronicle, const FactBook &facts,
                                       const net::Blueprint &network, Cursor at) {
  const auto &requests = chronicle.requests();
  const SimTime oldest = at.at - serverHealthHolds, begun = oldest - longestWait;
  auto after =
      std::upper_bound(requests.begin(), requests.end(), at.upTo,
                       [](trace::Sequence s, const RequestMark &r) { return s < r.started; });
  std::map<std::uint32_t, std::vector<const RequestMark *>> ended; // by server
  std::optional<LastTries> tries;
  for (std::size_t seen = 0; after != requests.begin() && seen < requestsMost; ++seen) {
    const RequestMark &r = *--after;
    if (r.startedAt < begun) break;
    if (r.open() || r.ended > at.upTo || r.endedAt < oldest) continue;
    if (!tries) tries.emplace(facts, network, at, begun);
    if (const auto server = tries->server(r)) ended[*server].push_back(&r);
  }
  std::vector<ServerHealth> out;
  for (const auto &[node, list] : ended) {
    SimTime last;
    for (const RequestMark *r : list) last = std::max(last, r->endedAt);
    ServerHealth health{node, 0, 0, 0, ServiceHealth::Unknown};
    std::vector<double> latencies;
    for (const RequestMark *r : list) {
      if (r->endedAt <= last - Duration::seconds(1)) continue;
      ++health.requests;
      if (r->outcome != trace::RequestOutcome::Ok) continue;
      ++health.inTime;
      latencies.push_back(r->latency.toMs());
    }
    if (!latencies.empty()) {
      const auto middle =
          latencies.begin() + static_cast<std::ptrdiff_t>((latencies.size() - 1) / 2);
      std::nth_element(latencies.begin(), middle, latencies.end());
      health.p50 = *middle;
    }
    health.health = healthOfShare(health.inTime, health.requests);
    out.push_back(health);
  }
  return out;
}

} // namespace packetarium::analysis
