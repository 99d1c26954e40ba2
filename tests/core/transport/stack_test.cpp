// SPDX-License-Identifier: GPL-3.0-or-later
// Sockets on a real network: what programs hear, what is recorded, what the node answers by itself.
#include "core/wire/codec.h"
#include "tests/core/transport/stack_bench.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <set>

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

using Kind = SocketEvent::Kind;

/// client -- router -- server
struct Scene : StackBench {
  NodeIndex client, router, server;
  LinkIndex access, bottleneck;

  explicit Scene(std::uint64_t rateBps = 100'000'000, Duration delay = Duration::ms(1)) {
    client = node("client", net::NodeKind::Host);
    router = node("router", net::NodeKind::Router);
    server = node("server", net::NodeKind::Host);
    access = join(client, "10.0.0.2/24", router, "10.0.0.1/24");
    bottleneck = join(router, "192.0.2.254/24", server, "192.0.2.1/24", rateBps, delay);
    route(client, "0.0.0.0/0", "10.0.0.1", 0);
    route(server, "0.0.0.0/0", "192.0.2.254", 0);
  }
};

std::vector<std::pair<TcpState, TcpState>> states(const std::vector<trace::Record> &all,
                                                  NodeIndex n) {
  std::vector<std::pair<TcpState, TcpState>> out;
  for (const auto &r : all)
    if (r.kind == trace::RecordKind::TcpState && r.node == n.value)
      out.emplace_back(static_cast<TcpState>(trace::tcpStateArgs(r).fromState),
                       static_cast<TcpState>(r.detail));
  return out;
}

std::vector<Kind> kinds(const StackBench &b, NodeIndex n) {
  std::vector<Kind> out;
  for (const SocketEvent &e : b.heard[n.value]) out.push_back(e.kind);
  return out;
}

} // namespace

TEST_CASE("a connection from open to close passes the states both ends should, and records them") {
  Scene s;
  s.start();
  s.listen(s.server, 80);
  const SocketId socket = s.connect(s.client, "192.0.2.1", 80);
  s.stream(s.client, socket, 3000, true);
  s.run(Duration::seconds(1));
  const SocketEvent *accepted = s.find(s.server, Kind::Accepted);
  REQUIRE(accepted != nullptr);
  CHECK(accepted->remote.port >= 49152);
  CHECK(s.bytesHeard[s.server.value] == 3000);
  s.stack(s.server).close(s.ctx(s.server), accepted->socket);
  s.run(Duration::seconds(100));
  CHECK(kinds(s, s.client) == std::vector{Kind::Connected, Kind::PeerClosed, Kind::Closed});
  CHECK(s.stack(s.client).sockets().empty());
  CHECK(s.stack(s.server).sockets().size() == 1); // the listener

  const auto all = s.records();
  using S = TcpState;
  using Row = std::pair<S, S>;
  CHECK(states(all, s.client) == std::vector<Row>{{S::Closed, S::SynSent},
                                                  {S::SynSent, S::Established},
                                                  {S::Established, S::FinWait1},
                                                  {S::FinWait1, S::FinWait2},
                                                  {S::FinWait2, S::TimeWait},
                                                  {S::TimeWait, S::Closed}});
  CHECK(states(all, s.server) == std::vector<Row>{{S::Closed, S::Listen},
                                                  {S::Closed, S::Listen},
                                                  {S::Listen, S::SynReceived},
                                                  {S::SynReceived, S::Established},
                                                  {S::Established, S::CloseWait},
                                                  {S::CloseWait, S::LastAck},
                                                  {S::LastAck, S::Closed}});
  std::uint64_t delivered = 0;
  for (const auto &r : StackBench::only(all, trace::RecordKind::SegmentDelivered)) {
    CHECK(r.packet != 0);
    delivered += r.args[0];
  }
  CHECK(delivered == 3000);
}

TEST_CASE("connecting to a closed port is refused by RST, and the drop has a reason") {
  Scene s;
  s.start();
  s.connect(s.client, "192.0.2.1", 81);
  s.run(Duration::seconds(1));
  REQUIRE(s.find(s.client, Kind::Failed) != nullptr);
  CHECK(s.find(s.client, Kind::Failed)->error == SocketError::Refused);
  const auto all = s.records();
  const auto drops = StackBench::only(all, trace::RecordKind::FrameDropped);
  REQUIRE(drops.size() == 1);
  CHECK(drops[0].detail == static_cast<std::uint16_t>(trace::DropReason::NoListener));
}

