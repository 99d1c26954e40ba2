// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/pair.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>

using namespace tlstest;

namespace {

using crypto::KeyKind;
const std::vector<KeyKind> keyKinds12 = {KeyKind::EcP256, KeyKind::Ed25519, KeyKind::Rsa2048};

const Authority &authority12() {
  static const Authority authority = makeAuthority();
  return authority;
}

/// Made once for each kind: RSA keys take their time.
std::shared_ptr<const Identity> identity12(KeyKind kind, bool ofClient = false) {
  static std::map<std::pair<KeyKind, bool>, std::shared_ptr<const Identity>> made;
  auto &identity = made[{kind, ofClient}];
  if (!identity)
    identity =
        makeIdentity(authority12(), kind, ofClient ? "visitor" : "www.example.com", ofClient);
  return identity;
}

ClientConfig client12Config(std::vector<std::uint16_t> suites = {}) {
  ClientConfig config = clientConfig(authority12());
  config.versions = {Version::Tls12};
  config.suites = std::move(suites);
  return config;
}

ServerConfig server12Config(KeyKind kind = KeyKind::EcP256,
                            std::vector<std::uint16_t> suites = {}) {
  ServerConfig config = serverConfig(authority12());
  config.identity = identity12(kind);
  config.versions = {Version::Tls12};
  config.suites = std::move(suites);
  return config;
}

struct SuiteAndKey {
  std::uint16_t suite;
  KeyKind kind;
};

std::vector<SuiteAndKey> allCombinations12() {
  std::vector<SuiteAndKey> out;
  for (const std::uint16_t id : suitesOf(Version::Tls12, true))
    for (const KeyKind kind : keyKinds12)
      if (fits(*findSuite(id), kind)) out.push_back({id, kind});
  return out;
}

std::vector<std::string> namesTold(const std::vector<Event> &events, Event::Kind kind) {
  std::vector<std::string> names;
  for (const Event &e : events)
    if (e.kind == kind) names.push_back(e.name);
  return names;
}

void checkData(Pair &pair) {
  pair.send(Role::Client, "a question");
  pair.send(Role::Server, "an answer");
  pair.run();
  CHECK(pair.received(Role::Server) == "a question");
  CHECK(pair.received(Role::Client) == "an answer");
}

/// Sends records under an end's keys, in its place, from after its Finished on.
class Impostor12 {
public:
  Impostor12(Pair &pair, Role as) : m_pair(pair), m_as(as) {
    const std::string whose = as == Role::Client ? "client" : "server";
    const Bytes key = crypto::fromHex(pair.told(as, Event::Kind::Secret, whose + "_write_key"));
    const Bytes iv = crypto::fromHex(pair.told(as, Event::Kind::Secret, whose + "_write_IV"));
    m_writer.protect(Version::Tls12, {pair.of(as).facts().suite->aead, key, iv});
    Bytes finished;
    m_writer.write(ContentType::Handshake, Bytes(16), finished);
  }
  void send(ContentType type, View data) {
    Bytes record;
    m_writer.write(type, data, record);
    Hands hands = m_pair.handsOf(other(m_as));
    m_pair.of(other(m_as)).feed(record, hands);
    m_pair.carry(other(m_as), [](Role, Bytes &bytes) { bytes.clear(); });
  }

private:
  Pair &m_pair;
  Role m_as;
  RecordWriter m_writer;
};

Alert failureOf(const Connection &connection) {
  REQUIRE(connection.failure().has_value());
  return connection.failure()->alert;
}

} // namespace

TEST_CASE("both ends agree in TLS 1.2 with every suite and fitting key, and resume") {
  const auto all = allCombinations12();
  REQUIRE(all.size() == 14);
  const SuiteAndKey of = GENERATE_REF(from_range(all));
  INFO(nameOfSuite(of.suite) << " " << crypto::name(of.kind));
  ClientConfig client = client12Config({of.suite});
  const ServerConfig server = server12Config(of.kind, {of.suite});
  Pair first(client, server);
  first.run();
  REQUIRE(first.established());
  const Facts &facts = first.client.facts();
  CHECK(facts.version == Version::Tls12);
  CHECK(facts.suite->id == of.suite);
  CHECK(facts.alpn == "http/1.1");
  CHECK(facts.validation.trusted());
  CHECK(facts.group == first.server.facts().group);
  CHECK(facts.scheme == first.server.facts().scheme);
  CHECK((facts.scheme == 0) == (facts.suite->exchange == KeyExchange::Rsa));
  const std::string line = first.told(Role::Client, Event::Kind::KeyLog, "CLIENT_RANDOM");
  CHECK(line.size() == 14 + 64 + 1 + 96);
  CHECK(line == first.told(Role::Server, Event::Kind::KeyLog, "CLIENT_RANDOM"));
  checkData(first);

  const auto sessions = first.client.takeSessions();
  REQUIRE(sessions.size() == 1);
  CHECK(sessions.front().extendedMasterSecret);
  client.session = std::make_shared<const Session>(sessions.front());
  Pair second(client, server, 8);
  second.run();
  REQUIRE(second.established());
  CHECK(second.client.facts().resumed);
  CHECK(second.server.facts().resumed);
  CHECK(second.serverSent.size() < 250);
  const std::string again = second.told(Role::Client, Event::Kind::KeyLog, "CLIENT_RANDOM");
  CHECK(again.substr(79) == line.substr(79));
  CHECK(again.substr(0, 79) != line.substr(0, 79));
  checkData(second);
}

