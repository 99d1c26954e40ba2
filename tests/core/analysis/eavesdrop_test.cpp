// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/capture.h"
#include "core/analysis/eavesdrop.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;

namespace {

constexpr SimTime firstRound = SimTime::fromNs(8'000'000'000);

std::uint32_t linkOf(const Run &run, const std::string &id) {
  const auto &links = run.network().links;
  const auto at =
      std::find_if(links.begin(), links.end(), [&](const auto &l) { return l.id == id; });
  REQUIRE(at != links.end());
  return static_cast<std::uint32_t>(at - links.begin());
}

Eavesdropper heard(const Run &run, const std::string &link = "tapped") {
  Eavesdropper ears(linkOf(run, link));
  ears.listen(run.trace, run.trace.lastSequence());
  return ears;
}

const Run &openBank() {
  static const Run r = fixture::run("eavesdropper", firstRound, 30);
  return r;
}
const Run &olderBank() {
  static const Run r =
      fixture::run("eavesdropper", firstRound, 0, {"nodes.bank.programs.http.tls_versions=1.2"});
  return r;
}

std::vector<const Conversation *> named(const Eavesdropper &ears, ConversationKind kind,
                                        const std::string &name) {
  std::vector<const Conversation *> found;
  for (std::size_t i = 0; i < ears.count(); ++i)
    if (ears.conversation(i).kind == kind && ears.conversation(i).name == name)
      found.push_back(&ears.conversation(i));
  return found;
}

std::string textOf(const Conversation &c, const std::string &what) {
  const auto at = std::find_if(c.items.begin(), c.items.end(),
                               [&](const OverheardItem &i) { return i.what == what; });
  return at == c.items.end() ? "(none)" : at->text;
}

/// Everything that can be read or seen, as one text.
std::string allOf(const Conversation &c) {
  std::string all;
  for (const OverheardItem &i : c.items) all += i.what + ": " + i.text + "\n";
  return all;
}

std::string flat(const Conversation &c) {
  return fmt::format("{} {} {} {} {} {} {} {} {}\n{}", c.kindText(), c.client.text(),
                     c.server.text(), c.name, c.ways[0].bytes, c.ways[1].bytes, c.ways[0].frames,
                     c.ways[1].frames, c.last.ns(), allOf(c));
}

std::string flat(const Eavesdropper &ears) {
  std::string all;
  for (std::size_t i = 0; i < ears.count(); ++i) all += flat(ears.conversation(i));
  return all;
}

wire::Packet segment(std::uint32_t sequence, std::string_view text, std::uint8_t flags = 0) {
  wire::Packet p;
  p.kind = wire::PacketKind::Tcp;
  p.ethernet.etherType = static_cast<std::uint16_t>(wire::EtherType::Ipv4);
  p.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Tcp);
  p.ip.source = {0x0a000001};
  p.ip.destination = {0x0a000002};
  p.tcp = {};
  p.tcp.sourcePort = 50000;
  p.tcp.destinationPort = 80;
  p.tcp.sequence = sequence;
  p.tcp.flags = flags;
  p.payload = wire::Payload::of(text);
  return p;
}

Eavesdropper hearing(const std::vector<wire::Packet> &packets) {
  fixture::TraceBuilder builder;
  std::int64_t ms = 0;
  for (const wire::Packet &p : packets)
    builder.sent(SimTime::fromNs(++ms * 1'000'000), 0, 0, Duration::ms(1), builder.packet(p));
  Eavesdropper ears(0);
  const trace::Trace trace = builder.take();
  ears.listen(trace, trace.lastSequence());
  return ears;
}

} // namespace

TEST_CASE("Of HTTP everything is read: request, host, cookie and page") {
  const Eavesdropper ears = heard(openBank());
  const auto shop = named(ears, ConversationKind::Http, "shop.example.com");
  REQUIRE(shop.size() == 2);
  CHECK(textOf(*shop[0], "request") == "GET /login HTTP/1.1");
  CHECK(textOf(*shop[0], "Host") == "shop.example.com");
  CHECK(textOf(*shop[0], "Cookie") == "(none)");
  CHECK(textOf(*shop[0], "Set-Cookie").starts_with("session="));
  CHECK(textOf(*shop[1], "request") == "GET /basket HTTP/1.1");
  CHECK(textOf(*shop[0], "Set-Cookie").starts_with(textOf(*shop[1], "Cookie")));
  CHECK(textOf(*shop[1], "body").find("Pay with card") != std::string::npos);
  for (const Conversation *c : shop)
    for (const OverheardItem &i : c->items) CHECK(i.exposure == Exposure::Readable);
}

