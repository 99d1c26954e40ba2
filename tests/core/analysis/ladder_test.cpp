// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/ladder.h"
#include "core/transport/socket.h"
#include "core/wire/dissect.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

/// Each packet by its origin: first sending, first final reception, last true drop.
struct Naive {
  trace::Sequence sent = 0, arrived = 0, dropped = 0;
  SimTime sentAt, arrivedAt;
  std::uint32_t from = 0, to = 0;
};

std::map<PacketId, Naive> naivePackets(const Run &run) {
  std::map<PacketId, Naive> out;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.packet == 0) return;
    const wire::Packet &form = *run.trace.packet(r.packet);
    if (!form.isIp()) return;
    if (r.kind == RecordKind::FrameSent) {
      Naive &n = out[form.origin];
      if (n.sent != 0) return;
      n.sent = s;
      n.sentAt = r.at;
      n.from = r.node;
    } else if (r.kind == RecordKind::FrameReceived &&
               isFinalReception(run.trace, run.network(), s)) {
      Naive &n = out[form.origin];
      n.arrived = s;
      n.arrivedAt = r.at;
      n.to = r.node;
    } else if (r.kind == RecordKind::FrameDropped &&
               !isHarmless(static_cast<trace::DropReason>(r.detail)) && r.args[0] != 0) {
      out[form.origin].dropped = s;
    }
  });
  return out;
}

LadderRequest everything() {
  LadderRequest request;
  request.arrowsMax = 100'000;
  request.recordsMax = 10'000'000;
  return request;
}

} // namespace

TEST_CASE("Every packet is an arrow from where it was born to where it arrived") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::twoPaths()}) {
    const Ladder ladder = buildLadder(run->trace, run->network(), everything());
    std::map<PacketId, const LadderArrow *> arrows;
    for (const LadderArrow &a : ladder.arrows) arrows[a.origin] = &a;
    int delivered = 0, lost = 0;
    for (const auto &[origin, n] : naivePackets(*run)) {
      if (n.sent == 0) continue; // died in the node where it was born
      CAPTURE(run->document.id, origin);
      REQUIRE(arrows.contains(origin));
      const LadderArrow &a = *arrows[origin];
      CHECK(a.firstSent == n.sent);
      CHECK(a.sentAt == n.sentAt);
      CHECK(a.fromNode == n.from);
      CHECK(a.label == wire::shortLabel(*run->trace.packet(origin)));
      if (n.arrived != 0) {
        REQUIRE(a.end == ArrowEnd::Delivered);
        CHECK(a.toNode == n.to);
        CHECK(a.last == n.arrived);
        CHECK(a.latency() == n.arrivedAt - n.sentAt);
        CHECK(a.hops.front().fromNode == a.fromNode);
        CHECK(a.hops.back().toNode == a.toNode);
        ++delivered;
      } else if (n.dropped != 0) {
        CHECK(a.end == ArrowEnd::Lost);
        CHECK(a.last == n.dropped);
        CHECK(a.reach < 1);
        ++lost;
      }
    }
    CHECK(delivered > 20);
    if (run == &fixture::lossyLink()) CHECK(lost > 0);
  }
}

TEST_CASE("The web request's ladder reads as the textbook says") {
  const Run &run = fixture::webRequest();
  LadderRequest request;
  request.to = SimTime::fromNs(1'500'000'000);
  const Ladder ladder = buildLadder(run.trace, run.network(), request);
  const auto name = [&](std::uint32_t n) { return run.network().nodes[n].name; };
  REQUIRE(ladder.lifelines.size() == 3);
  std::vector<std::string> told;
  for (const LadderArrow &a : ladder.arrows)
    told.push_back(name(a.fromNode) + " " + a.label + " " + name(a.toNode));
  const std::vector<std::string> opening = {
      "browser A? www.example.com dns", "dns A 192.0.2.1 browser",
      "browser SYN web server",         "web server SYN, ACK browser",
      "browser ACK web server",         "browser GET /index.html web server",
      "web server 200 OK browser"};
  REQUIRE(told.size() >= opening.size() + 4);
  CHECK(std::vector<std::string>(told.begin(), told.begin() + 7) == opening);
  const std::vector<std::string> closing = {"browser FIN, ACK web server", "web server ACK browser",
                                            "web server FIN, ACK browser",
                                            "browser ACK web server"};
  CHECK(std::vector<std::string>(told.end() - 4, told.end()) == closing);
}

TEST_CASE("The client's lifeline shows the states of an orderly close, without a gap") {
  const Run &run = fixture::webRequest();
  LadderRequest request;
  request.to = SimTime::fromNs(1'500'000'000);
  const Ladder ladder = buildLadder(run.trace, run.network(), request);
  const auto browser = run.built.node("browser").value;
  std::vector<std::string> states;
  const LadderState *before = nullptr;
  for (const LadderState &s : ladder.states) {
    if (s.node != browser) continue;
    states.emplace_back(transport::name(static_cast<transport::TcpState>(s.state)));
    if (before != nullptr) CHECK(before->to == s.from);
    before = &s;
  }
  CHECK(states == std::vector<std::string>{"SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
                                           "TIME-WAIT"});
}

TEST_CASE("A crash ends every state of its node, and what listens again begins anew") {
  const Run run = fixture::run("active-passive-hot", SimTime::zero() + Duration::seconds(28));
  SimTime crashed;
  std::uint32_t node = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind != RecordKind::NodeState || crashed != SimTime() ||
        static_cast<trace::NodeHealth>(r.detail) != trace::NodeHealth::Crashed)
      return;
    crashed = r.at;
    node = r.node;
  });
  REQUIRE(crashed > SimTime());
  LadderRequest request = everything();
  request.from = crashed - Duration::seconds(2);
  request.to = crashed + Duration::seconds(1);
  const Ladder ladder = buildLadder(run.trace, run.network(), request);
  std::size_t ended = 0;
  for (const LadderState &s : ladder.states) {
    if (s.node != node) continue;
    CHECK_FALSE(s.open);
    CHECK(s.to <= crashed);
    ended += s.to == crashed ? 1 : 0;
  }
  CHECK(ended > 0);
}

