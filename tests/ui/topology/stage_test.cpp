// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_state.h"
#include "core/scenario/build.h"
#include "core/scenario/groups.h"
#include "tests/ui/topology/board.h"
#include "ui/cluster/cluster_watch.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/sequence/role_spans.h"

#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

SimTime msOf(std::int64_t ms) { return SimTime::fromNs(ms * 1'000'000); }

scenario::Scenario clusterOfSize(int members) {
  scenario::Scenario s = Board::blank();
  scenario::placeGroup(s, members == 3 ? "raft-3" : "raft-5", {0, 0});
  s.duration = Duration::seconds(8);
  scenario::complete(s);
  return s;
}

/// A Raft cluster that has run to its end, and is looked at after so many milliseconds.
struct Stage : Board {
  QSignalSpy told{&faults, &FaultActions::done};
  QSignalSpy refused{&faults, &FaultActions::failed};

  explicit Stage(int members, std::int64_t ms = 2000) : Board(clusterOfSize(members)) {
    playback.pause();
    run();
    seek(ms);
  }
  /// To its end, with what was edited since.
  void run() {
    playback.seek(playback.end());
    REQUIRE(
        QTest::qWaitFor([this] { return !playback.isPending() && playback.runEnded(); }, 60'000));
  }
  void seek(std::int64_t ms) {
    playback.seek(msOf(ms));
    REQUIRE(QTest::qWaitFor([this] { return !playback.isPending(); }, 20'000));
  }
  std::uint32_t leader() {
    const auto &consensus = consensusOf(state);
    REQUIRE_FALSE(consensus.members.empty());
    const auto *leads = leaderOf(consensus, consensus.members.front().service);
    REQUIRE(leads != nullptr);
    return leads->node;
  }
  std::vector<RoleSpan> leaders() {
    auto spans = roleSpans(playback.facts(), SimTime::zero(), playback.end());
    std::erase_if(spans, [](const RoleSpan &span) { return span.role != "leader"; });
    return spans;
  }
  /// Terms that somebody asked for votes in from the instant on, with how many asked.
  std::map<std::uint64_t, int> asked(std::int64_t fromMs) {
    std::map<std::uint64_t, int> terms;
    const auto &facts = playback.facts();
    for (const auto &fact : facts.facts()) {
      const std::string value(facts.text(fact.value));
      if (fact.topic == trace::FactTopic::Vote && fact.at >= msOf(fromMs) &&
          value.starts_with("ask "))
        ++terms[std::stoull(value.substr(4))];
    }
    return terms;
  }
};

} // namespace

TEST_CASE("so many stand that none of them can win, and one less would not be enough") {
  for (std::size_t members = 3; members <= 9; ++members) {
    const std::size_t needed = members / 2 + 1;
    for (std::size_t live = needed; live <= members; ++live) {
      const std::size_t stand = standersForSplit(live, needed);
      REQUIRE(stand <= live);
      CHECK(1 + (live - stand) < needed); // its own vote and all who do not stand
      CHECK(1 + (live - (stand - 1)) >= needed);
    }
  }
}

TEST_CASE("a split vote that is staged happens: several stand in a term that nobody wins") {
  for (const int members : {3, 5}) {
    INFO(members << " members");
    Stage stage(members);
    const std::uint32_t before = stage.leader();
    const auto &nodes = stage.state.network().nodes;
    stage.faults.stage(RaftStage::SplitVote);
    REQUIRE(stage.told.count() == 1);
    CHECK(stage.told.last().at(0).toString().contains(QStringLiteral("Split vote")));
    CHECK(stage.undo().count() == 1);
    CHECK(stage.scenario().script.front().target == nodes[before].id);
    stage.run();
    const auto asked = stage.asked(2000);
    REQUIRE_FALSE(asked.empty());
    const auto [term, candidates] = *asked.begin();
    CHECK(candidates >= 2);
    const auto leaders = stage.leaders();
    for (const RoleSpan &span : leaders) CHECK(span.term != term);
    CHECK(leaders.back().term >= 1);
    const bool later = std::any_of(leaders.begin(), leaders.end(),
                                   [term = term](const auto &span) { return span.term > term; });
    CHECK(later); // the next time-outs are drawn anew, and one ends it
    stage.undo().undo();
    CHECK(stage.scenario().script.empty());
  }
}

TEST_CASE("a diverged log that is staged happens, and is mended by throwing entries away") {
  for (const int members : {3, 5}) {
    INFO(members << " members");
    Stage stage(members);
    const std::uint32_t before = stage.leader();
    stage.faults.stage(RaftStage::DivergedLog);
    REQUIRE(stage.told.count() == 1);
    CHECK(stage.undo().count() == 1);
    stage.run();
    stage.seek(4900); // it heals at 5 s
    const auto logs = clusterOf(stage.state).logs;
    const auto old =
        std::find_if(logs.begin(), logs.end(), [&](const auto &log) { return log.node == before; });
    REQUIRE(old != logs.end());
    const auto divergent = std::count_if(old->entries.begin(), old->entries.end(),
                                         [](const auto &entry) { return entry.divergent; });
    CHECK(divergent > 0);
    CHECK(stage.leader() != before);
    stage.seek(7900);
    bool thrownAway = false;
    for (const auto &log : clusterOf(stage.state).logs)
      for (const auto &entry : log.entries)
        thrownAway = thrownAway || (log.node == before && entry.thrownAway);
    CHECK(thrownAway);
  }
}

TEST_CASE("a leader that is cut off does not know that another one leads") {
  Stage stage(5);
  const std::uint32_t before = stage.leader();
  stage.faults.stage(RaftStage::CutOffLeader);
  CHECK(stage.undo().count() == 1);
  stage.run();
  stage.seek(4000);
  CHECK(stage.leader() != before);
  CHECK(stage.faults.isPartitioned());
}

TEST_CASE("a member whose time-out is ended by hand stands for election at that instant") {
  Stage stage(5);
  const std::uint32_t leader = stage.leader();
  std::uint32_t follower = leader;
  for (const auto &member : consensusOf(stage.state).members)
    if (member.node != leader) follower = member.node;
  stage.state.select(Selection::ofNode({follower}));
  stage.faults.stage(RaftStage::TimeOut);
  REQUIRE(stage.scenario().script.size() == 1);
  CHECK(stage.scenario().script[0].action == scenario::ScriptEntry::Kind::TimeOut);
  stage.run();
  CHECK(stage.asked(2000).begin()->second == 1);
  stage.seek(2001);
  CHECK(memberOf(consensusOf(stage.state), follower)->role != "follower");
}

TEST_CASE("what cannot be staged is refused with a sentence, and nothing is changed") {
  Board board;
  QSignalSpy refused(&board.faults, &FaultActions::failed);
  for (const RaftStage stage :
       {RaftStage::SplitVote, RaftStage::DivergedLog, RaftStage::CutOffLeader, RaftStage::TimeOut})
    board.faults.stage(stage);
  CHECK(refused.count() == 4);
  CHECK(refused.last().at(0).toString().contains(QStringLiteral("Raft")));
  CHECK(board.undo().count() == 0);
}

TEST_CASE("every member of a cluster wears its ring, clear of the others' and of all names") {
  Stage stage(5);
  stage.paint();
  const auto &dials = stage.canvas.dials();
  REQUIRE(dials.size() == 5);
  int leading = 0;
  for (std::size_t i = 0; i < dials.size(); ++i) {
    leading += dials[i].leads;
    CHECK(dials[i].term > 0);
    CHECK((dials[i].leads || dials[i].towardsLeader));
    for (std::size_t j = i + 1; j < dials.size(); ++j)
      CHECK(QLineF(dials[i].centre, dials[j].centre).length() > dials[i].radius + dials[j].radius);
  }
  CHECK(leading == 1);
  stage.hover(stage.at(stage.state.network().nodes[stage.leader()].id));
  // The same instant shows the same, however one came there.
  const double left = dials[1].left;
  stage.seek(500);
  stage.seek(2000);
  stage.paint();
  CHECK(stage.canvas.dials()[1].left == left);
}
