// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/net/net_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::net;
using packetarium::net::testing::Bench;
using trace::DropReason;
using trace::RecordKind;

namespace {

/// Two hosts that know each other's hardware address already (a first packet took care of it).
struct TwoHosts : Bench {
  explicit TwoHosts(std::uint64_t rateBps = 1'000'000, std::uint32_t queue = 100, double loss = 0) {
    a = node("a", NodeKind::Host);
    b = node("b", NodeKind::Host);
    l = join(a, "10.0.0.1/24", b, "10.0.0.2/24", rateBps, Duration::ms(10));
    link(l).queuePackets = queue;
    build();
    network.sendIp(a, udp("10.0.0.2", 10));
    at(Duration::seconds(1));
    network.setLoss(l, loss);
    delivered.clear();
    deliveredAt.clear();
  }
  NodeIndex a, b;
  LinkIndex l;
};

std::vector<trace::Record> dropsFor(const std::vector<trace::Record> &all, DropReason reason) {
  std::vector<trace::Record> some;
  for (const auto &r : Bench::only(all, RecordKind::FrameDropped))
    if (r.detail == static_cast<std::uint16_t>(reason)) some.push_back(r);
  return some;
}

} // namespace

TEST_CASE("Transmission time is frame bytes times 8 over the rate, rounded up") {
  CHECK(transmissionTime(1250, 10'000'000) == Duration::ms(1));
  CHECK(transmissionTime(60, 1'000'000'000) == Duration::ns(480));
  CHECK(transmissionTime(1, 3) == Duration::ns(2'666'666'667));
  CHECK(transmissionTime(65535, 1) == Duration::seconds(524280));
}

TEST_CASE("A frame arrives after its transmission time and the link's delay") {
  TwoHosts w;
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1000 - 42));
  w.run(Duration::seconds(2));
  REQUIRE(w.deliveredAt.size() == 1);
  CHECK(w.deliveredAt[0] == SimTime::zero() + Duration::seconds(1) + Duration::ms(8 + 10));
}

TEST_CASE("A short frame is padded to 60 bytes and takes that long") {
  TwoHosts w;
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1));
  w.run(Duration::seconds(2));
  CHECK(w.deliveredAt.at(0) - (SimTime::zero() + Duration::seconds(1)) ==
        Duration::us(480) + Duration::ms(10));
}

TEST_CASE("Frames behind a busy link wait, in order, and leave back to back") {
  TwoHosts w;
  for (int i = 0; i < 4; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1000 - 42));
  w.run(Duration::seconds(2));
  REQUIRE(w.deliveredAt.size() == 4);
  for (int i = 0; i < 4; ++i)
    CHECK(w.deliveredAt[static_cast<std::size_t>(i)] ==
          SimTime::zero() + Duration::seconds(1) + Duration::ms(8 * (i + 1) + 10));
}

TEST_CASE("A full queue drops the newest frame and says so") {
  TwoHosts w(1'000'000, 2);
  for (int i = 0; i < 5; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1000 - 42));
  w.run(Duration::seconds(2));
  CHECK(w.delivered.size() == 3); // one on the wire, two waiting
  CHECK(dropsFor(w.records(), DropReason::QueueFull).size() == 2);
}

TEST_CASE("A random loss rate loses that share of the frames") {
  TwoHosts w(1'000'000'000, 100'000, 0.1);
  constexpr int sent = 20'000;
  for (int i = 0; i < sent; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 100));
  w.run(Duration::seconds(20));
  const auto lost = dropsFor(w.records(), DropReason::LinkLoss).size();
  CHECK(lost + w.delivered.size() == sent);
  // Binomial with p = 0.1: five standard deviations are 212.
  CHECK(std::abs(static_cast<int>(lost) - sent / 10) < 212);
}

TEST_CASE("Jitter delays frames by up to its size and never lets one overtake another") {
  TwoHosts w(1'000'000'000);
  w.network.setJitter(w.l, Duration::ms(5));
  for (int i = 0; i < 50; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 100));
  w.run(Duration::seconds(2));
  REQUIRE(w.deliveredAt.size() == 50);
  CHECK(std::is_sorted(w.deliveredAt.begin(), w.deliveredAt.end()));
  const SimTime latest =
      SimTime::zero() + Duration::seconds(1) + Duration::ms(15) + Duration::us(100);
  CHECK(w.deliveredAt.back() <= latest);
  for (std::size_t i = 1; i < 50; ++i)
    CHECK(w.delivered[i].second.ip.identification ==
          w.delivered[i - 1].second.ip.identification + 1);
}

TEST_CASE("Cutting a link loses what waits and what flies; restoring it carries new frames") {
  TwoHosts w;
  for (int i = 0; i < 4; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1000 - 42));
  w.at(Duration::seconds(1) + Duration::ms(12)); // one has left, one is leaving, two wait
  w.network.cut(w.l);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.at(Duration::seconds(2));
  CHECK(w.delivered.empty());
  w.network.restore(w.l);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.run(Duration::seconds(3));
  CHECK(w.delivered.size() == 1);
  const auto all = w.records();
  CHECK(dropsFor(all, DropReason::LinkCut).size() == 4);
  CHECK(dropsFor(all, DropReason::NoCarrier).size() == 1);
}

TEST_CASE("A changed rate counts from the next frame that leaves") {
  TwoHosts w;
  for (int i = 0; i < 2; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 1000 - 42));
  w.network.setRate(w.l, 8'000'000);
  w.run(Duration::seconds(2));
  const SimTime start = SimTime::zero() + Duration::seconds(1);
  CHECK(w.deliveredAt.at(0) == start + Duration::ms(8 + 10));
  CHECK(w.deliveredAt.at(1) == start + Duration::ms(8 + 1 + 10));
}

TEST_CASE("A crashed node receives nothing; a paused one receives it when it resumes") {
  TwoHosts w;
  w.network.crash(w.b);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.at(Duration::seconds(2));
  CHECK(w.delivered.empty());
  w.network.restart(w.b);
  w.network.pause(w.b);
  w.network.sendIp(w.a, Bench::udp("10.0.0.2", 10));
  w.at(Duration::seconds(3));
  CHECK(w.delivered.empty());
  w.network.resume(w.b);
  w.run(Duration::seconds(4));
  REQUIRE(w.deliveredTo(w.b, wire::PacketKind::Udp).size() == 1);
  CHECK(w.deliveredAt.back() == SimTime::zero() + Duration::seconds(3));
  CHECK(dropsFor(w.records(), DropReason::NodeDown).size() == 1);
}

TEST_CASE("No packet slot is ever leaked") {
  TwoHosts w(1'000'000, 2, 0.3);
  for (int i = 0; i < 50; ++i) w.network.sendIp(w.a, Bench::udp("10.0.0.2", 900));
  w.at(Duration::seconds(1) + Duration::ms(20));
  w.network.cut(w.l);
  w.network.restore(w.l);
  w.network.crash(w.b);
  w.network.sendIp(w.a, Bench::udp("10.0.0.9", 10));
  w.run(Duration::seconds(30));
  CHECK(w.network.kernel().packets.inUse() == 0);
}
