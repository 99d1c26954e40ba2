// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <QString>

#include <string_view>
#include <vector>

// How people name, choose and type what a script can do: one table for menus, forms and clips.
namespace packetarium::ui {

using FaultAction = scenario::ScriptEntry::Kind;

// The action gives a condition a value, which lasts until another one; not a crash or a cut.
[[nodiscard]] bool isCondition(FaultAction action);
// "Cut", "Crash", "Set delay": what an action does, as a verb.
[[nodiscard]] QString actionVerb(FaultAction action);
[[nodiscard]] std::string_view actionIcon(FaultAction action);
// One line: what becomes of it.
[[nodiscard]] QString actionHelp(FaultAction action);

// "20 ms", "5 %", "1 s ahead", "none".
[[nodiscard]] QString valueText(FaultAction action, double value);
// Values worth choosing from a menu, that which changes nothing first where there is one.
[[nodiscard]] std::vector<double> presetsOf(FaultAction action);

// How a value is asked for: shown = stored / unit. The range is the document's.
struct Asking {
  QString title, suffix;
  double unit = 1, minimum = 0, maximum = 1;
  int decimals = 0;
};
[[nodiscard]] Asking askingOf(FaultAction action);

} // namespace packetarium::ui
