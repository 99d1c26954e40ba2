// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/histogram.h"
#include "core/analysis/metrics.h"
#include "core/analysis/series.h"
#include "core/base/random.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>

using namespace packetarium;
using namespace packetarium::analysis;

namespace {

/// Nearest rank: the smallest value with at least p % of all at or below it.
std::uint64_t byDefinition(std::vector<std::uint64_t> values, double p) {
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (100.0 * static_cast<double>(i + 1) >= p * static_cast<double>(values.size()))
      return values[i];
  return values.back();
}

std::uint64_t draw(RandomStream &random) {
  return random.below(std::uint64_t{1} << (1 + random.below(60)));
}

} // namespace

TEST_CASE("Percentiles of few values are exact") {
  RandomStream random(1, "histogram", "few");
  for (const std::size_t count : {1u, 2u, 3u, 10u, 99u, 100u, 101u, 4096u}) {
    Histogram h;
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(draw(random));
      h.add(values.back());
    }
    for (const double p : {0.0, 1.0, 25.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0})
      REQUIRE(h.percentile(p) == byDefinition(values, p));
  }
}

TEST_CASE("Percentiles of many values lie within 1/64, at either end exactly") {
  RandomStream random(2, "histogram", "many");
  Histogram h;
  std::vector<std::uint64_t> values;
  double sum = 0;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(draw(random));
    sum += static_cast<double>(values.back());
    h.add(values.back());
  }
  for (double p = 0; p <= 100; p += 0.5) {
    const auto truth = static_cast<double>(byDefinition(values, p));
    REQUIRE(std::abs(static_cast<double>(h.percentile(p)) - truth) <= truth / 64 + 1);
  }
  CHECK(h.min() == *std::min_element(values.begin(), values.end()));
  CHECK(h.max() == *std::max_element(values.begin(), values.end()));
  CHECK(h.percentile(100) == h.max());
  CHECK(h.mean() == Approx(sum / 50'000));
  CHECK(h.count() == 50'000);
}

TEST_CASE("An empty histogram answers zero") {
  const Histogram h;
  CHECK(h.percentile(50) == 0);
  CHECK(h.mean() == 0);
}

TEST_CASE("Columns hold the first, lowest, highest and last value of their pixels") {
  RandomStream random(3, "series", "test");
  TimeSeries series;
  std::vector<SeriesPoint> points;
  std::int64_t ns = 0;
  for (int i = 0; i < 5000; ++i) {
    ns += static_cast<std::int64_t>(random.below(1000));
    points.push_back({SimTime::fromNs(ns), random.uniform01()});
    series.add(points.back().at, points.back().value);
  }
  const SimTime from = SimTime::fromNs(100'000), to = SimTime::fromNs(1'900'003);
  constexpr std::size_t pixels = 137;
  const auto columns = series.decimate(from, to, pixels);
  REQUIRE(columns.size() == pixels);
  for (std::size_t c = 0; c < pixels; ++c) {
    std::vector<double> inside;
    for (const auto &p : points) {
      if (p.at < from || p.at >= to) continue;
      if (static_cast<std::size_t>((p.at - from).ns() * pixels / (to - from).ns()) == c)
        inside.push_back(p.value);
    }
    REQUIRE(columns[c].empty == inside.empty());
    if (inside.empty()) continue;
    REQUIRE(columns[c].first == inside.front());
    REQUIRE(columns[c].last == inside.back());
    REQUIRE(columns[c].min == *std::min_element(inside.begin(), inside.end()));
    REQUIRE(columns[c].max == *std::max_element(inside.begin(), inside.end()));
  }
}

TEST_CASE("A full series forgets no extreme") {
  TimeSeries series(1000);
  for (int i = 0; i < 100'000; ++i)
    series.add(SimTime::fromNs(i), i == 31'337 ? 1e6 : i == 77'777 ? -1e6 : i % 7);
  CHECK(series.points().size() <= 1000);
  double low = 0, high = 0;
  REQUIRE(series.range(SimTime::zero(), SimTime::fromNs(100'000), low, high));
  CHECK(low == -1e6);
  CHECK(high == 1e6);
}

TEST_CASE("A series gives the last value at an instant and can be cut off") {
  TimeSeries series;
  series.add(SimTime::fromNs(10), 1);
  series.add(SimTime::fromNs(20), 2);
  CHECK(series.valueAt(SimTime::fromNs(9), -1) == -1);
  CHECK(series.valueAt(SimTime::fromNs(10)) == 1);
  CHECK(series.valueAt(SimTime::fromNs(25)) == 2);
  series.truncate(SimTime::fromNs(20));
  CHECK(series.valueAt(SimTime::fromNs(25)) == 1);
}

TEST_CASE("Latency columns hold the nearest-rank percentiles of what ended in them") {
  TimeSeries latencies;
  RandomStream random(4, "latency", "test");
  std::vector<std::uint64_t> first, second;
  for (int i = 0; i < 400; ++i) {
    const std::uint64_t v = 1 + random.below(1'000'000);
    (i < 150 ? first : second).push_back(v);
    latencies.add(SimTime::fromNs(i < 150 ? i : 1000 + i), static_cast<double>(v));
  }
  const auto columns = latencyColumns(latencies, SimTime::zero(), SimTime::fromNs(2000), 2);
  REQUIRE(columns.size() == 2);
  const auto check = [](const LatencyColumn &c, const std::vector<std::uint64_t> &values) {
    CHECK(c.count == values.size());
    CHECK(c.p50 == static_cast<double>(byDefinition(values, 50)));
    CHECK(c.p95 == static_cast<double>(byDefinition(values, 95)));
    CHECK(c.p99 == static_cast<double>(byDefinition(values, 99)));
  };
  check(columns[0], first);
  check(columns[1], second);
}