TEST_CASE("All hops put every device on the way between the end points") {
  const Run &run = fixture::webRequest();
  LadderRequest request = everything();
  request.allHops = true;
  const Ladder ladder = buildLadder(run.trace, run.network(), request);
  std::set<std::string> names;
  for (const auto n : ladder.lifelines) names.insert(run.network().nodes[n].id);
  for (const char *id : {"browser", "home-router", "isp", "core"}) CHECK(names.contains(id));
  for (const LadderArrow &a : ladder.arrows)
    for (std::size_t i = 1; i < a.hops.size(); ++i)
      CHECK(a.hops[i].fromNode == a.hops[i - 1].toNode);
}

TEST_CASE("Retransmissions are marked") {
  const Run &run = fixture::lossyLink();
  const Ladder ladder = buildLadder(run.trace, run.network(), everything());
  std::set<PacketId> again, marked;
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == RecordKind::TcpRetransmit) again.insert(r.packet);
  });
  for (const LadderArrow &a : ladder.arrows)
    if (a.retransmission) marked.insert(a.origin);
  REQUIRE(again.size() > 3);
  CHECK(marked == again);
}

TEST_CASE("Limits keep the latest arrows and say so") {
  const Run &run = fixture::lossyLink();
  LadderRequest request = everything();
  const Ladder all = buildLadder(run.trace, run.network(), request);
  request.arrowsMax = 50;
  const Ladder few = buildLadder(run.trace, run.network(), request);
  REQUIRE(few.arrows.size() == 50);
  CHECK(few.cut);
  for (std::size_t i = 0; i < 50; ++i)
    CHECK(few.arrows[i].firstSent == all.arrows[all.arrows.size() - 50 + i].firstSent);
}

TEST_CASE("A ladder with a hole names the slot that is missing") {
  Run run = fixture::webRequest();
  run.trace.drop(1);
  const Ladder ladder = buildLadder(run.trace, run.network(), everything());
  CHECK(ladder.pendingSlots == std::vector<std::size_t>{1});
}

TEST_CASE("The ladder tells what is encrypted, from when on and with which key") {
  const Run run = fixture::run("eavesdropper", SimTime::fromNs(5'500'000'000), 40);
  LadderRequest request;
  request.from = SimTime::fromNs(3'900'000'000);
  const Ladder ladder = buildLadder(run.trace, run.network(), request);
  const auto node = [&](const char *id) {
    const auto &nodes = run.network().nodes;
    const auto at =
        std::find_if(nodes.begin(), nodes.end(), [&](const auto &n) { return n.id == id; });
    return static_cast<std::uint32_t>(at - nodes.begin());
  };
  std::vector<std::string> laptop, bank;
  for (const LadderKeys &k : ladder.keys) {
    CHECK(k.from <= k.to);
    if (k.writes && k.node == node("laptop")) laptop.push_back(k.name);
    if (k.writes && k.node == node("bank")) bank.push_back(k.name);
  }
  // The client has its Finished and its keys for data in one instant.
  CHECK(laptop == std::vector<std::string>{"client application traffic"});
  CHECK(bank == std::vector<std::string>{"server application traffic"});
  std::size_t hidden = 0;
  for (const LadderArrow &a : ladder.arrows) {
    const bool tls = a.protocol == static_cast<std::uint8_t>(wire::ProtocolClass::Tls);
    if (a.encrypted) ++hidden;
    if (a.encrypted) CHECK(a.label.starts_with("encrypted, "));
    if (!tls) CHECK_FALSE(a.encrypted);
  }
  CHECK(hidden >= 2);
  const auto hello = std::find_if(ladder.arrows.begin(), ladder.arrows.end(), [](const auto &a) {
    return a.label.starts_with("Client Hello");
  });
  REQUIRE(hello != ladder.arrows.end());
  CHECK_FALSE(hello->encrypted);
}

TEST_CASE("Keys that were agreed on before a stretch of the ladder are known in it") {
  const Run run = fixture::run("eavesdropper", SimTime::fromNs(5'500'000'000), 10);
  const Ladder all = buildLadder(run.trace, run.network(), {});
  SimTime within;
  for (const LadderKeys &k : all.keys)
    if (k.name == "client application traffic" && k.writes) within = k.from + (k.to - k.from) / 2;
  REQUIRE(within > SimTime::zero());
  LadderRequest late;
  late.from = within;
  late.to = within;
  const Ladder ladder = buildLadder(run.trace, run.network(), late);
  CHECK(std::any_of(ladder.keys.begin(), ladder.keys.end(), [](const LadderKeys &k) {
    return k.name == "client application traffic" && k.writes;
  }));
}
