// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/pair.h"
#include "tests/support/catch.h"

using namespace tlstest;

namespace {

const Authority &authority() {
  static const Authority made = makeAuthority();
  return made;
}

Pair met(const ClientConfig &c, const ServerConfig &s) {
  Pair pair(c, s);
  pair.run();
  return pair;
}

std::optional<Alert> alertOf(const Connection &c) {
  return c.failure() && !c.failedByPeer() ? std::optional(c.failure()->alert) : std::nullopt;
}

std::vector<std::string> phasesOf(const std::vector<Event> &events) {
  std::vector<std::string> names;
  for (const Event &e : events)
    if (e.kind == Event::Kind::Phase) names.push_back(e.name);
  return names;
}

} // namespace

TEST_CASE("two ends agree on TLS 1.3 and talk") {
  Pair pair = met(clientConfig(authority()), serverConfig(authority()));
  REQUIRE(pair.established());
  CHECK(pair.client.facts().version == Version::Tls13);
  CHECK(pair.client.facts().suite->id == 0x1301);
  CHECK(pair.server.facts().serverName == "www.example.com");
  pair.send(Role::Client, "ping");
  pair.send(Role::Server, "pong");
  pair.run();
  CHECK(pair.received(Role::Server) == "ping");
  CHECK(pair.received(Role::Client) == "pong");
}

TEST_CASE("what is sent before the handshake ends waits for its end") {
  Pair pair(clientConfig(authority()), serverConfig(authority()));
  pair.send(Role::Client, "early bird");
  pair.run();
  CHECK(pair.received(Role::Server) == "early bird");
}

TEST_CASE("a copy of a connection goes on exactly as the original") {
  for (int cut = 0; cut < 6; ++cut) {
    Pair pair(clientConfig(authority()), serverConfig(authority()));
    Hands hands = pair.handsOf(Role::Client);
    pair.client.start(hands);
    for (int i = 0; i < cut; ++i) pair.carry(i % 2 == 0 ? Role::Client : Role::Server);
    Pair copy(clientConfig(authority()), serverConfig(authority()));
    copy.client = pair.client;
    copy.server = pair.server;
    copy.clientStream = pair.clientStream;
    copy.serverStream = pair.serverStream;
    const std::size_t c = pair.clientSent.size(), s = pair.serverSent.size();
    for (Pair *p : {&pair, &copy}) {
      p->run();
      p->send(Role::Client, "one");
      p->send(Role::Server, "two");
      p->run();
      CHECK(p->established());
    }
    CHECK(Bytes(pair.clientSent.begin() + c, pair.clientSent.end()) == copy.clientSent);
    CHECK(Bytes(pair.serverSent.begin() + s, pair.serverSent.end()) == copy.serverSent);
  }
}

TEST_CASE("a ticket resumes a session without a certificate") {
  ClientConfig c = clientConfig(authority());
  const ServerConfig s = serverConfig(authority());
  Pair first = met(c, s);
  const auto sessions = first.client.takeSessions();
  REQUIRE(sessions.size() == 1);
  c.session = std::make_shared<const Session>(sessions.front());
  Pair second = met(c, s);
  REQUIRE(second.established());
  CHECK(second.client.facts().resumed);
  CHECK(second.server.facts().resumed);
  CHECK(second.client.facts().peerChain.empty());
  SECTION("but not after its life") {
    Pair late(c, s);
    late.nowMs += 7201 * 1000;
    late.run();
    CHECK(late.established());
    CHECK_FALSE(late.server.facts().resumed);
  }
  SECTION("but not by a server with another key") {
    ServerConfig other = s;
    other.ticketKey = Bytes(32, 0x43);
    Pair stranger = met(c, other);
    CHECK(stranger.established());
    CHECK_FALSE(stranger.client.facts().resumed);
  }
}

