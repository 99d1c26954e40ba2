// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/secure/flight_model.h"
#include "ui/secure/key_canvas.h"
#include "ui/secure/key_tree.h"
#include "ui/secure/security_view.h"
#include "ui/secure/steps_strip.h"
#include "ui/widgets/empty_state.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QListView>
#include <QSet>
#include <QSignalSpy>

#include <algorithm>
#include <limits>
#include <memory>

using namespace packetarium;
using namespace packetarium::ui;
using Page = SecurityView::Page;

namespace {

constexpr trace::Sequence allOfIt = std::numeric_limits<trace::Sequence>::max();

struct Shown {
  RunStage stage;
  std::unique_ptr<SecurityView> view;

  explicit Shown(const char *scenario, QSize size = {820, 220})
      : stage(QString::fromLatin1(scenario)), view(new SecurityView(stage.state)) {
    view->resize(size);
    view->show();
    REQUIRE(QTest::qWaitForWindowExposed(view.get()));
  }
  analysis::TlsStory story(trace::Sequence upTo = allOfIt) const {
    const auto &book = stage.state.facts();
    return analysis::tlsStory(book, analysis::tlsConnections(book, allOfIt).front(), upTo);
  }
  void seek(trace::Sequence record) {
    stage.playback.seekToRecord(record);
    REQUIRE(QTest::qWaitFor([&] { return !stage.playback.isPending(); }, 10'000));
    REQUIRE(stage.state.cursor().upTo == record);
  }
  std::size_t existing() const {
    const auto &boxes = view->keys().canvas().tree().boxes;
    return static_cast<std::size_t>(
        std::count_if(boxes.begin(), boxes.end(), [](const KeyBox &b) { return b.exists; }));
  }
};

bool overlap(const std::vector<QRectF> &boxes) {
  for (std::size_t i = 0; i < boxes.size(); ++i)
    for (std::size_t j = i + 1; j < boxes.size(); ++j)
      if (boxes[i].intersects(boxes[j])) return true;
  return false;
}

} // namespace

TEST_CASE("every secret of a connection stands in a box of the key schedule") {
  for (const char *scenario : {"https-handshake", "https-tls12"}) {
    INFO(scenario);
    Shown shown(scenario);
    const analysis::TlsStory story = shown.story();
    const KeyTree tree = keyTree(story, story.is12());
    REQUIRE(story.secrets.size() >= 6);
    for (const analysis::TlsSecretRow &row : story.secrets) {
      INFO(row.name);
      const auto box = std::find_if(tree.boxes.begin(), tree.boxes.end(), [&](const KeyBox &b) {
        return b.value.toStdString() == row.value;
      });
      REQUIRE(box != tree.boxes.end());
      CHECK(box->exists);
      CHECK_FALSE(box->reference.isEmpty());
    }
    // Parents stand above or to the left, and exist when their children do.
    for (const KeyBox &box : tree.boxes)
      for (const int index : box.parents) {
        const KeyBox &parent = tree.boxes[static_cast<std::size_t>(index)];
        CHECK((parent.row < box.row || parent.column < box.column));
        if (box.exists) CHECK(parent.exists);
      }
  }
}

TEST_CASE("no two boxes of the key schedule touch, however narrow the view") {
  Shown modern("https-handshake"), old("https-tls12");
  for (const Shown *shown : {&modern, &old}) {
    const analysis::TlsStory story = shown->story();
    const KeyTree tree = keyTree(story, story.is12());
    for (int width = 100; width <= 2000; width += 50) {
      const KeyLayout layout = layoutKeys(tree, width, {});
      CHECK_FALSE(overlap(layout.boxes));
      for (const QRectF &box : layout.boxes) {
        CHECK(box.left() >= 0);
        CHECK(box.right() <= layout.size.width());
        CHECK(box.bottom() <= layout.size.height());
      }
    }
  }
}

TEST_CASE("boxes appear with the steps and vanish when the cursor goes back") {
  Shown shown("https-handshake");
  shown.view->setPage(Page::Keys);
  const analysis::TlsStory whole = shown.story();
  std::size_t before = 0;
  for (const analysis::TlsPhaseRow &phase : whole.phases) {
    shown.seek(phase.when.sequence);
    CHECK(shown.existing() >= before);
    before = shown.existing();
  }
  CHECK(before >= 12);
  shown.seek(whole.phase("tls.client-hello")->when.sequence);
  CHECK(shown.existing() == 0);
  shown.seek(whole.phase("tls.session-keys")->when.sequence);
  const auto half = shown.existing();
  CHECK(half > 0);
  CHECK(half < before);
}

TEST_CASE("a message in the ladder takes the run to it, and what comes later is told as later") {
  Shown shown("https-handshake");
  const analysis::TlsStory whole = shown.story();
  shown.seek(whole.phase("tls.secure-transfer")->when.sequence);
  shown.view->setPage(Page::Handshake);
  FlightModel &model = shown.view->handshake().model();
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  REQUIRE(model.rowCount() == static_cast<int>(whole.lines.size()));
  QListView &list = shown.view->handshake().list();
  const QModelIndex certificate = model.index(3);
  REQUIRE(certificate.data().toString() == QStringLiteral("Certificate"));
  list.scrollTo(certificate);
  QTest::mouseClick(list.viewport(), Qt::LeftButton, {}, list.visualRect(certificate).center());
  REQUIRE(QTest::qWaitFor([&] { return !shown.stage.playback.isPending(); }, 10'000));
  CHECK(shown.stage.state.cursor().upTo == whole.lines[3].sent.sequence);
  CHECK(model.current() == 3);
  CHECK(model.rows()[4].future);
  CHECK(list.currentIndex() == certificate);
  // And by the keyboard.
  list.setFocus();
  QTest::keyClick(&list, Qt::Key_Down);
  REQUIRE(QTest::qWaitFor([&] { return !shown.stage.playback.isPending(); }, 10'000));
  CHECK(shown.stage.state.cursor().upTo == whole.lines[4].sent.sequence);
  keepShots(shown.stage, *shown.view, QStringLiteral("security-handshake"));
}

TEST_CASE("the course's steps stand in the order in which this version passes them") {
  Shown modern("https-handshake"), old("https-tls12");
  const auto numbers = [](const analysis::TlsStory &story, bool tls12) {
    std::vector<int> out;
    for (const CourseStep &step : courseSteps(story, tls12)) out.push_back(step.number);
    return out;
  };
  CHECK(numbers(old.story(), true) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(numbers(modern.story(), false) == std::vector<int>{1, 2, 4, 6, 3, 5, 7, 8});
  // Before anything has happened the same order is announced.
  CHECK(numbers(modern.story(0), false) == std::vector<int>{1, 2, 4, 6, 3, 5, 7, 8});
  CHECK(numbers(old.story(0), true) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("steps keep apart at every width, and a click on one goes there") {
  Shown shown("https-tls12");
  shown.view->setPage(Page::Steps);
  const analysis::TlsStory whole = shown.story();
  shown.seek(whole.phase("tls.secure-transfer")->when.sequence);
  StepsStrip &strip = shown.view->steps().strip();
  for (const int width : {200, 500, 820, 1400}) CHECK_FALSE(overlap(strip.boxes(width)));
  QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.boxes(strip.width())[2].center().toPoint());
  REQUIRE(QTest::qWaitFor([&] { return !shown.stage.playback.isPending(); }, 10'000));
  CHECK(shown.stage.state.cursor().upTo ==
        whole.phase("tls.certificate-verification")->when.sequence);
}

TEST_CASE("the arrow keys visit every box of the key schedule") {
  Shown shown("https-handshake", {900, 400});
  const analysis::TlsStory whole = shown.story();
  shown.seek(whole.phase("tls.secure-transfer")->when.sequence);
  shown.view->setPage(Page::Keys);
  KeyCanvas &canvas = shown.view->keys().canvas();
  QSet<int> seen;
  std::vector<int> open = {0};
  while (!open.empty()) {
    const int from = open.back();
    open.pop_back();
    if (seen.contains(from)) continue;
    seen.insert(from);
    for (const int key : {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}) {
      canvas.setCurrent(from);
      QTest::keyClick(&canvas, static_cast<Qt::Key>(key));
      open.push_back(canvas.current());
    }
  }
  CHECK(seen.size() == static_cast<qsizetype>(canvas.tree().boxes.size()));
  CHECK_FALSE(canvas.accessibleDescription().isEmpty());
}

TEST_CASE("without TLS the view says what to do, and before the first connection it leads there") {
  Shown plain("web-request");
  CHECK(plain.view->findChild<EmptyState *>()->isVisible());
  CHECK_FALSE(plain.view->connection());
  Shown shown("https-handshake");
  shown.stage.seekMs(0);
  auto *empty = shown.view->findChild<EmptyState *>();
  CHECK(empty->isVisible());
  Q_EMIT empty->actionTriggered();
  REQUIRE(QTest::qWaitFor([&] { return shown.view->connection().has_value(); }, 10'000));
  CHECK_FALSE(empty->isVisible());
}

TEST_CASE("the picture is made anew only when a fact comes or goes") {
  Shown shown("https-handshake");
  const analysis::TlsStory whole = shown.story();
  shown.view->setPage(Page::Handshake);
  shown.seek(whole.lines[3].sent.sequence);
  const QSignalSpy changes(&shown.view->handshake().model(), &QAbstractItemModel::dataChanged);
  const auto ms = whole.lines[3].sent.at.ns() / 1'000'000;
  shown.stage.seekMs(ms + 3); // on its way: nothing new is known
  const auto once = changes.count();
  shown.stage.seekMs(ms + 5);
  shown.stage.seekMs(ms + 7);
  CHECK(changes.count() == once);
}

TEST_CASE("every page can be looked at, from before the hello to the end") {
  for (const char *scenario : {"https-handshake", "https-tls12"}) {
    Shown shown(scenario);
    const analysis::TlsStory whole = shown.story();
    for (const Page page :
         {Page::Steps, Page::Handshake, Page::Keys, Page::Negotiation, Page::Certificate}) {
      shown.view->setPage(page);
      for (const analysis::TlsPhaseRow &phase : whole.phases) {
        shown.seek(phase.when.sequence);
        shown.view->grab();
      }
      shown.seek(whole.phase("tls.secure-transfer")->when.sequence);
      keepShots(shown.stage, *shown.view,
                QStringLiteral("security-%1-%2")
                    .arg(QString::fromLatin1(scenario))
                    .arg(static_cast<int>(page)));
    }
  }
}
