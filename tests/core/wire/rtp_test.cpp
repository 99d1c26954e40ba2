// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/rtp.h"
#include "tests/core/wire/samples.h"
#include "tests/support/catch.h"

using namespace packetarium::wire;
using samples::hexBytes;

TEST_CASE("An RTP header is the twelve bytes of RFC 3550 section 5.1") {
  const rtp::Header h{true, 0, 0x1234, 0x01020304, 0xcafebabe};
  CHECK(rtp::encode(h) == hexBytes("80 80 1234 01020304 cafebabe"));
  const auto back = rtp::decode(rtp::packet(h, 160));
  REQUIRE(back.ok());
  CHECK(back->header == h);
  CHECK(back->payloadOffset == 12);
  CHECK(back->payloadBytes == 160);
}

TEST_CASE("Contributing sources, extension and padding are stepped over") {
  const auto d = rtp::decode(hexBytes("b1 05 0001 00000002 00000003 aaaaaaaa"
                                      "beef 0001 11223344 01020304 0003 0003"));
  REQUIRE(d.ok());
  CHECK(d->header.payloadType == 5);
  CHECK(d->payloadOffset == 24);
  CHECK(d->payloadBytes == 5);
}

TEST_CASE("RTP with lengths that cannot be is refused") {
  CHECK_FALSE(rtp::decode(hexBytes("80 00 0001 00000002 000000")).ok());
  CHECK_FALSE(rtp::decode(hexBytes("40 00 0001 00000002 00000003")).ok());
  CHECK_FALSE(rtp::decode(hexBytes("8f 00 0001 00000002 00000003")).ok());
  CHECK_FALSE(rtp::decode(hexBytes("90 00 0001 00000002 00000003 beef ffff")).ok());
  CHECK_FALSE(rtp::decode(hexBytes("a0 00 0001 00000002 00000003 05")).ok());
  CHECK_FALSE(rtp::decode(hexBytes("a0 00 0001 00000002 00000003 00")).ok());
}

TEST_CASE("Sequence numbers compare on a circle") {
  CHECK(rtp::sequenceDistance(1, 0xffff) == 2);
  CHECK(rtp::sequenceDistance(0xffff, 1) == -2);
  CHECK(rtp::sequenceDistance(7, 7) == 0);
}
