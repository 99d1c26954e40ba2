// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand nodes by hand. Cases tagged [timing] say what they measured.
#include "core/scenario/build.h"
#include "core/scenario/conflicts.h"
#include "core/scenario/placeable.h"
#include "core/scenario/templates.h"
#include "tests/ui/topology/board.h"
#include "ui/topology/free_ground.h"

#include <QElapsedTimer>

#include <algorithm>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

scenario::Scenario thousand(scenario::Shape shape) {
  scenario::TemplateOptions options;
  options.shape = shape; // of switches and hosts, or of routers
  options.hosts = 999;
  options.rows = 25;
  options.columns = 40;
  options.workload = scenario::Workload::None;
  auto made = scenario::generate(options);
  REQUIRE(made.ok());
  return std::move(made).value();
}

double msOf(const std::function<void()> &does) {
  QElapsedTimer timer;
  timer.start();
  does();
  return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

/// The 95th percentile.
double mostOf(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  return ms[ms.size() * 95 / 100];
}

} // namespace

TEST_CASE("with 1000 nodes a drag stays at 60 frames a second", "[timing]") {
  Board board(thousand(scenario::Shape::Grid));
  board.canvas.resize(1200, 700);
  board.canvas.fit();
  const std::string first = board.scenario().nodes[500].id;
  for (const bool all : {false, true}) {
    if (all)
      board.canvas.edits().markAll();
    else
      board.state.mark({first});
    const QPoint from = board.at(first);
    board.press(from);
    board.moveTo(from, from + QPoint(30, 30));
    std::vector<double> frames;
    for (int i = 0; i < 60; ++i)
      frames.push_back(msOf([&] {
        const QPoint to = from + QPoint(30 + 8 * i, 30 - 4 * i);
        QMouseEvent event(QEvent::MouseMove, to, board.canvas.mapToGlobal(to), Qt::NoButton,
                          Qt::LeftButton, {});
        QApplication::sendEvent(&board.canvas, &event);
        board.canvas.repaint();
      }));
    board.key(Qt::Key_Escape);
    QTest::mouseRelease(&board.canvas, Qt::LeftButton, {}, from);
    WARN((all ? "all" : "one") << " moving: 95 % of frames within " << mostOf(frames) << " ms");
    CHECK(mostOf(frames) < 100); // a guard: the figure is what counts, on a quiet machine
  }
}

TEST_CASE("with 1000 nodes an edit answers soon", "[timing]") {
  const auto shape = GENERATE(scenario::Shape::Star, scenario::Shape::Grid);
  WARN(scenario::name(shape));
  Board board(thousand(shape));
  const std::string a = board.scenario().nodes[10].id;
  const std::string b = board.scenario().nodes[900].id;
  const auto say = [](const char *what, double ms) {
    WARN(what << ": " << ms << " ms");
    return ms;
  };
  say("move", msOf([&] { (void)moveBy(board.document, {a}, {8, 8}, false); }));
  say("free ground", msOf([&] {
        (void)FreeGround(board.scenario()).nearest({0, 0}, FreeGround::nameRoom);
      }));
  say("place without the view", msOf([&] {
        (void)placeNode(board.document, *scenario::findPlaceable("host"), {5000, 5000});
      }));
  say("place", msOf([&] { board.canvas.place(QStringLiteral("host")); }));
  const std::string host = board.scenario().nodes.back().id;
  const double link = say("link", msOf([&] { board.canvas.edits().link(host, a); }));
  // Of so many routers all the shortest paths are sought anew, which takes longer than that.
  CHECK(link < 2000); // a guard, as above
  say("link of routers", msOf([&] { board.canvas.edits().link(a, b); }));
  say("rename", msOf([&] { (void)renameNode(board.document, b, QStringLiteral("x")); }));
  say("delete", msOf([&] { (void)removeAll(board.document, {host}); }));
  say("undo", msOf([&] { board.undo().undo(); }));
  scenario::Scenario s = board.scenario();
  say("of that: copy", msOf([&] {
        auto copy = s;
        s.title += copy.title;
      }));
  say("of that: complete", msOf([&] { scenario::complete(s); }));
  say("of that: complete with new routes", msOf([&] {
        s.links.back().cost = 2;
        scenario::complete(s);
      }));
  say("of that: validate", msOf([&] { (void)scenario::validate(s, scenario::Accept::Conflicts); }));
  say("of that: build", msOf([&] { (void)scenario::build(s); }));
  say("of that: conflicts", msOf([&] { (void)scenario::conflicts(s); }));
  CHECK(board.document.undoStack().count() > 0);
}
