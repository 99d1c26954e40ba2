// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/metrics.h"
#include "core/analysis/pace.h"
#include "core/analysis/teller.h"
#include "core/analysis/why.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::TraceBuilder;
using trace::FactTopic;
using trace::RecordKind;

namespace {

SimTime ms(std::int64_t v) { return SimTime::zero() + Duration::ms(v); }

net::Blueprint nodes(std::vector<std::string> names) {
  net::Blueprint network;
  for (const std::string &name : names) {
    net::NodeSpec node;
    node.id = node.name = name;
    network.nodes.push_back(node);
  }
  return network;
}

bool told(const Why &why, const std::string &part) {
  return std::any_of(why.chain.begin(), why.chain.end(),
                     [&](const WhyStep &s) { return s.sentence.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("Why a request failed is told through the crash and how far the failover had come") {
  TraceBuilder b(3);
  b.fact(ms(0), 1, FactTopic::Role, "shop", "active", "it was the first");
  b.health(ms(500), 2, trace::NodeHealth::Crashed); // another fault, mended before
  b.health(ms(600), 2, trace::NodeHealth::Up);
  b.health(ms(1000), 1, trace::NodeHealth::Crashed);
  b.asked(ms(1100), 0, 7, "shop");
  b.fact(ms(1500), 2, FactTopic::Failover, "shop", "suspected", "no heartbeat for 500 ms");
  b.fact(ms(1600), 2, FactTopic::Failover, "another", "decided");
  const auto ended = b.ended(ms(2100), 0, 7, trace::RequestOutcome::Timeout, Duration::ms(1000));
  const trace::Trace trace = b.take();
  const Why why = whyOf(trace, nodes({"client", "A", "B"}), ended);
  CHECK(why.question == "Why did this request fail?");
  CHECK(told(why, "B: no heartbeat for 500 ms."));
  CHECK(told(why, "A crashed."));
  CHECK_FALSE(told(why, "B crashed."));
  CHECK_FALSE(told(why, "another"));
  CHECK(std::is_sorted(why.chain.begin(), why.chain.end(),
                       [](const WhyStep &x, const WhyStep &y) { return x.at > y.at; }));
}

TEST_CASE("Facts about services have sentences") {
  TraceBuilder b(2);
  const auto role = b.fact(ms(1), 1, FactTopic::Role, "shop", "active", "it holds the address");
  const auto log = b.fact(ms(2), 1, FactTopic::Log, "store", "append 7 2", "write cart 17");
  const auto op = b.fact(ms(3), 0, FactTopic::Operation, "ok", "write cart 17", "c1 4 store");
  const auto stage = b.fact(ms(4), 1, FactTopic::Failover, "shop", "reachable");
  const trace::Trace trace = b.take();
  const net::Blueprint network = nodes({"client", "A"});
  CHECK(describeRecord(trace, network, role) == "A is now active of shop: it holds the address.");
  CHECK(describeRecord(trace, network, log) ==
        "A appended entry 7 (epoch 2, write cart 17) to its log of store.");
  CHECK(describeRecord(trace, network, op) ==
        "client was told that “write cart 17” of store is done.");
  CHECK(describeRecord(trace, network, stage) == "A led the clients of shop to its new server.");
}

TEST_CASE("Heartbeats go by in idle stretches, and do not hold the story up") {
  const auto seconds = [](bool heartbeats, int background) {
    TraceBuilder b;
    const auto hop = [&](std::int64_t at, int bit) {
      trace::Record r = TraceBuilder::record(RecordKind::FrameSent, ms(at));
      r.link = 0;
      r.node = 0;
      r.detail = static_cast<std::uint16_t>(bit);
      trace::SentArgs args;
      args.arrival = ms(at + 1);
      args.frameBytes = 100;
      r.args = trace::pack(args);
      const auto sent = b.append(r);
      b.received(ms(at + 1), sent);
    };
    hop(0, 0);
    for (int s = 1; heartbeats && s < 60; ++s) hop(s * 1000, background);
    hop(60'000, 0);
    StoryPace pace;
    pace.extend(b.take());
    return pace.presentationAt(ms(60'001));
  };
  const double alone = seconds(false, 0);
  CHECK(seconds(true, trace::backgroundBit) == Approx(alone));
  CHECK(seconds(true, 0) > 10 * alone);
}

TEST_CASE("A packet to an address that a host holds just then has reached whom it was for") {
  net::Blueprint network = nodes({"client", "A", "B"});
  for (std::uint32_t n = 1; n < 3; ++n) {
    net::InterfaceSpec card;
    card.name = "eth0";
    card.mac = wire::MacAddress::fromBits(0x020000000000ULL + n);
    card.address = wire::Ipv4Prefix{wire::Ipv4Address{0x0a000000U + n}, 24};
    network.nodes[n].interfaces.push_back(card);
  }
  wire::Packet packet;
  packet.id = 1;
  packet.kind = wire::PacketKind::Udp;
  packet.ip.destination = wire::Ipv4Address{0x0a000009}; // nobody's card has it
  trace::Record received = TraceBuilder::record(RecordKind::FrameReceived, ms(1));
  received.node = 1;
  received.packet = 1;
  const auto ends = [&](std::vector<trace::Record> following) {
    return endsAt(network, received, packet, {}, aftermathOf(received, 10, following));
  };
  CHECK(ends({}));
  trace::Record dropped = TraceBuilder::record(RecordKind::FrameDropped, ms(1));
  dropped.node = 1;
  dropped.packet = 1;
  dropped.detail = static_cast<std::uint16_t>(trace::DropReason::NotForwarding);
  CHECK_FALSE(ends({dropped}));
  dropped.detail = static_cast<std::uint16_t>(trace::DropReason::NotForMe);
  CHECK_FALSE(ends({dropped}));
  packet.ip.destination = wire::Ipv4Address{0x0a000002}; // B's
  CHECK_FALSE(ends({}));
  packet.ip.destination = wire::Ipv4Address{0x0a000001}; // its own
  CHECK(ends({}));
  dropped.detail = static_cast<std::uint16_t>(trace::DropReason::Partitioned);
  CHECK_FALSE(ends({dropped}));
}

TEST_CASE("Metrics tell each service apart") {
  TraceBuilder b;
  for (std::uint64_t i = 0; i < 10; ++i) {
    const auto at = static_cast<std::int64_t>(i) * 100;
    b.asked(ms(at), 0, i, i % 2 == 0 ? "shop" : "mail");
    b.ended(ms(at + 20), 0, i, i == 4 ? trace::RequestOutcome::Timeout : trace::RequestOutcome::Ok,
            Duration::ms(20));
  }
  std::vector<MetricRow> rows;
  MetricsOptions options;
  options.onRow = [&](const MetricRow &row) { rows.push_back(row); };
  MetricsCollector metrics(std::make_shared<const net::Blueprint>(nodes({"client", "A"})),
                           std::move(options));
  const trace::Trace trace = b.take();
  metrics.extend(trace);
  metrics.finish(ms(1000));
  const auto summary = metrics.summary(ms(1000));
  CHECK(summary.at("service.shop.requests") == 5);
  CHECK(summary.at("service.shop.availability") == Approx(.8));
  CHECK(summary.at("service.mail.availability") == 1);
  CHECK(summary.at("service.mail.p99_ms") == Approx(20).epsilon(.02));
  const auto count = std::count_if(rows.begin(), rows.end(), [](const MetricRow &r) {
    return r.entity == "shop" && r.metric == "service.availability";
  });
  CHECK(count == 5);
}

TEST_CASE("No sentence of a built-in scenario begins with the same name twice") {
  for (const std::string &id : scenario::builtInIds()) {
    const fixture::Run run = fixture::run(id, SimTime::zero() + Duration::seconds(26));
    const Teller teller(run.trace, run.network());
    std::map<std::string, int> twice;
    run.forEach([&](const trace::Record &r, trace::Sequence s) {
      if (r.kind != RecordKind::Fact && r.kind != RecordKind::Phase && r.kind != RecordKind::Note)
        return;
      if (r.node >= run.network().nodes.size()) return;
      const std::string who = teller.node(r.node), sentence = teller.sentence(r, s);
      if (sentence.starts_with(who) && sentence.find(": " + who + " ") != std::string::npos)
        ++twice[sentence];
    });
    for (const auto &[sentence, count] : twice) {
      INFO(id << ": " << sentence);
      CHECK(count == 0);
    }
  }
}
