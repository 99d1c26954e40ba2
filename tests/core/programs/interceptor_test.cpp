// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/interceptor/record_cutter.h"
#include "core/tls/authority.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <limits>

namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using trace::RequestOutcome;
using Given = std::map<std::string, ParameterValue>;
using Outcomes = std::map<RequestOutcome, int>;

constexpr std::uint32_t browserNode = 0, serverNode = 1, middleNode = 2;

/// Host a browses; the name server at b lies to it and names r, where the interceptor stands; the
/// true web server is b.
Lab middleLab(const Given &interceptor, const Given &browser = {}, const Given &server = {}) {
  Lab lab(Lab::Shape::Routed, 5);
  tls::AuthoritySpec sound, own;
  sound.id = "ca";
  sound.name = "Example Root CA";
  own.id = "mallory";
  own.name = "Free Wi-Fi CA";
  own.trusted = false;
  lab.certify({std::make_shared<const tls::Authority>(5, sound),
               std::make_shared<const tls::Authority>(5, own)});
  lab.run("a", "dns-resolver", {{"servers", rowsOf("address", {lab.addressOf("b")})}});
  Given client = browser;
  client.insert({{"url", std::string("https://www.example.com/account")},
                 {"count", std::int64_t{1}},
                 {"interval_ns", Duration::seconds(3).ns()}});
  lab.run("a", "browser", client);
  const ParameterRow lie{
      {{"name", std::string("www")}, {"value", lab.addressOf("r")}, {"ttl_s", std::int64_t{60}}}};
  lab.run("b", "dns-server",
          {{"zone", std::string("example.com")}, {"records", std::vector<ParameterRow>{lie}}});
  const ParameterRow page{{{"host", std::string("www.example.com")},
                           {"path", std::string("/account")},
                           {"bytes", std::int64_t{900}},
                           {"session", std::string("start")}}};
  Given site = server;
  site.insert({{"https", true}, {"pages", std::vector<ParameterRow>{page}}});
  lab.run("b", "http-server", site);
  Given middle = interceptor;
  middle.insert({{"server", lab.addressOf("b")}});
  lab.run("r", "interceptor", middle);
  return lab;
}

Given attack(const std::string &name, Given more = {}) {
  more["attack"] = name;
  return more;
}

Given speaking(const std::string &versions) { return {{"tls_versions", versions}}; }

int counted(const std::vector<std::string> &all, std::string_view which) {
  return static_cast<int>(std::count(all.begin(), all.end(), which));
}

/// "bad_record_mac sent", in order.
std::vector<std::string> alerts(const Run &run, std::uint32_t node) {
  std::vector<std::string> out;
  for (const Line &l : run.facts(node, FactTopic::TlsAlert))
    if (l.first != "close_notify") out.push_back(l.first + " " + l.second);
  return out;
}

using Texts = std::vector<std::string>;

/// What the interceptor said it did, and how that ended.
struct Attempted {
  std::string done, ended;
};
Attempted lastAttempt(const Run &run) {
  const auto facts = run.facts(middleNode, FactTopic::Intercepted);
  REQUIRE_FALSE(facts.empty());
  return {facts.back().second, facts.back().third};
}

bool holds(const std::string &text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("Who only passes TLS on sees the server's name and sizes, and nothing else") {
  for (const char *versions : {"1.3", "1.2"}) {
    INFO(versions);
    Run run(middleLab(attack("relay"), speaking(versions)));
    run.until(Duration::seconds(10));
    REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 1}});
    REQUIRE(counted(run.phases(serverNode), "http.request-received") == 1);
    REQUIRE(counted(run.phases(middleNode), "interceptor.read") == 0);
    const Attempted told = lastAttempt(run);
    REQUIRE(told.done == "passed everything on and listened");
    REQUIRE(holds(told.ended, "it saw the name www.example.com"));
    REQUIRE(holds(told.ended, "read nothing"));
    REQUIRE(run.described(middleNode, "read in clear") == "nothing");
    REQUIRE(alerts(run, browserNode).empty());
    REQUIRE(alerts(run, serverNode).empty());
  }
}