TEST_CASE("the phases of TLS 1.2 come in its order") {
  using namespace phase;
  using Names = std::vector<std::string>;
  const auto names = [](auto... n) { return Names{std::string(n)...}; };
  ClientConfig client = client12Config();
  Pair pair(client, server12Config());
  pair.run();
  CHECK(namesTold(pair.clientEvents, Event::Kind::Phase) ==
        names(clientHello, certificateVerification, sessionKeys, clientFinished));
  CHECK(namesTold(pair.serverEvents, Event::Kind::Phase) ==
        names(serverHello, sessionKeys, serverFinished));
  CHECK(namesTold(pair.clientEvents, Event::Kind::Secret) ==
        Names{"premaster secret", "master secret", "client_write_key", "server_write_key",
              "client_write_IV", "server_write_IV"});
  CHECK(namesTold(pair.serverEvents, Event::Kind::Sent) ==
        Names{"Server Hello", "Certificate", "Server Key Exchange", "Server Hello Done",
              "New Session Ticket", "Finished"});
  client.session = std::make_shared<const Session>(pair.client.takeSessions().front());
  Pair again(client, server12Config());
  again.run();
  CHECK(namesTold(again.serverEvents, Event::Kind::Phase) ==
        names(serverHello, sessionKeys, serverFinished));
  CHECK(namesTold(again.serverEvents, Event::Kind::Sent) == Names{"Server Hello", "Finished"});
  CHECK(namesTold(again.clientEvents, Event::Kind::Phase) ==
        names(clientHello, sessionKeys, clientFinished));
}

TEST_CASE("a client of TLS 1.2 shows a certificate where the server asks for one") {
  const KeyKind kind = GENERATE(from_range(keyKinds12));
  ClientConfig client = client12Config();
  client.identity = identity12(kind, true);
  ServerConfig server = server12Config();
  server.requestClientCertificate = server.requireClientCertificate = true;
  Pair pair(client, server);
  pair.run();
  REQUIRE(pair.established());
  REQUIRE(pair.server.facts().peerChain.size() == 2);
  CHECK(pair.server.facts().peerChain.front().commonName() == "visitor");
  checkData(pair);
}

TEST_CASE("a client of TLS 1.2 without a certificate passes where none is required") {
  ServerConfig server = server12Config();
  server.requestClientCertificate = true;
  server.requireClientCertificate = GENERATE(false, true);
  Pair pair(client12Config(), server);
  pair.run();
  CHECK(pair.established() != server.requireClientCertificate);
  if (server.requireClientCertificate)
    CHECK(failureOf(pair.server) == Alert::HandshakeFailure); // RFC 5246 section 7.4.6
}

TEST_CASE("without anything in common TLS 1.2 ends with handshake_failure") {
  ClientConfig client = client12Config();
  ServerConfig server = server12Config();
  SECTION("suites") {
    client.suites = {0xc02b};
    server.suites = {0xc02c};
  }
  SECTION("suites that fit the certificate") { client.suites = {0xc02f, 0x009e}; }
  SECTION("curves") {
    client.groups = {0x001d};
    server.groups = {0x0017};
  }
  SECTION("groups of Diffie-Hellman") {
    server = server12Config(KeyKind::Rsa2048, {0x009e});
    client.groups = {0x0101};
  }
  SECTION("signatures") { client.schemes = {0x0804}; }
  Pair pair(client, server);
  pair.run();
  CHECK(failureOf(pair.server) == Alert::HandshakeFailure);
  CHECK(pair.client.failedByPeer());
}

TEST_CASE("each side's order of suites and curves counts where the server says so") {
  ServerConfig server = server12Config(KeyKind::EcP256, {0xc02c, 0xc02b});
  server.preferOwnOrder = GENERATE(false, true);
  server.groups = {0x0018, 0x0017};
  ClientConfig client = client12Config({0xc02b, 0xc02c});
  client.groups = {0x0017, 0x0018};
  Pair pair(client, server);
  pair.run();
  REQUIRE(pair.established());
  CHECK(pair.client.facts().suite->id == (server.preferOwnOrder ? 0xc02c : 0xc02b));
  CHECK(pair.client.facts().group == (server.preferOwnOrder ? 0x0018 : 0x0017));
}

