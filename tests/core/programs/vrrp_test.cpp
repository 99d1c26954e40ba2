// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/vrrp.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/pair_lab.h"
#include "tests/support/catch.h"

#include <limits>

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace pair;
using Kind = world::Action::Kind;
using Names = std::vector<std::string>;

constexpr Duration advertised = Duration::seconds(1);
constexpr Duration skew100 = Duration::us(609'375); // (256 - 100) / 256 s

/// One router and its hands.
struct Router {
  FakeContext ctx;
  std::unique_ptr<Program> program;
  const wire::Ipv4Address other = wire::Ipv4Address::of(192, 0, 2, 2);

  explicit Router(Given given) {
    ctx.setNode(lab().plan()->network.nodes[0]);
    program = make("vrrp", std::move(given));
    program->start(ctx);
    run(Duration{});
  }
  void run(Duration d) { ctx.runFor(*program, d); }
  SocketEvent packet(std::uint8_t priority, std::uint16_t intervalCs = 100) const {
    SocketEvent e;
    e.kind = SocketEvent::Kind::Packet;
    e.packet.kind = wire::PacketKind::Ip;
    e.packet.ip.source = other;
    e.packet.ip.protocol = 112;
    e.packet.ip.ttl = 255;
    e.packet.payload = wire::vrrp::encode({1, priority, intervalCs, {virtualIp}});
    return e;
  }
  void hear(const SocketEvent &event) { program->onSocket(ctx, event); }
  bool active() const { return ctx.addresses.count(virtualIp) > 0; }
  /// How long it takes from now on until it is active.
  Duration untilActive() {
    const SimTime from = ctx.now();
    while (!active()) run(Duration::ns(15'625)); // divides every skew time of whole seconds
    return ctx.now() - from;
  }
};

wire::vrrp::Advertisement read(const wire::Packet &p) {
  return *wire::vrrp::decode(p.payload.toBytes());
}

Lab clientAndServers(Given forA, Given forB) {
  Lab l = lab();
  l.run("a", "vrrp", vrrp(200, std::move(forA))).run("b", "vrrp", vrrp(100, std::move(forB)));
  for (const char *server : {"a", "b"}) l.run(server, "http-server");
  l.run("client", "client-load",
        {{"url", "http://" + virtualAddress + "/"}, {"rate_rps", 20.0}, {"start_ns", 3900000000}});
  return l;
}

/// What the ARP cache of the client says about the virtual address, in order.
std::vector<wire::MacAddress> learnedByClient(const Run &run) {
  std::vector<wire::MacAddress> out;
  for (const Line &l : run.of(trace::RecordKind::ArpLearned))
    if (l.record.node == client.value && l.record.args[0] == virtualIp.value)
      out.push_back(wire::MacAddress::fromBits(l.record.args[1]));
  return out;
}

} // namespace

TEST_CASE("A backup of priority 100 takes over after exactly 3.609375 seconds of silence") {
  Router r(vrrp(100));
  CHECK(r.untilActive() == advertised * 3 + skew100);
  Router again(vrrp(100));
  again.run(Duration::ms(1234));
  again.hear(again.packet(200));
  CHECK(again.untilActive() == Duration::ns(3'609'375'000));
}

TEST_CASE("The interval and the skew time are those of the active router's advertisements") {
  Router r(vrrp(50));
  r.hear(r.packet(200, 300)); // 3 * 3 s and (256 - 50) / 256 * 3 s
  CHECK(r.untilActive() == Duration::seconds(9) + Duration::ns(2'414'062'500));
  CHECK(read(r.ctx.raw.back()).maxAdvertiseIntervalCs == 100); // its own again
}

TEST_CASE("Priority 0 says goodbye: the backup waits for its skew time only") {
  Router r(vrrp(100));
  r.hear(r.packet(200));
  r.run(Duration::ms(400));
  r.hear(r.packet(0));
  CHECK(r.untilActive() == skew100);
}

TEST_CASE("The owner of the addresses is active at once and hears nobody") {
  Router r(vrrp(255));
  CHECK(r.active());
  REQUIRE(r.ctx.raw.size() == 1);
  CHECK(read(r.ctx.raw[0]).priority == 255);
  CHECK(r.ctx.announced == std::vector{virtualIp});
  r.hear(r.packet(255));
  CHECK(r.active());
}

TEST_CASE("An active router advertises from the virtual MAC address with a TTL of 255") {
  Router r(vrrp(255, {{"virtual_router_id", 9}, {"advert_interval_ns", 250'000'000}}));
  r.run(Duration::seconds(1));
  REQUIRE(r.ctx.raw.size() == 5);
  const wire::Packet &p = r.ctx.raw.back();
  CHECK(p.ip.ttl == 255);
  CHECK(p.ip.destination == wire::vrrp::group);
  CHECK(p.ethernet.source.text() == "00:00:5e:00:01:09");
  CHECK(read(p) == wire::vrrp::Advertisement{9, 255, 25, {virtualIp}});
  CHECK(r.ctx.addresses.at(virtualIp) == wire::vrrp::virtualMac(9));
}

TEST_CASE("What section 7.1 refuses does not keep a backup quiet") {
  Router r(vrrp(100));
  r.run(Duration::seconds(3));
  SocketEvent far = r.packet(200);
  far.packet.ip.ttl = 254;
  r.hear(far);
  SocketEvent broken = r.packet(200);
  broken.packet.payload = wire::Payload::pattern(0, 12);
  r.hear(broken);
  SocketEvent elsewhere = r.packet(200);
  elsewhere.packet.payload = wire::vrrp::encode({2, 200, 100, {virtualIp}});
  r.hear(elsewhere);
  SocketEvent otherCard = r.packet(200);
  otherCard.interface = 1;
  r.hear(otherCard);
  CHECK(r.untilActive() == skew100);
}

TEST_CASE("A backup takes over from a lower priority, unless it may not preempt") {
  for (const bool preempts : {true, false}) {
    Router r(vrrp(150, {{"preempt", preempts}}));
    for (int second = 0; second < 10; ++second) {
      r.hear(r.packet(100));
      r.run(advertised);
    }
    CHECK(r.active() == preempts);
  }
}

TEST_CASE("A delay of preemption counts from the first advertisement of a lower priority") {
  Router r(vrrp(150, {{"preempt_delay_ns", 5'000'000'000}}));
  SimTime at;
  for (int second = 0; second < 20 && !r.active(); ++second) {
    r.hear(r.packet(100));
    r.run(advertised);
    at = r.ctx.now();
  }
  // Heard at 0, 1, ... 5 s; that of 4 s is the last one it follows.
  CHECK(at == testing::at(Duration::seconds(8)));
}

TEST_CASE("An active router gives way to a higher priority, and to a higher address at the same") {
  for (const int priority : {99, 100, 101}) {
    Router r(vrrp(100));
    r.run(Duration::seconds(4));
    REQUIRE(r.active());
    const std::size_t sent = r.ctx.raw.size();
    r.hear(r.packet(static_cast<std::uint8_t>(priority)));
    CHECK(r.active() == (priority == 99)); // .2 is higher than our .1
    // RFC 9568 6.4.3: to a lower one it says at once that it is the active one.
    CHECK(r.ctx.raw.size() == sent + (priority == 99 ? 1U : 0U));
  }
}

TEST_CASE("An active router that hears priority 0 advertises at once") {
  Router r(vrrp(100));
  r.run(Duration::seconds(4));
  const std::size_t sent = r.ctx.raw.size();
  r.hear(r.packet(0));
  CHECK(r.ctx.raw.size() == sent + 1);
  CHECK(r.active());
}

TEST_CASE("Servers of the same node hear whether to serve") {
  Router r(vrrp(100));
  CHECK(r.ctx.news == std::vector<std::pair<std::string, std::string>>{{"service.web", "standby"}});
  r.run(Duration::seconds(4));
  CHECK(r.ctx.news.back() == std::pair<std::string, std::string>{"service.web", "active"});
}

TEST_CASE("A crash moves the service, and the preferred router takes it back") {
  Run run(clientAndServers({}, {}));
  run.apply(Duration::seconds(8), {Kind::CrashNode, a, {}, 0});
  run.apply(Duration::seconds(16), {Kind::RestartNode, a, {}, 0});
  run.until(Duration::seconds(24));
  CHECK(roleNames(run) ==
        Names{"a backup", "b backup", "a active", "b active", "a backup", "a active", "b backup"});
  CHECK(stageAt(run, b, "suspected", Duration::seconds(8)) <
        stageAt(run, b, "decided", Duration::seconds(8)));
  CHECK(stageAt(run, b, "reachable", Duration::seconds(8)) < testing::at(Duration::seconds(12)));
  CHECK(bothActive(run, testing::at(Duration::seconds(24))) < Duration::ms(1));
  CHECK(run.world().describe(client).tables.size() > 0);
}

TEST_CASE("Gratuitous ARP moves the switch's entry of the virtual MAC address to the new port") {
  Run run(clientAndServers({}, {}));
  run.apply(Duration::seconds(8), {Kind::CrashNode, a, {}, 0});
  run.until(Duration::seconds(14));
  std::vector<LinkIndex> ports;
  for (const Line &l : run.of(trace::RecordKind::MacLearned))
    if (l.record.node == middle.value && l.record.args[1] == wire::vrrp::virtualMac(1).bits())
      ports.push_back(LinkIndex{l.record.link});
  CHECK(ports == std::vector{toA, toB});
  CHECK(learnedByClient(run) == std::vector{wire::vrrp::virtualMac(1)}); // nothing new to learn
}

TEST_CASE("Without a virtual MAC address gratuitous ARP changes what the client's cache says") {
  Run run(clientAndServers({{"virtual_mac", false}}, {{"virtual_mac", false}}));
  run.apply(Duration::seconds(8), {Kind::CrashNode, a, {}, 0});
  run.until(Duration::seconds(14));
  const auto &nodes = run.world().plan().network.nodes;
  CHECK(learnedByClient(run) ==
        std::vector{nodes[0].interfaces[0].mac, nodes[1].interfaces[0].mac});
}

TEST_CASE("Maintenance announced with priority 0 costs only the skew time") {
  Run run(clientAndServers({{"stop_ns", 8'000'000'000}}, {}));
  run.until(Duration::seconds(10));
  CHECK(stageAt(run, b, "active", Duration::seconds(8)) - testing::at(Duration::seconds(8)) <
        skew100 + Duration::ms(1));
}

TEST_CASE("A person promotes the backup, and it stays active") {
  Run run(clientAndServers({}, {}));
  run.apply(Duration::seconds(8), {Kind::Promote, b, {}, 0});
  run.until(Duration::seconds(20));
  CHECK(roleNames(run).back() == "a backup");
  CHECK(stageAt(run, b, "active") == testing::at(Duration::seconds(8)));
}

TEST_CASE("The mean outage over 1000 crash instants is 2.5 intervals, skew, and coming back",
          "[statistics]") {
  const Lab l = clientAndServers({}, {});
  world::World before(l.plan());
  before.runUntil(testing::at(Duration::seconds(5)), std::numeric_limits<std::uint64_t>::max());
  RandomStream random(1, "test", "vrrp crashes");
  double outages = 0, comingBack = 0;
  constexpr int crashes = 1000;
  for (int i = 0; i < crashes; ++i) {
    world::World w(before);
    const SimTime crash =
        testing::at(Duration::seconds(5) + random.uniform(Duration{}, advertised));
    w.runUntil(crash - Duration::ns(1), std::numeric_limits<std::uint64_t>::max());
    trace::ChunkWriter writer;
    writer.open(w.nextSequence(), w.nextPacket(), w.keyframe());
    w.setSink(&writer);
    w.apply(crash, {Kind::CrashNode, a, {}, 0});
    w.runUntil(crash + Duration::seconds(5), std::numeric_limits<std::uint64_t>::max());
    SimTime active = SimTime::max(), answered = SimTime::max();
    const trace::ChunkPtr told = writer.seal();
    for (const trace::Record &r : told->records) {
      if (r.kind == trace::RecordKind::AddressHeld && r.node == b.value && r.detail == 1)
        active = r.at;
      const bool ok = r.kind == trace::RecordKind::RequestEnded &&
                      r.detail == static_cast<std::uint16_t>(trace::RequestOutcome::Ok);
      if (ok && r.at > active) {
        answered = r.at;
        break;
      }
    }
    REQUIRE(answered < SimTime::max());
    outages += (answered - crash).toSeconds();
    comingBack += (answered - active).toSeconds();
  }
  const double expected = 2.5 + skew100.toSeconds() + comingBack / crashes;
  CHECK(outages / crashes == Approx(expected).epsilon(0.02));
  CHECK(comingBack / crashes < 0.2);
}

} // namespace packetarium::programs
