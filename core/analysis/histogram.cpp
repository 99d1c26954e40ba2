// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace packetarium::analysis {

// Values below 2^subBits have a bucket each; above, every power of two is cut into 2^(subBits-1).
std::size_t Histogram::bucketOf(std::uint64_t value) {
  constexpr std::uint64_t linear = std::uint64_t{1} << subBits;
  if (value < linear) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - subBits;
  constexpr std::uint64_t half = linear / 2;
  return linear + static_cast<std::size_t>(shift - 1) * half + ((value >> shift) - half);
}

std::uint64_t Histogram::upperOf(std::size_t bucket) {
  constexpr std::uint64_t linear = std::uint64_t{1} << subBits;
  if (bucket < linear) return bucket;
  constexpr std::uint64_t half = linear / 2;
  const std::uint64_t shift = (bucket - linear) / half + 1;
  const std::uint64_t top = half + (bucket - linear) % half;
  return ((top + 1) << shift) - 1;
}

void Histogram::spill() {
  m_buckets.assign(bucketOf(~std::uint64_t{0}) + 1, 0);
  for (const std::uint64_t v : m_exact) ++m_buckets[bucketOf(v)];
  m_exact = {};
  m_sorted = {};
}

void Histogram::add(std::uint64_t value) {
  m_min = m_count == 0 ? value : std::min(m_min, value);
  m_max = std::max(m_max, value);
  m_sum += static_cast<double>(value);
  ++m_count;
  if (m_count == exactMax + 1) spill();
  if (m_buckets.empty())
    m_exact.push_back(value);
  else
    ++m_buckets[bucketOf(value)];
}

double Histogram::mean() const { return m_count == 0 ? 0 : m_sum / static_cast<double>(m_count); }

std::uint64_t Histogram::percentile(double percent) const {
  if (m_count == 0) return 0;
  const double wanted = std::ceil(percent / 100 * static_cast<double>(m_count));
  const auto rank =
      static_cast<std::uint64_t>(std::clamp(wanted, 1.0, static_cast<double>(m_count))); // from 1
  if (m_buckets.empty()) {
    if (m_sorted.size() != m_exact.size()) {
      m_sorted = m_exact;
      std::sort(m_sorted.begin(), m_sorted.end());
    }
    return m_sorted[rank - 1];
  }
  std::uint64_t seen = 0;
  for (std::size_t b = 0; b < m_buckets.size(); ++b) {
    seen += m_buckets[b];
    if (seen >= rank) return std::clamp(upperOf(b), m_min, m_max);
  }
  return m_max;
}

} // namespace packetarium::analysis
