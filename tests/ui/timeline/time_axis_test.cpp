// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/timeline/time_axis.h"

#include <cmath>
#include <random>

using namespace packetarium;
using packetarium::ui::ticksOf;
using packetarium::ui::TimeAxis;

namespace {

TimeAxis axisOf(std::int64_t from, std::int64_t to, std::int64_t end) {
  return {SimTime::fromNs(from), SimTime::fromNs(to), 80, 1000, SimTime::fromNs(end)};
}

} // namespace

TEST_CASE("beside the strip a pointer means no instant, a pixel off it still means its end") {
  TimeAxis axis;
  axis.from = SimTime::zero();
  axis.to = axis.end = SimTime::fromNs(1'000'000'000);
  axis.left = 100;
  axis.width = 200;
  CHECK(axis.under(200) == SimTime::fromNs(500'000'000));
  CHECK(axis.under(99.5) == axis.from);
  CHECK(axis.under(300.5) == axis.to);
  CHECK_FALSE(axis.under(98));
  CHECK_FALSE(axis.under(302));
}

TEST_CASE("the ends of the stretch lie at the ends of the strip") {
  const TimeAxis axis = axisOf(1'000'000, 3'000'000, 10'000'000);
  CHECK(axis.x(axis.from) == 80);
  CHECK(axis.x(axis.to) == 1080);
  CHECK(axis.x(SimTime::fromNs(2'000'000)) == 580);
  CHECK(axis.at(580) == SimTime::fromNs(2'000'000));
}

TEST_CASE("pixel to time and back is the same pixel") {
  const TimeAxis axis = axisOf(0, 60'000'000'000, 60'000'000'000);
  for (int x = 80; x <= 1080; ++x) CHECK(std::abs(axis.x(axis.at(x)) - x) < 0.01);
}

TEST_CASE("beside the strip the time is held to the run") {
  const TimeAxis axis = axisOf(0, 1'000'000, 1'000'000);
  CHECK(axis.at(-500) == SimTime::zero());
  CHECK(axis.at(5000) == SimTime::fromNs(1'000'000));
}

TEST_CASE("zooming leaves the time under the pointer where it is") {
  std::mt19937 random(1);
  TimeAxis axis = axisOf(0, 60'000'000'000, 60'000'000'000);
  axis.zoomAt(500, 20);
  for (int i = 0; i < 200; ++i) {
    const double x = 300 + static_cast<double>(random() % 500);
    const SimTime under = axis.at(x);
    const TimeAxis before = axis;
    axis.zoomAt(x, random() % 2 == 0 ? 1.3 : 0.8);
    const bool atAnEnd =
        axis.from == SimTime::zero() || axis.to == axis.end || axis.span() == before.span();
    if (!atAnEnd) CHECK(std::abs((axis.at(x) - under).ns()) <= axis.span().ns() / 500 + 2);
  }
}

TEST_CASE("no zoom or pan shows anything outside the run") {
  std::mt19937 random(2);
  TimeAxis axis = axisOf(0, 5'000'000, 5'000'000);
  for (int i = 0; i < 1000; ++i) {
    if (random() % 2 == 0)
      axis.zoomAt(80 + static_cast<double>(random() % 1000),
                  0.3 + static_cast<double>(random() % 30) / 10.0);
    else
      axis.panBy(static_cast<double>(random() % 4000) - 2000);
    CHECK(axis.from >= SimTime::zero());
    CHECK(axis.to <= axis.end);
    CHECK(axis.span().ns() >= TimeAxis::spanNsMin);
  }
}

TEST_CASE("ticks are round, in order, and as far apart as asked") {
  for (const std::int64_t span :
       {1'500LL, 70'000LL, 2'345'678LL, 60'000'000'000LL, 7'200'000'000'000LL}) {
    const TimeAxis axis = axisOf(span / 3, span / 3 + span, span * 2);
    const auto ticks = ticksOf(axis, 80);
    REQUIRE(ticks.size() >= 2);
    CHECK(ticks.size() <= 14);
    const std::int64_t step = (ticks[1] - ticks[0]).ns();
    std::int64_t lead = step;
    while (lead % 10 == 0) lead /= 10;
    CHECK((lead == 1 || lead == 2 || lead == 5));
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      CHECK(ticks[i].ns() % step == 0);
      CHECK(ticks[i] >= axis.from);
      CHECK(ticks[i] <= axis.to);
      if (i > 0) CHECK(axis.x(ticks[i]) - axis.x(ticks[i - 1]) >= 79.99);
    }
  }
}

TEST_CASE("following turns the page when the time runs out of the stretch, and only then") {
  TimeAxis axis = axisOf(0, 1'000'000, 10'000'000);
  CHECK_FALSE(axis.follow(SimTime::fromNs(500'000)));
  CHECK(axis.follow(SimTime::fromNs(990'000)));
  CHECK(axis.x(SimTime::fromNs(990'000)) < 300);
  CHECK(axis.span().ns() == 1'000'000);
  CHECK(axis.follow(SimTime::fromNs(100'000)));
  CHECK(axis.from <= SimTime::fromNs(100'000));
}
