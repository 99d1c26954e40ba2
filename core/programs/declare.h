// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

/// Short ways to write down a Parameter, one function per type. Ranges include both ends.
namespace packetarium::programs::declare {

constexpr double microsecond = 1e3, millisecond = 1e6, second = 1e9, hour = 3600e9;

inline Parameter integer(std::string key, std::string unit, std::int64_t byDefault, double minimum,
                         double maximum, std::string help) {
  return {
      std::move(key), ParameterType::Integer, std::move(unit), byDefault, minimum, maximum, {}, {},
      std::move(help)};
}
inline Parameter real(std::string key, std::string unit, double byDefault, double minimum,
                      double maximum, std::string help) {
  return {std::move(key), ParameterType::Real, std::move(unit), byDefault, minimum, maximum, {}, {},
          std::move(help)};
}
inline Parameter boolean(std::string key, bool byDefault, std::string help) {
  return {std::move(key), ParameterType::Boolean, "", byDefault, 0, 0, {}, {}, std::move(help)};
}
inline Parameter text(std::string key, std::string byDefault, std::string help) {
  return {std::move(key), ParameterType::Text, "", std::move(byDefault), 0, 0, {}, {},
          std::move(help)};
}
/// minimum and maximum in nanoseconds.
inline Parameter duration(std::string key, Duration byDefault, double minimum, double maximum,
                          std::string help) {
  return {std::move(key), ParameterType::Duration, "ns", byDefault.ns(), minimum, maximum, {}, {},
          std::move(help)};
}
inline Parameter address(std::string key, std::string help) {
  return {std::move(key), ParameterType::Address, "", std::string("0.0.0.0"), 0, 0, {}, {},
          std::move(help)};
}
/// The first choice is the default.
inline Parameter choice(std::string key, std::vector<std::string> choices, std::string help) {
  std::string byDefault = choices.front();
  return {
      std::move(key), ParameterType::Choice, "", std::move(byDefault), 0, 0, std::move(choices), {},
      std::move(help)};
}
inline Parameter records(std::string key, std::vector<Parameter> columns, std::string help) {
  return {std::move(key),     ParameterType::Records, "", std::vector<ParameterRow>{}, 0, 0, {},
          std::move(columns), std::move(help)};
}
/// The same parameter, but the document must give it: no default makes sense.
inline Parameter required(Parameter p) {
  p.required = true;
  return p;
}
inline Parameter port(std::int64_t byDefault, std::string help) {
  return integer("port", "", byDefault, 1, 65535, std::move(help));
}
inline Parameter localPort() {
  return integer("local_port", "", 0, 0, 65535, "Own port; 0 takes an ephemeral one (RFC 6335)");
}
inline Parameter startAt() {
  return duration("start_ns", Duration{}, 0, 1000 * hour, "Waits so long before it begins");
}
inline Parameter peer(std::string help) { return required(text("peer", "", std::move(help))); }

} // namespace packetarium::programs::declare
