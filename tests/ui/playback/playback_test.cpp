// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/runner.h"
#include "tests/support/catch.h"
#include "ui/document/faults.h"
#include "ui/playback/carried_frame.h"
#include "ui/playback/playback.h"
#include "ui/playback/view_state.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;
using Kind = scenario::ScriptEntry::Kind;

namespace {

struct Rig {
  Document document;
  Playback playback{document};

  explicit Rig(const char *id = "web-request") {
    REQUIRE(document.open(QString::fromLatin1(id)).ok());
    waitForEnd();
  }
  void waitForEnd() {
    REQUIRE(QTest::qWaitFor([&] { return playback.runEnded() && !playback.isPending(); }, 30'000));
  }
  void seekAndWait(SimTime t) {
    playback.seek(t);
    REQUIRE(QTest::qWaitFor([&] { return !playback.isPending() && playback.now() == t; }, 10'000));
  }
};

/// The same run without a window, a thread or a trace: the oracle.
std::uint64_t fingerprintOf(const scenario::Scenario &document) {
  const auto built = scenario::build(document);
  session::RunnerOptions options;
  options.record = false;
  session::Runner runner(built->plan, built->script, built->end, options);
  while (!runner.ended()) runner.advance(built->end, 1'000'000);
  return runner.world().fingerprint();
}

} // namespace

TEST_CASE("the run in the window is the run without it, to the bit") {
  Rig rig;
  CHECK(rig.playback.fingerprint() == fingerprintOf(rig.document.scenario()));
}

TEST_CASE("a cut changes the run from there on, and undo gives the old run back") {
  Rig rig;
  const auto before = rig.playback.fingerprint();
  const auto records = rig.playback.trace().lastSequence();
  const SimTime at = SimTime::fromNs(2'010'000'000);
  rig.seekAndWait(at);
  std::string cut;
  for (const auto &l : rig.document.scenario().links)
    if (l.from.node == "browser" || l.to.node == "browser") cut = l.id;
  REQUIRE(applyFault(rig.document, {Kind::CutLink, cut, 0, at}).ok());
  CHECK(rig.playback.now() == at); // the cursor stays
  REQUIRE(QTest::qWaitFor(
      [&] { return rig.playback.runEnded() && rig.playback.fingerprint() != before; }, 30'000));
  CHECK(rig.playback.fingerprint() == fingerprintOf(rig.document.scenario()));
  REQUIRE(QTest::qWaitFor([&] { return !rig.playback.isPending(); }, 10'000));
  CHECK(rig.playback.now() == at);
  CHECK_FALSE(rig.playback.frame().links[rig.playback.built().link(cut).value].up);
  rig.document.undoStack().undo();
  REQUIRE(QTest::qWaitFor(
      [&] { return rig.playback.runEnded() && rig.playback.fingerprint() == before; }, 30'000));
  CHECK(rig.playback.trace().lastSequence() == records);
}

TEST_CASE("stepping back undoes stepping forward, for every size of step") {
  Rig rig;
  for (const auto size : {analysis::StepSize::Event, analysis::StepSize::Hop,
                          analysis::StepSize::Message, analysis::StepSize::Phase}) {
    rig.seekAndWait(SimTime::zero());
    std::vector<analysis::Cursor> places;
    for (int i = 0; i < 12; ++i) {
      rig.playback.stepForward(size);
      REQUIRE_FALSE(rig.playback.isStepPending());
      places.push_back(rig.playback.cursor());
      if (i > 0) CHECK(places[i].upTo > places[i - 1].upTo);
    }
    for (std::size_t i = places.size() - 1; i-- > 0;) {
      rig.playback.stepBack(size);
      CHECK(rig.playback.cursor() == places[i]);
    }
  }
}

TEST_CASE("an event step is the very next record") {
  Rig rig;
  rig.seekAndWait(SimTime::fromNs(20'000'000));
  const auto from = rig.playback.cursor().upTo;
  for (trace::Sequence i = 1; i <= 50; ++i) {
    rig.playback.stepForward(analysis::StepSize::Event);
    CHECK(rig.playback.cursor().upTo == from + i);
  }
}

TEST_CASE("scrubbing shows what a frame made from nothing shows") {
  Rig rig;
  for (const std::int64_t ms : {1500, 12, 30, 4012, 2030, 59'000, 31}) {
    const SimTime t = SimTime::zero() + Duration::ms(ms);
    rig.seekAndWait(t);
    const auto oracle =
        analysis::frameAt(rig.playback.trace(), analysis::cursorAt(rig.playback.trace(), t));
    const auto &frame = rig.playback.frame();
    REQUIRE(frame.packets.size() == oracle.packets.size());
    for (std::size_t i = 0; i < frame.packets.size(); ++i) {
      CHECK(frame.packets[i].sent == oracle.packets[i].sent);
      CHECK(frame.packets[i].progress == oracle.packets[i].progress);
    }
    CHECK(frame.nodes == oracle.nodes);
  }
}

TEST_CASE("playing moves the cursor on, at story pace slowly enough to see a hop") {
  Rig rig;
  rig.seekAndWait(SimTime::zero());
  rig.playback.play();
  CHECK(rig.playback.isPlaying());
  QElapsedTimer watch;
  watch.start();
  REQUIRE(QTest::qWaitFor([&] { return watch.elapsed() > 1200; }, 5000));
  rig.playback.pause();
  CHECK(rig.playback.now() > SimTime::zero());
  // A request takes tens of milliseconds; a second of story shows a part of it.
  CHECK(rig.playback.now() < SimTime::zero() + Duration::ms(500));
  const auto held = rig.playback.cursor();
  QTest::qWait(80);
  CHECK(rig.playback.cursor() == held);
}

TEST_CASE(
    "a run that is played to its end stops there and says so, and plays again from the start") {
  Rig rig;
  rig.seekAndWait(rig.playback.end() - Duration::us(10));
  rig.playback.setPace(PaceKind::Constant, 0.01);
  rig.playback.play();
  REQUIRE(QTest::qWaitFor([&] { return rig.playback.atEnd(); }, 5000));
  CHECK_FALSE(rig.playback.isPlaying());
  CHECK(rig.playback.now() == rig.playback.end());
  rig.playback.play();
  CHECK(rig.playback.now() < SimTime::zero() + Duration::seconds(1));
  CHECK(rig.playback.isPlaying());
}

TEST_CASE("a constant pace passes that much of the run in a second") {
  Rig rig;
  rig.seekAndWait(SimTime::zero());
  rig.playback.setPace(PaceKind::Constant, 2.0);
  CHECK(rig.playback.rate() == Approx(2.0));
  QElapsedTimer watch;
  watch.start();
  rig.playback.play();
  REQUIRE(QTest::qWaitFor([&] { return watch.elapsed() > 1000; }, 5000));
  rig.playback.pause();
  const double passed = rig.playback.now().toSeconds();
  const double seconds = static_cast<double>(watch.elapsed()) / 1000;
  CHECK(passed <= 2.0 * seconds + 0.1);
  CHECK(passed > 0.5 * seconds); // a busy machine may lose ticks, never gain any
}

TEST_CASE("another seed is another run, and the cursor stays where it was") {
  Rig rig("lossy-link");
  const auto before = rig.playback.fingerprint();
  rig.seekAndWait(SimTime::zero() + Duration::seconds(1));
  REQUIRE(
      rig.document.edit(QStringLiteral("seed"), [](scenario::Scenario &s) { s.seed += 1; }).ok());
  REQUIRE(QTest::qWaitFor([&] { return rig.playback.runEnded() && !rig.playback.isPending(); },
                          30'000));
  CHECK(rig.playback.fingerprint() != before);
  CHECK(rig.playback.now() == SimTime::zero() + Duration::seconds(1));
}

TEST_CASE("a node's tables come as they were at the cursor") {
  Rig rig;
  rig.seekAndWait(SimTime::zero() + Duration::seconds(1));
  std::vector<world::NodeDescription> answers;
  QObject::connect(&rig.playback, &Playback::nodeDescribed, &rig.playback,
                   [&](const world::NodeDescription &d) { answers.push_back(d); });
  const NodeIndex browser = rig.playback.built().node("browser");
  rig.playback.askNode(browser);
  REQUIRE(QTest::qWaitFor([&] { return !answers.empty(); }, 10'000));
  CHECK(answers[0].node == browser);
  CHECK(answers[0].at == SimTime::zero() + Duration::seconds(1));
  CHECK_FALSE(answers[0].tables.empty());
}

TEST_CASE("a selection is carried over a rebuild by its id") {
  Rig rig;
  ThemeHub hub(ThemeChoice::Dark);
  ViewState state(rig.document, rig.playback, hub);
  state.select(Selection::ofNode(rig.playback.built().node("isp")));
  QSignalSpy rebuilt(&state, &ViewState::rebuilt);
  REQUIRE(
      rig.document.edit(QStringLiteral("seed"), [](scenario::Scenario &s) { s.seed += 1; }).ok());
  CHECK(rebuilt.count() == 1);
  CHECK(state.selection() == Selection::ofNode(rig.playback.built().node("isp")));
}

TEST_CASE("a gliding step ends where a jumping one does, and shows what lies between") {
  Rig rig;
  rig.seekAndWait(SimTime::zero() + Duration::ms(20));
  const auto from = rig.playback.cursor();
  rig.playback.stepForward(analysis::StepSize::Message);
  const auto goal = rig.playback.cursor();
  rig.playback.seek(from);
  rig.playback.setGliding(true);
  int between = 0;
  QObject::connect(&rig.playback, &Playback::cursorChanged, &rig.playback, [&] {
    if (rig.playback.now() > from.at && rig.playback.now() < goal.at) ++between;
  });
  rig.playback.stepForward(analysis::StepSize::Message);
  REQUIRE(QTest::qWaitFor([&] { return rig.playback.cursor() == goal; }, 5000));
  CHECK(between > 0);
}

TEST_CASE("after an edit what was seen stays in sight until the new run is there") {
  net::Blueprint before;
  before.nodes.resize(3);
  before.links.resize(2);
  for (std::size_t i = 0; i < 3; ++i) before.nodes[i].id = std::string(1, char('a' + i));
  before.links[0].id = "ab";
  before.links[1].id = "bc";
  net::Blueprint after = before;
  after.nodes.erase(after.nodes.begin()); // a and its link go, so that all indices change
  after.links.erase(after.links.begin());
  analysis::Frame last = untouchedFrame(before);
  last.nodes[2] = trace::NodeHealth::Crashed;
  last.links[1].up = false;
  analysis::PacketView packet;
  packet.sent = 7;
  for (const std::uint32_t link : {0U, 1U}) {
    packet.link = link;
    last.packets.push_back(packet);
  }
  last.faults = {{2, LinkIndex::noneValue, trace::NodeHealth::Crashed, false}};
  const analysis::Frame frame = carriedFrame(last, before, after);
  REQUIRE(frame.nodes.size() == 2);
  CHECK(frame.nodes[0] == trace::NodeHealth::Up);
  CHECK(frame.nodes[1] == trace::NodeHealth::Crashed);
  REQUIRE(frame.links.size() == 1);
  CHECK_FALSE(frame.links[0].up);
  REQUIRE(frame.packets.size() == 1);
  CHECK(frame.packets[0].link == 0);
  CHECK(frame.packets[0].sent == 0); // of a run that is gone
  REQUIRE(frame.faults.size() == 1);
  CHECK(frame.faults[0].node == 1);
}
