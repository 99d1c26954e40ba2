// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/ranges.h"
#include "core/scenario/topology.h"
#include "core/scenario/validate.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

namespace packetarium::scenario {
namespace {

std::string indexed(std::string_view path, std::size_t i) { return fmt::format("{}[{}]", path, i); }

/// Why an interface cannot have this address; empty when it can.
std::string addressFault(wire::Ipv4Prefix p) {
  const wire::Ipv4Address a = p.address;
  if (p.length == 0) return "the prefix length must be 1 to 32";
  if ((a.value >> 24) == 0) return a.text() + " is in 0.0.0.0/8, which no interface can have";
  if (a.isLoopback()) return a.text() + " is a loopback address; every node has those by itself";
  if (a.isMulticast()) return a.text() + " is a multicast address; an interface needs its own";
  if ((a.value >> 28) == 0xf) return a.text() + " is reserved (240.0.0.0/4)";
  if (p.length >= 31) return ""; // RFC 3021: both addresses of a /31 are usable
  if (a == p.network())
    return p.text() + fmt::format(" names the network itself; the first address in it is {}",
                                  wire::Ipv4Address{a.value + 1}.text());
  if (a == p.directedBroadcast())
    return p.text() + fmt::format(" is the broadcast address; the last usable one is {}",
                                  wire::Ipv4Address{a.value - 1}.text());
  return "";
}

class NetworkChecker {
public:
  NetworkChecker(const Scenario &scenario, FaultList &faults)
      : m_s(scenario), m_faults(faults), m_topology(scenario, Topology::DownLinks::Include) {}

  void run() {
    for (std::uint32_t n = 0; n < m_s.nodes.size(); ++n) node(n);
    for (const Topology::Segment &segment : m_topology.segments) masks(segment);
    chosenRoutes();
  }

private:
  std::string path(Port port) const {
    return fmt::format("nodes[{}].interfaces[{}]", port.node, port.interface);
  }
  const Interface &at(Port port) const { return m_s.nodes[port.node].interfaces[port.interface]; }

  void node(std::uint32_t n) {
    const Node &node = m_s.nodes[n];
    const std::string where = indexed("nodes", n);
    for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) interface({n, i});
    gateway(node, where);
    nat(node, where);
    for (std::size_t i = 0; i < node.nameServers.size(); ++i) {
      const auto fault = addressFault({node.nameServers[i], 32});
      if (!fault.empty()) m_faults.add(indexed(where + ".name_servers", i), fault);
    }
    if (node.kind == NodeKind::Switch && !node.routes.empty())
      m_faults.add(where + ".static_routes", "a switch has no routes");
    for (std::size_t i = 0; i < node.routes.size(); ++i)
      route(n, node.routes[i], indexed(where + ".static_routes", i));
  }

  void interface(Port port) {
    const Interface &interface = at(port);
    if (interface.mac) mac(*interface.mac, path(port) + ".mac");
    if (!interface.address) return;
    const std::string where = path(port) + ".address";
    if (m_s.nodes[port.node].kind == NodeKind::Switch) {
      m_faults.add(where, "a port of a switch has no address");
      return;
    }
    const std::string fault = addressFault(*interface.address);
    if (!fault.empty())
      m_faults.add(where, fault);
    else
      conflicts(port, *interface.address, where);
  }

  void mac(wire::MacAddress mac, const std::string &where) {
    if (mac.isZero() || mac.isGroup()) {
      m_faults.add(where, mac.text() + " is no address of a single card; begin it with 02");
      return;
    }
    const auto [seen, fresh] = m_macs.emplace(mac, where);
    if (!fresh) m_faults.add(where, mac.text() + " is at " + seen->second + " already");
  }

  void conflicts(Port port, wire::Ipv4Prefix address, const std::string &where) {
    const std::uint32_t s = m_topology.segmentOf[port.node][port.interface];
    if (s == none) return;
    const std::uint32_t realm = m_topology.segments[s].realm;
    const auto [same, first] = m_addresses.emplace(std::tuple(realm, address.address), where);
    if (!first) {
      m_faults.add(where, address.address.text() + " is the address at " + same->second +
                              " already; give each interface its own");
      return;
    }
    const wire::Ipv4Prefix network{address.network(), address.length};
    const auto [used, alone] = m_networks.emplace(std::tuple(realm, network), std::pair(s, where));
    if (alone || used->second.first == s || address.length == 32) return;
    m_faults.add(where, fmt::format("{} is the subnet at {} too, which is another link; give each "
                                    "its own subnet or join them by a switch",
                                    network.text(), used->second.second));
  }

