// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sim_time.h"

#include <fmt/format.h>

namespace packetarium {
namespace {

std::string withUnit(std::uint64_t ns, std::uint64_t unit, const char *name) {
  const std::uint64_t whole = ns / unit;
  std::uint64_t rest = ns % unit;
  if (rest == 0) return fmt::format("{}{}", whole, name);
  int digits = 0;
  for (std::uint64_t u = unit; u > 1; u /= 10) ++digits;
  while (rest % 10 == 0) {
    rest /= 10;
    --digits;
  }
  return fmt::format("{}.{:0{}}{}", whole, rest, digits, name);
}

} // namespace

std::string toString(Duration d) {
  const bool negative = d.ns() < 0;
  const auto magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(d.ns())
                                  : static_cast<std::uint64_t>(d.ns());
  std::string text;
  if (magnitude >= 1'000'000'000)
    text = withUnit(magnitude, 1'000'000'000, "s");
  else if (magnitude >= 1'000'000)
    text = withUnit(magnitude, 1'000'000, "ms");
  else if (magnitude >= 1'000)
    text = withUnit(magnitude, 1'000, "us");
  else
    text = magnitude == 0 ? "0s" : withUnit(magnitude, 1, "ns");
  return negative ? "-" + text : text;
}

std::string toString(SimTime t) { return toString(t - SimTime::zero()); }

} // namespace packetarium
