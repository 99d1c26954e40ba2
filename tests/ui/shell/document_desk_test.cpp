// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/shell/document_desk.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/recent_files.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Rig {
  QTemporaryDir folder;
  ThemeHub hub{ThemeChoice::Dark};
  QWidget window;
  Document document;
  DocumentDesk desk{document, hub, Remember::Yes, &window};

  Rig() {
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.path());
    QSettings().clear();
    window.show();
    desk.put(emptyDocument());
  }
  QString file(const char *name) const { return folder.filePath(QString::fromLatin1(name)); }
  void change() { REQUIRE(placeNode(document, *scenario::findPlaceable("host"), {0, 0}).ok()); }
  QMessageBox *question() const {
    for (QMessageBox *box : window.findChildren<QMessageBox *>())
      if (box->isVisible()) return box;
    return nullptr;
  }
  void answer(QMessageBox::StandardButton button) const {
    REQUIRE(question() != nullptr);
    QTest::mouseClick(question()->button(button), Qt::LeftButton);
    REQUIRE(QTest::qWaitFor([this] { return question() == nullptr; }, 2000));
  }
};

} // namespace

TEST_CASE("a new document is empty, untitled, a minute long and not changed") {
  Rig rig;
  const scenario::Scenario &made = rig.document.scenario();
  CHECK(made.id == "untitled");
  CHECK(rig.document.title() == QStringLiteral("Untitled"));
  CHECK(made.duration == Duration::seconds(60));
  CHECK(made.nodes.empty());
  CHECK(scenario::validate(made).empty());
  CHECK_FALSE(rig.document.isModified());
  CHECK(rig.desk.isUnsaved());
  CHECK(rig.desk.stateText() == QStringLiteral("not saved yet"));
}

TEST_CASE("with nothing changed nobody is asked; with changes somebody is") {
  Rig rig;
  int gone = 0;
  rig.desk.guard([&] { ++gone; });
  CHECK(gone == 1);
  CHECK(rig.question() == nullptr);
  rig.change();
  rig.desk.guard([&] { ++gone; });
  CHECK(gone == 1);
  rig.answer(QMessageBox::Cancel);
  CHECK(gone == 1);
  rig.desk.guard([&] { ++gone; });
  rig.answer(QMessageBox::Discard);
  CHECK(gone == 2);
}

TEST_CASE("save in the question saves first, and does not go on when that fails") {
  Rig rig;
  rig.change();
  REQUIRE(rig.document.save(rig.file("a.packetarium")).ok());
  rig.change();
  int gone = 0;
  rig.desk.guard([&] { ++gone; });
  rig.answer(QMessageBox::Save);
  CHECK(gone == 1);
  CHECK_FALSE(rig.document.isModified());
  const auto saved = scenario::loadFile(rig.file("a.packetarium").toStdString());
  REQUIRE(saved.ok());
  CHECK(*saved == rig.document.scenario());
  CHECK(rig.document.title() == QStringLiteral("a")); // its file gave it its title

  rig.change();
  QDir(rig.folder.path()).mkdir(QStringLiteral("gone"));
  REQUIRE(rig.document.save(rig.file("gone/b.packetarium")).ok());
  QDir(rig.file("gone")).removeRecursively();
  rig.change();
  rig.desk.guard([&] { ++gone; });
  REQUIRE(rig.question() != nullptr);
  QTest::mouseClick(rig.question()->button(QMessageBox::Save), Qt::LeftButton);
  CHECK(gone == 1);
  CHECK(rig.document.isModified());
  REQUIRE(QTest::qWaitFor([&] { return rig.question() != nullptr; }, 2000)); // says so
  rig.answer(QMessageBox::Ok);
}

TEST_CASE("opening another asks first when something was changed") {
  Rig rig;
  rig.change();
  rig.desk.openGuarded(QStringLiteral("web-request"));
  CHECK(rig.document.scenario().id == "untitled");
  rig.answer(QMessageBox::Cancel);
  CHECK(rig.document.scenario().id == "untitled");
  rig.desk.openGuarded(QStringLiteral("web-request"));
  rig.answer(QMessageBox::Discard);
  CHECK(rig.document.scenario().id == "web-request");
  CHECK(rig.desk.isExample());
}

