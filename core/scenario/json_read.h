// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/json_tree.h"
#include "core/wire/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::scenario {

/// A value as a fault shows it: text quoted and cut, containers by what they are.
std::string shown(const Json &value);

// Typed reading of one value. Each reports what is wrong at the path and then gives nothing.
std::optional<std::int64_t> readInteger(const Json &value, const std::string &path,
                                        std::int64_t minimum, std::int64_t maximum,
                                        FaultList &faults);
std::optional<std::uint64_t> readUnsigned(const Json &value, const std::string &path,
                                          std::uint64_t minimum, std::uint64_t maximum,
                                          FaultList &faults);
std::optional<double> readReal(const Json &value, const std::string &path, FaultList &faults);
std::optional<bool> readBoolean(const Json &value, const std::string &path, FaultList &faults);
/// Any text; whether its characters and length are acceptable is validate()'s matter.
std::optional<std::string> readText(const Json &value, const std::string &path, FaultList &faults);
std::optional<wire::Ipv4Address> readAddress(const Json &value, const std::string &path,
                                             FaultList &faults);
std::optional<wire::Ipv4Prefix> readPrefix(const Json &value, const std::string &path,
                                           FaultList &faults);
std::optional<wire::MacAddress> readMac(const Json &value, const std::string &path,
                                        FaultList &faults);

enum class Need { Optional, Required };

/// Reads one object key by key; finish() reports the keys nobody asked for.
class ObjectReader {
public:
  ObjectReader(const Json &value, std::string path, FaultList &faults);

  /// The value of a key; null when absent (reported if required).
  const Json *take(std::string_view key, Need need = Need::Optional);
  std::string path(std::string_view key) const;
  FaultList &faults() { return m_faults; }

  // Each leaves the target alone when the key is absent or its value is wrong.
  void text(std::string_view key, std::string &target, Need need = Need::Optional);
  void boolean(std::string_view key, bool &target);
  void real(std::string_view key, double &target);
  template <class T>
  void number(std::string_view key, T &target, std::uint64_t minimum, std::uint64_t maximum,
              Need need = Need::Optional) {
    const Json *value = take(key, need);
    if (value == nullptr) return;
    if (const auto v = readUnsigned(*value, path(key), minimum, maximum, m_faults))
      target = static_cast<T>(*v);
  }
  void integer(std::string_view key, std::int32_t &target, std::int32_t magnitude);
  void address(std::string_view key, std::optional<wire::Ipv4Address> &target);
  /// The elements of a list of at most max, or nothing.
  const Json &list(std::string_view key, std::size_t max, Need need = Need::Optional);
  void texts(std::string_view key, std::vector<std::string> &target, std::size_t max);

  void finish();

private:
  const Json &m_value;
  std::string m_path;
  FaultList &m_faults;
  std::vector<std::string_view> m_known;
};

} // namespace packetarium::scenario