TEST_CASE("who weakens a client's offer to TLS 1.2 is found out by the mark in the random") {
  ServerConfig server = server12Config();
  server.versions = {Version::Tls13, Version::Tls12};
  ClientConfig client = client12Config();
  SECTION("a client of 1.2 alone goes on") {
    Pair pair(client, server);
    pair.run();
    CHECK(pair.established());
    CHECK(pair.client.facts().version == Version::Tls12);
  }
  SECTION("a client of 1.3 does not") {
    client.versions = {Version::Tls13, Version::Tls12};
    Pair pair(client, server);
    pair.run([](Role from, Bytes &bytes) { // hide supported_versions behind an unknown number
      const Bytes extension = {0, 43, 0, 5, 4, 3, 4, 3, 3};
      const auto at = std::search(bytes.begin(), bytes.end(), extension.begin(), extension.end());
      if (from == Role::Client && at != bytes.end()) *at = 0x6a;
    });
    CHECK(failureOf(pair.client) == Alert::IllegalParameter);
    CHECK_FALSE(pair.server.established());
  }
}

TEST_CASE("a ticket of TLS 1.2 that is old, of another name or sealed otherwise is passed over") {
  ClientConfig client = client12Config();
  ServerConfig server = server12Config();
  Pair first(client, server);
  first.run();
  Session session = first.client.takeSessions().front();
  Pair *pair = nullptr;
  std::optional<Pair> second;
  SECTION("old") {
    client.session = std::make_shared<const Session>(session);
    pair = &second.emplace(client, server);
    pair->nowMs += 7'201'000;
  }
  SECTION("sealed with another key") {
    client.session = std::make_shared<const Session>(session);
    server.ticketKey = Bytes(32, 0x43);
    pair = &second.emplace(client, server);
  }
  SECTION("damaged") {
    session.ticket.back() ^= 1;
    client.session = std::make_shared<const Session>(session);
    pair = &second.emplace(client, server);
  }
  SECTION("of another name") {
    client.session = std::make_shared<const Session>(session);
    client.serverName = "other.example.com";
    server.identity = makeIdentity(authority12(), KeyKind::EcP256, "other.example.com");
    pair = &second.emplace(client, server);
  }
  SECTION("of a suite that is not offered any more") {
    client.session = std::make_shared<const Session>(session);
    client.suites = {0xcca9};
    pair = &second.emplace(client, server);
  }
  pair->run();
  REQUIRE(pair->established());
  CHECK_FALSE(pair->client.facts().resumed);
  CHECK_FALSE(pair->server.facts().resumed);
  CHECK(pair->client.takeSessions().size() == 1);
}

TEST_CASE("a session with an extended master secret is not resumed as one without") {
  ClientConfig client = client12Config();
  Pair first(client, server12Config());
  first.run();
  Session session = first.client.takeSessions().front();
  SECTION("the client does not offer it (RFC 7627 section 5.3)") {
    session.extendedMasterSecret = false;
    client.session = std::make_shared<const Session>(session);
    Pair pair(client, server12Config());
    pair.run();
    CHECK(pair.established());
    CHECK_FALSE(pair.client.facts().resumed);
    CHECK_FALSE(pair.server.facts().resumed);
  }
  SECTION("the server sees it") {
    client.session = std::make_shared<const Session>(session);
    Pair pair(client, server12Config());
    pair.run([](Role from, Bytes &bytes) {
      const Bytes extension = {0, 23, 0, 0};
      const auto at = std::search(bytes.begin(), bytes.end(), extension.begin(), extension.end());
      if (from == Role::Client && at != bytes.end()) *at = 0x6a;
    });
    CHECK(failureOf(pair.server) == Alert::HandshakeFailure);
    CHECK_FALSE(pair.client.established());
  }
}

TEST_CASE("a second handshake is refused by a warning, and the connection goes on") {
  const Role asking = GENERATE(Role::Client, Role::Server);
  Pair pair(client12Config(), server12Config());
  pair.run();
  REQUIRE(pair.established());
  Impostor12 impostor(pair, asking);
  const Connection &asked = pair.of(other(asking));
  const Bytes wish = asking == Role::Client ? handshake(HandshakeType::ClientHello, Bytes(50))
                                            : handshake(HandshakeType::HelloRequest, {});
  impostor.send(ContentType::Handshake, wish);
  CHECK_FALSE(asked.failure());
  CHECK(pair.told(other(asking), Event::Kind::Alert, "no_renegotiation") == "sent");
  impostor.send(ContentType::ApplicationData, crypto::viewOf("as before"));
  CHECK(pair.received(other(asking)) == "as before");
  for (int i = 0; i < 32; ++i) impostor.send(ContentType::Handshake, wish);
  CHECK(failureOf(asked) == Alert::UnexpectedMessage);
}

