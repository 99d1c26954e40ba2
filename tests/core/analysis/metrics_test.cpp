// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/metrics.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

std::map<std::string, double> summaryOf(const Run &run) {
  MetricsCollector metrics(run.sharedNetwork());
  metrics.extend(run.trace);
  metrics.finish(run.trace.knownUntil());
  return metrics.summary(run.trace.knownUntil());
}

double at(const std::map<std::string, double> &summary, const std::string &name) {
  const auto it = summary.find(name);
  return it == summary.end() ? 0 : it->second;
}

/// A stable name matches an entry of the table when its fixed parts do.
bool isInTable(const std::string &name) {
  for (const MetricInfo &m : metricTable()) {
    const std::string pattern(m.name);
    std::size_t open = pattern.find('<');
    if (open == std::string::npos) {
      if (pattern == name) return true;
      continue;
    }
    const std::string head = pattern.substr(0, open);
    const std::size_t close = pattern.rfind('>');
    const std::string tail = pattern.substr(close + 1);
    if (name.size() > head.size() + tail.size() && name.compare(0, head.size(), head) == 0 &&
        name.compare(name.size() - tail.size(), tail.size(), tail) == 0)
      return true;
  }
  return false;
}

} // namespace

TEST_CASE("Counts are those of the records") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::busyBottleneck(),
                         &fixture::twoPaths()}) {
    const auto summary = summaryOf(*run);
    std::map<std::string, double> naive;
    std::set<PacketId> born, arrived;
    run->forEach([&](const trace::Record &r, trace::Sequence s) {
      const auto count = [&](const std::string &name, double by = 1) { naive[name] += by; };
      const wire::Packet *form = r.packet != 0 ? run->trace.packet(r.packet) : nullptr;
      if (r.kind == RecordKind::FrameSent) count("frames.sent");
      if (r.kind == RecordKind::FrameSent && born.insert(form->origin).second)
        count("packets.sent");
      if (r.kind == RecordKind::FrameReceived) count("frames.received");
      if (r.kind == RecordKind::FrameReceived && isFinalReception(run->trace, run->network(), s) &&
          arrived.insert(form->origin).second)
        count("packets.delivered");
      if (r.kind == RecordKind::FrameDropped) {
        const auto reason = static_cast<trace::DropReason>(r.detail);
        count("drops." + std::string(trace::name(reason)));
        if (!isHarmless(reason)) count("packets.dropped");
      }
      if (r.kind == RecordKind::TcpRetransmit) count("tcp.retransmissions");
      if (r.kind == RecordKind::TcpTimeout) count("tcp.timeouts");
      if (r.kind == RecordKind::RequestStarted) count("request.count");
      if (r.kind == RecordKind::RequestEnded)
        count(r.detail == 0 ? "request.ok" : "request.failed");
      if (r.kind == RecordKind::SegmentDelivered)
        count("throughput.delivered_bytes", static_cast<double>(r.args[0]));
    });
    for (const auto &[name, value] : naive) {
      CAPTURE(run->document.id, name);
      CHECK(at(summary, name) == value);
    }
    CHECK(at(summary, "throughput.goodput_bps") ==
          Approx(8 * naive["throughput.delivered_bytes"] / run->trace.knownUntil().toSeconds()));
  }
}

TEST_CASE("Request latencies have the percentiles of a sorted list") {
  const Run &run = fixture::webRequest();
  std::vector<double> ms;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == RecordKind::RequestEnded && r.detail == 0)
      ms.push_back(static_cast<double>(r.args[1]) / 1e6);
  });
  REQUIRE(ms.size() >= 2);
  std::sort(ms.begin(), ms.end());
  const auto summary = summaryOf(run);
  CHECK(at(summary, "request.latency_ms.p50") == Approx(ms[(ms.size() + 1) / 2 - 1]));
  CHECK(at(summary, "request.latency_ms.p99") == Approx(ms.back()));
  CHECK(at(summary, "request.latency_ms.max") == Approx(ms.back()));
}

TEST_CASE("Throughput of a link never exceeds its rate, and adds up to what was sent") {
  const Run &run = fixture::busyBottleneck();
  std::vector<MetricRow> rows;
  MetricsOptions options;
  options.onRow = [&](const MetricRow &row) { rows.push_back(row); };
  MetricsCollector metrics(run.sharedNetwork(), options);
  metrics.extend(run.trace);
  metrics.finish(run.trace.knownUntil());
  std::map<std::string, double> bits;
  for (const MetricRow &row : rows) {
    if (row.metric == "link.utilisation") CHECK(row.value <= 1.0);
    if (row.metric == "link.throughput_bps") bits[row.entity] += row.value * 0.1;
  }
  for (std::size_t l = 0; l < run.network().links.size(); ++l)
    for (int end = 0; end < 2; ++end) {
      double sent = 0, last = 0;
      run.forEach([&](const trace::Record &r, trace::Sequence) {
        if (r.kind != RecordKind::FrameSent || r.link != l || trace::sendingEnd(r) != end) return;
        last = 8.0 * trace::sentArgs(r).frameBytes;
        sent += last;
      });
      const std::string name = run.network().links[l].id + (end == 0 ? ".ab" : ".ba");
      CAPTURE(name);
      // All but what of the last frame leaves after the end of the run.
      CHECK(bits[name] <= sent + 1);
      CHECK(bits[name] >= sent - last - 1);
    }
}

TEST_CASE("Rows come in order of time and every name stands in the table") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink()}) {
    SimTime last;
    std::set<std::string> names;
    MetricsOptions options;
    options.onRow = [&](const MetricRow &row) {
      CHECK(row.at >= last);
      last = row.at;
      names.insert(row.metric);
    };
    MetricsCollector metrics(run->sharedNetwork(), options);
    metrics.extend(run->trace);
    metrics.finish(run->trace.knownUntil());
    for (const auto &[name, value] : metrics.summary(run->trace.knownUntil())) {
      CAPTURE(name);
      CHECK(isInTable(name));
    }
    CHECK(names.contains("throughput.goodput_bps"));
    CHECK(names.contains("link.utilisation"));
  }
}

TEST_CASE("The congestion window of a connection is a series") {
  const Run &run = fixture::lossyLink();
  MetricsCollector metrics(run.sharedNetwork());
  metrics.extend(run.trace);
  std::map<std::string, std::vector<double>> naive;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == RecordKind::TcpCongestion)
      naive[run.network().nodes[r.node].id + "#" + std::to_string(r.args[0])].push_back(
          static_cast<double>(r.args[1] >> 32));
  });
  REQUIRE_FALSE(naive.empty());
  for (const auto &[entity, values] : naive) {
    const auto it = metrics.series().find({entity, "tcp.cwnd_bytes"});
    REQUIRE(it != metrics.series().end());
    REQUIRE(it->second.points().size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      CHECK(it->second.points()[i].value == values[i]);
  }
}

TEST_CASE("A line of the CSV quotes what needs it") {
  CHECK(csvLine({SimTime::fromNs(5), "l,1", "link.utilisation", 0.25, "ratio"}) ==
        "5,\"l,1\",link.utilisation,0.25,ratio");
  CHECK(csvHeader() == "t_ns,entity,metric,value,unit");
}
