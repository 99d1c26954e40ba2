// SPDX-License-Identifier: GPL-3.0-or-later
// Several windows of the program.
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/shell/main_window.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/recovery.h"
#include "ui/shell/window_set.h"
#include "ui/widgets/caption_card.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Windows {
  QTemporaryDir folder;
  ThemeHub hub{ThemeChoice::Dark};
  WindowSet set{hub, folder.filePath(QStringLiteral("recovery"))};

  Windows() { QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.path()); }
  static void change(MainWindow &window) {
    REQUIRE(placeNode(window.document(), *scenario::findPlaceable("host"), {0, 0}).ok());
  }
  static QMessageBox *question(const MainWindow &window) {
    for (QMessageBox *box : window.findChildren<QMessageBox *>())
      if (box->isVisible()) return box;
    return nullptr;
  }
};

} // namespace

TEST_CASE("each window has its own document, and quitting asks each that was changed") {
  Windows all;
  QPointer<MainWindow> first = all.set.openAnother();
  first->show();
  Q_EMIT first->newWindowRequested();
  REQUIRE(all.set.windows().size() == 2);
  QPointer<MainWindow> second = all.set.windows()[1];
  Windows::change(*first);
  Windows::change(*second);
  CHECK(first->document().scenario().nodes.size() == 1);

  Q_EMIT second->quitRequested();
  REQUIRE(Windows::question(*first) != nullptr);
  QTest::mouseClick(Windows::question(*first)->button(QMessageBox::Discard), Qt::LeftButton);
  REQUIRE(Windows::question(*second) != nullptr);
  QTest::mouseClick(Windows::question(*second)->button(QMessageBox::Cancel), Qt::LeftButton);
  CHECK(all.set.windows().size() == 2); // nothing is closed before all have agreed

  Q_EMIT second->quitRequested();
  for (MainWindow *window : {first.data(), second.data()}) {
    REQUIRE(Windows::question(*window) != nullptr);
    QTest::mouseClick(Windows::question(*window)->button(QMessageBox::Discard), Qt::LeftButton);
  }
  CHECK(all.set.windows().empty());
  CHECK(QTest::qWaitFor([&] { return first == nullptr && second == nullptr; }, 2000));
  const QDir kept(all.folder.filePath(QStringLiteral("recovery")));
  CHECK(kept.entryList(QDir::Files).isEmpty());
}

TEST_CASE("a file that one window has is not opened in a second one: the first comes forward") {
  Windows all;
  const QString file = all.folder.filePath(QStringLiteral("a.packetarium"));
  MainWindow *first = all.set.openAnother();
  first->show();
  Windows::change(*first);
  REQUIRE(first->document().save(file).ok());
  MainWindow *second = all.set.openAnother();
  second->show();
  second->activateWindow();
  REQUIRE(QTest::qWaitForWindowActive(second));
  Windows::change(*second); // and nobody is asked whether to give that up
  const auto nodes = second->document().scenario().nodes;

  // However the path is written.
  const QString link = all.folder.filePath(QStringLiteral("link.packetarium"));
  REQUIRE(QFile::link(file, link));
  for (const QString &path : {file, all.folder.filePath(QStringLiteral("./a.packetarium")), link}) {
    INFO(path.toStdString());
    second->activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(second));
    second->desk().openGuarded(path);
    CHECK(Windows::question(*second) == nullptr);
    CHECK(second->document().scenario().nodes == nodes);
    CHECK(second->document().path().isEmpty());
    CHECK(QTest::qWaitForWindowActive(first));
  }
  first->showMinimized();
  second->desk().openGuarded(file);
  CHECK_FALSE(first->isMinimized());

  // Its own file can be read again, and once the first is gone the second may have it.
  CHECK(first->openScenario(file));
  CHECK(first->document().path() == file);
  first->leave();
  second->document().undoStack().setClean();
  second->desk().openGuarded(file);
  CHECK(second->document().path() == file);
  second->leave();
}

