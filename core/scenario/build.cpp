// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"

#include "core/base/hash.h"
#include "core/programs/secure.h"
#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"
#include "core/scenario/ranges.h"
#include "core/scenario/routes.h"
#include "core/scenario/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <thread>

namespace packetarium::scenario {
namespace {

net::NodeKind networkKind(NodeKind kind) {
  if (kind == NodeKind::Switch) return net::NodeKind::Switch;
  return isRouter(kind) ? net::NodeKind::Router : net::NodeKind::Host;
}

/// All that routing tables depend on: the topology, and the routes and gateways that are written.
std::uint64_t digestOfRoutes(const Scenario &s) {
  std::uint64_t h = topologyDigest(s);
  const auto word = [&h](std::uint64_t w) { h = hashCombine(h, w); };
  const auto routes = [&word](const std::vector<StaticRoute> &list) {
    word(list.size());
    for (const StaticRoute &r : list) {
      word(std::uint64_t{r.prefix.address.value} << 8 | r.prefix.length);
      word(r.nextHop.value);
      word(hashText(r.interface));
    }
  };
  for (const Node &node : s.nodes) {
    word(node.gateway ? std::uint64_t{node.gateway->value} + 1 : 0);
    routes(node.routes);
  }
  word(s.routes.topology);
  for (const auto &[id, list] : s.routes.byNode) {
    word(hashText(id));
    routes(list);
  }
  return h == 0 ? 1 : h;
}

/// Turns a valid and complete document into indices and tables.
class Builder {
public:
  Builder(const Scenario &s, const BuiltScenario *like)
      : m_s(s),
        m_all(s, Topology::DownLinks::Include),
        m_up(s, Topology::DownLinks::Exclude),
        m_paths(m_up),
        m_plan(std::make_shared<world::Plan>()) {
    m_built.routesDigest = digestOfRoutes(s);
    if (like != nullptr) m_before = like->plan;
    if (m_before && like->routesDigest == m_built.routesDigest) m_like = like->plan;
  }

  bool tooManyRoutes() const { return m_paths.routesMax() > range::routesBuilt; }

  Result<BuiltScenario> run() {
    m_plan->network.seed = m_s.seed;
    chooseRoutes();
    for (std::uint32_t n = 0; n < m_s.nodes.size(); ++n) node(n);
    for (const Link &l : m_s.links) link(l);
    for (std::uint32_t n = 0; n < m_s.nodes.size(); ++n) programs(n);
    names();
    script();
    if (!m_faults.empty()) return m_faults.take();
    m_built.plan = std::move(m_plan);
    m_built.end = SimTime::zero() + m_s.duration;
    return std::move(m_built);
  }

private:
  /// The shortest paths of every router, unless the document names them. They do not depend on one
  /// another, so in a large network they are sought by several threads.
  void chooseRoutes() {
    if (m_s.routes.topology != 0 || m_like) return;
    constexpr std::size_t worthThreads = 100'000;
    const std::size_t threads = m_paths.routesMax() < worthThreads
                                    ? 1
                                    : std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    m_chosen.resize(m_s.nodes.size());
    const auto share = [this, threads](ShortestPaths paths, std::size_t from) {
      for (std::size_t n = from; n < m_s.nodes.size(); n += threads)
        if (isRouter(m_s.nodes[n].kind))
          m_chosen[n] = paths.routesOf(static_cast<std::uint32_t>(n));
    };
    std::vector<std::future<void>> others;
    for (std::size_t t = 1; t < threads; ++t)
      others.push_back(std::async(std::launch::async, share, m_paths, t));
    share(m_paths, 0);
    for (auto &other : others) other.get();
  }

  void node(std::uint32_t n) {
    const Node &node = m_s.nodes[n];
    net::NodeSpec spec;
    spec.id = node.id;
    spec.name = node.name;
    spec.kind = networkKind(node.kind);
    for (const Interface &i : node.interfaces)
      spec.interfaces.push_back({i.id, *i.mac, i.address, {}, 0});
    if (m_like) {
      spec.routes = m_like->network.nodes[n].routes;
    } else if (node.kind != NodeKind::Switch) {
      // Routers mostly know the same prefixes, and then share what finds them.
      spec.routes = std::make_shared<const net::RouteTable>(routes(n), m_lastRouter.get());
      if (isRouter(node.kind)) m_lastRouter = spec.routes;
    }
    if (!node.natOutside.empty()) spec.nat = net::NatSpec{m_all.interface(n, node.natOutside)};
    spec.arpTimeout = node.arpTimeout;
    spec.macTimeout = node.macTimeout;
    spec.slowness = node.slowness;
    spec.clockOffset = node.clockOffset;
    spec.clockDriftPpm = node.clockDriftPpm;
    spec.diskSync = node.diskSync;
    m_built.nodes.emplace(node.id, NodeIndex{n});
    m_plan->network.nodes.push_back(std::move(spec));
  }

  std::vector<net::Route> routes(std::uint32_t n) {
    std::vector<net::Route> all;
    const auto append = [&](const std::vector<StaticRoute> &routes) {
      for (const StaticRoute &route : routes)
        if (const auto found = toRoute(m_all, n, route)) all.push_back(*found);
    };
    append(m_s.nodes[n].routes);
    for (const net::Route &route : connectedRoutes(m_all, n)) all.push_back(route);
    if (!isRouter(m_s.nodes[n].kind)) return all;
    if (m_s.routes.topology != 0) {
      const auto written = m_s.routes.byNode.find(m_s.nodes[n].id);
      if (written != m_s.routes.byNode.end()) append(written->second);
    } else {
      const std::vector<net::Route> chosen = std::move(m_chosen[n]);
      all.insert(all.end(), chosen.begin(), chosen.end());
    }
    return all;
  }

