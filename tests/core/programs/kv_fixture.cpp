// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/kv_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace packetarium::programs::testing {
namespace {

net::NodeSpec hostOf(std::size_t i, const std::string &name) {
  net::NodeSpec n;
  n.id = n.name = name;
  net::InterfaceSpec eth;
  eth.name = "eth0";
  eth.mac = wire::MacAddress::fromBits(0x020000000000ULL + i);
  eth.address = wire::Ipv4Prefix::parse(fmt::format("10.0.0.{}/24", i + 1));
  eth.link = LinkIndex{static_cast<std::uint32_t>(i)};
  n.interfaces.push_back(eth);
  std::vector<net::Route> routes{{{eth.address->network(), 24}, {}, 0}};
  n.routes = std::make_shared<const net::RouteTable>(std::move(routes));
  return n;
}

ParameterRow rowOf(std::size_t i, bool named) {
  ParameterRow row;
  row.values["address"] = fmt::format("10.0.0.{}", i + 1);
  if (named) row.values["name"] = fmt::format("m{}", i + 1);
  return row;
}

} // namespace

StoreLab::StoreLab(std::size_t count, Given member, Given client, std::uint64_t seed,
                   const std::string &kind)
    : members(count) {
  net::Blueprint &b = lab.edit().network;
  b = {};
  b.seed = seed;
  net::NodeSpec middle;
  middle.id = middle.name = "switch";
  middle.kind = net::NodeKind::Switch;
  std::vector<ParameterRow> rows, servers;
  for (std::size_t i = 0; i <= count; ++i) {
    b.nodes.push_back(hostOf(i, i < count ? fmt::format("m{}", i + 1) : "client"));
    net::LinkSpec l;
    l.id = fmt::format("l{}", i);
    l.ends = {{{NodeIndex{static_cast<std::uint32_t>(i)}, 0},
               {NodeIndex{static_cast<std::uint32_t>(count + 1)}, static_cast<std::uint32_t>(i)}}};
    l.rateBps = 100'000'000;
    l.delay = Duration::us(500);
    b.links.push_back(l);
    net::InterfaceSpec port;
    port.name = fmt::format("p{}", i);
    port.mac = wire::MacAddress::fromBits(0x020000001000ULL + i);
    port.link = LinkIndex{static_cast<std::uint32_t>(i)};
    port.end = 1;
    middle.interfaces.push_back(port);
    if (i == count) break;
    rows.push_back(rowOf(i, true));
    servers.push_back(rowOf(i, false));
  }
  b.nodes.push_back(middle);
  lab.edit().programs.assign(b.nodes.size(), {});
  member["members"] = rows;
  client["servers"] = servers;
  for (std::size_t i = 0; i < count; ++i) lab.run(fmt::format("m{}", i + 1), kind, member);
  lab.run("client", "kv-client", client);
}

StoreStory::StoreStory(const std::vector<Line> &lines) {
  for (const Line &l : lines) {
    if (l.record.kind != trace::RecordKind::Fact) continue;
    const auto topic = static_cast<trace::FactTopic>(l.record.detail);
    if (topic == trace::FactTopic::Role) roles[l.record.node] = l.second;
    if (topic == trace::FactTopic::Failover) failover.emplace_back(l.record.at, l.second);
    if (topic == trace::FactTopic::Operation && l.first == "ok" && l.second.rfind("read", 0) != 0)
      acknowledged.insert(l.second);
    if (topic != trace::FactTopic::Log) continue;
    ToldLog &log = logs[l.record.node];
    std::istringstream words(l.second);
    std::string what;
    std::size_t index = 0;
    std::uint64_t epoch = 0;
    words >> what >> index >> epoch;
    if (what == "append") {
      if (index != log.entries.size() + 1) wrong.push_back("appended with a gap: " + l.second);
      log.entries.emplace_back(epoch, l.third);
      continue;
    }
    if (what == "truncate") {
      if (epoch != 0) thrownAway.insert(l.third);
      while (log.entries.size() >= index && !log.entries.empty()) log.entries.pop_back();
      log.committed = std::min(log.committed, log.entries.size());
      continue;
    }
    if (index > log.entries.size() || log.entries[index - 1].first != epoch)
      wrong.push_back("told of an entry that is not there: " + l.second);
    if (what == "commit") log.committed = index;
  }
}

bool StoreStory::holds(std::uint32_t node, const std::string &operation) const {
  const auto log = logs.find(node);
  return log != logs.end() &&
         std::any_of(log->second.entries.begin(), log->second.entries.end(),
                     [&](const auto &entry) { return entry.second == operation; });
}

} // namespace packetarium::programs::testing
