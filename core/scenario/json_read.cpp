// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace packetarium::scenario {
namespace {

/// Beyond this a double no longer tells neighbouring integers apart.
constexpr double exactIntegers = 9007199254740992.0;

const Json &emptyList() {
  static const Json empty = Json::array();
  return empty;
}

/// A whole number may also be written as 1e6 or 10.0; gives such a one as an integer.
Json asWhole(const Json &value) {
  if (!value.is_number_float()) return value;
  const double v = value.get<double>();
  if (!(std::fabs(v) <= exactIntegers) || v != std::floor(v)) return value;
  return v < 0 ? Json(static_cast<std::int64_t>(v)) : Json(static_cast<std::uint64_t>(v));
}

template <class T>
void outOfRange(const Json &value, const std::string &path, T minimum, T maximum,
                FaultList &faults) {
  // Compared as doubles only to choose the wording.
  const double v = value.get<double>();
  if (value.is_number_float() && v >= static_cast<double>(minimum) &&
      v <= static_cast<double>(maximum))
    faults.add(path, "must be a whole number, got " + shown(value));
  else if (v < static_cast<double>(minimum))
    faults.add(path, fmt::format("must be at least {}, got {}", minimum, shown(value)));
  else
    faults.add(path, fmt::format("must be at most {}, got {}", maximum, shown(value)));
}

template <class T>
std::optional<T> parsed(const Json &value, const std::string &path, const char *what,
                        FaultList &faults) {
  if (value.is_string())
    if (const auto v = T::parse(value.get_ref<const std::string &>())) return v;
  faults.add(path, fmt::format("must be {}, got {}", what, shown(value)));
  return {};
}

} // namespace

std::string shown(const Json &value) {
  switch (value.type()) {
  case Json::value_t::object: return "an object";
  case Json::value_t::array: return "a list";
  case Json::value_t::string: return inQuotes(value.get_ref<const std::string &>());
  default: return value.dump();
  }
}

std::optional<std::int64_t> readInteger(const Json &value, const std::string &path,
                                        std::int64_t minimum, std::int64_t maximum,
                                        FaultList &faults) {
  if (!value.is_number()) {
    faults.add(path, "must be a whole number, got " + shown(value));
    return {};
  }
  const Json whole = asWhole(value);
  const bool tooLarge = whole.is_number_unsigned() &&
                        whole.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (whole.is_number_integer() && !tooLarge) {
    const auto v = whole.get<std::int64_t>();
    if (v >= minimum && v <= maximum) return v;
  }
  outOfRange(value, path, minimum, maximum, faults);
  return {};
}

std::optional<std::uint64_t> readUnsigned(const Json &value, const std::string &path,
                                          std::uint64_t minimum, std::uint64_t maximum,
                                          FaultList &faults) {
  if (!value.is_number()) {
    faults.add(path, "must be a whole number, got " + shown(value));
    return {};
  }
  const Json whole = asWhole(value);
  if (whole.is_number_integer() && (whole.is_number_unsigned() || whole.get<std::int64_t>() >= 0)) {
    const auto v = whole.get<std::uint64_t>();
    if (v >= minimum && v <= maximum) return v;
  }
  outOfRange(value, path, minimum, maximum, faults);
  return {};
}

std::optional<double> readReal(const Json &value, const std::string &path, FaultList &faults) {
  if (value.is_number()) return value.get<double>();
  faults.add(path, "must be a number, got " + shown(value));
  return {};
}

std::optional<bool> readBoolean(const Json &value, const std::string &path, FaultList &faults) {
  if (value.is_boolean()) return value.get<bool>();
  faults.add(path, "must be true or false, got " + shown(value));
  return {};
}

std::optional<std::string> readText(const Json &value, const std::string &path, FaultList &faults) {
  if (value.is_string()) return value.get<std::string>();
  faults.add(path, "must be text, got " + shown(value));
  return {};
}

std::optional<wire::Ipv4Address> readAddress(const Json &value, const std::string &path,
                                             FaultList &faults) {
  return parsed<wire::Ipv4Address>(value, path, "an IPv4 address such as 10.0.0.1", faults);
}

std::optional<wire::Ipv4Prefix> readPrefix(const Json &value, const std::string &path,
                                           FaultList &faults) {
  return parsed<wire::Ipv4Prefix>(value, path,
                                  "an address with its prefix length such as 10.0.0.1/24", faults);
}

std::optional<wire::MacAddress> readMac(const Json &value, const std::string &path,
                                        FaultList &faults) {
  return parsed<wire::MacAddress>(value, path, "a MAC address such as 02:00:00:00:00:01", faults);
}

ObjectReader::ObjectReader(const Json &value, std::string path, FaultList &faults)
    : m_value(value), m_path(std::move(path)), m_faults(faults) {
  if (!value.is_object()) m_faults.add(m_path, "must be an object, got " + shown(value));
}

const Json *ObjectReader::take(std::string_view key, Need need) {
  m_known.push_back(key);
  if (!m_value.is_object()) return nullptr;
  const auto at = m_value.find(key);
  if (at != m_value.end()) return &*at;
  if (need == Need::Required) m_faults.add(path(key), "is missing");
  return nullptr;
}

std::string ObjectReader::path(std::string_view key) const {
  std::string text = m_path;
  if (!text.empty()) text += '.';
  return text += key;
}

void ObjectReader::text(std::string_view key, std::string &target, Need need) {
  const Json *value = take(key, need);
  if (value == nullptr) return;
  if (auto v = readText(*value, path(key), m_faults)) target = std::move(*v);
}

void ObjectReader::boolean(std::string_view key, bool &target) {
  const Json *value = take(key);
  if (value == nullptr) return;
  if (const auto v = readBoolean(*value, path(key), m_faults)) target = *v;
}

void ObjectReader::real(std::string_view key, double &target) {
  const Json *value = take(key);
  if (value == nullptr) return;
  if (const auto v = readReal(*value, path(key), m_faults)) target = *v;
}

void ObjectReader::integer(std::string_view key, std::int32_t &target, std::int32_t magnitude) {
  const Json *value = take(key, Need::Required);
  if (value == nullptr) return;
  if (const auto v = readInteger(*value, path(key), -magnitude, magnitude, m_faults))
    target = static_cast<std::int32_t>(*v);
}

void ObjectReader::address(std::string_view key, std::optional<wire::Ipv4Address> &target) {
  const Json *value = take(key);
  if (value == nullptr) return;
  if (const auto v = readAddress(*value, path(key), m_faults)) target = *v;
}

const Json &ObjectReader::list(std::string_view key, std::size_t max, Need need) {
  const Json *value = take(key, need);
  if (value == nullptr) return emptyList();
  if (!value->is_array()) {
    m_faults.add(path(key), "must be a list, got " + shown(*value));
    return emptyList();
  }
  if (value->size() <= max) return *value;
  m_faults.add(path(key),
               fmt::format("has {} entries; at most {} are allowed", value->size(), max));
  return emptyList();
}

void ObjectReader::texts(std::string_view key, std::vector<std::string> &target, std::size_t max) {
  const Json &entries = list(key, max);
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (auto v = readText(entries[i], fmt::format("{}[{}]", path(key), i), m_faults))
      target.push_back(std::move(*v));
}

void ObjectReader::finish() {
  if (!m_value.is_object()) return;
  for (const auto &[key, value] : m_value.items())
    if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
      m_faults.add(path(printable(key)),
                   m_faults.full() ? "" : "unknown key" + hintAmong(key, m_known));
}

} // namespace packetarium::scenario