TEST_CASE("Of TLS 1.3 the name, the offer and sizes are seen, not the certificate or the page") {
  const Eavesdropper ears = heard(openBank());
  const auto bank = named(ears, ConversationKind::Tls, "bank.example.com");
  REQUIRE(bank.size() == 2);
  CHECK(bank[0]->version == "TLS 1.3");
  CHECK(textOf(*bank[0], "server name") == "bank.example.com");
  CHECK(textOf(*bank[0], "certificate") == "TLS 1.3 sends it encrypted");
  CHECK(textOf(*bank[0], "ticket") == "(none)");
  CHECK(textOf(*bank[1], "ticket").find("here before") != std::string::npos);
  for (const Conversation *c : bank) {
    const std::string all = allOf(*c);
    for (const char *secret : {"GET", "Balance", "session=", "CN="})
      CHECK(all.find(secret) == std::string::npos);
    CHECK(c->ways[0].hidden > 0);
    CHECK(c->ways[1].hidden > c->ways[0].hidden / 4);
    for (const OverheardItem &i : c->items) CHECK(i.exposure != Exposure::Readable);
  }
}

TEST_CASE("Of TLS 1.2 the certificate is seen, too") {
  const Eavesdropper ears = heard(olderBank());
  const auto bank = named(ears, ConversationKind::Tls, "bank.example.com");
  REQUIRE(bank.size() == 2);
  CHECK(bank[0]->version == "TLS 1.2");
  CHECK(textOf(*bank[0], "certificate").find("CN=bank.example.com") != std::string::npos);
  CHECK(allOf(*bank[0]).find("encrypted handshake record") != std::string::npos);
  CHECK(allOf(*bank[0]).find("Balance") == std::string::npos);
}

TEST_CASE("Of DNS the names are read, by anybody, before a page of theirs is asked for") {
  const Eavesdropper ears = heard(openBank());
  for (const char *host : {"shop.example.com", "bank.example.com"}) {
    const auto asked = named(ears, ConversationKind::Dns, host);
    REQUIRE(!asked.empty());
    CHECK(textOf(*asked[0], "question") == std::string("A ") + host);
    CHECK(textOf(*asked[0], "answer").starts_with(std::string(host) + " A 192.0.2."));
  }
}

TEST_CASE("tshark sees the same conversations, names, suites and record sizes on that link") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  for (const Run *run : {&openBank(), &olderBank()}) {
    tshark::Capture file("analysis-tap");
    CaptureWriter capture(file.out(), run->sharedNetwork());
    for (const auto &slot : run->trace.slots()) capture.add(*slot.chunk);
    const std::string here = "(frame.interface_name == \"cafe:wan\" || "
                             "frame.interface_name == \"isp:customers\") && "
                             "frame.packet_flags_direction == 2";
    const auto table = [&](const std::string &filter, const std::string &fields) {
      std::multiset<std::string> out;
      const std::string text = file.readPlain("-o tls.keylog_file: -2 -Y '" + here + " && " +
                                              filter + "' -T fields -E occurrence=a " + fields);
      for (const std::string &line : tshark::split(text, '\n')) out.insert(line);
      return out;
    };
    const Eavesdropper ears = heard(*run);
    std::multiset<std::string> names, requests, payloads;
    std::map<std::string, std::uint64_t> bytes;
    for (std::size_t i = 0; i < ears.count(); ++i) {
      const Conversation &c = ears.conversation(i);
      for (const OverheardItem &item : c.items) {
        if (item.what == "server name") names.insert(item.text);
        if (item.what == "request") requests.insert(item.text);
      }
      if (!c.tcp) continue;
      bytes[c.client.text() + ">" + c.server.text()] = c.ways[0].bytes;
      bytes[c.server.text() + ">" + c.client.text()] = c.ways[1].bytes;
    }
    CHECK(table("tls.handshake.extensions_server_name",
                "-e tls.handshake.extensions_server_name") == names);
    std::multiset<std::string> asked;
    for (const std::string &line :
         table("!tls && http.request", "-e http.request.method -e http.request.uri")) {
      std::string words = line;
      std::replace(words.begin(), words.end(), '\t', ' ');
      asked.insert(words + " HTTP/1.1");
    }
    CHECK(asked == requests);
    std::map<std::string, std::uint64_t> seen;
    for (const std::string &line :
         table("tcp.len >= 0", "-e ip.src -e tcp.srcport -e ip.dst -e tcp.dstport -e tcp.len")) {
      const auto f = tshark::split(line, '\t');
      REQUIRE(f.size() == 5);
      seen[f[0] + ":" + f[1] + ">" + f[2] + ":" + f[3]] += std::stoull(f[4]);
    }
    CHECK(seen == bytes); // no losses here, so nothing passes twice
  }
}