TEST_CASE("A certificate signed by nobody one trusts is refused before any request is sent") {
  for (const std::string authority : {"Free Wi-Fi CA", ""}) {
    for (const char *versions : {"1.3", "1.2"}) {
      INFO(authority << ' ' << versions);
      Run run(middleLab(attack("own-certificate", {{"authority", authority}}), speaking(versions)));
      run.until(Duration::seconds(10));
      REQUIRE(run.outcomes().size() == 1);
      REQUIRE(run.outcomes().count(RequestOutcome::Ok) == 0);
      REQUIRE(alerts(run, browserNode) == Texts{"unknown_ca sent"});
      REQUIRE(alerts(run, middleNode) == Texts{"unknown_ca received"});
      REQUIRE(counted(run.phases(browserNode), "browser.request-sent") == 0);
      REQUIRE(counted(run.phases(serverNode), "http.request-received") == 0);
      REQUIRE(counted(run.phases(middleNode), "interceptor.read") == 0);
      REQUIRE(counted(run.phases(middleNode), "interceptor.caught") == 1);
      const Attempted told = lastAttempt(run);
      REQUIRE(holds(told.done, "showed its own certificate for www.example.com"));
      REQUIRE(holds(told.ended, "the client refused"));
    }
  }
}

TEST_CASE("With the attacker's root in the trust store everything is read, and said so") {
  for (const char *versions : {"1.3", "1.2"}) {
    INFO(versions);
    Given client = speaking(versions);
    client["trusted"] = rowsOf("authority", {"Free Wi-Fi CA"});
    client["count"] = std::int64_t{2};
    Run run(middleLab(attack("own-certificate", {{"authority", std::string("Free Wi-Fi CA")}}),
                      client));
    run.until(Duration::seconds(10));
    REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 2}});
    REQUIRE(alerts(run, browserNode).empty());
    REQUIRE(counted(run.phases(serverNode), "http.request-received") == 2);
    REQUIRE(counted(run.phases(middleNode), "interceptor.certificate-accepted") == 2);
    Texts read;
    for (const Line &l : run.facts(middleNode, FactTopic::Intercepted))
      if (l.first == "read") read.push_back(l.second);
    REQUIRE(read.size() == 4);
    REQUIRE(read[0] == "GET /account");
    REQUIRE(holds(read[1], "200 OK, 900 bytes, Set-Cookie: session="));
    REQUIRE(holds(read[2], "GET /account, Cookie: session="));
    REQUIRE(holds(lastAttempt(run).ended, "the client believed it"));
    REQUIRE(run.noted("everything it says can be read and changed"));
    REQUIRE(run.described(middleNode, "requests read") == "2");
    // The client names whom it believed.
    const auto certificates = run.facts(browserNode, FactTopic::TlsCertificate);
    REQUIRE_FALSE(certificates.empty());
  }
}

TEST_CASE("One changed bit of a record is found by who receives it") {
  for (const char *versions : {"1.3", "1.2"}) {
    INFO(versions);
    Run run(middleLab(attack("change-bytes"), speaking(versions)));
    run.until(Duration::seconds(10));
    REQUIRE(run.outcomes().count(RequestOutcome::Ok) == 0);
    REQUIRE(alerts(run, serverNode) == Texts{"bad_record_mac sent"});
    REQUIRE(alerts(run, browserNode) == Texts{"bad_record_mac received"});
    REQUIRE(counted(run.phases(browserNode), "browser.request-sent") == 1);
    REQUIRE(counted(run.phases(serverNode), "http.request-received") == 0);
    const Attempted told = lastAttempt(run);
    REQUIRE(holds(told.done, "changed one bit of application record 1"));
    REQUIRE(holds(told.ended, "the server sent an"));
  }
}

TEST_CASE("A record sent twice is no record of that place") {
  for (const char *versions : {"1.3", "1.2"}) {
    INFO(versions);
    Run run(middleLab(attack("replay"), speaking(versions)));
    run.until(Duration::seconds(10));
    REQUIRE(run.outcomes().count(RequestOutcome::Ok) == 0);
    REQUIRE(alerts(run, serverNode) == Texts{"bad_record_mac sent"});
    REQUIRE(alerts(run, browserNode) == Texts{"bad_record_mac received"});
    // The first copy was as good as any; it is served at most once.
    REQUIRE(counted(run.phases(serverNode), "http.request-received") == 1);
    REQUIRE(holds(lastAttempt(run).done, "a second time"));
  }
}

