// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/templates.h"

#include "core/base/random.h"
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/scenario/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::scenario {
namespace {

constexpr std::array<std::string_view, 4> shapeNames = {"star", "ring", "grid", "dumbbell"};
constexpr std::array<std::string_view, 5> workloadNames = {"none", "ping", "udp", "tcp", "http"};
constexpr std::int32_t spacing = 120; ///< pixels between neighbours, so that labels stay apart

template <class E, std::size_t n>
std::optional<E> byName(const std::array<std::string_view, n> &names, std::string_view text) {
  const auto at = std::find(names.begin(), names.end(), text);
  if (at == names.end()) return {};
  return static_cast<E>(at - names.begin());
}

std::string numbered(std::string_view stem, std::uint32_t i) {
  return fmt::format("{}-{}", stem, i);
}

Position onCircle(std::uint32_t i, std::uint32_t count, std::int32_t radius, Position centre) {
  // Positions feed no simulation, so the C library's sine will do.
  const double angle = 2 * 3.14159265358979323846 * i / count - 1.5707963267948966;
  return {centre.x + static_cast<std::int32_t>(std::lround(radius * std::cos(angle))),
          centre.y + static_cast<std::int32_t>(std::lround(radius * std::sin(angle)))};
}

std::int32_t radiusFor(std::uint32_t count) {
  const auto needed = static_cast<std::int32_t>(count) * spacing * 10 / 62;
  return std::max(180, needed);
}

using ParameterMap = std::map<std::string, programs::ParameterValue>;

class Generator {
public:
  explicit Generator(const TemplateOptions &o) : m_o(o) {}

  Scenario run() {
    m_s.id = std::string(name(m_o.shape));
    m_s.title = title();
    m_s.tab = "Templates";
    m_s.summary = fmt::format("Made from the template {}.", name(m_o.shape));
    m_s.seed = m_o.seed;
    m_s.duration = m_o.duration;
    switch (m_o.shape) {
    case Shape::Star: star(); break;
    case Shape::Ring: ring(); break;
    case Shape::Grid: grid(); break;
    case Shape::Dumbbell: dumbbell(); break;
    }
    complete(m_s); // addresses first, for the workload names them
    load();
    return std::move(m_s);
  }

private:
  std::string title() const {
    switch (m_o.shape) {
    case Shape::Star: return fmt::format("Star of {} hosts", m_o.hosts);
    case Shape::Ring: return fmt::format("Ring of {} routers", m_o.hosts);
    case Shape::Grid: return fmt::format("Grid of {} x {} routers", m_o.rows, m_o.columns);
    default: return fmt::format("Dumbbell with {} on each side", m_o.hosts);
    }
  }

  Node &add(std::string id, NodeKind kind, Position position) {
    Node node;
    node.id = std::move(id);
    node.name = node.id;
    node.kind = kind;
    node.position = position;
    m_s.nodes.push_back(std::move(node));
    return m_s.nodes.back();
  }

  /// Joins two nodes (by their places) with a fresh interface at each.
  void join(std::size_t a, std::size_t b, bool shared) {
    Link link;
    link.id = fmt::format("l{}", m_s.links.size() + 1);
    link.from = plug(m_s.nodes[a]);
    link.to = plug(m_s.nodes[b]);
    link.rateBps = shared ? m_o.rateBps : m_o.edgeRateBps;
    link.delay = shared ? m_o.delay : m_o.edgeDelay;
    link.loss = shared ? m_o.loss : 0;
    // A sender's own card never drops: only the shared part of the network is short of room.
    link.queuePackets = shared ? m_o.queuePackets : std::max(1000u, m_o.queuePackets);
    m_s.links.push_back(std::move(link));
  }

  static LinkEnd plug(Node &node) {
    Interface interface;
    interface.id = fmt::format("eth{}", node.interfaces.size());
    node.interfaces.push_back(interface);
    return {node.id, interface.id};
  }

  void star() {
    const std::int32_t r = radiusFor(m_o.hosts);
    const Position centre{r + 80, r + 80};
    add("switch", NodeKind::Switch, centre);
    for (std::uint32_t i = 0; i < m_o.hosts; ++i) {
      add(numbered("host", i + 1), NodeKind::Host, onCircle(i, m_o.hosts, r, centre));
      join(i + 1, 0, true);
      m_clients.push_back(i + 1);
    }
    m_servers = m_clients;
  }

  void ring() {
    const std::uint32_t n = m_o.hosts;
    const std::int32_t r = radiusFor(n);
    const Position centre{r + spacing + 80, r + spacing + 80};
    for (std::uint32_t i = 0; i < n; ++i)
      add(numbered("router", i + 1), NodeKind::Router, onCircle(i, n, r, centre));
    for (std::uint32_t i = 0; i < n; ++i)
      add(numbered("host", i + 1), NodeKind::Host, onCircle(i, n, r + spacing, centre));
    for (std::uint32_t i = 0; i + 1 < n; ++i) join(i, i + 1, true);
    if (n > 2) join(n - 1, 0, true);
    for (std::uint32_t i = 0; i < n; ++i) {
      join(n + i, i, false);
      m_clients.push_back(n + i);
    }
    m_servers = m_clients;
  }

  void grid() {
    for (std::uint32_t row = 0; row < m_o.rows; ++row)
      for (std::uint32_t column = 0; column < m_o.columns; ++column)
        add(fmt::format("r{}-{}", row + 1, column + 1), NodeKind::Router,
            {static_cast<std::int32_t>(column) * spacing + 80,
             static_cast<std::int32_t>(row) * spacing + 80});
    for (std::size_t i = 0; i < m_s.nodes.size(); ++i) {
      if (i % m_o.columns + 1 < m_o.columns) join(i, i + 1, true);
      if (i + m_o.columns < m_s.nodes.size()) join(i, i + m_o.columns, true);
      m_clients.push_back(i);
    }
    m_servers = m_clients;
  }

  void dumbbell() {
    const auto n = m_o.hosts;
    const auto y = [](std::uint32_t i) { return static_cast<std::int32_t>(i) * spacing + 80; };
    const std::int32_t middle = (y(0) + y(n - 1)) / 2;
    add("left", NodeKind::Router, {320, middle});
    add("right", NodeKind::Router, {680, middle});
    join(0, 1, true);
    for (std::uint32_t i = 0; i < n; ++i) {
      m_clients.push_back(m_s.nodes.size());
      add(numbered("sender", i + 1), NodeKind::Host, {80, y(i)});
      join(m_clients.back(), 0, false);
      m_servers.push_back(m_s.nodes.size());
      add(numbered("receiver", i + 1), NodeKind::Host, {920, y(i)});
      join(m_servers.back(), 1, false);
    }
  }

  // Workload

  std::string addressOf(std::size_t node) const {
    for (const Interface &i : m_s.nodes[node].interfaces)
      if (i.address) return i.address->address.text();
    return "";
  }

  /// Which server a client talks to. A grid takes pairs at random, the others a fixed partner.
  std::pair<std::size_t, std::size_t> pair(std::uint32_t flow, RandomStream &random) const {
    const std::size_t n = m_clients.size();
    if (m_o.shape == Shape::Dumbbell) return {m_clients[flow % n], m_servers[flow % n]};
    if (m_o.shape != Shape::Grid) return {m_clients[flow % n], m_servers[(flow + n / 2) % n]};
    const auto from = random.below(n);
    const auto to = random.below(n - 1);
    return {m_clients[from], m_servers[to < from ? to : to + 1]};
  }

  void load() {
    if (m_o.workload == Workload::None) return;
    RandomStream random(m_o.seed, "template", "pairs");
    const auto flows = m_o.flows == 0 ? static_cast<std::uint32_t>(m_clients.size()) : m_o.flows;
    for (std::uint32_t i = 0; i < flows; ++i) {
      const auto [client, server] = pair(i, random);
      if (client != server) flow(i + 1, client, server);
    }
  }

  void flow(std::uint32_t number, std::size_t client, std::size_t server) {
    const std::string id = numbered("flow", number);
    const std::string peer = addressOf(server);
    auto &programs = m_s.nodes[client].programs;
    switch (m_o.workload) {
    case Workload::Ping: programs.push_back({id, "ping", {{"peer", peer}}}); break;
    case Workload::Udp:
      listener(server, "sink", "udp-sink", {{"sample_interval_ns", sampling()}});
      programs.push_back({id,
                          "udp-source",
                          {{"peer", peer},
                           {"rate_pps", m_o.packetsPerSecond},
                           {"bytes", std::int64_t{m_o.bytes}},
                           {"start_spread_ns", spread()}}});
      break;
    case Workload::Tcp:
      listener(server, "receiver", "bulk-receiver", {});
      programs.push_back({id, "bulk-sender", {{"peer", peer}, {"start_ns", startOf(number)}}});
      break;
    default:
      listener(server, "http", "http-server", {{"pages", page()}});
      programs.push_back(
          {id,
           "browser",
           {{"url", "http://" + peer + "/index.html"}, {"start_ns", startOf(number)}}});
    }
  }

  void listener(std::size_t node, const char *id, const char *kind, ParameterMap parameters) {
    auto &programs = m_s.nodes[node].programs;
    const auto there = [id](const Program &p) { return p.id == id; };
    if (std::none_of(programs.begin(), programs.end(), there))
      programs.insert(programs.begin(), Program{id, kind, std::move(parameters)});
  }

  std::vector<programs::ParameterRow> page() const {
    return {{{{"path", std::string("/index.html")}, {"bytes", std::int64_t{m_o.bytes}}}}};
  }
  /// Flows begin 10 ms apart, so that they do not move in step.
  static std::int64_t startOf(std::uint32_t number) {
    return std::int64_t{number - 1} * 10'000'000;
  }
  std::int64_t spread() const {
    return static_cast<std::int64_t>(1e9 / std::max(m_o.packetsPerSecond, 1.0));
  }
  static std::int64_t sampling() { return 1'000'000'000; }

  const TemplateOptions &m_o;
  Scenario m_s;
  std::vector<std::size_t> m_clients, m_servers;
};

void checkOption(std::vector<Fault> &faults, const char *option, double value, double minimum,
                 double maximum) {
  if (!(value >= minimum && value <= maximum))
    faults.push_back(
        {option, fmt::format("must be {:.15g} to {:.15g}, got {:.15g}", minimum, maximum, value)});
}

} // namespace

std::string_view name(Shape s) { return shapeNames[static_cast<std::size_t>(s)]; }
std::optional<Shape> shape(std::string_view text) { return byName<Shape>(shapeNames, text); }
std::string_view name(Workload w) { return workloadNames[static_cast<std::size_t>(w)]; }
std::optional<Workload> workload(std::string_view text) {
  return byName<Workload>(workloadNames, text);
}

Result<Scenario> generate(const TemplateOptions &o) {
  std::vector<Fault> faults;
  const bool grid = o.shape == Shape::Grid;
  if (grid) {
    checkOption(faults, "--rows", o.rows, 1, 100);
    checkOption(faults, "--columns", o.columns, 1, 100);
    checkOption(faults, "--rows", double{1.0} * o.rows * o.columns, 2, 2000);
  } else {
    checkOption(faults, "--hosts", o.hosts, o.shape == Shape::Dumbbell ? 1 : 2, 1000);
  }
  checkOption(faults, "--rate", static_cast<double>(o.rateBps), 1, double(range::rateBps));
  checkOption(faults, "--edge-rate", static_cast<double>(o.edgeRateBps), 1, double(range::rateBps));
  checkOption(faults, "--delay", static_cast<double>(o.delay.ns()), 0, double(range::linkNs));
  checkOption(faults, "--edge-delay", static_cast<double>(o.edgeDelay.ns()), 0,
              double(range::linkNs));
  checkOption(faults, "--queue", o.queuePackets, 0, double(range::queuePackets));
  checkOption(faults, "--loss", o.loss, 0, 1);
  checkOption(faults, "--flows", o.flows, 0, 10'000);
  if (!faults.empty()) return faults;
  Scenario scenario = Generator(o).run();
  // What else can be out of range (packets per second, bytes) the programs' declarations tell.
  faults = validate(scenario);
  if (!faults.empty()) return faults;
  return scenario;
}

TemplateOptions gridBenchmark() {
  TemplateOptions o;
  o.shape = Shape::Grid;
  o.rows = 25;
  o.columns = 40;
  o.rateBps = 1'000'000'000;
  o.delay = Duration::ms(1);
  o.workload = Workload::Udp;
  o.flows = 200;
  o.packetsPerSecond = 100;
  o.bytes = 512;
  o.duration = Duration::seconds(10);
  return o;
}

TemplateOptions dumbbellBenchmark() {
  TemplateOptions o;
  o.shape = Shape::Dumbbell;
  o.hosts = 1;
  o.rateBps = 10'000'000;
  o.delay = Duration::ms(20);
  o.edgeDelay = Duration::ns(0);
  o.queuePackets = 100;
  o.workload = Workload::Tcp;
  o.duration = Duration::seconds(60);
  return o;
}

} // namespace packetarium::scenario
