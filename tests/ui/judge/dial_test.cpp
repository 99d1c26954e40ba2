// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/judge/judge_samples.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/charts/chart_export.h"
#include "ui/judge/dial_boards.h"
#include "ui/judge/dial_view.h"
#include "ui/widgets/empty_state.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QUndoStack>

#include <set>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

const DialLine *lineOf(const std::vector<DialLine> &lines, const QString &label) {
  for (const DialLine &line : lines)
    if (line.label == label && !line.heading) return &line;
  return nullptr;
}

struct DialStage {
  RunStage stage{QStringLiteral("web-request")};
  DialView view{stage.state};
  DialStage() {
    view.resize(1000, 300);
    view.show();
    REQUIRE(QTest::qWaitForWindowExposed(&view));
  }
};

} // namespace

TEST_CASE("the table has a column for each design and a part for each side of the cut") {
  const auto lines = dialLines(dialRows());
  QStringList headings;
  for (const DialLine &line : lines) {
    if (line.heading)
      headings << line.label;
    else
      CHECK(line.cells.size() == 3);
  }
  REQUIRE(headings.size() == 4);
  CHECK(headings[0].contains(QStringLiteral("side 1")));
  CHECK(headings[1].contains(QStringLiteral("side 2")));
  CHECK(headings[3].contains(QStringLiteral("Without a partition")));
  const DialLine *answered = lineOf(lines, QStringLiteral("Answered"));
  REQUIRE(answered != nullptr);
  CHECK(answered->cells[0].text == QStringLiteral("318 of 320"));
  CHECK(answered->cells[1].ink == DialCell::Ink::Good);
  const DialLine *lost = lineOf(lines, QStringLiteral("Lost writes"));
  CHECK(lost->cells[2].text == QStringLiteral("3"));
  CHECK(lost->cells[2].ink == DialCell::Ink::Bad);
  CHECK(lineOf(lines, QStringLiteral("Agreed again after"))->cells[2].text ==
        QStringLiteral("never"));
  CHECK(lineOf(lines, QStringLiteral("Linearizable"))->cells[0].text == QStringLiteral("yes"));
}

TEST_CASE("where the window is low both sides share a cell, and what was given up is in sight") {
  const Typography type = Typography::forSystem();
  const auto full = dialLines(dialRows());
  const auto dense = dialLines(dialRows(), DialDensity::Dense);
  const DialLine *share = lineOf(dense, QStringLiteral("Answered, %"));
  REQUIRE(share != nullptr);
  REQUIRE(share->parts.size() == 3);
  // 318 of 320: nearly all is not all.
  CHECK(share->parts[0][0].text == QStringLiteral("99"));
  CHECK(share->parts[0].size() == 2);
  CHECK(lineOf(dense, QStringLiteral("Refused"))->cells[0].text == QStringLiteral("0 | 120"));
  CHECK(dialSides(dialRows()) == QStringLiteral("side 1 | side 2"));
  CHECK(dialTableHeight(dense, type, dialLineLeast) < dialTableHeight(full, type) / 1.8);

  RunStage stage{QStringLiteral("web-request")};
  DialView view{stage.state};
  view.resize(762, 178); // of a window of 1280x720
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  view.present(dialRows());
  CHECK(view.table().density() == DialDensity::Dense);
  const auto layout = view.table().tableLayout();
  const double foot = view.table().mapTo(&view, QPoint()).y() + layout.lines[6].bottom();
  CHECK(foot <= view.height());
  CHECK(view.axis().mapTo(&view, QPoint()).x() > view.table().width() / 2);
  view.resize(1100, 760);
  QCoreApplication::processEvents();
  CHECK(view.table().density() == DialDensity::Full);
}

TEST_CASE("spells of one side stand in its lane, and those of all in each") {
  const auto lanes = dialLanes(dialRows());
  REQUIRE(lanes.size() == 6);
  CHECK(lanes[0].first);
  CHECK_FALSE(lanes[1].first);
  const auto has = [](const DialLane &lane, std::string_view what) {
    return std::any_of(lane.spells.begin(), lane.spells.end(),
                       [&](const auto &spell) { return spell.what == what; });
  };
  CHECK_FALSE(has(lanes[0], "refused"));
  CHECK(has(lanes[1], "refused"));
  CHECK(has(lanes[0], "partition"));
  CHECK(has(lanes[2], "converging"));
  CHECK(has(lanes[3], "converging"));
}

