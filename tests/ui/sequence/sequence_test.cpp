// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/sequence/label_board.h"
#include "ui/sequence/sequence_canvas.h"
#include "ui/sequence/sequence_view.h"
#include "ui/shell/views.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"

#include <QElapsedTimer>
#include <QFontMetricsF>
#include <QScrollBar>

#include <algorithm>
#include <memory>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Shown {
  RunStage stage;
  std::unique_ptr<SequenceView> view;

  explicit Shown(const char *scenario, QSize size = {900, 280})
      : stage(QString::fromLatin1(scenario)), view(new SequenceView(stage.state)) {
    view->resize(size);
    view->show();
    REQUIRE(QTest::qWaitForWindowExposed(view.get()));
  }
  SequenceCanvas &canvas() const { return view->canvas(); }
  const analysis::LadderArrow &arrow(std::size_t i) const {
    return canvas().window().ladder().arrows[i];
  }
  // The label of every arrow that has begun.
  std::vector<std::string> labels() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < canvas().visibleArrows(); ++i) out.push_back(arrow(i).label);
    return out;
  }
};

std::size_t indexOf(const std::vector<std::string> &labels, const std::string &text) {
  const auto it = std::find_if(labels.begin(), labels.end(), [&](const std::string &l) {
    return l.substr(0, text.size()) == text;
  });
  return static_cast<std::size_t>(it - labels.begin());
}

} // namespace

TEST_CASE("the ladder of a web request tells name, handshake, request and answer in order") {
  Shown shown("web-request");
  shown.stage.seekMs(400);
  const auto labels = shown.labels();
  INFO([&] {
    std::string all;
    for (const auto &l : labels) all += l + "\n";
    return all;
  }());
  const auto query = indexOf(labels, "A? www.example.com");
  const auto syn = indexOf(labels, "SYN");
  const auto synAck = indexOf(labels, "SYN, ACK") < labels.size() ? indexOf(labels, "SYN, ACK")
                                                                  : indexOf(labels, "SYN-ACK");
  const auto ack = indexOf(labels, "ACK");
  const auto get = indexOf(labels, "GET ");
  const auto fin = indexOf(labels, "FIN");
  REQUIRE(query < syn);
  REQUIRE(syn < synAck);
  REQUIRE(synAck < ack);
  REQUIRE(ack < get);
  REQUIRE(get < fin);
  REQUIRE(fin < labels.size());
  // And the handshake's times agree with one another: each begins when the one before has arrived.
  REQUIRE(shown.arrow(syn).endedAt <= shown.arrow(synAck).sentAt);
  REQUIRE(shown.arrow(synAck).endedAt <= shown.arrow(ack).sentAt);
  keepShots(shown.stage, *shown.view, QStringLiteral("sequence-web"));
}

TEST_CASE("nothing is shown that the cursor has not reached") {
  Shown shown("web-request");
  shown.stage.seekMs(0);
  REQUIRE(shown.canvas().visibleArrows() == 0);
  shown.stage.seekMs(60);
  const std::size_t some = shown.canvas().visibleArrows();
  REQUIRE(some > 0);
  for (std::size_t i = 0; i < some; ++i) REQUIRE(shown.arrow(i).sentAt <= shown.stage.state.now());
  shown.stage.seekMs(30);
  REQUIRE(shown.canvas().visibleArrows() < some);
}

