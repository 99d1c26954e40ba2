// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics.h"

#include "core/analysis/delivery.h"
#include "core/analysis/metrics_state.h"

#include <algorithm>
#include <cmath>

namespace packetarium::analysis {

using trace::RecordKind;
using State = MetricsCollector::State;

namespace {

constexpr std::uint16_t establishedState = 4; // transport::TcpState::Established
constexpr double nsPerMs = 1e6;

} // namespace

void State::begin() {
  directions.assign(network->links.size() * 2, {});
  for (std::size_t i = 0; i < directions.size(); ++i)
    directions[i].rateBps = static_cast<double>(network->links[i / 2].rateBps);
  constexpr std::size_t pointsOfAll = std::size_t{1} << 23;
  const std::size_t seriesCount = directions.size() * 3 + 600;
  seriesPointsMax = std::clamp<std::size_t>(pointsOfAll / seriesCount, 256, 1u << 17);
}

void State::take(const trace::Chunk &chunk) {
  origins.openChunk(chunk);
  flights.open(chunk);
  for (std::uint32_t i = 0; i < chunk.records.size(); ++i) takeRecord(chunk, i);
  next = chunk.summary.end();
}

void State::takeRecord(const trace::Chunk &chunk, std::uint32_t index) {
  const trace::Record &r = chunk.records[index];
  closeIntervals(r.at);
  const std::uint32_t ended = flights.apply(index);
  if (ended != FlightTable::none && flights.entry(ended).queued())
    queueEnded(*flights.entry(ended).record);
  switch (r.kind) {
  case RecordKind::Fact:
  case RecordKind::NodeState: takeLags(r, chunk); break;
  case RecordKind::FrameSent: takeSent(r); break;
  case RecordKind::FrameQueued:
    if (r.link < network->links.size()) {
      DirectionTally &d = directions[r.link * 2u + static_cast<unsigned>(trace::sendingEnd(r))];
      d.queuedMax = std::max(d.queuedMax, ++d.queued);
      d.everQueuedMax = std::max(d.everQueuedMax, d.queued);
    }
    break;
  case RecordKind::FrameReceived: {
    ++framesReceived;
    const trace::Record *sentRecord =
        ended != FlightTable::none ? flights.entry(ended).record : nullptr;
    if (const auto took = origins.received(chunk, index, sentRecord, *network)) {
      ++delivered;
      packetLatency.add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took->ns())));
    }
    break;
  }
  case RecordKind::FrameDropped: takeDropped(r); break;
  case RecordKind::SegmentDelivered:
    deliveredBytes += r.args[0];
    intervalBytes += r.args[0];
    break;
  case RecordKind::TcpState: connections += r.detail == establishedState ? 1 : 0; break;
  case RecordKind::TcpRetransmit:
    ++retransmissions;
    ++retransmitted[r.detail % reasons];
    break;
  case RecordKind::TcpTimeout: ++timeouts; break;
  case RecordKind::TcpCongestion: takeCongestion(r); break;
  case RecordKind::RequestStarted: startRequest(r, chunk); break;
  case RecordKind::RequestEnded: endRequest(r); break;
  case RecordKind::Sample: takeSample(r, chunk); break;
  case RecordKind::LinkChanged:
    if (static_cast<trace::LinkQuantity>(r.detail) == trace::LinkQuantity::Rate &&
        r.link < network->links.size())
      for (std::size_t end = 0; end < 2; ++end)
        directions[r.link * std::size_t{2} + end].rateBps =
            std::max(1.0, trace::doubleOf(r.args[0]));
    break;
  default: break;
  }
}

void State::queueEnded(const trace::Record &queued) {
  if (queued.link >= network->links.size()) return;
  DirectionTally &d =
      directions[queued.link * 2u + static_cast<unsigned>(trace::sendingEnd(queued))];
  if (d.queued > 0) --d.queued;
}

void State::takeSent(const trace::Record &r) {
  ++framesSent;
  if (origins.sent(r)) ++sent;
  if (r.link >= network->links.size()) return;
  DirectionTally &d = directions[r.link * 2u + static_cast<unsigned>(trace::sendingEnd(r))];
  const double sending = 8e9 * trace::sentArgs(r).frameBytes / d.rateBps;
  const double room = static_cast<double>((intervalFrom + options.interval - r.at).ns());
  const double now = std::min(sending, room);
  d.busyNs += now;
  d.bits += now * 1e-9 * d.rateBps;
  d.carryNs = sending - now;
  d.carryRate = d.rateBps;
  d.totalBusyNs += sending;
  d.totalBits += 8.0 * trace::sentArgs(r).frameBytes;
}

void State::takeDropped(const trace::Record &r) {
  const auto reason = static_cast<trace::DropReason>(r.detail);
  ++drops[r.detail % reasons];
  origins.dropped(r);
  if (!isHarmless(reason)) ++dropped;
  using Reason = trace::DropReason;
  const bool atLink = reason == Reason::QueueFull || reason == Reason::LinkLoss ||
                      reason == Reason::LinkCut || reason == Reason::Blocked ||
                      reason == Reason::Corrupted;
  if (!atLink || r.link >= network->links.size()) return;
  // These drops name the node at the sending end; what came broken is told by the receiver.
  const bool isFirst = network->links[r.link].ends[0].node.value == r.node;
  const std::size_t end = isFirst == (reason != Reason::Corrupted) ? 0 : 1;
  ++directions[r.link * std::size_t{2} + end].dropped;
}

