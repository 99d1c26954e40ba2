// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/rto_estimator.h"
#include "tests/support/catch.h"

using namespace packetarium;
using packetarium::transport::RtoEstimator;

TEST_CASE("samples of 100, 100, 300 and 100 ms give the timeouts of RFC 6298 by hand") {
  RtoEstimator rto(Duration::seconds(1), Duration{}, Duration::seconds(60));
  const std::int64_t sampleMs[] = {100, 100, 300, 100};
  const std::int64_t expectedUs[] = {300'000, 250'000, 437'500, 381'250};
  for (int i = 0; i < 4; ++i) {
    rto.sample(Duration::ms(sampleMs[i]));
    CHECK(rto.unfloored() == Duration::us(expectedUs[i]));
    CHECK(rto.rto() == Duration::us(expectedUs[i]));
  }
}

TEST_CASE("the timeout starts at 1 s, never falls below the minimum, doubles, and is capped") {
  RtoEstimator rto(Duration::seconds(1), Duration::seconds(1), Duration::seconds(60));
  CHECK(rto.rto() == Duration::seconds(1));
  rto.sample(Duration::ms(10));
  CHECK(rto.rto() == Duration::seconds(1));
  CHECK(rto.unfloored() == Duration::ms(30));
  for (const int expected : {2, 4, 8, 16, 32, 60, 60}) {
    rto.backOff();
    CHECK(rto.rto() == Duration::seconds(expected));
  }
  rto.sample(Duration::ms(10));
  CHECK(rto.rto() == Duration::seconds(1));
}

TEST_CASE("without variance the timeout is SRTT plus the clock's granularity") {
  RtoEstimator rto(Duration::seconds(1), Duration{}, Duration::seconds(60));
  for (int i = 0; i < 200; ++i) rto.sample(Duration::ms(100));
  CHECK(rto.unfloored() > Duration::ms(100));
  CHECK(rto.unfloored() - Duration::ms(100) <= Duration::ns(40));
}
