// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/consensus.h"
#include "core/scenario/build.h"
#include "core/scenario/groups.h"
#include "tests/support/catch.h"
#include "ui/document/faults.h"
#include "ui/playback/playback.h"
#include "ui/sequence/role_spans.h"

#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;

TEST_CASE("the spines tell at every instant what the state of the cluster tells") {
  scenario::Scenario s;
  s.id = "test";
  s.title = "Test";
  s.duration = Duration::seconds(4);
  scenario::placeGroup(s, "raft-3", {0, 0});
  scenario::complete(s);
  Document document;
  Playback playback{document};
  document.open(s);
  for (const auto &node : document.scenario().nodes)
    if (!node.programs.empty() && node.programs.front().kind == "raft") {
      const SimTime at = SimTime::fromNs(1'500'000'000);
      REQUIRE(applyFault(document, {FaultAction::CrashNode, node.id, 0, at}).ok());
      REQUIRE(
          applyFault(document, {FaultAction::RestartNode, node.id, 0, at + Duration::seconds(1)})
              .ok());
      break;
    }
  playback.pause();
  playback.runAheadTo(playback.end());
  REQUIRE(QTest::qWaitFor([&] { return playback.runEnded(); }, 60'000));
  const auto spans = roleSpans(playback.facts(), SimTime::zero(), playback.end());
  REQUIRE(spans.size() >= 6);
  int compared = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const RoleSpan &span = spans[i];
    CHECK(span.from < span.to);
    if (i > 0 && spans[i - 1].node == span.node) CHECK(spans[i - 1].to == span.from);
    // The last record before the span ends, as far as facts go.
    trace::Sequence upTo = 0;
    for (const auto &fact : playback.facts().facts())
      if (fact.at >= span.from && fact.at < span.to) upTo = std::max(upTo, fact.sequence);
    if (upTo == 0) continue;
    const auto state = analysis::consensusState(playback.facts(), playback.network(), upTo);
    for (const auto &member : state.members) {
      if (member.node != span.node) continue;
      INFO("node " << span.node << " from " << span.from.ns());
      CHECK(member.role == span.role);
      CHECK(member.term == span.term);
      ++compared;
    }
  }
  CHECK(compared >= 6);
}
