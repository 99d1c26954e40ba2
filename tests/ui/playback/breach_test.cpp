// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/raft_cluster.h"
#include "tests/support/catch.h"
#include "ui/playback/playback.h"

#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// Members that vote twice, and lose patience all at once.
scenario::Scenario doubleVotes() {
  experiments::RaftCluster cluster;
  cluster.members = 3;
  cluster.clients = 1;
  cluster.duration = Duration::seconds(6);
  cluster.memberParameters = {{"flaw", std::string("double-vote")}, {"prevote", false}};
  scenario::Scenario s = experiments::raftCluster(cluster);
  for (const char *member : {"m1", "m2", "m3"}) {
    scenario::ScriptEntry entry;
    entry.id = std::string("hurry-") + member;
    entry.at = SimTime::zero() + Duration::seconds(2);
    entry.action = scenario::ScriptEntry::Kind::TimeOut;
    entry.target = member;
    s.script.push_back(entry);
  }
  return s;
}

} // namespace

TEST_CASE("a run that breaks a promise of Raft ends there, and so does the cursor's way") {
  Document document;
  Playback playback(document);
  document.open(doubleVotes());
  REQUIRE(QTest::qWaitFor([&] { return playback.runEnded() && !playback.isPending(); }, 30'000));
  REQUIRE(playback.breach());
  const SimTime broken = playback.breach()->at;
  CHECK(broken < playback.end());
  CHECK(playback.lastInstant() == broken);
  CHECK(playback.trace().record(playback.breach()->record) != nullptr);
  playback.seek(playback.end());
  CHECK(playback.now() == broken);
  CHECK(playback.atEnd());

  REQUIRE(document.edit("", [](scenario::Scenario &s) { s.script.clear(); }).ok());
  REQUIRE(QTest::qWaitFor(
      [&] { return playback.runEnded() && !playback.breach() && !playback.isPending(); }, 30'000));
  CHECK(playback.lastInstant() == playback.end());
  document.undoStack().undo();
  REQUIRE(QTest::qWaitFor([&] { return playback.breach().has_value(); }, 30'000));
  CHECK(playback.lastInstant() == broken);
}
