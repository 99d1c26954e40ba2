// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/chosen.h"

#include "core/scenario/topology.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace packetarium::scenario {
namespace {

const Interface *interfaceOf(const Node &node, std::string_view id) {
  for (const Interface &i : node.interfaces)
    if (i.id == id) return &i;
  return nullptr;
}

const Program *programOf(const Node &node, std::string_view id) {
  for (const Program &p : node.programs)
    if (p.id == id) return &p;
  return nullptr;
}

/// "programs.browser.url" as program and key; the key is empty for the program as a whole.
std::pair<std::string, std::string> programPath(std::string_view path) {
  path.remove_prefix(std::string_view("programs.").size());
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return {std::string(path), {}};
  return {std::string(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

/// The value at a path of Node::chosen in words that can be compared; empty when there is none.
std::string valueAt(const Node &node, const std::string &path) {
  if (path == chosenGateway) return node.gateway ? node.gateway->text() : "";
  if (path == chosenNameServers) {
    std::string all;
    for (const auto &server : node.nameServers) all += server.text() + " ";
    return all;
  }
  if (path.starts_with("interfaces.")) {
    const Interface *i = interfaceOf(node, std::string_view(path).substr(11));
    return i != nullptr && i->address ? i->address->text() : "";
  }
  return {};
}

bool sameAt(const Node &before, const Node &after, const std::string &path) {
  if (!path.starts_with("programs.")) {
    const std::string now = valueAt(after, path);
    return now.empty() || now == valueAt(before, path);
  }
  const auto [id, key] = programPath(path);
  const Program *was = programOf(before, id), *is = programOf(after, id);
  if (was == nullptr || is == nullptr) return true;
  if (key.empty()) return *was == *is;
  const auto old = was->parameters.find(key), now = is->parameters.find(key);
  if (now == is->parameters.end()) return true;
  return old != was->parameters.end() && old->second == now->second;
}

/// Whether a path of Node::chosen still leads anywhere.
bool exists(const Node &node, const std::string &path) {
  if (path == chosenGateway || path == chosenNameServers) return true;
  if (path.starts_with("interfaces."))
    return interfaceOf(node, std::string_view(path).substr(11)) != nullptr;
  return path.starts_with("programs.") && programOf(node, programPath(path).first) != nullptr;
}

class AddressKeeper {
public:
  explicit AddressKeeper(Scenario &s) : m_s(s), m_t(s, Topology::DownLinks::Include) {}

  void run() {
    unplugged();
    for (const auto &segment : m_t.segments)
      for (const Port &port : segment.ports)
        if (address(port) && !chosen(port)) m_byHand.insert({segment.realm, network(port)});
    for (std::uint32_t i = 0; i < m_t.segments.size(); ++i) keep(m_t.segments[i]);
  }

private:
  Interface &at(Port port) { return m_s.nodes[port.node].interfaces[port.interface]; }
  std::optional<wire::Ipv4Prefix> &address(Port port) { return at(port).address; }
  bool chosen(Port port) {
    return m_s.nodes[port.node].chosen.contains(chosenAddress(at(port).id));
  }
  wire::Ipv4Prefix network(Port port) { return {address(port)->network(), address(port)->length}; }
  bool routerAt(Port port) const { return isRouter(m_s.nodes[port.node].kind); }

  void unplugged() {
    for (std::uint32_t n = 0; n < m_s.nodes.size(); ++n)
      for (std::uint32_t i = 0; i < m_s.nodes[n].interfaces.size(); ++i)
        if (m_t.segmentOf[n][i] == none && chosen({n, i})) address({n, i}).reset();
  }

  /// The subnet which a segment's chosen addresses keep to: one set by hand, else the commonest.
  std::optional<wire::Ipv4Prefix> subnetOf(const Topology::Segment &segment) {
    std::map<wire::Ipv4Prefix, int> counts;
    for (const Port &port : segment.ports) {
      if (!address(port)) continue;
      if (!chosen(port)) return network(port);
      ++counts[network(port)];
    }
    const auto most =
        std::max_element(counts.begin(), counts.end(),
                         [](const auto &a, const auto &b) { return a.second < b.second; });
    if (most == counts.end()) return {};
    const wire::Ipv4Prefix common = most->first;
    // A subnet of its own, unless another link has it already, by hand or chosen before this one.
    if (m_byHand.contains({segment.realm, common})) return {};
    if (!m_taken.insert({segment.realm, common}).second) return {};
    // A pair of routers that others joined has outgrown its /30.
    const auto room = (std::uint64_t{1} << (32 - common.length)) - (common.length >= 31 ? 0 : 2);
    if (segment.ports.size() > room) return {};
    return common;
  }

  void keep(const Topology::Segment &segment) {
    const auto subnet = subnetOf(segment);
    std::set<std::uint32_t> taken;
    for (const Port &port : segment.ports)
      if (address(port) && !chosen(port)) taken.insert(address(port)->address.value);
    for (const Port &port : segment.ports) {
      if (!address(port) || !chosen(port)) continue;
      const bool fits = subnet && network(port) == *subnet;
      if (!fits || !taken.insert(address(port)->address.value).second) address(port).reset();
    }
  }

  Scenario &m_s;
  Topology m_t;
  std::set<std::pair<std::uint32_t, wire::Ipv4Prefix>> m_byHand, m_taken;
};

/// A chosen gateway must still be a router on one of the host's links.
void keepGateways(Scenario &s) {
  const Topology t(s, Topology::DownLinks::Include);
  for (std::uint32_t n = 0; n < s.nodes.size(); ++n) {
    Node &node = s.nodes[n];
    if (!node.gateway || !node.chosen.contains(std::string(chosenGateway))) continue;
    bool found = false;
    for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) {
      if (t.segmentOf[n][i] == none || !node.interfaces[i].address) continue;
      for (const Port &port : t.segments[t.segmentOf[n][i]].ports) {
        const auto &address = s.nodes[port.node].interfaces[port.interface].address;
        found = found || (isRouter(s.nodes[port.node].kind) && address &&
                          address->address == *node.gateway &&
                          node.interfaces[i].address->contains(*node.gateway));
      }
    }
    if (!found) node.gateway.reset();
  }
}

bool runs(const Node &node, std::string_view kind) {
  return std::any_of(node.programs.begin(), node.programs.end(),
                     [kind](const Program &p) { return p.kind == kind; });
}

bool isAddressOf(const Node &node, wire::Ipv4Address address) {
  return std::any_of(node.interfaces.begin(), node.interfaces.end(), [&](const Interface &i) {
    return i.address && i.address->address == address;
  });
}

/// Chosen name servers must still be name servers; a chosen resolver follows them.
void keepNameServers(Scenario &s) {
  const auto isServer = [&](wire::Ipv4Address address) {
    return std::any_of(s.nodes.begin(), s.nodes.end(), [&](const Node &node) {
      return runs(node, "dns-server") && isAddressOf(node, address);
    });
  };
  for (Node &node : s.nodes) {
    if (node.chosen.contains(std::string(chosenNameServers)))
      std::erase_if(node.nameServers, [&](const auto &server) { return !isServer(server); });
    std::erase_if(node.programs, [&](const Program &p) {
      return p.kind == "dns-resolver" && node.chosen.contains(chosenProgram(p.id));
    });
  }
}

std::optional<wire::Ipv4Address> firstAddress(const Node &node) {
  for (const Interface &i : node.interfaces)
    if (i.address) return i.address->address;
  return {};
}

std::string textOf(const programs::ParameterRow &row, const std::string &key) {
  const auto at = row.values.find(key);
  if (at == row.values.end()) return {};
  const auto *text = std::get_if<std::string>(&at->second);
  return text == nullptr ? std::string() : *text;
}

/// Looks through everybody's programs once, and then answers.
class Services {
public:
  explicit Services(Scenario &s) : m_s(s) {}

  void run() {
    for (const Node &node : m_s.nodes)
      if (runs(node, "http-server")) m_web.push_back(firstAddress(node));
    eachChosen("dns-server", "records", [this](Program &p) { p.parameters["records"] = zone(); });
    const std::string url = pageUrl();
    for (const char *kind : {"browser", "client-load"})
      eachChosen(kind, "url", [&url](Program &p) { p.parameters["url"] = url; });
    eachChosen("interceptor", "server", [this](Program &p) {
      for (const auto &address : m_web)
        if (address) return void(p.parameters["server"] = address->text());
    });
  }

private:
  template <class Does> void eachChosen(std::string_view kind, const std::string &key, Does does) {
    for (Node &node : m_s.nodes)
      for (Program &program : node.programs)
        if (program.kind == kind && node.chosen.contains(chosenParameter(program.id, key)))
          does(program);
  }

  std::vector<programs::ParameterRow> zone() const {
    std::vector<programs::ParameterRow> rows;
    for (std::size_t i = 0; i < m_web.size(); ++i) {
      if (!m_web[i]) continue;
      const std::string name = rows.empty() ? "www" : "www-" + std::to_string(rows.size() + 1);
      rows.push_back({{{"name", name}, {"type", std::string("A")}, {"value", m_web[i]->text()}}});
    }
    return rows;
  }

  /// The name by which some name server knows the address; empty when none does.
  std::string nameOf(wire::Ipv4Address address) const {
    for (const Node &node : m_s.nodes)
      for (const Program &program : node.programs) {
        if (program.kind != "dns-server") continue;
        const auto rows = program.parameters.find("records"), at = program.parameters.find("zone");
        if (rows == program.parameters.end() || at == program.parameters.end()) continue;
        const auto *list = std::get_if<std::vector<programs::ParameterRow>>(&rows->second);
        const auto *origin = std::get_if<std::string>(&at->second);
        if (list == nullptr || origin == nullptr) continue;
        for (const auto &row : *list)
          if (textOf(row, "value") == address.text()) return fullName(textOf(row, "name"), *origin);
      }
    return {};
  }

  static std::string fullName(const std::string &name, const std::string &zone) {
    if (name == "@") return zone;
    return name == zone || name.ends_with("." + zone) ? name : name + "." + zone;
  }

  std::string pageUrl() const {
    for (const auto &address : m_web) {
      if (!address) continue;
      const std::string name = nameOf(*address);
      return "http://" + (name.empty() ? address->text() : name) + "/index.html";
    }
    return "http://www.example.com/index.html";
  }

  Scenario &m_s;
  std::vector<std::optional<wire::Ipv4Address>> m_web; ///< of every web server
};

} // namespace

void dropStaleChoices(Scenario &s) {
  AddressKeeper(s).run();
  keepGateways(s);
  keepNameServers(s);
  for (Node &node : s.nodes)
    std::erase_if(node.chosen, [&node](const std::string &path) { return !exists(node, path); });
}

void markSetByHand(const Scenario &before, Scenario &after) {
  std::unordered_map<std::string_view, const Node *> old;
  for (const Node &node : before.nodes)
    if (!node.chosen.empty()) old.emplace(node.id, &node);
  for (Node &node : after.nodes) {
    const auto was = old.find(node.id);
    if (was == old.end() || *was->second == node) continue;
    std::erase_if(node.chosen, [&](const std::string &path) {
      return was->second->chosen.contains(path) && !sameAt(*was->second, node, path);
    });
  }
}

void chooseServices(Scenario &s) { Services(s).run(); }

} // namespace packetarium::scenario
