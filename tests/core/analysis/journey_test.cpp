// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/journey.h"
#include "core/wire/codec.h"
#include "core/wire/dissect.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

/// The first FrameSent of the first packet that has this flag set and is no answer.
trace::Sequence firstTcp(const Run &run, auto match) {
  return run.find([&](const trace::Record &r) {
    if (r.kind != RecordKind::FrameSent) return false;
    const wire::Packet *p = run.trace.packet(r.packet);
    return p->kind == wire::PacketKind::Tcp && match(*p);
  });
}

trace::Sequence httpRequest(const Run &run) {
  return firstTcp(
      run, [](const wire::Packet &p) { return p.tcp.destinationPort == 80 && !p.payload.empty(); });
}

std::vector<std::string> nodesOf(const Run &run, const Journey &j) {
  std::vector<std::string> out;
  for (const JourneyStop &s : j.stops) out.push_back(run.network().nodes[s.node].id);
  return out;
}

std::string all(const JourneyStop &stop) {
  std::string text;
  for (const std::string &s : stop.sentences) text += s + "\n";
  return text;
}

bool says(const JourneyStop &stop, const std::string &part) {
  return all(stop).find(part) != std::string::npos;
}

} // namespace

TEST_CASE("The request's journey goes from the browser through NAT and routers to the server") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run));
  CHECK(nodesOf(run, j) ==
        std::vector<std::string>{"browser", "home-router", "isp", "core", "web"});
  CHECK(j.delivered);
  CHECK(j.complete);
  CHECK_FALSE(j.lost);
  REQUIRE(j.stops.size() == 5);
  CHECK(j.stops[0].role == StopRole::Sender);
  CHECK(j.stops[1].role == StopRole::Nat);
  CHECK(j.stops[2].role == StopRole::Router);
  CHECK(j.stops[4].role == StopRole::Receiver);
}

TEST_CASE("At every router the TTL falls by one and the link addresses change") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run));
  for (std::size_t i = 1; i + 1 < j.stops.size(); ++i) {
    REQUIRE(j.stops[i].inPacket);
    REQUIRE(j.stops[i].outPacket);
    const wire::Packet &in = *j.stops[i].inPacket, &out = *j.stops[i].outPacket;
    CHECK(out.ip.ttl == in.ip.ttl - 1);
    const auto &node = run.network().nodes[j.stops[i].node];
    const auto has = [&](wire::MacAddress mac) {
      return std::any_of(node.interfaces.begin(), node.interfaces.end(),
                         [&](const auto &f) { return f.mac == mac; });
    };
    CHECK(has(in.ethernet.destination));
    CHECK(has(out.ethernet.source));
    // What left one node came in at the next, byte for byte.
    CHECK(wire::encode(in) == wire::encode(*j.stops[i - 1].outPacket));
  }
  CHECK(j.stops[1].inPacket->ip.source != j.stops[1].outPacket->ip.source); // NAT
  CHECK(j.stops[2].inPacket->ip.source == j.stops[2].outPacket->ip.source);
}

TEST_CASE("Any record of a packet leads to the same journey") {
  const Run &run = fixture::webRequest();
  const Journey whole = journeyOf(run.trace, run.network(), httpRequest(run));
  for (const JourneyStop &s : whole.stops)
    for (const trace::Sequence record : {s.in, s.out}) {
      if (record == 0) continue;
      const Journey again = journeyOf(run.trace, run.network(), record);
      CHECK(again.origin == whole.origin);
      CHECK(nodesOf(run, again) == nodesOf(run, whole));
      CHECK(again.lastRecord == whole.lastRecord);
    }
}

TEST_CASE("Each layer's sentence is true of its packet") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run));
  CHECK(says(j.stops[0], "192.168.1.10 → 192.0.2.1 and a TTL of 64"));
  CHECK(says(j.stops[0], "default route 0.0.0.0/0 via home router"));
  CHECK(says(j.stops[1], "replaced the source 192.168.1.10:"));
  CHECK(says(j.stops[1], "by its own 203.0.113.7:"));
  CHECK(says(j.stops[1], "(64 → 63)"));
  CHECK(says(j.stops[2], "(63 → 62)"));
  CHECK(says(j.stops[4], "192.0.2.1 is for web server itself"));
  CHECK(says(j.stops[4], "port 80"));
  CHECK(says(j.stops[4], "GET /index.html"));
}