TEST_CASE("revert goes back to the file, or to the example, and asks before") {
  Rig rig;
  CHECK_FALSE(rig.desk.canRevert());
  rig.change();
  CHECK_FALSE(rig.desk.canRevert()); // there is nothing to go back to
  REQUIRE(rig.document.save(rig.file("a.packetarium")).ok());
  const scenario::Scenario saved = rig.document.scenario();
  rig.change();
  REQUIRE(rig.desk.canRevert());
  rig.desk.revert();
  CHECK_FALSE(rig.document.scenario() == saved);
  for (QAbstractButton *button : rig.question()->buttons())
    if (button->text() == QStringLiteral("Revert")) QTest::mouseClick(button, Qt::LeftButton);
  CHECK(rig.document.scenario() == saved);
  CHECK_FALSE(rig.document.isModified());
}

TEST_CASE("a file that is no scenario leaves the document as it is, and is told of") {
  Rig rig;
  QFile file(rig.file("x.packetarium"));
  REQUIRE(file.open(QIODevice::WriteOnly));
  file.write("{");
  file.close();
  CHECK_FALSE(rig.desk.open(rig.file("x.packetarium")));
  CHECK(rig.document.scenario().id == "untitled");
  rig.answer(QMessageBox::Ok);
}

TEST_CASE("files that were saved or opened come first among the recent ones, missing ones go") {
  Rig rig;
  rig.change();
  for (const char *name : {"a.packetarium", "b.packetarium"}) {
    REQUIRE(rig.document.save(rig.file(name)).ok());
    rig.desk.save();
  }
  CHECK(RecentFiles::list() == QStringList{rig.file("b.packetarium"), rig.file("a.packetarium")});
  REQUIRE(rig.desk.open(rig.file("a.packetarium")));
  QMenu menu;
  rig.desk.fillRecent(menu);
  REQUIRE(menu.actions().size() == 4); // two files, a line, and to forget them
  CHECK(menu.actions().front()->text() == QStringLiteral("a"));
  CHECK(menu.actions().front()->toolTip() == rig.file("a.packetarium"));
  REQUIRE(QFile::remove(rig.file("a.packetarium")));
  CHECK(RecentFiles::list() == QStringList{rig.file("b.packetarium")});
  menu.actions()[1]->trigger();
  CHECK(rig.document.path() == rig.file("b.packetarium"));
  RecentFiles::clear();
  rig.desk.fillRecent(menu);
  CHECK(menu.isEmpty());
}

TEST_CASE("the list of recent files holds ten, each once") {
  QStringList paths;
  for (int i = 0; i < 15; ++i)
    paths = RecentFiles::withFirst(paths, QStringLiteral("/f/%1").arg(i));
  CHECK(paths.size() == 10);
  CHECK(paths.front() == QStringLiteral("/f/14"));
  paths = RecentFiles::withFirst(paths, QStringLiteral("/f/9"));
  CHECK(paths.size() == 10);
  CHECK(paths.front() == QStringLiteral("/f/9"));
  CHECK(paths.count(QStringLiteral("/f/9")) == 1);
}

TEST_CASE("a new network begins with nothing, or with a template that runs") {
  ThemeHub hub(ThemeChoice::Light);
  NewDialog dialog(hub);
  auto *kind = dialog.findChild<SegmentedControl *>();
  REQUIRE(kind != nullptr);
  CHECK(kind->currentIndex() == 0);
  CHECK(*dialog.made() == emptyDocument());
  const char *lines[] = {"", "1 switch, 5 hosts, 5 links", "5 routers, 5 hosts, 10 links",
                         "12 routers, 17 links", "2 routers, 6 hosts, 7 links"};
  for (int i = 1; i < kind->count(); ++i) {
    kind->setCurrentIndex(i);
    const auto made = dialog.made();
    REQUIRE(made.ok());
    INFO(kind->text(i).toStdString());
    CHECK(contentsLine(*made).toStdString() == lines[i]);
    CHECK(scenario::validate(*made).empty());
  }
  QSignalSpy chosen(&dialog, &NewDialog::chosen);
  for (QPushButton *button : dialog.findChildren<QPushButton *>())
    if (button->text() == QStringLiteral("Create")) button->click();
  CHECK(chosen.count() == 1);
}
