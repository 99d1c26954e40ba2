// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/availability.h"
#include "app/cli/commands.h"
#include "core/analysis/services.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace packetarium::cli {
namespace {

constexpr std::size_t partsMax = 1000;

int wrongUsage(const std::string &text) {
  fmt::print(stderr, "{}\n", text);
  return WrongUsage;
}

void printPeople(std::size_t parts, int need, const analysis::Availability &a) {
  if (parts > 1) fmt::print("{} parts, of which {} must be up\n", parts, need);
  fmt::print("availability   {:.12g}\n", a.share);
  fmt::print("nines          {}\n", analysis::ninesText(a));
  fmt::print("allows down    {} a day\n", analysis::downTimeText(a.perDay));
  fmt::print("               {} a week\n", analysis::downTimeText(a.perWeek));
  fmt::print("               {} a month\n", analysis::downTimeText(a.perMonth));
  fmt::print("               {} a year (of 365.2425 days)\n", analysis::downTimeText(a.perYear));
}

void printJson(std::size_t parts, int need, const analysis::Availability &a) {
  nlohmann::ordered_json object = {{"parts", parts},
                                   {"need", need},
                                   {"availability", a.share},
                                   {"nines", nullptr},
                                   {"down_per_day_s", a.perDay.toSeconds()},
                                   {"down_per_week_s", a.perWeek.toSeconds()},
                                   {"down_per_month_s", a.perMonth.toSeconds()},
                                   {"down_per_year_s", a.perYear.toSeconds()}};
  if (std::isfinite(a.nines)) object["nines"] = a.nines;
  fmt::print("{}\n", object.dump(2));
}

} // namespace

std::optional<double> parseShare(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return std::nullopt;
  while (*end == ' ') ++end;
  if (const std::string rest(end); rest == "%")
    value /= 100;
  else if (!rest.empty())
    return std::nullopt;
  if (!(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

int calcAvailability(const CalcOptions &options) {
  std::vector<double> once = options.shares;
  if (options.mtbf.has_value() != options.mttr.has_value())
    return wrongUsage("--mtbf and --mttr belong together");
  if (options.mtbf) {
    if (*options.mtbf + *options.mttr <= Duration{})
      return wrongUsage("--mtbf and --mttr must not both be 0");
    once.push_back(analysis::mtbfAvailability(*options.mtbf, *options.mttr));
  }
  if (once.empty()) return wrongUsage("needs a part: --share, or --mtbf and --mttr");
  if (once.size() * static_cast<std::size_t>(options.copies) > partsMax)
    return wrongUsage(fmt::format("more than {} parts", partsMax));
  std::vector<double> parts;
  for (int i = 0; i < options.copies; ++i) parts.insert(parts.end(), once.begin(), once.end());
  const auto all = static_cast<int>(parts.size());
  const int need = options.need.value_or(all);
  if (need < 1 || need > all)
    return wrongUsage(fmt::format("--need must be from 1 to {}, the number of parts", all));
  const double share = need == all ? analysis::seriesAvailability(parts)
                       : need == 1 ? analysis::parallelAvailability(parts)
                                   : analysis::anyOfAvailability(need, parts);
  const analysis::Availability a = analysis::availability(share);
  options.json ? printJson(parts.size(), need, a) : printPeople(parts.size(), need, a);
  return Done_;
}

} // namespace packetarium::cli