TEST_CASE("A SYN finds a server that was listening before") {
  const Run &run = fixture::webRequest();
  const auto syn = firstTcp(run, [](const wire::Packet &p) { return p.tcp.flags == 2; });
  const Journey j = journeyOf(run.trace, run.network(), syn);
  REQUIRE(j.delivered);
  CHECK(says(j.stops.back(), "was listening before this SYN came"));
  CHECK(j.stops.front().topLayer == 4);
}

TEST_CASE("The boxes' byte ranges cover the frame without a gap") {
  const Run &run = fixture::webRequest();
  int checked = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind != RecordKind::FrameSent) return;
    const auto packet = packetOn(run.trace, r);
    REQUIRE(packet);
    std::uint32_t next = 0;
    const auto layers = layersOf(*packet, LayerModel::Osi7);
    REQUIRE(layers.size() == 7);
    for (auto it = layers.rbegin(); it != layers.rend(); ++it) {
      if (it->headerTo == it->headerFrom) continue;
      CHECK(it->headerFrom == next);
      next = it->headerTo;
    }
    const std::uint32_t content =
        14 + (packet->isIp() ? wire::ipTotalLength(*packet) : packet->payload.size() + 28);
    if (packet->kind != wire::PacketKind::Icmp) CHECK(next == content);
    ++checked;
  });
  CHECK(checked > 100);
}

TEST_CASE("The four-layer model groups what the seven say") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run), LayerModel::TcpIp4);
  const auto &layers = j.stops.front().outLayers;
  REQUIRE(layers.size() == 4);
  CHECK(layers[0].title == "Application");
  CHECK(layers[1].title == "Transport");
  CHECK(layers[2].title == "Internet");
  CHECK(layers[3].title == "Link");
  CHECK(layers[0].summary == "GET /index.html");
  CHECK(layers[3].sentence.find("home router") != std::string::npos);
}

TEST_CASE("A switch looks at layer 2 alone, and floods what is for everyone") {
  const Run run = fixture::run("hop-by-hop", SimTime::fromNs(3'000'000'000));
  const auto get = httpRequest(run);
  const Journey j = journeyOf(run.trace, run.network(), get);
  const auto stop = std::find_if(j.stops.begin(), j.stops.end(),
                                 [](const auto &s) { return s.role == StopRole::Switch; });
  REQUIRE(stop != j.stops.end());
  CHECK(stop->topLayer == 2);
  CHECK(stop->inPacket->ip.ttl == stop->outPacket->ip.ttl);
  CHECK(stop->inPacket->ethernet.source == stop->outPacket->ethernet.source);
  CHECK(says(*stop, "in its table"));
  const auto ask = run.find([&](const trace::Record &r) {
    return r.kind == RecordKind::FrameSent &&
           run.trace.packet(r.packet)->kind == wire::PacketKind::Arp;
  });
  const Journey arp = journeyOf(run.trace, run.network(), ask);
  REQUIRE(arp.stops.size() >= 3);
  CHECK(says(arp.stops[0], "ARP asks everyone"));
  CHECK(says(arp.stops[1], "The frame is for everyone"));
}

TEST_CASE("A lost packet's journey ends where it was lost, and says why") {
  const Run &run = fixture::lossyLink();
  const auto drop =
      run.find([](const trace::Record &r) { return r.kind == RecordKind::FrameDropped; });
  const Journey j = journeyOf(run.trace, run.network(), drop);
  CHECK(j.lost);
  CHECK_FALSE(j.delivered);
  CHECK(j.lastRecord == drop);
  CHECK(j.endedAt == run.trace.record(drop)->at);
  CHECK(j.ending.find(trace::sentence(j.reason)) != std::string::npos);
  CHECK(j.stops.back().out != 0); // it died on the link that it had left on
}

TEST_CASE("A journey's position follows the packet") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run));
  using Where = JourneyPosition::Where;
  CHECK(positionAt(j, j.startedAt - Duration::ns(1)).where == Where::NotYet);
  CHECK(positionAt(j, j.endedAt).where == Where::Ended);
  for (std::size_t i = 0; i + 1 < j.stops.size(); ++i) {
    const SimTime out = *j.stops[i].outAt, in = *j.stops[i + 1].inAt;
    const JourneyPosition p = positionAt(j, out + (in - out) / 4);
    CHECK(p.where == Where::OnLink);
    CHECK(p.stop == i);
    CHECK(p.linkProgress == Approx(0.25).margin(1e-3));
  }
}

