// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace packetarium::programs {
namespace {

using Values = std::map<std::string, ParameterValue>;
using Faults = std::vector<Fault>;

constexpr double exactWhole = 9007199254740992.0; // 2^53

std::string under(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string_view wanted(ParameterType type) {
  switch (type) {
  case ParameterType::Integer: return "a whole number";
  case ParameterType::Real: return "a number";
  case ParameterType::Boolean: return "true or false";
  case ParameterType::Text: return "a text in quotes";
  case ParameterType::Duration: return "a whole number of nanoseconds";
  case ParameterType::Address: return "an IPv4 address in quotes, such as \"192.0.2.1\"";
  case ParameterType::Choice: return "one of its choices, in quotes";
  case ParameterType::Records: return "a list of rows in [ ]";
  }
  return "";
}

std::string_view found(const ParameterValue &v) {
  switch (v.index()) {
  case 0: return "a whole number";
  case 1: return "a number with a fraction";
  case 2: return "true or false";
  case 3: return "a text";
  default: return "a list";
  }
}

bool holds(ParameterType type, const ParameterValue &v) {
  switch (type) {
  case ParameterType::Integer:
  case ParameterType::Duration: return std::holds_alternative<std::int64_t>(v);
  case ParameterType::Real: return std::holds_alternative<double>(v);
  case ParameterType::Boolean: return std::holds_alternative<bool>(v);
  case ParameterType::Text:
  case ParameterType::Address:
  case ParameterType::Choice: return std::holds_alternative<std::string>(v);
  case ParameterType::Records: return std::holds_alternative<std::vector<ParameterRow>>(v);
  }
  return false;
}

/// 5 for 5.0 and 5.0 for 5, where the declaration asks for the other one.
void convertNumber(ParameterType type, ParameterValue &v) {
  if (type == ParameterType::Real) {
    if (const auto *whole = std::get_if<std::int64_t>(&v)) v = static_cast<double>(*whole);
  } else if (type == ParameterType::Integer || type == ParameterType::Duration) {
    const auto *real = std::get_if<double>(&v);
    if (real != nullptr && std::trunc(*real) == *real && std::abs(*real) <= exactWhole)
      v = static_cast<std::int64_t>(*real);
  }
}

std::string number(double v) {
  return std::trunc(v) == v && std::abs(v) <= exactWhole
             ? fmt::format("{}", static_cast<std::int64_t>(v))
             : fmt::format("{}", v);
}

void checkRange(const Parameter &p, const ParameterValue &v, const std::string &path,
                Faults &faults) {
  const auto *whole = std::get_if<std::int64_t>(&v);
  const double x = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v);
  if (!std::isfinite(x)) {
    faults.push_back({path, "must be a finite number"});
    return;
  }
  if (p.minimum == p.maximum || (x >= p.minimum && x <= p.maximum)) return;
  const std::string unit = p.unit.empty() ? "" : " " + p.unit;
  const std::string got = whole != nullptr ? fmt::format("{}", *whole) : fmt::format("{}", x);
  faults.push_back({path, fmt::format("must be {} to {}{}, got {}", number(p.minimum),
                                      number(p.maximum), unit, got)});
}

void checkText(const Parameter &p, const std::string &text, const std::string &path,
               Faults &faults) {
  if (p.type == ParameterType::Address && !wire::Ipv4Address::parse(text))
    faults.push_back({path, fmt::format("must be {}, got \"{}\"", wanted(p.type), text)});
  if (p.type == ParameterType::Choice &&
      std::find(p.choices.begin(), p.choices.end(), text) == p.choices.end())
    faults.push_back({path, fmt::format("must be one of \"{}\", got \"{}\"",
                                        fmt::join(p.choices, "\", \""), text)});
  if (p.required && text.empty()) {
    faults.push_back({path, fmt::format("must not be empty ({})", p.help)});
    return;
  }
  if (p.checkText == nullptr) return;
  if (std::string complaint = p.checkText(text); !complaint.empty())
    faults.push_back({path, std::move(complaint)});
}

Values fill(const std::vector<Parameter> &declared, Values given, std::string_view path,
            Faults &faults);

void checkRows(const Parameter &p, std::vector<ParameterRow> &rows, const std::string &path,
               Faults &faults) {
  if (p.required && rows.empty())
    faults.push_back({path, fmt::format("must have at least one row ({})", p.help)});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string rowPath = fmt::format("{}[{}]", path, i);
    const std::size_t before = faults.size();
    rows[i].values = fill(p.columns, std::move(rows[i].values), rowPath, faults);
    if (faults.size() != before || p.checkRow == nullptr) continue;
    if (std::string complaint = p.checkRow(rows[i]); !complaint.empty())
      faults.push_back({rowPath, std::move(complaint)});
  }
}

void check(const Parameter &p, ParameterValue &v, const std::string &path, Faults &faults) {
  convertNumber(p.type, v);
  if (!holds(p.type, v)) {
    faults.push_back({path, fmt::format("must be {}, got {}", wanted(p.type), found(v))});
    return;
  }
  if (auto *rows = std::get_if<std::vector<ParameterRow>>(&v))
    checkRows(p, *rows, path, faults);
  else if (const auto *text = std::get_if<std::string>(&v))
    checkText(p, *text, path, faults);
  else if (!std::holds_alternative<bool>(v))
    checkRange(p, v, path, faults);
}

std::string keysOf(const std::vector<Parameter> &declared) {
  std::vector<std::string_view> keys;
  std::transform(declared.begin(), declared.end(), std::back_inserter(keys),
                 [](const Parameter &p) -> std::string_view { return p.key; });
  return fmt::format("{}", fmt::join(keys, ", "));
}

Values fill(const std::vector<Parameter> &declared, Values given, std::string_view path,
            Faults &faults) {
  Values complete;
  for (const Parameter &p : declared) {
    const std::string here = under(path, p.key);
    auto node = given.extract(p.key);
    if (!node.empty()) {
      check(p, node.mapped(), here, faults);
      complete.insert(std::move(node));
    } else if (p.required) {
      faults.push_back({here, fmt::format("is missing: give {} ({})", wanted(p.type), p.help)});
    } else {
      complete.emplace(p.key, p.byDefault);
    }
  }
  for (const auto &unknown : given)
    faults.push_back(
        {under(path, unknown.first), "is unknown here; there are: " + keysOf(declared)});
  return complete;
}

} // namespace

Result<ParameterValues> complete(const std::vector<Parameter> &declared,
                                 std::map<std::string, ParameterValue> given,
                                 std::string_view path) {
  Faults faults;
  Values values = fill(declared, std::move(given), path, faults);
  if (!faults.empty()) return faults;
  return ParameterValues(std::move(values));
}

std::string_view name(ParameterType type) {
  switch (type) {
  case ParameterType::Integer: return "integer";
  case ParameterType::Real: return "real";
  case ParameterType::Boolean: return "boolean";
  case ParameterType::Text: return "text";
  case ParameterType::Duration: return "duration";
  case ParameterType::Address: return "address";
  case ParameterType::Choice: return "choice";
  case ParameterType::Records: return "records";
  }
  return "";
}

} // namespace packetarium::programs
