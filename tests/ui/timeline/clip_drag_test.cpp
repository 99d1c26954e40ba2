// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/document/clips.h"
#include "ui/document/faults.h"
#include "ui/timeline/timeline.h"

#include <QTest>

#include <cmath>

using namespace packetarium;
using namespace packetarium::ui;
using Action = scenario::ScriptEntry::Kind;

namespace {

SimTime ms(std::int64_t v) { return SimTime::fromNs(v * 1'000'000); }

/// A timeline over the default run with one cut from 100 to 200 ms.
struct TimelineStage {
  RunStage run{QStringLiteral("web-request")};
  Timeline timeline{run.state};
  std::string id;

  TimelineStage() {
    const std::string link = run.state.scenario().links.front().id;
    REQUIRE(applyFault(run.document, {Action::CutLink, link, 0, ms(100)}).ok());
    REQUIRE(applyFault(run.document, {Action::RestoreLink, link, 0, ms(200)}).ok());
    timeline.resize(1000, 120);
    timeline.show();
    QTest::qWait(200); // the span is chosen from what the run says
    run.document.undoStack().clear();
    id = clip().beginId;
  }
  ScriptClip clip() const { return clipsOf(run.state.scenario()).front(); }
  QPoint at(double x) const { return {static_cast<int>(std::lround(x)), centre().y()}; }
  QPoint centre() const { return timeline.boxOf(id).center().toPoint(); }
  double x(SimTime t) const { return timeline.axis().x(t); }
  void drag(QPoint from, QPoint to, Qt::KeyboardModifiers keys, bool drop = true) {
    QTest::mousePress(&timeline, Qt::LeftButton, keys, from);
    for (int i = 1; i <= 5; ++i) {
      const QPoint point = from + (to - from) * i / 5;
      QMouseEvent move(QEvent::MouseMove, point, timeline.mapToGlobal(point), Qt::NoButton,
                       Qt::LeftButton, keys);
      QApplication::sendEvent(&timeline, &move);
    }
    if (drop) QTest::mouseRelease(&timeline, Qt::LeftButton, keys, to);
  }
  double slack() const { return 2 * timeline.axis().nsPerPixel(); }
};

} // namespace

