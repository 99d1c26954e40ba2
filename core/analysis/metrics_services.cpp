// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics_state.h"

namespace packetarium::analysis {

using State = MetricsCollector::State;

void State::startRequest(const trace::Record &r, const trace::Chunk &chunk) {
  ++requests;
  const std::string_view service = chunk.text(r.args[2]);
  if (service.empty()) return;
  auto it = services.find(service);
  if (it == services.end()) it = services.emplace(std::string(service), ServiceTally{}).first;
  ++it->second.requests;
  ++it->second.offered;
  asked[{r.node, r.args[0]}] = &it->second;
}

void State::endServiceRequest(const trace::Record &r) {
  const auto open = asked.find({r.node, r.args[0]});
  if (open == asked.end()) return;
  ServiceTally &tally = *open->second;
  asked.erase(open);
  const bool ok = static_cast<trace::RequestOutcome>(r.detail) == trace::RequestOutcome::Ok;
  ++(ok ? tally.ok : tally.failed);
  ++(ok ? tally.answered : tally.refused);
  if (ok) tally.latency.add(r.args[1]);
}

/// False when nobody asked for anything in the interval.
bool State::closeServices(SimTime end) {
  bool any = false;
  const double seconds = options.interval.toSeconds();
  for (auto &[name, tally] : services) {
    const std::uint32_t ended = tally.answered + tally.refused;
    if (tally.offered + ended == 0) continue;
    any = true;
    const double offered = tally.offered / seconds, served = tally.answered / seconds;
    row(end, name, "service.offered_per_s", offered, "requests/s");
    row(end, name, "service.served_per_s", served, "requests/s");
    point(end, name, "service.offered_per_s", offered);
    point(end, name, "service.served_per_s", served);
    if (ended > 0) {
      const double share = static_cast<double>(tally.answered) / ended;
      row(end, name, "service.availability", share, "ratio");
      point(end, name, "service.availability", share);
    }
    tally.offered = tally.answered = tally.refused = 0;
  }
  return any;
}

void State::summariseServices(std::map<std::string, double> &out) const {
  for (const auto &[name, tally] : services) {
    const std::string prefix = "service." + name + ".";
    out[prefix + "requests"] = static_cast<double>(tally.requests);
    out[prefix + "ok"] = static_cast<double>(tally.ok);
    out[prefix + "failed"] = static_cast<double>(tally.failed);
    if (tally.ok + tally.failed > 0)
      out[prefix + "availability"] =
          static_cast<double>(tally.ok) / static_cast<double>(tally.ok + tally.failed);
    if (tally.latency.count() == 0) continue;
    for (const int p : {50, 95, 99})
      out[prefix + "p" + std::to_string(p) + "_ms"] =
          static_cast<double>(tally.latency.percentile(p)) / 1e6;
  }
}

} // namespace packetarium::analysis
