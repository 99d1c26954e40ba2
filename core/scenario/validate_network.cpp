// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/chosen.h"
#include "core/scenario/conflicts.h"
#include "core/scenario/fault_list.h"
#include "core/scenario/lease_conflicts.h"
#include "core/scenario/ranges.h"
#include "core/scenario/topology.h"
#include "core/scenario/validate.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

namespace packetarium::scenario {
namespace {

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

/// Faults go to the list; conflicts go there too, or to a list of their own.
class NetworkChecker {
public:
  NetworkChecker(const Scenario &scenario, FaultList &faults, Accept accept)
      : m_s(scenario),
        m_faults(faults),
        m_accept(accept),
        m_topology(scenario, Topology::DownLinks::Include) {}

  std::vector<Conflict> takeConflicts() { return std::move(m_conflicts); }

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
  const std::string &nameOf(Port port) const { return m_s.nodes[port.node].name; }

  void conflict(Conflict c) {
    if (m_accept == Accept::Faultless)
      m_faults.add(c.path, c.message);
    else
      m_conflicts.push_back(std::move(c));
  }
  /// One about an address, which is cured by a free one.
  void addressConflict(Conflict::Kind kind, Port port, std::string message, std::string sentence) {
    const Node &node = m_s.nodes[port.node];
    conflict({kind, path(port) + ".address", node.id, at(port).id, 0, std::move(message),
              std::move(sentence), fmt::format("Choose an address for {}", node.name)});
  }

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
      route(n, node.routes[i], indexed(where + ".static_routes", i), i);
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
      conflicts(port, *interface.address);
  }

  void mac(wire::MacAddress mac, const std::string &where) {
    if (mac.isZero() || mac.isGroup()) {
      m_faults.add(where, mac.text() + " is no address of a single card; begin it with 02");
      return;
    }
    const auto [seen, fresh] = m_macs.emplace(mac, where);
    if (!fresh) m_faults.add(where, mac.text() + " is at " + seen->second + " already");
  }

  void conflicts(Port port, wire::Ipv4Prefix address) {
    const std::uint32_t s = m_topology.segmentOf[port.node][port.interface];
    if (s == none) return;
    const std::uint32_t realm = m_topology.segments[s].realm;
    const auto [same, first] = m_addresses.emplace(std::tuple(realm, address.address), port);
    if (!first) {
      addressConflict(Conflict::Kind::DuplicateAddress, port,
                      address.address.text() + " is the address at " + path(same->second) +
                          ".address already; give each interface its own",
                      fmt::format("{} and {} have the same address, {}. Each interface needs its "
                                  "own.",
                                  nameOf(same->second), nameOf(port), address.address.text()));
      return;
    }
    const wire::Ipv4Prefix network{address.network(), address.length};
    const auto [used, alone] = m_networks.emplace(std::tuple(realm, network), port);
    const Port other = used->second;
    if (alone || m_topology.segmentOf[other.node][other.interface] == s || address.length == 32)
      return;
    addressConflict(
        Conflict::Kind::SubnetElsewhere, port,
        fmt::format("{} is the subnet at {}.address too, which is another link; give each "
                    "its own subnet or join them by a switch",
                    network.text(), path(other)),
        fmt::format("The subnet {} of {} is also that of {}, on another link. Routers cannot tell "
                    "the two apart.",
                    network.text(), nameOf(port), nameOf(other)));
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
        addressConflict(
            Conflict::Kind::PrefixLength, entry.second,
            fmt::format("has the prefix length {}, but {} at {} on the same link has {}; "
                        "they must agree",
                        entry.first.length, at(wide->second).address->text(), path(wide->second),
                        wide->first.length),
            fmt::format("{} has the prefix length /{}, but {} on the same link has /{}. They must "
                        "agree where the subnet ends.",
                        nameOf(entry.second), entry.first.length, nameOf(wide->second),
                        wide->first.length));
      else
        wide = &entry;
    }
    if (m_accept == Accept::Conflicts) strangers(segment);
  }

  /// Several subnets may share a link; but who is in one alone can talk to nobody there.
  void strangers(const Topology::Segment &segment) {
    std::map<wire::Ipv4Prefix, int> counts;
    const auto network = [this](Port port) {
      return wire::Ipv4Prefix{at(port).address->network(), at(port).address->length};
    };
    for (const Port &port : segment.ports)
      if (at(port).address) ++counts[network(port)];
    if (counts.size() < 2) return;
    const auto inUse = [&](Port port) {
      for (const auto &[other, count] : counts)
        if (other.contains(at(port).address->address) || network(port).contains(other.address))
          if (!(other == network(port)) || count > 1) return true;
      return false;
    };
    for (const Port &port : segment.ports) {
      if (!at(port).address || inUse(port)) continue;
      addressConflict(Conflict::Kind::OtherSubnet, port, "is in a subnet with nobody on its link",
                      fmt::format("{} is in {}, but nobody else on its link is. It can reach no "
                                  "neighbour.",
                                  nameOf(port), network(port).text()));
    }
  }

