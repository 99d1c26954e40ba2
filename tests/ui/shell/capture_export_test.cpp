// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "tests/support/catch.h"
#include "ui/shell/capture_export.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <optional>

using namespace packetarium;
using packetarium::ui::CaptureExport;

namespace {

scenario::BuiltScenario builtDefault() {
  auto document = scenario::loadBuiltIn(scenario::defaultScenarioId);
  REQUIRE(document.ok());
  auto built = scenario::build(*document);
  REQUIRE(built.ok());
  return std::move(built).value();
}

struct Outcome {
  quint64 packets = 0;
  QString error;
};

// Runs the export; its end is told on another thread, so it is queued to this one.
Outcome outcomeOf(CaptureExport &task) {
  std::optional<Outcome> outcome;
  QObject here;
  QObject::connect(&task, &CaptureExport::finished, &here,
                   [&](quint64 packets, const QString &error) {
                     outcome = {packets, error};
                   });
  task.start();
  REQUIRE(QTest::qWaitFor([&] { return outcome.has_value(); }, 60'000));
  return *outcome;
}

} // namespace

TEST_CASE("an exported capture holds every frame once at its sender and once where it came out") {
  const scenario::BuiltScenario built = builtDefault();
  session::Runner runner(built.plan, built.script, built.end);
  quint64 expected = 0;
  while (!runner.ended()) {
    runner.advance(built.end, 100'000);
    if (runner.ended()) runner.flush();
    for (const trace::ChunkPtr &chunk : runner.takeChunks())
      expected += chunk->summary.sent + chunk->summary.received;
  }
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("run.pcapng"));
  CaptureExport task(built, built.end, file);
  const Outcome outcome = outcomeOf(task);
  CHECK(outcome.error.isEmpty());
  CHECK(outcome.packets == expected);
  QFile written(file);
  REQUIRE(written.open(QIODevice::ReadOnly));
  CHECK(written.read(4) == QByteArray::fromHex("0a0d0d0a")); // a section header block
}

TEST_CASE("a cancelled export leaves no file") {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("run.pcapng"));
  const scenario::BuiltScenario built = builtDefault();
  CaptureExport task(built, built.end, file);
  task.cancel();
  CHECK_FALSE(outcomeOf(task).error.isEmpty());
  CHECK_FALSE(QFile::exists(file));
}

TEST_CASE("a folder that is not there is told") {
  const scenario::BuiltScenario built = builtDefault();
  CaptureExport task(built, built.end, QStringLiteral("/no/such/folder/run.pcapng"));
  CHECK(outcomeOf(task).error.contains(QStringLiteral("/no/such/folder")));
}
