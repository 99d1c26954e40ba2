// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/choose.h"

#include "core/scenario/chosen.h"
#include "core/scenario/topology.h"

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::scenario {
namespace {

/// Subnets in use, to find free ones between them.
class AddressPlan {
public:
  void use(wire::Ipv4Prefix p) {
    std::uint32_t first = p.network().value;
    std::uint32_t last = first | ~p.mask();
    // Blocks nest or lie apart; what overlaps becomes one.
    auto at = m_used.upper_bound(last);
    while (at != m_used.begin() && std::prev(at)->second >= first) {
      --at;
      first = std::min(first, at->first);
      last = std::max(last, at->second);
      at = m_used.erase(at);
    }
    m_used.emplace(first, last);
  }
  /// The first free block at or after where the last one was found; none when 10/8 is used up.
  std::optional<wire::Ipv4Prefix> take(std::uint8_t length) {
    std::uint32_t &next = length >= 30 ? m_nextSmall : m_nextLarge;
    const std::uint32_t size = 1u << (32 - length);
    while (next >> 24 == 10) {
      const std::uint32_t begin = next;
      next += size;
      const auto after = m_used.upper_bound(begin + size - 1);
      const bool free = after == m_used.begin() || std::prev(after)->second < begin;
      if (!free) continue;
      const wire::Ipv4Prefix block{{begin}, length};
      use(block);
      return block;
    }
    return {};
  }

private:
  std::map<std::uint32_t, std::uint32_t> m_used; ///< first to last address
  std::uint32_t m_nextLarge = wire::Ipv4Address::of(10, 0, 0, 0).value;
  std::uint32_t m_nextSmall = wire::Ipv4Address::of(10, 128, 0, 0).value;
};

class Chooser {
public:
  explicit Chooser(Scenario &s) : m_s(s), m_topology(s, Topology::DownLinks::Include) {
    for (const Node &node : s.nodes)
      for (const Interface &i : node.interfaces)
        if (i.address) m_plan.use(*i.address);
  }

  void run() {
    for (const Topology::Segment &segment : m_topology.segments) number(segment);
  }

private:
  std::optional<wire::Ipv4Prefix> &at(Port port) {
    return m_s.nodes[port.node].interfaces[port.interface].address;
  }
  bool routerAt(Port port) const { return isRouter(m_s.nodes[port.node].kind); }

  std::optional<wire::Ipv4Prefix> subnetOf(const Topology::Segment &segment) {
    for (const Port &port : segment.ports)
      if (const auto &address = at(port))
        return wire::Ipv4Prefix{address->network(), address->length};
    const bool betweenRouters =
        segment.ports.size() == 2 && routerAt(segment.ports[0]) && routerAt(segment.ports[1]);
    const std::uint8_t wide = segment.ports.size() > 200 ? 20 : 24;
    return m_plan.take(betweenRouters ? 30 : wide);
  }

  void number(const Topology::Segment &segment) {
    const bool missing = std::any_of(segment.ports.begin(), segment.ports.end(),
                                     [this](Port port) { return !at(port); });
    if (!missing) return;
    const auto subnet = subnetOf(segment);
    if (!subnet) return;
    std::set<std::uint32_t> taken;
    for (const Port &port : segment.ports)
      if (const auto &address = at(port)) taken.insert(address->address.value);
    // A small subnet has no .10, so there hosts begin at the first address too.
    const bool pair = subnet->length >= 31; // RFC 3021: no address is set aside
    std::uint32_t nextRouter = subnet->address.value + (pair ? 0 : 1);
    std::uint32_t nextHost = subnet->address.value + (subnet->length <= 27 ? 10 : pair ? 0 : 1);
    for (const Port &port : segment.ports) {
      if (at(port)) continue;
      std::uint32_t &next = routerAt(port) ? nextRouter : nextHost;
      while (taken.contains(next)) ++next;
      if (!subnet->contains({next})) return;
      if (!pair && next == subnet->directedBroadcast().value) return;
      taken.insert(next);
      at(port) = wire::Ipv4Prefix{{next}, subnet->length};
      Node &node = m_s.nodes[port.node];
      node.chosen.insert(chosenAddress(node.interfaces[port.interface].id));
    }
  }

  Scenario &m_s;
  Topology m_topology;
  AddressPlan m_plan;
};

} // namespace

void chooseAddresses(Scenario &scenario) { Chooser(scenario).run(); }

} // namespace packetarium::scenario