  /// On one segment everybody must agree where the subnet ends.
  void masks(const Topology::Segment &segment) {
    std::map<wire::Ipv4Prefix, Port> networks;
    for (const Port &port : segment.ports) {
      const auto &address = at(port).address;
      if (!address || !m_faults.clean(path(port) + ".address")) continue;
      networks.emplace(wire::Ipv4Prefix{address->network(), address->length}, port);
    }
    // Sorted by network, then length: what overlaps stands behind the wider one.
    const std::pair<const wire::Ipv4Prefix, Port> *wide = nullptr;
    for (const auto &entry : networks) {
      if (wide != nullptr && wide->first.contains(entry.first.address))
        m_faults.add(path(entry.second) + ".address",
                     fmt::format("has the prefix length {}, but {} at {} on the same link has {}; "
                                 "they must agree",
                                 entry.first.length, at(wide->second).address->text(),
                                 path(wide->second), wide->first.length));
      else
        wide = &entry;
    }
  }

  void gateway(const Node &node, const std::string &where) {
    if (!node.gateway) return;
    const std::string path = where + ".gateway";
    if (!isHost(node.kind)) {
      m_faults.add(path, "only hosts have a gateway; give a router a static route to 0.0.0.0/0");
      return;
    }
    if (!m_faults.clean(where + ".interfaces")) return;
    bool inside = false;
    for (const Interface &i : node.interfaces) {
      if (!i.address) continue;
      if (i.address->address == *node.gateway)
        m_faults.add(path, node.gateway->text() + " is the host's own address; name the router's");
      inside = inside || i.address->contains(*node.gateway);
    }
    const bool addressed = std::any_of(node.interfaces.begin(), node.interfaces.end(),
                                       [](const Interface &i) { return i.address.has_value(); });
    if (!inside && addressed)
      m_faults.add(path, node.gateway->text() + " is in no subnet of this host's interfaces");
  }

  void nat(const Node &node, const std::string &where) {
    if (node.natOutside.empty()) return;
    if (!isRouter(node.kind)) {
      m_faults.add(where + ".nat_outside", "only routers translate addresses");
      return;
    }
    std::vector<std::string_view> ids;
    for (const Interface &i : node.interfaces) ids.push_back(i.id);
    if (std::find(ids.begin(), ids.end(), node.natOutside) == ids.end())
      m_faults.add(where + ".nat_outside", "there is no interface " + inQuotes(node.natOutside) +
                                               hintAmong(node.natOutside, ids));
  }

  void route(std::uint32_t n, const StaticRoute &route, const std::string &where) {
    if (!m_faults.clean(where)) return;
    if (route.prefix.network() != route.prefix.address)
      m_faults.add(where + ".prefix",
                   fmt::format("has bits set beyond its length; write {}/{}",
                               route.prefix.network().text(), route.prefix.length));
    const std::uint32_t i = m_topology.interface(n, route.interface);
    if (i == none) {
      m_faults.add(where + ".interface", "there is no interface " + inQuotes(route.interface) +
                                             " at " + inQuotes(m_s.nodes[n].id));
      return;
    }
    const auto &own = m_s.nodes[n].interfaces[i].address;
    if (route.nextHop.isAny() || !own) return;
    if (!own->contains(route.nextHop))
      m_faults.add(where + ".next_hop",
                   fmt::format("{} is not in {}, the subnet of {}", route.nextHop.text(),
                               own->text(), route.interface));
    else if (own->address == route.nextHop)
      m_faults.add(where + ".next_hop", route.nextHop.text() + " is the node's own address");
  }

  /// Routes chosen for another topology are not used, so nothing in them can be wrong.
  void chosenRoutes() {
    if (!m_faults.empty() || m_s.routes.topology == 0 || m_s.routes.topology != topologyDigest(m_s))
      return;
    for (const auto &[id, routes] : m_s.routes.byNode) {
      const std::string where = "routes.nodes." + printable(id);
      const std::uint32_t n = m_topology.node(id);
      if (n == none)
        m_faults.add(where, "there is no node with this id");
      else
        for (std::size_t i = 0; i < routes.size(); ++i) route(n, routes[i], indexed(where, i));
    }
  }

  const Scenario &m_s;
  FaultList &m_faults;
  Topology m_topology;
  std::map<wire::MacAddress, std::string> m_macs;
  std::map<std::tuple<std::uint32_t, wire::Ipv4Address>, std::string> m_addresses;
  std::map<std::tuple<std::uint32_t, wire::Ipv4Prefix>, std::pair<std::uint32_t, std::string>>
      m_networks;
};

} // namespace

void checkNetwork(const Scenario &scenario, FaultList &faults) {
  NetworkChecker(scenario, faults).run();
}

} // namespace packetarium::scenario
