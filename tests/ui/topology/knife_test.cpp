// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/topology/board.h"

#include <algorithm>

using namespace packetarium;
using namespace packetarium::ui;
using Kind = scenario::ScriptEntry::Kind;

namespace {

/// Two hosts on each side of two switches that a cable joins.
struct TwoSides : Board {
  std::string a, b, c, d, left, right;
  int edits = 0;
  TwoSides() {
    a = drop("host", {-300, -100});
    b = drop("host", {-300, 100});
    left = drop("switch", {-130, 0});
    right = drop("switch", {130, 0});
    c = drop("host", {300, -100});
    d = drop("host", {300, 100});
    for (const auto &[from, to] :
         {std::pair{a, left}, {b, left}, {left, right}, {c, right}, {d, right}})
      canvas.edits().link(from, to);
    state.clearSelection();
    canvas.fit();
    edits = undo().count();
    seek(SimTime::fromNs(500'000'000));
    paint();
  }
  void seek(SimTime at) {
    playback.seek(at);
    for (int i = 0; i < 200 && state.now() != at; ++i) QTest::qWait(10);
    REQUIRE(state.now() == at);
  }
  QPoint middle(const std::string &x, const std::string &y) { return (at(x) + at(y)) / 2; }
  /// Across everything between the hosts on the left and their switch.
  void strokeLeft() { drag(middle(a, left) + QPoint(0, -60), middle(b, left) + QPoint(0, 60)); }
  int entries(Kind kind) const {
    const auto &script = scenario().script;
    return static_cast<int>(std::count_if(script.begin(), script.end(),
                                          [&](const auto &e) { return e.action == kind; }));
  }
  double side(const std::string &node) const {
    return conditionAt(scenario(), node, Kind::SetPartition, state.now());
  }
};

} // namespace

TEST_CASE("one stroke of the knife cuts every cable it crosses, as one edit") {
  TwoSides board;
  const std::string before = board.json();
  board.canvas.takeKnife(true);
  REQUIRE(board.canvas.knife().isActive());
  board.strokeLeft();
  CHECK_FALSE(board.canvas.knife().isActive());
  CHECK(board.entries(Kind::CutLink) == 2);
  CHECK(board.undo().count() == board.edits + 1);
  CHECK(board.undo().undoText().startsWith(QStringLiteral("Partition: cut 2 links at 500")));
  for (const auto &entry : board.scenario().script) CHECK(entry.at == SimTime::fromNs(500'000'000));
  board.undo().undo();
  CHECK(board.json() == before);
}

TEST_CASE("what the stroke crosses lights up while it is drawn, and Esc puts the knife away") {
  TwoSides board;
  const std::string before = board.json();
  board.canvas.takeKnife(true);
  const QPoint from = board.middle(board.a, board.left) + QPoint(0, -60);
  const QPoint to = board.middle(board.b, board.left) + QPoint(0, 60);
  board.press(from);
  board.moveTo(from, to);
  CHECK(board.canvas.knife().isCutting());
  CHECK(board.canvas.knife().crossed().size() == 2);
  CHECK(board.canvas.knife().words() == QStringLiteral("Cut 2 cables"));
  board.key(Qt::Key_Escape);
  CHECK_FALSE(board.canvas.knife().isActive());
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, to);
  CHECK(board.json() == before);
  CHECK(board.undo().count() == board.edits);
}

TEST_CASE("a stroke over nothing keeps the knife in the hand, a click on a cable cuts that one") {
  TwoSides board;
  board.canvas.takeKnife(true);
  board.drag(board.at(board.a) + QPoint(0, -70), board.at(board.a) + QPoint(40, -70));
  CHECK(board.canvas.knife().isActive());
  CHECK(board.undo().count() == board.edits);
  board.click(board.middle(board.left, board.right));
  CHECK_FALSE(board.canvas.knife().isActive());
  CHECK(board.entries(Kind::CutLink) == 1);
}

TEST_CASE("a link that is cut already is not cut again by the stroke") {
  TwoSides board;
  board.canvas.takeKnife(true);
  board.strokeLeft();
  board.canvas.takeKnife(true);
  board.strokeLeft();
  CHECK(board.entries(Kind::CutLink) == 2);
  CHECK(board.canvas.knife().isActive());
}

