// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/scenario/random_scenario.h"

#include "core/base/random.h"
#include "core/programs/program.h"
#include "core/scenario/build.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::scenario::test {
namespace {

using programs::Parameter;
using programs::ParameterType;
using programs::ParameterValue;
using ParameterMap = std::map<std::string, ParameterValue>;

class Maker {
public:
  explicit Maker(std::uint64_t number) : m_random(number, "test", "scenario") {}

  Scenario run() {
    m_s.id = "s-" + std::to_string(below(1000));
    m_s.title = text();
    m_s.tab = text();
    m_s.summary = text();
    m_s.seed = m_random.next();
    m_s.duration = Duration::ns(1 + static_cast<std::int64_t>(below(1'000'000'000'000'000'000)));
    nodes();
    links();
    if (chance()) complete(m_s);
    programs();
    script();
    rest();
    return std::move(m_s);
  }

private:
  std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }
  bool chance() { return below(2) == 0; }
  std::string text() {
    static constexpr std::array<const char *, 12> pieces = {"a",
                                                            "Z",
                                                            " ",
                                                            "\"",
                                                            "\\",
                                                            "\n",
                                                            "\t",
                                                            "/",
                                                            "\xc3\xa9",
                                                            "\xe2\x82\xac",
                                                            "\xf0\x9f\x90\xa7",
                                                            "{[:,]}"};
    std::string out;
    for (std::uint64_t n = below(8); n > 0; --n) out += pieces[below(pieces.size())];
    return out;
  }
  Position position() {
    return {static_cast<std::int32_t>(below(4000)) - 2000,
            static_cast<std::int32_t>(below(4000)) - 2000};
  }