TEST_CASE("a destination without a route fails at once or by ICMP") {
  SECTION("no route of our own") {
    Scene s;
    s.start();
    CHECK(s.stack(s.router).tcpConnect(s.ctx(s.router), 3, {{0x08080808}, 80}, {}) == noSocket);
    const auto events = s.stack(s.router).takeEvents();
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::Failed);
    CHECK(events[0].error == SocketError::NoRoute);
    CHECK(events[0].owner == 3);
  }
  SECTION("the router has none") {
    Scene s;
    s.start();
    s.connect(s.client, "8.8.8.8", 80);
    s.run(Duration::seconds(1));
    REQUIRE(s.find(s.client, Kind::Failed) != nullptr);
    CHECK(s.find(s.client, Kind::Failed)->error == SocketError::Unreachable);
  }
}

TEST_CASE("a port can be listened on once; ephemeral ports do not repeat while in use") {
  Scene s;
  s.start();
  CHECK(s.listen(s.server, 80) != noSocket);
  CHECK(s.listen(s.server, 80) == noSocket);
  CHECK(s.stack(s.server).takeEvents().at(0).error == SocketError::PortInUse);
  for (int i = 0; i < 16384; ++i) s.stack(s.client).udpOpen(s.ctx(s.client), 0, 0);
  std::set<std::uint16_t> ports;
  for (const SocketInfo &info : s.stack(s.client).sockets()) ports.insert(info.local.port);
  CHECK(ports.size() == 16384);
  CHECK(*ports.begin() == 49152);
  CHECK(s.stack(s.client).udpOpen(s.ctx(s.client), 0, 0) == noSocket);
  CHECK(s.stack(s.client).takeEvents().at(0).error == SocketError::NoPortLeft);
}

TEST_CASE("UDP arrives with both endpoints; without a listener it comes back as an error") {
  Scene s;
  s.start();
  const SocketId from = s.stack(s.client).udpOpen(s.ctx(s.client), 0, 0);
  s.stack(s.server).udpOpen(s.ctx(s.server), 7, 53);
  const wire::Ipv4Address to = *wire::Ipv4Address::parse("192.0.2.1");
  CHECK(s.stack(s.client).udpSend(s.ctx(s.client), from, {to, 53}, wire::Payload::of("hello")));
  CHECK(s.stack(s.client).udpSend(s.ctx(s.client), from, {to, 54}, wire::Payload::of("lost")));
  CHECK_FALSE(
      s.stack(s.client).udpSend(s.ctx(s.client), from, {to, 53}, wire::Payload::pattern(0, 1473)));
  CHECK(
      s.stack(s.client).udpSend(s.ctx(s.client), from, {to, 53}, wire::Payload::pattern(0, 1472)));
  s.run(Duration::seconds(1));
  const SocketEvent *got = s.find(s.server, Kind::Datagram);
  REQUIRE(got != nullptr);
  CHECK(got->owner == 7);
  CHECK(got->data.toText() == "hello");
  CHECK(got->remote.address.text() == "10.0.0.2");
  CHECK(got->local.text() == "192.0.2.1:53");
  const SocketEvent *error = s.find(s.client, Kind::Error);
  REQUIRE(error != nullptr);
  CHECK(error->error == SocketError::Refused);
  CHECK(error->socket == from);
  CHECK(error->remote.text() == "192.0.2.1:54");
}

TEST_CASE("a UDP socket that does not read keeps 256 KiB and drops the rest with a reason") {
  Scene s;
  s.link(s.access).queuePackets = s.link(s.bottleneck).queuePackets = 10'000;
  s.start();
  const SocketId from = s.stack(s.client).udpOpen(s.ctx(s.client), 0, 0);
  const SocketId at = s.stack(s.server).udpOpen(s.ctx(s.server), 0, 9);
  s.stack(s.server).setReading(s.ctx(s.server), at, false);
  const Endpoint to{*wire::Ipv4Address::parse("192.0.2.1"), 9};
  s.stack(s.client).udpSend(s.ctx(s.client), from, to, wire::Payload::pattern(0, 1)); // ARP
  s.run(Duration::seconds(1));
  for (int i = 0; i < 300; ++i)
    s.stack(s.client).udpSend(s.ctx(s.client), from, to, wire::Payload::pattern(0, 1024));
  s.run(Duration::seconds(2));
  CHECK(s.heard[s.server.value].empty());
  s.stack(s.server).setReading(s.ctx(s.server), at, true);
  CHECK(s.stack(s.server).takeEvents().size() == 256); // the single byte and 255 of 1024
  const auto drops = StackBench::only(s.records(), trace::RecordKind::FrameDropped);
  CHECK(drops.size() == 45);
  for (const auto &r : drops)
    CHECK(r.detail == static_cast<std::uint16_t>(trace::DropReason::ReceiveBufferFull));
}

