// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/cap_dial.h"
#include "core/scenario/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace packetarium::experiments {
namespace {

using programs::ParameterRow;
using programs::ParameterValue;
using Parameters = std::map<std::string, ParameterValue>;
using scenario::Node;
using scenario::Program;
using scenario::Scenario;

constexpr std::array designs{Design::Raft, Design::Quorum, Design::MultiPrimary,
                             Design::AsyncPrimary};
constexpr std::size_t membersMin = 3;

std::string_view kindOf(Design design) {
  switch (design) {
  case Design::Raft: return "raft";
  case Design::Quorum: return "quorum-store";
  case Design::MultiPrimary: return "multi-primary";
  case Design::AsyncPrimary: return "kv-store";
  }
  return {};
}

std::string serviceName(const Program &program) {
  const auto at = program.parameters.find("service");
  const auto *text =
      at == program.parameters.end() ? nullptr : std::get_if<std::string>(&at->second);
  return text == nullptr || text->empty() ? "store" : *text;
}

/// A member of the store that is turned into another one.
struct StoreMember {
  Node *node = nullptr;
  Program *program = nullptr;
  std::string address;
};

/// The store with the most members.
std::vector<StoreMember> dialMembersOf(Scenario &s) {
  std::map<std::string, std::vector<StoreMember>> stores;
  for (Node &node : s.nodes)
    for (Program &program : node.programs) {
      const auto card = std::find_if(node.interfaces.begin(), node.interfaces.end(),
                                     [](const auto &i) { return i.address.has_value(); });
      if (isDialStore(program.kind) && card != node.interfaces.end())
        stores[serviceName(program)].push_back({&node, &program, card->address->address.text()});
    }
  const auto most =
      std::max_element(stores.begin(), stores.end(), [](const auto &a, const auto &b) {
        return a.second.size() < b.second.size();
      });
  return most == stores.end() ? std::vector<StoreMember>{} : most->second;
}

ParameterRow rowOf(const StoreMember &member, bool named) {
  ParameterRow row;
  if (named) row.values["name"] = member.node->id;
  row.values["address"] = member.address;
  return row;
}

/// Members on the smallest side of the first partition; all of them when there is none.
std::size_t smallestSide(const std::vector<StoreMember> &members,
                         const std::vector<Partition> &partitions) {
  std::map<int, std::size_t> counts;
  for (const StoreMember &m : members) {
    if (partitions.empty()) break;
    const auto side = partitions.front().sides.find(m.node->id);
    if (side != partitions.front().sides.end()) ++counts[side->second];
  }
  std::size_t smallest = members.size();
  for (const auto &[side, count] : counts) smallest = std::min(smallest, count);
  return smallest;
}

/// What all designs have, by the names that each has for it.
Parameters commonOf(const Program &old, const std::string &serviceTimeKey) {
  Parameters out;
  for (const char *key : {"service", "port", "member_port"})
    if (const auto at = old.parameters.find(key); at != old.parameters.end()) out.insert(*at);
  for (const char *key : {"service_ns", "service_time_ns"})
    if (const auto at = old.parameters.find(key); at != old.parameters.end())
      out[serviceTimeKey] = at->second;
  return out;
}

void become(const StoreMember &member, const std::vector<StoreMember> &all, Design design,
            std::size_t smallest) {
  std::vector<ParameterRow> members, peers;
  for (const StoreMember &m : all) {
    members.push_back(rowOf(m, true));
    if (m.node != member.node) peers.push_back(rowOf(m, false));
  }
  Program &program = *member.program;
  // A store of this design keeps what its document says.
  if (program.kind == kindOf(design)) {
    if (design == Design::AsyncPrimary) program.parameters["mode"] = std::string("async");
    return;
  }
  switch (design) {
  case Design::Raft:
    program.parameters = commonOf(program, "service_time_ns");
    program.parameters["members"] = members;
    program.parameters["prevote"] = true; // who was cut off disturbs nobody when it comes back
    break;
  case Design::Quorum: {
    // Either side must be able to gather its quorum, or it would not stay available.
    const auto n = static_cast<std::int64_t>(std::min<std::size_t>(3, all.size()));
    const auto quorum = static_cast<std::int64_t>(std::clamp<std::size_t>(smallest, 1, 2));
    program.parameters = commonOf(program, "service_ns");
    program.parameters["members"] = members;
    program.parameters["n"] = n;
    program.parameters["r"] = quorum;
    program.parameters["w"] = quorum;
    program.parameters["sloppy"] = true;
    program.parameters["hinted_handoff"] = true;
    // As the other designs settle writes that did not know of each other: clients of this workload
    // write without having read, which would leave siblings everywhere.
    program.parameters["policy"] = std::string("last-write-wins");
    break;
  }
  case Design::MultiPrimary:
    program.parameters = commonOf(program, "service_ns");
    program.parameters["peers"] = peers;
    break;
  case Design::AsyncPrimary:
    program.parameters = commonOf(program, "service_ns");
    program.parameters["members"] = members;
    program.parameters["mode"] = std::string("async");
    program.parameters["reads"] = std::string("any");
    break;
  }
  program.kind = kindOf(design);
}

/// Asks at home first, and reads there.
void adaptClient(const Node &node, Program &client, const std::vector<StoreMember> &members,
                 const std::vector<Partition> &partitions) {
  client.parameters["read_from"] = std::string("nearest");
  const auto at = client.parameters.find("servers");
  auto *servers =
      at == client.parameters.end() ? nullptr : std::get_if<std::vector<ParameterRow>>(&at->second);
  if (servers == nullptr || partitions.empty()) return;
  const std::map<std::string, int> &sides = partitions.front().sides;
  const auto home = sides.find(node.id);
  if (home == sides.end()) return;
  std::stable_partition(servers->begin(), servers->end(), [&](const ParameterRow &row) {
    const auto address = row.values.find("address");
    const auto *text =
        address == row.values.end() ? nullptr : std::get_if<std::string>(&address->second);
    return text != nullptr && std::any_of(members.begin(), members.end(), [&](const auto &m) {
             const auto side = sides.find(m.node->id);
             return m.address == *text && side != sides.end() && side->second == home->second;
           });
  });
}

using Kind = scenario::ScriptEntry::Kind;
using Sides = std::map<std::string, int>; // by node id

/// Follows who is apart from whom through a script.
class PartitionMaker {
public:
  void take(SimTime at, const Sides &sides) {
    std::set<int> kinds;
    for (const auto &[node, side] : sides) kinds.insert(side);
    if (kinds.size() > 1) {
      if (!m_open) m_partitions.push_back({at, {}, false, {}});
      m_open = true;
      m_partitions.back().sides.insert(sides.begin(), sides.end());
    } else if (m_open) {
      m_partitions.back().to = at;
      m_partitions.back().heals = true;
      m_open = false;
    }
  }
  std::vector<Partition> finish() { return std::move(m_partitions); }

private:
  std::vector<Partition> m_partitions;
  bool m_open = false;
};

/// Entries of these kinds by time; calls back once for each instant, after its last entry.
template <class Apply, class Settle>
void walkScript(const Scenario &s, const std::set<Kind> &kinds, Apply apply, Settle settle) {
  std::vector<scenario::ScriptEntry> script;
  for (const scenario::ScriptEntry &entry : s.script)
    if (kinds.contains(entry.action)) script.push_back(entry);
  std::stable_sort(script.begin(), script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  for (std::size_t i = 0; i < script.size(); ++i) {
    apply(script[i]);
    if (i + 1 == script.size() || script[i + 1].at != script[i].at) settle(script[i].at);
  }
}

std::vector<Partition> partedByHand(const Scenario &s) {
  PartitionMaker maker;
  Sides sides;
  walkScript(
      s, {Kind::SetPartition},
      [&](const scenario::ScriptEntry &entry) {
        const int side = static_cast<int>(entry.value);
        if (side == 0)
          sides.erase(entry.target);
        else
          sides[entry.target] = side;
      },
      [&](SimTime at) { maker.take(at, sides); });
  return maker.finish();
}

bool asksOrStores(const Node &node) {
  return std::any_of(node.programs.begin(), node.programs.end(),
                     [](const Program &p) { return isDialStore(p.kind) || p.kind == "kv-client"; });
}

/// The parts into which the network falls without the cut links, numbered from 1 by their first
/// node that stores or asks; other nodes are on no side.
Sides partsOf(const Scenario &s, const std::set<std::string> &cut) {
  std::map<std::string, std::string> parent;
  for (const Node &node : s.nodes) parent[node.id] = node.id;
  const auto rootOf = [&](std::string node) {
    while (parent[node] != node) node = parent[node];
    return node;
  };
  for (const scenario::Link &link : s.links)
    if (!cut.contains(link.id)) parent[rootOf(link.from.node)] = rootOf(link.to.node);
  std::map<std::string, int> numbers;
  Sides sides;
  for (const Node &node : s.nodes)
    if (asksOrStores(node))
      sides[node.id] =
          numbers.try_emplace(rootOf(node.id), static_cast<int>(numbers.size()) + 1).first->second;
  return sides;
}

std::vector<Partition> partedByCuts(const Scenario &s) {
  PartitionMaker maker;
  std::set<std::string> cut;
  for (const scenario::Link &link : s.links)
    if (!link.up) cut.insert(link.id);
  walkScript(
      s, {Kind::CutLink, Kind::RestoreLink},
      [&](const scenario::ScriptEntry &entry) {
        if (entry.action == Kind::CutLink)
          cut.insert(entry.target);
        else
          cut.erase(entry.target);
      },
      [&](SimTime at) { maker.take(at, partsOf(s, cut)); });
  return maker.finish();
}

} // namespace

std::string_view name(Design design) {
  switch (design) {
  case Design::Raft: return "raft";
  case Design::Quorum: return "quorum";
  case Design::MultiPrimary: return "multi-primary";
  case Design::AsyncPrimary: return "async-primary";
  }
  return {};
}

std::string_view title(Design design) {
  switch (design) {
  case Design::Raft: return "Raft (CP)";
  case Design::Quorum: return "Sloppy quorum (AP)";
  case Design::MultiPrimary: return "Multi-primary (AP)";
  case Design::AsyncPrimary: return "Primary and asynchronous replicas";
  }
  return {};
}

bool isDialStore(std::string_view kind) {
  return std::any_of(designs.begin(), designs.end(),
                     [kind](Design design) { return kindOf(design) == kind; });
}

std::vector<Partition> partitionsOf(const Scenario &s) {
  std::vector<Partition> partitions = partedByHand(s);
  if (partitions.empty()) partitions = partedByCuts(s);
  const SimTime end = SimTime::zero() + s.duration;
  std::erase_if(partitions, [&](const Partition &p) { return p.from >= end; });
  for (Partition &p : partitions) {
    if (!p.heals) p.to = end;
    p.heals = p.heals && p.to < end;
    p.to = std::min(p.to, end);
  }
  return partitions;
}

Result<Scenario> withDesign(const Scenario &given, Design design) {
  Scenario s = given;
  scenario::complete(s);
  const std::vector<StoreMember> members = dialMembersOf(s);
  if (members.size() < membersMin)
    return Fault{"", fmt::format("there is no store on {} nodes or more (raft, quorum-store, "
                                 "multi-primary or kv-store) to turn the dial of",
                                 membersMin)};
  const std::string service = serviceName(*members.front().program);
  const std::vector<Partition> partitions = partitionsOf(s);
  const std::size_t smallest = smallestSide(members, partitions);
  for (const StoreMember &member : members) become(member, members, design, smallest);
  for (Node &node : s.nodes)
    for (Program &program : node.programs)
      if (program.kind == "kv-client" && serviceName(program) == service)
        adaptClient(node, program, members, partitions);
  return s;
}

Scenario withoutFaults(const Scenario &given) {
  Scenario s = given;
  s.script.clear();
  return s;
}

} // namespace packetarium::experiments
