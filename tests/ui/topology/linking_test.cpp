// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/placeable.h"
#include "tests/ui/topology/board.h"

#include <QPushButton>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// Two hosts and two switches, in a square.
struct Square : Board {
  std::string host, other, left, right;
  Square() {
    host = drop("host", {-150, -100});
    other = drop("host", {150, -100});
    left = drop("switch", {-150, 100});
    right = drop("switch", {150, 100});
    state.clearSelection();
    edits = undo().count();
    paint();
  }
  int edits = 0;
  bool joined(const std::string &a, const std::string &b) const {
    return std::any_of(scenario().links.begin(), scenario().links.end(), [&](const auto &l) {
      return (l.from.node == a && l.to.node == b) || (l.from.node == b && l.to.node == a);
    });
  }
};

} // namespace

TEST_CASE("dragging from a handle to a node links them as one step of undo") {
  Square board;
  const std::string before = board.json();
  board.hover(board.at(board.host)); // the handles appear
  board.drag(board.handle(board.host), board.at(board.left));
  REQUIRE(board.scenario().links.size() == 1);
  CHECK(board.joined(board.host, board.left));
  CHECK(board.undo().count() == board.edits + 1);
  CHECK(board.state.selection().kind == Selection::Kind::Link);
  CHECK(board.undo().undoText().toStdString() == "Link host and switch");
  board.undo().undo();
  CHECK(board.json() == before);
}

TEST_CASE("dragging with Ctrl links from the body of a tile, dragging without moves it") {
  Square board;
  board.drag(board.at(board.host), board.at(board.right), Qt::ControlModifier);
  CHECK(board.joined(board.host, board.right));
  const auto at = board.place(board.host);
  board.drag(board.at(board.host), board.at(board.host) + QPoint(0, -80));
  CHECK(board.place(board.host).y < at.y);
  CHECK(board.scenario().links.size() == 1);
}

TEST_CASE("a link that would close a circle of switches is refused at the pointer and not made") {
  Square board;
  board.drag(board.at(board.left), board.at(board.right), Qt::ControlModifier);
  REQUIRE(board.joined(board.left, board.right));
  const int edits = board.undo().count();
  board.press(board.at(board.left), Qt::ControlModifier);
  board.moveTo(board.at(board.left), board.at(board.right));
  CHECK(board.canvas.linkTool().isRefused());
  CHECK(board.canvas.linkTool().words().contains(QStringLiteral("loop")));
  CHECK(board.canvas.cursor().shape() == Qt::ForbiddenCursor);
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, board.at(board.right));
  CHECK(board.undo().count() == edits);
  CHECK(board.message().find("loop") != std::string::npos);
  CHECK_FALSE(board.canvas.linkTool().isActive());
}

TEST_CASE("Escape while a link is drawn, and letting go over the ground, make none") {
  Square board;
  board.press(board.at(board.host), Qt::ControlModifier);
  board.moveTo(board.at(board.host), board.at(board.left));
  CHECK(board.canvas.linkTool().isActive());
  board.key(Qt::Key_Escape);
  CHECK_FALSE(board.canvas.linkTool().isActive());
  QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, board.at(board.left));
  CHECK(board.scenario().links.empty());
  board.drag(board.at(board.host), {board.canvas.width() / 2, 40}, Qt::ControlModifier);
  CHECK(board.scenario().links.empty());
  CHECK_FALSE(board.canvas.linkTool().isActive());
}

TEST_CASE("a click on a handle keeps the link in the hand until a node is clicked") {
  Square board;
  board.hover(board.at(board.host));
  board.click(board.handle(board.host));
  REQUIRE(board.canvas.linkTool().from() == board.host);
  board.click(board.at(board.right));
  CHECK(board.joined(board.host, board.right));
  CHECK_FALSE(board.canvas.linkTool().isActive());
}

TEST_CASE("two marked nodes are linked, several are linked with their only switch") {
  Square board;
  board.state.mark({board.host, board.left});
  board.canvas.edits().linkMarked();
  CHECK(board.joined(board.host, board.left));
  board.undo().undo();
  const int edits = board.undo().index();
  board.state.mark({board.host, board.left, board.other});
  board.canvas.edits().linkMarked();
  CHECK(board.joined(board.host, board.left));
  CHECK(board.joined(board.other, board.left));
  CHECK(board.undo().index() == edits + 1);
  board.state.mark({board.host, board.left, board.right});
  board.canvas.edits().linkMarked();
  CHECK(board.message().find("Mark two nodes") != std::string::npos);
}