TEST_CASE("the stack answers echo requests and raw sockets see all ICMP") {
  Scene s;
  s.start();
  const SocketId raw = s.stack(s.client).rawOpen(s.ctx(s.client), 0, 1);
  wire::Packet ping;
  ping.kind = wire::PacketKind::Icmp;
  ping.ip.protocol = 1;
  ping.ip.destination = *wire::Ipv4Address::parse("192.0.2.1");
  ping.icmp = {wire::IcmpHeader::EchoRequest, 0, 0x00070001};
  ping.payload = wire::Payload::pattern(3, 56);
  s.stack(s.client).rawSend(s.ctx(s.client), raw, ping);
  s.run(Duration::seconds(1));
  const SocketEvent *reply = s.find(s.client, Kind::Packet);
  REQUIRE(reply != nullptr);
  CHECK(reply->packet.icmp.type == wire::IcmpHeader::EchoReply);
  CHECK(reply->packet.icmp.rest == 0x00070001);
  CHECK(reply->packet.payload.sameBytes(ping.payload));
}

TEST_CASE("an IP protocol that nobody handles is answered with protocol unreachable") {
  Scene s;
  s.start();
  const SocketId raw = s.stack(s.client).rawOpen(s.ctx(s.client), 0, 112);
  const SocketId icmp = s.stack(s.client).rawOpen(s.ctx(s.client), 0, 1);
  wire::Packet p;
  p.kind = wire::PacketKind::Ip;
  p.ip.protocol = 112;
  p.ip.destination = *wire::Ipv4Address::parse("192.0.2.1");
  p.payload = wire::Payload::pattern(0, 20);
  s.stack(s.client).rawSend(s.ctx(s.client), raw, p);
  s.run(Duration::seconds(1));
  const SocketEvent *error = s.find(s.client, Kind::Packet);
  REQUIRE(error != nullptr);
  CHECK(error->socket == icmp);
  CHECK(error->packet.icmp.type == 3);
  CHECK(error->packet.icmp.code == 2);
}

TEST_CASE("broadcast and multicast reach their sockets, and draw no ICMP errors") {
  Scene s;
  s.start();
  const SocketId from = s.stack(s.router).udpOpen(s.ctx(s.router), 0, 67);
  s.stack(s.client).udpOpen(s.ctx(s.client), 0, 68);
  const SocketId member = s.stack(s.client).udpOpen(s.ctx(s.client), 0, 5353);
  const wire::Ipv4Address group = *wire::Ipv4Address::parse("224.0.0.251");
  s.stack(s.client).joinGroup(s.ctx(s.client), member, 0, group);
  const auto send = [&](const char *to, std::uint16_t port, net::SendOptions options = {0}) {
    CHECK(s.stack(s.router).udpSend(s.ctx(s.router), from, {*wire::Ipv4Address::parse(to), port},
                                    wire::Payload::of(to), options));
  };
  send("255.255.255.255", 68);
  send("255.255.255.255", 69); // no socket
  send("10.0.0.255", 68, {});  // of the subnet: routed there
  send("224.0.0.251", 5353);
  send("224.0.0.251", 68); // a socket that is no member
  s.run(Duration::seconds(1));
  std::vector<std::string> got;
  for (const SocketEvent &e : s.heard[s.client.value]) got.push_back(e.data.toText());
  CHECK(got == std::vector<std::string>{"255.255.255.255", "10.0.0.255", "224.0.0.251"});
  CHECK(s.heard[s.router.value].empty());
  s.stack(s.client).close(s.ctx(s.client), member);
  CHECK(s.network.device(s.client).groups.empty());
}

TEST_CASE("link-layer sockets see frames of their type, a capture sees them all") {
  Scene s;
  s.start();
  const SocketId arp = s.stack(s.client).linkOpen(s.ctx(s.client), 0, 0x0806);
  const SocketId all = s.stack(s.client).linkOpen(s.ctx(s.client), 0, 0);
  s.listen(s.server, 80);
  s.connect(s.client, "192.0.2.1", 80);
  s.run(Duration::seconds(1));
  std::size_t arps = 0, frames = 0;
  for (const SocketEvent &e : s.heard[s.client.value]) {
    if (e.kind != Kind::Packet) continue;
    if (e.socket == arp) {
      ++arps;
      CHECK(e.packet.kind == wire::PacketKind::Arp);
    }
    if (e.socket == all) ++frames;
  }
  CHECK(arps == 1);
  CHECK(frames == 2); // the ARP reply and the SYN,ACK
  CHECK(s.network.device(s.client).promiscuous);
  s.stack(s.client).close(s.ctx(s.client), all);
  CHECK_FALSE(s.network.device(s.client).promiscuous);
}

