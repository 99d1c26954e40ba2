// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>

namespace packetarium::programs {
namespace {

using namespace testing;
using trace::RequestOutcome;
using Action = world::Action;
using Names = std::vector<std::string>;

} // namespace

TEST_CASE("A bulk transfer delivers every byte and closes in order") {
  Lab lab(Lab::Shape::Direct, 2);
  lab.link().loss = GENERATE(0.0, 0.02);
  lab.run("a", "bulk-sender", {{"peer", lab.addressOf("b")}, {"bytes", std::int64_t{1'000'000}}});
  lab.run("b", "bulk-receiver", {});
  Run run(lab);
  run.until(Duration::seconds(120));
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) == 1);
  REQUIRE(run.described(1, "received") == "1000000 B");
  REQUIRE(run.phases(0U) == Names{"tcp.opening", "tcp.open", "tcp.sending", "tcp.closing",
                                  "tcp.peer-closed", "tcp.closed"});
  REQUIRE(run.phases(1U) == Names{"tcp.listening", "tcp.syn-seen", "tcp.open", "tcp.peer-closed",
                                  "tcp.closing", "tcp.closed"});
}

TEST_CASE("Goodput samples add up to what was transferred") {
  Lab lab(Lab::Shape::Direct);
  lab.link().rateBps = 10'000'000;
  lab.run("a", "bulk-sender", {{"peer", lab.addressOf("b")}, {"bytes", std::int64_t{5'000'000}}});
  lab.run("b", "bulk-receiver", {});
  Run run(lab);
  run.until(Duration::seconds(20));
  double bits = 0;
  for (const double v : run.samples("bulk.goodput_bps")) bits += v;
  REQUIRE(bits == Approx(5'000'000 * 8.0));
  // 1460 bytes of each 1514-byte frame are payload.
  const auto goodput = run.samples("bulk.goodput_bps");
  REQUIRE(goodput.at(2) == Approx(10e6 * 1460 / 1514).epsilon(0.01));
}

TEST_CASE("A receiver that stops reading stops the sender, and lets it go on") {
  Lab lab(Lab::Shape::Direct);
  lab.link().rateBps = 10'000'000;
  lab.run("a", "bulk-sender", {{"peer", lab.addressOf("b")}});
  lab.run("b", "bulk-receiver",
          {{"pause_at_ns", Duration::seconds(3).ns()},
           {"pause_for_ns", Duration::seconds(4).ns()},
           {"receive_buffer_bytes", std::int64_t{65535}}});
  Run run(lab);
  run.until(Duration::seconds(12));
  const auto goodput = run.samples("bulk.goodput_bps");
  REQUIRE(goodput.at(1) > 5e6);
  REQUIRE(goodput.at(4) == 0);
  REQUIRE(goodput.at(9) > 5e6);
}

TEST_CASE("Client first: the states are those of RFC 9293 figure 5") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "tcp-client", {{"peer", lab.addressOf("b")}, {"local_port", std::int64_t{4000}}});
  lab.run("b", "echo-server", {});
  Run run(lab);
  run.until(Duration::seconds(200));
  REQUIRE(run.tcpStates(0, 4000) ==
          Names{"SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"});
  const auto server = run.tcpStates(1, 7);
  REQUIRE(std::find(server.begin(), server.end(), "CLOSE-WAIT") != server.end());
  REQUIRE(std::find(server.begin(), server.end(), "LAST-ACK") != server.end());
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) == 1);
  REQUIRE(run.described(1, "echoed") == "5 B");
}

TEST_CASE("Server first: then the client passes through CLOSE-WAIT and LAST-ACK") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "tcp-client",
          {{"peer", lab.addressOf("b")},
           {"local_port", std::int64_t{4000}},
           {"close", std::string("after-peer")}});
  lab.run("b", "echo-server", {{"close", std::string("after-reply")}});
  Run run(lab);
  run.until(Duration::seconds(200));
  REQUIRE(run.tcpStates(0, 4000) ==
          Names{"SYN-SENT", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"});
}

TEST_CASE("Two that open and close at the same time meet in SYN-RECEIVED and CLOSING") {
  Lab lab(Lab::Shape::Routed);
  for (const auto &[self, other] : {std::pair{"a", "b"}, std::pair{"b", "a"}})
    lab.run(self, "tcp-client",
            {{"peer", lab.addressOf(other)},
             {"port", std::int64_t{4000}},
             {"local_port", std::int64_t{4000}},
             {"close", std::string("at-time")}});
  Run run(lab);
  run.until(Duration::seconds(200));
  for (const std::uint32_t node : {0U, 1U}) {
    INFO(node);
    REQUIRE(run.tcpStates(node, 4000) == Names{"SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
                                               "FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"});
  }
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) == 2);
}

TEST_CASE("A client that aborts resets the server's side") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "tcp-client", {{"peer", lab.addressOf("b")}, {"close", std::string("abort")}});
  lab.run("b", "echo-server", {});
  Run run(lab);
  run.until(Duration::seconds(5));
  REQUIRE(run.phases(1U).back() == "tcp.failed");
  REQUIRE(run.described(1, "connections") == "0");
}

