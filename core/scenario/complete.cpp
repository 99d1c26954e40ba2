// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/scenario/build.h"
#include "core/scenario/choose.h"
#include "core/scenario/chosen.h"
#include "core/scenario/json.h"
#include "core/scenario/ranges.h"
#include "core/scenario/routes.h"
#include "core/scenario/topology.h"

#include <algorithm>
#include <set>

namespace packetarium::scenario {
namespace {

/// A locally administered address (IEEE 802 bit U/L) that depends on nothing but the ids.
void chooseMacs(Scenario &s) {
  std::set<wire::MacAddress> taken;
  for (const Node &node : s.nodes)
    for (const Interface &i : node.interfaces)
      if (i.mac) taken.insert(*i.mac);
  for (Node &node : s.nodes)
    for (Interface &i : node.interfaces) {
      if (i.mac) continue;
      std::uint64_t bits = hashText(node.id + "/" + i.id);
      const auto candidate = [&bits] {
        return wire::MacAddress::fromBits(0x020000000000ULL | (bits & 0xffffffffffULL));
      };
      while (!taken.insert(candidate()).second) bits = mix64(bits + 1);
      i.mac = candidate();
    }
}

void chooseGateways(Scenario &s) {
  const Topology t(s, Topology::DownLinks::Include);
  for (std::uint32_t n = 0; n < s.nodes.size(); ++n) {
    Node &node = s.nodes[n];
    if (!isHost(node.kind) || node.gateway) continue;
    for (std::uint32_t i = 0; i < node.interfaces.size() && !node.gateway; ++i) {
      const auto &own = node.interfaces[i].address;
      if (!own || t.segmentOf[n][i] == none) continue;
      for (const Port &port : t.segments[t.segmentOf[n][i]].ports) {
        const auto &address = s.nodes[port.node].interfaces[port.interface].address;
        if (!isRouter(s.nodes[port.node].kind) || !address || !own->contains(address->address))
          continue;
        node.gateway = address->address;
        node.chosen.insert(std::string(chosenGateway));
        break;
      }
    }
  }
}

std::optional<wire::Ipv4Address> firstNameServer(const Scenario &s) {
  for (const Node &node : s.nodes)
    for (const Program &program : node.programs)
      if (program.kind == "dns-server")
        for (const Interface &i : node.interfaces)
          if (i.address) return i.address->address;
  return {};
}

/// The name in a URL or a peer; empty when it is an address already.
std::string_view nameToLookUp(const std::string &key, std::string_view text) {
  if (key == "url") {
    const std::size_t scheme = text.find("://");
    if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find_first_of(":/"));
  } else if (key != "peer") {
    return {};
  }
  return wire::Ipv4Address::parse(text) ? std::string_view{} : text;
}

bool looksUpNames(const Node &node) {
  for (const Program &program : node.programs) {
    if (program.kind == "dns-reader") return true;
    for (const auto &[key, value] : program.parameters)
      if (const auto *text = std::get_if<std::string>(&value))
        if (!nameToLookUp(key, *text).empty()) return true;
  }
  return false;
}

void addResolver(Node &node) {
  const auto isResolver = [](const Program &p) { return p.kind == "dns-resolver"; };
  if (std::any_of(node.programs.begin(), node.programs.end(), isResolver)) return;
  if (node.programs.size() >= Limits::programsPerNode) return;
  std::vector<programs::ParameterRow> servers;
  for (const auto &server : node.nameServers) servers.push_back({{{"address", server.text()}}});
  std::string id = "resolver";
  const auto taken = [&id](const Program &p) { return p.id == id; };
  for (int i = 2; std::any_of(node.programs.begin(), node.programs.end(), taken); ++i)
    id = "resolver-" + std::to_string(i);
  node.programs.push_back({id, "dns-resolver", {{"servers", servers}}});
  node.chosen.insert(chosenProgram(id));
}

void chooseNameServers(Scenario &s) {
  const auto server = firstNameServer(s);
  for (Node &node : s.nodes) {
    if (server && node.nameServers.empty() && looksUpNames(node)) {
      node.nameServers = {*server};
      node.chosen.insert(std::string(chosenNameServers));
    }
    if (!node.nameServers.empty() && node.kind != NodeKind::Switch) addResolver(node);
  }
}

void chooseRoutes(Scenario &s) {
  const std::uint64_t digest = topologyDigest(s);
  if (s.routes.topology == digest) return;
  s.routes = {};
  const Topology t(s, Topology::DownLinks::Exclude);
  ShortestPaths paths(t);
  if (paths.routesMax() > range::routesWritten) return;
  s.routes.topology = digest;
  for (std::uint32_t n = 0; n < s.nodes.size(); ++n) {
    if (!isRouter(s.nodes[n].kind)) continue;
    auto &written = s.routes.byNode[s.nodes[n].id];
    for (const net::Route &route : paths.routesOf(n))
      written.push_back({route.prefix, route.nextHop, s.nodes[n].interfaces[route.interface].id});
  }
}

} // namespace

void complete(Scenario &s) {
  for (Node &node : s.nodes)
    if (node.name.empty()) node.name = node.id;
  dropStaleChoices(s);
  chooseMacs(s);
  chooseAddresses(s);
  chooseGateways(s);
  chooseServices(s);
  chooseNameServers(s);
  chooseRoutes(s);
}

std::uint64_t topologyDigest(const Scenario &s) {
  std::uint64_t h = hashText("topology");
  const auto word = [&h](std::uint64_t w) { h = hashCombine(h, w); };
  const auto text = [&word](std::string_view t) { word(hashText(t)); };
  for (const Node &node : s.nodes) {
    text(node.id);
    word(static_cast<std::uint64_t>(node.kind));
    text(node.natOutside);
    for (const Interface &i : node.interfaces) {
      text(i.id);
      if (i.address) word(std::uint64_t{i.address->address.value} << 8 | i.address->length);
    }
  }
  text("links");
  for (const Link &link : s.links) {
    text(link.id);
    for (const LinkEnd *end : {&link.from, &link.to}) {
      text(end->node);
      text(end->interface);
    }
    word(std::uint64_t{link.cost} << 1 | (link.up ? 1 : 0));
  }
  return h == 0 ? 1 : h;
}

} // namespace packetarium::scenario