void State::rememberSocket(const std::string &entity) {
  constexpr std::size_t socketsMax = 128;
  if (!socketEntities.empty() && socketEntities.back() == entity) return;
  if (std::find(socketEntities.begin(), socketEntities.end(), entity) != socketEntities.end())
    return;
  socketEntities.push_back(entity);
  if (socketEntities.size() <= socketsMax) return;
  for (const char *metric :
       {"tcp.cwnd_bytes", "tcp.ssthresh_bytes", "tcp.flight_bytes", "tcp.srtt_ms"})
    series.erase({socketEntities.front(), metric});
  socketEntities.pop_front();
}

void State::takeCongestion(const trace::Record &r) {
  if (!options.keepSeries && !options.onRow) return;
  const std::string entity = nodeId(r.node) + "#" + std::to_string(r.args[0] & 0xffffffffU);
  if (options.keepSeries) rememberSocket(entity);
  const auto high = [](std::uint64_t v) { return static_cast<double>(v >> 32); };
  const auto low = [](std::uint64_t v) { return static_cast<double>(v & 0xffffffffU); };
  const std::pair<std::string_view, double> values[] = {
      {"tcp.cwnd_bytes", high(r.args[1])},
      {"tcp.ssthresh_bytes", low(r.args[1])},
      {"tcp.flight_bytes", high(r.args[2])},
      {"tcp.srtt_ms", static_cast<double>(r.args[3]) / nsPerMs}};
  for (const auto &[metric, value] : values) {
    row(r.at, entity, metric, value, metric == "tcp.srtt_ms" ? "ms" : "bytes");
    point(r.at, entity, metric, value);
  }
}

void State::takeSample(const trace::Record &r, const trace::Chunk &chunk) {
  const std::string_view metric = chunk.text(r.args[0]);
  if (metric.empty()) return;
  const double value = trace::doubleOf(r.args[1]);
  auto it = samples.find(metric);
  if (it == samples.end())
    it = samples.emplace(std::string(metric), SampleTally{0, 0, value, value}).first;
  SampleTally &t = it->second;
  ++t.count;
  t.sum += value;
  t.min = std::min(t.min, value);
  t.max = std::max(t.max, value);
  row(r.at, nodeId(r.node), metric, value, "");
  point(r.at, nodeId(r.node), metric, value);
}

void State::endRequest(const trace::Record &r) {
  ++outcomes[r.detail % reasons];
  endServiceRequest(r);
  const double ms = static_cast<double>(r.args[1]) / nsPerMs;
  if (static_cast<trace::RequestOutcome>(r.detail) == trace::RequestOutcome::Ok) {
    requestLatency.add(r.args[1]);
    latencies.add(r.at, ms);
  }
  row(r.at, nodeId(r.node), "request.latency_ms", ms, "ms");
}

MetricsCollector::MetricsCollector(std::shared_ptr<const net::Blueprint> network,
                                   MetricsOptions options)
    : m_state(std::make_unique<State>()) {
  m_state->network = std::move(network);
  if (options.interval <= Duration{}) options.interval = Duration::ms(100);
  m_state->options = std::move(options);
  m_state->begin();
}

MetricsCollector::~MetricsCollector() = default;
MetricsCollector::MetricsCollector(MetricsCollector &&) noexcept = default;
MetricsCollector &MetricsCollector::operator=(MetricsCollector &&) noexcept = default;

void MetricsCollector::add(const trace::Chunk &chunk) { m_state->take(chunk); }

void MetricsCollector::extend(const trace::Trace &trace) {
  for (std::size_t i = trace.slotOf(m_state->next); i < trace.slots().size(); ++i) {
    const auto &slot = trace.slots()[i];
    if (slot.chunk) {
      m_state->take(*slot.chunk);
      continue;
    }
    m_state->framesSent += slot.summary.sent;
    m_state->framesReceived += slot.summary.received;
    m_state->dropped += slot.summary.dropped;
    m_state->retransmissions += slot.summary.retransmitted;
    m_state->next = slot.summary.end();
  }
}

void MetricsCollector::truncate(trace::Sequence from) {
  if (from < m_state->next) clear();
}

void MetricsCollector::clear() {
  *this = MetricsCollector(m_state->network, std::move(m_state->options));
}

void MetricsCollector::finish(SimTime until) { m_state->closeIntervals(until); }
const std::map<SeriesKey, TimeSeries> &MetricsCollector::series() const { return m_state->series; }
const TimeSeries &MetricsCollector::requestLatencies() const { return m_state->latencies; }
trace::Sequence MetricsCollector::seenUpTo() const { return m_state->next - 1; }

} // namespace packetarium::analysis
