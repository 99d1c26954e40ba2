// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/judge/judge_samples.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/charts/chart_export.h"
#include "ui/judge/breach_banner.h"
#include "ui/judge/explain_panel.h"
#include "ui/judge/freshness_panel.h"
#include "ui/judge/history_canvas.h"
#include "ui/judge/history_view.h"
#include "ui/judge/verdict_pill.h"
#include "ui/judge/verdict_strip.h"
#include "ui/widgets/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <memory>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

HistoryShown shownOf(ServiceJudgement store, const std::optional<std::string> &key = {}) {
  auto all = std::make_shared<Judgement>();
  const std::string name = store.service;
  all->services.push_back(std::move(store));
  return historyShown(all, name, key);
}

struct OnCanvas {
  ThemeHub hub{ThemeChoice::Dark};
  HistoryCanvas canvas{hub};
  explicit OnCanvas(HistoryShown shown, double endMs = 500, trace::Sequence seen = 9999) {
    hub.attachTo(*qApp);
    canvas.resize(900, 200);
    canvas.setMoments(judgeMs(endMs), seen, std::nullopt);
    canvas.setShown(std::move(shown), judgeMs(endMs));
    canvas.show();
    REQUIRE(QTest::qWaitForWindowExposed(&canvas));
    canvas.showAll();
  }
};

} // namespace

TEST_CASE("effects lie within their operations and in the order that is legal") {
  using Kind = judge::OperationKind;
  HistoryMaker h;
  h.add("a", Kind::Write, "k", "1", 0, 100);
  h.add("b", Kind::Read, "k", "1", 10, 30); // saw it already
  h.add("c", Kind::Write, "k", "2", 20, 0, judge::Outcome::Info);
  h.add("b", Kind::Read, "k", "2", 200, 240);
  h.add("b", Kind::Read, "k", "2", 250, 260);
  const judge::History history = h.take();
  const auto points = effectPoints(history, {0, 1, 2, 3, 4});
  REQUIRE(points.size() == 5);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const judge::Operation &o = history.operations[points[i].operation];
    CHECK(points[i].at >= o.invoked);
    if (o.outcome == judge::Outcome::Ok) CHECK(points[i].at <= *o.returned);
    if (i > 0) CHECK(points[i].at >= points[i - 1].at);
  }
  CHECK(points[0].at <= judgeMs(30)); // before the read that saw it ended
}

