// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::world {
namespace {

using programs::Described;

constexpr std::size_t rowsMax = 512; ///< a table for people; a router of a large grid has thousands

Described table(std::string name, std::string help) {
  return {std::move(name), {}, std::move(help), {}};
}

std::string remaining(SimTime expires, SimTime now) {
  if (expires <= now) return "expired";
  return fmt::format("{} s left", (expires - now).ns() / 1'000'000'000);
}

Described interfaces(const net::NodeSpec &spec, const net::Network &network) {
  Described t = table("Interfaces", "Its network cards: hardware address and IP address of each.");
  for (const auto &i : spec.interfaces) {
    std::string value = i.mac.text();
    if (i.address) value = i.address->text() + ", " + value;
    const bool carrier = i.link.valid() && network.link(i.link).up;
    t.children.push_back({i.name,
                          value + (carrier ? "" : ", no carrier"),
                          i.address ? std::string(wire::specialPurpose(i.address->address)) : "",
                          {}});
  }
  return t;
}

Described arp(const net::NodeSpec &spec, const net::Device &device, SimTime now) {
  Described t = table("ARP", "Which hardware address answers for an IP address (RFC 826).");
  for (const auto &e : device.arp)
    if (e.expires > now)
      t.children.push_back(
          {e.ip.text(),
           fmt::format("{} on {}, {}", e.mac.text(), spec.interfaces[e.interface].name,
                       remaining(e.expires, now)),
           "",
           {}});
  for (const auto &p : device.arpPending)
    t.children.push_back({p.nextHop.text(),
                          fmt::format("asked {} of {} times, {} waiting", p.requests,
                                      net::arpRequestsMax, p.waiting.size()),
                          "",
                          {}});
  return t;
}

Described routes(const net::NodeSpec &spec) {
  Described t = table("Routes", "Longest matching prefix wins (RFC 1812, 5.2.4.3).");
  const auto all = spec.routes->routes();
  for (const auto &r : all.first(std::min(all.size(), rowsMax)))
    t.children.push_back(
        {r.prefix.text(),
         fmt::format("{} on {}", r.nextHop.isAny() ? "directly" : "via " + r.nextHop.text(),
                     spec.interfaces[r.interface].name),
         "",
         {}});
  if (all.size() > rowsMax)
    t.children.push_back({"…", fmt::format("{} more", all.size() - rowsMax), "", {}});
  return t;
}

Described macTable(const net::NodeSpec &spec, const net::Device &device, SimTime now) {
  Described t = table("MAC table", "Behind which port it has seen each address (IEEE 802.1D).");
  for (const auto &[mac, e] : device.macTable)
    if (e.expires > now)
      t.children.push_back({mac.text(),
                            spec.interfaces[e.interface].name + ", " + remaining(e.expires, now),
                            "",
                            {}});
  return t;
}

Described nat(const net::NodeSpec &spec, const net::Device &device) {
  Described t = table("NAT", "Who inside is meant by a port of the public address (RFC 3022).");
  const auto &outside = spec.interfaces[spec.nat->outsideInterface].address;
  for (const auto &m : device.nat) {
    const char *protocol = m.protocol == 6 ? "TCP" : m.protocol == 17 ? "UDP" : "ICMP";
    t.children.push_back(
        {fmt::format("{} {}:{}", protocol, m.insideIp.text(), m.insidePort),
         fmt::format("{}:{}", outside ? outside->address.text() : "", m.outsidePort),
         "",
         {}});
  }
  return t;
}

Described socketTable(const std::vector<transport::SocketInfo> &all) {
  Described t = table("Sockets", "What its programs listen on and are connected to.");
  for (const auto &s : all) {
    Described row{fmt::format("{} {}", s.protocol, s.local.text()), "", "", {}};
    if (s.protocol == "TCP") {
      row.value = std::string(transport::name(s.state));
      if (s.remote.port != 0) row.value += " " + s.remote.text();
      row.children = {
          {"cwnd", fmt::format("{} bytes", s.cwnd), "Congestion window (RFC 5681)", {}},
          {"ssthresh", fmt::format("{} bytes", s.ssthresh), "Slow start threshold (RFC 5681)", {}},
          {"in flight", fmt::format("{} bytes", s.flight), "Sent and not yet acknowledged", {}},
          {"peer window", fmt::format("{} bytes", s.peerWindow), "What the peer has room for", {}},
          {"SRTT", toString(s.srtt), "Smoothed round-trip time (RFC 6298)", {}},
          {"RTO", toString(s.rto), "Retransmission timeout (RFC 6298)", {}},
          {"send queue", fmt::format("{} bytes", s.sendQueue), "Written, not yet acknowledged", {}},
          {"receive queue", fmt::format("{} bytes", s.receiveQueue), "Arrived, not yet read", {}}};
    }
    t.children.push_back(std::move(row));
  }
  return t;
}

} // namespace

NodeDescription World::describe(NodeIndex node) const {
  const net::NodeSpec &spec = m_plan->network.nodes[node.value];
  const net::Device &device = m_network.device(node);
  NodeDescription d;
  d.node = node;
  d.at = now();
  d.health = device.health;
  d.tables.push_back(interfaces(spec, m_network));
  if (spec.kind == net::NodeKind::Switch) {
    d.tables.push_back(macTable(spec, device, now()));
    return d;
  }
  d.tables.push_back(arp(spec, device, now()));
  if (spec.routes) d.tables.push_back(routes(spec));
  if (spec.nat) d.tables.push_back(nat(spec, device));
  d.tables.push_back(socketTable(sockets(node)));
  const auto &host = m_hosts[node.value].read();
  for (std::size_t p = 0; p < host.programs.size(); ++p) {
    const auto *type = programs::findProgramType(m_plan->programs[node.value][p].kind);
    Described t{std::string(type->title), m_plan->programs[node.value][p].id,
                std::string(type->help), host.programs[p]->describe(now())};
    d.tables.push_back(std::move(t));
  }
  return d;
}

} // namespace packetarium::world
