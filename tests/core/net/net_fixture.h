// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/network.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace packetarium::net::testing {

/// Builds small networks by hand and runs them without any transport above.
class Bench {
public:
  NodeIndex node(std::string id, NodeKind kind) {
    NodeSpec spec;
    spec.id = id;
    spec.name = std::move(id);
    spec.kind = kind;
    m_blueprint.nodes.push_back(std::move(spec));
    m_routes.emplace_back();
    return NodeIndex{static_cast<std::uint32_t>(m_blueprint.nodes.size() - 1)};
  }

  /// Joins two nodes; an address of "" leaves the interface without one.
  LinkIndex join(NodeIndex a, const char *addressA, NodeIndex b, const char *addressB,
                 std::uint64_t rateBps = 100'000'000, Duration delay = Duration::ms(1)) {
    LinkSpec link;
    link.id = "l" + std::to_string(m_blueprint.links.size());
    link.rateBps = rateBps;
    link.delay = delay;
    const LinkIndex index{static_cast<std::uint32_t>(m_blueprint.links.size())};
    link.ends[0] = {a, addInterface(a, addressA, index, 0)};
    link.ends[1] = {b, addInterface(b, addressB, index, 1)};
    m_blueprint.links.push_back(link);
    return index;
  }

  void route(NodeIndex n, const char *prefix, const char *via, std::uint32_t interface) {
    m_routes[n.value].push_back(
        {*wire::Ipv4Prefix::parse(prefix), *wire::Ipv4Address::parse(via), interface});
  }
  LinkSpec &link(LinkIndex l) { return m_blueprint.links[l.value]; }
  NodeSpec &spec(NodeIndex n) { return m_blueprint.nodes[n.value]; }

  void build() {
    for (std::size_t n = 0; n < m_blueprint.nodes.size(); ++n) {
      NodeSpec &spec = m_blueprint.nodes[n];
      if (spec.kind == NodeKind::Switch) continue;
      std::vector<Route> routes;
      for (std::uint32_t i = 0; i < spec.interfaces.size(); ++i)
        if (spec.interfaces[i].address) routes.push_back({*spec.interfaces[i].address, {}, i});
      routes.insert(routes.end(), m_routes[n].begin(), m_routes[n].end());
      spec.routes = std::make_shared<RouteTable>(std::move(routes));
    }
    network = Network(std::make_shared<const Blueprint>(m_blueprint));
    writer.open(1, 1, {});
    network.kernel().sink = &writer;
  }

  /// Runs everything up to the instant; local deliveries are kept and their slots released.
  void run(Duration until) {
    Kernel &kernel = network.kernel();
    const SimTime end = SimTime::zero() + until;
    while (kernel.queue.nextAt() <= end) {
      const Event event = kernel.queue.pop();
      kernel.now = event.at;
      if (const auto delivery = network.handle(event)) {
        delivered.emplace_back(delivery->node, kernel.packets[delivery->slot]);
        deliveredAt.push_back(kernel.now);
        kernel.packets.release(delivery->slot);
      }
    }
    kernel.now = end;
  }

  void at(Duration t) {
    run(t - Duration::ns(1));
    network.kernel().now = SimTime::zero() + t;
  }

  static wire::Packet udp(const char *to, std::uint32_t bytes, std::uint8_t ttl = 64) {
    wire::Packet p;
    p.kind = wire::PacketKind::Udp;
    p.ip.protocol = 17;
    p.ip.ttl = ttl;
    p.ip.destination = *wire::Ipv4Address::parse(to);
    p.udp = {5000, 6000};
    p.payload = wire::Payload::pattern(0, bytes);
    return p;
  }

  /// Everything recorded so far. May be called once.
  std::vector<trace::Record> records() {
    network.kernel().sink = nullptr;
    m_chunk = writer.seal();
    return m_chunk ? std::vector<trace::Record>(m_chunk->records.begin(), m_chunk->records.end())
                   : std::vector<trace::Record>();
  }
  static std::vector<trace::Record> only(const std::vector<trace::Record> &all,
                                         trace::RecordKind kind) {
    std::vector<trace::Record> some;
    for (const auto &r : all)
      if (r.kind == kind) some.push_back(r);
    return some;
  }
  /// Deliveries of one kind at one node.
  std::vector<wire::Packet> deliveredTo(NodeIndex n, wire::PacketKind kind) const {
    std::vector<wire::Packet> some;
    for (const auto &[at, packet] : delivered)
      if (at == n && packet.kind == kind) some.push_back(packet);
    return some;
  }

  Network network;
  trace::ChunkWriter writer;
  std::vector<std::pair<NodeIndex, wire::Packet>> delivered;
  std::vector<SimTime> deliveredAt;

private:
  std::uint32_t addInterface(NodeIndex n, const char *address, LinkIndex link, std::uint8_t end) {
    auto &interfaces = m_blueprint.nodes[n.value].interfaces;
    InterfaceSpec i;
    i.name = "eth" + std::to_string(interfaces.size());
    i.mac = wire::MacAddress::fromBits(0x020000000000ULL + (n.value + 1) * 256 + interfaces.size());
    i.address = wire::Ipv4Prefix::parse(address);
    i.link = link;
    i.end = end;
    interfaces.push_back(std::move(i));
    return static_cast<std::uint32_t>(interfaces.size() - 1);
  }

  Blueprint m_blueprint;
  std::vector<std::vector<Route>> m_routes;
  trace::ChunkPtr m_chunk;
};

} // namespace packetarium::net::testing
