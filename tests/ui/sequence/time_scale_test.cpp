// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/sequence/time_scale.h"

#include <algorithm>
#include <random>

using namespace packetarium;
using packetarium::ui::LadderInstant;
using packetarium::ui::TimeScale;
using packetarium::ui::TimeScaleOptions;
using Kind = LadderInstant::Kind;

namespace {

SimTime us(std::int64_t v) { return SimTime::fromNs(v * 1000); }

std::vector<LadderInstant> randomInstants(unsigned seed, int count) {
  std::mt19937 random(seed);
  std::vector<LadderInstant> out;
  std::int64_t at = 0;
  for (int i = 0; i < count; ++i) {
    // Gaps from nothing to seconds, as bursts and pauses make them.
    const unsigned power = random() % 8;
    std::int64_t gap = 1;
    for (unsigned p = 0; p < power; ++p) gap *= 10;
    at += random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 10) * gap;
    out.push_back({SimTime::fromNs(at), static_cast<Kind>(random() % 3)});
  }
  std::shuffle(out.begin(), out.end(), random);
  return out;
}

} // namespace

TEST_CASE("later is lower on the ladder, whatever happens when") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const auto instants = randomInstants(seed, 200);
    const TimeScale scale(instants, {.pxPerMs = 0.5 + seed % 5});
    std::vector<SimTime> times;
    for (const auto &i : instants) times.push_back(i.at);
    const SimTime last = *std::max_element(times.begin(), times.end());
    for (int i = 0; i < 50; ++i) times.push_back(SimTime::fromNs(last.ns() / 50 * i));
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    for (std::size_t i = 1; i < times.size(); ++i) {
      INFO("seed " << seed << ", " << times[i - 1].ns() << " and " << times[i].ns());
      REQUIRE(scale.y(times[i - 1]) < scale.y(times[i]));
    }
  }
}

TEST_CASE("a time's height leads back to it") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const auto instants = randomInstants(seed, 100);
    const TimeScale scale(instants, {});
    std::int64_t last = 0;
    std::int64_t first = instants.front().at.ns();
    for (const auto &i : instants) {
      last = std::max(last, i.at.ns());
      first = std::min(first, i.at.ns());
    }
    for (std::int64_t part = 0; part <= 97; ++part) {
      const std::int64_t t = first + (last - first) / 97 * part; // nothing is drawn before first
      const double back = static_cast<double>(scale.at(scale.y(SimTime::fromNs(t))).ns());
      // To the nanosecond, as far as pixels in double precision can tell.
      REQUIRE(back == Approx(static_cast<double>(t)).margin(2).epsilon(1e-9));
    }
  }
}

TEST_CASE("starts of arrows keep their distance, and marks have room for words") {
  std::vector<LadderInstant> instants;
  for (int i = 0; i < 20; ++i) instants.push_back({us(i), Kind::Start});
  instants.push_back({us(25), Kind::Mark});
  const TimeScaleOptions options;
  const TimeScale scale(instants, options);
  for (int i = 1; i < 20; ++i)
    REQUIRE(scale.y(us(i)) - scale.y(us(i - 1)) >= options.startPx - 1e-9);
  REQUIRE(scale.y(us(25)) - scale.y(us(19)) >= options.markPx - 1e-9);
}

TEST_CASE("within a stretch that needs neither, the scale is true") {
  const TimeScaleOptions options{.pxPerMs = 2};
  const TimeScale scale({{us(0), Kind::Start}, {us(10'000), Kind::End}}, options);
  REQUIRE(scale.y(us(10'000)) == Approx(20));
  REQUIRE(scale.y(us(2'500)) == Approx(5));
  REQUIRE(scale.breaks().empty());
}

TEST_CASE("a pause of seconds is shortened and said so; a handshake before it is not") {
  const TimeScaleOptions options{.pxPerMs = 1};
  const TimeScale scale({{us(0), Kind::Start},
                         {us(20'000), Kind::End},
                         {us(20'100), Kind::Start},
                         {us(40'000), Kind::End},
                         {us(2'020'000), Kind::Start}},
                        options);
  REQUIRE(scale.breaks().size() == 1);
  REQUIRE(scale.breaks().front().from == us(40'000));
  REQUIRE(scale.breaks().front().to == us(2'020'000));
  REQUIRE(scale.breaks().front().toY - scale.breaks().front().fromY == Approx(options.stillPxMax));
  REQUIRE(scale.y(us(20'000)) == Approx(20));
}

TEST_CASE("time after the last arrow goes on, ever more slowly, and never past a limit") {
  const TimeScaleOptions options;
  const TimeScale scale({{us(0), Kind::Start}, {us(5'000), Kind::End}}, options);
  double before = scale.height();
  for (int ms = 6; ms < 100; ++ms) {
    const double y = scale.y(us(ms * 1000));
    REQUIRE(y > before);
    before = y;
  }
  REQUIRE(scale.y(SimTime::fromNs(1'000'000'000'000)) <= scale.height() + options.stillPxMax);
}

TEST_CASE("an empty ladder has no height") {
  const TimeScale scale;
  REQUIRE(scale.isEmpty());
  REQUIRE(scale.height() == 0);
  REQUIRE(scale.y(us(5)) == 0);
}
