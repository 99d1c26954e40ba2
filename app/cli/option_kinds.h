// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Kinds of options that several commands have.
namespace packetarium::cli {

/// An option whose text is turned into a value; what cannot be turned is wrong usage.
template <class T, class Parse>
CLI::Option *parsedOption(CLI::App &app, const std::string &name, const std::string &help,
                          const std::string &type, Parse parse, std::function<void(T)> set,
                          const std::string &wanted) {
  return app
      .add_option_function<std::string>(
          name,
          [name, parse, set, wanted](const std::string &text) {
            const auto value = parse(text);
            if (!value) throw CLI::ValidationError(name, "must be " + wanted + ", got " + text);
            set(*value);
          },
          help)
      ->type_name(type);
}

CLI::Option *durationOption(CLI::App &app, const std::string &name, const std::string &help,
                            std::function<void(Duration)> set);
/// In bits per second.
CLI::Option *rateOption(CLI::App &app, const std::string &name, const std::string &help,
                        std::function<void(std::uint64_t)> set);

/// A check: CLI11 would wrap a negative number round to a huge one.
std::string withoutSign(const std::string &text);

/// --set PATH=VALUE, many times.
void settingsOption(CLI::App &c, std::vector<std::string> &settings);

} // namespace packetarium::cli
