// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/pcapng.h"
#include "tests/core/wire/samples.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <sstream>

using namespace packetarium;
using namespace packetarium::wire;

namespace {

std::uint32_t word(const std::string &s, std::size_t at) {
  std::uint32_t v = 0;
  for (std::size_t i = 4; i-- > 0;) v = v << 8 | static_cast<std::uint8_t>(s[at + i]);
  return v;
}

/// Types of all blocks; empty when the lengths at both ends of a block differ or do not fit.
std::vector<std::uint32_t> blockTypes(const std::string &file) {
  std::vector<std::uint32_t> types;
  for (std::size_t at = 0; at < file.size();) {
    if (file.size() - at < 12) return {};
    const std::uint32_t size = word(file, at + 4);
    if (size % 4 != 0 || size < 12 || size > file.size() - at) return {};
    if (word(file, at + size - 4) != size) return {};
    types.push_back(word(file, at));
    at += size;
  }
  return types;
}

} // namespace

TEST_CASE("A capture file is a chain of blocks whose lengths agree at both ends") {
  std::ostringstream out;
  PcapngWriter writer(out);
  REQUIRE(writer.begin({"Packetarium", "three bytes: abc"}));
  REQUIRE(writer.addInterface({"client.eth0", "to the switch"}).ok());
  REQUIRE(writer.decryptionSecrets(samples::hexBytes("434c49454e54")));
  REQUIRE(writer.packet(0, SimTime::fromNs(5), samples::hexBytes("010203")));
  const std::string file = out.str();
  CHECK(blockTypes(file) == std::vector<std::uint32_t>{0x0a0d0d0a, 1, 10, 6});
  CHECK(word(file, 8) == 0x1a2b3c4d);
  const std::size_t secrets = file.size() - 36 - 28; // the blocks before the end: 36 and 28 bytes
  CHECK(word(file, secrets) == 10);
  CHECK(word(file, secrets + 8) == 0x544c534b);
  CHECK(word(file, secrets + 12) == 6);
  CHECK(writer.packetCount() == 1);
}

TEST_CASE("Writing out of order or to a full disk is an error with a message") {
  std::ostringstream out;
  PcapngWriter writer(out);
  CHECK_FALSE(writer.addInterface({"a", ""}).ok());
  CHECK_FALSE(writer.packet(0, SimTime::zero(), {}).ok());
  REQUIRE(writer.begin({}));
  CHECK_FALSE(writer.begin({}).ok());
  REQUIRE(writer.addInterface({"a", ""}).ok());
  CHECK_FALSE(writer.packet(1, SimTime::zero(), {}).ok());
  CHECK_FALSE(writer.packet(0, SimTime::fromNs(-1), {}).ok());
  out.setstate(std::ios::badbit);
  const auto full = writer.packet(0, SimTime::zero(), {});
  REQUIRE_FALSE(full.ok());
  CHECK(full.faults()[0].message.find("disk") != std::string::npos);
}

TEST_CASE("tshark reads names, times to the nanosecond, directions and comments") {
  if (!tshark::present()) {
    WARN("tshark is not installed: the capture file was not compared with it");
    return;
  }
  tshark::Capture capture("names");
  PcapngWriter writer(capture.out());
  REQUIRE(writer.begin({"Packetarium 9", "a comment on the file"}));
  REQUIRE(*writer.addInterface({"client.eth0", "to the switch", 1, 262144, 10'000'000}) == 0);
  REQUIRE(*writer.addInterface({"server.eth0", ""}) == 1);
  const Bytes frame = encode(samples::syn());
  REQUIRE(writer.packet(1, SimTime::fromNs(1'000'000'007), frame));
  REQUIRE(writer.packet(0, SimTime::fromNs(123'456'789'012'345'678), frame,
                        PcapngWriter::Direction::Outbound, "dropped: queue full"));
  const auto lines = tshark::split(
      capture.read("-T fields -E separator='|' -e frame.interface_name -e frame.time_epoch"
                   " -e frame.interface_description -e frame.packet_flags_direction"
                   " -e frame.comment -e frame.len"),
      '\n');
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "server.eth0|1.000000007||||62");
  CHECK(lines[1] ==
        "client.eth0|123456789.012345678|to the switch|0x00000002|dropped: queue full|62");
}
