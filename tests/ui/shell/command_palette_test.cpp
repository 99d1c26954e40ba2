// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/shell/command_model.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/commands.h"
#include "ui/theme/theme_hub.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QListView>
#include <QTest>

using namespace packetarium::ui;

namespace {

int score(const char *query, const char *text) {
  const auto match = matchCommand(QString::fromUtf8(query), QString::fromUtf8(text));
  REQUIRE(match.has_value());
  return match->score;
}

bool fits(const char *query, const char *text) {
  return matchCommand(QString::fromUtf8(query), QString::fromUtf8(text)).has_value();
}

std::vector<Command> named(std::initializer_list<const char *> names) {
  std::vector<Command> all;
  for (const char *name : names) all.push_back({QString::fromUtf8(name), {}, {}, {}, {}});
  return all;
}

QString first(const CommandModel &model) { return model.index(0, 0).data().toString(); }

} // namespace

TEST_CASE("letters fit a name when they stand in it in this order") {
  CHECK(fits("ec", "Export Capture"));
  CHECK(fits("EXPORT", "export capture"));
  CHECK(fits("ex cap", "Export Capture"));
  CHECK(fits("", "anything"));
  CHECK_FALSE(fits("ce", "Export Cap")); // an e after a c there is none
  CHECK_FALSE(fits("exportt", "Export"));
}

TEST_CASE("starts of words and letters in a row count more than scattered ones") {
  CHECK(score("sa", "Save As") > score("sa", "Mesa"));
  CHECK(score("ec", "Export Capture") > score("ec", "Select"));
  CHECK(score("web", "web-1") > score("web", "Widen the bench"));
  CHECK(score("step", "Step Back") > score("step", "Restep"));
  CHECK(score("new", "New") > score("new", "New Window"));
  CHECK(score("zi", "Zoom In") > score("zi", "Resizing"));
}

TEST_CASE("the letters that were meant are those which fit best") {
  using Positions = std::vector<int>;
  CHECK(matchCommand(u"sa", u"Unsafe Save As")->positions == Positions{7, 8});
  CHECK(matchCommand(u"ec", u"Select Export Capture")->positions == Positions{7, 14});
  CHECK(matchCommand(u"w2", u"new web-2")->positions == Positions{4, 8});
}

// Against every way to lay the letters, with the same rules written down plainly.
TEST_CASE("no way of laying the letters is better than the one that is found") {
  const auto best = [](const QString &query, const QString &text) {
    const auto bonus = [&](qsizetype j) {
      const bool start = j == 0 || !text[j - 1].isLetterOrNumber() ||
                         (text[j - 1].isLower() && text[j].isUpper()) ||
                         (text[j - 1].isLetter() && text[j].isDigit());
      return 4 + (start ? 10 : 0) + (j == 0 ? 6 : 0);
    };
    int top = -1'000'000;
    const std::function<void(qsizetype, qsizetype, int)> lay = [&](qsizetype i, qsizetype before,
                                                                   int sum) {
      if (i == query.size()) {
        top = std::max(top, sum);
        return;
      }
      for (qsizetype j = before + 1; j < text.size(); ++j) {
        if (text[j].toCaseFolded() != query[i].toCaseFolded()) continue;
        const int gap = static_cast<int>(j - before - 1);
        const int cost = i == 0     ? -std::min<int>(static_cast<int>(j), 6)
                         : gap == 0 ? 8
                                    : -1 - std::min(gap - 1, 6);
        lay(i + 1, j, sum + bonus(j) + cost);
      }
    };
    lay(0, -1, 0);
    return top - static_cast<int>(text.size()) / 6;
  };
  for (const char *query : {"s", "se", "sse", "ees", "st b", "aba", "ba"})
    for (const char *text : {"Select Steps Best", "sessEs-b se", "abaab Baab", "a b a b ab-a",
                             "xxxxaxxxxxxxxxxxbxxxxxxxxxaxxb a"}) {
      const QString letters = QString::fromUtf8(query).remove(u' ');
      const auto match = matchCommand(letters, QString::fromUtf8(text));
      if (!match) continue;
      INFO(query << " in " << text);
      // Long gaps cost the same; the short cut for them may be one step off.
      CHECK(std::abs(match->score - best(letters, QString::fromUtf8(text))) <= 1);
    }
}

