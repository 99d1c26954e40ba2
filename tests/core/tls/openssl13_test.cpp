// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/openssl_peer.h"
#include "tests/support/catch.h"

using namespace tlstest;

namespace {

const std::vector<std::string> suites = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256"};
const std::vector<crypto::KeyKind> kinds = {crypto::KeyKind::EcP256, crypto::KeyKind::Ed25519,
                                            crypto::KeyKind::Rsa2048};

/// Our end with what it needs to be called.
struct Own {
  template <class Config>
  explicit Own(const Config &config)
      : stream(11, "own", "tls"), connection(std::make_shared<const Config>(config)) {}
  Hands hands() { return {entropy, nowSeconds * 1000, {}}; }
  void talkTo(OpenSslPeer &peer) {
    Hands h = hands();
    talk(connection, peer, h);
  }
  void send(std::string_view text) {
    Hands h = hands();
    connection.send(crypto::viewOf(text), h);
  }
  std::string received() {
    const Bytes data = connection.takeData();
    return {data.begin(), data.end()};
  }
  std::vector<std::string> keyLog() {
    std::vector<std::string> lines;
    for (const Event &e : connection.takeEvents())
      if (e.kind == Event::Kind::KeyLog) lines.push_back(e.value);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  RandomStream stream;
  crypto::StreamEntropy entropy{stream};
  Connection connection;
};

std::vector<std::string> sorted(std::vector<std::string> lines) {
  for (std::string &line : lines)
    std::transform(line.begin() + static_cast<std::ptrdiff_t>(line.find(' ')), line.end(),
                   line.begin() + static_cast<std::ptrdiff_t>(line.find(' ')),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::sort(lines.begin(), lines.end());
  return lines;
}

OpenSslSetup serverSetup(const Authority &authority,
                         crypto::KeyKind kind = crypto::KeyKind::EcP256) {
  OpenSslSetup setup;
  setup.identity = makeIdentity(authority, kind, "www.example.com");
  return setup;
}

OpenSslSetup clientSetup(const Authority &authority) {
  OpenSslSetup setup;
  setup.role = Role::Client;
  setup.rootPem = authority.root.pem();
  return setup;
}

void exchange(Own &own, OpenSslPeer &peer) {
  own.send("from us to them");
  peer.send("from them to us");
  own.talkTo(peer);
  CHECK(own.received() == "from them to us");
  CHECK(peer.received() == "from us to them");
}

std::uint16_t idOf(std::string_view name) {
  for (const Suite &suite : allSuites())
    if (nameOfSuite(suite.id) == name) return suite.id;
  return 0;
}

} // namespace

TEST_CASE("our client and OpenSSL's server agree in TLS 1.3 with every suite and kind of key") {
  const Authority authority = makeAuthority();
  const auto suite = GENERATE(from_range(suites));
  const auto kind = GENERATE(from_range(kinds));
  ClientConfig config = clientConfig(authority);
  config.suites = {idOf(suite)};
  Own own(config);
  OpenSslPeer peer(serverSetup(authority, kind));
  own.talkTo(peer);
  INFO(peer.error());
  if (own.connection.failure()) INFO(own.connection.failure()->why);
  REQUIRE(own.connection.established());
  REQUIRE(peer.established());
  CHECK(peer.suite() == suite);
  CHECK(own.connection.facts().alpn == "http/1.1");
  CHECK(own.connection.facts().validation.trusted());
  CHECK(own.keyLog() == sorted(peer.keyLog()));
  exchange(own, peer);
}

TEST_CASE("our server and OpenSSL's client agree in TLS 1.3 with every suite and kind of key") {
  const Authority authority = makeAuthority();
  const auto suite = GENERATE(from_range(suites));
  const auto kind = GENERATE(from_range(kinds));
  Own own(serverConfig(authority, kind));
  OpenSslSetup setup = clientSetup(authority);
  setup.suites13 = suite;
  OpenSslPeer peer(setup);
  own.talkTo(peer);
  INFO(peer.error());
  REQUIRE(own.connection.established());
  REQUIRE(peer.established());
  CHECK(peer.suite() == suite);
  CHECK(peer.alpn() == "http/1.1");
  CHECK(peer.peerSubject() == "www.example.com");
  CHECK(own.connection.facts().serverName == "www.example.com");
  CHECK(own.keyLog() == sorted(peer.keyLog()));
  exchange(own, peer);
}

TEST_CASE("every group is agreed on with OpenSSL, at once and after a HelloRetryRequest") {
  const Authority authority = makeAuthority();
  const auto [name, number] = GENERATE(table<std::string, std::uint16_t>(
      {{"X25519", 0x1d}, {"P-256", 0x17}, {"P-384", 0x18}, {"ffdhe2048", 0x100}}));
  SECTION("our client") {
    Own own(clientConfig(authority));
    OpenSslSetup setup = serverSetup(authority);
    setup.groups = name;
    OpenSslPeer peer(setup);
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().group == number);
    CHECK(own.connection.facts().retried == (number != 0x1d));
    exchange(own, peer);
  }
  SECTION("our server") {
    ServerConfig config = serverConfig(authority);
    config.groups = {number};
    Own own(config);
    OpenSslSetup setup = clientSetup(authority);
    setup.groups = "X25519:P-256:P-384:ffdhe2048";
    OpenSslPeer peer(setup);
    own.talkTo(peer);
    INFO(peer.error());
    REQUIRE(own.connection.established());
    REQUIRE(peer.established());
    CHECK(own.connection.facts().group == number);
    CHECK(own.connection.facts().retried == (number != 0x1d));
    exchange(own, peer);
  }
}

TEST_CASE("our client resumes a session of OpenSSL's server, with early data where it allows") {
  const Authority authority = makeAuthority();
  const bool early = GENERATE(false, true);
  OpenSslSetup setup = serverSetup(authority);
  setup.maxEarlyData = early ? 4096 : 0;
  OpenSslPeer first(setup);
  ClientConfig config = clientConfig(authority);
  Own own(config);
  own.talkTo(first);
  REQUIRE(own.connection.established());
  auto sessions = own.connection.takeSessions();
  REQUIRE_FALSE(sessions.empty());
  CHECK((sessions.front().maxEarlyData > 0) == early);
  // OpenSSL compares ages by its own clock.
  sessions.front().receivedAtMs = nowSeconds * 1000;
  config.session = std::make_shared<const Session>(sessions.front());
  config.earlyData = early;
  Own again(config);
  OpenSslPeer second(first, setup);
  again.send("early or not");
  again.talkTo(second);
  INFO(second.error());
  REQUIRE(again.connection.established());
  CHECK(again.connection.facts().resumed);
  CHECK(second.resumed());
  if (early) {
    CHECK(again.connection.facts().early == Facts::Early::Accepted);
    CHECK(second.receivedEarly() == "early or not");
  } else {
    CHECK(second.received() == "early or not");
  }
}

TEST_CASE("OpenSSL's client resumes a session of our server, with early data where it allows") {
  const Authority authority = makeAuthority();
  const bool early = GENERATE(false, true);
  ServerConfig config = serverConfig(authority);
  config.maxEarlyData = early ? 4096 : 0;
  Own own(config);
  OpenSslPeer first(clientSetup(authority));
  own.talkTo(first);
  REQUIRE(first.established());
  OpenSslSetup setup = clientSetup(authority);
  setup.session = first.session();
  OpenSslPeer second(first, setup);
  Own again(config);
  if (early) REQUIRE(second.writeEarly("early"));
  again.talkTo(second);
  INFO(second.error());
  REQUIRE(again.connection.established());
  CHECK(second.resumed());
  CHECK(again.connection.facts().resumed);
  if (early) CHECK(again.connection.facts().early == Facts::Early::Accepted);
  if (early) CHECK(again.received() == "early");
  exchange(again, second);
}

TEST_CASE("client certificates are shown to and by OpenSSL") {
  const Authority authority = makeAuthority();
  const auto kind = GENERATE(from_range(kinds));
  SECTION("by our client") {
    OpenSslSetup setup = serverSetup(authority);
    setup.rootPem = authority.root.pem();
    setup.wantClientCertificate = true;
    OpenSslPeer peer(setup);
    ClientConfig config = clientConfig(authority);
    config.identity = makeIdentity(authority, kind, "visitor", true);
    Own own(config);
    own.talkTo(peer);
    INFO(peer.error());
    REQUIRE(peer.established());
    CHECK(peer.peerSubject() == "visitor");
    exchange(own, peer);
  }
  SECTION("to our server") {
    ServerConfig config = serverConfig(authority);
    config.requestClientCertificate = config.requireClientCertificate = true;
    Own own(config);
    OpenSslSetup setup = clientSetup(authority);
    setup.identity = makeIdentity(authority, kind, "visitor", true);
    OpenSslPeer peer(setup);
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    REQUIRE(own.connection.facts().peerChain.size() == 2);
    CHECK(own.connection.facts().peerChain.front().commonName() == "visitor");
    CHECK(own.connection.facts().validation.trusted());
    exchange(own, peer);
  }
}

TEST_CASE("keys are updated by either end in the middle of a connection with OpenSSL") {
  const Authority authority = makeAuthority();
  const bool askPeer = GENERATE(false, true);
  Own own(clientConfig(authority));
  OpenSslPeer peer(serverSetup(authority));
  own.talkTo(peer);
  REQUIRE(peer.established());
  Hands hands = own.hands();
  own.connection.updateKeys(askPeer, hands);
  own.talkTo(peer);
  exchange(own, peer);
  peer.updateKeys(askPeer);
  own.talkTo(peer);
  own.send(" again");
  own.talkTo(peer);
  CHECK(peer.received() == "from us to them again");
  own.connection.close(hands);
  own.talkTo(peer);
  CHECK(peer.peerClosed());
  peer.shutdown();
  own.talkTo(peer);
  CHECK(own.connection.peerClosed());
  CHECK_FALSE(own.connection.failure());
}

TEST_CASE("keys change by themselves after so much data") {
  const Authority authority = makeAuthority();
  ClientConfig config = clientConfig(authority);
  config.keyUpdateBytes = 1000;
  Own own(config);
  OpenSslPeer peer(serverSetup(authority));
  own.talkTo(peer);
  std::string sent;
  for (int i = 0; i < 20; ++i) {
    sent += std::string(300, static_cast<char>('a' + i));
    own.send(sent.substr(sent.size() - 300));
    peer.send("x");
    own.talkTo(peer);
  }
  CHECK(peer.received() == sent);
  CHECK(own.received() == std::string(20, 'x'));
  std::size_t updates = 0;
  for (const Event &e : own.connection.takeEvents())
    updates += e.kind == Event::Kind::Phase && e.name == phase::keyUpdate;
  CHECK(updates == 5);
}

TEST_CASE("megabytes pass in both directions between us and OpenSSL") {
  const Authority authority = makeAuthority();
  Own own(clientConfig(authority));
  OpenSslPeer peer(serverSetup(authority));
  own.talkTo(peer);
  std::string much(3'000'000, 'x');
  for (std::size_t i = 0; i < much.size(); i += 97) much[i] = static_cast<char>('a' + i % 26);
  own.send(much);
  peer.send(much);
  own.talkTo(peer);
  CHECK(own.received() == much);
  CHECK(peer.received() == much);
}
