// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics_state.h"

#include <algorithm>

namespace packetarium::analysis {

using State = MetricsCollector::State;

/// The node; with the service behind it where the node is a member of a second one.
std::string State::lagEntity(const ReplicationLags::Lag &lag) {
  const std::string &first = lagServices.try_emplace(lag.node, lag.service).first->second;
  return first == lag.service ? nodeId(lag.node) : nodeId(lag.node) + "/" + lag.service;
}

void State::tellAge(const ReplicationLags::Lag &lag, SimTime at) {
  const Duration age = lag.entries > 0 ? at - lag.since : Duration{};
  const double ms = static_cast<double>(age.ns()) / 1e6;
  const std::string entity = lagEntity(lag);
  row(at, entity, "replication.lag_ms", ms, "ms");
  point(at, entity, "replication.lag_ms", ms);
}

void State::takeLags(const trace::Record &r, const trace::Chunk &chunk) {
  for (const ReplicationLags::Lag &lag : lags.take(r, chunk)) {
    replicates = true;
    lagMost = std::max(lagMost, lag.entries);
    const std::string entity = lagEntity(lag);
    const auto entries = static_cast<double>(lag.entries);
    row(r.at, entity, "replication.lag", entries, "entries");
    point(r.at, entity, "replication.lag", entries);
    tellAge(lag, r.at);
  }
}

/// Nothing need happen for a lag to grow in time. False when nobody is behind.
bool State::closeLags(SimTime end) {
  const auto behind = lags.behind();
  for (const ReplicationLags::Lag &lag : behind) tellAge(lag, end);
  return !behind.empty();
}

} // namespace packetarium::analysis
