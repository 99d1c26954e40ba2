// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace packetarium {

/// Adds and clamps to the ends of the range instead of wrapping.
constexpr std::int64_t saturatingAdd(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (!__builtin_add_overflow(a, b, &r)) return r;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

constexpr std::int64_t saturatingSub(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (!__builtin_sub_overflow(a, b, &r)) return r;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

constexpr std::int64_t saturatingMul(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (!__builtin_mul_overflow(a, b, &r)) return r;
  return (a > 0) == (b > 0) ? std::numeric_limits<std::int64_t>::max()
                            : std::numeric_limits<std::int64_t>::min();
}

/// A length of simulated time in nanoseconds. Range: about +-292 years; sums saturate at the ends.
class Duration {
public:
  constexpr Duration() = default;
  static constexpr Duration ns(std::int64_t v) { return Duration(v); }
  static constexpr Duration us(std::int64_t v) { return Duration(saturatingMul(v, 1'000)); }
  static constexpr Duration ms(std::int64_t v) { return Duration(saturatingMul(v, 1'000'000)); }
  static constexpr Duration seconds(std::int64_t v) {
    return Duration(saturatingMul(v, 1'000'000'000));
  }
  static constexpr Duration max() { return Duration(std::numeric_limits<std::int64_t>::max()); }

  constexpr std::int64_t ns() const { return m_ns; }
  /// For reading by people and charts only; never feeds the simulation.
  constexpr double toSeconds() const { return static_cast<double>(m_ns) * 1e-9; }
  constexpr double toMs() const { return static_cast<double>(m_ns) * 1e-6; }

  constexpr auto operator<=>(const Duration &) const = default;

private:
  explicit constexpr Duration(std::int64_t v) : m_ns(v) {}
  std::int64_t m_ns = 0;
};

constexpr Duration operator+(Duration a, Duration b) {
  return Duration::ns(saturatingAdd(a.ns(), b.ns()));
}
constexpr Duration operator-(Duration a, Duration b) {
  return Duration::ns(saturatingSub(a.ns(), b.ns()));
}
constexpr Duration operator*(Duration a, std::int64_t k) {
  return Duration::ns(saturatingMul(a.ns(), k));
}
/// k must not be 0.
constexpr Duration operator/(Duration a, std::int64_t k) {
  return Duration::ns(k == -1 ? saturatingSub(0, a.ns()) : a.ns() / k);
}

/// An instant of simulated time: nanoseconds since the start of the run.
class SimTime {
public:
  constexpr SimTime() = default;
  static constexpr SimTime fromNs(std::int64_t v) { return SimTime(v); }
  static constexpr SimTime zero() { return SimTime(0); }
  static constexpr SimTime max() { return SimTime(std::numeric_limits<std::int64_t>::max()); }

  constexpr std::int64_t ns() const { return m_ns; }
  constexpr double toSeconds() const { return static_cast<double>(m_ns) * 1e-9; }

  constexpr auto operator<=>(const SimTime &) const = default;
  constexpr SimTime &operator+=(Duration d) {
    m_ns = saturatingAdd(m_ns, d.ns());
    return *this;
  }

private:
  explicit constexpr SimTime(std::int64_t v) : m_ns(v) {}
  std::int64_t m_ns = 0;
};

constexpr SimTime operator+(SimTime t, Duration d) {
  return SimTime::fromNs(saturatingAdd(t.ns(), d.ns()));
}
constexpr SimTime operator-(SimTime t, Duration d) {
  return SimTime::fromNs(saturatingSub(t.ns(), d.ns()));
}
constexpr Duration operator-(SimTime a, SimTime b) {
  return Duration::ns(saturatingSub(a.ns(), b.ns()));
}

/// "1.5s", "20ms", "3us", "250ns": exact decimal text, shortest unit that keeps it readable.
std::string toString(Duration d);
std::string toString(SimTime t);

} // namespace packetarium