TEST_CASE("A first flight with early data is served twice, unless the server remembers it") {
  for (const bool careful : {true, false}) {
    INFO(careful);
    Run run(middleLab(attack("replay-early-data"),
                      {{"early_data", true}, {"nagle", false}, {"count", std::int64_t{2}}},
                      {{"early_data_bytes", std::int64_t{4096}}, {"replay_protection", careful}}));
    run.until(Duration::seconds(10));
    // The client notices nothing either way.
    REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 2}});
    REQUIRE(counted(run.phases(middleNode), "interceptor.replayed") == 1);
    REQUIRE(counted(run.phases(serverNode), "http.request-received") == (careful ? 2 : 3));
    REQUIRE(counted(run.phases(middleNode), "interceptor.replay-served") == (careful ? 0 : 1));
    REQUIRE(counted(run.phases(middleNode), "interceptor.caught") == (careful ? 1 : 0));
  }
}

TEST_CASE("A flight that is replayed late is no early data any more") {
  Run run(middleLab(attack("replay-early-data", {{"replay_delay_ns", Duration::seconds(15).ns()}}),
                    {{"early_data", true}, {"nagle", false}, {"count", std::int64_t{2}}},
                    {{"early_data_bytes", std::int64_t{4096}}, {"replay_protection", false}}));
  run.until(Duration::seconds(30));
  REQUIRE(counted(run.phases(serverNode), "http.request-received") == 2);
  REQUIRE(counted(run.phases(middleNode), "interceptor.caught") == 1);
}

TEST_CASE("A downgrade is caught by the mark in the server's random") {
  Run run(middleLab(attack("downgrade")));
  run.until(Duration::seconds(10));
  REQUIRE(run.outcomes().count(RequestOutcome::Ok) == 0);
  REQUIRE(alerts(run, browserNode) == Texts{"illegal_parameter sent"});
  REQUIRE(counted(run.phases(browserNode), "browser.request-sent") == 0);
  const Attempted told = lastAttempt(run);
  REQUIRE(holds(told.done, "took TLS 1.3 out of the ClientHello: 3 cipher suites and "));
  REQUIRE(told.ended == "the client sent the alert illegal_parameter");
}

TEST_CASE("A downgrade to a server of 1.2 alone is caught by Finished") {
  Run run(middleLab(attack("downgrade"), {}, speaking("1.2")));
  run.until(Duration::seconds(10));
  REQUIRE(run.outcomes().count(RequestOutcome::Ok) == 0);
  REQUIRE(alerts(run, serverNode) == Texts{"decrypt_error sent"});
  REQUIRE(alerts(run, browserNode) == Texts{"decrypt_error received"});
  REQUIRE(counted(run.phases(serverNode), "http.request-received") == 0);
}

TEST_CASE("Who speaks one version alone cannot be downgraded") {
  for (const char *versions : {"1.3", "1.2"}) {
    INFO(versions);
    Run run(middleLab(attack("downgrade"), speaking(versions)));
    run.until(Duration::seconds(10));
    if (std::string(versions) == "1.3") {
      REQUIRE(run.outcomes() == Outcomes{{RequestOutcome::Ok, 1}});
      REQUIRE(run.noted("cannot be downgraded"));
    }
    REQUIRE(counted(run.phases(middleNode), "interceptor.read") == 0);
  }
}

TEST_CASE("Every attack runs the same again, and from a copy taken at any instant") {
  const Given client{{"early_data", true}, {"nagle", false}, {"count", std::int64_t{0}}};
  const Given server{{"early_data_bytes", std::int64_t{4096}}, {"replay_protection", false}};
  for (const char *name :
       {"relay", "own-certificate", "change-bytes", "replay", "replay-early-data", "downgrade"}) {
    INFO(name);
    const Lab lab =
        middleLab(attack(name, {{"authority", std::string("Free Wi-Fi CA")}}), client, server);
    const auto plan = lab.plan();
    const auto to = [](world::World &w, Duration t) {
      w.runUntil(SimTime::zero() + t, std::numeric_limits<std::uint64_t>::max());
    };
    world::World once(plan, nullptr), again(plan, nullptr);
    to(once, Duration::seconds(9));
    for (int ms = 0; ms < 3300; ms += ms < 200 ? 7 : 310) {
      to(again, Duration::ms(ms));
      world::World copy(again);
      to(copy, Duration::seconds(9));
      REQUIRE(copy.fingerprint() == once.fingerprint());
    }
  }
}

