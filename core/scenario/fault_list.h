// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::scenario {

/// Gathers faults up to a bound; beyond it they are only counted.
class FaultList {
public:
  void add(std::string path, std::string message);
  void append(std::vector<Fault> faults);
  bool empty() const { return m_faults.empty(); }
  /// Further faults are only counted; making up their wording is wasted.
  bool full() const;
  /// No fault so far at this path or beneath it: what depends on it is worth checking.
  bool clean(std::string_view path) const;
  /// There is a fault at this path or at something that holds it.
  bool covers(std::string_view path) const;
  /// All of them, with a last one that tells how many more there are.
  std::vector<Fault> take();

private:
  std::vector<Fault> m_faults;
  std::size_t m_more = 0;
};

/// "nodes[3]": an element of a list, as faults name it.
std::string indexed(std::string_view list, std::size_t i);
/// Text from outside made safe to print: control characters replaced, cut to about 60 bytes.
std::string printable(std::string_view text);
std::string printable(std::string_view text, std::size_t bytes);
/// printable() in double quotes.
std::string inQuotes(std::string_view text);
/// The known word nearest to a mistyped one, or an empty view when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view> &known);
/// "; did you mean "x"?", or "; there are: a, b, c" (the first few), or nothing.
std::string hintAmong(std::string_view word, const std::vector<std::string_view> &known);
/// True for 1 to 64 letters, digits, "-" and "_".
bool isId(std::string_view text);
/// True for valid UTF-8 without control characters other than line feed and tab.
bool isPlainText(std::string_view text);

} // namespace packetarium::scenario
