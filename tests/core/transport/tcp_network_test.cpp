// SPDX-License-Identifier: GPL-3.0-or-later
// TCP over lossy and narrow links: its rate against closed forms, its retransmissions against what
// an independent analyser makes of the capture.
#include "core/wire/codec.h"
#include "tests/core/transport/stack_bench.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>

using namespace packetarium;
using namespace packetarium::transport;
using namespace packetarium::transport::testing;

namespace {

/// sender -- router -- receiver, the second link being the narrow one.
struct Dumbbell : StackBench {
  NodeIndex sender, router, receiver;
  LinkIndex access, bottleneck;

  Dumbbell(std::uint64_t rateBps, Duration delay, double loss, std::uint64_t seed = 1) {
    sender = node("sender-" + std::to_string(seed), net::NodeKind::Host);
    router = node("router-" + std::to_string(seed), net::NodeKind::Router);
    receiver = node("receiver", net::NodeKind::Host);
    access = join(sender, "10.0.0.2/24", router, "10.0.0.1/24", 1'000'000'000, Duration::us(10));
    bottleneck = join(router, "10.0.1.1/24", receiver, "10.0.1.2/24", rateBps, delay);
    link(bottleneck).loss = loss;
    link(bottleneck).id += std::to_string(seed); // keys its loss
    route(sender, "0.0.0.0/0", "10.0.0.1", 0);
    route(receiver, "0.0.0.0/0", "10.0.1.1", 0);
    keepData = false;
  }
  void transfer(std::uint64_t bytes, const TcpOptions &o = {}) {
    start();
    listen(receiver, 5001, o);
    stream(sender, connect(sender, "10.0.1.2", 5001, o), bytes, true);
  }
};

} // namespace

TEST_CASE("bulk TCP fills 95 % of a 10 Mbit/s, 20 ms bottleneck with a 100-packet queue") {
  Dumbbell d(10'000'000, Duration::ms(20), 0);
  d.transfer(1ULL << 40);
  d.network.kernel().sink = nullptr;
  d.run(Duration::seconds(20));
  const std::uint64_t before = d.bytesHeard[d.receiver.value];
  d.run(Duration::seconds(60));
  const double goodput = static_cast<double>(d.bytesHeard[d.receiver.value] - before) * 8 / 40;
  const double payloadRate = 10e6 * 1460 / 1514; // what the link carries of full segments
  INFO("goodput " << goodput / 1e6 << " Mbit/s");
  CHECK(goodput >= 0.95 * payloadRate);
  CHECK(goodput <= payloadRate);
}

TEST_CASE("every byte arrives over a lossy link; retransmissions are what tshark flags") {
  if (!tshark::present()) {
    WARN("tshark is not installed: not compared with it");
    return;
  }
  const auto loss = GENERATE(0.0, 0.01, 0.05);
  const std::uint64_t seed = loss == 0.05 ? 5 : 1;
  TcpOptions o;
  o.delayedAck = loss != 0.05;
  Dumbbell d(10'000'000, Duration::ms(20), loss, seed);
  d.transfer(3'000'000, o);
  d.run(Duration::seconds(300));
  CHECK(d.bytesHeard[d.receiver.value] == 3'000'000);

  d.network.kernel().sink = nullptr;
  const trace::ChunkPtr chunk = d.writer.seal();
  tshark::Capture capture("packetarium-tcp");
  wire::PcapngWriter out(capture.out());
  REQUIRE(out.begin({}));
  const auto interface = out.addInterface({"sender.eth0", {}}).value();
  std::vector<PacketId> frames; // by frame number - 1
  std::vector<PacketId> told;
  for (const trace::Record &r : chunk->records) {
    if (r.kind == trace::RecordKind::TcpRetransmit && r.node == d.sender.value)
      told.push_back(r.packet);
    const bool here =
        r.link == d.access.value && r.node == d.sender.value &&
        (r.kind == trace::RecordKind::FrameSent || r.kind == trace::RecordKind::FrameReceived);
    if (!here) continue;
    REQUIRE(out.packet(interface, r.at, wire::encode(chunk->packets.at(r.packet - 1))));
    frames.push_back(r.packet);
  }
  const std::string flagged =
      capture.read("-Y 'tcp.analysis.retransmission || tcp.analysis.fast_retransmission || "
                   "tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order' "
                   "-T fields -e frame.number");
  std::vector<PacketId> seen;
  for (const std::string &line : tshark::split(flagged, '\n'))
    if (!line.empty()) seen.push_back(frames.at(std::stoul(line) - 1));
  std::sort(told.begin(), told.end());
  std::sort(seen.begin(), seen.end());
  CHECK(told == seen);
  if (loss > 0) CHECK(told.size() > 10);
  CHECK(capture.read("-Y '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0'")
            .empty());
}

TEST_CASE("with 1 % loss the rate lies within 35 % of the Mathis estimate", "[statistics]") {
  const double p = 0.01;
  double goodput = 0;
  double rtt = 0;
  const int seeds = 20;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Dumbbell d(10'000'000, Duration::ms(20), 0, seed);
    d.link(d.bottleneck).loss = p;
    d.transfer(1ULL << 40);
    d.network.kernel().sink = nullptr;
    d.run(Duration::seconds(300));
    goodput += static_cast<double>(d.bytesHeard[d.receiver.value]) * 8 / 300 / seeds;
    for (const SocketInfo &s : d.stack(d.sender).sockets()) rtt += s.srtt.toSeconds() / seeds;
  }
  const double mathis = 1460 * 8 / rtt * std::sqrt(1.5) / std::sqrt(p);
  INFO("goodput " << goodput / 1e6 << ", Mathis " << mathis / 1e6 << " Mbit/s");
  CHECK(goodput >= 0.65 * mathis);
  CHECK(goodput <= 1.35 * mathis);
}