TEST_CASE("early data comes with the first flight, and its replay is caught only when looked for") {
  ClientConfig c = clientConfig(authority());
  ServerConfig s = serverConfig(authority());
  s.maxEarlyData = 1000;
  Pair first = met(c, s);
  c.session = std::make_shared<const Session>(first.client.takeSessions().front());
  c.earlyData = true;
  Pair second(c, s);
  second.send(Role::Client, "GET / HTTP/1.1");
  Hands hands = second.handsOf(Role::Client);
  second.client.start(hands);
  REQUIRE(second.carry(Role::Client));
  CHECK(second.received(Role::Server) == "GET / HTTP/1.1");
  const Bytes flight = second.clientSent;
  second.run();
  CHECK(second.established());
  CHECK(second.client.facts().early == Facts::Early::Accepted);
  SECTION("replayed to a server that does not remember, it is served again") {
    Pair replay(c, s);
    Hands h = replay.handsOf(Role::Server);
    replay.server.feed(flight, h);
    CHECK(replay.received(Role::Server) == "GET / HTTP/1.1");
  }
  SECTION("replayed to a server that remembers binders, it is refused") {
    Pair replay(c, s);
    replay.isFirstTime = [](View) { return false; };
    Hands h = replay.handsOf(Role::Server);
    replay.server.feed(flight, h);
    CHECK(replay.received(Role::Server).empty());
    CHECK(replay.server.facts().early == Facts::Early::Rejected);
    CHECK_FALSE(replay.server.failure());
  }
  SECTION("a client whose early data is refused sends it again") {
    Pair refused(c, s);
    refused.isFirstTime = [](View) { return false; };
    refused.send(Role::Client, "once");
    refused.run();
    CHECK(refused.established());
    CHECK(refused.client.facts().early == Facts::Early::Rejected);
    CHECK(refused.received(Role::Server) == "once");
  }
  SECTION("a retry makes it come later") {
    ServerConfig picky = s;
    picky.groups = {0x17};
    Pair retried(c, picky);
    retried.send(Role::Client, "later");
    retried.run();
    CHECK(retried.established());
    CHECK(retried.client.facts().retried);
    CHECK(retried.received(Role::Server) == "later");
  }
}

TEST_CASE("a certificate that does not hold ends in the alert of RFC 8446 section 6.2") {
  ClientConfig c = clientConfig(authority());
  ServerConfig s = serverConfig(authority());
  std::int64_t now = nowSeconds;
  Alert expected{};
  SECTION("expired") {
    now += 2LL * 365 * 86400;
    expected = Alert::CertificateExpired;
  }
  SECTION("not yet valid") {
    now -= 2 * 86400;
    expected = Alert::CertificateExpired;
  }
  SECTION("for another host") {
    c.serverName = "www.example.org";
    expected = Alert::BadCertificate;
  }
  SECTION("of an authority that nobody trusts") {
    c.trust = trustIn(makeAuthority(99));
    expected = Alert::UnknownCa;
  }
  Pair pair(c, s);
  pair.nowMs = now * 1000;
  pair.run();
  CHECK_FALSE(pair.established());
  CHECK(alertOf(pair.client) == expected);
  CHECK(pair.server.failedByPeer());
  CHECK(pair.server.failure()->alert == expected);
  c.verify = false;
  Pair careless(c, s);
  careless.nowMs = now * 1000;
  careless.run();
  CHECK(careless.established());
  CHECK_FALSE(careless.client.facts().validation.trusted());
}