  void nodes() {
    for (std::uint64_t i = 0, count = below(8); i < count; ++i) {
      Node node;
      node.id = "n" + std::to_string(i * 7 + below(7));
      node.name = text();
      node.kind = static_cast<NodeKind>(below(6));
      node.position = position();
      for (std::uint64_t k = 0, n = below(5); k < n; ++k) {
        Interface interface;
        interface.id = "eth" + std::to_string(k);
        if (chance()) interface.mac = wire::MacAddress::fromBits(0x020000000000 + i * 16 + k);
        node.interfaces.push_back(interface);
      }
      if (isRouter(node.kind) && !node.interfaces.empty() && chance())
        node.natOutside = node.interfaces[0].id;
      if (chance()) node.nameServers.push_back(wire::Ipv4Address::of(9, 9, 9, 9));
      if (chance()) node.arpTimeout = Duration::ms(1 + static_cast<std::int64_t>(below(100'000)));
      if (chance()) node.macTimeout = Duration::ms(1 + static_cast<std::int64_t>(below(100'000)));
      if (node.kind != NodeKind::Switch && !node.interfaces.empty() && chance())
        node.routes.push_back({{wire::Ipv4Address::of(172, 16, 0, 0), 12},
                               wire::Ipv4Address::of(0, 0, 0, 0),
                               node.interfaces[0].id});
      if (chance()) node.slowness = 1 + 100 * m_random.uniform01();
      if (chance())
        node.clockOffset = Duration::ns(static_cast<std::int64_t>(below(2'000'000)) - 1'000'000);
      if (chance()) node.clockDriftPpm = 2000 * m_random.uniform01() - 1000;
      if (chance()) node.diskSync = Duration::ns(static_cast<std::int64_t>(below(1'000'000)));
      m_s.nodes.push_back(std::move(node));
    }
  }

  void links() {
    std::vector<LinkEnd> free;
    for (const Node &node : m_s.nodes)
      for (const Interface &i : node.interfaces) free.push_back({node.id, i.id});
    for (std::size_t i = 0; i + 1 < free.size(); i += 2) {
      if (free[i].node == free[i + 1].node) continue;
      Link link;
      link.id = "l" + std::to_string(i);
      link.from = free[i];
      link.to = free[i + 1];
      link.rateBps = 1 + below(1'000'000'000'000);
      link.delay = Duration::ns(static_cast<std::int64_t>(below(3'600'000'000'000)));
      link.jitter = Duration::ns(static_cast<std::int64_t>(below(1000)));
      link.loss = chance() ? 0 : m_random.uniform01();
      link.queuePackets = static_cast<std::uint32_t>(below(1'000'001));
      link.cost = static_cast<std::uint32_t>(1 + below(1'000'000));
      link.up = chance();
      if (chance()) {
        link.duplicate = m_random.uniform01();
        link.reorder = m_random.uniform01();
        link.corrupt = m_random.uniform01();
        link.blocked = static_cast<std::uint32_t>(below(3));
        link.flap = Duration::ns(static_cast<std::int64_t>(below(3'600'000'000'000)));
      }
      m_s.links.push_back(link);
    }
  }

  ParameterValue value(const Parameter &p) {
    const bool bounded = p.minimum != p.maximum;
    switch (p.type) {
    case ParameterType::Integer:
    case ParameterType::Duration:
      return chance() ? p.byDefault
                      : ParameterValue(static_cast<std::int64_t>(
                            bounded ? (chance() ? p.minimum : p.maximum) : 5));
    case ParameterType::Real:
      return bounded ? p.minimum + m_random.uniform01() * (p.maximum - p.minimum)
                     : m_random.uniform01();
    case ParameterType::Boolean: return chance();
    case ParameterType::Choice: return p.choices[below(p.choices.size())];
    default: return p.byDefault;
    }
  }

  void programs() {
    const auto &types = programs::programTypes();
    for (Node &node : m_s.nodes) {
      if (node.kind == NodeKind::Switch) continue;
      for (std::uint64_t i = 0, n = below(3); i < n; ++i) {
        const auto &type = types[below(types.size())];
        ParameterMap values;
        for (const Parameter &p : type.parameters)
          if (p.required || below(4) == 0) values[p.key] = p.required ? given(p) : value(p);
        // Declarations may rule out combinations; what they refuse is left at its defaults.
        if (!programs::complete(type.parameters, values, "").ok()) continue;
        node.programs.push_back({"p" + std::to_string(i), std::string(type.kind), values});
      }
    }
  }

  /// Something valid for a parameter that has no default.
  static ParameterValue given(const Parameter &p) {
    if (p.type == ParameterType::Records) {
      programs::ParameterRow row;
      for (const Parameter &column : p.columns)
        if (column.required) row.values[column.key] = given(column);
      return std::vector<programs::ParameterRow>{row};
    }
    if (p.type == ParameterType::Address || p.key == "value" || p.key == "address")
      return std::string("192.0.2.1");
    if (p.key == "url") return std::string("http://www.example.com/index.html");
    if (p.key == "path") return std::string("/index.html");
    return std::string("www.example.com");
  }

  void script() {
    if (m_s.links.empty()) return;
    for (std::uint64_t i = 0, n = below(6); i < n; ++i) {
      ScriptEntry entry;
      entry.id = "e" + std::to_string(i);
      entry.at = SimTime::fromNs(static_cast<std::int64_t>(below(1'000'000'000)));
      entry.action = static_cast<ScriptEntry::Kind>(below(world::actionKinds));
      entry.target = targetsNode(entry.action) ? m_s.nodes[0].id : m_s.links[0].id;
      const ValueRange range = valueRange(entry.action);
      if (!valueKey(entry.action).empty()) {
        entry.value = range.minimum + m_random.uniform01() * (range.maximum - range.minimum);
        if (range.whole) entry.value = std::floor(entry.value);
      }
      m_s.script.push_back(entry);
    }
  }

  void rest() {
    for (std::uint64_t i = 0, n = below(3); i < n; ++i)
      m_s.notes.push_back({"n" + std::to_string(i), text(), position()});
    for (std::uint64_t i = 0, n = below(3); i < n; ++i) m_s.card.watch.push_back(text());
    for (std::uint64_t i = 0, n = below(3); i < n; ++i) m_s.card.tryOut.push_back(text());
    for (std::uint64_t i = 0, n = below(3); i < n; ++i) m_s.card.notice.push_back(text());
    if (!m_s.links.empty() && chance()) m_s.card.hint = {text(), "", m_s.links[0].id};
    for (std::uint64_t i = 0, n = below(3); i < n; ++i)
      m_s.bookmarks.push_back(
          {"b" + std::to_string(i), SimTime::fromNs(static_cast<std::int64_t>(i)), text(), text()});
    for (std::uint64_t i = 0, n = below(3); i < n && !m_s.nodes.empty(); ++i)
      m_s.phases.push_back({"dns.answered", m_s.nodes[0].id, static_cast<std::uint32_t>(below(4)),
                            static_cast<std::uint32_t>(below(12)), text(), text(), text()});
  }

  RandomStream m_random;
  Scenario m_s;
};

} // namespace

Scenario randomScenario(std::uint64_t number) { return Maker(number).run(); }

Scenario smallScenario() {
  const auto interface = [](const char *id, const char *address) {
    return Interface{id, {}, wire::Ipv4Prefix::parse(address)};
  };
  Scenario s;
  s.id = "small";
  Node a, r, b;
  a.id = "a";
  a.interfaces = {interface("eth0", "10.0.1.10/24")};
  a.gateway = wire::Ipv4Address::of(10, 0, 1, 1);
  a.programs = {{"ping", "ping", {{"peer", std::string("10.0.2.10")}}}};
  r.id = "r";
  r.kind = NodeKind::Router;
  r.interfaces = {interface("left", "10.0.1.1/24"), interface("right", "10.0.2.1/24")};
  b.id = "b";
  b.interfaces = {interface("eth0", "10.0.2.10/24")};
  b.gateway = wire::Ipv4Address::of(10, 0, 2, 1);
  s.nodes = {a, r, b};
  Link l1, l2;
  l1.id = "l1";
  l1.from = {"a", "eth0"};
  l1.to = {"r", "left"};
  l2.id = "l2";
  l2.from = {"r", "right"};
  l2.to = {"b", "eth0"};
  s.links = {l1, l2};
  return s;
}

} // namespace packetarium::scenario::test
