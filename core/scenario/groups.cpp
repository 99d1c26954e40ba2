// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/groups.h"

#include "core/scenario/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace packetarium::scenario {
namespace {

using programs::ParameterRow;
using programs::ParameterValue;
using Parameters = std::map<std::string, ParameterValue>;

constexpr std::array<Placeable, 7> groups{{
    {"failover-pair", "Failover pair",
     "Two web servers behind one address: a standby takes it over when the other one dies", "pulse",
     NodeKind::Switch, ""},
    {"balanced-web", "Balanced web", "A load balancer before three web servers, and clients",
     "balancer", NodeKind::Switch, ""},
    {"primary-replicas", "Replicas",
     "A key-value store with a log, copied to two replicas, and clients", "database",
     NodeKind::Switch, ""},
    {"two-primaries", "Two primaries",
     "Two stores that both take writes and settle their conflicts, each with its clients",
     "duplicate", NodeKind::Switch, ""},
    {"raft-3", "3-node Raft",
     "Three servers that agree on one log: they elect a leader, and go on while two of them are up",
     "raft", NodeKind::Switch, ""},
    {"raft-5", "5-node Raft",
     "Five servers that agree on one log: they elect a leader, and go on while three of them are "
     "up",
     "raft", NodeKind::Switch, ""},
    {"quorum-store-5", "Quorum store (5)",
     "Five servers on a ring: each key has three replicas, two of which answer a read or a write",
     "ring", NodeKind::Switch, ""},
}};

/// Builds a group in the subnet 10.S.0.0/24 around the origin.
class GroupMaker {
public:
  GroupMaker(int subnet, int clients) : m_subnet(subnet), m_clients(clients) {}

  Scenario make(std::string_view key) {
    m_switch = addNode("switch", NodeKind::Switch, {0, 0});
    if (key == "failover-pair") failoverPair();
    if (key == "balanced-web") balancedWeb();
    if (key == "primary-replicas") primaryReplicas();
    if (key == "two-primaries") twoPrimaries();
    if (key == "raft-3") circle(3, "raft", "raft", "ledger");
    if (key == "raft-5") circle(5, "raft", "raft", "ledger");
    if (key == "quorum-store-5") circle(5, "store", "quorum-store", "baskets");
    return std::move(m_s);
  }

private:
  std::string address(int host) const { return fmt::format("10.{}.0.{}", m_subnet, host); }
  static std::vector<ParameterRow> rows(const std::vector<Parameters> &all) {
    std::vector<ParameterRow> out;
    for (const Parameters &one : all) out.push_back({one});
    return out;
  }
  std::vector<ParameterRow> addressRows(std::initializer_list<int> hosts) const {
    std::vector<Parameters> all;
    for (const int host : hosts) all.push_back({{"address", address(host)}});
    return rows(all);
  }

