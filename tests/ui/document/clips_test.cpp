// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/clips.h"
#include "ui/document/faults.h"

using namespace packetarium;
using namespace packetarium::ui;
using Action = scenario::ScriptEntry::Kind;

namespace {

SimTime ms(std::int64_t v) { return SimTime::fromNs(v * 1'000'000); }

/// The default scenario with a fault or two on one link.
struct ClipStage {
  Document document;
  std::string link, node, before;

  ClipStage() {
    REQUIRE(document.open(QString::fromUtf8(scenario::defaultScenarioId.data())).ok());
    link = document.scenario().links.front().id;
    node = document.scenario().nodes.front().id;
    before = scenario::toJson(document.scenario());
  }
  void put(Action action, const std::string &target, SimTime at, double value = 0) {
    REQUIRE(applyFault(document, {action, target, value, at}).ok());
  }
  void cut(std::int64_t from, std::int64_t to) {
    put(Action::CutLink, link, ms(from));
    put(Action::RestoreLink, link, ms(to));
  }
  std::vector<ScriptClip> clips() const { return clipsOf(document.scenario()); }
  std::string text() const { return scenario::toJson(document.scenario()); }
};

} // namespace

TEST_CASE("a fault and its end are one clip") {
  ClipStage stage;
  stage.cut(100, 200);
  stage.put(Action::CrashNode, stage.node, ms(150));
  const auto clips = stage.clips();
  REQUIRE(clips.size() == 2);
  CHECK(clips[0].from == ms(100));
  CHECK(clips[0].to == ms(200));
  CHECK_FALSE(clips[0].open);
  CHECK(clips[0].target == stage.link);
  CHECK(clips[1].open);
  CHECK(clips[1].to == SimTime::zero() + stage.document.scenario().duration);
}

TEST_CASE("a clip moves with its end, as one edit with a name, and undo brings it back") {
  ClipStage stage;
  stage.cut(100, 200);
  const std::string before = stage.text();
  const int edits = stage.document.undoStack().count();
  REQUIRE(moveClip(stage.document, stage.clips().front().beginId, ms(300)).ok());
  CHECK(stage.clips().front().from == ms(300));
  CHECK(stage.clips().front().to == ms(400));
  CHECK(stage.document.undoStack().count() == edits + 1);
  CHECK(stage.document.undoStack().undoText().startsWith(QStringLiteral("Move “cut ")));
  stage.document.undoStack().undo();
  CHECK(stage.text() == before);
}

TEST_CASE("a clip stays within the run and off its neighbours") {
  ClipStage stage;
  stage.cut(100, 200);
  stage.cut(500, 600);
  const std::string first = stage.clips().front().beginId;
  REQUIRE(moveClip(stage.document, first, ms(550)).ok());
  CHECK(stage.clips().front().from == ms(400));
  CHECK(stage.clips().front().to == ms(500));
  REQUIRE(stage.clips().size() == 2);
  REQUIRE(moveClip(stage.document, first, SimTime::zero()).ok());
  CHECK(stage.clips().front().from == SimTime::zero());
  REQUIRE(stretchEnd(stage.document, first, ms(900)).ok());
  CHECK(stage.clips().front().to == ms(500));
  CHECK(stage.clips().size() == 2);
  REQUIRE(stretchBegin(stage.document, stage.clips().back().beginId, ms(5)).ok());
  CHECK(stage.clips().back().from == ms(500));
}

TEST_CASE("a clip that never ends is given an end by stretching it") {
  ClipStage stage;
  stage.put(Action::CrashNode, stage.node, ms(150));
  stage.put(Action::SetLoss, stage.link, ms(100), 0.5);
  for (const ScriptClip &clip : stage.clips()) {
    REQUIRE(clip.open);
    REQUIRE(stretchEnd(stage.document, clip.beginId, ms(400)).ok());
  }
  const auto clips = stage.clips();
  REQUIRE(clips.size() == 2);
  for (const ScriptClip &clip : clips) {
    CHECK_FALSE(clip.open);
    CHECK(clip.to == ms(400));
  }
  // The loss goes back to what the document says.
  CHECK(conditionAt(stage.document.scenario(), stage.link, Action::SetLoss, ms(300)) == 0.5);
  CHECK(conditionAt(stage.document.scenario(), stage.link, Action::SetLoss, ms(400)) ==
        stage.document.scenario().link(stage.link)->loss);
}

TEST_CASE("of two conditions in a row each keeps its own, and their border moves") {
  ClipStage stage;
  stage.put(Action::SetDelay, stage.link, ms(100), 40e6);
  stage.put(Action::SetDelay, stage.link, ms(200), 80e6);
  auto clips = stage.clips();
  REQUIRE(clips.size() == 2);
  CHECK(clips[0].endShared);
  REQUIRE(moveClip(stage.document, clips[0].beginId, ms(150)).ok());
  CHECK(stage.clips()[0].from == ms(150));
  CHECK(stage.clips()[1].from == ms(200));
  REQUIRE(stretchEnd(stage.document, clips[0].beginId, ms(250)).ok());
  CHECK(stage.clips()[1].from == ms(250));
  REQUIRE(removeClip(stage.document, clips[0].beginId).ok());
  REQUIRE(stage.clips().size() == 1);
  CHECK(stage.clips()[0].value == 80e6);
}

TEST_CASE("a removed clip takes its end along") {
  ClipStage stage;
  stage.cut(100, 200);
  REQUIRE(removeClip(stage.document, stage.clips().front().beginId).ok());
  CHECK(stage.text() == stage.before);
  CHECK(stage.document.undoStack().undoText().startsWith(QStringLiteral("Remove “cut ")));
  CHECK_FALSE(removeClip(stage.document, "nothing").ok());
}

TEST_CASE("the script stays in order of time whatever is moved") {
  ClipStage stage;
  stage.cut(100, 200);
  stage.put(Action::CrashNode, stage.node, ms(150));
  REQUIRE(moveClip(stage.document, stage.clips().front().beginId, ms(800)).ok());
  const auto &script = stage.document.scenario().script;
  for (std::size_t i = 1; i < script.size(); ++i) CHECK(script[i - 1].at <= script[i].at);
}

TEST_CASE("a condition on several links is one edit, and what holds already adds nothing") {
  ClipStage stage;
  const auto &links = stage.document.scenario().links;
  const std::vector<std::string> two{links[0].id, links[1].id};
  const int edits = stage.document.undoStack().count();
  REQUIRE(setCondition(stage.document, two, Action::SetDelay, 40e6, ms(100)).ok());
  CHECK(stage.document.undoStack().count() == edits + 1);
  CHECK(stage.document.scenario().script.size() == 2);
  REQUIRE(setCondition(stage.document, two, Action::SetDelay, 40e6, ms(300)).ok());
  CHECK(stage.document.scenario().script.size() == 2);
  REQUIRE(setCondition(stage.document, two, Action::SetDelay, 50e6, ms(100)).ok());
  CHECK(stage.document.scenario().script.size() == 2);
  CHECK(conditionAt(stage.document.scenario(), two[1], Action::SetDelay, ms(100)) == 50e6);
  REQUIRE(setCondition(stage.document, two, Action::SetDelay, 60e6, SimTime::zero()).ok());
  CHECK(stage.document.scenario().link(two[0])->delay == Duration::ms(60));
  CHECK(stage.document.scenario().script.size() == 2);
}
