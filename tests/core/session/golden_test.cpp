// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <map>
#include <string>

using namespace packetarium;

namespace {

/// The first ten simulated seconds of each built-in scenario. A change of these numbers is a change
/// of what users see, on purpose or not; they are the same with every compiler and optimisation.
const std::map<std::string, std::string> &golden() {
  static const std::map<std::string, std::string> values{
      {"busy-bottleneck", "ce84e5f445ade8f5"}, {"hop-by-hop", "1d6c26a0568ffa0f"},
      {"lossy-link", "93ab94d9cebb9807"},      {"no-such-name", "a49a322798e1a154"},
      {"tcp-lifecycle", "b90073e28cca502d"},   {"two-paths", "eaeb6f14b2ddf450"},
      {"web-request", "1737e11302f169f4"},
  };
  return values;
}

std::string fingerprintOf(const std::string &id) {
  const auto document = scenario::loadBuiltIn(id);
  REQUIRE(document.ok());
  const auto built = scenario::build(*document);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + Duration::seconds(10);
  session::Runner runner(built->plan, built->script, end);
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    runner.takeChunks();
  }
  return fmt::format("{:016x}", runner.world().fingerprint());
}

} // namespace

TEST_CASE("Built-in scenarios have their golden fingerprints") {
  for (const std::string &id : scenario::builtInIds()) {
    INFO(id);
    REQUIRE(golden().contains(id));
    CHECK(fingerprintOf(id) == golden().at(id));
  }
}