TEST_CASE("while there is no fault the words that say so keep clear of the cursor") {
  RunStage run{QStringLiteral("web-request")};
  Timeline timeline{run.state};
  timeline.resize(1000, 120);
  timeline.show();
  QTest::qWait(200);
  const QColor words = run.hub.theme().dim;
  bool left = false, right = false; // they were seen on either side
  for (const int at : {0, 100, 2000, 6000, 10'000, 13'000, 15'000, 30'000, 59'000}) {
    run.seekMs(at);
    const QImage picture = timeline.grab().toImage();
    const int cursor = static_cast<int>(timeline.axis().x(ms(at)));
    const auto near = [](QColor a, QColor b) {
      return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
                 std::abs(a.blue() - b.blue()) <
             30;
    };
    // The row of the clips, above the numbers of the story's steps.
    for (int y = 4; y < 22; ++y)
      for (int x = static_cast<int>(timeline.axis().left) + 4; x < 700; ++x) {
        if (!near(picture.pixelColor(x, y), words)) continue;
        INFO("cursor at " << cursor << ", words at " << x << ", " << y);
        CHECK(std::abs(x - cursor) > 8);
        (x < cursor ? left : right) = true;
      }
  }
  CHECK(left);
  CHECK(right);
}

TEST_CASE("a clip is dragged to another time with its end, and the document changes on release") {
  TimelineStage stage;
  const double far = stage.x(ms(30)) - stage.x(ms(0));
  const QPoint from = stage.centre();
  stage.drag(from, stage.at(from.x() + far), Qt::ShiftModifier, false);
  CHECK(stage.clip().from == ms(100));
  CHECK(stage.timeline.boxOf(stage.id).left() > stage.x(ms(120)));
  QTest::mouseRelease(&stage.timeline, Qt::LeftButton, Qt::ShiftModifier, stage.at(from.x() + far));
  CHECK(std::abs(static_cast<double>((stage.clip().from - ms(130)).ns())) < stage.slack());
  CHECK((stage.clip().to - stage.clip().from) == Duration::ms(100));
  CHECK(stage.run.document.undoStack().count() == 1);
  CHECK(stage.run.document.undoStack().undoText().startsWith(QStringLiteral("Move")));
  stage.run.document.undoStack().undo();
  CHECK(stage.clip().from == ms(100));
}

TEST_CASE("without Shift a dragged clip snaps to whole units of the axis") {
  TimelineStage stage;
  const QPoint from = stage.centre();
  stage.drag(from, stage.at(from.x() + 37), Qt::NoModifier);
  CHECK(stage.clip().from > ms(100));
  CHECK(stage.clip().from.ns() % 1'000'000 == 0);
}

TEST_CASE("a clip snaps to a bookmark near by") {
  TimelineStage stage;
  const SimTime mark = ms(145); // where the page arrives
  const double far = stage.x(mark) - stage.x(ms(100)) + 3;
  const QPoint from = stage.centre();
  stage.drag(from, stage.at(from.x() + far), Qt::NoModifier);
  CHECK(stage.clip().from == mark);
}

TEST_CASE("either end of a clip is stretched") {
  TimelineStage stage;
  stage.drag(stage.at(stage.x(ms(200)) + 2), stage.at(stage.x(ms(220))), Qt::ShiftModifier);
  CHECK(stage.clip().from == ms(100));
  CHECK(std::abs(static_cast<double>((stage.clip().to - ms(220)).ns())) < 2 * stage.slack());
  stage.drag(stage.at(stage.x(ms(100)) - 2), stage.at(stage.x(ms(80))), Qt::ShiftModifier);
  CHECK(std::abs(static_cast<double>((stage.clip().from - ms(80)).ns())) < 2 * stage.slack());
  CHECK(stage.run.document.undoStack().count() == 2);
}

TEST_CASE("Escape takes a drag back") {
  TimelineStage stage;
  const std::string before = scenario::toJson(stage.run.state.scenario());
  const QPoint from = stage.centre();
  stage.drag(from, stage.at(from.x() + 60), Qt::NoModifier, false);
  QTest::keyClick(&stage.timeline, Qt::Key_Escape);
  QTest::mouseRelease(&stage.timeline, Qt::LeftButton, Qt::NoModifier, stage.at(from.x() + 60));
  CHECK(scenario::toJson(stage.run.state.scenario()) == before);
  CHECK(std::abs(stage.timeline.boxOf(stage.id).left() - stage.x(ms(100))) < 1);
}

TEST_CASE("a click chooses a clip and what it is about; elsewhere it seeks as ever") {
  TimelineStage stage;
  QTest::mouseClick(&stage.timeline, Qt::LeftButton, {}, stage.centre());
  CHECK(stage.timeline.chosenClip() == stage.id);
  CHECK(stage.run.state.selection().kind == Selection::Kind::Link);
  const SimTime before = stage.run.state.now();
  const QPoint bars(static_cast<int>(stage.x(ms(50))), stage.timeline.height() - 30);
  QTest::mouseClick(&stage.timeline, Qt::LeftButton, {}, bars);
  CHECK(stage.timeline.chosenClip().empty());
  CHECK_FALSE(stage.run.state.now() == before);
  CHECK(stage.run.document.undoStack().count() == 0);
}

TEST_CASE("keys choose, move, stretch and delete clips; nudges are one step of undo") {
  TimelineStage stage;
  stage.timeline.setFocus();
  QTest::keyClick(&stage.timeline, Qt::Key_Down);
  REQUIRE(stage.timeline.chosenClip() == stage.id);
  for (int i = 0; i < 3; ++i) QTest::keyClick(&stage.timeline, Qt::Key_Right, Qt::ControlModifier);
  CHECK(stage.clip().from > ms(100));
  CHECK((stage.clip().to - stage.clip().from) == Duration::ms(100));
  CHECK(stage.run.document.undoStack().count() == 1);
  const SimTime end = stage.clip().to;
  QTest::keyClick(&stage.timeline, Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
  CHECK(stage.clip().to > end);
  QTest::keyClick(&stage.timeline, Qt::Key_Delete);
  CHECK(stage.run.state.scenario().script.empty());
  CHECK(stage.timeline.chosenClip().empty());
  stage.run.document.undoStack().undo();
  stage.run.document.undoStack().undo();
  stage.run.document.undoStack().undo();
  CHECK(stage.clip().from == ms(100));
}

TEST_CASE("an edit leaves the stretch of the run that is looked at as it was") {
  TimelineStage stage;
  const TimeAxis before = stage.timeline.axis();
  REQUIRE(before.to < before.end);
  REQUIRE(moveClip(stage.run.document, stage.id, ms(110)).ok());
  QTest::qWait(400);
  CHECK(stage.timeline.axis() == before);
  REQUIRE(stage.run.document
              .edit(QStringLiteral("slower"),
                    [](scenario::Scenario &s) { s.links.front().delay = Duration::ms(3); })
              .ok());
  QTest::qWait(400);
  CHECK(stage.timeline.axis() == before);
}
