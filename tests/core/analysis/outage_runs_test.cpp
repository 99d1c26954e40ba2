// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/outages.h"
#include "core/analysis/why.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <map>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using Kind = world::Action::Kind;

namespace {

SimTime seconds(std::int64_t v) { return SimTime::zero() + Duration::seconds(v); }

/// A request as the records alone tell it.
struct Asked {
  trace::Sequence start = 0, end = 0;
  SimTime startAt, endAt;
  bool inTime = false;
};

struct Change {
  trace::Sequence sequence = 0;
  SimTime at;
  bool fault = false;
};

/// What clients saw, found by looking at everything again and again.
class NaiveOutages {
public:
  explicit NaiveOutages(const Run &run) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> open;
    run.forEach([&](const trace::Record &r, trace::Sequence s) {
      if (r.kind == trace::RecordKind::RequestStarted) {
        open[{r.node, r.args[0]}] = m_requests.size();
        m_requests.push_back({s, 0, r.at, {}, false});
      } else if (r.kind == trace::RecordKind::RequestEnded) {
        Asked &asked = m_requests[open.at({r.node, r.args[0]})];
        asked.end = s;
        asked.endAt = r.at;
        asked.inTime = static_cast<trace::RequestOutcome>(r.detail) == trace::RequestOutcome::Ok;
      } else if (r.kind == trace::RecordKind::NodeState || r.kind == trace::RecordKind::LinkState ||
                 r.kind == trace::RecordKind::LinkChanged ||
                 r.kind == trace::RecordKind::NodeChanged) {
        m_changes.push_back({s, r.at, isFault(r)});
      }
    });
    std::erase_if(m_requests, [](const Asked &a) { return a.end == 0; });
  }

  /// Beginning and end of each; no end while it lasts.
  std::vector<std::pair<SimTime, std::optional<SimTime>>> find() const {
    std::vector<std::pair<SimTime, std::optional<SimTime>>> out;
    SimTime free;
    for (const Asked &f : m_requests) {
      if (f.inTime || f.startAt < free) continue;
      const auto cause = causeOf(f);
      const trace::Sequence since = cause ? std::min(cause->sequence, f.end) : f.start;
      std::optional<SimTime> to;
      trace::Sequence earliest = ~trace::Sequence{0};
      for (const Asked &a : m_requests)
        if (a.inTime && a.start > since && a.end < earliest) {
          earliest = a.end;
          to = a.endAt;
        }
      const SimTime from = cause ? std::max(cause->at, free) : f.startAt;
      std::size_t failed = 0;
      for (const Asked &a : m_requests)
        failed += !a.inTime && a.start >= f.start && (!to || a.startAt < *to) ? 1 : 0;
      if (to && *to - from < Duration::ms(1)) continue;
      const SimTime until = to.value_or(seconds(40));
      if (!cause && (failed < 2 || f.endAt > until || until - from < Duration::seconds(1)))
        continue;
      out.emplace_back(from, to);
      free = to.value_or(SimTime::max());
    }
    return out;
  }

private:
  std::optional<Change> causeOf(const Asked &f) const {
    trace::Sequence good = 0;
    for (const Asked &a : m_requests)
      if (a.inTime && a.end <= f.start) good = std::max(good, a.start);
    for (const bool faultsOnly : {true, false}) {
      std::optional<Change> last;
      for (const Change &c : m_changes)
        if (c.sequence > good && c.sequence <= f.start && (c.fault || !faultsOnly)) last = c;
      if (last) return last;
      for (const Change &c : m_changes)
        if (c.sequence > f.start && c.sequence <= f.end && (c.fault || !faultsOnly)) return c;
    }
    return std::nullopt;
  }

  std::vector<Asked> m_requests;
  std::vector<Change> m_changes;
};

