// SPDX-License-Identifier: GPL-3.0-or-later
#define CATCH_CONFIG_RUNNER
#include "tests/support/catch.h"

#include <QApplication>

int main(int argc, char **argv) {
  // A test that wants a real window sets the platform itself.
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  int qtArgc = 1; // Catch's options are not Qt's
  QApplication application(qtArgc, argv);
  return Catch::Session().run(argc, argv);
}
