// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/recovery.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

void placeHost(Document &document) {
  REQUIRE(placeNode(document, *scenario::findPlaceable("host"), {0, 0}).ok());
}

QStringList filesIn(const QTemporaryDir &folder) {
  return QDir(folder.path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
}

/// Another process of this program runs one case with the folder in its environment.
std::unique_ptr<QProcess> start(const char *testCase, const QTemporaryDir &folder) {
  auto process = std::make_unique<QProcess>();
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("RECOVERY_FOLDER"), folder.path());
  process->setProcessEnvironment(environment);
  process->start(QCoreApplication::applicationFilePath(), {QString::fromLatin1(testCase)});
  REQUIRE(process->waitForStarted());
  return process;
}

QStringList documentsIn(const QTemporaryDir &folder) {
  return QDir(folder.path()).entryList({QStringLiteral("*.packetarium")}, QDir::Files);
}

} // namespace

TEST_CASE("(another process) works on a document until it is killed", "[.]") {
  const QString folder = qEnvironmentVariable("RECOVERY_FOLDER");
  if (folder.isEmpty()) return;
  Document document;
  document.open(emptyDocument(), QStringLiteral("/home/someone/net.packetarium"));
  RecoveryKeeper keeper(document, folder);
  for (int i = 0;; ++i) {
    placeHost(document);
    keeper.flush();
    QTest::qWait(1);
  }
}

TEST_CASE("nothing is written while nothing is changed, and a second after an edit it is") {
  QTemporaryDir folder;
  Document document;
  RecoveryKeeper keeper(document, folder.path());
  document.open(emptyDocument());
  QTest::qWait(RecoveryKeeper::soonMs + 200);
  CHECK(filesIn(folder).isEmpty());
  placeHost(document);
  CHECK(
      QTest::qWaitFor([&] { return QFile::exists(keeper.file()); }, RecoveryKeeper::soonMs + 2000));
  const auto kept = scenario::loadFile(keeper.file().toStdString());
  REQUIRE(kept.ok());
  CHECK(*kept == document.scenario());
}

TEST_CASE("saving, undoing everything, opening another and closing leave nothing behind") {
  QTemporaryDir folder;
  QTemporaryDir elsewhere;
  Document document;
  auto keeper = std::make_unique<RecoveryKeeper>(document, folder.path());
  document.open(emptyDocument());
  const auto change = [&] {
    placeHost(document);
    keeper->flush();
    REQUIRE(filesIn(folder).size() == 3);
  };
  change();
  REQUIRE(document.save(elsewhere.filePath(QStringLiteral("a.packetarium"))).ok());
  CHECK(filesIn(folder).isEmpty());
  change();
  document.undoStack().undo();
  CHECK(filesIn(folder).isEmpty());
  change();
  document.open(emptyDocument());
  CHECK(filesIn(folder).isEmpty());
  change();
  keeper->finish();
  CHECK(filesIn(folder).isEmpty());
  placeHost(document);
  keeper->flush();
  CHECK(filesIn(folder).isEmpty()); // it was closed
}

TEST_CASE("a document that someone works on is not lost") {
  QTemporaryDir folder;
  Document document;
  RecoveryKeeper keeper(document, folder.path());
  document.open(emptyDocument());
  placeHost(document);
  keeper.flush();
  CHECK(findLostDocuments(folder.path()).empty());
}

TEST_CASE("a window that went without closing leaves its document to the next start") {
  QTemporaryDir folder;
  scenario::Scenario last;
  {
    Document document;
    RecoveryKeeper keeper(document, folder.path());
    document.open(emptyDocument(), QStringLiteral("/somewhere/mine.packetarium"));
    placeHost(document);
    keeper.flush();
    last = document.scenario();
  }
  auto lost = findLostDocuments(folder.path());
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].scenario == last);
  CHECK(lost[0].path == QStringLiteral("/somewhere/mine.packetarium"));
  CHECK(findLostDocuments(folder.path()).empty()); // it is being offered already

  Document document;
  RecoveryKeeper keeper(document, folder.path());
  document.restore(lost[0].scenario, lost[0].path);
  keeper.adopt(std::move(lost[0]));
  CHECK(document.isModified());
  CHECK(document.path() == QStringLiteral("/somewhere/mine.packetarium"));
  CHECK(documentsIn(folder).size() == 1); // until it is saved
  keeper.flush();
  CHECK(documentsIn(folder).size() == 1);
  document.undoStack().setClean();
  CHECK(filesIn(folder).isEmpty());
}

TEST_CASE("what was discarded is not offered again") {
  QTemporaryDir folder;
  {
    Document document;
    RecoveryKeeper keeper(document, folder.path());
    document.open(emptyDocument());
    placeHost(document);
    keeper.flush();
  }
  auto lost = findLostDocuments(folder.path());
  REQUIRE(lost.size() == 1);
  discard(std::move(lost[0]));
  CHECK(findLostDocuments(folder.path()).empty());
  CHECK(filesIn(folder).isEmpty());
}

TEST_CASE("whenever the program is killed, a whole document is found") {
  for (int round = 0; round < 12; ++round) {
    QTemporaryDir folder;
    const auto process = start("(another process) works on a document until it is killed", folder);
    REQUIRE(QTest::qWaitFor([&] { return !documentsIn(folder).isEmpty(); }, 20'000));
    CHECK(findLostDocuments(folder.path()).empty()); // it lives
    QTest::qWait(round * 3);
    process->kill(); // SIGKILL
    REQUIRE(process->waitForFinished());
    const auto lost = findLostDocuments(folder.path());
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].scenario.nodes.size() >= 1);
    CHECK(lost[0].path == QStringLiteral("/home/someone/net.packetarium"));
    CHECK(documentsIn(folder).size() == 1);
    CHECK(filesIn(folder).filter(QStringLiteral(".new")).isEmpty());
  }
}

TEST_CASE("a document that cannot be read stays where it is, and what is about none goes") {
  QTemporaryDir folder;
  const auto write = [&](const QString &name, const QByteArray &text) {
    QFile file(folder.filePath(name));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(text);
  };
  write(QStringLiteral("a.packetarium"), "from a later version");
  write(QStringLiteral("b.json"), "{}");
  CHECK(findLostDocuments(folder.path()).empty());
  CHECK(filesIn(folder) == QStringList{QStringLiteral("a.packetarium")});
  CHECK(findLostDocuments(folder.filePath(QStringLiteral("no such folder"))).empty());
}
