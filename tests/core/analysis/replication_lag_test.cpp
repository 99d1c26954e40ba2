// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/cluster_state.h"
#include "core/analysis/metrics.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <string>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using Kind = world::Action::Kind;

namespace {

SimTime at(std::int64_t ms) { return SimTime::zero() + Duration::ms(ms); }

using EntityLags = std::map<std::string, std::map<std::int64_t, double>>; ///< by node, then ns

/// What the metrics tell, as rows; of one instant the last.
EntityLags told(const Run &run, const std::string &metric, SimTime until) {
  EntityLags lags;
  MetricsOptions options;
  options.onRow = [&](const MetricRow &row) {
    if (row.metric == metric) lags[row.entity][row.at.ns()] = row.value;
  };
  MetricsCollector metrics(run.sharedNetwork(), options);
  metrics.extend(run.trace);
  metrics.finish(until);
  return lags;
}

double valueAt(const std::map<std::int64_t, double> &lags, std::int64_t ns) {
  const auto after = lags.upper_bound(ns);
  return after == lags.begin() ? 0 : std::prev(after)->second;
}

/// Whole logs, put together from the first record on each time that somebody asks.
class NaiveLogs {
public:
  explicit NaiveLogs(const Run &run) : m_run(run) {}

  /// Entries of the primary's log that the node's lacks at its end, after the instant.
  std::map<std::string, double> lagsAt(SimTime when) const {
    std::map<std::uint32_t, std::map<std::uint64_t, std::uint64_t>> logs;
    std::map<std::uint32_t, std::string> roles;
    for (const auto &slot : m_run.trace.slots())
      for (const trace::Record &r : slot.chunk->records) {
        if (r.at > when) break;
        if (r.kind == trace::RecordKind::NodeState && r.detail != 0) roles[r.node] = "down";
        if (r.kind != trace::RecordKind::Fact || slot.chunk->text(r.args[1]) != "store") continue;
        const auto topic = static_cast<trace::FactTopic>(r.detail);
        const std::string value(slot.chunk->text(r.args[2]));
        if (topic == trace::FactTopic::Role) roles[r.node] = value;
        if (topic != trace::FactTopic::Log) continue;
        const auto change = logChange(value);
        auto &log = logs[r.node];
        if (change->what == LogChange::What::Append || change->what == LogChange::What::Truncate)
          log.erase(log.lower_bound(change->index), log.end());
        if (change->what == LogChange::What::Append) log[change->index] = change->epoch;
      }
    std::uint64_t last = 0, epoch = 0;
    for (const auto &[node, log] : logs)
      if (roles[node] == "primary" && !log.empty() && log.rbegin()->second > epoch) {
        epoch = log.rbegin()->second;
        last = log.rbegin()->first;
      }
    std::map<std::string, double> lags;
    for (const auto &[node, log] : logs) {
      const std::uint64_t own = log.empty() ? 0 : log.rbegin()->first;
      lags[m_run.network().nodes[node].id] =
          last > own && epoch > 0 ? static_cast<double>(last - own) : 0;
    }
    return lags;
  }

private:
  const Run &m_run;
};

/// Primary and replicas, with a slow cable to the far replica for some seconds.
Run congested() {
  const auto loaded = scenario::loadBuiltIn("primary-replicas");
  if (!loaded.ok()) throw std::runtime_error("no such scenario");
  scenario::Scenario document = *loaded;
  document.script.clear();
  std::uint32_t slow = 0;
  while (document.links.at(slow).id != "switch-branch") ++slow;
  return fixture::runDocument(document, at(20'000), 0,
                              {{at(3000), {Kind::SetRate, {}, LinkIndex{slow}, 12'000}},
                               {at(12'000), {Kind::SetRate, {}, LinkIndex{slow}, 1e9}}});
}

} // namespace

TEST_CASE("The plotted lag is what the logs differ by, on a congested link, too") {
  const Run run = congested();
  const auto lags = told(run, "replication.lag", at(20'000));
  const auto heard = told(run, "kv.lag_heard", at(20'000));
  const NaiveLogs naive(run);
  double worst = 0, worstHeard = 0;
  for (std::int64_t ms = 50; ms <= 19'950; ms += 100) {
    INFO(ms);
    for (const auto &[node, lag] : naive.lagsAt(at(ms))) {
      const auto series = lags.find(node);
      REQUIRE((series == lags.end() ? 0 : valueAt(series->second, at(ms).ns())) == lag);
      worst = std::max(worst, lag);
    }
  }
  for (const auto &[node, values] : heard)
    for (const auto &[ns, value] : values) worstHeard = std::max(worstHeard, value);
  CHECK(worst > 100);
  CHECK(worstHeard < 0.8 * worst); // what the replica believes is another thing
}

TEST_CASE("The lag in time is the age of the oldest write that is missing") {
  const Run run = congested();
  const auto ages = told(run, "replication.lag_ms", at(20'000));
  const auto lags = told(run, "replication.lag", at(20'000));
  // When each entry was first in any log, and when gamma had it.
  std::map<std::uint64_t, std::int64_t> written, got;
  for (const auto &slot : run.trace.slots())
    for (const trace::Record &r : slot.chunk->records) {
      if (r.kind != trace::RecordKind::Fact ||
          static_cast<trace::FactTopic>(r.detail) != trace::FactTopic::Log)
        continue;
      const auto change = logChange(slot.chunk->text(r.args[2]));
      if (change->what != LogChange::What::Append) continue;
      written.try_emplace(change->index, r.at.ns());
      if (run.network().nodes[r.node].id == "gamma") got.try_emplace(change->index, r.at.ns());
    }
  double longest = 0;
  for (const auto &[ns, age] : ages.at("gamma")) {
    std::int64_t oldest = ns;
    for (const auto &[index, since] : written) {
      const auto had = got.find(index);
      if (since <= ns && (had == got.end() || had->second > ns)) {
        oldest = since;
        break;
      }
    }
    REQUIRE(age == Approx(static_cast<double>(ns - oldest) / 1e6));
    longest = std::max(longest, age);
  }
  CHECK(longest > 1000);
  CHECK(ages.at("gamma").rbegin()->second < 100);
}

TEST_CASE("The plotted lag is the one that the views show, whatever happens to the members") {
  for (const char *id : {"primary-replicas", "promote-replica", "lost-write", "leader-election",
                         "diverged-log", "membership-change"}) {
    INFO(id);
    auto document = scenario::loadBuiltIn(id);
    REQUIRE(document.ok());
    const SimTime until = SimTime::zero() + std::min(document->duration, Duration::seconds(40));
    const Run run = fixture::runDocument(*document, until);
    FactBook facts;
    facts.extend(run.trace);
    const auto lags = told(run, "replication.lag", until);
    std::size_t compared = 0;
    for (Duration t = Duration::ms(37); SimTime::zero() + t < until; t = t + Duration::ms(250)) {
      const SimTime when = SimTime::zero() + t;
      trace::Sequence upTo = 0;
      for (const auto &slot : run.trace.slots())
        for (std::size_t i = 0; i < slot.chunk->records.size(); ++i)
          if (slot.chunk->records[i].at <= when) upTo = slot.summary.first + i;
      for (const LogView &log : clusterState(facts, run.network(), upTo).logs) {
        const std::string &node = run.network().nodes[log.node].id;
        INFO(node << " at " << when.ns());
        const auto series = lags.find(node);
        REQUIRE((series == lags.end() ? 0 : valueAt(series->second, when.ns())) ==
                static_cast<double>(log.lag));
        ++compared;
      }
    }
    CHECK(compared > 20);
  }
}

TEST_CASE("The summary tells the most that any member was behind") {
  const Run run = congested();
  MetricsCollector metrics(run.sharedNetwork(), {});
  metrics.extend(run.trace);
  double worst = 0;
  for (const auto &[node, values] : told(run, "replication.lag", at(20'000)))
    for (const auto &[ns, value] : values) worst = std::max(worst, value);
  CHECK(metrics.summary(at(20'000)).at("replication.lag_max") == worst);
  const Run alone = fixture::run("tcp-lifecycle", at(1000));
  MetricsCollector none(alone.sharedNetwork(), {});
  none.extend(alone.trace);
  CHECK_FALSE(none.summary(at(1000)).contains("replication.lag_max"));
}