TEST_CASE("a wiped stack forgets its sockets, its timers are stale, its ids are not used again") {
  Scene s;
  s.start();
  s.listen(s.server, 80);
  const SocketId socket = s.connect(s.client, "192.0.2.1", 80);
  s.run(Duration::ms(500));
  REQUIRE(s.find(s.server, Kind::Accepted) != nullptr);
  s.stream(s.client, socket, 100'000);
  s.stack(s.server).wipe();
  CHECK(s.stack(s.server).sockets().empty());
  s.run(Duration::seconds(2));
  // Half open: the client's data is answered by RST.
  REQUIRE(s.find(s.client, Kind::Failed) != nullptr);
  CHECK(s.find(s.client, Kind::Failed)->error == SocketError::Reset);
  CHECK(s.listen(s.server, 80) > 2);
  s.stack(s.client).wipe();
  const SocketId next = s.connect(s.client, "192.0.2.1", 80);
  CHECK(next > socket);
  s.run(Duration::seconds(200));
  CHECK(s.stack(s.client).sockets().size() == 1);
}

TEST_CASE("a closed listener takes its unaccepted connections along") {
  Scene s;
  s.start();
  const SocketId listener = s.listen(s.server, 80);
  s.connect(s.client, "192.0.2.1", 80);
  for (int us = 0; s.find(s.server, Kind::SynSeen) == nullptr; us += 100) s.run(Duration::us(us));
  CHECK(s.find(s.server, Kind::SynSeen)->listener == listener);
  s.stack(s.server).close(s.ctx(s.server), listener);
  CHECK(s.stack(s.server).sockets().empty());
  s.run(Duration::seconds(1));
  REQUIRE(s.find(s.client, Kind::Failed) != nullptr);
}

TEST_CASE("a node talks to itself") {
  Scene s;
  s.start();
  s.listen(s.server, 80);
  const SocketId socket = s.connect(s.server, "127.0.0.1", 80);
  s.stream(s.server, socket, 100'000, true);
  s.run(Duration::seconds(1));
  CHECK(s.bytesHeard[s.server.value] == 100'000);
}

TEST_CASE("many connections at once are told apart") {
  Scene s;
  s.link(s.access).queuePackets = s.link(s.bottleneck).queuePackets = 10'000;
  s.start();
  s.listen(s.server, 80);
  s.connect(s.client, "192.0.2.1", 80); // ARP is done for the others
  s.run(Duration::ms(100));
  std::vector<SocketId> sockets;
  for (int i = 0; i < 2000; ++i) sockets.push_back(s.connect(s.client, "192.0.2.1", 80));
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    s.stream(s.client, sockets[i], 100 + i, true);
    total += 100 + i;
  }
  s.run(Duration::seconds(300));
  CHECK(s.bytesHeard[s.server.value] == total);
  std::vector<std::uint64_t> bytes(2001 * 4);
  for (const SocketEvent &e : s.heard[s.server.value]) bytes.at(e.socket) += e.data.size();
  std::sort(bytes.begin(), bytes.end(), std::greater<>());
  for (std::size_t i = 0; i < 2000; ++i) CHECK(bytes[i] == 100 + 1999 - i);
}

TEST_CASE("a stack copied in the middle goes on exactly as the original") {
  Scene s(10'000'000, Duration::ms(5));
  s.link(s.bottleneck).loss = 0.02;
  s.start();
  s.listen(s.server, 80);
  s.stream(s.client, s.connect(s.client, "192.0.2.1", 80), 2'000'000, true);
  s.run(Duration::ms(700));
  s.network.kernel().sink = nullptr;
  const StackBench::Life middle = s.save();
  s.run(Duration::seconds(30));
  const StackBench::Life end = s.save();
  CHECK(s.bytesHeard[s.server.value] == 2'000'000);
  s.load(middle);
  s.run(Duration::seconds(30));
  CHECK(s.bytesHeard == end.bytesHeard);
  CHECK(s.network.kernel().fingerprint == end.network.kernel().fingerprint);
  CHECK(s.network.kernel().nextSequence == end.network.kernel().nextSequence);
  CHECK(s.events == end.events);
}

TEST_CASE("snapshots hold the last state record of each socket, by id") {
  Scene s;
  s.start();
  const SocketId listener = s.listen(s.server, 80);
  s.connect(s.client, "192.0.2.1", 80);
  s.run(Duration::ms(500));
  std::vector<trace::SocketSnapshot> snapshots;
  s.stack(s.server).appendSnapshots(snapshots);
  REQUIRE(snapshots.size() == 2);
  CHECK(trace::tcpStateArgs(snapshots[0].state).socket == listener);
  CHECK(static_cast<TcpState>(snapshots[0].state.detail) == TcpState::Listen);
  CHECK(static_cast<TcpState>(snapshots[1].state.detail) == TcpState::Established);
  const auto all = s.records();
  for (const auto &snapshot : snapshots) {
    const trace::Record &r = all.at(snapshot.sequence - 1);
    CHECK(r.kind == trace::RecordKind::TcpState);
    CHECK(r.at == snapshot.state.at);
    CHECK(r.cause == snapshot.state.cause);
    CHECK(r.args == snapshot.state.args);
  }
}
