// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/placeable.h"
#include "tests/ui/topology/board.h"
#include "ui/topology/free_ground.h"
#include "ui/widgets/empty_state.h"

#include <cmath>

using namespace packetarium;
using namespace packetarium::ui;

TEST_CASE("everything the palette offers can be dropped on the ground, and lies on the grid") {
  Board board;
  std::size_t count = 0;
  for (const auto &all : {scenario::placeableDevices(), scenario::placeableServices()})
    for (const scenario::Placeable &what : all) {
      const QPointF plane(-300 + 103.0 * static_cast<double>(count % 5),
                          -103 + 103.0 * static_cast<double>(count / 5));
      const std::string id = board.drop(std::string(what.key).c_str(), plane);
      ++count;
      REQUIRE(board.scenario().nodes.size() == count);
      const scenario::Node *node = board.scenario().node(id);
      REQUIRE(node != nullptr);
      CHECK(node->kind == what.kind);
      CHECK(node->position == snapped(plane));
      CHECK(node->position.x % gridStep == 0);
      CHECK(board.state.marked() == std::vector{id});
      CHECK(board.canvas.hasFocus());
    }
  CHECK(board.undo().count() == static_cast<int>(count));
}

TEST_CASE("the ground stays under the pointer when the first device is dropped on it") {
  Board board;
  const QPoint where(700, 150);
  const std::string id = board.dropAt("host", where);
  CHECK((board.at(id) - where).manhattanLength() <= gridStep);
  const auto before = board.canvas.scene().transform();
  board.dropAt("switch", {200, 500});
  CHECK(board.canvas.scene().transform() == before);
}

TEST_CASE("a service dropped on a host runs there, on a switch it is refused with the reason") {
  Board board;
  const std::string server = board.drop("server", {-100, 0});
  const std::string sw = board.drop("switch", {100, 0});
  board.dropAt("web-server", board.at(server));
  CHECK(board.dropWasTaken);
  REQUIRE(board.scenario().nodes.size() == 2);
  const auto &programs = board.scenario().node(server)->programs;
  CHECK(std::any_of(programs.begin(), programs.end(),
                    [](const auto &p) { return p.kind == "http-server"; }));
  CHECK(board.state.marked() == std::vector{server});
  const int edits = board.undo().count();
  board.dropAt("web-server", board.at(sw));
  CHECK_FALSE(board.dropWasTaken);
  CHECK(board.undo().count() == edits);
  CHECK(board.message().find("switch runs no programs") != std::string::npos);
}

TEST_CASE("a device dropped on another lies beside it") {
  Board board;
  const std::string first = board.drop("host", {0, 0});
  const std::string second = board.drop("laptop", {0, 0});
  const auto a = board.place(first), b = board.place(second);
  CHECK(std::max(std::abs(a.x - b.x), std::abs(a.y - b.y)) >= 48);
}

TEST_CASE("what is dragged from elsewhere is left to the window") {
  Board board;
  QMimeData data;
  data.setText(QStringLiteral("text"));
  QDragEnterEvent enter({300, 300}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  enter.accept();
  QApplication::sendEvent(&board.canvas, &enter);
  CHECK_FALSE(enter.isAccepted());
}

TEST_CASE("placed by keyboard, twenty devices cover neither each other nor a link") {
  Board board;
  for (int i = 0; i < 20; ++i) board.canvas.place(QStringLiteral("host"));
  const auto &nodes = board.scenario().nodes;
  REQUIRE(nodes.size() == 20);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto a = nodes[i].position, b = nodes[j].position;
      CHECK((std::abs(a.x - b.x) >= 96 || std::abs(a.y - b.y) >= 88));
    }
  CHECK(board.state.marked() == std::vector{nodes.back().id});
}

TEST_CASE("what is placed by keyboard can be seen") {
  Board board;
  for (int i = 0; i < 60; ++i) {
    board.canvas.place(QStringLiteral("switch"));
    board.paint();
    const QPoint at = board.at(board.scenario().nodes.back().id);
    CHECK(board.canvas.rect().contains(at));
  }
}

TEST_CASE("a key that is not offered places nothing") {
  Board board;
  board.canvas.place(QStringLiteral("submarine"));
  CHECK(board.scenario().nodes.empty());
  CHECK(board.undo().count() == 0);
}

TEST_CASE("an empty document says what to do, and can be played without harm") {
  Board board;
  auto *empty = board.canvas.findChild<EmptyState *>();
  REQUIRE(empty != nullptr);
  CHECK(empty->isVisible());
  board.playback.play();
  QTest::qWait(50);
  board.playback.seek(SimTime::zero() + Duration::seconds(1));
  board.playback.stepForward(analysis::StepSize::Event);
  board.playback.stepBack(analysis::StepSize::Message);
  QTest::qWait(20);
  board.paint();
  board.drop("host", {0, 0});
  CHECK_FALSE(empty->isVisible());
  board.undo().undo();
  CHECK(empty->isVisible());
}

TEST_CASE("free ground keeps its distance from what lies there") {
  scenario::Scenario s = Board::blank();
  const auto *host = scenario::findPlaceable("host");
  scenario::place(s, *host, {0, 0});
  const FreeGround ground(s);
  CHECK_FALSE(ground.isFree({40, 40}, FreeGround::tileRoom));
  CHECK(ground.isFree({60, 0}, FreeGround::tileRoom));
  CHECK(ground.nearest({400, 0}, FreeGround::nameRoom) == QPointF(400, 0));
  CHECK(ground.nearest({0, 0}, FreeGround::nameRoom) == QPointF(0, 96));
  const QPoint by = ground.clearOf({{0, 0}}, {24, 24}, {24, 24});
  CHECK(by.x() == by.y());
  CHECK(by.x() >= 64);
}
