// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include "core/base/hash.h"

#include <bit>
#include <cmath>

namespace packetarium {

RandomStream::RandomStream(std::uint64_t seed, std::string_view entityId,
                           std::string_view purpose) {
  std::uint64_t state =
      hashCombine(hashCombine(mix64(seed), hashText(entityId)), hashText(purpose));
  for (auto &word : m_s) {
    state += 0x9e3779b97f4a7c15ULL;
    word = mix64(state);
  }
}

std::uint64_t RandomStream::next() {
  const std::uint64_t result = std::rotl(m_s[1] * 5, 7) * 9;
  const std::uint64_t t = m_s[1] << 17;
  m_s[2] ^= m_s[0];
  m_s[3] ^= m_s[1];
  m_s[1] ^= m_s[2];
  m_s[0] ^= m_s[3];
  m_s[2] ^= t;
  m_s[3] = std::rotl(m_s[3], 45);
  return result;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (std::uint64_t{0} - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double RandomStream::uniform01() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

Duration RandomStream::uniform(Duration low, Duration high) {
  // Modulo 2^64, so that even the whole range of Duration works.
  const auto start = static_cast<std::uint64_t>(low.ns());
  const std::uint64_t count = static_cast<std::uint64_t>(high.ns()) - start + 1;
  return Duration::ns(static_cast<std::int64_t>(start + (count == 0 ? next() : below(count))));
}

Duration RandomStream::exponential(Duration mean) {
  const double u = 1.0 - uniform01(); // in (0, 1], so the logarithm is finite
  const double ns = static_cast<double>(mean.ns()) * -detLog(u);
  return ns < 0x1p63 ? Duration::ns(static_cast<std::int64_t>(ns)) : Duration::max();
}

double RandomStream::normal01() {
  for (;;) {
    const double u = 2.0 * uniform01() - 1.0;
    const double v = 2.0 * uniform01() - 1.0;
    const double s = u * u + v * v;
    if (s > 0.0 && s < 1.0) return u * std::sqrt(-2.0 * detLog(s) / s);
  }
}

double RandomStream::pareto(double xm, double alpha) {
  return xm * detExp(-detLog(1.0 - uniform01()) / alpha);
}

namespace {
constexpr double ln2High = 0x1.62e42fefa3800p-1; // leading 42 bits: k * ln2High is exact
constexpr double ln2Low = 0x1.ef35793c76730p-45;
constexpr double sqrtHalf = 0x1.6a09e667f3bcdp-1;
} // namespace

double detLog(double x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh((m-1)/(m+1)) as an odd series.
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int e = static_cast<int>((bits >> 52) & 0x7ff);
  if (e == 0) return detLog(x * 0x1.0p54) - 54.0 * (ln2High + ln2Low);
  e -= 1022;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3fe0000000000000ULL);
  if (m < sqrtHalf) {
    m *= 2.0;
    --e;
  }
  const double z = (m - 1.0) / (m + 1.0);
  const double z2 = z * z;
  double sum = 0.0;
  for (int k = 23; k >= 3; k -= 2) sum = (sum + 1.0 / k) * z2;
  const double de = e;
  return de * ln2High + (2.0 * z + (2.0 * z * sum + de * ln2Low));
}

double detExp(double x) {
  if (x > 709.782712893383973) return 0x1.fffffffffffffp+1023;
  if (x < -745.133219101941108) return 0.0;
  const double scaled = x / (ln2High + ln2Low);
  const auto k = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double dk = k;
  const double r = (x - dk * ln2High) - dk * ln2Low;
  double sum = 1.0;
  for (int i = 18; i >= 1; --i) sum = 1.0 + sum * r / i;
  // Scale in two steps so that results near the subnormal range do not overflow the exponent.
  const int half = k / 2;
  const auto pow2 = [](int p) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(p + 1023) << 52);
  };
  return sum * pow2(half) * pow2(k - half);
}

} // namespace packetarium
