// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace packetarium {

/// What is wrong with an input: where (a path such as links[3].rate_bps) and what to do about it.
struct Fault {
  std::string path;
  std::string message;
  bool operator==(const Fault &) const = default;
  std::string text() const { return path.empty() ? message : path + ": " + message; }
};

/// A value, or the faults that kept it from being made (at least one).
template <class T> class Result {
public:
  Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
  Result(Fault fault) : m_state(std::in_place_index<1>, std::vector<Fault>{std::move(fault)}) {}
  Result(std::vector<Fault> faults) : m_state(std::in_place_index<1>, std::move(faults)) {}

  bool ok() const { return m_state.index() == 0; }
  explicit operator bool() const { return ok(); }
  const T &value() const & { return std::get<0>(m_state); }
  T &value() & { return std::get<0>(m_state); }
  T &&value() && { return std::get<0>(std::move(m_state)); }
  const T &operator*() const & { return value(); }
  const T *operator->() const { return &value(); }
  const std::vector<Fault> &faults() const { return std::get<1>(m_state); }

private:
  std::variant<T, std::vector<Fault>> m_state;
};

/// Success, or faults.
struct Done {};
using Status = Result<Done>;

} // namespace packetarium
