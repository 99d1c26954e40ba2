// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quorum_delays.h"

#include "core/cluster/ring.h"
#include "core/programs/kv_client/client.h"
#include "core/programs/kv_store/settings.h"
#include "core/programs/quorum_store/settings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace packetarium::analysis {
namespace {

using cluster::Delay;
using cluster::DelayChain;
using cluster::DelayPart;

constexpr double messageBits = 8 * 250; // of a member or a client, on the cable
constexpr double shortestThinkS = 1e-3;

/// The links on the way of least delay from a node to each other one.
struct WaysFrom {
  std::vector<std::vector<std::uint32_t>> links;
  std::vector<bool> reached;
};

WaysFrom waysFrom(const net::Blueprint &network, std::uint32_t from) {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  const std::size_t count = network.nodes.size();
  std::vector<std::int64_t> delay(count, far);
  WaysFrom ways{std::vector<std::vector<std::uint32_t>>(count), std::vector<bool>(count, false)};
  delay[from] = 0;
  for (;;) {
    std::size_t next = count;
    for (std::size_t i = 0; i < count; ++i)
      if (!ways.reached[i] && delay[i] != far && (next == count || delay[i] < delay[next]))
        next = i;
    if (next == count) return ways;
    ways.reached[next] = true;
    // Hosts do not forward.
    if (next != from && network.nodes[next].kind == net::NodeKind::Host) continue;
    for (const net::InterfaceSpec &port : network.nodes[next].interfaces) {
      if (!port.link.valid()) continue;
      const net::LinkSpec &link = network.links[port.link.value];
      const std::uint32_t to = link.ends[port.end == 0 ? 1 : 0].node.value;
      if (!link.up || delay[next] + link.delay.ns() >= delay[to]) continue;
      delay[to] = delay[next] + link.delay.ns();
      ways.links[to] = ways.links[next];
      ways.links[to].push_back(port.link.value);
    }
  }
}

Delay constantDelay(double ms) { return {{{1, DelayPart::Shape::Constant, ms, 0}}}; }

/// Jitter adds up to so much; a frame that goes astray takes half of the link's delay longer.
Delay delayOfLink(const net::LinkSpec &link) {
  const double least = link.delay.toMs() + messageBits / static_cast<double>(link.rateBps) * 1e3;
  const double jitter = link.jitter.toMs();
  const auto shape = jitter > 0 ? DelayPart::Shape::Uniform : DelayPart::Shape::Constant;
  Delay delay{{{1 - link.reorder, shape, least, least + jitter}}};
  if (link.reorder <= 0) return delay;
  const double late = least + link.delay.toMs() / 2;
  delay.parts.push_back({link.reorder, shape, late, late + jitter});
  return delay;
}

double mostMs(const DelayChain &chain) {
  double sum = 0;
  for (const Delay &delay : chain) {
    double most = 0;
    for (const DelayPart &part : delay.parts) most = std::max({most, part.first, part.second});
    sum += most;
  }
  return sum;
}

/// What the plan says of a store's members.
struct StorePlan {
  std::optional<programs::quorum::Settings> settings;
  std::vector<std::uint32_t> nodes; ///< of members, in the order of their list
  cluster::Ring ring;
  std::map<std::string, int> byName;
};

std::optional<std::uint32_t> nodeAt(const net::Blueprint &network, wire::Ipv4Address address) {
  for (std::uint32_t node = 0; node < network.nodes.size(); ++node)
    for (const net::InterfaceSpec &port : network.nodes[node].interfaces)
      if (port.address && port.address->address == address) return node;
  return std::nullopt;
}

const world::ProgramSpec *storeProgram(const world::Plan &plan, std::string_view service) {
  for (const auto &programs : plan.programs)
    for (const world::ProgramSpec &program : programs)
      if (program.kind == "quorum-store" &&
          programs::quorum::Settings(program.values).service == service)
        return &program;
  return nullptr;
}

StorePlan storePlanOf(const world::Plan &plan, std::string_view service) {
  StorePlan out;
  const world::ProgramSpec *program = storeProgram(plan, service);
  if (program == nullptr) return out;
  const programs::kv::Members members(program->values.rows("members"), {}, {});
  out.settings.emplace(program->values);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto node = nodeAt(plan.network, members.at(i).address);
    if (!node) return {};
    out.nodes.push_back(*node);
    out.ring.add(members.nameOf(i), out.settings->virtualNodes);
    out.byName.emplace(members.nameOf(i), static_cast<int>(i));
  }
  return out;
}