TEST_CASE("a window does not save over the file of another one") {
  Windows all;
  const QString file = all.folder.filePath(QStringLiteral("a.packetarium"));
  MainWindow *first = all.set.openAnother();
  REQUIRE(first->document().save(file).ok());
  MainWindow *second = all.set.openAnother();
  second->show();
  Windows::change(*second);
  const auto saveAs = [&](const QString &name) {
    second->desk().saveAs();
    auto *dialog = second->findChild<QFileDialog *>();
    REQUIRE(dialog != nullptr);
    Q_EMIT dialog->fileSelected(name);
    delete dialog;
  };
  saveAs(file);
  QMessageBox *told = Windows::question(*second);
  REQUIRE(told != nullptr);
  CHECK(told->text().contains(QStringLiteral("another window")));
  CHECK(second->document().isModified());
  CHECK(second->document().path().isEmpty());
  QTest::mouseClick(told->button(QMessageBox::Ok), Qt::LeftButton);
  const QString beside = all.folder.filePath(QStringLiteral("b.packetarium"));
  saveAs(beside);
  CHECK(second->document().path() == beside);
  CHECK_FALSE(second->document().isModified());
}

TEST_CASE("closing a window with changes asks, and closes when they are given up") {
  Windows all;
  QPointer<MainWindow> window = all.set.openAnother();
  window->show();
  Windows::change(*window);
  CHECK_FALSE(window->close());
  REQUIRE(Windows::question(*window) != nullptr);
  QTest::mouseClick(Windows::question(*window)->button(QMessageBox::Cancel), Qt::LeftButton);
  CHECK(window->isVisible());
  window->close();
  QTest::mouseClick(Windows::question(*window)->button(QMessageBox::Discard), Qt::LeftButton);
  CHECK(QTest::qWaitFor([&] { return window == nullptr; }, 2000));
}

TEST_CASE("what an earlier run left is offered one after the other, and restored as changed") {
  Windows all;
  const QString place = all.folder.filePath(QStringLiteral("recovery"));
  for (int i = 0; i < 3; ++i) {
    Document document;
    RecoveryKeeper keeper(document, place);
    scenario::Scenario begun = emptyDocument();
    begun.id = "mine";
    begun.title = "Lost " + std::to_string(i);
    document.open(begun, QStringLiteral("/somewhere/%1.packetarium").arg(i));
    REQUIRE(placeNode(document, *scenario::findPlaceable("switch"), {0, 0}).ok());
    keeper.flush();
  }
  QPointer<MainWindow> window = all.set.openAnother();
  window->show();
  all.set.offerLost(window);
  const auto card = [&]() -> CaptionCard * {
    for (CaptionCard *c : window->findChildren<CaptionCard *>(QStringLiteral("recovery")))
      if (c->isVisible()) return c;
    return nullptr;
  };
  REQUIRE(card() != nullptr);
  const QString title = card()->accessibleName();
  QTest::mouseClick(card()->button(0), Qt::LeftButton); // restore, in place of the empty one
  CHECK(window->document().title() == title);
  CHECK(window->document().isModified());
  CHECK(window->document().path().startsWith(QStringLiteral("/somewhere/")));
  CHECK(window->document().scenario().nodes.size() == 1);

  REQUIRE(card() != nullptr);
  QTest::mouseClick(card()->button(0), Qt::LeftButton); // restore, beside the first
  CHECK(all.set.windows().size() == 2);
  CHECK(window->document().title() == title);
  REQUIRE(card() != nullptr);
  QTest::mouseClick(card()->button(1), Qt::LeftButton); // discard
  CHECK(card() == nullptr);
  CHECK(findLostDocuments(place).empty());
  CHECK(QDir(place).entryList({QStringLiteral("*.packetarium")}, QDir::Files).size() == 2);
  for (MainWindow *open : all.set.windows()) open->leave();
  CHECK(QDir(place).entryList(QDir::Files).isEmpty());
}
