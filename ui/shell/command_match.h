// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <vector>

namespace packetarium::ui {

// How well what someone typed fits a name.
struct CommandMatch {
  int score = 0;              // higher is better; of the same query only
  std::vector<int> positions; // of the letters that were meant, ascending
};

// The query's letters, blanks apart, must all be in the text in this order, in upper or lower case.
// The best way to lay them is found: starts of words and letters that follow one another count
// most, gaps and long texts least. None when they do not fit; an empty query fits everything.
[[nodiscard]] std::optional<CommandMatch> matchCommand(QStringView query, QStringView text);

} // namespace packetarium::ui
