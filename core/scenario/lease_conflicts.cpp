// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/lease_conflicts.h"

#include "core/programs/raft/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace packetarium::scenario {
namespace {

/// Parts per million, either way; nothing: no member here reads in leases.
std::optional<double> driftAllowedHere(const Node &node) {
  const programs::ProgramType *raft = programs::findProgramType("raft");
  std::optional<double> least;
  for (const Program &program : node.programs) {
    if (program.kind != "raft") continue;
    const auto values = programs::complete(raft->parameters, program.parameters, "");
    if (!values) continue;
    const programs::raft::Settings set(*values);
    if (set.rules.reads != programs::raft::Reads::Lease) continue;
    const double allowed =
        std::floor(1e6 * programs::raft::driftAllowed(set.rules.lease, set.rules.electionMin));
    least = std::min(allowed, least.value_or(allowed));
  }
  return least;
}

} // namespace

std::vector<Conflict> leaseConflicts(const Scenario &scenario) {
  std::vector<Conflict> out;
  for (std::size_t n = 0; n < scenario.nodes.size(); ++n) {
    const Node &node = scenario.nodes[n];
    if (node.clockDriftPpm == 0) continue;
    const auto allowed = driftAllowedHere(node);
    if (!allowed || std::abs(node.clockDriftPpm) <= *allowed) continue;
    Conflict c;
    c.kind = Conflict::Kind::LeaseDrift;
    c.path = fmt::format("nodes[{}].clock_drift_ppm", n);
    c.node = node.id;
    c.message =
        fmt::format("drifts further than the leases of its Raft member allow ({} ppm)", *allowed);
    c.sentence =
        fmt::format("The clock of {} runs wrong by {} ppm. Reads in a lease stay "
                    "linearizable only while all clocks keep to {} ppm: they may be stale.",
                    node.name, std::abs(node.clockDriftPpm), *allowed);
    c.cure = fmt::format("Let its clock drift by {} ppm", *allowed);
    out.push_back(std::move(c));
  }
  return out;
}

void cureLease(Node &node) {
  if (const auto allowed = driftAllowedHere(node))
    node.clockDriftPpm =
        std::copysign(std::min(*allowed, std::abs(node.clockDriftPpm)), node.clockDriftPpm);
}

} // namespace packetarium::scenario
