// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"

#include <QFile>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <set>

namespace {

struct Outcome {
  int code = -1;
  QByteArray output, error;
};

Outcome run(const QString &program, const QStringList &arguments) {
  QProcess process;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
  process.setProcessEnvironment(environment);
  process.start(program, arguments);
  REQUIRE(process.waitForFinished(240'000));
  REQUIRE(process.exitStatus() == QProcess::NormalExit);
  return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

Outcome window(const QStringList &arguments) {
  return run(QStringLiteral(PACKETARIUM_WINDOW), arguments);
}

int coloursOf(const QImage &image) {
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); y += 3)
    for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
  return static_cast<int>(colours.size());
}

} // namespace

TEST_CASE("a picture of the window and of each view has the size that was asked for") {
  QTemporaryDir folder;
  for (const char *view : {"window", "canvas", "layers", "sequence", "packets", "charts",
                           "security", "services", "lost-writes", "machines", "cluster",
                           "conflicts", "ring", "history", "freshness", "cap-dial"}) {
    const QString file = folder.filePath(QString::fromLatin1(view) + QStringLiteral(".png"));
    const Outcome outcome =
        window({QStringLiteral("web-request"), QStringLiteral("--at"), QStringLiteral("40ms"),
                QStringLiteral("--screenshot"), file, QStringLiteral("--size"),
                QStringLiteral("1000x640"), QStringLiteral("--theme"), QStringLiteral("light"),
                QStringLiteral("--view"), QString::fromLatin1(view)});
    INFO(view << ": " << outcome.error.toStdString());
    REQUIRE(outcome.code == 0);
    const QImage image(file);
    CHECK(image.size() == QSize(1000, 640));
    CHECK(coloursOf(image) > 8); // not an empty ground
  }
}

TEST_CASE("a page of a view is another picture than the view") {
  QTemporaryDir folder;
  const auto picture = [&](const char *view) {
    const QString file = folder.filePath(QString::fromLatin1(view) + QStringLiteral(".png"));
    const Outcome outcome =
        window({QStringLiteral("quorums"), QStringLiteral("--at"), QStringLiteral("4s"),
                QStringLiteral("--screenshot"), file, QStringLiteral("--size"),
                QStringLiteral("1000x400"), QStringLiteral("--view"), QString::fromLatin1(view)});
    INFO(view << ": " << outcome.error.toStdString());
    REQUIRE(outcome.code == 0);
    return QImage(file);
  };
  CHECK(picture("history") != picture("freshness"));
  CHECK(picture("services") != picture("machines"));
  CHECK(picture("conflicts") != picture("ring"));
}

TEST_CASE("counts that grow do not make the window wider") {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("window.png"));
  const Outcome outcome = window({QStringLiteral("active-active-balancer"), QStringLiteral("--at"),
                                  QStringLiteral("40s"), QStringLiteral("--screenshot"), file,
                                  QStringLiteral("--size"), QStringLiteral("1280x720")});
  INFO(outcome.error.toStdString());
  REQUIRE(outcome.code == 0);
  CHECK(QImage(file).size() == QSize(1280, 720));
}

TEST_CASE("wrong usage is 2, a wrong input is 1, both with a message") {
  CHECK(window({QStringLiteral("--no-such-option")}).code == 2);
  CHECK(window({QStringLiteral("--at"), QStringLiteral("soon")}).code == 2);
  CHECK(window({QStringLiteral("--screenshot"), QStringLiteral("x.png"), QStringLiteral("--size"),
                QStringLiteral("big")})
            .code == 2);
  const Outcome unknown =
      window({QStringLiteral("no-such-scenario"), QStringLiteral("--screenshot"),
              QStringLiteral("/tmp/never.png")});
  CHECK(unknown.code == 1);
  CHECK_FALSE(unknown.error.isEmpty());
  const Outcome folder = window({QStringLiteral("web-request"), QStringLiteral("--screenshot"),
                                 QStringLiteral("/no/such/folder/x.png")});
  CHECK(folder.code == 1);
  CHECK(folder.error.contains("/no/such/folder/x.png"));
  CHECK(window({QStringLiteral("--help")}).code == 0);
  CHECK(window({QStringLiteral("--version")}).output.startsWith("packetarium "));
}

TEST_CASE("one PNG per chart is written") {
  QTemporaryDir folder;
  const QString into = folder.filePath(QStringLiteral("charts"));
  const Outcome outcome = window({QStringLiteral("web-request"), QStringLiteral("--until"),
                                  QStringLiteral("10s"), QStringLiteral("--export-charts"), into});
  REQUIRE(outcome.code == 0);
  const QStringList files = QString::fromUtf8(outcome.output).split(u'\n', Qt::SkipEmptyParts);
  REQUIRE(files.size() >= 2);
  for (const QString &file : files) CHECK_FALSE(QImage(file).isNull());
}