TEST_CASE("Records are cut the same however their bytes arrive") {
  const auto record = [](std::uint8_t type, std::size_t size) {
    wire::Bytes out{type, 3, 3, static_cast<std::uint8_t>(size >> 8),
                    static_cast<std::uint8_t>(size)};
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(i * 7));
    return out;
  };
  const std::vector<wire::Bytes> records = {record(22, 300), record(20, 1), record(23, 0),
                                            record(23, 700)};
  wire::Bytes all;
  for (const auto &r : records) all.insert(all.end(), r.begin(), r.end());
  const wire::Payload stream = wire::Payload::of(all);
  for (std::uint32_t step : {1U, 2U, 5U, 299U, 4000U}) {
    RecordCutter cutter;
    std::vector<wire::Bytes> cut;
    for (std::uint32_t at = 0; at < stream.size(); at += step)
      for (auto &r : cutter.feed(stream.slice(at, std::min(step, stream.size() - at))))
        cut.push_back(std::move(r));
    INFO(step);
    REQUIRE(cut == records);
  }
}

TEST_CASE("What is no TLS is passed on as it is") {
  RecordCutter cutter;
  const auto cut = cutter.feed(wire::Payload::of("GET / HTTP/1.1\r\n"));
  REQUIRE(cut.size() == 1);
  REQUIRE(std::string(cut[0].begin(), cut[0].end()) == "GET / HTTP/1.1\r\n");
}

TEST_CASE("A downgraded ClientHello keeps all but what tells of 1.3") {
  wire::tls::ClientHello hello;
  hello.suites = {0x1301, 0xc02b, 0x1303, 0xc02f};
  hello.extensions = {
      wire::tls::serverName("www.example.com"), wire::tls::supportedVersions({0x0304, 0x0303}),
      wire::tls::keyShares({{0x001d, wire::Bytes(32, 1)}}), wire::tls::supportedGroups({0x001d}),
      wire::tls::emptyExtension(wire::tls::ExtensionType::ExtendedMasterSecret)};
  const wire::Bytes message =
      wire::tls::handshake(wire::tls::HandshakeType::ClientHello, wire::tls::write(hello));
  wire::Bytes record{22, 3, 1, static_cast<std::uint8_t>(message.size() >> 8),
                     static_cast<std::uint8_t>(message.size())};
  record.insert(record.end(), message.begin(), message.end());
  const auto less = downgraded(record);
  REQUIRE(less);
  REQUIRE(less->what == "took TLS 1.3 out of the ClientHello: 2 cipher suites and 3 extensions");
  const auto read = clientHelloIn(less->record);
  REQUIRE(read);
  REQUIRE(read->suites == std::vector<std::uint16_t>{0xc02b, 0xc02f});
  REQUIRE(read->extensions.size() == 2);
  REQUIRE(read->random == hello.random);
  REQUIRE_FALSE(downgraded(less->record)); // nothing is left to take out
}

TEST_CASE("A flipped bit is one bit of the body") {
  wire::Bytes record{23, 3, 3, 0, 4, 0, 0, 0, 0};
  REQUIRE(flipBit(record) == "byte 3 of 4: 00 became 01");
  REQUIRE(record == wire::Bytes{23, 3, 3, 0, 4, 0, 0, 1, 0});
  wire::Bytes empty{23, 3, 3, 0, 0};
  REQUIRE(flipBit(empty).empty());
}

namespace {

wire::Bytes recordOf(std::uint8_t type, std::size_t size) {
  wire::Bytes out{type, 3, 3, static_cast<std::uint8_t>(size >> 8),
                  static_cast<std::uint8_t>(size)};
  out.resize(out.size() + size, 0x5a);
  return out;
}

/// An interceptor that has accepted one client and reached the server.
struct Middle {
  explicit Middle(const std::string &attack, Given more = {}) {
    more.insert({{"server", std::string("192.0.2.9")}, {"attack", attack}});
    program = make("interceptor", more);
    program->start(ctx);
    const SocketId listener = ctx.lastSocket();
    client = ctx.freshSocket();
    program->onSocket(ctx, accepted(listener, client, {{}, 50000}));
    if (ctx.connects.empty()) return;
    server = ctx.connects.back().first;
    program->onSocket(ctx, tcpEvent(SocketEvent::Kind::Connected, server));
  }
  void data(SocketId from, const wire::Bytes &bytes) {
    SocketEvent event = tcpEvent(SocketEvent::Kind::Data, from);
    event.data = wire::Payload::of(bytes);
    program->onSocket(ctx, event);
  }
  std::string sent(SocketId socket) const { return ctx.streamText(socket); }

