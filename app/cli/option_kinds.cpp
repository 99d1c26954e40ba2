// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/option_kinds.h"

#include "core/scenario/units.h"

namespace packetarium::cli {

CLI::Option *durationOption(CLI::App &app, const std::string &name, const std::string &help,
                            std::function<void(Duration)> set) {
  return parsedOption<Duration>(app, name, help, "TIME", scenario::parseDuration, std::move(set),
                                "a time with its unit such as 10s, 250ms or 3us");
}

CLI::Option *rateOption(CLI::App &app, const std::string &name, const std::string &help,
                        std::function<void(std::uint64_t)> set) {
  return parsedOption<std::uint64_t>(app, name, help, "RATE", scenario::parseRate, std::move(set),
                                     "bits per second such as 1000000, 10M or 1Gbit/s");
}

std::string withoutSign(const std::string &text) {
  return text.starts_with('-') ? "must not be negative, got " + text : std::string();
}

void settingsOption(CLI::App &c, std::vector<std::string> &settings) {
  c.add_option("--set", settings,
               "Changes one value of the document by ids, such as links.l1.rate_bps=1000000; "
               "may be given many times")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->check(
          [](const std::string &text) {
            const auto equals = text.find('=');
            const bool good = equals != std::string::npos && equals > 0;
            return good ? std::string() : "must be PATH=VALUE, got " + text;
          },
          "");
}

} // namespace packetarium::cli
