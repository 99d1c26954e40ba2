// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace packetarium::programs::testing {

/// Hosts around one switch, of nodes 0 and so on: 10.0.0.1/24, 10.0.0.2/24 and so on, each over a
/// fast link of so much delay. The switch is the last node; link n is that of host n.
inline net::Blueprint switchedNetwork(const std::vector<std::string> &hosts, std::uint64_t seed = 1,
                                      Duration delay = Duration::us(100)) {
  net::Blueprint b;
  b.seed = seed;
  const auto hub = static_cast<std::uint32_t>(hosts.size());
  net::NodeSpec sw;
  sw.id = sw.name = "switch";
  sw.kind = net::NodeKind::Switch;
  for (std::uint32_t i = 0; i < hub; ++i) {
    net::NodeSpec n;
    n.id = n.name = hosts[i];
    net::InterfaceSpec card;
    card.name = "eth0";
    card.mac = wire::MacAddress::fromBits(0x020000000100ULL + i);
    card.address = wire::Ipv4Prefix::parse(fmt::format("10.0.0.{}/24", i + 1));
    card.link = LinkIndex{i};
    n.interfaces.push_back(card);
    const std::vector<net::Route> routes = {{{card.address->network(), 24}, {}, 0}};
    n.routes = std::make_shared<const net::RouteTable>(routes);
    b.nodes.push_back(std::move(n));
    net::InterfaceSpec plug;
    plug.name = fmt::format("p{}", i);
    plug.mac = wire::MacAddress::fromBits(0x020000000200ULL + i);
    plug.link = LinkIndex{i};
    plug.end = 1;
    sw.interfaces.push_back(plug);
    net::LinkSpec l;
    l.id = fmt::format("l{}", i);
    l.ends = {{{NodeIndex{i}, 0}, {NodeIndex{hub}, i}}};
    l.rateBps = 1'000'000'000;
    l.delay = delay;
    b.links.push_back(std::move(l));
  }
  sw.routes = std::make_shared<const net::RouteTable>(std::vector<net::Route>{});
  b.nodes.push_back(std::move(sw));
  return b;
}

} // namespace packetarium::programs::testing
