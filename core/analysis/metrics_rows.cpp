// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics_state.h"

#include <algorithm>

namespace packetarium::analysis {

using State = MetricsCollector::State;

std::string State::nodeId(std::uint32_t node) const {
  return node < network->nodes.size() ? network->nodes[node].id : std::string("run");
}

std::string State::directionName(std::size_t index) const {
  return network->links[index / 2].id + (index % 2 == 0 ? ".ab" : ".ba");
}

void State::row(SimTime at, const std::string &entity, std::string_view metric, double value,
                std::string_view unit) const {
  if (options.onRow) options.onRow({at, entity, std::string(metric), value, unit});
}

void State::point(SimTime at, const std::string &entity, std::string_view metric, double value) {
  if (!options.keepSeries) return;
  SeriesKey key{entity, std::string(metric)};
  auto it = series.find(key);
  if (it == series.end()) it = series.emplace(std::move(key), TimeSeries(seriesPointsMax)).first;
  it->second.add(at, value);
}

void State::closeIntervals(SimTime until) {
  while (intervalFrom + options.interval <= until) {
    const SimTime end = intervalFrom + options.interval;
    const bool idle = !closeInterval(end);
    intervalFrom = end;
    const std::int64_t behind = (until - intervalFrom).ns() / options.interval.ns();
    if (!idle || behind < 3) continue;
    // Nothing goes on: the intervals up to the last one before `until` would all say the same.
    intervalFrom += options.interval * (behind - 1);
  }
}

bool State::closeInterval(SimTime end) {
  bool any = intervalBytes > 0;
  for (std::size_t i = 0; i < directions.size(); ++i)
    if (closeDirection(i, end)) any = true;
  if (closeServices(end)) any = true;
  if (closeLags(end)) any = true;
  runRows(end, !any);
  intervalBytes = 0;
  return any;
}

bool State::closeDirection(std::size_t index, SimTime end) {
  DirectionTally &d = directions[index];
  const auto length = static_cast<double>(options.interval.ns());
  const bool idle = d.busyNs <= 0 && d.queuedMax == 0 && d.queued == 0 && d.carryNs <= 0;
  const bool said = d.wasIdle && idle;
  if (!said) {
    const std::string name = directionName(index);
    const double throughput = d.bits * 1e9 / length;
    const double use = std::min(1.0, d.busyNs / length);
    row(end, name, "link.throughput_bps", throughput, "bit/s");
    row(end, name, "link.utilisation", use, "ratio");
    row(end, name, "link.queue_packets", d.queuedMax, "packets");
    point(end, name, "link.throughput_bps", throughput);
    point(end, name, "link.utilisation", use);
    point(end, name, "link.queue_packets", d.queuedMax);
  }
  d.wasIdle = idle;
  d.busyNs = std::min(d.carryNs, length);
  d.bits = d.busyNs * 1e-9 * d.carryRate;
  d.carryNs -= d.busyNs;
  d.queuedMax = d.queued;
  return !idle;
}

void State::runRows(SimTime end, bool idle) {
  const double seconds = options.interval.toSeconds();
  const double goodput = 8.0 * static_cast<double>(intervalBytes) / seconds;
  row(end, "run", "throughput.goodput_bps", goodput, "bit/s");
  point(end, "run", "throughput.goodput_bps", goodput);
  if (idle) return;
  const std::uint64_t failed = [&] {
    std::uint64_t n = 0;
    for (std::size_t i = 1; i < reasons; ++i) n += outcomes[i];
    return n;
  }();
  const std::pair<std::string_view, std::uint64_t> counts[] = {
      {"packets.sent", sent},       {"packets.delivered", delivered},
      {"packets.dropped", dropped}, {"tcp.retransmissions", retransmissions},
      {"request.ok", outcomes[0]},  {"request.failed", failed}};
  for (const auto &[metric, value] : counts) {
    const auto dot = metric.find('.');
    const std::string_view group = metric.substr(0, dot);
    const std::string_view unit = group == "tcp"       ? "segments"
                                  : group == "request" ? "requests"
                                                       : "packets";
    row(end, "run", metric, static_cast<double>(value), unit);
    point(end, "run", metric, static_cast<double>(value));
  }
  for (std::size_t i = 1; i < reasons; ++i)
    if (drops[i] > 0)
      row(end, "run", "drops." + std::string(trace::name(static_cast<trace::DropReason>(i))),
          static_cast<double>(drops[i]), "packets");
}

std::map<std::string, double> MetricsCollector::summary(SimTime until) const {
  const State &s = *m_state;
  std::map<std::string, double> out;
  const auto put = [&](const std::string &name, double value) { out[name] = value; };
  const auto count = [&](const std::string &name, std::uint64_t v) {
    out[name] = static_cast<double>(v);
  };
  const auto latency = [&](const std::string &name, const Histogram &h) {
    if (h.count() == 0) return;
    put(name + ".mean", h.mean() / 1e6);
    for (const int p : {50, 95, 99})
      put(name + ".p" + std::to_string(p), static_cast<double>(h.percentile(p)) / 1e6);
  };
  count("packets.sent", s.sent);
  count("packets.delivered", s.delivered);
  count("packets.dropped", s.dropped);
  latency("packets.latency_ms", s.packetLatency);
  count("frames.sent", s.framesSent);
  count("frames.received", s.framesReceived);
  for (std::size_t i = 1; i < State::reasons; ++i)
    if (s.drops[i] > 0)
      count("drops." + std::string(trace::name(static_cast<trace::DropReason>(i))), s.drops[i]);
  const double seconds = until.toSeconds();
  const auto perSecond = [&](double v) { return seconds > 0 ? v / seconds : 0.0; };
  count("throughput.delivered_bytes", s.deliveredBytes);
  put("throughput.goodput_bps", perSecond(8.0 * static_cast<double>(s.deliveredBytes)));
  count("tcp.connections", s.connections);
  count("tcp.retransmissions", s.retransmissions);
  for (std::size_t i = 0; i < State::reasons; ++i)
    if (s.retransmitted[i] > 0)
      count("tcp.retransmissions." +
                std::string(trace::name(static_cast<trace::RetransmitReason>(i))),
            s.retransmitted[i]);
  count("tcp.timeouts", s.timeouts);
  count("request.count", s.requests);
  count("request.ok", s.outcomes[0]);
  std::uint64_t failed = 0;
  for (std::size_t i = 1; i < State::reasons; ++i) {
    failed += s.outcomes[i];
    if (s.outcomes[i] > 0)
      count("request." + std::string(trace::name(static_cast<trace::RequestOutcome>(i))),
            s.outcomes[i]);
  }
  count("request.failed", failed);
  latency("request.latency_ms", s.requestLatency);
  if (s.requestLatency.count() > 0)
    put("request.latency_ms.max", static_cast<double>(s.requestLatency.max()) / 1e6);
  s.summariseServices(out);
  if (s.replicates) count("replication.lag_max", s.lagMost);
  for (std::size_t i = 0; i < s.directions.size(); ++i) {
    const DirectionTally &d = s.directions[i];
    const std::string name = "link." + s.directionName(i);
    put(name + ".throughput_bps", perSecond(d.totalBits));
    put(name + ".utilisation", std::min(1.0, perSecond(d.totalBusyNs * 1e-9)));
    put(name + ".queue_packets_max", d.everQueuedMax);
    count(name + ".dropped", d.dropped);
  }
  for (const auto &[metric, t] : s.samples) {
    count(metric + ".count", t.count);
    put(metric + ".mean", t.sum / static_cast<double>(t.count));
    put(metric + ".min", t.min);
    put(metric + ".max", t.max);
  }
  return out;
}

std::vector<LatencyColumn> latencyColumns(const TimeSeries &latencies, SimTime from, SimTime to,
                                          std::size_t columns) {
  std::vector<LatencyColumn> out(columns);
  if (to <= from || columns == 0) return {};
  const auto &points = latencies.points();
  auto it = std::lower_bound(points.begin(), points.end(), from,
                             [](const SeriesPoint &p, SimTime t) { return p.at < t; });
  const double width = static_cast<double>((to - from).ns()) / static_cast<double>(columns);
  std::vector<double> values;
  for (std::size_t c = 0; c < columns; ++c) {
    LatencyColumn &column = out[c];
    const auto edge = [&](std::size_t i) {
      return i == columns
                 ? to
                 : from + Duration::ns(static_cast<std::int64_t>(width * static_cast<double>(i)));
    };
    column.from = edge(c);
    column.to = edge(c + 1);
    values.clear();
    for (; it != points.end() && it->at < column.to; ++it) values.push_back(it->value);
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    const auto rank = [&](double percent) { // nearest rank
      const double n = static_cast<double>(values.size());
      auto i = static_cast<std::size_t>(percent / 100 * n);
      if (static_cast<double>(i) * 100 >= percent * n && i > 0) --i;
      return values[std::min(i, values.size() - 1)];
    };
    column.count = values.size();
    column.p50 = rank(50);
    column.p95 = rank(95);
    column.p99 = rank(99);
    for (const double v : values) column.mean += v / static_cast<double>(values.size());
  }
  return out;
}

} // namespace packetarium::analysis
