// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packetarium::programs::kv {

/// How far a member of a store has come: an entry of the log that all share. What clients of a
/// session hand back as after= so that nobody answers them from an earlier state.
struct Position {
  std::uint64_t epoch = 0; ///< or term
  std::uint64_t index = 0;

  auto operator<=>(const Position &) const = default;
  std::string text() const; ///< "2.17"
  /// Also of an index alone, "17", as stores tell it whose index never goes back. Nothing when it
  /// is no position.
  static std::optional<Position> parse(std::string_view text);
};

} // namespace packetarium::programs::kv