TEST_CASE("ends with nothing in common part with the alert that says so") {
  ClientConfig c = clientConfig(authority());
  ServerConfig s = serverConfig(authority());
  Alert expected{};
  SECTION("versions") {
    c.versions = {Version::Tls13};
    s.versions = {Version::Tls12};
    expected = Alert::ProtocolVersion;
  }
  SECTION("suites") {
    c.versions = s.versions = {Version::Tls13};
    c.suites = {0x1301};
    s.suites = {0x1302};
    expected = Alert::HandshakeFailure;
  }
  SECTION("groups") {
    c.versions = s.versions = {Version::Tls13};
    c.groups = {0x1d};
    s.groups = {0x17};
    expected = Alert::HandshakeFailure;
  }
  SECTION("application protocols") {
    c.alpn = {"h2"};
    expected = Alert::NoApplicationProtocol;
  }
  SECTION("signatures") {
    c.versions = s.versions = {Version::Tls13};
    c.schemes = {0x0804};
    expected = Alert::HandshakeFailure;
  }
  SECTION("a client certificate that must be there") {
    c.versions = s.versions = {Version::Tls13};
    s.requestClientCertificate = s.requireClientCertificate = true;
    expected = Alert::CertificateRequired;
  }
  Pair pair = met(c, s);
  CHECK(alertOf(pair.server) == expected);
  CHECK(pair.client.failedByPeer());
}

TEST_CASE("the phases of 1.3 pass in their own order") {
  Pair pair = met(clientConfig(authority()), serverConfig(authority()));
  pair.send(Role::Client, "x");
  Hands hands = pair.handsOf(Role::Client);
  pair.client.close(hands);
  pair.run();
  using namespace phase;
  const auto names = [](std::initializer_list<std::string_view> list) {
    return std::vector<std::string>(list.begin(), list.end());
  };
  CHECK(phasesOf(pair.clientEvents) == names({clientHello, sessionKeys, certificateVerification,
                                              clientFinished, secureTransfer, termination}));
  CHECK(phasesOf(pair.serverEvents) ==
        names({serverHello, sessionKeys, serverFinished, termination}));
}

TEST_CASE("a downgrade on the way is caught by the mark in the server's random") {
  Pair pair(clientConfig(authority()), serverConfig(authority()));
  bool first = true;
  pair.run([&](Role from, Bytes &bytes) {
    if (from != Role::Client || !std::exchange(first, false)) return;
    // As an attacker would: the hello without supported_versions offers 1.2 at most.
    auto hello = readClientHello(View(bytes).subspan(9));
    REQUIRE(hello);
    std::erase_if(hello->extensions, [](const Extension &e) {
      return e.type == static_cast<std::uint16_t>(ExtensionType::SupportedVersions);
    });
    const Bytes message = handshake(HandshakeType::ClientHello, write(*hello));
    bytes.clear();
    RecordWriter().write(ContentType::Handshake, message, bytes);
  });
  CHECK(alertOf(pair.client) == Alert::IllegalParameter);
  CHECK_FALSE(pair.established());
}

TEST_CASE("one byte at a time is as good as all at once") {
  Pair pair(clientConfig(authority()), serverConfig(authority()));
  Hands client = pair.handsOf(Role::Client), server = pair.handsOf(Role::Server);
  pair.client.start(client);
  for (bool more = true; more;) {
    const Bytes up = pair.client.takeOutput();
    for (const std::uint8_t b : up) pair.server.feed(View(&b, 1), server);
    const Bytes down = pair.server.takeOutput();
    for (const std::uint8_t b : down) pair.client.feed(View(&b, 1), client);
    more = !up.empty() || !down.empty();
  }
  CHECK(pair.established());
}

TEST_CASE("changed, replayed and dropped records are refused after the handshake") {
  Pair pair = met(clientConfig(authority()), serverConfig(authority()));
  pair.send(Role::Client, "transfer 100");
  Bytes record = pair.client.takeOutput();
  Hands hands = pair.handsOf(Role::Server);
  SECTION("changed") {
    record[10] ^= 1;
    pair.server.feed(record, hands);
  }
  SECTION("replayed") {
    pair.server.feed(record, hands);
    CHECK(pair.received(Role::Server) == "transfer 100");
    pair.server.feed(record, hands);
  }
  SECTION("dropped") {
    pair.send(Role::Client, "and 50");
    pair.server.feed(pair.client.takeOutput(), hands);
  }
  CHECK(alertOf(pair.server) == Alert::BadRecordMac);
  CHECK(pair.received(Role::Server).empty());
}
