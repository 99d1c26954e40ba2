// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/shell/simulated_handshake.h"

using namespace packetarium;
using namespace packetarium::ui;

TEST_CASE("a simulated handshake is told in the words of a real one") {
  RunStage stage(QStringLiteral("https-handshake"));
  stage.playback.seek(SimTime::fromNs(1'500'000'000));
  REQUIRE(QTest::qWaitFor([&] { return !stage.playback.isPending(); }, 10'000));
  const auto facts = simulatedHandshake(stage.state);
  REQUIRE(facts);
  CHECK(facts->version.value == u"TLS 1.3");
  CHECK(facts->suite.value == u"TLS_AES_128_GCM_SHA256");
  CHECK(facts->group.value == u"X25519");
  CHECK(facts->session.value == u"full handshake");
  CHECK(facts->roundTrips.value == u"2: TCP 1, TLS 1");
  CHECK(facts->verdict == ChainVerdict::Trusted);
  REQUIRE(facts->chain.size() == 2);
  CHECK(facts->chain[0].issuer == facts->chain[1].subject);
  REQUIRE(facts->phases.size() == 3);
  qint64 end = 0;
  for (const PhaseTime &phase : facts->phases) { // one begins where the other ends
    CHECK(phase.startNs == end);
    CHECK(phase.durationNs > 0);
    end += phase.durationNs;
  }
}

TEST_CASE("before its first handshake a simulation has none to show") {
  RunStage stage(QStringLiteral("https-handshake"));
  stage.playback.seek(SimTime::fromNs(1'000'000));
  REQUIRE(QTest::qWaitFor([&] { return !stage.playback.isPending(); }, 10'000));
  CHECK_FALSE(simulatedHandshake(stage.state));
}