TEST_CASE("Segments are put in order, and what is sent again is read once") {
  using F = wire::TcpFlags;
  const Eavesdropper ears =
      hearing({segment(99, "", F::Syn), segment(100, "GET / HT", F::Ack),
               segment(116, "Host: a\r\n", F::Ack), segment(100, "GET / HT", F::Ack),
               segment(108, "TP/1.1\r\nHost", F::Ack),
               segment(125, "Authorization: Basic dTpwdw==\r\n\r\n", F::Ack)});
  REQUIRE(ears.count() == 1);
  const Conversation &c = ears.conversation(0);
  CHECK(textOf(c, "request") == "GET / HTTP/1.1");
  CHECK(textOf(c, "Host") == "a");
  CHECK(textOf(c, "credentials") == "u:pw");
  CHECK(c.name == "a");
  CHECK(c.ways[0].bytes == 8 + 8 + 9 + 33);
  CHECK(c.ways[0].again == 8 + 4);
}

TEST_CASE("Ports that are used again begin another conversation") {
  using F = wire::TcpFlags;
  const Eavesdropper ears =
      hearing({segment(99, "", F::Syn), segment(100, "GET /a HTTP/1.1\r\n\r\n", F::Ack),
               segment(119, "", F::Fin | F::Ack), segment(5000, "", F::Syn),
               segment(5001, "GET /b HTTP/1.1\r\n\r\n", F::Ack)});
  REQUIRE(ears.count() == 2);
  CHECK(textOf(ears.conversation(0), "request") == "GET /a HTTP/1.1");
  CHECK(textOf(ears.conversation(1), "request") == "GET /b HTTP/1.1");
}

TEST_CASE("A tap that came late, or stands in lost stretches, says what it can") {
  const Eavesdropper late = hearing({segment(700, "half a line\r\n\r\n", wire::TcpFlags::Ack)});
  REQUIRE(late.count() == 1);
  CHECK(late.conversation(0).kind == ConversationKind::Plain);
  CHECK(textOf(late.conversation(0), "bytes") == "half a line  ");

  Run run = fixture::run("eavesdropper", firstRound, 30);
  for (std::size_t i = 0; i < run.trace.slots().size() / 2; ++i) run.trace.drop(i);
  Eavesdropper ears(linkOf(run, "tapped"));
  ears.listen(run.trace, run.trace.lastSequence());
  CHECK(ears.missed());
  CHECK(ears.count() > 0);
}

TEST_CASE("Damaged, lost and repeated segments are heard without harm") {
  std::vector<wire::Packet> passed;
  const std::uint32_t link = linkOf(olderBank(), "tapped");
  olderBank().forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == trace::RecordKind::FrameSent && r.link == link)
      passed.push_back(*olderBank().trace.packet(r.packet));
  });
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    std::vector<wire::Packet> damaged;
    for (const wire::Packet &p : passed) {
      if (below(10) == 0) continue;
      damaged.push_back(p);
      if (p.payload.empty() || below(3) != 0) continue;
      wire::Bytes bytes = p.payload.toBytes();
      bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1U << below(8));
      bytes.resize(1 + below(bytes.size()));
      damaged.back().payload = wire::Payload::of(std::move(bytes));
      if (below(4) == 0) damaged.push_back(p);
    }
    const Eavesdropper ears = hearing(damaged);
    for (std::size_t i = 0; i < ears.count(); ++i) {
      const Conversation &c = ears.conversation(i);
      for (const Conversation::Way &way : c.ways) CHECK(way.hidden <= way.bytes + 16645);
      CHECK(c.items.size() <= Conversation::itemsMax);
    }
  }
}

TEST_CASE("What was heard at a cursor does not depend on where the tap was looked at before") {
  const Run &run = openBank();
  const std::uint32_t link = linkOf(run, "tapped");
  TapHistory history(link);
  const trace::Sequence last = run.trace.lastSequence();
  for (const trace::Sequence upTo :
       {last / 3, last, last / 2, last / 2 + 1, trace::Sequence{0}, last / 5, last}) {
    Eavesdropper fresh(link);
    fresh.listen(run.trace, upTo);
    CHECK(flat(history.at(run.trace, upTo)) == flat(fresh));
  }
  history.truncate(last / 2);
  Eavesdropper fresh(link);
  fresh.listen(run.trace, last);
  CHECK(flat(history.at(run.trace, last)) == flat(fresh));
}

TEST_CASE("A busy link keeps to its bounds") {
  const Run &run = fixture::busyBottleneck();
  for (std::uint32_t link = 0; link < run.network().links.size(); ++link) {
    Eavesdropper ears(link);
    ears.listen(run.trace, run.trace.lastSequence());
    CHECK(ears.count() <= Eavesdropper::conversationsMax);
    for (std::size_t i = 0; i < ears.count(); ++i)
      CHECK(ears.conversation(i).items.size() <= Conversation::itemsMax);
  }
}
