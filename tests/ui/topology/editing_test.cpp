// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/topology/board.h"

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// Three hosts in a row, with names.
struct Row : Board {
  std::string a, b, c;
  Row() {
    a = drop("host", {-200, 0});
    b = drop("host", {0, 0});
    c = drop("host", {200, 0});
    state.clearSelection();
    paint();
    edits = undo().count();
  }
  int edits = 0;
  using Ids = std::vector<std::string>;
};

} // namespace

TEST_CASE("a click marks, with Shift or Ctrl it adds and takes away, on the ground it clears") {
  Row board;
  board.click(board.at(board.a));
  CHECK(board.state.marked() == Row::Ids{board.a});
  board.click(board.at(board.b), Qt::ShiftModifier);
  board.click(board.at(board.c), Qt::ControlModifier);
  CHECK(board.state.marked() == Row::Ids{board.a, board.b, board.c});
  board.click(board.at(board.b), Qt::ControlModifier);
  CHECK(board.state.marked() == Row::Ids{board.a, board.c});
  board.click(board.at(board.c));
  CHECK(board.state.marked() == Row::Ids{board.c});
  board.click({20, 600});
  CHECK(board.state.marked().empty());
}

TEST_CASE("the rubber band marks what it touches, and adds with Shift") {
  Row board;
  const QPoint a = board.at(board.a), b = board.at(board.b), c = board.at(board.c);
  board.drag(a + QPoint(-60, -60), b + QPoint(10, 60));
  CHECK(board.state.marked() == Row::Ids{board.a, board.b});
  board.drag(c + QPoint(-60, -60), c + QPoint(10, 60), Qt::ShiftModifier);
  CHECK(board.state.marked() == Row::Ids{board.a, board.b, board.c});
  const auto before = board.canvas.scene().transform();
  board.drag(c + QPoint(60, -90), c + QPoint(10, 60));
  CHECK(board.state.marked() == Row::Ids{board.c});
  CHECK(board.canvas.scene().transform() == before); // it pans no more
  CHECK(board.undo().count() == board.edits);
}

TEST_CASE("Escape gives up a rubber band and a move") {
  Row board;
  board.state.mark({board.c});
  board.press(board.at(board.a) + QPoint(-60, -60));
  board.moveTo(board.at(board.a) + QPoint(-60, -60), board.at(board.b) + QPoint(10, 60));
  CHECK(board.state.marked().size() == 2);
  board.key(Qt::Key_Escape);
  CHECK(board.state.marked() == Row::Ids{board.c});
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, board.at(board.b));
  const std::string before = board.json();
  const QPoint at = board.at(board.a);
  board.press(at);
  board.moveTo(at, at + QPoint(0, 90));
  CHECK(board.at(board.a) != at);
  board.key(Qt::Key_Escape);
  CHECK(board.at(board.a) == at);
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, at + QPoint(0, 90));
  CHECK(board.json() == before);
  CHECK(board.undo().count() == board.edits);
}

TEST_CASE("the middle button and the space bar pan") {
  Row board;
  const QPointF before = board.canvas.scene().transform().origin;
  board.drag({500, 550}, {540, 500}, {}, Qt::MiddleButton);
  CHECK(board.canvas.scene().transform().origin == before + QPointF(40, -50));
  QTest::keyPress(&board.canvas, Qt::Key_Space);
  board.drag(board.at(board.a), board.at(board.a) + QPoint(-40, 50));
  QTest::keyRelease(&board.canvas, Qt::Key_Space);
  CHECK(board.canvas.scene().transform().origin == before);
  CHECK_FALSE(board.playback.isPlaying());
  CHECK(board.undo().count() == board.edits);
  board.key(Qt::Key_Space);
  CHECK(board.playback.isPlaying());
}

TEST_CASE("dragging one of several marked nodes moves them all as one step of undo") {
  Row board;
  const std::string before = board.json();
  const auto a = board.place(board.a), b = board.place(board.b), c = board.place(board.c);
  board.state.mark({board.a, board.b});
  const auto generation = board.playback.fingerprint();
  board.drag(board.at(board.b), board.at(board.b) + QPoint(43, 85));
  const auto moved = board.place(board.b);
  CHECK(moved.x > b.x);
  CHECK(moved.x % gridStep == 0);
  CHECK(moved.y % gridStep == 0);
  CHECK(board.place(board.a).x - a.x == moved.x - b.x);
  CHECK(board.place(board.a).y - a.y == moved.y - b.y);
  CHECK(board.place(board.c) == c);
  CHECK(board.undo().count() == board.edits + 1);
  CHECK(board.state.marked() == Row::Ids{board.a, board.b});
  CHECK(board.playback.fingerprint() == generation);
  board.undo().undo();
  CHECK(board.json() == before);
}