  FakeContext ctx;
  std::unique_ptr<Program> program;
  SocketId client = 0, server = 0;
};

std::string textOf(const wire::Bytes &bytes) { return {bytes.begin(), bytes.end()}; }

} // namespace

TEST_CASE("It goes to the server it was told, on the server's port") {
  const Middle m("relay", {{"server_port", std::int64_t{8443}}});
  REQUIRE(m.ctx.connects.size() == 1);
  REQUIRE(m.ctx.connects[0].second.text() == "192.0.2.9:8443");
}

TEST_CASE("It passes whole records on, and closes what the other side closes") {
  Middle m("relay");
  const wire::Bytes record = recordOf(23, 40);
  m.data(m.client, {record.begin(), record.begin() + 20});
  REQUIRE(m.sent(m.server).empty());
  m.data(m.client, {record.begin() + 20, record.end()});
  REQUIRE(m.sent(m.server) == textOf(record));
  m.data(m.server, record);
  REQUIRE(m.sent(m.client) == textOf(record));
  m.program->onSocket(m.ctx, tcpEvent(SocketEvent::Kind::PeerClosed, m.client));
  REQUIRE(m.ctx.closed == std::vector<SocketId>{m.server});
  m.program->onSocket(m.ctx, tcpEvent(SocketEvent::Kind::PeerClosed, m.server));
  REQUIRE(m.ctx.closed == std::vector<SocketId>{m.server, m.client});
}

TEST_CASE("Only the record that was named is changed, by one bit") {
  Middle m("change-bytes", {{"change_record", std::int64_t{2}}});
  const wire::Bytes record = recordOf(23, 40);
  for (int i = 0; i < 3; ++i) m.data(m.client, record);
  const std::string sent = m.sent(m.server), one = textOf(record);
  REQUIRE(sent.size() == 3 * one.size());
  REQUIRE(sent.substr(0, one.size()) == one);
  REQUIRE(sent.substr(2 * one.size()) == one);
  int bits = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    for (int b = 0; b < 8; ++b) bits += (sent[one.size() + i] ^ one[i]) >> b & 1;
  REQUIRE(bits == 1);
  REQUIRE(m.ctx.facts.size() == 1);
  REQUIRE(m.ctx.facts[0].topic == FactTopic::Intercepted);
  REQUIRE(m.ctx.facts[0].name == "change-bytes");
  REQUIRE(m.ctx.facts[0].detail.empty());
}

TEST_CASE("A side that sends faster than the other takes has to wait") {
  Middle m("relay");
  m.ctx.streamRoom = 0;
  for (int i = 0; i < 10; ++i) m.data(m.server, recordOf(23, 16000));
  REQUIRE(m.ctx.notReading == std::set<SocketId>{m.server});
  m.ctx.streamRoom = 1U << 30;
  m.program->onSocket(m.ctx, tcpEvent(SocketEvent::Kind::Writable, m.client));
  REQUIRE(m.ctx.notReading.empty());
  REQUIRE(m.sent(m.client).size() == 10 * 16005);
}

TEST_CASE("A reset on one side is a reset on the other; a server that cannot be reached ends it") {
  Middle reset("relay");
  reset.program->onSocket(reset.ctx, failed(reset.client, transport::SocketError::Reset));
  REQUIRE(reset.ctx.aborted == std::vector<SocketId>{reset.server});
  Middle away("relay");
  away.program->onSocket(away.ctx, failed(away.server, transport::SocketError::TimedOut));
  REQUIRE(away.ctx.closed == std::vector<SocketId>{away.client});
}

TEST_CASE("What cannot be done is said") {
  FakeContext taken;
  taken.takenPorts = {443};
  make("interceptor", {{"server", std::string("192.0.2.9")}})->start(taken);
  REQUIRE(taken.notes.size() == 1);
  FakeContext nobody;
  make("interceptor", {{"server", std::string("192.0.2.9")}, {"authority", std::string("Nobody")}})
      ->start(nobody);
  REQUIRE(nobody.notes.size() == 1);
  REQUIRE(holds(nobody.notes[0].what, "There is no authority Nobody"));
  Middle plain("own-certificate");
  plain.data(plain.client, {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P'});
  REQUIRE(plain.ctx.connects.empty());
  REQUIRE(plain.ctx.closed == std::vector<SocketId>{plain.client});
}

} // namespace packetarium::programs
