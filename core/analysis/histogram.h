// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace packetarium::analysis {

/// Percentiles of many non-negative integers (nanoseconds, bytes) in bounded memory: exact while
/// there are few values, afterwards within 1/64 of the value (log-linear buckets as in
/// HdrHistogram). Percentiles are nearest-rank: the smallest value with at least p % at or below.
class Histogram {
public:
  static constexpr std::size_t exactMax = 4096;

  void add(std::uint64_t value);
  std::uint64_t count() const { return m_count; }
  std::uint64_t min() const { return m_count == 0 ? 0 : m_min; }
  std::uint64_t max() const { return m_max; }
  double mean() const;
  /// percent in 0 to 100; 0 when empty.
  std::uint64_t percentile(double percent) const;

private:
  static constexpr int subBits = 7;
  static std::size_t bucketOf(std::uint64_t value);
  static std::uint64_t upperOf(std::size_t bucket);
  void spill();

  std::vector<std::uint64_t> m_exact; ///< in order of coming; empty once spilled
  mutable std::vector<std::uint64_t> m_sorted;
  std::vector<std::uint64_t> m_buckets;
  std::uint64_t m_count = 0, m_min = 0, m_max = 0;
  double m_sum = 0;
};

} // namespace packetarium::analysis
