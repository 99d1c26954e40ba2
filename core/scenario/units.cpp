// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/units.h"

#include "core/scenario/ranges.h"

#include <algorithm>
#include <array>
#include <utility>

namespace packetarium::scenario {
namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

/// A decimal number with a unit, as a whole number of the smallest unit; exact or nothing.
template <std::size_t n>
std::optional<std::uint64_t> parseExact(std::string_view text, const std::array<Unit, n> &units,
                                        std::uint64_t maximum) {
  const std::size_t numberEnd = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view number = text.substr(0, numberEnd);
  std::string_view name = text.substr(numberEnd);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  const auto unit =
      std::find_if(units.begin(), units.end(), [name](const Unit &u) { return u.first == name; });
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, point);
  const std::string_view fraction = point < number.size() ? number.substr(point + 1) : "";
  if (unit == units.end() || whole.empty() || whole.size() > 19) return {};
  if (point < number.size() && fraction.empty()) return {};

  __extension__ using Wide = unsigned __int128;
  Wide value = 0;
  for (const char c : whole) value = value * 10 + static_cast<unsigned>(c - '0');
  value *= unit->second;
  Wide step = unit->second;
  for (const char c : fraction) {
    if (c == '.') return {};
    const auto digit = static_cast<unsigned>(c - '0');
    if (step % 10 != 0 && digit != 0) return {};
    step /= 10;
    value += step * digit;
  }
  if (value > maximum) return {};
  return static_cast<std::uint64_t>(value);
}

} // namespace

std::optional<Duration> parseDuration(std::string_view text) {
  static constexpr std::array<Unit, 8> units = {{{"ns", 1},
                                                 {"us", 1'000},
                                                 {"\xc2\xb5s", 1'000},
                                                 {"ms", 1'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"min", 60'000'000'000},
                                                 {"h", 3'600'000'000'000},
                                                 {"d", 86'400'000'000'000}}};
  const auto ns = parseExact(text, units, range::timeNs);
  if (!ns) return {};
  return Duration::ns(static_cast<std::int64_t>(*ns));
}

std::optional<std::uint64_t> parseRate(std::string_view text) {
  static constexpr std::array<Unit, 15> units = {{{"", 1},
                                                  {"bit/s", 1},
                                                  {"bps", 1},
                                                  {"k", 1'000},
                                                  {"kbit/s", 1'000},
                                                  {"kbps", 1'000},
                                                  {"M", 1'000'000},
                                                  {"Mbit/s", 1'000'000},
                                                  {"Mbps", 1'000'000},
                                                  {"G", 1'000'000'000},
                                                  {"Gbit/s", 1'000'000'000},
                                                  {"Gbps", 1'000'000'000},
                                                  {"T", 1'000'000'000'000},
                                                  {"Tbit/s", 1'000'000'000'000},
                                                  {"Tbps", 1'000'000'000'000}}};
  return parseExact(text, units, range::rateBps);
}

std::optional<std::uint64_t> parseBytes(std::string_view text) {
  static constexpr std::array<Unit, 12> units = {{{"", 1},
                                                  {"B", 1},
                                                  {"byte", 1},
                                                  {"bytes", 1},
                                                  {"k", 1'000},
                                                  {"kB", 1'000},
                                                  {"KiB", 1 << 10},
                                                  {"MB", 1'000'000},
                                                  {"MiB", 1 << 20},
                                                  {"GB", 1'000'000'000},
                                                  {"GiB", 1 << 30},
                                                  {"TB", 1'000'000'000'000}}};
  return parseExact(text, units, INT64_MAX);
}

std::optional<double> parsePercent(std::string_view text) {
  // As a whole number of 10^-12 of a percent, so that "0.1 %" is the double nearest to 0.001.
  static constexpr std::array<Unit, 2> units = {
      {{"", 1'000'000'000'000}, {"%", 1'000'000'000'000}}};
  const auto exact = parseExact(text, units, INT64_MAX);
  if (!exact) return {};
  return static_cast<double>(*exact) / 1e14;
}

} // namespace packetarium::scenario