TEST_CASE("At leisure, towers rise to the device's top layer and sink again") {
  const Run &run = fixture::webRequest();
  const Journey j = journeyOf(run.trace, run.network(), httpRequest(run));
  std::vector<int> highest(j.stops.size(), 0);
  std::size_t last = 0;
  for (int i = 0; i <= 2000; ++i) {
    const JourneyPosition p = positionAtShare(j, i / 2000.0);
    REQUIRE(p.stop >= last);
    last = p.stop;
    if (p.where != JourneyPosition::Where::InNode) continue;
    CHECK(p.top >= 1);
    CHECK(p.top <= j.stops[p.stop].topLayer);
    highest[p.stop] = std::max(highest[p.stop], p.top);
  }
  CHECK(highest == std::vector<int>{7, 4, 3, 3, 7});
}

namespace {

/// The first frame about a TLS record of this label.
Journey tlsJourney(const Run &run, const std::string &label, LayerModel model) {
  const auto sent = run.find([&](const trace::Record &r) {
    if (r.kind != RecordKind::FrameSent) return false;
    const auto packet = packetOn(run.trace, r);
    return packet && packet->protocol == wire::ProtocolClass::Tls &&
           wire::shortLabel(*packet).starts_with(label);
  });
  REQUIRE(sent != 0);
  return journeyOf(run.trace, run.network(), sent, model);
}

std::string titles(const std::vector<LayerStory> &layers) {
  std::string all;
  for (const LayerStory &s : layers)
    all += std::to_string(s.layer) + (s.between ? "* " : " ") + s.title + (s.active ? "; " : "-; ");
  return all;
}

} // namespace

TEST_CASE("TLS stands between transport and application, and only where a packet carries it") {
  const Run run = fixture::run("eavesdropper", SimTime::fromNs(8'000'000'000));
  const Journey hello = tlsJourney(run, "Client Hello", LayerModel::Osi7);
  CHECK(titles(hello.stops.front().outLayers) ==
        "7 Application-; 6 Presentation-; 6* TLS; 5 Session-; 4 Transport; 3 Network; "
        "2 Data link; 1 Physical; ");
  CHECK(hello.stops.front().topLayer == 6);
  CHECK(says(hello.stops.front(), "before the application may speak: Client Hello"));
  CHECK(says(hello.stops.front(), "Courses put it at 5 to 6"));
  const Journey data = tlsJourney(run, "Application Data", LayerModel::Osi7);
  CHECK(data.stops.front().outLayers[0].active);
  CHECK(data.stops.front().topLayer == 7);
  CHECK(says(data.stops.front(), "only the two ends have"));
  CHECK(says(data.stops.back(), "TLS checks that nobody changed it"));
  for (std::size_t i = 1; i + 1 < data.stops.size(); ++i)
    CHECK_FALSE(says(data.stops[i], "TLS")); // routers pass it on
  const Journey grouped = tlsJourney(run, "Client Hello", LayerModel::TcpIp4);
  CHECK(titles(grouped.stops.front().outLayers) ==
        "4 Application-; 4* TLS; 3 Transport; 2 Internet; 1 Link; ");
  CHECK(layersOf(*journeyOf(run.trace, run.network(), httpRequest(run)).stops[0].outPacket,
                 LayerModel::Osi7)
            .size() == 7);
}

TEST_CASE("With TLS the boxes still cover the frame without a gap") {
  const Run run = fixture::run("eavesdropper", SimTime::fromNs(6'000'000'000));
  int checked = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind != RecordKind::FrameSent) return;
    const auto packet = packetOn(run.trace, r);
    if (!packet || packet->protocol != wire::ProtocolClass::Tls) return;
    std::uint32_t next = 0;
    const auto layers = layersOf(*packet, LayerModel::Osi7);
    for (auto it = layers.rbegin(); it != layers.rend(); ++it) {
      if (it->headerTo == it->headerFrom) continue;
      CHECK(it->headerFrom == next);
      next = it->headerTo;
    }
    CHECK(next == 14 + wire::ipTotalLength(*packet));
    ++checked;
  });
  CHECK(checked > 10);
}