TEST_CASE("what is held beyond an edge draws the ground after it, still as one step of undo") {
  Row board;
  const std::string before = board.json();
  const double seen = board.canvas.scene().transform().origin.x();
  const QPoint from = board.at(board.c);
  const QPoint beyond(board.canvas.width() + 40, from.y());
  board.press(from);
  board.moveTo(from, beyond);
  REQUIRE(QTest::qWaitFor([&] { return board.canvas.scene().transform().origin.x() < seen - 100; },
                          5000));
  CHECK((board.at(board.c) - beyond).manhattanLength() <= 2 * gridStep);
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, beyond);
  CHECK((board.at(board.c) - beyond).manhattanLength() <= 2 * gridStep);
  CHECK(board.undo().count() == board.edits + 1);
  board.undo().undo();
  CHECK(board.json() == before);
}

TEST_CASE("Ctrl and the arrows nudge by one step of the grid, many times as one undo") {
  Row board;
  const std::string before = board.json();
  const auto at = board.place(board.a);
  board.state.mark({board.a, board.b});
  for (int i = 0; i < 5; ++i) board.key(Qt::Key_Right, Qt::ControlModifier);
  board.key(Qt::Key_Up, Qt::ControlModifier);
  CHECK(board.place(board.a) == scenario::Position{at.x + 5 * gridStep, at.y - gridStep});
  CHECK(board.undo().count() == board.edits + 1);
  board.undo().undo();
  CHECK(board.json() == before);
}

TEST_CASE("a name is edited in place: Enter keeps it, Escape does not, empty is refused") {
  Row board;
  board.state.mark({board.a});
  board.canvas.edits().rename();
  REQUIRE(board.editor().isOpen());
  board.type(QStringLiteral("printer"));
  QTest::keyClick(&board.editor(), Qt::Key_Return);
  CHECK_FALSE(board.editor().isOpen());
  CHECK(board.scenario().node(board.a)->name == "printer");
  CHECK(board.undo().undoText().toStdString() == "Rename host to printer");
  board.paint();
  QTest::mouseDClick(&board.canvas, Qt::LeftButton, {}, board.at(board.a));
  REQUIRE(board.editor().isOpen());
  CHECK(board.editor().toPlainText().toStdString() == "printer");
  board.type(QStringLiteral("other"));
  QTest::keyClick(&board.editor(), Qt::Key_Escape);
  CHECK(board.scenario().node(board.a)->name == "printer");
  board.canvas.edits().rename();
  board.editor().clear();
  QTest::keyClick(&board.editor(), Qt::Key_Return);
  CHECK(board.editor().isOpen());
  CHECK(board.scenario().node(board.a)->name == "printer");
  QTest::keyClick(&board.editor(), Qt::Key_Escape);
  CHECK(board.canvas.hasFocus());
}

TEST_CASE("single keys typed into a name are text and do nothing else") {
  Row board;
  board.state.mark({board.a});
  board.canvas.edits().rename();
  for (const int key : {Qt::Key_N, Qt::Key_L, Qt::Key_F, Qt::Key_Space, Qt::Key_Delete}) {
    QKeyEvent event(QEvent::ShortcutOverride, key, Qt::NoModifier);
    event.ignore();
    QApplication::sendEvent(&board.editor(), &event);
    CHECK(event.isAccepted());
  }
}

TEST_CASE("a note is written, edited, dragged and emptied on the canvas") {
  Row board;
  const std::string before = board.json();
  board.canvas.edits().addNote();
  REQUIRE(board.editor().isOpen());
  QTest::keyClick(&board.editor(), Qt::Key_Escape);
  CHECK(board.json() == before);
  CHECK(board.undo().count() == board.edits);
  board.canvas.edits().addNote();
  board.type(QStringLiteral("the lab"));
  QTest::keyClick(&board.editor(), Qt::Key_Return, Qt::ShiftModifier);
  QTest::keyClicks(&board.editor(), QStringLiteral("upstairs"));
  QTest::keyClick(&board.editor(), Qt::Key_Return);
  REQUIRE(board.scenario().notes.size() == 1);
  CHECK(board.scenario().notes[0].text == "the lab\nupstairs");
  CHECK(board.state.marked() == Row::Ids{board.scenario().notes[0].id});
  board.paint();
  const auto at = board.scenario().notes[0].position;
  board.drag(board.noteAt(0), board.noteAt(0) + QPoint(80, 40));
  CHECK(board.scenario().notes[0].position.x > at.x);
  CHECK(board.undo().count() == board.edits + 2);
  QTest::mouseDClick(&board.canvas, Qt::LeftButton, {}, board.noteAt(0));
  REQUIRE(board.editor().isOpen());
  board.type(QStringLiteral("attic"));
  board.canvas.setFocus(); // leaving keeps the text
  CHECK(board.scenario().notes[0].text == "attic");
  QTest::mouseDClick(&board.canvas, Qt::LeftButton, {}, board.noteAt(0));
  board.editor().clear();
  QTest::keyClick(&board.editor(), Qt::Key_Return);
  CHECK(board.scenario().notes.empty());
}

