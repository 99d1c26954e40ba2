// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/ui/judge/judge_samples.h"
#include "ui/judge/background.h"
#include "ui/judge/explain_panel.h"
#include "ui/judge/verdict_strip.h"
#include "ui/judge/verdict_words.h"
#include "ui/theme/icons.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <set>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

template <class Widget> struct Lone {
  ThemeHub hub{ThemeChoice::Dark};
  std::unique_ptr<Widget> widget;
  explicit Lone(QSize size) {
    hub.attachTo(*qApp);
    widget = std::make_unique<Widget>(hub);
    widget->resize(size);
    widget->show();
    REQUIRE(QTest::qWaitForWindowExposed(widget.get()));
  }
  Widget *operator->() const { return widget.get(); }
};

} // namespace

TEST_CASE("a light is green until the cursor has passed the operation that breaks its promise") {
  const analysis::Light light = lightOf("Linearizable", judge::Verdict::False, 331);
  CHECK(stateAt(light, 0) == LightState::Kept);
  CHECK(stateAt(light, 330) == LightState::Kept);
  CHECK(stateAt(light, 331) == LightState::Broken);
  CHECK(stateAt(light, 9999) == LightState::Broken);
  CHECK(stateAt(lightOf("x", judge::Verdict::True), 9999) == LightState::Kept);
  CHECK(stateAt(lightOf("x", judge::Verdict::Unknown), 9999) == LightState::Unknown);
}

TEST_CASE("each state of a light has a sign and a word of its own") {
  std::set<std::string_view> signs;
  std::set<QString> words;
  for (const auto state : {LightState::Kept, LightState::Broken, LightState::Unknown}) {
    CHECK(hasIcon(lookOf(state).icon));
    signs.insert(lookOf(state).icon);
    words.insert(lookOf(state).word);
  }
  CHECK(signs.size() == 3);
  CHECK(words.size() == 3);
}

TEST_CASE("lights stand apart and inside however narrow the strip is") {
  Lone<VerdictStrip> strip({760, 60});
  strip->setLights(cartStore().lights);
  for (int width = 120; width < 1400; width += 40) {
    const auto boxes = strip->boxes(width);
    REQUIRE(boxes.size() == strip->lights().size());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      CHECK(boxes[i].right() <= width);
      CHECK(boxes[i].bottom() <= strip->heightForWidth(width));
      for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(boxes[i].intersects(boxes[j]));
    }
  }
}

TEST_CASE("a light that breaks is another picture, also without colours") {
  Lone<VerdictStrip> strip({760, 60});
  strip->setLights(cartStore().lights);
  const auto grey = [&](trace::Sequence upTo) {
    strip->setUpTo(upTo);
    return strip->grab(strip->boxes(strip->width())[0].toAlignedRect())
        .toImage()
        .convertToFormat(QImage::Format_Grayscale8);
  };
  const QImage before = grey(330), after = grey(331);
  int differing = 0;
  for (int y = 0; y < before.height(); ++y)
    for (int x = 0; x < before.width(); ++x)
      differing += std::abs(qGray(before.pixel(x, y)) - qGray(after.pixel(x, y))) > 40 ? 1 : 0;
  CHECK(differing > 20);
  CHECK(strip->accessibleDescription().contains(QStringLiteral("Linearizable: broken")));
}

TEST_CASE("a click on a light asks why, and so does Return") {
  Lone<VerdictStrip> strip({760, 60});
  strip->setLights(cartStore().lights);
  QSignalSpy asked(strip.widget.get(), &VerdictStrip::chosen);
  QTest::mouseClick(strip.widget.get(), Qt::LeftButton, {},
                    strip->boxes(strip->width())[2].center().toPoint());
  REQUIRE(asked.count() == 1);
  CHECK(asked[0][0].toInt() == 2);
  strip->setFocus();
  QTest::keyClick(strip.widget.get(), Qt::Key_Down);
  QTest::keyClick(strip.widget.get(), Qt::Key_Return);
  REQUIRE(asked.count() == 2);
  CHECK(asked[1][0].toInt() == 3);
}

