// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace packetarium::programs::testing {
namespace {

using wire::Ipv4Address;
using wire::Ipv4Prefix;

std::uint32_t addNode(net::Blueprint &b, const std::string &id, net::NodeKind kind,
                      const std::vector<std::string> &addresses) {
  net::NodeSpec n;
  n.id = n.name = id;
  n.kind = kind;
  const auto index = static_cast<std::uint32_t>(b.nodes.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    net::InterfaceSpec spec;
    spec.name = fmt::format("eth{}", i);
    spec.mac = wire::MacAddress::fromBits(0x020000000000ULL + index * 16 + i);
    spec.address = Ipv4Prefix::parse(addresses[i]);
    n.interfaces.push_back(spec);
  }
  b.nodes.push_back(std::move(n));
  return index;
}

void join(net::Blueprint &b, std::uint32_t from, std::uint32_t fromInterface, std::uint32_t to,
          std::uint32_t toInterface) {
  net::LinkSpec l;
  l.id = fmt::format("l{}", b.links.size());
  l.ends = {{{NodeIndex{from}, fromInterface}, {NodeIndex{to}, toInterface}}};
  l.rateBps = 100'000'000;
  l.delay = Duration::ms(5);
  const LinkIndex index{static_cast<std::uint32_t>(b.links.size())};
  b.nodes[from].interfaces[fromInterface].link = index;
  b.nodes[to].interfaces[toInterface].link = index;
  b.nodes[to].interfaces[toInterface].end = 1;
  b.links.push_back(std::move(l));
}

void setRoutes(net::NodeSpec &n, std::optional<Ipv4Address> gateway) {
  std::vector<net::Route> routes;
  for (std::uint32_t i = 0; i < n.interfaces.size(); ++i) {
    const Ipv4Prefix own = *n.interfaces[i].address;
    routes.push_back({{own.network(), own.length}, {}, i});
  }
  if (gateway) routes.push_back({{{}, 0}, *gateway, 0});
  n.routes = std::make_shared<const net::RouteTable>(std::move(routes));
}

} // namespace

Lab::Lab(Shape shape, std::uint64_t seed) {
  net::Blueprint &b = m_plan->network;
  b.seed = seed;
  const bool routed = shape == Shape::Routed;
  const auto a = addNode(b, "a", net::NodeKind::Host, {"192.0.2.1/24"});
  const auto other =
      addNode(b, "b", net::NodeKind::Host, {routed ? "198.51.100.2/24" : "192.0.2.2/24"});
  if (routed) {
    const auto r = addNode(b, "r", net::NodeKind::Router, {"192.0.2.254/24", "198.51.100.254/24"});
    join(b, a, 0, r, 0);
    join(b, r, 1, other, 0);
    setRoutes(b.nodes[r], {});
  } else {
    join(b, a, 0, other, 0);
  }
  setRoutes(b.nodes[a], routed ? Ipv4Address::parse("192.0.2.254") : std::nullopt);
  setRoutes(b.nodes[other], routed ? Ipv4Address::parse("198.51.100.254") : std::nullopt);
  m_plan->programs.resize(b.nodes.size());
}

Lab::Lab(net::Blueprint network) {
  m_plan->network = std::move(network);
  m_plan->programs.resize(m_plan->network.nodes.size());
}

std::string Lab::addressOf(const std::string &node) const {
  for (const auto &n : m_plan->network.nodes)
    if (n.id == node) return n.interfaces[0].address->address.text();
  throw std::runtime_error("no such node");
}

Lab &Lab::run(const std::string &node, const std::string &kind,
              std::map<std::string, ParameterValue> given) {
  const ProgramType *type = findProgramType(kind);
  if (type == nullptr) throw std::runtime_error("no such kind: " + kind);
  auto values = complete(type->parameters, std::move(given), kind);
  if (!values) throw std::runtime_error(values.faults().front().text());
  for (std::size_t n = 0; n < m_plan->network.nodes.size(); ++n) {
    if (m_plan->network.nodes[n].id != node) continue;
    auto &list = m_plan->programs[n];
    const auto same =
        std::count_if(list.begin(), list.end(), [&kind](const auto &p) { return p.kind == kind; });
    list.push_back({same == 0 ? kind : fmt::format("{}-{}", kind, same + 1), kind, *values});
    return *this;
  }
  throw std::runtime_error("no such node: " + node);
}

