// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::ui {

// So long a member of a Raft cluster had one role in one term.
struct RoleSpan {
  std::uint32_t node = 0;
  std::string role; // "leader"; "down" from a crash on
  std::uint64_t term = 0;
  SimTime from, to = SimTime::max(); // to: the last when it lasts
  bool operator==(const RoleSpan &) const = default;
};

// What reaches into the stretch of time, by (node, from). A node that is in several clusters tells
// of the first.
[[nodiscard]] std::vector<RoleSpan> roleSpans(const analysis::FactBook &facts, SimTime from,
                                              SimTime to);

} // namespace packetarium::ui