/// A program of clients that turn to one member, and how often.
struct ClientPlace {
  std::uint32_t node = 0;
  int member = 0;
  double rate = 0;                                  ///< of the reads, or of the writes
  bool anyReplica = false;                          ///< a read takes what the first replica has
  std::vector<std::pair<std::string, double>> keys; ///< with their shares
};

std::vector<std::pair<std::string, double>> keysOf(const world::ProgramSpec &program) {
  const auto count = static_cast<std::uint64_t>(program.values.integer("keys"));
  const double skew = program.values.real("skew");
  const programs::kv::KeyChoice choice(program.values.text("key_name"), count, skew);
  std::vector<std::pair<std::string, double>> keys;
  double sum = 0;
  for (std::uint64_t k = 1; k <= count; ++k) {
    keys.emplace_back(choice.nameOf(k), std::pow(static_cast<double>(k), -skew));
    sum += keys.back().second;
  }
  for (auto &[key, share] : keys) share /= sum;
  return keys;
}

struct Clients {
  std::vector<ClientPlace> writers, readers;
};

void addClients(Clients &clients, const StorePlan &store, const net::Blueprint &network,
                std::uint32_t node, const world::ProgramSpec &program) {
  const programs::kv::ClientSettings set(program.values);
  std::vector<int> members;
  for (const transport::Endpoint &server : set.servers) {
    const auto at = nodeAt(network, server.address);
    const auto found = std::find(store.nodes.begin(), store.nodes.end(), at.value_or(~0U));
    if (found == store.nodes.end()) return; // of another store
    members.push_back(static_cast<int>(found - store.nodes.begin()));
  }
  if (members.empty()) return;
  const double thinkS = std::max(shortestThinkS, set.think.toSeconds());
  const double rate = set.open ? set.rateRps : static_cast<double>(set.clients) / thinkS;
  const double reads = program.values.real("read_share");
  ClientPlace place{node, members.front(), rate * (1 - reads), false, keysOf(program)};
  if (place.rate > 0) clients.writers.push_back(place);
  place.anyReplica = set.stale;
  const std::size_t asked = set.readFrom == "any" ? members.size() : 1;
  place.rate = rate * reads / static_cast<double>(asked);
  for (std::size_t i = 0; i < asked && place.rate > 0; ++i) {
    place.member = members[i];
    clients.readers.push_back(place);
  }
}

Clients clientsOf(const world::Plan &plan, const StorePlan &store) {
  Clients clients;
  for (std::uint32_t node = 0; node < plan.programs.size(); ++node)
    for (const world::ProgramSpec &program : plan.programs[node])
      if (program.kind == "kv-client") addClients(clients, store, plan.network, node, program);
  return clients;
}

/// Where a constellation's writer and reader are (indices into Clients), and the key's members.
using Constellation = std::tuple<std::size_t, std::size_t, std::vector<int>>;

class DelaysMaker {
public:
  DelaysMaker(const world::Plan &plan, StorePlan store)
      : m_network(plan.network), m_store(std::move(store)), m_clients(clientsOf(plan, m_store)) {
    for (const std::uint32_t node : m_store.nodes) m_ways.emplace(node, waysFrom(m_network, node));
  }

