// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>
#include <vector>

using namespace packetarium;

namespace {

/// A stream in a known state: the class holds xoshiro's four words and nothing else.
RandomStream withState(std::array<std::uint64_t, 4> state) {
  static_assert(sizeof(RandomStream) == sizeof state);
  return std::bit_cast<RandomStream>(state);
}

/// The greatest distance between the sample's distribution and a given one (Kolmogorov, Smirnov).
template <class Cdf> double ksDistance(std::vector<double> sample, Cdf cdf) {
  std::sort(sample.begin(), sample.end());
  double worst = 0;
  const auto n = static_cast<double>(sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(sample[i]);
    worst = std::max({worst, std::abs(f - static_cast<double>(i) / n),
                      std::abs(f - static_cast<double>(i + 1) / n)});
  }
  return worst;
}

/// Exceeded once in ten thousand samples from the right distribution: sqrt(ln(2/1e-4)/2n).
double ksLimit(std::size_t n) { return std::sqrt(std::log(2e4) / (2.0 * static_cast<double>(n))); }

} // namespace

TEST_CASE("The generator gives the published outputs of xoshiro256** from state 1, 2, 3, 4") {
  auto stream = withState({1, 2, 3, 4});
  for (const std::uint64_t expected :
       {11520ULL, 0ULL, 1509978240ULL, 1215971899390074240ULL, 1216172134540287360ULL,
        607988272756665600ULL, 16172922978634559625ULL, 8476171486693032832ULL,
        10595114339597558777ULL, 2904607092377533576ULL})
    CHECK(stream.next() == expected);
}

TEST_CASE("Streams differ by seed, entity and purpose, and repeat for the same three") {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const char *entity : {"", "a", "b", "ab"})
      for (const char *purpose : {"", "a", "b", "loss"})
        firsts.insert(RandomStream(seed, entity, purpose).next());
  CHECK(firsts.size() == 160);
  CHECK(RandomStream(7, "l1", "loss").next() == RandomStream(7, "l1", "loss").next());
}

TEST_CASE("below() is uniform by the chi-square test for bounds that do not divide 2^64") {
  for (const std::uint64_t bound : {3ULL, 10ULL, 1000ULL}) {
    RandomStream stream(42, "test", "uniform");
    std::vector<int> counts(bound, 0);
    const int draws = 200'000;
    for (int i = 0; i < draws; ++i) ++counts[stream.below(bound)];
    const double expected = static_cast<double>(draws) / static_cast<double>(bound);
    double chi2 = 0;
    for (const int c : counts) chi2 += (c - expected) * (c - expected) / expected;
    const double freedom = static_cast<double>(bound) - 1;
    // Wilson and Hilferty: the cube root of chi2/k is nearly normal; 3.72 is exceeded once in 10^4.
    const double z =
        (std::cbrt(chi2 / freedom) - (1 - 2 / (9 * freedom))) / std::sqrt(2 / (9 * freedom));
    CHECK(std::abs(z) < 3.72);
  }
}

TEST_CASE("below() rejects what would bias bounds just above half of 2^64") {
  // Without rejection, every third outcome of this bound would come twice as often.
  const std::uint64_t bound = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  RandomStream stream(1, "test", "bias");
  int thirds[3] = {};
  for (int i = 0; i < 90'000; ++i) ++thirds[stream.below(bound) % 3];
  for (const int count : thirds) CHECK(std::abs(count - 30'000) < 4 * 142); // 4 sigma
}

TEST_CASE("Uniform durations cover both ends and the whole range") {
  RandomStream stream(1, "test", "range");
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(stream.uniform(Duration::ns(-2), Duration::ns(2)).ns());
  CHECK(seen == std::set<std::int64_t>{-2, -1, 0, 1, 2});
  CHECK(stream.uniform(Duration::ms(5), Duration::ms(5)) == Duration::ms(5));
  int negative = 0;
  const Duration lowest = Duration::ns(std::numeric_limits<std::int64_t>::min());
  for (int i = 0; i < 1000; ++i)
    negative += stream.uniform(lowest, Duration::max()).ns() < 0 ? 1 : 0;
  CHECK(negative > 400);
  CHECK(negative < 600);
}

TEST_CASE("Exponential, normal and Pareto draws follow their distribution functions") {
  const std::size_t n = 50'000;
  RandomStream stream(9, "test", "shapes");
  std::vector<double> exponential, normal, pareto;
  for (std::size_t i = 0; i < n; ++i) {
    exponential.push_back(stream.exponential(Duration::ms(10)).toMs());
    normal.push_back(stream.normal01());
    pareto.push_back(stream.pareto(1.05, 1.51));
  }
  CHECK(ksDistance(exponential, [](double x) { return 1 - std::exp(-x / 10); }) < ksLimit(n));
  CHECK(ksDistance(normal, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }) <
        ksLimit(n));
  CHECK(ksDistance(pareto, [](double x) { return x < 1.05 ? 0.0 : 1 - std::pow(1.05 / x, 1.51); }) <
        ksLimit(n));
}

TEST_CASE("An exponential with the longest mean saturates instead of overflowing") {
  RandomStream stream(3, "test", "long");
  for (int i = 0; i < 1000; ++i) CHECK(stream.exponential(Duration::max()).ns() >= 0);
}

TEST_CASE("chance() never happens at 0, always at 1, and as often as told in between") {
  RandomStream stream(5, "test", "chance");
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) {
    CHECK_FALSE(stream.chance(0.0));
    CHECK(stream.chance(1.0));
    hits += stream.chance(0.01) ? 1 : 0;
  }
  CHECK(std::abs(hits - 1000) < 4 * 32);
}

TEST_CASE("detLog and detExp agree with the C library within 1e-14") {
  RandomStream stream(11, "test", "det");
  for (int i = 0; i < 200'000; ++i) {
    const double exponent = stream.uniform01() * 1400 - 700;
    const double x = std::exp(exponent);
    REQUIRE(detLog(x) == Approx(std::log(x)).epsilon(1e-14).margin(1e-15));
    REQUIRE(detExp(exponent) == Approx(std::exp(exponent)).epsilon(1e-14).margin(0));
    // Near 1 the logarithm is near 0, where a relative error is hardest to keep.
    const double near = 1 + (stream.uniform01() - 0.5) * 1e-3;
    REQUIRE(detLog(near) == Approx(std::log(near)).epsilon(1e-14).margin(0));
  }
}

TEST_CASE("detLog and detExp keep to the C library at the ends of the range") {
  for (const double x : {5e-324, 2.2250738585072014e-308, 1e-310, 0.5, 0.70710678118654746,
                         0.70710678118654757, 1.0, 1.7976931348623157e308})
    CHECK(detLog(x) == Approx(std::log(x)).epsilon(1e-14).margin(0));
  CHECK(detLog(1.0) == 0.0);
  CHECK(detExp(0.0) == 1.0);
  for (const double x : {-708.0, -1e-20, 1e-20, 709.0, 709.5, 709.78})
    CHECK(detExp(x) == Approx(std::exp(x)).epsilon(1e-14).margin(0));
  CHECK(detExp(-745.0) == std::exp(-745.0));
  CHECK(detExp(-800.0) == 0.0);
  CHECK(std::isfinite(detExp(1e6)));
}
