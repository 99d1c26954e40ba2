// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "tests/ui/services/services_samples.h"
#include "ui/services/figure_strip.h"
#include "ui/services/lost_list.h"
#include "ui/services/machine_board.h"
#include "ui/services/outage_board.h"
#include "ui/services/ribbon_canvas.h"
#include "ui/services/service_words.h"
#include "ui/services/services_view.h"
#include "ui/widgets/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>

#include <memory>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

template <class Widget> struct Alone {
  ThemeHub hub{ThemeChoice::Dark};
  std::unique_ptr<Widget> widget;
  explicit Alone(QSize size = {560, 260}) {
    hub.attachTo(*qApp);
    widget = std::make_unique<Widget>(hub);
    widget->resize(size);
    widget->show();
    REQUIRE(QTest::qWaitForWindowExposed(widget.get()));
  }
  Widget *operator->() const { return widget.get(); }
};

struct Shown {
  RunStage stage;
  std::unique_ptr<ServicesView> view;
  explicit Shown(const char *scenario, QSize size = {900, 260})
      : stage(QString::fromLatin1(scenario)), view(new ServicesView(stage.state)) {
    view->resize(size);
    view->show();
    REQUIRE(QTest::qWaitForWindowExposed(view.get()));
  }
};

} // namespace

TEST_CASE("a click on a ribbon chooses the service and goes to that instant") {
  Alone<RibbonCanvas> canvas;
  const ServicesShown s = sample();
  canvas->setReports(s.reports, s.seen, s.from, s.to);
  SimTime wanted;
  QObject::connect(canvas.widget.get(), &RibbonCanvas::chosen, [&](SimTime at) { wanted = at; });
  QSignalSpy changes(canvas.widget.get(), &RibbonCanvas::currentChanged);
  const RibbonLayout layout = canvas->ribbonLayout();
  const QPointF at(layout.axis.x(atMs(11'500)), layout.row(1).center().y());
  QTest::mouseClick(canvas.widget.get(), Qt::LeftButton, {}, at.toPoint());
  CHECK(canvas->current() == 1);
  CHECK(changes.count() == 1);
  CHECK(wanted.toSeconds() == Approx(11.5).margin(0.1));
  CHECK(canvas->accessibleDescription() == serviceWords(s.reports[1]));
}

TEST_CASE("the ribbons can be used with the keyboard alone") {
  Alone<RibbonCanvas> canvas;
  const ServicesShown s = sample();
  canvas->setReports(s.reports, s.seen, s.from, s.to);
  CHECK(canvas->focusPolicy() == Qt::StrongFocus);
  CHECK_FALSE(canvas->accessibleName().isEmpty());
  std::vector<SimTime> visited;
  QObject::connect(canvas.widget.get(), &RibbonCanvas::chosen, [&](SimTime at) {
    visited.push_back(at);
    canvas->setMoments(at, std::nullopt);
  });
  QTest::keyClick(canvas.widget.get(), Qt::Key_Down);
  CHECK(canvas->current() == 1);
  for (int i = 0; i < 6; ++i)
    QTest::keyClick(canvas.widget.get(), Qt::Key_Right, Qt::ControlModifier);
  CHECK(visited == std::vector<SimTime>{atMs(1'000), atMs(10'000), atMs(13'000), atMs(15'000)});
  QTest::keyClick(canvas.widget.get(), Qt::Key_Left, Qt::ControlModifier);
  CHECK(visited.back() == atMs(13'000));
  QTest::keyClick(canvas.widget.get(), Qt::Key_Up);
  CHECK(canvas->current() == 0);
}

TEST_CASE("a click on a step of an outage wants the record that ends it") {
  Alone<OutageBoard> board;
  board->setOutages({failover()});
  QSignalSpy records(board.widget.get(), &OutageBoard::recordWanted);
  const auto layout = board->layouts().front();
  for (const WaterfallLayout::Row &row : layout.rows)
    QTest::mouseClick(board.widget.get(), Qt::LeftButton, {}, row.box.center().toPoint());
  std::vector<quint64> wanted;
  for (const auto &call : records) wanted.push_back(call.front().toULongLong());
  CHECK(wanted == std::vector<quint64>{105, 140, 141, 160, 170, 200});
  QTest::mouseClick(board.widget.get(), Qt::LeftButton, {}, layout.head.center().toPoint());
  CHECK(records.back().front().toULongLong() == 100); // what it began with
}

TEST_CASE("the arrow keys visit every step of every outage, and Return goes there") {
  Alone<OutageBoard> board;
  analysis::Outage second = failover();
  second.fault.reset();
  board->setOutages({failover(), second});
  QSignalSpy records(board.widget.get(), &OutageBoard::recordWanted);
  board->setFocus();
  QStringList told;
  for (int i = 0; i < 14; ++i) {
    QTest::keyClick(board.widget.get(), Qt::Key_Down);
    QTest::keyClick(board.widget.get(), Qt::Key_Return);
    told << board->accessibleDescription();
  }
  CHECK(records.count() == 14);
  CHECK(board->current() == OutageBoard::Place{1, 6});
  told.removeDuplicates();
  CHECK(told.size() >= 6);
  CHECK(told.first().contains(partSentence(analysis::OutagePart::Unnoticed)));
  QTest::keyClick(board.widget.get(), Qt::Key_Home);
  CHECK(board->current() == OutageBoard::Place{0, 0});
}

TEST_CASE("lost writes are counted and named, and each opens to its story") {
  Alone<LostList> list;
  CHECK(list->headline().contains(QStringLiteral("No write was lost")));
  list->setWrites({lostWrite(17), lostWrite(18)});
  CHECK(list->headline().startsWith(QStringLiteral("2 writes were lost")));
  QSignalSpy records(list.widget.get(), &LostList::recordWanted);
  QPushButton *head = nullptr;
  for (QPushButton *button : list->findChildren<QPushButton *>())
    if (button->text().startsWith(QStringLiteral("write cart 17"))) head = button;
  REQUIRE(head != nullptr);
  const auto stories = [&] {
    int seen = 0;
    for (QLabel *label : list->findChildren<QLabel *>())
      seen += label->isVisible() && label->text().contains(QStringLiteral("before server B"));
    return seen;
  };
  CHECK(stories() == 0);
  QTest::keyClick(head, Qt::Key_Space);
  CHECK(stories() == 1);
  for (QPushButton *button : list->findChildren<QPushButton *>())
    if (button->isVisible() && !button->isCheckable()) button->click();
  REQUIRE(records.count() == 2);
  CHECK(records[0].front().toULongLong() == 107);
  CHECK(records[1].front().toULongLong() == 180);
  list->setWrites({lostWrite(17), lostWrite(18), lostWrite(19)});
  CHECK(stories() == 1); // what was open stays open
}

TEST_CASE("the price of being available is counted in machines and idle time") {
  const ServicesShown s = sample();
  CHECK(machinePrice(s.machines).machines == 2);
  CHECK(machinePrice(s.machines).idleShare == Approx(0.55));
  // One machine that serves two services is paid for once.
  const MachinePrice shared = machinePrice(
      {{QStringLiteral("a"), QStringLiteral("x"), Duration::seconds(9), Duration::seconds(1)},
       {QStringLiteral("a"), QStringLiteral("y"), Duration::seconds(2), Duration::seconds(8)}});
  CHECK(shared.machines == 1);
  CHECK(shared.idleShare == Approx(0.1));
  Alone<MachineBoard> board;
  board->setRows(s.machines);
  CHECK(board->headline().contains(QStringLiteral("2 machines")));
  CHECK(board->accessibleDescription().contains(QStringLiteral("server B")));
  for (const MachineBoard::Bars &bar : board->bars()) CHECK(bar.active.right() == bar.idle.left());
}

TEST_CASE("figures stay apart and inside however narrow the strip is") {
  Alone<FigureStrip> strip;
  strip->setCells({{QStringLiteral("Available"), QStringLiteral("99.2 % · two nines")},
                   {QStringLiteral("Requests"), QStringLiteral("412, 9 failed")},
                   {QStringLiteral("p50 · p95 · p99"), QStringLiteral("12 · 40 · 96 ms")},
                   {QStringLiteral("Allows a day"), QStringLiteral("11 min 31 s")}});
  for (int width = 90; width < 900; width += 30) {
    const auto boxes = strip->boxes(width);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      CHECK(boxes[i].right() <= width);
      CHECK(boxes[i].bottom() <= strip->heightForWidth(width));
      for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(boxes[i].intersects(boxes[j]));
    }
  }
  CHECK(strip->accessibleDescription().contains(QStringLiteral("Requests: 412, 9 failed")));
}

TEST_CASE("the view shows the chosen service's figures, outages, lost writes and machines") {
  Shown shown("web-request");
  shown.view->present(sample());
  CHECK(shown.view->board().outages().empty()); // dns, the first one
  QTest::keyClick(&shown.view->ribbons(), Qt::Key_Down);
  CHECK(shown.view->board().outages().size() == 1);
  CHECK(shown.view->figures().accessibleDescription().contains(QStringLiteral("Lost writes: 2")));
  CHECK(shown.view->figures().accessibleDescription().contains(QStringLiteral("Allows a day")));
  CHECK(shown.view->lost().writes().size() == 2);
  keepShots(shown.stage, *shown.view, QStringLiteral("services-outages"));
  shown.view->present(sample());
  QTest::keyClick(&shown.view->ribbons(), Qt::Key_Down);
  shown.view->setPage(ServicesView::Page::Lost);
  for (QPushButton *button : shown.view->lost().findChildren<QPushButton *>())
    if (button->isCheckable()) {
      button->click();
      break;
    }
  keepShots(shown.stage, *shown.view, QStringLiteral("services-lost"));
  shown.view->present(sample());
  shown.view->setPage(ServicesView::Page::Machines);
  keepShots(shown.stage, *shown.view, QStringLiteral("services-machines"));
}

TEST_CASE(
    "without a service the view says what to do, and before the first request it leads there") {
  ThemeHub hub{ThemeChoice::Dark};
  Document document;
  Playback playback(document);
  ViewState state(document, playback, hub);
  ServicesView view(state);
  view.resize(700, 220);
  view.show();
  auto *empty = view.findChild<EmptyState *>();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  CHECK(empty->isVisible());
  CHECK(view.exportable().empty());

  Shown shown("active-passive-hot"); // its clients begin after 5 s
  shown.stage.seekMs(1'000);
  QTest::qWait(300);
  auto *before = shown.view->findChild<EmptyState *>();
  CHECK(before->isVisible());
  Q_EMIT before->actionTriggered();
  REQUIRE(QTest::qWaitFor([&] { return shown.stage.state.now() >= atMs(5'000); }, 10'000));
}

TEST_CASE("a run's services are read as the cursor moves, and can be exported") {
  Shown shown("web-request");
  shown.stage.seekMs(20'000);
  REQUIRE(QTest::qWaitFor([&] { return shown.view->shown().until == atMs(20'000); }, 10'000));
  const auto early = shown.view->shown().reports.front().requests;
  CHECK(early > 0);
  const auto figures = shown.view->exportable();
  REQUIRE_FALSE(figures.empty());
  CHECK(figures.front().id == QStringLiteral("uptime"));
  // The crosshair is one for all views.
  QTest::mouseMove(&shown.view->ribbons(),
                   QPoint(int(shown.view->ribbons().ribbonLayout().axis.x(atMs(5'000))),
                          int(shown.view->ribbons().ribbonLayout().row(0).center().y())));
  REQUIRE(QTest::qWaitFor([&] { return shown.stage.state.pointedTime().has_value(); }, 3'000));
  CHECK(shown.stage.state.pointedTime()->toSeconds() == Approx(5).margin(0.5));
}

TEST_CASE("a crash is seen as an outage whose anatomy adds up, and its end leads to the record") {
  Shown shown("active-passive-hot");
  // While it lasts it says so.
  shown.stage.seekMs(22'500);
  REQUIRE(QTest::qWaitFor([&] { return shown.view->shown().until == atMs(22'500); }, 10'000));
  REQUIRE(shown.view->board().outages().size() == 1);
  CHECK(shown.view->board().outages().front().open);
  shown.stage.seekMs(30'000);
  REQUIRE(QTest::qWaitFor([&] { return shown.view->shown().until == atMs(30'000); }, 10'000));
  const auto &outages = shown.view->board().outages();
  REQUIRE(outages.size() == 1);
  const analysis::Outage outage = outages.front();
  CHECK_FALSE(outage.open);
  Duration sum;
  for (const Duration part : exactSteps(outage)) sum = sum + part;
  CHECK(sum == exactLength(outage));
  const auto row = shown.view->board().layouts().front().rows.back();
  const trace::Sequence record = outage.steps[row.step].record;
  REQUIRE(record != 0);
  QTest::mouseClick(&shown.view->board(), Qt::LeftButton, {}, row.box.center().toPoint());
  REQUIRE(QTest::qWaitFor([&] { return shown.stage.state.cursor().upTo == record; }, 10'000));
  // What has been seen stays when one goes back, while the figures are those of then.
  shown.stage.seekMs(21'500);
  REQUIRE(QTest::qWaitFor([&] { return shown.view->shown().until == atMs(21'500); }, 10'000));
  REQUIRE(shown.view->board().outages().size() == 1);
  CHECK(shown.view->board().outages().front().to == outage.to);
  CHECK(shown.view->shown().seenUntil == atMs(30'000));
  CHECK(shown.view->shown().reports.front().requests < shown.view->shown().seen.front().requests);
}
