// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/quorum_delays.h"

#include "core/cluster/pbs.h"

#include <algorithm>
#include <limits>
#include <set>

namespace packetarium::ui {
namespace {

constexpr std::uint32_t trials = 100'000;
constexpr int curvePoints = 160;

constexpr std::size_t partsMax = 64; // of one way

// The links on the way of least delay from a node to each other one; none where there is no way.
std::vector<std::vector<std::uint32_t>> waysFrom(const net::Blueprint &network,
                                                 std::uint32_t from) {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  const std::size_t count = network.nodes.size();
  std::vector<std::int64_t> delay(count, far);
  std::vector<std::vector<std::uint32_t>> ways(count);
  std::vector<bool> done(count, false);
  delay[from] = 0;
  for (;;) {
    std::size_t next = count;
    for (std::size_t i = 0; i < count; ++i)
      if (!done[i] && delay[i] != far && (next == count || delay[i] < delay[next])) next = i;
    if (next == count) return ways;
    done[next] = true;
    // Hosts do not forward.
    if (next != from && network.nodes[next].kind == net::NodeKind::Host) continue;
    for (const net::InterfaceSpec &port : network.nodes[next].interfaces) {
      if (!port.link.valid()) continue;
      const net::LinkSpec &link = network.links[port.link.value];
      const std::uint32_t to = link.ends[port.end == 0 ? 1 : 0].node.value;
      if (delay[next] + link.delay.ns() >= delay[to]) continue;
      delay[to] = delay[next] + link.delay.ns();
      ways[to] = ways[next];
      ways[to].push_back(port.link.value);
    }
  }
}

// What a frame takes on these links: jitter adds up to so much, one that goes astray takes half of
// the link's delay longer.
std::vector<QuorumDelays::Way> delaysOf(const net::Blueprint &network,
                                        const std::vector<std::uint32_t> &links) {
  std::vector<QuorumDelays::Way> out{{}};
  for (const std::uint32_t index : links) {
    const net::LinkSpec &link = network.links[index];
    for (QuorumDelays::Way &way : out) {
      way.leastMs += link.delay.toMs();
      way.mostMs += link.delay.toMs() + link.jitter.toMs();
    }
    if (link.reorder <= 0 || out.size() >= partsMax) continue;
    std::vector<QuorumDelays::Way> astray = out;
    for (QuorumDelays::Way &way : out) way.share *= 1 - link.reorder;
    for (QuorumDelays::Way &way : astray) {
      way.share *= link.reorder;
      way.leastMs += link.delay.toMs() / 2;
      way.mostMs += link.delay.toMs() / 2;
    }
    out.insert(out.end(), astray.begin(), astray.end());
  }
  return out;
}

// Which member the clients of the store turn to: the same for all, or -1.
struct Sites {
  std::set<int> writers, readers;
  static int only(const std::set<int> &sites) { return sites.size() == 1 ? *sites.begin() : -1; }
};

Sites sitesOf(const world::Plan &plan, const std::vector<std::uint32_t> &members) {
  Sites out;
  const auto memberAt = [&](const std::string &address) {
    for (std::size_t i = 0; i < members.size(); ++i)
      for (const net::InterfaceSpec &port : plan.network.nodes[members[i]].interfaces)
        if (port.address && port.address->address.text() == address) return static_cast<int>(i);
    return -1;
  };
  for (const auto &programs : plan.programs)
    for (const world::ProgramSpec &program : programs) {
      if (program.kind != "kv-client") continue;
      const auto &servers = program.values.rows("servers");
      if (servers.empty()) continue;
      const auto address = servers.front().values.find("address");
      if (address == servers.front().values.end()) continue;
      const int site = memberAt(std::get<std::string>(address->second));
      if (site < 0) continue; // of another store
      const double reads = program.values.real("read_share");
      if (reads < 1) out.writers.insert(site);
      if (reads > 0) out.readers.insert(program.values.text("read_from") == "any" ? -1 : site);
    }
  return out;
}

cluster::Delay constant(double ms) { return {{{1, cluster::DelayPart::Shape::Constant, ms, 0}}}; }

} // namespace

std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan, const std::string &service) {
  QuorumDelays out;
  std::vector<std::uint32_t> members;
  for (std::size_t node = 0; node < plan.programs.size(); ++node)
    for (const world::ProgramSpec &program : plan.programs[node]) {
      if (program.kind != "quorum-store") continue;
      const std::string &name = program.values.text("service");
      if ((name.empty() ? "store" : name) != service) continue;
      members.push_back(static_cast<std::uint32_t>(node));
      out.n = static_cast<int>(program.values.integer("n"));
      out.r = static_cast<int>(program.values.integer("r"));
      out.w = static_cast<int>(program.values.integer("w"));
      out.diskMs =
          program.values.boolean("sync_disk") ? plan.network.nodes[node].diskSync.toMs() : 0;
    }
  if (members.size() < 2) return std::nullopt;
  out.n = std::min(out.n, static_cast<int>(members.size()));
  out.r = std::min(out.r, out.n);
  out.w = std::min(out.w, out.n);
  const Sites sites = sitesOf(plan, members);
  if (out.n == static_cast<int>(members.size())) {
    out.writerSite = Sites::only(sites.writers);
    out.readerSite = Sites::only(sites.readers);
  }
  double pairs = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const int site = static_cast<int>(i);
    const bool known = out.writerSite >= 0 && out.readerSite >= 0;
    if (known && site != out.writerSite && site != out.readerSite) continue;
    const auto ways = waysFrom(plan.network, members[i]);
    for (const std::uint32_t to : members) {
      if (to == members[i]) continue;
      if (ways[to].empty()) return std::nullopt;
      const auto parts = delaysOf(plan.network, ways[to]);
      out.ways.insert(out.ways.end(), parts.begin(), parts.end());
      ++pairs;
    }
  }
  for (QuorumDelays::Way &way : out.ways) way.share /= pairs;
  return out;
}

std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs) {
  cluster::PbsModel model;
  model.write = model.read = model.respond = constant(0);
  model.acknowledge = constant(quorum.diskMs);
  for (const QuorumDelays::Way &way : quorum.ways)
    model.remote.parts.push_back({way.share,
                                  way.mostMs > way.leastMs ? cluster::DelayPart::Shape::Uniform
                                                           : cluster::DelayPart::Shape::Constant,
                                  way.leastMs, way.mostMs});
  model.writerSite = quorum.writerSite;
  model.readerSite = quorum.readerSite;
  const auto prediction = cluster::predictPbs(model, {quorum.n, quorum.r, quorum.w}, trials);
  std::vector<QPointF> out;
  for (const cluster::PbsPoint &p : cluster::pbsCurve(prediction, untilMs, curvePoints))
    out.emplace_back(p.tMs, p.fresh);
  return out;
}

} // namespace packetarium::ui
