// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics.h"

#include <fmt/format.h>

namespace packetarium::analysis {

const std::vector<MetricInfo> &metricTable() {
  static const std::vector<MetricInfo> table = {
      {"packets.sent", "packets", "Packets that left the node where they were born.", true, true},
      {"packets.delivered", "packets", "Packets that reached a node they were for.", true, true},
      {"packets.dropped", "packets",
       "Packets lost or refused anywhere; copies that a switch flooded in vain do not count.", true,
       true},
      {"packets.latency_ms.mean", "ms",
       "Mean time from leaving the sender to reaching the receiver.", true, false},
      {"packets.latency_ms.p50", "ms", "Median of that time.", true, false},
      {"packets.latency_ms.p95", "ms", "95th percentile of that time.", true, false},
      {"packets.latency_ms.p99", "ms", "99th percentile of that time.", true, false},
      {"frames.sent", "frames", "Frames put onto a link, at every hop.", true, false},
      {"frames.received", "frames", "Frames that came out of a link, at every hop.", true, false},
      {"drops.<reason>", "packets", "Packets dropped for this reason.", true, true},
      {"throughput.delivered_bytes", "bytes", "Payload handed to programs.", true, false},
      {"throughput.goodput_bps", "bit/s", "Payload bits handed to programs per second.", true,
       true},
      {"tcp.connections", "connections", "Ends of connections that became ESTABLISHED.", true,
       false},
      {"tcp.retransmissions", "segments", "Segments sent again, for whatever reason.", true, true},
      {"tcp.retransmissions.<reason>", "segments",
       "Segments sent again for this reason: timeout, fast, partial-ack, syn, fin, probe.", true,
       false},
      {"tcp.timeouts", "timeouts", "Retransmission timers that ran out.", true, false},
      {"tcp.cwnd_bytes", "bytes", "Congestion window of a connection's sending end.", false, true},
      {"tcp.ssthresh_bytes", "bytes", "Slow-start threshold of a connection.", false, true},
      {"tcp.flight_bytes", "bytes", "Bytes sent and not yet acknowledged.", false, true},
      {"tcp.srtt_ms", "ms", "Smoothed round-trip time of a connection.", false, true},
      {"request.count", "requests", "Requests that clients began.", true, false},
      {"request.ok", "requests", "Requests answered as wished.", true, true},
      {"request.failed", "requests", "Requests that ended in any other way.", true, true},
      {"request.<outcome>", "requests",
       "Requests that ended so: timeout, refused, name-error, reset, server-error, cancelled.",
       true, false},
      {"request.latency_ms", "ms", "One row for each request that ended: its latency.", false,
       true},
      {"request.latency_ms.mean", "ms", "Mean latency of requests that succeeded.", true, false},
      {"request.latency_ms.p50", "ms", "Median latency of requests that succeeded.", true, false},
      {"request.latency_ms.p95", "ms", "95th percentile of that latency.", true, false},
      {"request.latency_ms.p99", "ms", "99th percentile of that latency.", true, false},
      {"request.latency_ms.max", "ms", "Longest latency of a request that succeeded.", true, false},
      {"service.<name>.requests", "requests", "Requests for a service that clients began.", true,
       false},
      {"service.<name>.ok", "requests", "Those that were answered in time.", true, false},
      {"service.<name>.failed", "requests", "Those that ended in any other way.", true, false},
      {"service.<name>.availability", "ratio",
       "Share of the requests that ended which were answered in time. In rows, per interval: "
       "service.availability.",
       true, true},
      {"service.<name>.p50_ms", "ms", "Median latency of a service's timely answers.", true, false},
      {"service.<name>.p95_ms", "ms", "95th percentile of that latency.", true, false},
      {"service.<name>.p99_ms", "ms", "99th percentile of that latency.", true, false},
      {"service.offered_per_s", "requests/s", "Requests for a service begun per second.", false,
       true},
      {"service.served_per_s", "requests/s", "Timely answers of a service per second.", false,
       true},
      {"replication.lag", "entries",
       "Entries in the log of the member that serves which another member lacks, at each change: "
       "as it is, not as that member has heard.",
       false, true},
      {"replication.lag_ms", "ms",
       "How long the first of those entries has been in the log, 0 when none is missing.", false,
       true},
      {"replication.lag_max", "entries", "The most that any member was behind.", true, false},
      {"link.<id>.<way>.throughput_bps", "bit/s",
       "Frame bits sent per second; way is ab (from the link's first end) or ba. In rows: "
       "link.throughput_bps.",
       true, true},
      {"link.<id>.<way>.utilisation", "ratio",
       "Share of the time the direction was sending, 0 to 1. In rows: link.utilisation.", true,
       true},
      {"link.<id>.<way>.queue_packets_max", "packets",
       "Most frames that waited at once. In rows, per interval: link.queue_packets.", true, true},
      {"link.<id>.<way>.dropped", "packets", "Frames lost on the link or at its queue.", true,
       false},
      {"<metric>.count", "values",
       "A program's own metric (such as voice.gap_ms): how many values.", true, false},
      {"<metric>.mean", "", "Mean of a program's own metric; rows carry every value.", true, true},
      {"<metric>.min", "", "Lowest value of a program's own metric.", true, false},
      {"<metric>.max", "", "Highest value of a program's own metric.", true, false},
  };
  return table;
}

std::string csvHeader() { return "t_ns,entity,metric,value,unit"; }

std::string csvField(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csvLine(const MetricRow &row) {
  return fmt::format("{},{},{},{:.10g},{}", row.at.ns(), csvField(row.entity), csvField(row.metric),
                     row.value, row.unit);
}

} // namespace packetarium::analysis
