// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/histogram.h"
#include "core/analysis/series.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

/// A metric there is. Names are stable: scripts and files rely on them. <...> stands for a part
/// that varies (a drop reason, a link's id, a program's own metric).
struct MetricInfo {
  std::string_view name, unit, help;
  bool inSummary = true; ///< appears in the final summary
  bool inRows = true;    ///< appears in rows sampled per interval
};
const std::vector<MetricInfo> &metricTable();

/// One line of the CSV: t_ns, entity, metric, value, unit. The entity is "run", a node's id, a
/// socket ("browser#3"), or a direction of a link: "l1.ab" from its first end, "l1.ba" back.
struct MetricRow {
  SimTime at;
  std::string entity;
  std::string metric;
  double value = 0;
  std::string_view unit;
};
std::string csvHeader();
/// A text as a field of CSV: quoted when it must be (RFC 4180).
std::string csvField(std::string_view text);
std::string csvLine(const MetricRow &row);

struct MetricsOptions {
  Duration interval = Duration::ms(100); ///< of rows and series
  bool keepSeries = true;
  /// Receives rows in order of time as they are complete; may be empty.
  std::function<void(const MetricRow &)> onRow;
};

/// Names of the series for charts: whose, what, in which unit.
struct SeriesKey {
  std::string entity, metric;
  auto operator<=>(const SeriesKey &) const = default;
};

/// Reads the chunks of a run in order and keeps counts, percentiles and series in bounded memory.
class MetricsCollector {
public:
  explicit MetricsCollector(std::shared_ptr<const net::Blueprint> network,
                            MetricsOptions options = {});
  ~MetricsCollector();
  MetricsCollector(MetricsCollector &&) noexcept;
  MetricsCollector &operator=(MetricsCollector &&) noexcept;

  /// The next chunk in order.
  void add(const trace::Chunk &chunk);
  /// Takes the chunks of the trace it has not seen. Call it before slots are dropped from memory:
  /// of a chunk dropped before it was seen only the counts of its summary are known.
  void extend(const trace::Trace &trace);
  /// The trace was cut off before the record: begins anew with the next extend if it had seen
  /// more.
  void truncate(trace::Sequence from);
  /// Begins anew (an edit made what it knows stale).
  void clear();
  /// Closes the intervals up to the instant, so that rows and series reach it.
  void finish(SimTime until);

  /// All metrics of the run so far by name. Rates are over the time up to `until`.
  std::map<std::string, double> summary(SimTime until) const;
  const std::map<SeriesKey, TimeSeries> &series() const;
  /// Latencies (ms) of requests, one point each, in order of ending.
  const TimeSeries &requestLatencies() const;
  trace::Sequence seenUpTo() const;

  struct State; ///< opaque
private:
  std::unique_ptr<State> m_state;
};

/// Percentile series of the request latencies for a chart: one point per column.
struct LatencyColumn {
  SimTime from, to;
  std::uint64_t count = 0;
  double p50 = 0, p95 = 0, p99 = 0, mean = 0; ///< ms
};
std::vector<LatencyColumn> latencyColumns(const TimeSeries &latencies, SimTime from, SimTime to,
                                          std::size_t columns);

} // namespace packetarium::analysis
