// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/codec.h"
#include "tests/core/net/net_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::net;
using packetarium::net::testing::Bench;
using trace::DropReason;
using trace::RecordKind;
using wire::IcmpHeader;
using wire::PacketKind;

namespace {

/// host a - router r - host b, each link a subnet of its own.
struct Routed : Bench {
  Routed() {
    a = node("a", NodeKind::Host);
    r = node("r", NodeKind::Router);
    b = node("b", NodeKind::Host);
    left = join(a, "10.0.1.2/24", r, "10.0.1.1/24");
    right = join(r, "10.0.2.1/24", b, "10.0.2.2/24");
    route(a, "0.0.0.0/0", "10.0.1.1", 0);
    route(b, "0.0.0.0/0", "10.0.2.1", 0);
    build();
  }
  NodeIndex a, r, b;
  LinkIndex left, right;
};

struct Switched : Bench {
  Switched() {
    s = node("s", NodeKind::Switch);
    for (int i = 0; i < 3; ++i) {
      hosts.push_back(node("h" + std::to_string(i), NodeKind::Host));
      const std::string address = "10.0.0." + std::to_string(i + 1) + "/24";
      links.push_back(join(hosts.back(), address.c_str(), s, ""));
    }
    build();
  }
  NodeIndex s;
  std::vector<NodeIndex> hosts;
  std::vector<LinkIndex> links;
};

std::size_t countDrops(const std::vector<trace::Record> &all, DropReason reason) {
  std::size_t n = 0;
  for (const auto &r : all)
    n += r.kind == RecordKind::FrameDropped && r.detail == static_cast<std::uint16_t>(reason);
  return n;
}

} // namespace

TEST_CASE("A router takes one from the TTL and writes new Ethernet addresses") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100, 64));
  w.run(Duration::seconds(1));
  const auto got = w.deliveredTo(w.b, PacketKind::Udp);
  REQUIRE(got.size() == 1);
  CHECK(got[0].ip.ttl == 63);
  CHECK(got[0].ip.source.text() == "10.0.1.2");
  CHECK(got[0].ethernet.source == w.spec(w.r).interfaces[1].mac);
  CHECK(got[0].ethernet.destination == w.spec(w.b).interfaces[0].mac);
}

TEST_CASE("ARP asks once, by broadcast, and the answer frees the waiting packets in order") {
  Routed w;
  for (int i = 0; i < 3; ++i) w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100));
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.b, PacketKind::Udp).size() == 3);
  // The request reached r, its reply a; r and b likewise.
  CHECK(w.deliveredTo(w.r, PacketKind::Arp).size() == 2);
  CHECK(w.deliveredTo(w.a, PacketKind::Arp).size() == 1);
  CHECK(w.deliveredTo(w.b, PacketKind::Arp).size() == 1);
}

TEST_CASE("An ARP entry is asked for again when it has timed out") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100));
  w.at(Duration::seconds(30));
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100));
  w.at(Duration::seconds(100));
  CHECK(w.deliveredTo(w.a, PacketKind::Arp).size() == 1);
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100));
  w.run(Duration::seconds(101));
  CHECK(w.deliveredTo(w.a, PacketKind::Arp).size() == 2);
}

TEST_CASE(
    "When nobody answers ARP, packets are dropped after three requests and the host hears it") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("10.0.2.77", 100));
  w.run(Duration::seconds(10));
  const auto icmp = w.deliveredTo(w.a, PacketKind::Icmp);
  REQUIRE(icmp.size() == 1);
  CHECK(icmp[0].icmp.type == IcmpHeader::DestinationUnreachable);
  CHECK(icmp[0].icmp.code == 1); // host unreachable
  CHECK(icmp[0].ip.source.text() == "10.0.1.1");
  CHECK(w.deliveredTo(w.b, PacketKind::Arp).size() == 3);
  CHECK(countDrops(w.records(), DropReason::ArpFailed) == 1);
}

TEST_CASE("A TTL that runs out gives ICMP time exceeded with the quoted header") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100, 1));
  w.run(Duration::seconds(1));
  const auto icmp = w.deliveredTo(w.a, PacketKind::Icmp);
  REQUIRE(icmp.size() == 1);
  CHECK(icmp[0].icmp.type == IcmpHeader::TimeExceeded);
  const auto quote = wire::parseQuote(icmp[0].payload);
  REQUIRE(quote);
  CHECK(quote->destination.text() == "10.0.2.2");
  CHECK(quote->sourcePort == 5000);
  CHECK(countDrops(w.records(), DropReason::TtlExpired) == 1);
}

TEST_CASE("Without a route a router answers network unreachable") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("172.16.0.1", 100));
  w.run(Duration::seconds(1));
  REQUIRE(w.deliveredTo(w.a, PacketKind::Icmp).size() == 1);
  CHECK(w.deliveredTo(w.a, PacketKind::Icmp)[0].icmp.code == 0);
  CHECK(countDrops(w.records(), DropReason::NoRoute) == 1);
}