TEST_CASE("A UDP stream over a lossy link loses the share that the link loses") {
  Lab lab(Lab::Shape::Direct, 7);
  lab.link().loss = 0.1;
  const std::string payload = GENERATE("stamped", "pattern");
  lab.run("a", "udp-source",
          {{"peer", lab.addressOf("b")},
           {"rate_pps", 1000.0},
           {"count", std::int64_t{20'000}},
           {"payload", payload}});
  lab.run("b", "udp-sink", {});
  Run run(lab);
  run.until(Duration::seconds(22));
  const double sigma = std::sqrt(20'000 * 0.1 * 0.9);
  REQUIRE(std::abs(run.samples("udp.lost").back() - 2000) < 4 * sigma);
  REQUIRE(run.samples("udp.reordered").back() == 0);
  if (payload == "stamped") {
    // 554 bytes at 100 Mbit/s and 5 ms on the way.
    REQUIRE(run.samples("udp.delay_ms").at(5) == Approx(5 + 554 * 8 / 100e6 * 1e3).epsilon(1e-6));
  }
}

TEST_CASE("A cut cable is a gap in the voice as long as the cut") {
  Lab lab(Lab::Shape::Direct);
  lab.run("a", "voice-sender", {{"peer", lab.addressOf("b")}});
  lab.run("b", "voice-receiver", {});
  Run run(lab);
  run.apply(Duration::ms(2005), {Action::Kind::CutLink, {}, LinkIndex{0}, 0});
  run.apply(Duration::ms(2405), {Action::Kind::RestoreLink, {}, LinkIndex{0}, 0});
  run.until(Duration::seconds(5));
  const auto gaps = run.samples("voice.gap_ms");
  REQUIRE(gaps.size() == 1);
  REQUIRE(gaps[0] == Approx(400).margin(20));
  REQUIRE(run.samples("voice.lost").back() == gaps[0] / 20);
  REQUIRE(run.samples("voice.jitter_ms").at(1) < 0.01);
}

TEST_CASE("A round trip takes twice the way: delay, transmission, and the router between") {
  Lab lab(Lab::Shape::Routed);
  lab.run("a", "ping", {{"peer", lab.addressOf("b")}, {"count", std::int64_t{4}}});
  Run run(lab);
  run.until(Duration::seconds(10));
  const auto rtt = run.samples("ping.rtt_ms");
  REQUIRE(rtt.size() == 4);
  const double hop = 5 + (14 + 20 + 8 + 56) * 8 / 100e6 * 1e3;
  for (std::size_t i = 1; i < 4; ++i) REQUIRE(rtt[i] == Approx(4 * hop).epsilon(1e-6));
  REQUIRE(rtt[0] > 2 * 4 * 5); // the first one waited for ARP on both links
  REQUIRE(run.outcomes().at(RequestOutcome::Ok) == 4);
}

TEST_CASE("Traceroute names the router, then the host") {
  Lab lab(Lab::Shape::Routed);
  lab.run("a", "ping",
          {{"peer", lab.addressOf("b")},
           {"mode", std::string("traceroute")},
           {"count", std::int64_t{1}}});
  Run run(lab);
  run.until(Duration::seconds(10));
  REQUIRE(run.described(0, "way") == "2 hops");
  REQUIRE(run.noted("hop 1: 192.0.2.254 "));
  REQUIRE(run.noted("hop 2: 198.51.100.2 "));
  REQUIRE(run.noted("198.51.100.2 is 2 hops away."));
}

TEST_CASE("Pings that cannot arrive say why") {
  Lab lab(Lab::Shape::Routed);
  SECTION("the time to live is too short") {
    lab.run("a", "ping",
            {{"peer", lab.addressOf("b")}, {"ttl", std::int64_t{1}}, {"count", std::int64_t{1}}});
    Run run(lab);
    run.until(Duration::seconds(10));
    REQUIRE(run.noted("192.0.2.254: time to live exceeded."));
    REQUIRE(run.outcomes().at(RequestOutcome::Refused) == 1);
  }
  SECTION("the router knows no way") {
    lab.run("a", "ping", {{"peer", std::string("203.0.113.1")}, {"count", std::int64_t{1}}});
    Run run(lab);
    run.until(Duration::seconds(10));
    REQUIRE(run.noted("192.0.2.254: destination network unreachable."));
  }
  SECTION("nobody is there") {
    lab.run("a", "ping", {{"peer", lab.addressOf("b")}, {"count", std::int64_t{2}}});
    Run run(lab);
    run.apply(Duration::ns(1), {Action::Kind::CutLink, {}, LinkIndex{1}, 0});
    run.until(Duration::seconds(10));
    REQUIRE(run.samples("ping.lost").back() == 2);
  }
}

} // namespace packetarium::programs
