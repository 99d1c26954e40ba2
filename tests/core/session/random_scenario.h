// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/scenario/build.h"
#include "core/scenario/scenario.h"

#include <string>
#include <utility>

namespace packetarium::session::testing {

/// Draws a small network with a mix of programs and faults; the same seed draws the same one.
class ScenarioDraw {
public:
  explicit ScenarioDraw(std::uint64_t seed) : m_random(seed, "scenario", "draw") {
    m_scenario.id = "random-" + std::to_string(seed);
    m_scenario.title = m_scenario.id;
    m_scenario.tab = "Test";
    m_scenario.summary = "Drawn at random";
    m_scenario.seed = seed;
    m_scenario.duration = Duration::seconds(8);
  }

  scenario::Scenario draw() {
    const int routers = 1 + below(3);
    for (int r = 0; r < routers; ++r) {
      addNode("r" + std::to_string(r), scenario::NodeKind::Router);
      if (r > 0) link("r" + std::to_string(r), "r" + std::to_string(below(r)));
    }
    const int hosts = 2 + below(4);
    for (int h = 0; h < hosts; ++h) {
      const std::string id = "h" + std::to_string(h);
      addNode(id, scenario::NodeKind::Host);
      link(id, "r" + std::to_string(below(routers)));
    }
    addPrograms(hosts);
    addFaults();
    scenario::complete(m_scenario);
    return m_scenario;
  }

private:
  int below(int bound) {
    return static_cast<int>(m_random.below(static_cast<std::uint64_t>(bound)));
  }

  void addNode(std::string id, scenario::NodeKind kind) {
    scenario::Node n;
    n.id = id;
    n.name = std::move(id);
    n.kind = kind;
    m_scenario.nodes.push_back(std::move(n));
  }

  std::string addInterface(const std::string &node, const std::string &address) {
    scenario::Node &n = *m_scenario.node(node);
    scenario::Interface i;
    i.id = "eth" + std::to_string(n.interfaces.size());
    i.address = wire::Ipv4Prefix::parse(address);
    n.interfaces.push_back(i);
    return i.id;
  }

  void link(const std::string &a, const std::string &b) {
    const std::string subnet = "10.0." + std::to_string(m_scenario.links.size()) + ".";
    scenario::Link l;
    l.id = "l" + std::to_string(m_scenario.links.size());
    l.from = {a, addInterface(a, subnet + "2/24")};
    l.to = {b, addInterface(b, subnet + "1/24")};
    l.rateBps = 1'000'000u << below(6);
    l.delay = Duration::us(100 + below(20'000));
    l.jitter = below(2) == 0 ? Duration{} : Duration::us(below(3000));
    l.loss = below(3) == 0 ? 0.02 * below(4) : 0;
    l.queuePackets = static_cast<std::uint32_t>(2 + below(60));
    if (m_scenario.node(a)->kind == scenario::NodeKind::Host)
      m_scenario.node(a)->gateway = wire::Ipv4Address::parse(subnet + "1");
    m_scenario.links.push_back(l);
  }

  std::string addressOf(int host) const {
    return m_scenario.node("h" + std::to_string(host))->interfaces[0].address->address.text();
  }

  void program(int host, std::string kind,
               std::map<std::string, programs::ParameterValue> parameters) {
    scenario::Program p;
    scenario::Node &n = *m_scenario.node("h" + std::to_string(host));
    p.id = kind + "-" + std::to_string(n.programs.size());
    p.kind = std::move(kind);
    p.parameters = std::move(parameters);
    n.programs.push_back(std::move(p));
  }

  void addPrograms(int hosts) {
    program(0, "http-server", {});
    program(0, "bulk-receiver", {});
    program(0, "udp-sink", {});
    program(0, "voice-receiver", {});
    for (int h = 1; h < hosts; ++h) {
      switch (below(5)) {
      case 0:
        program(h, "browser",
                {{"url", "http://" + addressOf(0) + "/index.html"},
                 {"interval_ns", std::int64_t{700'000'000}}});
        break;
      case 1:
        program(h, "bulk-sender", {{"peer", addressOf(0)}, {"bytes", std::int64_t{400'000}}});
        break;
      case 2:
        program(h, "udp-source", {{"peer", addressOf(0)}, {"arrivals", std::string("poisson")}});
        break;
      case 3: program(h, "ping", {{"peer", addressOf(0)}}); break;
      default: program(h, "voice-sender", {{"peer", addressOf(0)}}); break;
      }
    }
  }

  void addFaults() {
    using Kind = world::Action::Kind;
    const int faults = below(4);
    for (int f = 0; f < faults; ++f) {
      const auto from = SimTime::fromNs(static_cast<std::int64_t>(m_random.below(6'000'000'000)));
      const SimTime to = from + Duration::ms(10 + below(1500));
      const std::string node = m_scenario.nodes[m_random.below(m_scenario.nodes.size())].id;
      const std::string l = m_scenario.links[m_random.below(m_scenario.links.size())].id;
      switch (below(14)) {
      case 4: entry(from, Kind::SetDuplicate, l, 0.2), entry(to, Kind::SetDuplicate, l); break;
      case 5: entry(from, Kind::SetReorder, l, 0.2), entry(to, Kind::SetReorder, l); break;
      case 6: entry(from, Kind::SetCorrupt, l, 0.2), entry(to, Kind::SetCorrupt, l); break;
      case 7: entry(from, Kind::SetBlocked, l, 1 + below(2)), entry(to, Kind::SetBlocked, l); break;
      case 8:
        entry(from, Kind::SetFlap, l, 1e8 * (1 + below(4))), entry(to, Kind::SetFlap, l);
        break;
      case 9:
        entry(from, Kind::SetSlowness, node, 10), entry(to, Kind::SetSlowness, node, 1);
        break;
      case 10: entry(from, Kind::SetClockDrift, node, 5e4 - 1e4 * below(10)); break;
      case 11:
        entry(from, Kind::SetPartition, node, 1 + below(2)), entry(to, Kind::SetPartition, node);
        break;
      case 12: entry(from, Kind::RestartEmpty, node); break;
      case 13: entry(from, Kind::SetClockOffset, node, 1e6 * below(500)); break;
      case 0: entry(from, Kind::CutLink, l), entry(to, Kind::RestoreLink, l); break;
      case 1: entry(from, Kind::CrashNode, node), entry(to, Kind::RestartNode, node); break;
      case 2: entry(from, Kind::PauseNode, node), entry(to, Kind::ResumeNode, node); break;
      default: entry(from, Kind::SetLoss, l, 0.2), entry(to, Kind::SetLoss, l, 0); break;
      }
    }
  }

  void entry(SimTime at, world::Action::Kind action, const std::string &target, double value = 0) {
    scenario::ScriptEntry e;
    e.id = "s" + std::to_string(m_scenario.script.size());
    e.at = at;
    e.action = action;
    e.target = target;
    e.value = value;
    m_scenario.script.push_back(std::move(e));
  }

  RandomStream m_random;
  scenario::Scenario m_scenario;
};

} // namespace packetarium::session::testing