TEST_CASE("table and lanes keep within their box, and columns stay apart") {
  const auto lines = dialLines(dialRows());
  const Typography type = Typography::forSystem();
  for (double width = 400; width < 1200; width += 100) {
    const auto table = layoutDialTable(QRectF(12, 2, width, 600), lines, 3, type);
    CHECK(table.columns.back().right() <= 12 + width + 1e-6);
    for (std::size_t i = 1; i < table.columns.size(); ++i)
      CHECK(table.columns[i].left() >= table.columns[i - 1].right() - 1e-6);
    const auto axis = layoutDialAxis(QRectF(12, 2, width, 200), dialLanes(dialRows()),
                                     SimTime::fromNs(30'000'000'000), type);
    for (std::size_t i = 1; i < axis.boxes.size(); ++i)
      CHECK(axis.boxes[i].top() >= axis.boxes[i - 1].bottom() - 1e-6);
    CHECK(axis.axis.left + axis.axis.width <= 12 + width + 1e-6);
  }
}

TEST_CASE("the dial becomes CSV and pictures") {
  const QByteArray csv = dialCsv(dialRows());
  CHECK(csv.startsWith("design,partitioned,side,operations,ok,refused,"));
  // Two sides and the whole with the partition, the whole without, of three designs.
  CHECK(csv.count('\n') == 1 + 3 * 4);
  CHECK(csv.contains(",true,side 2,150,0,120,30,0,"));
  QTemporaryDir folder;
  QString message;
  const auto figures = dialFigures(dialRows(), SimTime::fromNs(30'000'000'000));
  REQUIRE(figures.size() == 2);
  for (const char *format : {"png", "svg", "csv"})
    CHECK(writeFigures(figures, folder.path(), QString::fromLatin1(format), slideSize,
                       Theme::light(), Typography::forSystem(), &message)
              .size() == 2);
  CHECK(message.isEmpty());
}

TEST_CASE("a design is chosen by a click or the keys, and said in a sentence") {
  DialStage dial;
  dial.view.present(dialRows());
  const auto column = dial.view.table().tableLayout().columns[2];
  QTest::mouseClick(&dial.view.table(), Qt::LeftButton, {},
                    QPointF(column.center().x(), column.top() + 40).toPoint());
  CHECK(dial.view.table().current() == 2);
  CHECK(dial.view.message().contains(QStringLiteral("One primary")));
  dial.view.table().setFocus();
  QTest::keyClick(&dial.view.table(), Qt::Key_Up);
  CHECK(dial.view.table().current() == 1);
  CHECK(dial.view.table().accessibleDescription().contains(QStringLiteral("Conflicts: 12")));
  keepShots(dial.stage, dial.view, QStringLiteral("cap-dial"));
}

TEST_CASE("a scenario without a store says so, and what to do") {
  DialStage dial;
  auto *empty = dial.view.findChild<EmptyState *>();
  CHECK(empty->isVisible());
  dial.view.start();
  CHECK(dial.view.isRunning());
  REQUIRE(QTest::qWaitFor([&] { return !dial.view.isRunning(); }, 30'000));
  CHECK(dial.view.rows().empty());
  CHECK_FALSE(dial.view.message().isEmpty());
  CHECK(dial.view.exportable().empty());
}

TEST_CASE("runs can be cancelled, and an edit makes what was found one of before") {
  DialStage dial;
  dial.view.start();
  dial.view.cancel();
  CHECK_FALSE(dial.view.isRunning());
  dial.view.present(dialRows());
  CHECK(dial.stage.document.edit(QStringLiteral("seed"), [](scenario::Scenario &s) { s.seed = 99; })
            .ok());
  CHECK(dial.view.message().contains(QStringLiteral("run it again")));
  CHECK(dial.stage.document.open(QStringLiteral("web-request")).ok());
  CHECK(dial.view.rows().empty());
}