  void gatewayConflict(const Node &node, const std::string &path, std::string message,
                       std::string sentence) {
    conflict({Conflict::Kind::Gateway,
              path,
              node.id,
              {},
              0,
              std::move(message),
              std::move(sentence),
              fmt::format("Choose a gateway for {}", node.name)});
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
        gatewayConflict(node, path,
                        node.gateway->text() + " is the host's own address; name the router's",
                        fmt::format("The gateway of {} is its own address, {}. It must be a "
                                    "router's.",
                                    node.name, node.gateway->text()));
      inside = inside || i.address->contains(*node.gateway);
    }
    const bool addressed = std::any_of(node.interfaces.begin(), node.interfaces.end(),
                                       [](const Interface &i) { return i.address.has_value(); });
    if (!inside && addressed)
      gatewayConflict(node, path,
                      node.gateway->text() + " is in no subnet of this host's interfaces",
                      fmt::format("The gateway {} of {} is in none of its subnets, so it cannot be "
                                  "reached.",
                                  node.gateway->text(), node.name));
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

  /// place: in the node's own static routes, or none for a chosen route.
  void route(std::uint32_t n, const StaticRoute &route, const std::string &where,
             std::size_t place) {
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
    const Node &node = m_s.nodes[n];
    const auto unreachable = [&](std::string message) {
      std::string sentence = fmt::format("The route of {} to {} goes by {}: {}.", node.name,
                                         route.prefix.text(), route.nextHop.text(), message);
      conflict({Conflict::Kind::NextHop, where + ".next_hop", node.id, route.interface, place,
                std::move(message), std::move(sentence),
                fmt::format("Remove this route of {}", node.name)});
    };
    if (!own->contains(route.nextHop))
      unreachable(fmt::format("{} is not in {}, the subnet of {}", route.nextHop.text(),
                              own->text(), route.interface));
    else if (own->address == route.nextHop)
      unreachable(route.nextHop.text() + " is the node's own address");
  }

  /// Routes chosen for another topology are not used, so nothing in them can be wrong.
  void chosenRoutes() {
    if (!m_faults.empty() || !m_conflicts.empty() || m_s.routes.topology == 0 ||
        m_s.routes.topology != topologyDigest(m_s))
      return;
    for (const auto &[id, routes] : m_s.routes.byNode) {
      const std::string where = "routes.nodes." + printable(id);
      const std::uint32_t n = m_topology.node(id);
      if (n == none)
        m_faults.add(where, "there is no node with this id");
      else
        for (std::size_t i = 0; i < routes.size(); ++i)
          route(n, routes[i], indexed(where, i), none);
    }
  }

  const Scenario &m_s;
  FaultList &m_faults;
  Accept m_accept;
  std::vector<Conflict> m_conflicts;
  Topology m_topology;
  std::map<wire::MacAddress, std::string> m_macs;
  std::map<std::tuple<std::uint32_t, wire::Ipv4Address>, Port> m_addresses;
  std::map<std::tuple<std::uint32_t, wire::Ipv4Prefix>, Port> m_networks;
};

} // namespace

void checkNetwork(const Scenario &scenario, FaultList &faults, Accept accept) {
  NetworkChecker(scenario, faults, accept).run();
}

std::vector<Conflict> conflicts(const Scenario &scenario) {
  FaultList ignored;
  NetworkChecker checker(scenario, ignored, Accept::Conflicts);
  checker.run();
  std::vector<Conflict> all = checker.takeConflicts();
  for (Conflict &c : leaseConflicts(scenario)) all.push_back(std::move(c));
  return all;
}

void cure(Scenario &scenario, const Conflict &conflict) {
  Node *node = scenario.node(conflict.node);
  if (node == nullptr) return;
  switch (conflict.kind) {
  case Conflict::Kind::LeaseDrift: cureLease(*node); return;
  case Conflict::Kind::Gateway:
    node->gateway.reset();
    node->chosen.insert(std::string(chosenGateway));
    return;
  case Conflict::Kind::NextHop:
    if (conflict.route < node->routes.size())
      node->routes.erase(node->routes.begin() + static_cast<std::ptrdiff_t>(conflict.route));
    return;
  default: break;
  }
  for (Interface &i : node->interfaces) {
    if (i.id != conflict.interface) continue;
    i.address.reset();
    node->chosen.insert(chosenAddress(i.id));
  }
}

} // namespace packetarium::scenario
