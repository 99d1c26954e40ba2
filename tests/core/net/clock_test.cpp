// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/device.h"
#include "tests/support/catch.h"

#include <cmath>

namespace packetarium::net {
namespace {

SimTime second(double s) { return SimTime::fromNs(std::llround(s * 1e9)); }

} // namespace

TEST_CASE("Setting a clock moves what it shows, not how it measures") {
  NodeClock clock{second(0), Duration::seconds(5), 0, Duration{}};
  CHECK(clock.at(second(1)) == second(6));
  CHECK(clock.steadyAt(second(1)) == second(1));
  clock.setDrift(second(1), 100'000);
  CHECK(clock.at(second(2)) == second(7.1));
  CHECK(clock.steadyAt(second(2)) == second(2.1));
  clock.set(second(2), Duration::seconds(-3600));
  CHECK(clock.at(second(2)) == second(2 - 3600));
  CHECK(clock.steadyAt(second(2)) == second(2.1));
  CHECK(clock.at(second(3)) == second(3.1 - 3600));
  CHECK(clock.steadyAt(second(3)) == second(3.2));
  clock.setDrift(second(3), -100'000);
  CHECK(clock.at(second(4)) == second(4 - 3600)); // what it had gained, it has lost
  CHECK(clock.steadyAt(second(4)) == second(4.1));
}

} // namespace packetarium::net
