// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/catch.h"
#include "ui/document/document.h"
#include "ui/playback/playback.h"
#include "ui/playback/view_state.h"
#include "ui/theme/theme_hub.h"

#include <QApplication>
#include <QDir>
#include <QImage>
#include <QString>
#include <QTest>
#include <QWidget>

namespace packetarium::ui {

// A built-in scenario that has run to its end, and what views need to show it.
struct RunStage {
  ThemeHub hub{ThemeChoice::Dark};
  Document document;
  Playback playback{document};
  ViewState state{document, playback, hub};

  explicit RunStage(const QString &scenario) {
    hub.attachTo(*qApp);
    REQUIRE(document.open(scenario).ok());
    playback.pause();
    playback.runAheadTo(playback.end());
    REQUIRE(QTest::qWaitFor([this] { return playback.runEnded(); }, 60'000));
  }

  void seekMs(std::int64_t ms) {
    playback.seek(SimTime::fromNs(ms * 1'000'000));
    REQUIRE(QTest::qWaitFor([this] { return !playback.isPending(); }, 10'000));
  }
};

// Shows the view as it stands in the window; also as pictures, when PACKETARIUM_SHOTS names a
// folder to keep them in.
inline void keepShots(RunStage &stage, QWidget &view, const QString &name) {
  const QString folder = qEnvironmentVariable("PACKETARIUM_SHOTS");
  if (folder.isEmpty()) return;
  for (const QSize size : {QSize(900, 280), QSize(760, 220), QSize(520, 220)}) {
    for (const ThemeChoice choice : {ThemeChoice::Dark, ThemeChoice::Light}) {
      stage.hub.setChoice(choice);
      view.resize(size);
      QTest::qWait(150);
      const QString theme =
          choice == ThemeChoice::Dark ? QStringLiteral("dark") : QStringLiteral("light");
      view.grab().save(QDir(folder).filePath(
          QStringLiteral("%1-%2-%3.png").arg(name).arg(size.width()).arg(theme)));
    }
  }
  stage.hub.setChoice(ThemeChoice::Dark);
}

} // namespace packetarium::ui
