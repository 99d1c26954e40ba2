// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

enum class FilterTokenKind : std::uint8_t { Word, Quoted, Symbol, End };

struct FilterToken {
  FilterTokenKind kind = FilterTokenKind::End;
  std::string text;
  std::size_t column = 0; ///< from 1
};

/// The words, quoted texts and symbols of a filter, with an End token behind them. Fails on a
/// character without meaning and on a quotation mark that is not closed.
Result<std::vector<FilterToken>> filterTokens(std::string_view text);

/// A fault of the filter's text at a column counted from 1.
Fault filterFault(std::size_t column, std::string_view message);

} // namespace packetarium::analysis