  void link(const Link &link) {
    const LinkIndex index{static_cast<std::uint32_t>(m_plan->network.links.size())};
    net::LinkSpec spec;
    spec.id = link.id;
    spec.ends = {plugIn(link.from, index, 0), plugIn(link.to, index, 1)};
    spec.rateBps = link.rateBps;
    spec.delay = link.delay;
    spec.jitter = link.jitter;
    spec.loss = link.loss;
    spec.queuePackets = link.queuePackets;
    spec.up = link.up;
    spec.duplicate = link.duplicate;
    spec.reorder = link.reorder;
    spec.corrupt = link.corrupt;
    spec.blocked = static_cast<int>(link.blocked);
    spec.flap = link.flap;
    m_built.links.emplace(link.id, index);
    m_plan->network.links.push_back(std::move(spec));
  }

  net::LinkEndSpec plugIn(const LinkEnd &end, LinkIndex link, std::uint8_t which) {
    const std::uint32_t n = m_all.node(end.node);
    const std::uint32_t i = m_all.interface(n, end.interface);
    net::InterfaceSpec &interface = m_plan->network.nodes[n].interfaces[i];
    interface.link = link;
    interface.end = which;
    return {NodeIndex{n}, i};
  }

  void programs(std::uint32_t n) {
    std::vector<world::ProgramSpec> specs;
    const auto &list = m_s.nodes[n].programs;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = fmt::format("nodes[{}].programs[{}].parameters", n, i);
      const auto *type = programs::findProgramType(list[i].kind);
      auto values = programs::complete(type->parameters, list[i].parameters, path);
      if (!values.ok()) {
        m_faults.append(values.faults());
        continue;
      }
      if (list[i].kind == "certificate-authority")
        authority(programs::authoritySpec(m_s.nodes[n].id, *values));
      specs.push_back({list[i].id, list[i].kind, std::move(values).value()});
    }
    m_plan->programs.push_back(std::move(specs));
  }

  /// What the A records of all zones say about the nodes: certificates are issued for it.
  void names() {
    std::map<std::string, std::vector<std::string>> byAddress;
    for (const auto &programs : m_plan->programs)
      for (const world::ProgramSpec &spec : programs)
        if (spec.kind == "dns-server")
          for (const programs::ParameterRow &row : spec.values.rows("records"))
            if (std::get<std::string>(row.values.at("type")) == "A")
              byAddress[std::get<std::string>(row.values.at("value"))].push_back(
                  std::get<std::string>(row.values.at("name")));
    if (byAddress.empty()) return;
    for (net::NodeSpec &node : m_plan->network.nodes)
      for (const net::InterfaceSpec &i : node.interfaces) {
        if (!i.address) continue;
        const auto found = byAddress.find(i.address->address.text());
        if (found == byAddress.end()) continue;
        node.dnsNames.insert(node.dnsNames.end(), found->second.begin(), found->second.end());
      }
  }

  /// Keys take their time to make, so an authority that did not change is taken over.
  void authority(tls::AuthoritySpec spec) {
    auto &all = m_plan->network.authorities;
    if (m_before && m_before->network.seed == m_s.seed)
      for (const auto &known : m_before->network.authorities)
        if (known->spec() == spec) return all.push_back(known);
    all.push_back(std::make_shared<const tls::Authority>(m_s.seed, std::move(spec)));
  }

  void script() {
    for (const ScriptEntry &entry : m_s.script) {
      world::ScriptEntry out{entry.at, {entry.action, {}, {}, entry.value}};
      if (targetsNode(entry.action))
        out.action.node = m_built.node(entry.target);
      else
        out.action.link = m_built.link(entry.target);
      m_built.script.push_back(out);
    }
    std::stable_sort(m_built.script.begin(), m_built.script.end(),
                     [](const auto &a, const auto &b) { return a.at < b.at; });
  }

  const Scenario &m_s;
  Topology m_all, m_up;
  ShortestPaths m_paths;
  std::vector<std::vector<net::Route>> m_chosen; ///< by node
  std::shared_ptr<world::Plan> m_plan;
  std::shared_ptr<const net::RouteTable> m_lastRouter;
  std::shared_ptr<const world::Plan> m_before; ///< of a document that was nearly the same
  std::shared_ptr<const world::Plan> m_like;   ///< the same, when it has the same routing tables
  BuiltScenario m_built;
  FaultList m_faults;
};

template <class Map> auto lookUp(const Map &map, std::string_view id) {
  const auto at = map.find(std::string(id));
  return at == map.end() ? typename Map::mapped_type{} : at->second;
}

} // namespace

NodeIndex BuiltScenario::node(std::string_view id) const { return lookUp(nodes, id); }
LinkIndex BuiltScenario::link(std::string_view id) const { return lookUp(links, id); }

Result<BuiltScenario> build(const Scenario &scenario, const BuiltScenario *like) {
  auto faults = validate(scenario, Accept::Conflicts);
  if (!faults.empty()) return faults;
  Scenario completed = scenario;
  complete(completed);
  return buildWhole(completed, like);
}

Result<BuiltScenario> buildWhole(const Scenario &completed, const BuiltScenario *like) {
  Builder builder(completed, like);
  if (builder.tooManyRoutes())
    return Fault{"nodes",
                 fmt::format("routers times subnets must not exceed {}: join some networks "
                             "by switches or make the topology smaller",
                             range::routesBuilt)};
  return builder.run();
}

} // namespace packetarium::scenario
