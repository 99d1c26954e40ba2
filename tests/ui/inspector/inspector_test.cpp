// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/inspector/hex_view.h"
#include "ui/inspector/packet_page.h"
#include "ui/inspector/tower_pair.h"
#include "ui/layers/journey_words.h"
#include "ui/layers/layer_paint.h"

#include <QFontMetricsF>
#include <QLabel>

#include <algorithm>
#include <cmath>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

analysis::LayerStory story(std::uint8_t layer, const char *summary) {
  analysis::LayerStory s;
  s.layer = layer;
  s.title = "Layer";
  s.summary = summary;
  s.active = true;
  return s;
}

/// The journey of the first packet that is under way at the cursor.
analysis::Journey journeyNow(const RunStage &stage) {
  const auto &packets = stage.state.frame().packets;
  REQUIRE_FALSE(packets.empty());
  return analysis::journeyOf(stage.state.trace(), stage.state.network(), packets.front().sent);
}

constexpr const char *macs = "Ethernet 02:00:00:00:07:01 → 02:00:00:00:05:03";

} // namespace

TEST_CASE("a tower gives a summary the lines it needs, and one tower alone has all the width") {
  RunStage stage(QStringLiteral("hop-by-hop"));
  TowerPair towers(stage.state, nullptr);
  analysis::JourneyStop both;
  both.inLayers = {story(2, macs), story(1, "60 bytes")};
  both.outLayers = both.inLayers;
  towers.setStop(&both);
  const int wide = towers.heightForWidth(900);
  const int narrow = towers.heightForWidth(260);
  const double line = QFontMetricsF(stage.state.typography().tiny()).height();
  CHECK(std::abs(narrow - wide - 2 * line) <= 1); // the addresses take three lines
  analysis::JourneyStop first;
  first.outLayers = both.outLayers;
  towers.setStop(&first);
  CHECK(towers.heightForWidth(260) == wide);
}

TEST_CASE("lines of a summary grow with what it says, to three at most") {
  ThemeHub hub{ThemeChoice::Light};
  const Typography &type = hub.typography();
  CHECK(summaryLinesFor(story(1, "60 bytes"), 120, type) == 1);
  CHECK(summaryLinesFor(story(2, macs), 1000, type) == 1);
  CHECK(summaryLinesFor(story(2, macs), 120, type) == 3);
  CHECK(summaryLinesFor(story(2, "one two three four five six seven"), 30, type) == 3);
}

TEST_CASE("the bytes stand sixteen in a row where there is room, eight where there is less") {
  RunStage stage(QStringLiteral("hop-by-hop"));
  HexView hex(stage.state, nullptr);
  wire::Dissection frame;
  frame.bytes.assign(160, 0);
  hex.setDissection(frame);
  // Ten rows of sixteen, twenty of eight; the column of the window at its reference width is 322.
  CHECK(hex.heightForWidth(322) == hex.heightForWidth(1000));
  CHECK(hex.heightForWidth(250) > 1.8 * hex.heightForWidth(322));
}

TEST_CASE("on the bytes the arrow keys go from byte to byte and not through the run") {
  RunStage stage(QStringLiteral("hop-by-hop"));
  HexView hex(stage.state, nullptr);
  wire::Dissection frame;
  frame.bytes.assign(160, 0);
  hex.setDissection(frame);
  hex.resize(322, hex.heightForWidth(322));
  for (const KeyHelp &row : HexView::keyHelp().rows)
    for (const QKeySequence &key : row.keys) {
      INFO(key.toString().toStdString());
      for (const QEvent::Type type : {QEvent::ShortcutOverride, QEvent::KeyPress}) {
        QKeyEvent event(type, key[0].key(), Qt::NoModifier);
        event.setAccepted(type == QEvent::KeyPress); // as they come from Qt
        QApplication::sendEvent(&hex, &event);
        CHECK(event.isAccepted());
      }
    }
}

TEST_CASE("a packet under way is told to go to whom it is addressed, not to where it is") {
  RunStage stage(QStringLiteral("no-such-name"));
  stage.seekMs(30'000);
  const analysis::Journey journey = journeyNow(stage);
  REQUIRE_FALSE(journey.delivered);
  CHECK(stage.state.nodeName(journey.stops.front().node) == QStringLiteral("browser"));
  CHECK(journeyTarget(stage.state, journey) == QStringLiteral("dns"));
}

TEST_CASE("while nothing is under way there is still the packet sent last") {
  RunStage stage(QStringLiteral("tcp-lifecycle"));
  stage.seekMs(5'000);
  REQUIRE(stage.state.frame().packets.empty());
  const trace::Sequence last = lastSent(stage.state);
  REQUIRE(last != 0);
  const trace::Record *record = stage.state.trace().record(last);
  REQUIRE(record != nullptr);
  CHECK(record->kind == trace::RecordKind::FrameSent);
  for (trace::Sequence s = last + 1; s <= stage.state.frame().cursor.upTo; ++s)
    CHECK(stage.state.trace().record(s)->kind != trace::RecordKind::FrameSent);
  stage.seekMs(0);
  CHECK(lastSent(stage.state) == 0);
}

TEST_CASE("pointing at a layer that has no part in the packet leaves the whole story in sight") {
  RunStage stage(QStringLiteral("web-request"));
  PacketPage page(stage.state);
  page.resize(360, 800);
  page.show();
  stage.seekMs(1); // an ARP packet: layers 4 to 7 are empty
  auto *towers = page.findChild<TowerPair *>();
  REQUIRE(towers != nullptr);
  const auto said = [&] {
    QStringList all;
    for (const QLabel *label : page.findChildren<QLabel *>()) all << label->text();
    return all.join(QLatin1Char('\n'));
  };
  const QString before = said();
  REQUIRE(before.contains(QStringLiteral("ARP")));
  analysis::LayerStory empty = story(7, "");
  Q_EMIT towers->storyHovered(&empty);
  CHECK(said() == before);
  const analysis::LayerStory speaking = story(2, macs);
  Q_EMIT towers->storyHovered(&speaking);
  CHECK(said().contains(QString::fromUtf8(macs)));
}