TEST_CASE("what comes out of order in TLS 1.2 is refused with unexpected_message") {
  const auto feed = [](Pair &pair, Role to, ContentType type, View data) {
    Bytes record;
    RecordWriter().write(type, data, record);
    Hands hands = pair.handsOf(to);
    pair.of(to).feed(record, hands);
  };
  const Bytes one = {1};
  Pair pair(client12Config(), server12Config());
  Hands hands = pair.handsOf(Role::Client);
  pair.client.start(hands);
  SECTION("ChangeCipherSpec before the keys exist, to the server") {
    pair.carry(Role::Client);
    feed(pair, Role::Server, ContentType::ChangeCipherSpec, one);
    CHECK(failureOf(pair.server) == Alert::UnexpectedMessage);
  }
  SECTION("ChangeCipherSpec before the keys exist, to the client") {
    pair.carry(Role::Client);
    pair.carry(Role::Server, [](Role, Bytes &bytes) { // without its ServerHelloDone
      const std::size_t length = (std::size_t{bytes[3]} << 8 | bytes[4]) - 4;
      bytes.resize(bytes.size() - 4);
      bytes[3] = static_cast<std::uint8_t>(length >> 8);
      bytes[4] = static_cast<std::uint8_t>(length);
    });
    REQUIRE_FALSE(pair.client.failure());
    feed(pair, Role::Client, ContentType::ChangeCipherSpec, one);
    CHECK(failureOf(pair.client) == Alert::UnexpectedMessage);
  }
  SECTION("ChangeCipherSpec after the handshake") {
    pair.run();
    Impostor12(pair, Role::Client).send(ContentType::ChangeCipherSpec, one);
    CHECK(failureOf(pair.server) == Alert::UnexpectedMessage);
  }
  SECTION("Finished in clear instead of ChangeCipherSpec") {
    pair.carry(Role::Client);
    feed(pair, Role::Server, ContentType::Handshake, handshake(HandshakeType::Finished, Bytes(12)));
    CHECK(failureOf(pair.server) == Alert::UnexpectedMessage);
  }
  SECTION("application data in clear") {
    pair.carry(Role::Client);
    feed(pair, Role::Server, ContentType::ApplicationData, one);
    CHECK(failureOf(pair.server) == Alert::UnexpectedMessage);
  }
  SECTION("a HelloRequest in the middle means nothing") {
    pair.carry(Role::Client);
    Bytes flight = pair.server.takeOutput();
    pair.client.feed(flight, hands);
    feed(pair, Role::Client, ContentType::Handshake, handshake(HandshakeType::HelloRequest, {}));
    pair.run();
    CHECK(pair.established());
  }
}

TEST_CASE("a wrongly padded or versioned premaster secret shows at Finished alone") {
  const bool broken = GENERATE(false, true);
  Pair pair(client12Config({0x009c}), server12Config(KeyKind::Rsa2048, {0x009c}));
  pair.run([&](Role from, Bytes &bytes) {
    // ClientKeyExchange: record header, message header, length, then 256 bytes of ciphertext.
    if (broken && from == Role::Client && bytes.size() > 270 && bytes[5] == 16) bytes[100] ^= 1;
  });
  CHECK(pair.established() == !broken);
  if (broken) CHECK(failureOf(pair.server) == Alert::BadRecordMac);
}

TEST_CASE("a copy of a connection in TLS 1.2 goes on exactly as the original") {
  ClientConfig client = client12Config();
  client.identity = identity12(KeyKind::EcP256, true);
  ServerConfig server = server12Config();
  server.requestClientCertificate = true;
  Pair pair(client, server);
  Hands hands = pair.handsOf(Role::Client);
  pair.client.start(hands);
  for (Role from = Role::Client;; from = other(from)) {
    const Role to = other(from);
    Connection copy = pair.of(to);
    RandomStream stream = to == Role::Client ? pair.clientStream : pair.serverStream;
    crypto::StreamEntropy entropy(stream);
    Hands copied{entropy, pair.nowMs, {}};
    const Bytes bytes = pair.of(from).takeOutput();
    if (bytes.empty()) break;
    Hands own = pair.handsOf(to);
    pair.of(to).feed(bytes, own);
    copy.feed(bytes, copied);
    Connection twin = pair.of(to);
    CHECK(copy.takeOutput() == twin.takeOutput());
    CHECK(copy.established() == twin.established());
  }
  CHECK(pair.established());
}
