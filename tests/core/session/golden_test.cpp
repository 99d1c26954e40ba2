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
      {"busy-bottleneck", "ce84e5f445ade8f5"},
      {"expired-certificate", "a2a7257fb539d234"},
      {"eavesdropper", "1b4fddf385f1eaae"},
      {"hop-by-hop", "c72547f7f27bb1b3"},
      {"http-forgets", "dba0804fc206c939"},
      {"https-handshake", "d5ea3238e4452ff4"},
      {"https-tls12", "f298ac6356237afe"},
      {"lossy-link", "c4d54d17c05fdb00"},
      {"man-in-the-middle", "7c0b7f7aebd29b11"},
      {"no-such-name", "1cb88aa94d1a19aa"},
      {"resumption-0rtt", "93744823139a0319"},
      {"tcp-lifecycle", "c3027a24813f606c"},
      {"cap-dial", "051717eff7b9364a"},
      {"clocks-disagree", "ef7812d894d3be6c"},
      {"two-primaries", "e04c90cd97c68923"},
      {"two-paths", "d37f6dab7cb75379"},
      {"web-request", "9719c9cfb43db3c2"},
      {"active-active-balancer", "32c6b3064ec0df60"},
      {"active-active-dns", "4c4519ef3900ad29"},
      {"active-passive-cold", "b144cbc0855c2a7b"},
      {"active-passive-hot", "b144cbc0855c2a7b"},
      {"drifted-standby", "282da185277da610"},
      {"witness", "da61491f6fcc5b7b"},
      {"split-brain", "d15c8b1ae4f2a26b"},
      {"lost-write", "52e202f6fc2b9f91"},
      {"quorums", "29f0da850c40f1c4"},
      {"ap-partition", "f333dd5659117d05"},
      {"cp-partition", "ebde3329fec7d148"},
      {"primary-replicas", "3f37a34f19e9d99e"},
      {"promote-replica", "e4610fd555bbba62"},
      {"leader-election", "822e2294801a66d2"},
      {"split-vote", "f01e1cf9383845c7"},
      {"diverged-log", "ff320a01a60d9c1d"},
      {"membership-change", "7ca643c89497fbac"},
      {"consistency-patterns", "45c146ce6c793838"},
      {"stale-read", "d9564ff79a38009b"},
      {"last-seat", "185c0e1aa4033ad9"},
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