TEST_CASE("words on the ladder never lie over one another") {
  for (const char *scenario : {"web-request", "lossy-link", "busy-bottleneck", "eavesdropper"}) {
    for (const bool allHops : {false, true}) {
      Shown shown(scenario, {760, 220});
      shown.canvas().setChoice({allHops, true});
      shown.stage.seekMs(6'000);
      std::vector<QPolygonF> boxes;
      for (const ArrowShape &shape : shown.canvas().layout().arrows()) {
        if (shape.label.isShown()) boxes.push_back(shape.label.outline());
        if (shape.reason.isShown()) boxes.push_back(shape.reason.outline());
      }
      for (const MarkShape &shape : shown.canvas().layout().marks())
        if (shape.label.isShown()) boxes.push_back(shape.label.outline());
      REQUIRE(boxes.size() > 10);
      for (std::size_t i = 0; i < boxes.size(); ++i)
        for (std::size_t j = i + 1; j < boxes.size(); ++j) {
          if (!boxes[i].boundingRect().intersects(boxes[j].boundingRect())) continue;
          INFO(scenario << " " << i << " " << j);
          REQUIRE_FALSE(overlaps(boxes[i], boxes[j]));
        }
    }
  }
}

TEST_CASE("a click on an arrow chooses its packet, a double click goes to it, keys walk") {
  Shown shown("web-request");
  shown.stage.seekMs(200);
  SequenceCanvas &canvas = shown.canvas();
  const std::size_t last = canvas.visibleArrows() - 1;
  const auto place = canvas.placeOf(last);
  REQUIRE(place);
  REQUIRE(canvas.viewport()->rect().contains(place->toPoint()));
  QTest::mouseClick(canvas.viewport(), Qt::LeftButton, {}, place->toPoint());
  REQUIRE(shown.stage.state.selection().isPacket());
  const auto chosen = canvas.arrowAt(*place);
  REQUIRE(chosen);
  const auto record = shown.arrow(canvas.layout().arrows()[*chosen].arrow).firstSent;
  REQUIRE(shown.stage.state.selection().record == record);

  canvas.setFocus();
  QTest::keyClick(&canvas, Qt::Key_Up);
  const auto above = shown.stage.state.selection().record;
  REQUIRE(above < record);
  QTest::keyClick(&canvas, Qt::Key_Down);
  REQUIRE(shown.stage.state.selection().record == record);
  QTest::keyClick(&canvas, Qt::Key_Home);
  REQUIRE(shown.stage.state.selection().record ==
          shown.arrow(canvas.layout().arrows()[0].arrow).firstSent);

  QTest::keyClick(&canvas, Qt::Key_Return);
  REQUIRE(QTest::qWaitFor(
      [&] { return shown.stage.state.cursor().upTo == shown.stage.state.selection().record; }));
}

TEST_CASE("a packet chosen elsewhere is brought into sight on the ladder") {
  Shown shown("web-request");
  shown.stage.seekMs(10'000);
  SequenceCanvas &canvas = shown.canvas();
  const std::size_t early = canvas.visibleArrows() / 3;
  const auto record = shown.arrow(early).firstSent;
  canvas.setFollowing(false);
  shown.stage.state.selectRecord(record);
  const auto place = canvas.placeOf(early);
  REQUIRE(place);
  REQUIRE(canvas.viewport()->rect().contains(place->toPoint()));
}

TEST_CASE("lost arrows are broken off short of their end, with the reason in words") {
  Shown shown("lossy-link");
  shown.stage.seekMs(8'000);
  int lost = 0, told = 0;
  for (const ArrowShape &shape : shown.canvas().layout().arrows()) {
    const auto &a = shown.arrow(shape.arrow);
    REQUIRE(shape.lost == (a.end == analysis::ArrowEnd::Lost));
    if (!shape.lost) continue;
    ++lost;
    told += shape.reason.isShown() ? 1 : 0;
    if (shape.reason.isShown()) REQUIRE(shape.reason.text.startsWith(QStringLiteral("lost: ")));
  }
  REQUIRE(lost > 0);
  REQUIRE(told > 0);
  keepShots(shown.stage, *shown.view, QStringLiteral("sequence-lossy"));
}

TEST_CASE("all hops gives every node on the way a lifeline") {
  Shown shown("web-request");
  shown.stage.seekMs(300);
  const std::size_t ends = shown.canvas().window().lifelines().size();
  shown.canvas().setChoice({true, false});
  REQUIRE(shown.canvas().window().lifelines().size() > ends);
  for (const ArrowShape &shape : shown.canvas().layout().arrows()) {
    const auto &a = shown.arrow(shape.arrow);
    if (a.end == analysis::ArrowEnd::Delivered) REQUIRE(shape.points.size() == a.hops.size() + 1);
  }
  keepShots(shown.stage, *shown.view, QStringLiteral("sequence-hops"));
  shown.canvas().setChoice({false, true});
  const auto labels = shown.labels();
  REQUIRE(std::any_of(labels.begin(), labels.end(), [](const std::string &l) {
    return l.find("who has") != std::string::npos || l.find("ARP") != std::string::npos ||
           l.find("Who has") != std::string::npos;
  }));
}

TEST_CASE("scrolling back stops following; the end of the paper takes it up again") {
  Shown shown("web-request");
  shown.stage.seekMs(10'000);
  SequenceCanvas &canvas = shown.canvas();
  REQUIRE(canvas.isFollowing());
  REQUIRE(canvas.verticalScrollBar()->value() == canvas.verticalScrollBar()->maximum());
  canvas.verticalScrollBar()->setValue(canvas.verticalScrollBar()->maximum() / 2);
  REQUIRE_FALSE(canvas.isFollowing());
  canvas.verticalScrollBar()->setValue(canvas.verticalScrollBar()->maximum());
  REQUIRE(canvas.isFollowing());
}

TEST_CASE("what is under way at the end of the paper is named, and its names keep apart") {
  Shown shown("web-request");
  shown.stage.seekMs(2'070); // the answer has left the server a moment ago
  const auto words = shown.canvas().wordsAtNow();
  REQUIRE(words.size() == 1);
  CHECK(words.front().label.text == QStringLiteral("200 OK"));
  CHECK(words.front().label.centre.y() >
        shown.canvas().layout().scale().y(shown.stage.state.now()));
  shown.stage.seekMs(2'200); // and has arrived
  CHECK(shown.canvas().wordsAtNow().empty());

  Shown crowd("busy-bottleneck");
  crowd.stage.seekMs(12'000);
  const auto many = crowd.canvas().wordsAtNow();
  REQUIRE(many.size() > 1);
  for (std::size_t i = 0; i < many.size(); ++i)
    for (std::size_t j = i + 1; j < many.size(); ++j)
      CHECK_FALSE(overlaps(many[i].label.outline(), many[j].label.outline()));
}

TEST_CASE("what is under way when the run ends has a way to go; it is not drawn as arrived") {
  for (const char *scenario : {"busy-bottleneck", "web-request"}) {
    INFO(scenario);
    Shown shown(scenario);
    shown.stage.seekMs(60'000);
    const double now = shown.canvas().layout().scale().y(shown.stage.state.now());
    std::size_t underWay = 0;
    for (const ArrowShape &shape : shown.canvas().layout().arrows()) {
      const analysis::LadderArrow &arrow = shown.arrow(shape.arrow);
      if (arrow.end != analysis::ArrowEnd::UnderWay) continue;
      ++underWay;
      CHECK(shape.points.back().y() > now);
      const QPointF tip = pointsUpTo(shape.points, now).back();
      const double whole = std::abs(shape.points.back().x() - shape.points.front().x());
      CHECK(std::abs(tip.x() - shape.points.front().x()) < whole);
    }
    CHECK(underWay > 0);
  }
}

TEST_CASE("a crowd of equal arrows says its words now and then, not on every one") {
  Shown shown("busy-bottleneck");
  shown.stage.seekMs(12'000);
  const auto &arrows = shown.canvas().layout().arrows();
  const auto labelled = std::count_if(arrows.begin(), arrows.end(),
                                      [](const ArrowShape &a) { return a.label.isShown(); });
  CHECK(shown.canvas().layout().isDense());
  CHECK(labelled > 4);
  CHECK(labelled < static_cast<std::ptrdiff_t>(arrows.size()) / 2);
  Shown calm("web-request");
  calm.stage.seekMs(400);
  CHECK_FALSE(calm.canvas().layout().isDense());
}

TEST_CASE("times have room at the left of the ladder, however long they are") {
  Shown shown("web-request");
  shown.stage.seekMs(59'000);
  QFont font = shown.stage.state.typography().monoSmall();
  font.setPixelSize(shown.stage.state.typography().tiny().pixelSize());
  const LadderLayout &layout = shown.canvas().layout();
  REQUIRE_FALSE(layout.times().empty());
  for (const SimTime at : layout.times())
    CHECK(QFontMetricsF(font).horizontalAdvance(formatTimeShort(at.ns())) <
          layout.timesRight() - 4);
}

TEST_CASE("other scenarios have ladders too") {
  for (const char *scenario :
       {"tcp-lifecycle", "hop-by-hop", "no-such-name", "two-paths", "busy-bottleneck"}) {
    Shown shown(scenario);
    shown.stage.seekMs(5'000);
    INFO(scenario);
    REQUIRE(shown.canvas().visibleArrows() > 3);
    REQUIRE(shown.canvas().window().lifelines().size() >= 2);
    keepShots(shown.stage, *shown.view, QStringLiteral("sequence-") + QLatin1String(scenario));
  }
}

TEST_CASE("another document without a message says so, as the first one would") {
  Shown shown("web-request");
  shown.stage.seekMs(500);
  const auto *empty = shown.view->findChild<EmptyState *>();
  REQUIRE(empty != nullptr);
  REQUIRE(QTest::qWaitFor([&] { return !empty->isVisible(); }, 5000));
  scenario::Scenario blank;
  blank.id = "blank";
  shown.stage.document.open(std::move(blank));
  CHECK(QTest::qWaitFor([&] { return empty->isVisible(); }, 5000));
}

TEST_CASE("a frame of the ladder costs a few milliseconds", "[timing]") {
  Shown shown("busy-bottleneck");
  shown.stage.seekMs(20'000);
  const auto now = [&] { return shown.stage.state.frame().cursor.at; };
  std::vector<double> frames, builds;
  for (int i = 0; i < 120; ++i) {
    shown.stage.playback.seek(now() + Duration::ms(1));
    QElapsedTimer spent;
    spent.start();
    shown.canvas().refresh();
    shown.canvas().viewport()->repaint();
    frames.push_back(static_cast<double>(spent.nsecsElapsed()) / 1e6);
  }
  for (int i = 0; i < 10; ++i) {
    QElapsedTimer spent;
    spent.start();
    shown.canvas().setChoice({i % 2 == 0, false});
    builds.push_back(static_cast<double>(spent.nsecsElapsed()) / 1e6);
  }
  std::sort(frames.begin(), frames.end());
  std::sort(builds.begin(), builds.end());
  WARN("frame: median " << frames[60] << " ms, p95 " << frames[114]
                        << " ms; another ladder: " << builds[5] << " ms");
  REQUIRE(frames[60] < 200); // a guard against slips, not a measurement
  REQUIRE(builds[5] < 100);
}

TEST_CASE("what is encrypted has a lock before its words, and a band from when on with which key") {
  Shown shown("eavesdropper", {900, 420});
  shown.stage.seekMs(4'200);
  const LadderLayout &layout = shown.canvas().layout();
  const analysis::Ladder &ladder = shown.canvas().window().ladder();
  std::size_t locked = 0, open = 0;
  for (const ArrowShape &shape : layout.arrows()) {
    if (!shape.label.isShown()) continue;
    CHECK(shape.label.locked == ladder.arrows[shape.arrow].encrypted);
    (shape.label.locked ? locked : open) += 1;
  }
  CHECK(locked >= 2);
  CHECK(open >= 2);
  REQUIRE_FALSE(layout.keys().empty());
  for (const KeyShape &shape : layout.keys()) {
    CHECK(ladder.keys[shape.keys].writes);
    CHECK(shape.fromY <= shape.toY);
    // Beside a lifeline, inside of the outermost ones.
    CHECK(shape.x > layout.columns().front());
    CHECK(shape.x < layout.columns().back());
  }
  CHECK(layout.keys().front().first);
  keepShots(shown.stage, *shown.view, QStringLiteral("sequence-tls"));
}