TEST_CASE("what is marked goes on one side and all other hosts on the other, as one edit") {
  TwoSides board;
  board.state.mark({board.a, board.b, board.left});
  REQUIRE(board.faults.canPartition());
  board.faults.partitionMarked();
  CHECK(board.undo().count() == board.edits + 1);
  CHECK(board.side(board.a) == 1);
  CHECK(board.side(board.b) == 1);
  CHECK(board.side(board.c) == 2);
  CHECK(board.side(board.d) == 2);
  CHECK(board.side(board.left) == 0); // a switch hears everybody
  board.seek(SimTime::fromNs(600'000'000));
  QTest::qWait(50);
  board.paint();
  const auto index = board.playback.built().node(board.c);
  CHECK(board.canvas.look().nodes[index.value].side == 2);
}

TEST_CASE("healing plugs in every cut cable and takes every node off its side, as one edit") {
  TwoSides board;
  board.canvas.takeKnife(true);
  board.strokeLeft();
  board.state.mark({board.c});
  board.faults.partitionMarked();
  board.seek(SimTime::fromNs(900'000'000));
  REQUIRE(board.faults.isPartitioned());
  const int before = board.undo().count();
  board.faults.healAll();
  CHECK(board.undo().count() == before + 1);
  CHECK(board.entries(Kind::RestoreLink) == 2);
  for (const auto &node : board.scenario().nodes) CHECK(board.side(node.id) == 0);
  CHECK_FALSE(board.faults.isPartitioned());
  QSignalSpy failed(&board.faults, &FaultActions::failed);
  board.faults.healAll();
  CHECK(failed.count() == 1);
  CHECK(board.undo().count() == before + 1);
}

TEST_CASE("the menu of a node and of a cable offers every fault there is for them") {
  TwoSides board;
  QMenu node, link;
  board.faults.fill(node, Selection::ofNode(board.playback.built().node(board.a)));
  board.faults.fill(link, Selection::ofLink({0}));
  const auto has = [](const QMenu &menu, Kind kind) {
    const auto actions = menu.actions();
    return std::any_of(actions.begin(), actions.end(), [&](const QAction *action) {
      return action->text().startsWith(actionVerb(kind)) && !action->icon().isNull() &&
             !action->toolTip().isEmpty();
    });
  };
  for (const Kind kind : {Kind::CrashNode, Kind::PauseNode, Kind::RestartEmpty, Kind::SetSlowness,
                          Kind::SetClockOffset, Kind::SetClockDrift, Kind::SetPartition})
    CHECK(has(node, kind));
  for (const Kind kind :
       {Kind::CutLink, Kind::SetBlocked, Kind::SetFlap, Kind::SetLoss, Kind::SetDuplicate,
        Kind::SetReorder, Kind::SetCorrupt, Kind::SetDelay, Kind::SetJitter, Kind::SetRate})
    CHECK(has(link, kind));
}

TEST_CASE("one direction of a cable is chosen by the names of its ends, and shown by an arrow") {
  TwoSides board;
  QMenu menu;
  board.faults.fill(menu, Selection::ofLink({2}));
  QAction *towards = nullptr;
  const QString wanted = targetLabel(board.scenario(), board.left) + QStringLiteral(" → ") +
                         targetLabel(board.scenario(), board.right) + QStringLiteral(" only");
  for (QAction *action : menu.actions())
    if (action->menu() != nullptr)
      for (QAction *choice : action->menu()->actions())
        if (choice->text() == wanted) towards = choice;
  REQUIRE(towards != nullptr);
  towards->trigger();
  REQUIRE(board.scenario().script.size() == 1);
  CHECK(board.scenario().script[0].action == Kind::SetBlocked);
  CHECK(board.scenario().script[0].value == 2); // what the second end sends is lost
  board.seek(SimTime::fromNs(700'000'000));
  QTest::qWait(50);
  board.paint();
  CHECK(board.canvas.look().links[2].oneWay == 1);
}

TEST_CASE("a slow processor and a wrong clock are seen on the node and told in its words") {
  TwoSides board;
  const auto a = Selection::ofNode(board.playback.built().node(board.a));
  board.faults.apply(Kind::SetSlowness, a, 10);
  board.faults.apply(Kind::SetClockOffset, a, 1e9);
  board.seek(SimTime::fromNs(700'000'000));
  QTest::qWait(50);
  board.paint();
  const auto &look = board.canvas.look().nodes[a.node.value];
  CHECK(look.slow);
  CHECK(look.clockWrong);
  board.state.select(a);
  const QString words = board.canvas.accessibleDescription();
  CHECK(words.contains(QStringLiteral("10×")));
  CHECK(words.contains(QStringLiteral("s ahead")));
}
