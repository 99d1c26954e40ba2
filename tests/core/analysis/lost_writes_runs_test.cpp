// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <map>
#include <optional>
#include <set>
#include <sstream>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using Kind = world::Action::Kind;

namespace {

constexpr std::int64_t cycleMs = 6000;

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

/// Crashes, promotions by hand and returns, each cycle at instants of its own.
world::Script cycles(RandomStream &random, std::size_t count) {
  world::Script script;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](std::int64_t from, std::int64_t to) {
      return ms(5000 + static_cast<std::int64_t>(i) * cycleMs + from) +
             Duration::ns(static_cast<std::int64_t>(
                 random.below(static_cast<std::uint64_t>(to - from) * 1'000'000)));
    };
    const NodeIndex victim{static_cast<std::uint32_t>(random.below(2))};
    const NodeIndex other{1 - victim.value};
    script.push_back({at(0, 1500), {Kind::CrashNode, victim, {}, 0}});
    script.push_back({at(2000, 4000), {Kind::Promote, other, {}, 0}});
    script.push_back(
        {at(1600, 4500),
         {random.below(8) == 0 ? Kind::RestartEmpty : Kind::RestartNode, victim, {}, 0}});
  }
  return script;
}

/// Acknowledgements and logs, replayed in the plainest way.
class NaiveLogs {
public:
  void take(const Run &run, const trace::Record &r, trace::Sequence s) {
    if (r.kind == trace::RecordKind::NodeState &&
        static_cast<trace::NodeHealth>(r.detail) == trace::NodeHealth::Crashed)
      m_serving.erase(r.node);
    if (r.kind != trace::RecordKind::Fact) return;
    const auto text = [&](std::size_t arg) { return std::string(run.trace.text(s, r.args[arg])); };
    switch (static_cast<trace::FactTopic>(r.detail)) {
    case trace::FactTopic::Role:
      m_serving.erase(r.node);
      if (text(2) == "primary") m_serving.insert(r.node);
      break;
    case trace::FactTopic::Operation:
      if (text(1) == "ok" && !text(2).starts_with("read")) m_acknowledged.insert(text(2));
      break;
    case trace::FactTopic::Log: {
      std::istringstream words(text(2));
      std::string change;
      std::size_t index = 0;
      std::uint64_t epoch = 0;
      words >> change >> index >> epoch;
      auto &log = m_logs[r.node];
      if (change == "append" || change == "truncate") log.resize(std::min(log.size(), index - 1));
      if (change == "append") log.emplace_back(epoch, text(3));
      break;
    }
    default: break;
    }
  }

  /// What was acknowledged and is not with who serves; nothing when nobody does.
  std::optional<std::multiset<std::string>> lost() const {
    const std::vector<std::pair<std::uint64_t, std::string>> *best = nullptr;
    for (const std::uint32_t node : m_serving) {
      const auto at = m_logs.find(node);
      if (at == m_logs.end() || at->second.empty()) continue;
      if (best == nullptr || at->second.back().first > best->back().first) best = &at->second;
    }
    if (best == nullptr) return std::nullopt;
    std::multiset<std::string> missing = m_acknowledged;
    for (const auto &[epoch, operation] : *best)
      if (const auto at = missing.find(operation); at != missing.end()) missing.erase(at);
    return missing;
  }

private:
  std::multiset<std::string> m_acknowledged;
  std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::string>>> m_logs;
  std::set<std::uint32_t> m_serving;
};

} // namespace

TEST_CASE("Over 1000 random crashes the lost writes are those that a naive comparison finds") {
  constexpr std::size_t runs = 25, crashes = 40;
  std::size_t judged = 0, lostSeen = 0;
  for (std::uint64_t trial = 1; trial <= runs; ++trial) {
    RandomStream random(trial, "trial", "crashes");
    auto loaded = scenario::loadBuiltIn("lost-write");
    REQUIRE(loaded.ok());
    scenario::Scenario document = std::move(loaded).value();
    document.script.clear();
    document.seed = trial;
    REQUIRE(document.nodes[0].id == "alpha");
    REQUIRE(document.nodes[1].id == "beta");
    const SimTime end = ms(5000 + static_cast<std::int64_t>(crashes) * cycleMs);
    document.duration = end - SimTime::zero();
    const Run run = fixture::runDocument(document, end, 0, cycles(random, crashes));
    FactBook facts;
    facts.extend(run.trace);
    NaiveLogs naive;
    std::int64_t next = 1;
    run.forEach([&](const trace::Record &r, trace::Sequence s) {
      for (; r.at >= ms(5000 + next * cycleMs); ++next) {
        const auto expected = naive.lost();
        if (!expected) continue;
        std::multiset<std::string> told;
        for (const LostWrite &w : lostWrites(facts, run.network(), s - 1)) {
          told.insert(w.operation);
          CHECK_FALSE(w.story.empty());
        }
        REQUIRE(told == *expected);
        ++judged;
        lostSeen += told.size();
      }
      naive.take(run, r, s);
    });
  }
  INFO(judged << " judged, " << lostSeen << " lost");
  CHECK(judged > runs * crashes / 2);
  CHECK(lostSeen > 100);
}
