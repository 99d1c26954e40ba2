// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/codec.h"
#include "tests/core/net/net_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::net;
using packetarium::net::testing::Bench;
using trace::DropReason;
using trace::RecordKind;
using wire::PacketKind;

namespace {

/// inside host - home router with source NAT - outside server behind one more router.
struct Home : Bench {
  Home() {
    inside = node("inside", NodeKind::Host);
    home = node("home", NodeKind::Router);
    isp = node("isp", NodeKind::Router);
    server = node("server", NodeKind::Host);
    join(inside, "192.168.1.10/24", home, "192.168.1.1/24");
    join(home, "203.0.113.7/24", isp, "203.0.113.1/24");
    join(isp, "192.0.2.254/24", server, "192.0.2.1/24");
    route(inside, "0.0.0.0/0", "192.168.1.1", 0);
    route(home, "0.0.0.0/0", "203.0.113.1", 1);
    route(server, "0.0.0.0/0", "192.0.2.254", 0);
    spec(home).nat = NatSpec{1};
    build();
  }
  wire::Packet answerTo(const wire::Packet &p) const {
    wire::Packet back = Bench::udp("0.0.0.0", 10);
    back.ip.destination = p.ip.source;
    back.udp = {p.udp.destinationPort, p.udp.sourcePort};
    return back;
  }
  NodeIndex inside, home, isp, server;
};

} // namespace

TEST_CASE(
    "Outside sees the router's address and a port of its own; the answer finds its way back") {
  Home w;
  w.network.sendIp(w.inside, Bench::udp("192.0.2.1", 100));
  w.at(Duration::seconds(1));
  const auto seen = w.deliveredTo(w.server, PacketKind::Udp);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].ip.source.text() == "203.0.113.7");
  CHECK(seen[0].udp.sourcePort == 61000);
  CHECK(seen[0].origin != seen[0].id);

  w.network.sendIp(w.server, w.answerTo(seen[0]));
  w.run(Duration::seconds(2));
  const auto back = w.deliveredTo(w.inside, PacketKind::Udp);
  REQUIRE(back.size() == 1);
  CHECK(back[0].ip.destination.text() == "192.168.1.10");
  CHECK(back[0].udp.destinationPort == 5000);
}

TEST_CASE("One conversation keeps its mapping, another gets the next port") {
  Home w;
  for (int i = 0; i < 2; ++i) w.network.sendIp(w.inside, Bench::udp("192.0.2.1", 100));
  auto other = Bench::udp("192.0.2.1", 100);
  other.udp.sourcePort = 5001;
  w.network.sendIp(w.inside, other);
  w.run(Duration::seconds(1));
  const auto seen = w.deliveredTo(w.server, PacketKind::Udp);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].udp.sourcePort == seen[1].udp.sourcePort);
  CHECK(seen[2].udp.sourcePort == seen[0].udp.sourcePort + 1);
}

TEST_CASE("What nobody inside asked for is dropped at the router") {
  Home w;
  w.network.sendIp(w.server, Bench::udp("203.0.113.7", 100));
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.home, PacketKind::Udp).empty());
  bool found = false;
  for (const auto &r : w.records())
    found |= r.kind == RecordKind::FrameDropped &&
             r.detail == static_cast<std::uint16_t>(DropReason::NatNoMapping);
  CHECK(found);
}

TEST_CASE("A UDP mapping ends after five idle minutes (RFC 4787 REQ-5)") {
  Home w;
  w.network.sendIp(w.inside, Bench::udp("192.0.2.1", 100));
  w.at(Duration::seconds(302));
  const auto seen = w.deliveredTo(w.server, PacketKind::Udp);
  w.network.sendIp(w.server, w.answerTo(seen.at(0)));
  w.run(Duration::seconds(304));
  CHECK(w.deliveredTo(w.inside, PacketKind::Udp).empty());
}

TEST_CASE("An ICMP error about a translated packet quotes what the inside host sent (RFC 5508)") {
  Home w;
  w.network.sendIp(w.inside, Bench::udp("192.0.2.1", 100, 2)); // dies at isp
  w.run(Duration::seconds(1));
  const auto icmp = w.deliveredTo(w.inside, PacketKind::Icmp);
  REQUIRE(icmp.size() == 1);
  const auto quote = wire::parseQuote(icmp[0].payload);
  REQUIRE(quote);
  CHECK(quote->source.text() == "192.168.1.10");
  CHECK(quote->sourcePort == 5000);
  const auto bytes = icmp[0].payload.toBytes();
  CHECK(wire::internetChecksum({bytes.data(), 20}) == 0);
}

TEST_CASE("Ping works through the translation by its identifier") {
  Home w;
  wire::Packet echo = Bench::udp("192.0.2.1", 8);
  echo.kind = PacketKind::Icmp;
  echo.ip.protocol = 1;
  echo.icmp = {wire::IcmpHeader::EchoRequest, 0, 77u << 16 | 1};
  w.network.sendIp(w.inside, echo);
  w.at(Duration::seconds(1));
  const auto seen = w.deliveredTo(w.server, PacketKind::Icmp);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].icmp.rest >> 16 != 77);
  wire::Packet reply = echo;
  reply.ip.destination = seen[0].ip.source;
  reply.icmp = {wire::IcmpHeader::EchoReply, 0, seen[0].icmp.rest};
  w.network.sendIp(w.server, reply);
  w.run(Duration::seconds(2));
  const auto back = w.deliveredTo(w.inside, PacketKind::Icmp);
  REQUIRE(back.size() == 1);
  CHECK(back[0].icmp.rest == (77u << 16 | 1));
}