  std::string addNode(std::string name, NodeKind kind, Position at) {
    Node node;
    node.id = name;
    std::replace(node.id.begin(), node.id.end(), ' ', '-');
    node.name = std::move(name);
    node.kind = kind;
    node.position = at;
    m_s.nodes.push_back(std::move(node));
    return m_s.nodes.back().id;
  }
  /// A machine on the switch.
  std::string machine(const std::string &name, NodeKind kind, int host, Position at) {
    const std::string id = addNode(name, kind, at);
    const auto link = connect(m_s, id, m_switch);
    if (!link) return id;
    Node &node = *m_s.node(id);
    node.interfaces.front().address = wire::Ipv4Prefix::parse(address(host) + "/24");
    m_s.link(*link)->delay = Duration::us(200);
    return id;
  }
  void run(const std::string &node, std::string id, std::string kind, Parameters parameters) {
    m_s.node(node)->programs.push_back({std::move(id), std::move(kind), std::move(parameters)});
  }
  /// Hosts with clients in rows to the left of a point.
  void clients(const std::string &name, Position at, const std::string &kind,
               const Parameters &parameters) {
    for (int i = 0; i < m_clients; ++i) {
      const std::string own = m_clients == 1 ? name : fmt::format("{} {}", name, i + 1);
      run(machine(own, NodeKind::Host, 21 + i, {at.x - 120 * (i / 5), at.y + 120 * (i % 5)}),
          "load", kind, parameters);
    }
  }
  void webClients(const std::string &service) {
    clients("web clients", {-160, 0}, "client-load",
            {{"url", "http://" + address(100) + "/"},
             {"service", service},
             {"rate_rps", 10.0},
             {"timeout_ns", std::int64_t{1'000'000'000}}});
  }
  Parameters storeClients(const std::string &service, std::vector<ParameterRow> servers) const {
    return {{"service", service},
            {"servers", std::move(servers)},
            {"mode", std::string("open")},
            {"rate_rps", 10.0}};
  }

  void failoverPair() {
    for (int i = 0; i < 2; ++i) {
      const std::string node = machine(i == 0 ? "server a" : "server b", NodeKind::Server, 11 + i,
                                       {160, i == 0 ? -80 : 80});
      run(node, "pair", "failover-pair",
          {{"service", std::string("web")},
           {"addresses", addressRows({100})},
           {"peers", addressRows({12 - i})},
           {"priority", std::int64_t{i == 0 ? 200 : 100}}});
      run(node, "web", "http-server",
          {{"service_name", std::string("web")}, {"standby", std::string("hot")}});
    }
    webClients("web");
  }

  void balancedWeb() {
    const std::string balancer = machine("balancer", NodeKind::Server, 100, {0, 120});
    std::vector<Parameters> servers;
    for (int i = 0; i < 3; ++i) {
      const std::string node =
          machine(fmt::format("server {}", i + 1), NodeKind::Server, 11 + i, {160, -120 + 120 * i});
      run(node, "web", "http-server", {{"workers", std::int64_t{4}}});
      servers.push_back({{"address", address(11 + i)}});
    }
    run(balancer, "balancer", "load-balancer",
        {{"service", std::string("shop")},
         {"servers", rows(servers)},
         {"check", std::string("http")}});
    webClients("shop");
  }

  std::vector<ParameterRow> members(int count) const {
    std::vector<Parameters> all;
    for (int i = 0; i < count; ++i)
      all.push_back(
          {{"name", fmt::format("{}", static_cast<char>('a' + i))}, {"address", address(11 + i)}});
    return rows(all);
  }

  void primaryReplicas() {
    for (int i = 0; i < 3; ++i) {
      const std::string node = machine(i == 0 ? "primary" : fmt::format("replica {}", i),
                                       NodeKind::Server, 11 + i, {160, -120 + 120 * i});
      run(node, "store", "kv-store",
          {{"service", std::string("orders")},
           {"members", members(3)},
           {"promotion", std::string("automatic")}});
    }
    clients("store clients", {-160, 0}, "kv-client",
            storeClients("orders", addressRows({11, 12, 13})));
  }

  void twoPrimaries() {
    for (int i = 0; i < 2; ++i) {
      const int side = i == 0 ? -1 : 1;
      const std::string node =
          machine(i == 0 ? "primary a" : "primary b", NodeKind::Server, 11 + i, {160 * side, 0});
      run(node, "store", "multi-primary",
          {{"service", std::string("cart")}, {"peers", addressRows({12 - i})}});
      run(machine(i == 0 ? "clients a" : "clients b", NodeKind::Host, 21 + i, {160 * side, 120}),
          "load", "kv-client", storeClients("cart", addressRows({11 + i})));
    }
  }

  /// One of so many places on a circle around the switch, the first at its right.
  static Position onCircle(int place, int count) {
    constexpr double radius = 170, whole = 2 * 3.14159265358979323846;
    const double turn = whole * place / count;
    return {static_cast<std::int32_t>(std::lround(radius * std::cos(turn))),
            static_cast<std::int32_t>(std::lround(radius * std::sin(turn)))};
  }

  /// So many equal members, and clients that know them all.
  void circle(int count, const std::string &id, const std::string &kind,
              const std::string &service) {
    for (int i = 0; i < count; ++i)
      run(machine(fmt::format("member {}", static_cast<char>('a' + i)), NodeKind::Server, 11 + i,
                  onCircle(i, count)),
          id, kind, {{"service", service}, {"members", members(count)}});
    std::vector<Parameters> all;
    for (int i = 0; i < count; ++i) all.push_back({{"address", address(11 + i)}});
    clients("clients", {-320, 0}, "kv-client", storeClients(service, rows(all)));
  }

  int m_subnet, m_clients;
  Scenario m_s;
  std::string m_switch;
};

/// The first of 10.1.0.0/16, 10.2.0.0/16, ... that no interface is in.
int freeSubnet(const Scenario &s) {
  std::set<std::uint32_t> used;
  for (const Node &node : s.nodes)
    for (const Interface &i : node.interfaces)
      if (i.address) used.insert(i.address->address.value >> 16);
  int subnet = 1;
  while (subnet < 255 && used.contains(10u << 8 | static_cast<std::uint32_t>(subnet))) ++subnet;
  return subnet;
}

/// Members call each other by the ids of their nodes, so that what one tells of another can be
/// found; known only once they are in the document.
void nameMembers(Scenario &s, const std::vector<std::string> &added) {
  std::map<std::string, std::string> byAddress;
  for (const Node &node : s.nodes)
    for (const Interface &i : node.interfaces)
      if (i.address) byAddress[i.address->address.text()] = node.id;
  for (const std::string &id : added) {
    Node *node = s.node(id);
    if (node == nullptr) continue;
    for (Program &program : node->programs) {
      const auto found = program.parameters.find("members");
      auto *rows = found == program.parameters.end()
                       ? nullptr
                       : std::get_if<std::vector<ParameterRow>>(&found->second);
      if (rows == nullptr) continue;
      for (ParameterRow &row : *rows)
        row.values["name"] = byAddress[std::get<std::string>(row.values["address"])];
    }
  }
}

} // namespace

std::span<const Placeable> placeableGroups() { return groups; }

bool isGroup(std::string_view key) {
  return std::any_of(groups.begin(), groups.end(),
                     [key](const Placeable &group) { return group.key == key; });
}

std::vector<std::string> placeGroup(Scenario &scenario, std::string_view key, Position at,
                                    int clients) {
  if (!isGroup(key)) return {};
  auto added = paste(scenario, GroupMaker(freeSubnet(scenario), clients).make(key), at);
  if (key.starts_with("raft-") || key == "quorum-store-5") nameMembers(scenario, added);
  return added;
}

Scenario clusterBenchmark() {
  Scenario s;
  s.id = "cluster-benchmark";
  s.title = "Ten servers and twenty clients";
  placeGroup(s, "failover-pair", {0, 0}, 7);
  placeGroup(s, "balanced-web", {800, 0}, 7);
  placeGroup(s, "primary-replicas", {1600, 0}, 6);
  Node witness;
  witness.id = witness.name = "witness";
  witness.kind = NodeKind::Server;
  witness.programs.push_back({"witness", "witness", {}});
  s.nodes.push_back(std::move(witness));
  (void)connect(s, "witness", "switch");
  return s;
}

} // namespace packetarium::scenario
