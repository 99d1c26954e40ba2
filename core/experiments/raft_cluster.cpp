// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_cluster.h"

#include "core/scenario/build.h"

#include <fmt/format.h>

namespace packetarium::experiments {
namespace {

using programs::ParameterRow;
using programs::ParameterValue;

class ClusterMaker {
public:
  explicit ClusterMaker(const RaftCluster &wanted) : m_wanted(wanted) {
    m_s.id = "raft-cluster";
    m_s.title = fmt::format("Raft with {} members", wanted.members);
    m_s.tab = "Clusters";
    m_s.summary = "A cluster and its clients around a switch.";
    m_s.duration = wanted.duration;
  }

  scenario::Scenario make() {
    scenario::Node hub;
    hub.id = hub.name = "switch";
    hub.kind = scenario::NodeKind::Switch;
    hub.position = {400, 240};
    m_s.nodes.push_back(hub);
    for (int i = 0; i < m_wanted.members; ++i) member(i);
    for (int i = 0; i < m_wanted.clients; ++i) client(i);
    scenario::complete(m_s);
    return std::move(m_s);
  }

private:
  static std::string memberName(int i) { return fmt::format("m{}", i + 1); }
  static std::string memberAddress(int i) { return fmt::format("10.0.0.{}", i + 1); }

  void node(const std::string &id, scenario::NodeKind kind, const std::string &address,
            scenario::Position at, scenario::Program program) {
    scenario::Node n;
    n.id = n.name = id;
    n.kind = kind;
    n.position = at;
    n.diskSync = m_wanted.diskSync;
    n.interfaces.push_back({"eth0", {}, wire::Ipv4Prefix::parse(address + "/24")});
    n.programs.push_back(std::move(program));
    m_s.nodes.push_back(std::move(n));
    scenario::Node &hub = m_s.nodes.front();
    hub.interfaces.push_back({fmt::format("port{}", hub.interfaces.size() + 1), {}, {}});
    scenario::Link link;
    link.id = id + "-switch";
    link.from = {id, "eth0"};
    link.to = {"switch", hub.interfaces.back().id};
    link.delay = m_wanted.linkDelay;
    m_s.links.push_back(std::move(link));
  }

  void member(int i) {
    std::vector<ParameterRow> rows;
    for (int k = 0; k < m_wanted.members; ++k)
      rows.push_back({{{"name", memberName(k)}, {"address", memberAddress(k)}}});
    scenario::Program raft{
        "raft", "raft", {{"service", std::string("store")}, {"members", std::move(rows)}}};
    for (const auto &[key, value] : m_wanted.memberParameters) raft.parameters[key] = value;
    node(memberName(i), scenario::NodeKind::Server, memberAddress(i), {160 * i + 80, 80},
         std::move(raft));
  }

  void client(int i) {
    std::vector<ParameterRow> servers;
    for (int k = 0; k < m_wanted.members; ++k)
      servers.push_back({{{"address", memberAddress((i + k) % m_wanted.members)}}});
    scenario::Program load{"load",
                           "kv-client",
                           {{"service", std::string("store")},
                            {"servers", std::move(servers)},
                            {"mode", std::string("closed")}}};
    for (const auto &[key, value] : m_wanted.clientParameters) load.parameters[key] = value;
    node(fmt::format("c{}", i + 1), scenario::NodeKind::Laptop, fmt::format("10.0.0.{}", 101 + i),
         {160 * i + 80, 400}, std::move(load));
  }

  const RaftCluster &m_wanted;
  scenario::Scenario m_s;
};

} // namespace

scenario::Scenario raftCluster(const RaftCluster &wanted) { return ClusterMaker(wanted).make(); }

RaftCluster harshRaftCluster() {
  RaftCluster c;
  c.members = 3;
  c.clients = 5;
  c.linkDelay = Duration::ms(2);
  c.diskSync = Duration::ms(20);
  c.duration = Duration::seconds(5);
  c.memberParameters = {{"max_batch", std::int64_t{1}}, {"snapshot_entries", std::int64_t{30}}};
  c.clientParameters = {{"keys", std::int64_t{1}},
                        {"think_ns", Duration::ms(10).ns()},
                        {"timeout_ns", Duration::ms(120).ns()},
                        {"retries", std::int64_t{2}},
                        {"backoff_ns", Duration::ms(10).ns()},
                        {"backoff_max_ns", Duration::ms(50).ns()}};
  return c;
}

scenario::Scenario raftBenchmark() {
  RaftCluster wanted;
  wanted.clientParameters = {{"think_ns", Duration::ms(10).ns()}};
  scenario::Scenario s = raftCluster(wanted);
  s.id = "raft-benchmark";
  return s;
}

} // namespace packetarium::experiments
