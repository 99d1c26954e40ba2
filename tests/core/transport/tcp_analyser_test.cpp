// SPDX-License-Identifier: GPL-3.0-or-later
// What the stack calls a retransmission is what tshark calls one, whatever befalls the segments:
// losses, duplicates, reordering, closed windows and their probes, wrapping numbers.
#include "core/wire/codec.h"
#include "tests/core/transport/pipe.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

wire::Packet packetOf(const Sent &s, bool fromA, std::uint16_t portOfA) {
  wire::Packet p;
  p.kind = wire::PacketKind::Tcp;
  p.ethernet.etherType = 0x0800;
  p.ethernet.source = wire::MacAddress::fromBits(fromA ? 0x020000000001 : 0x020000000002);
  p.ethernet.destination = wire::MacAddress::fromBits(fromA ? 0x020000000002 : 0x020000000001);
  p.ip.protocol = 6;
  p.ip.source = wire::Ipv4Address::of(10, 0, 0, fromA ? 1 : 2);
  p.ip.destination = wire::Ipv4Address::of(10, 0, 0, fromA ? 2 : 1);
  p.tcp = s.header;
  (fromA ? p.tcp.sourcePort : p.tcp.destinationPort) = portOfA;
  p.payload = s.text;
  wire::seal(p);
  return p;
}

Pipe adventure(std::uint64_t seed) {
  RandomStream random(seed, "adventure", "options");
  PipeOptions pipe;
  pipe.loss = 0.04 * static_cast<double>(random.below(4));
  pipe.duplicate = 0.03 * static_cast<double>(random.below(3));
  pipe.jitter = Duration::ms(static_cast<std::int64_t>(random.below(3) * 8));
  pipe.stall = random.below(2) == 0 ? 0.0 : 0.05;
  TcpOptions a, b;
  a.mss = random.below(2) == 0 ? 1460 : 300;
  a.nagle = random.below(2) == 0;
  b.receiveBuffer = random.below(2) == 0 ? 262'144 : 6000;
  const auto iss = 0xffffffffU - static_cast<std::uint32_t>(random.below(60'000));
  Pipe p(a, b, iss, 1, pipe, seed);
  p.open();
  p.stream(0, 2 + random.below(150'000));
  p.stream(1, random.below(30'000));
  p.closeAfterStream(0);
  p.closeAfterStream(1);
  p.run();
  return p;
}

} // namespace

TEST_CASE("at the sender tshark flags exactly the segments that are told as retransmitted") {
  if (!tshark::present()) {
    WARN("tshark is not installed: not compared with it");
    return;
  }
  constexpr std::uint16_t runs = 60;
  tshark::Capture capture("packetarium-adventures");
  wire::PcapngWriter out(capture.out());
  REQUIRE(out.begin({}));
  const auto interface = out.addInterface({"a", {}}).value();
  std::vector<std::string> names; // by frame number - 1
  std::vector<std::string> told, flagged;
  for (std::uint16_t run = 0; run < runs; ++run) {
    const Pipe p = adventure(run);
    const auto port = static_cast<std::uint16_t>(20'000 + run);
    for (const auto &[fromA, s] : p.capture) {
      REQUIRE(out.packet(interface, s.at, wire::encode(packetOf(s, fromA, port))));
      names.push_back("run " + std::to_string(run) + " frame " + std::to_string(names.size()) +
                      " " + text(s));
      // The one kind it names otherwise: a single last byte sent again looks like a keep-alive.
      const bool single = s.text.size() == 1 && !s.header.has(wire::TcpFlags::Fin);
      if (fromA && s.resent && !single) told.push_back(names.back());
    }
  }
  const std::string lines =
      capture.read("-Y 'ip.src == 10.0.0.1 && (tcp.analysis.retransmission || "
                   "tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || "
                   "tcp.analysis.out_of_order)' -T fields -e frame.number -e tcp.len");
  for (const std::string &line : tshark::split(lines, '\n')) {
    if (line.empty()) continue;
    const std::string &name = names.at(std::stoul(line) - 1);
    const bool single =
        line.substr(line.find('\t') + 1) == "1" && name.find("FIN") == std::string::npos;
    if (!single) flagged.push_back(name);
  }
  CHECK(told.size() > 200);
  CHECK(told == flagged);
}