TEST_CASE("the benchmarks print one JSON object with the promised keys") {
  const Outcome canvas =
      window({QStringLiteral("--bench"), QStringLiteral("canvas"), QStringLiteral("--nodes"),
              QStringLiteral("50"), QStringLiteral("--links"), QStringLiteral("80"),
              QStringLiteral("--packets"), QStringLiteral("200"), QStringLiteral("--json")});
  REQUIRE(canvas.code == 0);
  const QJsonObject painted = QJsonDocument::fromJson(canvas.output).object();
  CHECK(painted.value(QStringLiteral("frame_ms_median")).toDouble() > 0);
  CHECK(painted.value(QStringLiteral("frame_ms_p95")).toDouble() >=
        painted.value(QStringLiteral("frame_ms_median")).toDouble());
  const Outcome scrub = window({QStringLiteral("web-request"), QStringLiteral("--bench"),
                                QStringLiteral("scrub"), QStringLiteral("--json")});
  REQUIRE(scrub.code == 0);
  const QJsonObject sought = QJsonDocument::fromJson(scrub.output).object();
  CHECK(sought.value(QStringLiteral("seek_ms_median")).toDouble() > 0);
  CHECK(sought.value(QStringLiteral("seek_ms_p95")).toDouble() > 0);
  const Outcome open = window({QStringLiteral("web-request"), QStringLiteral("--bench"),
                               QStringLiteral("open"), QStringLiteral("--json")});
  REQUIRE(open.code == 0);
  const QJsonObject opened = QJsonDocument::fromJson(open.output).object();
  CHECK(opened.value(QStringLiteral("nodes")).toInt() == 7);
  CHECK(opened.value(QStringLiteral("painted_ms_median")).toDouble() > 0);
  CHECK(opened.value(QStringLiteral("live_ms_median")).toDouble() >=
        opened.value(QStringLiteral("painted_ms_median")).toDouble());
}

TEST_CASE("a file of 1000 nodes is opened in a running window within a second", "[timing]") {
  QTemporaryDir folder;
  for (const QStringList &shape :
       {QStringList{QStringLiteral("star"), QStringLiteral("--hosts"), QStringLiteral("999")},
        QStringList{QStringLiteral("grid"), QStringLiteral("--rows"), QStringLiteral("25"),
                    QStringLiteral("--columns"), QStringLiteral("40")}}) {
    const QString file = folder.filePath(shape.front() + QStringLiteral(".packetarium"));
    REQUIRE(QProcess::execute(QStringLiteral(PACKETARIUM_CLI),
                              QStringList{QStringLiteral("generate")} + shape +
                                  QStringList{QStringLiteral("-o"), file}) == 0);
    const Outcome open =
        window({file, QStringLiteral("--bench"), QStringLiteral("open"), QStringLiteral("--json")});
    REQUIRE(open.code == 0);
    const QJsonObject opened = QJsonDocument::fromJson(open.output).object();
    CHECK(opened.value(QStringLiteral("nodes")).toInt() == 1000);
    const double ms = opened.value(QStringLiteral("live_ms_median")).toDouble();
    WARN(shape.front().toStdString() << ": " << ms << " ms");
    CHECK(ms < 1000);
  }
}

namespace {

// Runs a script of tests/ui/xvfb; one that misses a tool says so and counts as skipped.
void checkUnderX(const char *script, const QStringList &programs) {
  QProcess process;
  process.setProcessChannelMode(QProcess::MergedChannels);
  process.start(QStringLiteral("/bin/sh"),
                QStringList{QStringLiteral(PACKETARIUM_SOURCE_DIR "/tests/ui/xvfb/") +
                            QString::fromUtf8(script)} +
                    programs);
  REQUIRE(process.waitForFinished(240'000));
  const std::string said = process.readAll().toStdString();
  if (process.exitCode() == 77) {
    WARN(said);
    return;
  }
  INFO(said);
  CHECK(process.exitCode() == 0);
}

} // namespace

TEST_CASE("in a real window under X the run plays, the space bar pauses, the arrows step") {
  checkUnderX("window_under_x.sh", {QStringLiteral(PACKETARIUM_WINDOW)});
}

TEST_CASE("in a real window under X a network is drawn, fails, is saved, killed and recovered",
          "[timing]") {
  checkUnderX("draw_under_x.sh",
              {QStringLiteral(PACKETARIUM_WINDOW), QStringLiteral(PACKETARIUM_CLI)});
}
