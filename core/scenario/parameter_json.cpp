// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/parameter_json.h"

#include "core/scenario/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::scenario {
namespace {

using programs::Parameter;
using programs::ParameterRow;
using programs::ParameterType;
using programs::ParameterValue;
using Rows = std::vector<ParameterRow>;

std::vector<std::string_view> keysOf(const std::vector<Parameter> &declared) {
  std::vector<std::string_view> keys;
  for (const Parameter &p : declared) keys.push_back(p.key);
  return keys;
}

const Parameter *find(const std::vector<Parameter> &declared, std::string_view key) {
  const auto at = std::find_if(declared.begin(), declared.end(),
                               [key](const Parameter &p) { return p.key == key; });
  return at == declared.end() ? nullptr : &*at;
}

std::optional<ParameterValue> readRows(const Json &value, const Parameter &p,
                                       const std::string &path, FaultList &faults) {
  if (!value.is_array()) {
    faults.add(path, "must be a list of objects, got " + shown(value));
    return {};
  }
  if (value.size() > Limits::listEntries) {
    faults.add(path, fmt::format("has {} entries; at most {} are allowed", value.size(),
                                 Limits::listEntries));
    return {};
  }
  Rows rows;
  for (std::size_t i = 0; i < value.size(); ++i)
    rows.push_back({readParameters(value[i], p.columns, fmt::format("{}[{}]", path, i), faults)});
  return rows;
}

template <class T> std::optional<ParameterValue> boxed(std::optional<T> value) {
  if (!value) return {};
  return ParameterValue(std::move(*value));
}

std::optional<ParameterValue> readValue(const Json &value, const Parameter &p,
                                        const std::string &path, FaultList &faults) {
  switch (p.type) {
  case ParameterType::Integer:
  case ParameterType::Duration:
    return boxed(readInteger(value, path, INT64_MIN, INT64_MAX, faults));
  case ParameterType::Real: return boxed(readReal(value, path, faults));
  case ParameterType::Boolean: return boxed(readBoolean(value, path, faults));
  case ParameterType::Records: return readRows(value, p, path, faults);
  default: return boxed(readText(value, path, faults));
  }
}

/// Bounds which hold for every text and list, whatever the declaration says.
void checkBounds(const ParameterValue &value, const std::string &path, FaultList &faults) {
  if (const auto *text = std::get_if<std::string>(&value)) {
    if (text->size() > Limits::textBytes)
      faults.add(path, fmt::format("must be at most {} bytes long", Limits::textBytes));
    else if (!isPlainText(*text))
      faults.add(path, "must be UTF-8 text without control characters");
  } else if (const auto *rows = std::get_if<Rows>(&value)) {
    if (rows->size() > Limits::listEntries)
      faults.add(path, fmt::format("has {} entries; at most {} are allowed", rows->size(),
                                   Limits::listEntries));
    for (std::size_t i = 0; i < rows->size() && i < Limits::listEntries; ++i)
      for (const auto &[key, v] : (*rows)[i].values)
        checkBounds(v, fmt::format("{}[{}].{}", path, i, key), faults);
  }
}

} // namespace

ParameterMap readParameters(const Json &object, const std::vector<Parameter> &declared,
                            const std::string &path, FaultList &faults) {
  ParameterMap values;
  if (!object.is_object()) {
    faults.add(path, "must be an object, got " + shown(object));
    return values;
  }
  for (const auto &[key, value] : object.items()) {
    const std::string at = path + "." + printable(key);
    if (const Parameter *p = find(declared, key)) {
      if (auto v = readValue(value, *p, at, faults)) values.emplace(key, std::move(*v));
    } else {
      faults.add(at, "unknown key" + hintAmong(key, keysOf(declared)));
    }
  }
  return values;
}

void checkParameters(const ParameterMap &given, const std::vector<Parameter> &declared,
                     const std::string &path, FaultList &faults) {
  for (const auto &[key, value] : given) checkBounds(value, path + "." + printable(key), faults);
  const auto result = programs::complete(declared, given, path);
  if (result.ok()) return;
  for (const Fault &fault : result.faults()) // what could not be read has its fault already
    if (faults.clean(fault.path)) faults.add(fault.path, fault.message);
}

nlohmann::ordered_json parameterJson(const ParameterValue &value) {
  using Ordered = nlohmann::ordered_json;
  const auto *rows = std::get_if<Rows>(&value);
  if (rows == nullptr) {
    if (const auto *v = std::get_if<std::int64_t>(&value)) return *v;
    if (const auto *v = std::get_if<double>(&value)) return *v;
    if (const auto *v = std::get_if<bool>(&value)) return *v;
    return std::get<std::string>(value);
  }
  Ordered list = Ordered::array();
  for (const ParameterRow &row : *rows) {
    Ordered object = Ordered::object();
    for (const auto &[key, v] : row.values) object[key] = parameterJson(v);
    list.push_back(std::move(object));
  }
  return list;
}

} // namespace packetarium::scenario
