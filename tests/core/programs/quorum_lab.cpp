// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/quorum_lab.h"

#include <fmt/format.h>

#include <sstream>

namespace packetarium::programs::testing::quorum {
namespace {

std::string addressOf(std::size_t i) { return fmt::format("10.0.0.{}", i + 1); }

net::NodeSpec hostNode(std::size_t i, const std::string &name) {
  net::NodeSpec n;
  n.id = n.name = name;
  net::InterfaceSpec eth;
  eth.name = "eth0";
  eth.mac = wire::MacAddress::fromBits(0x020000000000ULL + i);
  eth.address = wire::Ipv4Prefix::parse(addressOf(i) + "/24");
  eth.link = LinkIndex{static_cast<std::uint32_t>(i)};
  n.interfaces.push_back(eth);
  std::vector<net::Route> routes{{{eth.address->network(), 24}, {}, 0}};
  n.routes = std::make_shared<const net::RouteTable>(std::move(routes));
  return n;
}

void addCable(net::Blueprint &b, net::NodeSpec &middle, std::size_t i, NodeIndex switchNode) {
  net::LinkSpec l;
  l.id = fmt::format("l{}", i);
  l.ends = {
      {{NodeIndex{static_cast<std::uint32_t>(i)}, 0}, {switchNode, static_cast<std::uint32_t>(i)}}};
  l.rateBps = 1'000'000'000;
  l.delay = Duration::us(500);
  b.links.push_back(l);
  net::InterfaceSpec port;
  port.name = fmt::format("p{}", i);
  port.mac = wire::MacAddress::fromBits(0x020000001000ULL + i);
  port.link = LinkIndex{static_cast<std::uint32_t>(i)};
  port.end = 1;
  middle.interfaces.push_back(port);
}

const Described *find(const std::vector<Described> &rows, std::string_view name) {
  for (const Described &row : rows) {
    if (row.name == name) return &row;
    if (const Described *deeper = find(row.children, name)) return deeper;
  }
  return nullptr;
}

} // namespace

QuorumLab::QuorumLab(std::size_t count, Given member, const std::vector<ClientHost> &clients,
                     std::uint64_t seed)
    : members(count) {
  net::Blueprint &b = lab.edit().network;
  b = {};
  b.seed = seed;
  net::NodeSpec middle;
  middle.id = middle.name = "switch";
  middle.kind = net::NodeKind::Switch;
  const std::size_t hosts = count + clients.size();
  std::vector<ParameterRow> rows;
  for (std::size_t i = 0; i < hosts; ++i) {
    const std::string name =
        i < count ? fmt::format("m{}", i + 1) : fmt::format("c{}", i + 1 - count);
    b.nodes.push_back(hostNode(i, name));
    addCable(b, middle, i, NodeIndex{static_cast<std::uint32_t>(hosts)});
    if (i < count) rows.push_back({{{"address", addressOf(i)}, {"name", name}}});
  }
  b.nodes.push_back(middle);
  lab.edit().programs.assign(b.nodes.size(), {});
  member["members"] = rows;
  for (std::size_t i = 0; i < count; ++i) lab.run(b.nodes[i].name, "quorum-store", member);
  for (std::size_t c = 0; c < clients.size(); ++c) {
    Given given = clients[c].given;
    std::vector<ParameterRow> servers;
    for (const std::size_t i : clients[c].servers) servers.push_back({{{"address", addressOf(i)}}});
    given["servers"] = servers;
    lab.run(fmt::format("c{}", c + 1), "kv-client", given);
  }
}

std::vector<Told> toldBy(const Run &run) {
  std::vector<Told> all;
  for (const Line &line : run.of(trace::RecordKind::Fact)) {
    if (line.record.detail != static_cast<std::uint16_t>(trace::FactTopic::Operation)) continue;
    Told told;
    told.at = line.record.at;
    told.node = line.record.node;
    told.how = line.first;
    std::istringstream(line.second) >> told.verb >> told.key >> told.value;
    std::istringstream(line.third) >> told.process;
    all.push_back(told);
  }
  return all;
}

std::vector<Done> doneIn(const Run &run) {
  std::vector<Done> all;
  std::map<std::string, SimTime> began;
  for (const Told &t : toldBy(run)) {
    if (t.how == "invoke")
      began[t.process] = t.at;
    else
      all.push_back({began[t.process], t.at, t.how, t.verb, t.key, t.value, t.process});
  }
  return all;
}

std::map<std::string, std::string> allHeldAt(Run &run, std::size_t member) {
  std::map<std::string, std::string> held;
  const auto described = run.world().describe(QuorumLab::node(member));
  if (const Described *keys = find(described.tables, "keys"))
    for (const Described &row : keys->children) held[row.name] = row.value;
  return held;
}

std::string heldAt(Run &run, std::size_t member, const std::string &key) {
  const auto held = allHeldAt(run, member);
  const auto at = held.find(key);
  return at == held.end() ? "none" : at->second;
}

std::size_t factsOf(const Run &run, trace::FactTopic topic, const std::string &beginning) {
  std::size_t count = 0;
  for (const Line &line : run.of(trace::RecordKind::Fact))
    if (line.record.detail == static_cast<std::uint16_t>(topic) &&
        line.second.rfind(beginning, 0) == 0)
      ++count;
  return count;
}

} // namespace packetarium::programs::testing::quorum