TEST_CASE("a broken promise is explained by its operation and what it stands against") {
  const ServiceJudgement store = cartStore();
  const Explanation broken = explainLight(store, 0, 400);
  CHECK(broken.tone == Tone::Bad);
  CHECK(broken.state.contains(QStringLiteral("331")));
  CHECK(broken.paragraphs.join(u' ').contains(QStringLiteral("after 18 was acknowledged")));
  REQUIRE(broken.jumps.size() == 2);
  CHECK(broken.jumps[0].second == 331);
  CHECK(broken.jumps[1].second == 261);
  CHECK(broken.jumps[1].first.contains(QStringLiteral("18")));
  // Before it broke nothing is said of it.
  const Explanation kept = explainLight(store, 0, 300);
  CHECK(kept.jumps.empty());
  CHECK_FALSE(kept.paragraphs.join(u' ').contains(QStringLiteral("acknowledged")));
}

TEST_CASE("a stale read is explained by how much it missed, and leads to the write it missed") {
  const ServiceJudgement store = cartStore();
  const Explanation stale = explainOperation(store, 4, 3, false);
  CHECK(stale.tone == Tone::Warn);
  CHECK(stale.state.contains(QStringLiteral("1 write")));
  CHECK(stale.state.contains(QStringLiteral("40")));
  REQUIRE(stale.jumps.size() == 3);
  CHECK(stale.jumps[2].second == 261);
  const Explanation open = explainOperation(store, 3, 0, true);
  CHECK(open.paragraphs.join(u' ').contains(QStringLiteral("no answer has come")));
  CHECK(open.jumps.size() == 1);
}

TEST_CASE("the card's buttons want the records that they name") {
  Lone<ExplainPanel> panel({280, 240});
  panel->explain(explainLight(cartStore(), 0, 400));
  QSignalSpy wanted(panel.widget.get(), &ExplainPanel::recordWanted);
  for (QPushButton *button : panel->findChildren<QPushButton *>()) button->click();
  REQUIRE(wanted.count() == 2);
  CHECK(wanted[0][0].toULongLong() == 331);
  QSignalSpy closed(panel.widget.get(), &ExplainPanel::closed);
  QTest::keyClick(panel.widget.get(), Qt::Key_Escape);
  CHECK(closed.count() == 1);
  CHECK(panel->accessibleDescription().contains(QStringLiteral("Linearizable")));
}

TEST_CASE("operations are labelled as people write them") {
  const auto &all = cartStore().history.operations;
  CHECK(operationLabel(all[0], LabelSize::Full) == QStringLiteral("w cart 17"));
  CHECK(operationLabel(all[1], LabelSize::Short) == QStringLiteral("r → 17"));
  CHECK(operationLabel(all[1], LabelSize::Full) == QStringLiteral("r cart → 17"));
  judge::Operation cas;
  cas.kind = judge::OperationKind::Cas;
  cas.key = "seat";
  cas.expected = "free";
  cas.argument = "ann";
  CHECK(operationLabel(cas, LabelSize::Full) == QStringLiteral("cas seat free → ann"));
  cas.expected.reset();
  CHECK(operationLabel(cas, LabelSize::Short) == QStringLiteral("cas – → ann"));
}

TEST_CASE("work that is started later takes the place of what is under way") {
  std::vector<int> delivered;
  std::atomic<bool> gaveUp{false};
  {
    Background work;
    work.start([&](const std::atomic<bool> &cancelled) -> Background::Deliver {
      while (!cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      gaveUp = true;
      return [&] { delivered.push_back(1); };
    });
    CHECK(work.isBusy());
    QTest::qWait(20);
    work.start([&](const std::atomic<bool> &) -> Background::Deliver {
      return [&] { delivered.push_back(2); };
    });
    REQUIRE(QTest::qWaitFor([&] { return !work.isBusy(); }, 5000));
    CHECK(delivered == std::vector<int>{2});
    work.start([&](const std::atomic<bool> &cancelled) -> Background::Deliver {
      while (!cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return [&] { delivered.push_back(3); };
    });
  } // gives up and waits
  QTest::qWait(20);
  CHECK(gaveUp);
  CHECK(delivered == std::vector<int>{2});
}
