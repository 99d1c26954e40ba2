// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/inspector/link_page.h"
#include "ui/inspector/overheard_view.h"
#include "ui/inspector/tap_model.h"
#include "ui/inspector/tap_view.h"

#include <QAbstractItemModelTester>

#include <algorithm>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

std::uint32_t linkNamed(const RunStage &stage, const char *id) {
  const auto &links = stage.state.network().links;
  const auto at =
      std::find_if(links.begin(), links.end(), [&](const auto &l) { return l.id == id; });
  REQUIRE(at != links.end());
  return static_cast<std::uint32_t>(at - links.begin());
}

struct Tapped {
  RunStage stage{QStringLiteral("eavesdropper")};
  LinkPage page{stage.state};

  Tapped() {
    page.resize(330, 760);
    page.show();
    REQUIRE(QTest::qWaitForWindowExposed(&page));
    stage.state.select(Selection::ofLink(LinkIndex(linkNamed(stage, "tapped"))));
    page.showTap(true);
  }
  void seekMs(std::int64_t ms) {
    stage.seekMs(ms);
    QTest::qWait(250); // longer than the list waits between two looks
  }
  QStringList rows() const {
    QStringList out;
    for (int i = 0; i < page.tap().model().rowCount(); ++i)
      out << page.tap().model().index(i).data().toString();
    return out;
  }
  std::string words() const {
    std::string all;
    for (const auto &item : page.tap().words().items()) all += item.what + ": " + item.text + "\n";
    return all;
  }
  std::uint64_t number(const QString &row) const {
    const auto at = rows().indexOf(row);
    REQUIRE(at >= 0);
    return page.tap().model().row(static_cast<int>(at)).number;
  }
};

/// As keepShots, in the shape that the inspector has.
void keepTapShots(Tapped &tapped, const QString &name) {
  const QString folder = qEnvironmentVariable("PACKETARIUM_SHOTS");
  if (folder.isEmpty()) return;
  for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
    tapped.stage.hub.setChoice(choice);
    QTest::qWait(150);
    const QString theme =
        choice == ThemeChoice::Dark ? QStringLiteral("dark") : QStringLiteral("light");
    tapped.page.grab().save(
        QDir(folder).filePath(QStringLiteral("tap-%1-%2.png").arg(name, theme)));
  }
}

} // namespace

TEST_CASE("the tap of a link tells the conversations up to the cursor, newest first") {
  Tapped tapped;
  tapped.seekMs(0);
  CHECK(tapped.rows().isEmpty());
  tapped.seekMs(1'000);
  REQUIRE(tapped.rows() == QStringList{QStringLiteral("HTTP shop.example.com"),
                                       QStringLiteral("DNS shop.example.com")});
  CHECK(tapped.words().find("GET /login HTTP/1.1") != std::string::npos);
  tapped.seekMs(5'000);
  CHECK(tapped.rows().first() == QStringLiteral("TLS 1.3 bank.example.com"));
  CHECK(tapped.words().find("an encrypted record of") != std::string::npos);
  CHECK(tapped.words().find("GET") == std::string::npos);
  keepTapShots(tapped, QStringLiteral("tls"));
  tapped.seekMs(1'000);
  CHECK(tapped.rows().size() == 2);
  keepTapShots(tapped, QStringLiteral("http"));
}

TEST_CASE("a conversation that was chosen stays while others come") {
  Tapped tapped;
  tapped.seekMs(1'000);
  tapped.page.tap().choose(tapped.number(QStringLiteral("HTTP shop.example.com")));
  tapped.seekMs(7'000);
  CHECK(tapped.words().find("GET /login HTTP/1.1") != std::string::npos);
  tapped.page.tap().choose(tapped.number(QStringLiteral("TLS 1.3 bank.example.com")));
  CHECK(tapped.words().find("server name: bank.example.com") != std::string::npos);
}

TEST_CASE("the list of a tap keeps the rules of item models as it grows and shrinks") {
  RunStage stage(QStringLiteral("eavesdropper"));
  const std::uint32_t link = linkNamed(stage, "tapped");
  analysis::TapHistory history(link);
  TapModel model;
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Warning);
  const trace::Sequence last = stage.state.trace().lastSequence();
  for (const trace::Sequence upTo : {last / 4, last / 2, last / 3, last, trace::Sequence{0}}) {
    const auto &ears = history.at(stage.state.trace(), upTo);
    model.show(ears);
    REQUIRE(model.rowCount() == static_cast<int>(ears.count()));
    for (int row = 0; row < model.rowCount(); ++row)
      CHECK(model.indexOf(model.row(row).number) == row);
  }
}

TEST_CASE("the readable words are as tall as they need, and nothing is told while it is hidden") {
  Tapped tapped;
  tapped.seekMs(5'000);
  const OverheardView &words = tapped.page.tap().words();
  CHECK(words.heightForWidth(200) > words.heightForWidth(400));
  tapped.page.showTap(false);
  tapped.seekMs(7'000);
  const auto before = tapped.rows().size();
  tapped.page.showTap(true);
  QTest::qWait(50);
  CHECK(tapped.rows().size() > before);
}