TEST_CASE("of a long history no more is drawn than there are pixels, and bars stay apart") {
  const ServiceJudgement busy = busyStore(60'000);
  const HistoryShown shown = shownOf(busy);
  TimeAxis axis;
  axis.to = axis.end = judgeMs(240'000);
  const HistoryLayout layout =
      layoutHistory(QRectF(0, 0, 800, 140), shown.rows, axis, Typography::forSystem());
  REQUIRE(shown.rows.size() == 3);
  for (std::size_t row = 0; row < 3; ++row) {
    const auto bars = barsOf(layout, row, shown, 0);
    CHECK(bars.size() <= 410);
    std::size_t all = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      all += bars[i].count;
      CHECK(bars[i].box.top() >= layout.row(row).top());
      CHECK(bars[i].box.bottom() <= layout.row(row).bottom());
      if (i > 0) CHECK(bars[i].box.left() >= bars[i - 1].box.right() - 1e-6);
    }
    CHECK(all == 20'000);
  }
}

TEST_CASE("where several share a place the one that breaks a promise is shown") {
  ServiceJudgement busy = busyStore(6000);
  busy.linearizability.keys[0].verdict = judge::Verdict::False;
  busy.linearizability.keys[0].offending = 3001;
  const HistoryShown shown = shownOf(busy);
  TimeAxis axis;
  axis.to = axis.end = judgeMs(24'000);
  const HistoryLayout layout =
      layoutHistory(QRectF(0, 0, 500, 140), shown.rows, axis, Typography::forSystem());
  const auto bars = barsOf(layout, 3001 % 3, shown, 0);
  CHECK(std::any_of(bars.begin(), bars.end(),
                    [](const HistoryBar &bar) { return bar.operation == 3001; }));
}

TEST_CASE("an operation without an answer goes on to the edge, or to where its client goes on") {
  const HistoryShown shown = shownOf(cartStore());
  OnCanvas on(shown);
  const QRectF open = on.canvas.boxOf(3);
  const TimeAxis axis = on.canvas.historyLayout().axis;
  CHECK(open.right() >= axis.left + axis.width - 1);
  CHECK(on.canvas.boxOf(0).left() == Approx(axis.x(judgeMs(100))));
  CHECK(on.canvas.boxOf(0).right() == Approx(axis.x(judgeMs(140))));
}

TEST_CASE("a click chooses an operation; the keys walk through all of them") {
  OnCanvas on(shownOf(cartStore()));
  QSignalSpy chosen(&on.canvas, &HistoryCanvas::chosen);
  QTest::mouseClick(&on.canvas, Qt::LeftButton, {}, on.canvas.boxOf(4).center().toPoint());
  REQUIRE(on.canvas.chosenOperation() == 4);
  CHECK(on.canvas.accessibleDescription().contains(QStringLiteral("stale")));
  on.canvas.setFocus();
  QTest::keyClick(&on.canvas, Qt::Key_Left, Qt::ControlModifier);
  CHECK(on.canvas.chosenOperation() == 1);
  QTest::keyClick(&on.canvas, Qt::Key_Right, Qt::ControlModifier);
  QTest::keyClick(&on.canvas, Qt::Key_Right, Qt::ControlModifier);
  CHECK(on.canvas.chosenOperation() == 6);
  QTest::keyClick(&on.canvas, Qt::Key_Up);
  CHECK(on.canvas.chosenOperation() == 5);
  QSignalSpy gone(&on.canvas, &HistoryCanvas::goTo);
  QTest::keyClick(&on.canvas, Qt::Key_Return);
  REQUIRE(gone.count() == 1);
  CHECK(gone[0][0].toInt() == 5);
}

TEST_CASE("the wheel zooms around the pointer and dragging moves along") {
  OnCanvas on(shownOf(busyStore(400)), 1600, 99'999);
  const Duration whole = on.canvas.axis().span();
  on.canvas.zoom(4);
  CHECK(on.canvas.axis().span().toSeconds() == Approx(whole.toSeconds() / 4).epsilon(0.01));
  const SimTime from = on.canvas.axis().from;
  const auto at = [&](int x) { return QPoint(x, 100); };
  QTest::mousePress(&on.canvas, Qt::LeftButton, {}, at(600));
  QMouseEvent move(QEvent::MouseMove, QPointF(500, 100), on.canvas.mapToGlobal(QPointF(500, 100)),
                   Qt::NoButton, Qt::LeftButton, {});
  QApplication::sendEvent(&on.canvas, &move);
  QTest::mouseRelease(&on.canvas, Qt::LeftButton, {}, at(500));
  CHECK(on.canvas.axis().from > from);
  QTest::keyClick(&on.canvas, Qt::Key_Asterisk);
  CHECK(on.canvas.axis().span() == whole);
}

TEST_CASE("what nobody has seen yet is not drawn") {
  OnCanvas on(shownOf(cartStore()), 500, 240);
  CHECK_FALSE(on.canvas.boxOf(2).isEmpty());
  CHECK(on.canvas.boxOf(4).isEmpty());
  CHECK(on.canvas.boxOf(6).isEmpty());
}

TEST_CASE("each fate of an operation is another picture") {
  const auto pictureOf = [](void (*change)(ServiceJudgement &)) {
    ServiceJudgement store = cartStore();
    store.linearizability = {};
    for (analysis::Light &light : store.lights) light.offending.reset();
    store.marks[1].freshness = analysis::Freshness::Fresh;
    change(store);
    OnCanvas on(shownOf(std::move(store)));
    return on.canvas.grab(on.canvas.boxOf(4).adjusted(-3, -3, 3, 3).toAlignedRect()).toImage();
  };
  std::vector<QImage> pictures;
  pictures.push_back(pictureOf([](ServiceJudgement &) {}));
  pictures.push_back(
      pictureOf([](ServiceJudgement &s) { s.marks[1].freshness = analysis::Freshness::Stale; }));
  pictures.push_back(pictureOf(
      [](ServiceJudgement &s) { s.history.operations[4].outcome = judge::Outcome::Fail; }));
  pictures.push_back(pictureOf(
      [](ServiceJudgement &s) { s.history.operations[4].outcome = judge::Outcome::Info; }));
  pictures.push_back(pictureOf(
      [](ServiceJudgement &s) { s.history.operations[4].kind = judge::OperationKind::Write; }));
  pictures.push_back(pictureOf([](ServiceJudgement &s) { s.lights[0].offending = 4; }));
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t j = i + 1; j < pictures.size(); ++j) CHECK(pictures[i] != pictures[j]);
}

TEST_CASE("the longest legal order is joined by a line and the rest is pale") {
  OnCanvas on(shownOf(cartStore(), std::string("cart")));
  const auto at = [&](std::size_t o) {
    return on.canvas.grab(on.canvas.boxOf(o).toAlignedRect()).toImage();
  };
  const QImage within = at(1), without = at(6);
  on.canvas.setChosen(2);
  on.canvas.setPrefix({0, 1, 2});
  CHECK(at(1) != within);
  CHECK(at(6) != without);
  on.canvas.setChosen(std::nullopt);
  CHECK(on.canvas.prefix().empty());
}

TEST_CASE("a history becomes CSV with a line for each operation, and pictures") {
  const QByteArray csv = historyCsv(cartStore());
  CHECK(csv.count('\n') == 8);
  CHECK(csv.contains("b,read,cart,,,17,ok,0.300000000,0.330000000,stale,40.000000,1"));
  CHECK(csv.contains("c,write,list,x,,,info,0.230000000,,,,"));
  QTemporaryDir folder;
  QString message;
  const Figure figure = historyFigure(shownOf(cartStore()), judgeMs(0), judgeMs(500));
  for (const char *format : {"png", "svg", "csv"})
    CHECK(writeFigures({figure}, folder.path(), QString::fromLatin1(format), slideSize,
                       Theme::light(), Typography::forSystem(), &message)
              .size() == 1);
  CHECK(message.isEmpty());
}

TEST_CASE("a chosen light is explained beside its operation; lights follow the cursor") {
  RunStage stage(QStringLiteral("web-request"));
  HistoryView view(stage.state);
  view.resize(900, 280);
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  stage.seekMs(30'000);
  Judgement judgement = cartJudgement();
  JudgeWatch::of(stage.state).present(judgement);
  CHECK(view.service() == "store");
  CHECK(view.strip().lights().size() == judgement.services[0].lights.size());
  view.chooseLight(0);
  CHECK(view.explainer().isVisible());
  CHECK(view.explainer().explanation().tone == Tone::Bad);
  CHECK(view.canvas().chosenOperation() == 4);
  keepShots(stage, view, QStringLiteral("history-light"));
  Q_EMIT view.explainer().closed();
  CHECK_FALSE(view.explainer().isVisible());
  view.chooseOperation(4);
  CHECK(view.explainer().explanation().tone == Tone::Warn);
  view.chooseKey(std::string("list"));
  REQUIRE(view.canvas().shown().rows.size() == 1);
  view.chooseKey(std::nullopt);
  CHECK(view.canvas().shown().rows.size() == 3);
  CHECK(view.exportable().size() >= 1);
  view.setPage(HistoryView::Page::Freshness);
  keepShots(stage, view, QStringLiteral("history-freshness"));
}

TEST_CASE("the pill says how many promises are broken, and asks for the earliest") {
  RunStage stage(QStringLiteral("web-request"));
  VerdictPill pill(stage.state);
  CHECK_FALSE(pill.isVisibleTo(nullptr));
  stage.seekMs(30'000);
  JudgeWatch::of(stage.state).present(cartJudgement());
  CHECK(pill.accessibleName() == QStringLiteral("1 guarantee not held"));
  QSignalSpy wanted(&pill, &VerdictPill::wanted);
  Q_EMIT pill.clicked();
  REQUIRE(wanted.count() == 1);
  CHECK(wanted[0][0].toString() == QStringLiteral("store"));
  CHECK(wanted[0][1].toInt() == 0);
  stage.seekMs(0);
  CHECK(pill.accessibleName().endsWith(QStringLiteral("held")));
  CHECK_FALSE(pill.accessibleName().contains(QStringLiteral("not")));
}

TEST_CASE("without a store the view says what to do") {
  RunStage stage(QStringLiteral("web-request"));
  HistoryView view(stage.state);
  view.resize(700, 240);
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  CHECK(view.findChild<EmptyState *>()->isVisible());
  CHECK(view.exportable().empty());
  CHECK(QTest::qWaitFor([&] { return view.isSettled(); }, 5000));
}

TEST_CASE("a breach that stopped the run is told with its reason, and leads there") {
  RunStage stage(QStringLiteral("web-request"));
  QWidget over;
  over.resize(700, 400);
  BreachBanner banner(stage.state, &over);
  over.show();
  REQUIRE(QTest::qWaitForWindowExposed(&over));
  CHECK_FALSE(banner.isVisible());
  judge::Breach breach;
  breach.invariant = judge::RaftInvariant::ElectionSafety;
  breach.service = "store";
  breach.at = judgeMs(20);
  breach.record = 40;
  breach.why = "alpha and gamma both lead term 7: beta voted twice.";
  banner.tell(breach);
  REQUIRE(banner.isVisible());
  CHECK(over.rect().contains(banner.geometry()));
  CHECK(banner.accessibleDescription().contains(QStringLiteral("voted twice")));
  QSignalSpy history(&banner, &BreachBanner::historyWanted);
  banner.button(1)->click();
  CHECK(history.count() == 1);
  banner.button(0)->click();
  CHECK(QTest::qWaitFor([&] { return stage.state.cursor().upTo == 40; }, 10'000));
  banner.tell(breach);
  Q_EMIT banner.closed();
  banner.hide();
  banner.tell(breach); // of the same one nothing is said again
  CHECK_FALSE(banner.isVisible());
  banner.tell(std::nullopt);
  CHECK_FALSE(banner.isVisible());
}

// ---- freshness --------------------------------------------------------------------------------

TEST_CASE("a quorum that meets every write is fresh at once, a small one becomes so") {
  // Writer and reader each at a replica of its own, 20 ms from the others.
  const cluster::DelayChain far = {{{{1, cluster::DelayPart::Shape::Constant, 20, 0}}}};
  QuorumDelays quorum;
  quorum.placements = {
      {1, 2, 2, {{{}, {}, far, far}, {far, far, {}, {}}, {far, far, far, far}}, {}}};
  for (const QPointF &p : predictedFreshness(quorum, 100)) CHECK(p.y() == Approx(1));
  quorum.placements[0].r = quorum.placements[0].w = 1;
  const auto curve = predictedFreshness(quorum, 100);
  REQUIRE(curve.size() > 10);
  CHECK(curve.front().y() < 0.9);
  CHECK(curve.back().y() == Approx(1));
  for (std::size_t i = 1; i < curve.size(); ++i) CHECK(curve[i].y() >= curve[i - 1].y() - 1e-9);
}

TEST_CASE("measured and predicted shares stand on one axis, in percent") {
  const ChartData data = freshnessChart(
      {{Duration::ms(10), 4, 1}, {Duration::ms(20), 0, 0}, {Duration::ms(30), 10, 9}},
      {{0, 0.3}, {15, 0.6}, {30, 1}});
  REQUIRE(data.lines.size() == 2);
  CHECK(data.timeUnit == QStringLiteral("ms"));
  CHECK(data.lines[0].points == QList<QPointF>{{5, 25}, {25, 90}}); // where nobody read: nothing
  CHECK(data.lines[1].points == QList<QPointF>{{0, 30}, {15, 60}, {30, 100}});
  // How many reads each point stands for, and how little four of them tell.
  REQUIRE(data.bins.size() == 3);
  CHECK((data.bins[0].count == 4 && data.bins[1].count == 0 && data.bins[2].count == 10));
  CHECK(data.bins[0].low == Approx(4.56).margin(.01)); // Wilson (1927): 1 of 4
  CHECK(data.bins[0].high == Approx(69.94).margin(.01));
  CHECK(data.binAt(25) == &data.bins[2]);
  CHECK(data.binAt(31) == nullptr);
}

TEST_CASE("of a quorum store's run the page says how many reads it compares with what") {
  RunStage stage(QStringLiteral("quorums"));
  HistoryView view(stage.state);
  view.resize(900, 280);
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  view.setPage(HistoryView::Page::Freshness);
  stage.seekMs(20'000);
  const FreshnessPanel &page = view.freshness();
  REQUIRE(
      QTest::qWaitFor([&] { return view.isSettled() && page.data().lines.size() == 2; }, 20'000));
  keepShots(stage, view, QStringLiteral("history-freshness-run"));
  CHECK(page.sentence().contains(QStringLiteral("N = 3, R = 1, W = 2")));
  CHECK(page.sentence().contains(QStringLiteral("reads are measured here")));
  CHECK(page.sentence().contains(QStringLiteral("around faults are left out")));
  // Half of the keys have no replica on the readers' side that the write waited for.
  const ChartLine &predicted = page.data().lines[1];
  CHECK(predicted.points.front().y() > 30);
  CHECK(predicted.points.front().y() < 70);
  CHECK(predicted.points.back().y() == Approx(100));
}

TEST_CASE("stretches of time suit the history: most reads lie within") {
  using Kind = judge::OperationKind;
  HistoryMaker h;
  for (int i = 0; i < 50; ++i) {
    h.add("a", Kind::Write, "k", std::to_string(i), i * 100, i * 100 + 10);
    h.add("b", Kind::Read, "k", std::to_string(i), i * 100 + 10 + i, i * 100 + 90);
  }
  const FreshnessBuckets buckets = freshnessBuckets(h.take());
  REQUIRE(buckets.count > 0);
  const double reach = buckets.bucket.toMs() * static_cast<double>(buckets.count);
  CHECK(reach >= 44);
  CHECK(reach <= 120);
  CHECK(freshnessBuckets({}).count == 0);
}