TEST_CASE("a link is drawn by keyboard alone") {
  Square board;
  board.state.mark({board.host});
  QEvent leave(QEvent::Leave);
  QApplication::sendEvent(&board.canvas, &leave);
  board.canvas.edits().linkMarked();
  CHECK(board.canvas.linkTool().from() == board.host);
  board.key(Qt::Key_Down, Qt::AltModifier);
  CHECK(board.state.marked() == std::vector{board.left});
  board.key(Qt::Key_Return);
  CHECK(board.joined(board.host, board.left));
}

TEST_CASE("with nothing marked, L takes the node under the pointer or waits for a click") {
  Square board;
  board.hover(board.at(board.host));
  board.canvas.edits().linkMarked();
  CHECK(board.canvas.linkTool().from() == board.host);
  board.key(Qt::Key_Escape);
  board.hover({board.canvas.width() / 2, 20});
  board.canvas.edits().linkMarked();
  CHECK(board.canvas.linkTool().isActive());
  CHECK(board.canvas.linkTool().from().empty());
  board.click(board.at(board.other));
  CHECK(board.canvas.linkTool().from() == board.other);
  board.click(board.at(board.left));
  CHECK(board.joined(board.other, board.left));
}

TEST_CASE("nodes that can be linked and nodes that cannot are told apart beforehand") {
  Square board;
  board.drag(board.at(board.left), board.at(board.right), Qt::ControlModifier);
  LinkTool tool(board.state);
  tool.begin(board.left, {});
  CHECK(tool.faultOf(board.playback.built().node(board.host).value).empty());
  CHECK_FALSE(tool.faultOf(board.playback.built().node(board.right).value).empty());
}

TEST_CASE("handles are targets of at least 24 pixels and lie clear of the tile") {
  Square board;
  const auto node = board.playback.built().node(board.host).value;
  int shown = 0;
  for (const QRectF &box : board.canvas.handlesOf(node)) {
    if (box.isEmpty()) continue; // its name stands there
    ++shown;
    CHECK(box.width() >= 24);
    CHECK(box.height() >= 24);
    CHECK_FALSE(board.canvas.scene().tiles()[node].contains(box.center()));
  }
  CHECK(shown >= 2);
}

TEST_CASE("what set by hand cannot work has a badge, and its button mends it") {
  Square board;
  board.drag(board.at(board.host), board.at(board.left), Qt::ControlModifier);
  board.drag(board.at(board.other), board.at(board.left), Qt::ControlModifier);
  const auto index = [&](const std::string &id) { return board.playback.built().node(id).value; };
  CHECK(board.canvas.badges().of(index(board.host)).empty());
  REQUIRE(board.document
              .edit(QStringLiteral("Set the address"),
                    [&](scenario::Scenario &s) {
                      for (const std::string &id : {board.host, board.other})
                        s.node(id)->interfaces.front().address =
                            wire::Ipv4Prefix{wire::Ipv4Address{0x0A4D0005}, 24};
                    })
              .ok());
  const std::string broken = board.json();
  const auto conflicts = scenario::conflicts(board.scenario());
  REQUIRE_FALSE(conflicts.empty());
  const std::uint32_t node = index(conflicts.front().node);
  REQUIRE(board.canvas.badges().of(node).size() == 1);
  board.paint();
  const QRectF tile = board.canvas.scene().tiles()[node];
  auto *card = board.canvas.findChild<QWidget *>(QStringLiteral("conflictCard"));
  REQUIRE(card != nullptr);
  CHECK(card->isHidden());
  board.click((tile.topLeft() + QPointF(2, 2)).toPoint());
  CHECK(card->isVisible());
  CHECK(card->accessibleName().toStdString() == conflicts.front().sentence);
  QPushButton *button = nullptr;
  for (auto *one : card->findChildren<QPushButton *>())
    if (one->isVisible()) button = one; // those of an earlier conflict go in their own time
  REQUIRE(button != nullptr);
  CHECK(button->text().toStdString() == conflicts.front().cure);
  QTest::mouseClick(button, Qt::LeftButton);
  CHECK(scenario::conflicts(board.scenario()).empty());
  CHECK(board.canvas.badges().of(node).empty());
  CHECK(card->isHidden());
  board.undo().undo();
  CHECK(board.json() == broken);
  CHECK(board.canvas.badges().of(node).size() == 1);
}