TEST_CASE("what is copied can be pasted into another document, and a text editor reads it") {
  Row board;
  board.drop("switch", {0, 150});
  board.state.mark({board.a, board.b, "switch"});
  board.canvas.edits().linkMarked();
  board.state.mark({board.a, board.b, "switch"});
  board.canvas.edits().copy();
  const QString text = QApplication::clipboard()->text();
  CHECK(scenario::parse(text.toStdString(), scenario::Accept::Conflicts).ok());
  Board other;
  other.canvas.edits().paste();
  CHECK(other.scenario().nodes.size() == 3);
  CHECK(other.scenario().links.size() == 2);
  CHECK(other.state.marked().size() == 3);
  CHECK(other.undo().count() == 1);
}

TEST_CASE("repeated pastes and duplicates do not cover each other, and are marked") {
  Row board;
  board.state.mark({board.a});
  board.canvas.edits().copy();
  for (int i = 0; i < 4; ++i) board.canvas.edits().paste();
  board.canvas.edits().duplicate();
  board.canvas.edits().duplicate();
  const auto &nodes = board.scenario().nodes;
  REQUIRE(nodes.size() == 9);
  CHECK(board.state.marked() == Row::Ids{nodes.back().id});
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto p = nodes[i].position, q = nodes[j].position;
      CHECK((std::abs(p.x - q.x) >= 48 || std::abs(p.y - q.y) >= 48));
    }
}

TEST_CASE("what is pasted goes to the pointer") {
  Row board;
  board.state.mark({board.a});
  board.canvas.edits().copy();
  const QPoint where(300, 520);
  board.hover(where);
  board.canvas.edits().paste();
  CHECK((board.at(board.state.marked().front()) - where).manhattanLength() <= 2 * gridStep);
}

TEST_CASE("a clipboard without a scenario is told and changes nothing") {
  Row board;
  QApplication::clipboard()->setText(QStringLiteral("hello"));
  CHECK_FALSE(board.canvas.edits().canPaste());
  board.canvas.edits().paste();
  CHECK(board.undo().count() == board.edits);
  CHECK(board.message() == "The clipboard holds no part of a scenario.");
}

TEST_CASE("deleting and cutting what is marked, and undo gives it back byte for byte") {
  Row board;
  board.drag(board.at(board.a), board.at(board.b), Qt::ControlModifier);
  const std::string before = board.json();
  board.canvas.edits().markAll();
  CHECK(board.state.marked().size() == 3);
  board.state.mark({board.a, board.c});
  board.canvas.edits().removeMarked();
  CHECK(board.scenario().nodes.size() == 1);
  CHECK(board.scenario().links.empty());
  CHECK(board.state.marked().empty());
  CHECK(board.undo().undoText().toStdString() == "Delete 2 things");
  board.undo().undo();
  CHECK(board.json() == before);
  board.state.mark({board.b});
  board.canvas.edits().cut();
  CHECK(board.scenario().node(board.b) == nullptr);
  board.canvas.edits().paste();
  CHECK(board.scenario().nodes.size() == 3);
}

TEST_CASE("the context menu offers what fits what is marked") {
  Row board;
  QMenu *menu = board.menuAt(board.at(board.a));
  REQUIRE(menu != nullptr);
  for (const char *text :
       {"Link from Here", "Rename", "Cut", "Copy", "Duplicate", "Delete", "Crash"})
    CHECK(Board::actionOf(*menu, QLatin1String(text)) != nullptr);
  Board::actionOf(*menu, QStringLiteral("Link from Here"))->trigger();
  delete menu;
  CHECK(board.canvas.linkTool().from() == board.a);
  board.key(Qt::Key_Escape);
  board.state.mark({board.a, board.b});
  menu = board.menuAt(board.at(board.a));
  CHECK(board.state.marked().size() == 2);
  CHECK(Board::actionOf(*menu, QStringLiteral("Crash")) == nullptr);
  CHECK(Board::actionOf(*menu, QStringLiteral("Link")) != nullptr);
  delete menu;
  menu = board.menuAt({30, 600});
  CHECK(board.state.marked().empty());
  CHECK(Board::actionOf(*menu, QStringLiteral("Add a Note")) != nullptr);
  CHECK(Board::actionOf(*menu, QStringLiteral("Delete")) == nullptr);
}

TEST_CASE("zooming to what is marked shows it large and whole") {
  Row board;
  board.state.mark({board.a});
  board.canvas.edits().zoomToMarked();
  CHECK(board.canvas.scene().zoom() > 1.5);
  CHECK((board.at(board.a) - board.canvas.rect().center()).manhattanLength() < 120);
  board.state.mark({board.a, board.c});
  board.canvas.edits().zoomToMarked();
  CHECK(board.canvas.rect().contains(board.at(board.a)));
  CHECK(board.canvas.rect().contains(board.at(board.c)));
}

TEST_CASE("an edit leaves the view where it was") {
  Row board;
  board.drag({500, 550}, {450, 500}, {}, Qt::MiddleButton);
  const auto before = board.canvas.scene().transform();
  board.drag(board.at(board.a), board.at(board.b), Qt::ControlModifier);
  board.state.mark({board.c});
  board.canvas.edits().removeMarked();
  board.undo().undo();
  CHECK(board.canvas.scene().transform() == before);
}