TEST_CASE("the command model keeps the rules of item models") {
  CommandModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setCommands(named({"Open", "Save", "Save As", "web-1", "web-2"}));
  CHECK(model.rowCount() == 5);
  for (const char *query : {"s", "sa", "sax", "", "web2", "o"}) {
    model.setQuery(QString::fromLatin1(query));
    CHECK(model.rowCount() <= 5);
  }
  model.setCommands({});
  CHECK(model.rowCount() == 0);
}

TEST_CASE("the most fitting comes first; with nothing typed the order is as given") {
  CommandModel model;
  model.setCommands(named({"Mesa", "Save As", "Save"}));
  CHECK(first(model) == QStringLiteral("Mesa"));
  model.setQuery(QStringLiteral("sa"));
  CHECK(first(model) != QStringLiteral("Mesa"));
  model.setQuery(QStringLiteral("save"));
  CHECK(first(model) == QStringLiteral("Save"));
  model.setQuery(QStringLiteral("w2"));
  CHECK(model.rowCount() == 0);
}

TEST_CASE("what a thing is finds it too, after those of that name") {
  CommandModel model;
  auto all = named({"isp", "Theme of Routers"});
  all[0].about = QStringLiteral("router, 10.0.0.1");
  model.setCommands(all);
  model.setQuery(QStringLiteral("router"));
  REQUIRE(model.rowCount() == 2);
  CHECK(first(model) == QStringLiteral("Theme of Routers"));
  model.setQuery(QStringLiteral("10.0.0.1"));
  CHECK(first(model) == QStringLiteral("isp"));
}

TEST_CASE("the palette is walked with the arrows; Enter does it and gives the keyboard back") {
  ThemeHub hub(ThemeChoice::Light);
  QWidget window;
  window.resize(900, 600);
  QLineEdit before(&window);
  CommandPalette palette(hub, &window);
  window.show();
  window.activateWindow();
  REQUIRE(QTest::qWaitForWindowActive(&window));
  before.setFocus();
  int done = 0;
  auto all = named({"One", "Two", "Three"});
  for (int i = 0; i < 3; ++i) all[static_cast<std::size_t>(i)].run = [&done, i] { done = i + 1; };

  palette.toggle(all);
  auto *field = palette.findChild<QLineEdit *>();
  auto *list = palette.findChild<QListView *>();
  REQUIRE(field->hasFocus());
  CHECK(list->currentIndex().row() == 0);
  QTest::keyClick(field, Qt::Key_Down);
  CHECK(list->currentIndex().row() == 1);
  QTest::keyClick(field, Qt::Key_Up);
  QTest::keyClick(field, Qt::Key_Up);
  CHECK(list->currentIndex().row() == 2); // round to the last
  QTest::keyClick(field, Qt::Key_Return);
  CHECK(done == 3);
  CHECK_FALSE(palette.isVisible());
  CHECK(before.hasFocus());

  palette.toggle(all);
  QTest::keyClicks(field, QStringLiteral("tw"));
  QTest::keyClick(field, Qt::Key_Return);
  CHECK(done == 2);

  palette.toggle(all);
  CHECK(field->text().isEmpty()); // what was typed last time is gone
  QTest::keyClick(field, Qt::Key_Escape);
  CHECK_FALSE(palette.isVisible());
  CHECK(before.hasFocus());

  palette.toggle(all);
  before.setFocus(Qt::MouseFocusReason); // a click elsewhere
  CHECK_FALSE(palette.isVisible());
}

TEST_CASE("an action's name is shown without its mnemonic and its dots") {
  CHECK(plainName(QStringLiteral("&Open…")) == QStringLiteral("Open"));
  CHECK(plainName(QStringLiteral("C&hat && Talk...")) == QStringLiteral("Chat & Talk"));
}
