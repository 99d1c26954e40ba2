// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/net/net_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>

using namespace packetarium;
using namespace packetarium::net;
using packetarium::net::testing::Bench;
using trace::DropReason;
using trace::RecordKind;

namespace {

/// Two hosts on one fast link that know each other's hardware address already.
struct Pair : Bench {
  Pair() {
    a = node("a", NodeKind::Host);
    b = node("b", NodeKind::Host);
    l = join(a, "10.0.0.1/24", b, "10.0.0.2/24", 1'000'000'000, Duration::ms(10));
    link(l).queuePackets = 100'000;
    build();
    network.sendIp(a, udp("10.0.0.2", 10));
    at(Duration::seconds(1));
    delivered.clear();
    deliveredAt.clear();
  }
  /// Numbered datagrams, back to back; the order in which they came out.
  std::vector<std::uint16_t> sendMany(int count) {
    for (int i = 0; i < count; ++i) {
      wire::Packet p = udp("10.0.0.2", 100);
      p.udp.sourcePort = static_cast<std::uint16_t>(i);
      network.sendIp(a, std::move(p));
    }
    run(Duration::seconds(5));
    std::vector<std::uint16_t> order;
    for (const wire::Packet &p : deliveredTo(b, wire::PacketKind::Udp))
      order.push_back(p.udp.sourcePort);
    return order;
  }
  NodeIndex a, b;
  LinkIndex l;
};

std::size_t dropped(const std::vector<trace::Record> &all, DropReason reason) {
  const auto drops = Bench::only(all, RecordKind::FrameDropped);
  return static_cast<std::size_t>(std::count_if(drops.begin(), drops.end(), [&](const auto &r) {
    return r.detail == static_cast<std::uint16_t>(reason);
  }));
}

} // namespace

TEST_CASE("A duplicating link brings a frame twice as often as it was told to") {
  Pair w;
  w.network.setDuplicate(w.l, 0.25);
  const auto order = w.sendMany(4000);
  // Binomial: 1000 second copies with a deviation of 27.4; four of those either way.
  CHECK(std::abs(static_cast<double>(order.size()) - 5000) < 110);
  for (std::size_t i = 0; i < 4000; ++i)
    REQUIRE(std::find(order.begin(), order.end(), i) != order.end());
}

TEST_CASE("A reordering link loses nothing and lets later frames overtake") {
  Pair w;
  w.network.setReorder(w.l, 0.1);
  auto order = w.sendMany(2000);
  REQUIRE(order.size() == 2000);
  std::size_t late = 0;
  std::uint16_t highest = 0;
  for (const std::uint16_t n : order) {
    late += n < highest ? 1 : 0;
    highest = std::max(highest, n);
  }
  CHECK(late > 120);
  CHECK(late < 280);
  std::sort(order.begin(), order.end());
  CHECK(std::adjacent_find(order.begin(), order.end()) == order.end());
}

TEST_CASE("What is corrupted dies at the far end, and only there") {
  Pair w;
  w.network.setCorrupt(w.l, 0.5);
  const auto order = w.sendMany(2000);
  const auto all = w.records();
  const std::size_t bad = dropped(all, DropReason::Corrupted);
  CHECK(order.size() + bad == 2000);
  CHECK(std::abs(static_cast<double>(bad) - 1000) < 90);
  for (const auto &r : Bench::only(all, RecordKind::FrameDropped)) CHECK(r.node == w.b.value);
}

TEST_CASE("A link that is blocked one way still carries what goes the other way") {
  Pair w;
  w.network.setBlocked(w.l, 1);
  CHECK(w.sendMany(10).empty());
  w.network.sendIp(w.b, Bench::udp("10.0.0.1", 10));
  w.run(Duration::seconds(6));
  CHECK(w.deliveredTo(w.a, wire::PacketKind::Udp).size() == 1);
  w.network.setBlocked(w.l, 0);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.run(Duration::seconds(7));
  CHECK(w.deliveredTo(w.b, wire::PacketKind::Udp).size() == 1);
  CHECK(dropped(w.records(), DropReason::Blocked) == 10);
}

TEST_CASE("A flapping link is cut for half of each period, from the moment it is set") {
  Pair w;
  w.network.setFlap(w.l, Duration::ms(200));
  w.run(Duration::ms(1999));
  CHECK(w.network.link(w.l).up); // it went down at 1.0, 1.2, ... and came up at 1.1, 1.3, ...
  w.run(Duration::ms(2050));
  CHECK_FALSE(w.network.link(w.l).up);
  w.network.setFlap(w.l, Duration{});
  CHECK(w.network.link(w.l).up);
  w.run(Duration::ms(3000));
  const auto states = Bench::only(w.records(), RecordKind::LinkState);
  CHECK(states.size() == 12); // six cuts from 1.0 to 2.0, six times up again
}

TEST_CASE("Nodes on different sides of a partition hear nothing of each other") {
  Pair w;
  w.network.setPartition(w.a, 1);
  w.network.setPartition(w.b, 2);
  CHECK(w.sendMany(5).empty());
  w.network.setPartition(w.b, 1);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.run(Duration::seconds(6));
  CHECK(w.deliveredTo(w.b, wire::PacketKind::Udp).size() == 1);
  w.network.setPartition(w.b, 0);
  w.network.sendIp(w.b, Bench::udp("10.0.0.1", 10));
  w.run(Duration::seconds(7));
  CHECK(w.deliveredTo(w.a, wire::PacketKind::Udp).size() == 1);
  CHECK(dropped(w.records(), DropReason::Partitioned) == 5);
}

TEST_CASE("A clock is ahead by its offset and gains what its drift says") {
  Pair w;
  w.network.setClockOffset(w.a, Duration::ms(250));
  CHECK(w.network.clock(w.a) == SimTime::zero() + Duration::ms(1250));
  w.network.setClockDrift(w.a, 1000);
  w.run(Duration::seconds(11));
  CHECK(w.network.clock(w.a) == SimTime::zero() + Duration::ms(11260));
  w.network.setClockDrift(w.a, 0);
  w.run(Duration::seconds(20));
  CHECK(w.network.clock(w.a) == SimTime::zero() + Duration::ms(20260));
  CHECK(w.network.clock(w.b) == SimTime::zero() + Duration::seconds(20));
  CHECK(w.network.device(w.a).clock.trueSpan(Duration::seconds(1)) == Duration::seconds(1));
}