TEST_CASE("No ICMP error is sent about an ICMP error") {
  Routed w;
  wire::Packet error = Bench::udp("10.0.2.2", 0, 1);
  error.kind = PacketKind::Icmp;
  error.ip.protocol = 1;
  error.icmp = {IcmpHeader::TimeExceeded, 0, 0};
  w.network.sendIp(w.a, error);
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.a, PacketKind::Icmp).empty());
}

TEST_CASE("A cut way out is answered with host unreachable and dropped for want of a carrier") {
  Routed w;
  w.network.cut(w.right);
  w.network.sendIp(w.a, Bench::udp("10.0.2.2", 100));
  w.run(Duration::seconds(1));
  REQUIRE(w.deliveredTo(w.a, PacketKind::Icmp).size() == 1);
  CHECK(countDrops(w.records(), DropReason::NoCarrier) == 1);
}

TEST_CASE("What a node sends to itself never touches a wire") {
  Routed w;
  w.network.sendIp(w.a, Bench::udp("10.0.1.2", 100));
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.a, PacketKind::Udp).size() == 1);
  CHECK(w.network.kernel().packetHops == 0);
}

TEST_CASE("A switch floods what it does not know and learns who sent it") {
  Switched w;
  w.network.sendIp(w.hosts[0], Bench::udp("10.0.0.2", 100));
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.hosts[1], PacketKind::Udp).size() == 1);
  // The broadcast request reached both others; the reply and the datagram only their target.
  CHECK(w.deliveredTo(w.hosts[2], PacketKind::Arp).size() == 1);
  CHECK(w.network.device(w.s).macTable.size() == 2);
  CHECK(countDrops(w.records(), DropReason::NotForMe) == 0);
}

TEST_CASE("Limited broadcast reaches everyone on the segment and no further") {
  Switched w;
  w.network.sendIp(w.hosts[0], Bench::udp("255.255.255.255", 100));
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.hosts[1], PacketKind::Udp).size() == 1);
  CHECK(w.deliveredTo(w.hosts[2], PacketKind::Udp).size() == 1);
}

TEST_CASE("A directed broadcast asks nobody's address, with the way out forced or not") {
  Switched w;
  SendOptions options;
  SECTION("forced") { options.interface = 0; }
  SECTION("by the route") {}
  const auto address = w.spec(w.hosts[0]).interfaces[0].address;
  REQUIRE(address);
  w.network.sendIp(w.hosts[0], Bench::udp(address->directedBroadcast().text().c_str(), 100),
                   options);
  w.run(Duration::seconds(1));
  CHECK(w.deliveredTo(w.hosts[1], PacketKind::Udp).size() == 1);
  CHECK(w.deliveredTo(w.hosts[2], PacketKind::Udp).size() == 1);
  CHECK(w.deliveredTo(w.hosts[1], PacketKind::Arp).empty());
}

TEST_CASE("Multicast reaches the members of its group alone") {
  Switched w;
  w.network.joinGroup(w.hosts[1], 0, *wire::Ipv4Address::parse("224.0.0.18"));
  w.network.sendIp(w.hosts[0], Bench::udp("224.0.0.18", 100));
  w.run(Duration::seconds(1));
  REQUIRE(w.deliveredTo(w.hosts[1], PacketKind::Udp).size() == 1);
  CHECK(w.deliveredTo(w.hosts[1], PacketKind::Udp)[0].ethernet.destination.text() ==
        "01:00:5e:00:00:12");
  CHECK(w.deliveredTo(w.hosts[2], PacketKind::Udp).empty());
  const auto drops = Switched::only(w.records(), trace::RecordKind::FrameDropped);
  REQUIRE_FALSE(drops.empty()); // its card lets no group pass that it has not joined
  for (const auto &drop : drops)
    CHECK(drop.detail == static_cast<std::uint16_t>(trace::DropReason::NotForMe));
}

TEST_CASE("Longest-prefix match agrees with a search through all routes") {
  RandomStream random(7, "routes", "test");
  std::vector<Route> routes;
  for (std::uint32_t i = 0; i < 400; ++i) {
    Route r;
    r.prefix.length = static_cast<std::uint8_t>(random.below(33));
    r.prefix.address.value =
        static_cast<std::uint32_t>(random.below(64) << 26 | random.below(1u << 20));
    r.interface = i;
    routes.push_back(r);
  }
  const RouteTable table(routes);
  for (int i = 0; i < 20'000; ++i) {
    const wire::Ipv4Address to{
        static_cast<std::uint32_t>(random.below(64) << 26 | random.below(1u << 20))};
    const Route *best = nullptr;
    for (const Route &r : routes)
      if (r.prefix.contains(to) && (best == nullptr || r.prefix.length > best->prefix.length))
        best = &r;
    const auto found = table.lookup(to);
    REQUIRE(found.has_value() == (best != nullptr));
    if (best != nullptr) REQUIRE(found->interface == best->interface);
  }
}
