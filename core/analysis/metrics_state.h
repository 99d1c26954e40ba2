// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/flight_table.h"
#include "core/analysis/metrics.h"
#include "core/analysis/origins.h"
#include "core/analysis/replication_lag.h"

#include <array>
#include <deque>
#include <unordered_map>

namespace packetarium::analysis {

/// What a direction of a link did in the interval under way and since the start.
struct DirectionTally {
  double rateBps = 0;
  double busyNs = 0, bits = 0; ///< within the interval
  double carryNs = 0;          ///< sending that reaches beyond the interval, and its rate
  double carryRate = 0;
  std::uint32_t queued = 0, queuedMax = 0;
  bool wasIdle = true; ///< the last row said 0
  double totalBusyNs = 0, totalBits = 0;
  std::uint32_t everQueuedMax = 0;
  std::uint64_t dropped = 0;
};

struct SampleTally {
  std::uint64_t count = 0;
  double sum = 0, min = 0, max = 0;
};

/// What the clients of one service saw.
struct ServiceTally {
  std::uint64_t requests = 0, ok = 0, failed = 0;       ///< begun; ended, since the start
  std::uint32_t offered = 0, answered = 0, refused = 0; ///< begun, in time, not, in the interval
  Histogram latency;                                    ///< ns, of timely answers
};

struct MetricsCollector::State {
  static constexpr std::size_t reasons = 32;

  std::shared_ptr<const net::Blueprint> network;
  MetricsOptions options;
  trace::Sequence next = 1;
  SimTime intervalFrom;
  std::size_t seriesPointsMax = 1u << 17;

  std::uint64_t sent = 0, delivered = 0, dropped = 0, framesSent = 0, framesReceived = 0;
  std::uint64_t deliveredBytes = 0, intervalBytes = 0;
  std::uint64_t connections = 0, retransmissions = 0, timeouts = 0, requests = 0;
  std::array<std::uint64_t, reasons> drops{}, retransmitted{}, outcomes{};
  Histogram packetLatency, requestLatency; ///< ns
  std::vector<DirectionTally> directions;  ///< by link * 2 + end
  std::map<std::string, SampleTally, std::less<>> samples;
  std::map<std::string, ServiceTally, std::less<>> services;
  /// Requests under way, by node and number; of services alone.
  std::map<std::pair<std::uint32_t, std::uint64_t>, ServiceTally *> asked;
  ReplicationLags lags;
  std::uint64_t lagMost = 0;
  bool replicates = false; ///< some member was compared with one that serves
  std::map<std::uint32_t, std::string> lagServices; ///< of each node the first service
  OriginTracker origins;
  FlightTable flights;
  std::map<SeriesKey, TimeSeries> series;
  std::deque<std::string> socketEntities; ///< oldest first, so that few are kept
  TimeSeries latencies{1u << 20};

  void begin();
  void take(const trace::Chunk &chunk);
  void takeRecord(const trace::Chunk &chunk, std::uint32_t index);
  void takeSent(const trace::Record &r);
  void takeDropped(const trace::Record &r);
  void takeCongestion(const trace::Record &r);
  void takeSample(const trace::Record &r, const trace::Chunk &chunk);
  void takeLags(const trace::Record &r, const trace::Chunk &chunk);
  void tellAge(const ReplicationLags::Lag &lag, SimTime at);
  std::string lagEntity(const ReplicationLags::Lag &lag);
  bool closeLags(SimTime end);
  void startRequest(const trace::Record &r, const trace::Chunk &chunk);
  void endRequest(const trace::Record &r);
  void endServiceRequest(const trace::Record &r);
  bool closeServices(SimTime end);
  void summariseServices(std::map<std::string, double> &out) const;
  void queueEnded(const trace::Record &queued);
  void closeIntervals(SimTime until);
  bool closeInterval(SimTime end);
  bool closeDirection(std::size_t index, SimTime end);
  void runRows(SimTime end, bool idle);
  void row(SimTime at, const std::string &entity, std::string_view metric, double value,
           std::string_view unit) const;
  void point(SimTime at, const std::string &entity, std::string_view metric, double value);
  std::string directionName(std::size_t index) const;
  std::string nodeId(std::uint32_t node) const;
  void rememberSocket(const std::string &entity);
};

} // namespace packetarium::analysis
