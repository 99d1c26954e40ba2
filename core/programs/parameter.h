// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/wire/address.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace packetarium::programs {

enum class ParameterType : std::uint8_t {
  Integer,  ///< std::int64_t
  Real,     ///< double
  Boolean,  ///< bool
  Text,     ///< std::string
  Duration, ///< std::int64_t nanoseconds; the key ends in _ns
  Address,  ///< std::string, dotted quad
  Choice,   ///< std::string, one of choices
  Records   ///< list of rows, each with the parameters in columns
};

struct ParameterRow;
using ParameterValue =
    std::variant<std::int64_t, double, bool, std::string, std::vector<ParameterRow>>;
struct ParameterRow {
  std::map<std::string, ParameterValue> values;
  bool operator==(const ParameterRow &) const = default;
};

/// Declares one parameter; drives validation, property forms and the reference page.
struct Parameter {
  std::string key; ///< as in the document, unit last: "interval_ns"
  ParameterType type = ParameterType::Integer;
  std::string unit; ///< for people; "" without one
  ParameterValue byDefault;
  double minimum = 0, maximum = 0; ///< for numbers, both included; equal: unbounded
  std::vector<std::string> choices;
  std::vector<Parameter> columns; ///< of Records
  std::string help;               ///< one line
  bool required = false;          ///< no default makes sense (a name to ask for, a peer)
  /// What else must hold of a text: empty when it does, else what to do about it.
  std::string (*checkText)(std::string_view text) = nullptr;
  /// The same for one row of Records, whose columns are valid each by itself.
  std::string (*checkRow)(const ParameterRow &row) = nullptr;
};

/// Values by key, complete (defaults filled in) and valid.
class ParameterValues {
public:
  ParameterValues() = default;
  explicit ParameterValues(std::map<std::string, ParameterValue> values)
      : m_values(std::move(values)) {}

  std::int64_t integer(std::string_view key) const { return std::get<std::int64_t>(at(key)); }
  double real(std::string_view key) const { return std::get<double>(at(key)); }
  bool boolean(std::string_view key) const { return std::get<bool>(at(key)); }
  const std::string &text(std::string_view key) const { return std::get<std::string>(at(key)); }
  packetarium::Duration duration(std::string_view key) const {
    return packetarium::Duration::ns(integer(key));
  }
  wire::Ipv4Address address(std::string_view key) const {
    return wire::Ipv4Address::parse(text(key)).value_or(wire::Ipv4Address{});
  }
  const std::vector<ParameterRow> &rows(std::string_view key) const {
    return std::get<std::vector<ParameterRow>>(at(key));
  }
  const std::map<std::string, ParameterValue> &all() const { return m_values; }
  bool operator==(const ParameterValues &) const = default;

private:
  /// Asking for an undeclared key is our own mistake (throws std::out_of_range).
  const ParameterValue &at(std::string_view key) const { return m_values.at(std::string(key)); }
  std::map<std::string, ParameterValue> m_values;
};

/// Checks what a document gives against the declarations and fills in the defaults. A whole number
/// is taken where a real one is asked for, and the other way round when it is whole. Reports all
/// faults, each under path.key (path.key[row].column in Records; path may be empty).
Result<ParameterValues> complete(const std::vector<Parameter> &declared,
                                 std::map<std::string, ParameterValue> given,
                                 std::string_view path);

/// As in the reference page: "integer", "records".
std::string_view name(ParameterType type);

} // namespace packetarium::programs
