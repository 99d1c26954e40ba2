// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/linearizability.h"

#include <chrono>
#include <optional>
#include <string>

/// Commands that judge what clients saw.
namespace packetarium::cli {

/// check-history's exit code when the budget ended before it came to a result.
constexpr int Undecided = 3;

struct CheckHistoryOptions {
  std::string file;                   ///< "-": standard input
  std::optional<judge::Model> model;  ///< none: the one that has the history's operations
  std::optional<std::string> initial; ///< of every key
  std::chrono::nanoseconds budget = std::chrono::seconds(10);
  bool nullIsAny = false;
  bool json = false;
};
/// Judges a history for linearizability: 0 it is, 1 it is not, 3 undecided, 2 what was given is no
/// history (or not of the model).
int checkHistory(const CheckHistoryOptions &options);

} // namespace packetarium::cli
