// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/quorum_delays.h"

#include "core/cluster/pbs.h"

#include <algorithm>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr std::uint32_t trials = 100'000;
constexpr int curvePoints = 160;

// One way from a node to all others by the least delay, without and with all jitter; ns.
struct Reach {
  std::vector<std::int64_t> delay, jitter;
};

Reach reachFrom(const net::Blueprint &network, std::uint32_t from) {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  Reach reach{std::vector<std::int64_t>(network.nodes.size(), far),
              std::vector<std::int64_t>(network.nodes.size(), 0)};
  reach.delay[from] = 0;
  std::vector<bool> done(network.nodes.size(), false);
  for (;;) {
    std::size_t next = network.nodes.size();
    for (std::size_t i = 0; i < done.size(); ++i)
      if (!done[i] && reach.delay[i] != far &&
          (next == network.nodes.size() || reach.delay[i] < reach.delay[next]))
        next = i;
    if (next == network.nodes.size()) return reach;
    done[next] = true;
    // Hosts do not forward.
    if (next != from && network.nodes[next].kind == net::NodeKind::Host) continue;
    for (const net::InterfaceSpec &port : network.nodes[next].interfaces) {
      if (!port.link.valid()) continue;
      const net::LinkSpec &link = network.links[port.link.value];
      const std::uint32_t to = link.ends[port.end == 0 ? 1 : 0].node.value;
      const std::int64_t delay = reach.delay[next] + link.delay.ns();
      if (delay >= reach.delay[to]) continue;
      reach.delay[to] = delay;
      reach.jitter[to] = reach.jitter[next] + link.jitter.ns();
    }
  }
}

cluster::Delay constant(double ms) { return {{{1, cluster::DelayPart::Shape::Constant, ms, 0}}}; }

} // namespace

std::optional<QuorumDelays> quorumDelaysOf(const world::Plan &plan, const std::string &service) {
  QuorumDelays out;
  std::vector<std::uint32_t> members;
  for (std::size_t node = 0; node < plan.programs.size(); ++node)
    for (const world::ProgramSpec &program : plan.programs[node]) {
      if (program.kind != "quorum-store" || program.values.text("service") != service) continue;
      members.push_back(static_cast<std::uint32_t>(node));
      out.n = static_cast<int>(program.values.integer("n"));
      out.r = static_cast<int>(program.values.integer("r"));
      out.w = static_cast<int>(program.values.integer("w"));
      out.diskMs = plan.network.nodes[node].diskSync.toMs();
    }
  if (members.size() < 2) return std::nullopt;
  out.n = std::min(out.n, static_cast<int>(members.size()));
  out.r = std::min(out.r, out.n);
  out.w = std::min(out.w, out.n);
  for (const std::uint32_t from : members) {
    const Reach reach = reachFrom(plan.network, from);
    for (const std::uint32_t to : members) {
      if (to == from) continue;
      if (reach.delay[to] == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
      const double ms = static_cast<double>(reach.delay[to]) * 1e-6;
      out.pairsMs.emplace_back(ms, ms + static_cast<double>(reach.jitter[to]) * 1e-6);
    }
  }
  return out;
}

std::vector<QPointF> predictedFreshness(const QuorumDelays &quorum, double untilMs) {
  cluster::PbsModel model;
  model.write = constant(quorum.diskMs);
  model.acknowledge = model.read = model.respond = constant(0);
  for (const auto &[least, most] : quorum.pairsMs)
    model.remote.parts.push_back(
        {1.0 / static_cast<double>(quorum.pairsMs.size()),
         most > least ? cluster::DelayPart::Shape::Uniform : cluster::DelayPart::Shape::Constant,
         least, most});
  const auto prediction = cluster::predictPbs(model, {quorum.n, quorum.r, quorum.w}, trials);
  std::vector<QPointF> out;
  for (const cluster::PbsPoint &p : cluster::pbsCurve(prediction, untilMs, curvePoints))
    out.emplace_back(p.tMs, p.fresh);
  return out;
}

} // namespace packetarium::ui
