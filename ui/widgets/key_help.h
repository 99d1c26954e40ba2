// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

#include <vector>

namespace packetarium::ui {

// What a view does with keys while it has the keyboard, said by the view beside where it does it.
struct KeyHelp {
  QString what;
  QList<QKeySequence> keys;
  QString gesture; // with the mouse instead, where there are no keys: "Space+drag"
};

struct KeyHelpGroup {
  QString title; // "On the canvas"
  std::vector<KeyHelp> rows;
};

} // namespace packetarium::ui