Run::Run(const Lab &lab) : m_world(std::make_unique<world::World>(lab.plan(), &m_writer)) {}

void Run::collect() {
  const auto chunk = m_writer.seal();
  if (chunk != nullptr) {
    for (const trace::Record &r : chunk->records) {
      Line line{r, {}, {}, {}};
      const bool request =
          r.kind == trace::RecordKind::RequestStarted || r.kind == trace::RecordKind::RequestEnded;
      const bool words = request || r.kind == trace::RecordKind::Note ||
                         r.kind == trace::RecordKind::Phase || r.kind == trace::RecordKind::Sample;
      if (words) {
        line.first = chunk->text(r.args[request ? 1 : 0]);
        line.second = chunk->text(r.args[request ? 3 : 1]);
      }
      if (r.kind == trace::RecordKind::Fact) {
        line.first = chunk->text(r.args[1]);
        line.second = chunk->text(r.args[2]);
        line.third = chunk->text(r.args[3]);
      }
      m_lines.push_back(std::move(line));
    }
  }
  m_writer.open(m_world->nextSequence(), m_world->nextPacket(), m_world->keyframe());
}

void Run::until(Duration t) {
  const SimTime end = SimTime::zero() + t;
  // A world that was stopped (a promise of a service was broken) runs nothing more.
  while (m_world->nextAt() <= end &&
         m_world->runUntil(end, std::numeric_limits<std::uint64_t>::max()) > 0)
    collect();
  m_world->runUntil(end, std::numeric_limits<std::uint64_t>::max());
  collect();
}

void Run::apply(Duration t, world::Action action) {
  until(t - Duration::ns(1));
  m_world->apply(SimTime::zero() + t, action);
  collect();
}

std::vector<Line> Run::of(trace::RecordKind kind) const {
  std::vector<Line> found;
  std::copy_if(m_lines.begin(), m_lines.end(), std::back_inserter(found),
               [kind](const Line &l) { return l.record.kind == kind; });
  return found;
}

std::vector<std::string> Run::phases(std::optional<std::uint32_t> node) const {
  std::vector<std::string> names;
  for (const Line &l : of(trace::RecordKind::Phase))
    if (!node || l.record.node == *node) names.push_back(l.first);
  return names;
}

SimTime Run::firstPhase(std::string_view milestone) const {
  for (const Line &l : of(trace::RecordKind::Phase))
    if (l.first == milestone) return l.record.at;
  return SimTime::max();
}

std::vector<double> Run::samples(std::string_view metric) const {
  std::vector<double> values;
  for (const Line &l : of(trace::RecordKind::Sample))
    if (l.first == metric) values.push_back(trace::doubleOf(l.record.args[1]));
  return values;
}

std::vector<Line> Run::facts(std::uint32_t node, trace::FactTopic topic) const {
  std::vector<Line> found = of(trace::RecordKind::Fact);
  std::erase_if(found, [&](const Line &l) {
    return l.record.node != node || l.record.detail != static_cast<std::uint16_t>(topic);
  });
  return found;
}

std::map<trace::RequestOutcome, int> Run::outcomes() const {
  std::map<trace::RequestOutcome, int> counts;
  for (const Line &l : of(trace::RecordKind::RequestEnded))
    ++counts[static_cast<trace::RequestOutcome>(l.record.detail)];
  return counts;
}

std::vector<std::string> Run::tcpStates(std::uint32_t node, std::uint16_t port) const {
  std::vector<std::string> states;
  for (const Line &l : of(trace::RecordKind::TcpState))
    if (l.record.node == node && trace::tcpStateArgs(l.record).localPort == port)
      states.emplace_back(transport::name(static_cast<transport::TcpState>(l.record.detail)));
  return states;
}

bool Run::noted(std::string_view text) const {
  for (const Line &l : of(trace::RecordKind::Note))
    if (l.first.find(text) != std::string::npos) return true;
  return false;
}

std::string Run::described(std::uint32_t node, std::string_view name) const {
  std::vector<Described> todo = m_world->describe(NodeIndex{node}).tables;
  for (std::size_t i = 0; i < todo.size(); ++i) {
    if (todo[i].name == name) return todo[i].value;
    const auto children = todo[i].children;
    todo.insert(todo.end(), children.begin(), children.end());
  }
  return "none";
}

} // namespace packetarium::programs::testing