/// Faults of all kinds to the servers and their cables, at random instants of [6 s, 30 s).
world::Script randomFaults(RandomStream &random, const net::Blueprint &network) {
  std::vector<std::uint32_t> servers, links;
  for (std::uint32_t n = 0; n < network.nodes.size(); ++n)
    if (network.nodes[n].id.starts_with("server")) servers.push_back(n);
  for (std::uint32_t l = 0; l < network.links.size(); ++l)
    if (network.links[l].id.find("switch") != std::string::npos) links.push_back(l);
  world::Script script;
  const std::uint64_t count = 1 + random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const SimTime from =
        SimTime::fromNs(6'000'000'000 + static_cast<std::int64_t>(random.below(24'000'000'000ULL)));
    const SimTime to =
        from + Duration::ns(static_cast<std::int64_t>(random.below(8'000'000'000ULL)));
    const NodeIndex node{servers[random.below(servers.size())]};
    const LinkIndex link{links[random.below(links.size())]};
    const auto during = [&](Kind begin, double value, Kind end, double after) {
      script.push_back({from, {begin, node, link, value}});
      script.push_back({to, {end, node, link, after}});
    };
    switch (random.below(6)) {
    case 0: during(Kind::CrashNode, 0, Kind::RestartNode, 0); break;
    case 1: during(Kind::PauseNode, 0, Kind::ResumeNode, 0); break;
    case 2: during(Kind::CutLink, 0, Kind::RestoreLink, 0); break;
    case 3: during(Kind::SetLoss, 0.5, Kind::SetLoss, 0); break;
    case 4:
      during(Kind::SetBlocked, 1 + static_cast<double>(random.below(2)), Kind::SetBlocked, 0);
      break;
    default: during(Kind::SetPartition, 1, Kind::SetPartition, 0); break;
    }
  }
  return script;
}

} // namespace

TEST_CASE("In runs with random faults the parts of each outage sum to what clients saw") {
  auto loaded = scenario::loadBuiltIn("active-passive-hot");
  REQUIRE(loaded.ok());
  std::size_t outagesSeen = 0;
  for (std::uint64_t trial = 1; trial <= 40; ++trial) {
    scenario::Scenario document = *loaded;
    document.script.clear();
    document.seed = trial;
    const auto built = scenario::build(document);
    REQUIRE(built.ok());
    RandomStream random(trial, "trial", "faults");
    const Run run =
        fixture::runDocument(document, seconds(40), 0, randomFaults(random, built->plan->network));
    FactBook facts;
    facts.extend(run.trace);
    const auto list = outages(run.chronicle, facts, run.network(), seconds(40));
    const auto naive = NaiveOutages(run).find();
    REQUIRE(list.size() == naive.size());
    outagesSeen += list.size();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Outage &o = list[i];
      REQUIRE(o.from == naive[i].first);
      REQUIRE(o.open == !naive[i].second.has_value());
      const SimTime to = naive[i].second.value_or(seconds(40));
      Duration sum;
      for (const OutageStep &step : o.steps) {
        REQUIRE(step.to >= step.from);
        sum = sum + (step.to - step.from);
      }
      REQUIRE(o.steps.size() == outageParts);
      REQUIRE(sum == to - naive[i].first);
    }
  }
  CHECK(outagesSeen > 20);
}

TEST_CASE("The takeover of a crashed server is told stage by stage") {
  const Run run = fixture::run("active-passive-hot", seconds(35));
  FactBook facts;
  facts.extend(run.trace);
  const auto list = outages(run.chronicle, facts, run.network(), seconds(35));
  REQUIRE(list.size() == 1);
  CHECK(list[0].service == "shop");
  CHECK(list[0].from == seconds(20));
  for (const OutagePart part : {OutagePart::Detect, OutagePart::TakeOver, OutagePart::Redirect,
                                OutagePart::Reconnect, OutagePart::Retry}) {
    INFO(name(part));
    CHECK(list[0].steps[static_cast<std::size_t>(part)].record != 0);
  }

  // Why did the last request fail that was sent before the other server took over?
  const RequestMark *failed = nullptr;
  for (const RequestMark &r : run.chronicle.requests())
    if (!r.open() && r.outcome == trace::RequestOutcome::Timeout && r.endedAt < list[0].to)
      failed = &r;
  REQUIRE(failed != nullptr);
  const Why why = whyOf(run.trace, run.network(), failed->ended);
  const auto told = [&](const std::string &part) {
    for (const WhyStep &step : why.chain)
      if (step.sentence.find(part) != std::string::npos) return true;
    return false;
  };
  for (const WhyStep &step : why.chain) UNSCOPED_INFO(step.sentence);
  CHECK(told("server A crashed."));
  CHECK(told("no advertisement from"));
  CHECK(told("client 1 asked for"));
}
