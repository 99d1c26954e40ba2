// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect.h"
#include "tests/core/wire/samples.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::wire;
using samples::hexBytes;

namespace {

std::string firstFaultPath(const Bytes &bytes) {
  const auto decoded = vrrp::decode(bytes);
  return decoded ? std::string() : decoded.faults()[0].path;
}

} // namespace

TEST_CASE("An advertisement has the bytes of RFC 9568 section 5.1") {
  const Bytes bytes = vrrp::encode(samples::advertisement()).toBytes();
  // The checksum by hand: 3107+c802+0064+c000+020a+c000+020b = 2_7d82, folded 7d84, negated 827b.
  CHECK(bytes == hexBytes("31 07 c8 02 0064 827b c000020a c000020b"));
  const auto back = vrrp::decode(bytes);
  REQUIRE(back.ok());
  CHECK(*back == samples::advertisement());
  CHECK(vrrp::virtualMac(7).text() == "00:00:5e:00:01:07");
}

TEST_CASE("Each damaged byte of an advertisement is noticed") {
  const Bytes bytes = vrrp::encode(samples::advertisement()).toBytes();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (unsigned flip = 1; flip < 256; ++flip) {
      Bytes damaged = bytes;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ flip);
      REQUIRE_FALSE(vrrp::decode(damaged).ok());
    }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE_FALSE(vrrp::decode(std::span(bytes).first(size)).ok());
}

TEST_CASE("What cannot be an advertisement is refused by the field that is wrong") {
  CHECK(firstFaultPath(hexBytes("21 07 64 01 0001 0000 c000020a")) == "vrrp.version");
  CHECK(firstFaultPath(hexBytes("32 07 64 01 0064 0000 c000020a")) == "vrrp.type");
  CHECK(firstFaultPath(hexBytes("31 07 64 02 0064 0000 c000020a")) == "vrrp.addr_count");
  CHECK(firstFaultPath(hexBytes("31 07 64 00 0064 0000")) == "vrrp.addr_count");
  CHECK(firstFaultPath(hexBytes("31 07 64 01 0064 0000 c000020a")) == "vrrp.checksum");
  auto none = samples::advertisement();
  none.virtualRouterId = 0;
  CHECK(firstFaultPath(vrrp::encode(none).toBytes()) == "vrrp.virt_rtr_id");
  none = samples::advertisement();
  none.maxAdvertiseIntervalCs = 0;
  CHECK(firstFaultPath(vrrp::encode(none).toBytes()) == "vrrp.adver_int");
}

TEST_CASE("A VRRP packet has its class, and a damaged one is shown as such") {
  Packet p = samples::vrrpPacket();
  CHECK(p.protocol == ProtocolClass::Vrrp);
  Bytes frame = encode(p);
  frame[14 + 20 + 2] ^= 1;
  const Dissection d = dissectBytes(frame);
  REQUIRE(findField(d, "vrrp.checksum.status") != nullptr);
  CHECK(findField(d, "vrrp.checksum.status")->malformed);
  CHECK(d.protocol == "VRRP");
}

TEST_CASE("tshark dissects our advertisements without complaint") {
  if (!tshark::present()) {
    WARN("tshark is not installed: VRRP was not compared with it");
    return;
  }
  tshark::Capture capture("vrrp");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({}));
  REQUIRE(writer.addInterface({"test", ""}).ok());
  for (const int priority : {0, 1, 100, 254, 255}) {
    Packet p = samples::vrrpPacket();
    auto advertisement = samples::advertisement();
    advertisement.priority = static_cast<std::uint8_t>(priority);
    p.payload = vrrp::encode(advertisement);
    seal(p);
    REQUIRE(writer.packet(0, SimTime::zero(), encode(p)));
  }
  const std::string plain = capture.readPlain("-o vrrp.v3_checksum_as_in_v2:TRUE -V");
  CHECK(plain.find("Virtual Router Redundancy Protocol") != std::string::npos);
  for (const char *complaint : {"Expert", "Malformed", "incorrect", "Bad checksum"})
    CHECK(plain.find(complaint) == std::string::npos);
  CHECK(plain.find("Priority: 255") != std::string::npos);
}
