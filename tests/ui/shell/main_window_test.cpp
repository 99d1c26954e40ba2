// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/window_task.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/tab_panel.h"
#include "ui/widgets/toast.h"

#include <QAbstractButton>
#include <QApplication>
#include <QContextMenuEvent>
#include <QElapsedTimer>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMouseEvent>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>
#include <QTimer>
#include <QUndoStack>

#include <algorithm>
#include <map>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Rig {
  ThemeHub hub{ThemeChoice::Dark};
  MainWindow window{hub, Remember::No};

  explicit Rig(const char *id = "web-request") {
    window.resize(1600, 900);
    REQUIRE(window.openScenario(QString::fromLatin1(id)));
    window.show();
    REQUIRE(
        QTest::qWaitFor([&] { return playback().runEnded() && !playback().isPending(); }, 30'000));
    window.playback().pause();
  }
  Playback &playback() { return window.playback(); }
  Canvas &canvas() { return window.canvas(); }
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    // A menu that closed a moment ago may not have given the keyboard back yet.
    window.activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, key, modifiers);
  }
  void seekAndWait(SimTime t) {
    playback().seek(t);
    REQUIRE(QTest::qWaitFor([&] { return !playback().isPending(); }, 10'000));
  }
  QMenu *menuAt(QPoint point) {
    QContextMenuEvent event(QContextMenuEvent::Mouse, point, canvas().mapToGlobal(point));
    QApplication::sendEvent(&canvas(), &event);
    return canvas().findChild<QMenu *>(QStringLiteral("canvasMenu"));
  }
  static void click(QMenu &menu, const QString &text) {
    for (QAction *action : menu.actions()) {
      if (action->text() != text) continue;
      QTest::mouseClick(&menu, Qt::LeftButton, {}, menu.actionGeometry(action).center());
      return;
    }
    FAIL("the menu has no such action");
  }
};

} // namespace