  std::optional<QuorumDelays> make() {
    const programs::quorum::Settings &set = *m_store.settings;
    const std::size_t members = m_store.nodes.size();
    if (members < 2) return std::nullopt;
    QuorumDelays out;
    out.n = static_cast<int>(std::min(set.n, members));
    out.r = std::min(out.n, static_cast<int>(set.r));
    out.w = std::min(out.n, static_cast<int>(set.w));
    if (set.syncDisk) out.diskMs = m_network.nodes[m_store.nodes.front()].diskSync.toMs();
    const auto weights = weigh();
    double sum = 0;
    for (const auto &[constellation, weight] : weights) sum += weight;
    for (const auto &[constellation, weight] : weights)
      out.placements.push_back(placementOf(constellation, weight / sum, out));
    for (const std::uint32_t a : m_store.nodes)
      for (const std::uint32_t b : m_store.nodes)
        out.longestMs = std::max(out.longestMs, mostMs(way(a, b)));
    if (m_apart || out.placements.empty()) return std::nullopt;
    return out;
  }

private:
  /// Reads soon after a write are as many as reads and writes of the key together make them.
  std::map<Constellation, double> weigh() {
    std::map<Constellation, double> weights;
    for (std::size_t r = 0; r < m_clients.readers.size(); ++r) {
      const ClientPlace &reader = m_clients.readers[r];
      const std::map<std::string, double> read(reader.keys.begin(), reader.keys.end());
      for (std::size_t w = 0; w < m_clients.writers.size(); ++w) {
        const ClientPlace &writer = m_clients.writers[w];
        for (const auto &[key, share] : writer.keys)
          if (const auto also = read.find(key); also != read.end())
            weights[{w, r, homesOf(key)}] += writer.rate * share * reader.rate * also->second;
      }
    }
    return weights;
  }

  const std::vector<int> &homesOf(const std::string &key) {
    const auto [at, isNew] = m_homes.try_emplace(key);
    if (isNew) {
      for (const std::string &name : m_store.ring.preference(key, m_store.settings->n))
        at->second.push_back(m_store.byName.at(name));
      std::sort(at->second.begin(), at->second.end());
    }
    return at->second;
  }

  /// from: a member.
  DelayChain way(std::uint32_t from, std::uint32_t to) {
    const WaysFrom &ways = m_ways.at(from);
    if (!ways.reached[to]) m_apart = true;
    DelayChain chain;
    for (const std::uint32_t link : ways.links[to])
      chain.push_back(delayOfLink(m_network.links[link]));
    return chain;
  }

  cluster::PbsPlacement placementOf(const Constellation &constellation, double share,
                                    const QuorumDelays &delays) {
    const auto &[w, r, homes] = constellation;
    const ClientPlace &writer = m_clients.writers[w], &reader = m_clients.readers[r];
    const std::uint32_t writesAt = m_store.nodes[static_cast<std::size_t>(writer.member)];
    const std::uint32_t readsAt = m_store.nodes[static_cast<std::size_t>(reader.member)];
    cluster::PbsPlacement out;
    out.share = share;
    out.r = reader.anyReplica ? 1 : delays.r;
    out.w = delays.w;
    for (const int home : homes) {
      const std::uint32_t node = m_store.nodes[static_cast<std::size_t>(home)];
      cluster::PbsReplica replica;
      replica.write = replica.acknowledge = way(writesAt, node);
      replica.read = replica.respond = way(readsAt, node);
      if (m_store.settings->syncDisk)
        replica.acknowledge.push_back(constantDelay(m_network.nodes[node].diskSync.toMs()));
      out.replicas.push_back(std::move(replica));
    }
    out.unseen = way(writesAt, writer.node);
    for (const Delay &delay : way(readsAt, reader.node)) out.unseen.push_back(delay);
    out.unseen.push_back(constantDelay(m_store.settings->serviceTime.toMs()));
    return out;
  }

  const net::Blueprint &m_network;
  StorePlan m_store;
  Clients m_clients;
  std::map<std::uint32_t, WaysFrom> m_ways; ///< from each member
  std::map<std::string, std::vector<int>> m_homes;
  bool m_apart = false; ///< there is no way between two who need one
};

} // namespace

std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan, std::string_view service) {
  StorePlan store = storePlanOf(plan, service);
  if (!store.settings) return std::nullopt;
  return DelaysMaker(plan, std::move(store)).make();
}

} // namespace packetarium::analysis
