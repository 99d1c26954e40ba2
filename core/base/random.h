// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace packetarium {

/// xoshiro256** (Blackman, Vigna 2018), seeded through SplitMix64 from (run seed, entity id,
/// purpose). Streams of different entities are independent, so adding one never shifts another.
class RandomStream {
public:
  RandomStream() : RandomStream(0, "", "") {}
  RandomStream(std::uint64_t seed, std::string_view entityId, std::string_view purpose);

  std::uint64_t next();
  /// Uniform in 0 .. bound-1 without bias (Lemire 2019). bound must be at least 1.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1) with 53 bits.
  double uniform01();
  /// True with the given probability (0 to 1), decided on 53 bits.
  bool chance(double probability) { return uniform01() < probability; }
  /// Uniform in [low, high], whole nanoseconds. low must not exceed high.
  Duration uniform(Duration low, Duration high);
  /// Exponential with the given mean; the result is rounded down to whole nanoseconds.
  Duration exponential(Duration mean);
  /// Standard normal by Marsaglia's polar method on exact arithmetic and detLog.
  double normal01();
  /// Pareto with scale xm > 0 and shape alpha > 0.
  double pareto(double xm, double alpha);

private:
  std::array<std::uint64_t, 4> m_s{};
};

/// Natural logarithm and exponential from + - * / alone, so that they give the same bits with every
/// C library (relative error below 1e-14). x must be positive and finite for detLog.
double detLog(double x);
double detExp(double x);

} // namespace packetarium