TEST_CASE("K takes the knife in the hand, and a stroke of the mouse cuts what it crosses") {
  Rig rig("split-brain");
  rig.seekAndWait(SimTime::fromNs(1'000'000'000));
  Canvas &canvas = rig.canvas();
  const auto cuts = [&] {
    const auto &script = rig.window.document().scenario().script;
    return std::count_if(script.begin(), script.end(), [](const auto &entry) {
      return entry.action == scenario::ScriptEntry::Kind::CutLink &&
             entry.at == SimTime::fromNs(1'000'000'000);
    });
  };
  REQUIRE(cuts() == 0);
  rig.key(Qt::Key_K);
  REQUIRE(canvas.knife().isActive());
  const QLineF cable = canvas.scene().lines().front();
  const QPointF along = (cable.p2() - cable.p1()) / cable.length();
  const QPointF aside = QPointF(-along.y(), along.x()) * 12;
  const QPoint from = (cable.center() + aside).toPoint(), to = (cable.center() - aside).toPoint();
  QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
  for (const double share : {0.3, 0.6, 1.0}) {
    const QPointF at = QPointF(from) + QPointF(to - from) * share;
    QMouseEvent move(QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(&canvas, &move);
  }
  CHECK(canvas.knife().isCutting());
  CHECK_FALSE(canvas.knife().crossed().empty());
  const auto crossed = canvas.knife().crossed().size();
  QTest::mouseRelease(&canvas, Qt::LeftButton, {}, to);
  CHECK_FALSE(canvas.knife().isActive());
  CHECK(cuts() == static_cast<long>(crossed));
  rig.key(Qt::Key_Z, Qt::ControlModifier);
  CHECK(cuts() == 0);
  // Taken again, K puts it away without a cut.
  rig.key(Qt::Key_K);
  rig.key(Qt::Key_K);
  CHECK_FALSE(canvas.knife().isActive());
}

TEST_CASE("the space bar plays and pauses") {
  Rig rig;
  rig.key(Qt::Key_Space);
  CHECK(rig.playback().isPlaying());
  const SimTime before = rig.playback().now();
  CHECK(QTest::qWaitFor([&] { return rig.playback().now() > before; }, 3000));
  rig.key(Qt::Key_Space);
  CHECK_FALSE(rig.playback().isPlaying());
}

TEST_CASE("right steps on and left steps back to the same picture") {
  Rig rig;
  rig.seekAndWait(SimTime::zero() + Duration::ms(20));
  rig.key(Qt::Key_Right);
  const auto first = rig.playback().cursor();
  rig.key(Qt::Key_Right);
  CHECK(rig.playback().cursor().upTo > first.upTo);
  rig.key(Qt::Key_Left);
  CHECK(rig.playback().cursor() == first);
  rig.key(Qt::Key_Right, Qt::ShiftModifier);
  CHECK(rig.playback().cursor().upTo == first.upTo + 1);
}

TEST_CASE("home, end and the pace keys") {
  Rig rig;
  rig.key(Qt::Key_End);
  CHECK(rig.playback().now() == rig.playback().end());
  CHECK(rig.playback().atEnd());
  rig.key(Qt::Key_Home);
  CHECK(rig.playback().now() == SimTime::zero());
  const double before = rig.playback().speed();
  rig.key(Qt::Key_Plus);
  CHECK(rig.playback().speed() > before);
  rig.key(Qt::Key_0);
  CHECK(rig.playback().speed() == before);
}

TEST_CASE(
    "a cable cut from the context menu changes the run, and Ctrl+Z gives it back to the bit") {
  Rig rig;
  const auto before = rig.playback().fingerprint();
  rig.seekAndWait(SimTime::zero() + Duration::seconds(1));
  const LinkIndex link = [&] {
    const auto &links = rig.window.state().network().links;
    const NodeIndex browser = rig.playback().built().node("browser");
    for (std::uint32_t i = 0; i < links.size(); ++i)
      if (links[i].ends[0].node == browser || links[i].ends[1].node == browser) return LinkIndex{i};
    return LinkIndex{};
  }();
  REQUIRE(link.valid());
  QMenu *menu = rig.menuAt(rig.canvas().centreOf(Selection::ofLink(link)));
  REQUIRE(menu != nullptr);
  Rig::click(*menu, QStringLiteral("Cut"));
  REQUIRE(QTest::qWaitFor(
      [&] { return rig.playback().runEnded() && rig.playback().fingerprint() != before; }, 30'000));
  REQUIRE(QTest::qWaitFor([&] { return !rig.playback().isPending(); }, 5000));
  CHECK_FALSE(rig.window.state().frame().links[link.value].up);
  rig.key(Qt::Key_Z, Qt::ControlModifier);
  CHECK(rig.window.document().scenario().script.empty());
  rig.playback().runAheadTo(rig.playback().end());
  REQUIRE(QTest::qWaitFor(
      [&] { return rig.playback().runEnded() && rig.playback().fingerprint() == before; }, 10'000));
  REQUIRE(QTest::qWaitFor([&] { return !rig.playback().isPending(); }, 5000));
  CHECK(rig.window.state().frame().links[link.value].up);
}

TEST_CASE("F lets the selected node fail, and again lets it come back") {
  Rig rig;
  rig.seekAndWait(SimTime::zero() + Duration::seconds(1));
  const NodeIndex web = rig.playback().built().node("web");
  REQUIRE(web.valid());
  QTest::mouseClick(&rig.canvas(), Qt::LeftButton, {},
                    rig.canvas().centreOf(Selection::ofNode(web)));
  CHECK(rig.window.state().selection() == Selection::ofNode(web));
  const auto health = [&] {
    REQUIRE(QTest::qWaitFor(
        [&] { return rig.playback().runEnded() && !rig.playback().isPending(); }, 30'000));
    return rig.window.state().frame().nodes[web.value];
  };
  rig.key(Qt::Key_F);
  REQUIRE(QTest::qWaitFor([&] { return health() == trace::NodeHealth::Crashed; }, 5000));
  rig.key(Qt::Key_F);
  CHECK(QTest::qWaitFor([&] { return health() == trace::NodeHealth::Up; }, 5000));
}

TEST_CASE("pressing on the timeline goes there, dragging scrubs") {
  Rig rig;
  Timeline &timeline = rig.window.timeline();
  timeline.showAll();
  const TimeAxis axis = timeline.axis();
  const int y = timeline.height() - 22;
  const int x = static_cast<int>(axis.left + axis.width / 2);
  QTest::mousePress(&timeline, Qt::LeftButton, {}, {x, y});
  CHECK(rig.playback().now() == axis.at(x));
  QTest::mouseMove(&timeline, {x - 200, y});
  CHECK(QTest::qWaitFor([&] { return rig.playback().now() == axis.at(x - 200); }, 2000));
  QTest::mouseRelease(&timeline, Qt::LeftButton, {}, {x - 200, y});
}

TEST_CASE("dragging a node moves it as one step of undo") {
  Rig rig;
  const NodeIndex node = rig.playback().built().node("browser");
  const QPoint at = rig.canvas().centreOf(Selection::ofNode(node));
  const auto before = rig.window.document().scenario().node("browser")->position;
  QTest::mousePress(&rig.canvas(), Qt::LeftButton, {}, at);
  for (int i = 1; i <= 6; ++i) {
    QMouseEvent move(QEvent::MouseMove, QPointF(at + QPoint(0, 10 * i)),
                     rig.canvas().mapToGlobal(QPointF(at + QPoint(0, 10 * i))), Qt::NoButton,
                     Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&rig.canvas(), &move);
  }
  QTest::mouseRelease(&rig.canvas(), Qt::LeftButton, {}, at + QPoint(0, 60));
  CHECK(rig.window.document().scenario().node("browser")->position.y > before.y + 20);
  CHECK(rig.window.document().undoStack().count() == 1);
  rig.key(Qt::Key_Z, Qt::ControlModifier);
  CHECK(rig.window.document().scenario().node("browser")->position == before);
}

TEST_CASE("tab walks through all nodes of the canvas") {
  Rig rig;
  rig.canvas().setFocus();
  REQUIRE(QTest::qWaitFor([&] { return rig.canvas().hasFocus(); }, 2000));
  for (std::uint32_t i = 0; i < rig.window.state().network().nodes.size(); ++i) {
    QTest::keyClick(&rig.canvas(), Qt::Key_Tab);
    CHECK(rig.window.state().selection() == Selection::ofNode({i}));
    CHECK_FALSE(rig.canvas().accessibleDescription().isEmpty());
  }
}

TEST_CASE("F5 leaves only the stage, page keys walk the bookmarks, escape brings everything back") {
  Rig rig;
  const auto &bookmarks = rig.window.document().scenario().bookmarks;
  REQUIRE_FALSE(bookmarks.empty());
  rig.seekAndWait(SimTime::zero());
  const double scale = rig.hub.typography().scale();
  rig.key(Qt::Key_F5);
  CHECK_FALSE(rig.window.timeline().isVisible());
  CHECK_FALSE(rig.window.statusBar()->isVisible());
  CHECK(rig.hub.typography().scale() > scale);
  SimTime first = SimTime::max();
  for (const auto &b : bookmarks)
    if (b.at > SimTime::zero()) first = std::min(first, b.at);
  rig.key(Qt::Key_PageDown);
  CHECK(rig.playback().now() == first);
  rig.key(Qt::Key_Space);
  CHECK(rig.playback().isPlaying());
  rig.key(Qt::Key_Escape);
  CHECK(rig.window.timeline().isVisible());
  CHECK(rig.hub.typography().scale() == scale);
}

TEST_CASE("every example in the list opens, and its run ends or goes on without a fault") {
  Rig rig;
  auto *list = rig.window.findChild<QListWidget *>(QStringLiteral("examples"));
  REQUIRE(list != nullptr);
  const auto ids = scenario::builtInIds();
  int opened = 0;
  for (int i = 0; i < list->count(); ++i) {
    const QString id = list->item(i)->data(Qt::UserRole).toString();
    if (id.isEmpty()) continue;
    rig.window.leftPanel().setCurrentIndex(2);
    list->scrollToItem(list->item(i));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                      list->visualItemRect(list->item(i)).center());
    CHECK(QString::fromStdString(rig.window.document().scenario().id) == id);
    CHECK(QTest::qWaitFor([&] { return !rig.playback().isPending(); }, 20'000));
    ++opened;
  }
  CHECK(opened == static_cast<int>(ids.size()));
}

TEST_CASE("every button has a name to be read out and a tooltip") {
  Rig rig;
  for (const QAbstractButton *button : rig.window.findChildren<QAbstractButton *>()) {
    if (button->objectName().startsWith(QStringLiteral("qt_"))) continue;
    if (button->isHidden() || !button->isVisibleTo(&rig.window)) continue; // named when shown
    const QByteArray type = button->metaObject()->className();
    if (type == "QLineEditIconButton" || type == "QTableCornerButton") continue; // Qt's own
    INFO(button->metaObject()->className() << " " << button->text().toStdString() << " in "
                                           << button->parentWidget()->metaObject()->className());
    CHECK_FALSE((button->text().isEmpty() && button->accessibleName().isEmpty()));
    if (button->text().isEmpty()) CHECK_FALSE(button->toolTip().isEmpty());
  }
}

TEST_CASE("no two actions share a shortcut") {
  Rig rig;
  std::map<QString, QString> taken;
  for (const QAction *action : rig.window.actions())
    for (const QKeySequence &key : action->shortcuts()) {
      const auto [it, fresh] = taken.emplace(key.toString(), action->text());
      INFO(key.toString().toStdString()
           << ": " << it->second.toStdString() << ", " << action->text().toStdString());
      CHECK(fresh);
    }
}

TEST_CASE("while a run is under way the window answers within 100 ms") {
  Rig rig("busy-bottleneck");
  QElapsedTimer gap;
  qint64 longest = 0;
  QTimer beat;
  QObject::connect(&beat, &QTimer::timeout, [&] { longest = std::max(longest, gap.restart()); });
  rig.window.openScenario(QStringLiteral("busy-bottleneck"));
  QTest::qWait(150); // what opening a document costs is not counted: building is not running
  gap.start();
  beat.start(5);
  (void)QTest::qWaitFor([&] { return rig.playback().runEnded(); }, 6000);
  CHECK(longest <= 100);
}

TEST_CASE("a selection to be made before a picture is read from text") {
  CHECK(SelectionWish::parse("node:web")->id == "web");
  CHECK(SelectionWish::parse("packet:17")->record == 17);
  CHECK_FALSE(SelectionWish::parse("packet:x"));
  CHECK_FALSE(SelectionWish::parse("web"));
  CHECK_FALSE(SelectionWish::parse("node:"));
}

TEST_CASE("the middle of measured times") {
  const Timings t = timingsOf({5, 1, 3, 2, 4});
  CHECK(t.median == 3);
  CHECK(t.p95 == 5);
  CHECK(timingsOf({}).count == 0);
}

TEST_CASE("an offer to undo goes away with what it would have undone") {
  Rig rig;
  rig.window.state().select(Selection::ofNode({0}));
  rig.key(Qt::Key_F);
  auto *toast = rig.window.findChild<Toast *>();
  REQUIRE(toast != nullptr);
  REQUIRE(QTest::qWaitFor([&] { return toast->isVisible(); }, 5000));
  rig.key(Qt::Key_Z, Qt::ControlModifier);
  CHECK(QTest::qWaitFor([&] { return !toast->isVisible(); }, 2000));
}

TEST_CASE("a step of the story is as tall as its words, at every width") {
  Rig rig;
  auto *left = rig.window.findChild<TabPanel *>(QStringLiteral("left"));
  REQUIRE(left != nullptr);
  QWidget *row = nullptr;
  for (QWidget *w : left->findChildren<QWidget *>())
    if (w->accessibleName() == QStringLiteral("Step 3: Use what the resolver answers")) row = w;
  REQUIRE(row != nullptr);
  const QFont font = rig.hub.typography().body();
  const int line = QFontMetrics(font).height();
  const int words =
      QFontMetrics(font).horizontalAdvance(QStringLiteral("Use what the resolver answers"));
  const int padding = row->heightForWidth(2000) - line;
  int fits = 2000; // the narrowest width at which one line does
  while (row->heightForWidth(fits - 1) == line + padding) --fits;
  CHECK(row->heightForWidth(fits - 1) == 2 * line + padding);
  CHECK(fits - words <= rig.hub.typography().px(30) + 10); // the number's room and little more
}

TEST_CASE(
    "the hint's button does what it says, then the hint leaves and the space bar still plays") {
  Rig rig;
  const auto button = [&]() -> QPushButton * {
    for (QPushButton *b : rig.canvas().findChildren<QPushButton *>())
      if (b->isVisible() && b->text().startsWith(QStringLiteral("Cut "))) return b;
    return nullptr;
  };
  REQUIRE(QTest::qWaitFor([&] { return button() != nullptr; }, 2000));
  QTest::mouseClick(button(), Qt::LeftButton);
  REQUIRE(rig.window.document().undoStack().canUndo());
  CHECK(QTest::qWaitFor([&] { return button() == nullptr; }, 2000));
  rig.key(Qt::Key_Space);
  CHECK(rig.playback().isPlaying());
  rig.key(Qt::Key_Space);
}

TEST_CASE("a click on a button leaves the space bar with the run") {
  Rig rig;
  rig.window.state().select(Selection::ofNode({0}));
  for (QPushButton *button : rig.window.findChildren<QPushButton *>()) {
    INFO(button->text().toStdString());
    CHECK_FALSE(button->focusPolicy() & Qt::ClickFocus);
  }
}

TEST_CASE("after presenting the window is as it was, large or not") {
  Rig rig;
  rig.window.resize(1100, 700);
  for (const bool large : {false, true}) {
    INFO((large ? "maximised" : "plain"));
    if (large) rig.window.showMaximized();
    rig.window.setPresenting(true);
    CHECK(rig.window.isFullScreen());
    QTest::qWait(50);
    rig.window.setPresenting(false);
    QTest::qWait(50);
    CHECK_FALSE(rig.window.isFullScreen());
    CHECK(rig.window.isMaximized() == large);
    // The large type of the stage must not have made it grow.
    if (!large) CHECK(rig.window.width() <= 1100);
    CHECK(rig.hub.typography().scale() == 1);
    CHECK(rig.canvas().hasFocus());
  }
}

TEST_CASE("the timeline is never an empty strip about the place where one stops") {
  Rig rig; // silent from about 0.22 s to 2 s
  const auto at = [](int ms) { return SimTime::zero() + Duration::ms(ms); };
  rig.seekAndWait(at(1000));
  for (int i = 0; i < 10; ++i) rig.window.timeline().zoomIn();
  const TimeAxis close = rig.window.timeline().axis();
  REQUIRE(close.from > at(300));
  REQUIRE(close.to < at(1900));
  rig.seekAndWait(at(1001));
  const TimeAxis wide = rig.window.timeline().axis();
  CHECK((wide.from < at(220) || wide.to > at(2000)));
  CHECK(wide.from <= at(1001));
  CHECK(wide.to >= at(1001));
}
