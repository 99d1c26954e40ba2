// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/net/net_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::net;
using packetarium::net::testing::Bench;
using trace::RecordKind;

namespace {

const auto serviceAddress = *wire::Ipv4Address::parse("10.0.0.100");
const wire::MacAddress virtualMac = wire::MacAddress::fromBits(0x00005e000105ULL);

/// A client and two servers on one switch.
struct Lan : Bench {
  Lan() {
    s = node("s", NodeKind::Switch);
    client = node("client", NodeKind::Host);
    first = node("first", NodeKind::Host);
    second = node("second", NodeKind::Host);
    join(client, "10.0.0.1/24", s, "");
    join(first, "10.0.0.11/24", s, "");
    join(second, "10.0.0.12/24", s, "");
    build();
  }
  /// A datagram to the service; which server got it, if any.
  NodeIndex ask(Duration now) {
    delivered.clear();
    network.sendIp(client, udp("10.0.0.100", 10));
    run(now);
    for (const auto &[node, packet] : delivered)
      if (packet.kind == wire::PacketKind::Udp) return node;
    return {};
  }
  NodeIndex s, client, first, second;
};

} // namespace

TEST_CASE("A further address is answered by ARP and taken from then on") {
  Lan w;
  w.network.takeAddress(w.first, 0, serviceAddress, {});
  CHECK(w.network.isLocalAddress(w.first, serviceAddress));
  CHECK(w.ask(Duration::seconds(1)) == w.first);
  CHECK(w.network.device(w.client).arp.at(0).mac == w.spec(w.first).interfaces[0].mac);
}

TEST_CASE("Gratuitous ARP moves an address whose MAC changes in every cache that knows it") {
  Lan w;
  w.network.takeAddress(w.first, 0, serviceAddress, {});
  REQUIRE(w.ask(Duration::seconds(1)) == w.first);
  w.network.releaseAddress(w.first, serviceAddress);
  w.network.takeAddress(w.second, 0, serviceAddress, {});
  CHECK_FALSE(w.ask(Duration::seconds(2)).valid()); // the cache still names the first one's card
  w.network.announceAddress(w.second, serviceAddress);
  w.run(Duration::ms(2500));
  CHECK(w.network.device(w.client).arp.at(0).mac == w.spec(w.second).interfaces[0].mac);
  CHECK(w.ask(Duration::seconds(3)) == w.second);
}

TEST_CASE("A virtual MAC stays in the caches, and the switch learns where it is now") {
  Lan w;
  w.network.takeAddress(w.first, 0, serviceAddress, virtualMac);
  w.network.announceAddress(w.first, serviceAddress);
  w.run(Duration::ms(500));
  REQUIRE(w.ask(Duration::seconds(1)) == w.first);
  CHECK(w.network.device(w.s).macTable.at(virtualMac).interface == 1);
  w.network.crash(w.first);
  w.network.takeAddress(w.second, 0, serviceAddress, virtualMac);
  CHECK_FALSE(w.ask(Duration::seconds(2)).valid());
  w.network.announceAddress(w.second, serviceAddress);
  w.run(Duration::ms(2500));
  CHECK(w.network.device(w.s).macTable.at(virtualMac).interface == 2);
  CHECK(w.network.device(w.client).arp.at(0).mac == virtualMac);
  CHECK(w.ask(Duration::seconds(3)) == w.second);
}

TEST_CASE("Taking, giving up and losing an address in a crash are recorded") {
  Lan w;
  w.network.takeAddress(w.first, 0, serviceAddress, virtualMac);
  w.network.releaseAddress(w.first, serviceAddress);
  w.network.releaseAddress(w.first, serviceAddress);
  w.network.takeAddress(w.first, 0, serviceAddress, virtualMac);
  w.network.crash(w.first);
  const auto held = Bench::only(w.records(), RecordKind::AddressHeld);
  REQUIRE(held.size() == 4);
  CHECK(held[0].detail == 1);
  CHECK(held[1].detail == 0);
  CHECK(held[2].detail == 1);
  CHECK(held[3].detail == 0);
  CHECK(held[0].args[0] == serviceAddress.value);
  CHECK(held[0].args[1] == virtualMac.bits());
}
