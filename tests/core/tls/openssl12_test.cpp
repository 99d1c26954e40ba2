// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/openssl_peer.h"
#include "tests/support/catch.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

using namespace tlstest;

namespace {

using crypto::KeyKind;

const Authority &opposite12() {
  static const Authority authority = makeAuthority();
  return authority;
}

std::shared_ptr<const Identity> identityFor12(KeyKind kind, bool ofClient = false) {
  static std::map<std::pair<KeyKind, bool>, std::shared_ptr<const Identity>> made;
  auto &identity = made[{kind, ofClient}];
  if (!identity)
    identity = makeIdentity(opposite12(), kind, ofClient ? "visitor" : "www.example.com", ofClient);
  return identity;
}

ClientConfig ownClient12(std::uint16_t suite = 0xc02b) {
  ClientConfig config = clientConfig(opposite12());
  config.suites = {suite};
  config.versions = {Version::Tls12};
  return config;
}

ServerConfig ownServer12(KeyKind kind = KeyKind::EcP256, std::uint16_t suite = 0xc02b) {
  ServerConfig config = serverConfig(opposite12());
  config.identity = identityFor12(kind);
  config.suites = {suite};
  config.versions = {Version::Tls12};
  return config;
}

/// One suite that both libraries know, OpenSSL's name for it, and a key that fits.
struct Case12 {
  std::uint16_t suite;
  const char *name;
  KeyKind kind;
};

std::vector<Case12> cases12() {
  std::vector<Case12> out;
  const std::pair<std::uint16_t, const char *> suites[] = {
      {0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"},
      {0xc030, "ECDHE-RSA-AES256-GCM-SHA384"},
      {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"},
      {0x009e, "DHE-RSA-AES128-GCM-SHA256"},
      {0x009f, "DHE-RSA-AES256-GCM-SHA384"},
      {0xccaa, "DHE-RSA-CHACHA20-POLY1305"},
      {0x009c, "AES128-GCM-SHA256"},
      {0x009d, "AES256-GCM-SHA384"}};
  for (const auto &[suite, name] : suites)
    for (const KeyKind kind : {KeyKind::EcP256, KeyKind::Ed25519, KeyKind::Rsa2048})
      if (fits(*findSuite(suite), kind)) out.push_back({suite, name, kind});
  return out;
}

OpenSslSetup opensslServer12(KeyKind kind = KeyKind::EcP256, const char *suite = "") {
  OpenSslSetup setup;
  setup.from = setup.to = Version::Tls12;
  setup.suites12 = suite;
  setup.identity = identityFor12(kind);
  return setup;
}

OpenSslSetup opensslClient12(const char *suite = "") {
  OpenSslSetup setup;
  setup.role = Role::Client;
  setup.from = setup.to = Version::Tls12;
  setup.suites12 = suite;
  setup.rootPem = opposite12().root.pem();
  return setup;
}

/// Our end with what it needs to be called.
struct Own12 {
  template <class Config>
  explicit Own12(const Config &config, std::uint64_t seed = 11)
      : stream(seed, "own", "tls"), connection(std::make_shared<const Config>(config)) {}
  Hands hands() { return {entropy, nowSeconds * 1000, {}}; }
  void talkTo(OpenSslPeer &peer) {
    Hands h = hands();
    talk(connection, peer, h);
  }
  /// The master secret of the connection, from its line for a key log.
  Bytes loggedMaster() {
    for (const Event &e : connection.takeEvents())
      if (e.kind == Event::Kind::KeyLog) line = e.value;
    return line.rfind("CLIENT_RANDOM ", 0) == 0 ? crypto::fromHex(line.substr(79)) : Bytes{};
  }
  void exchange(OpenSslPeer &peer) {
    Hands h = hands();
    connection.send(crypto::viewOf("from us"), h);
    peer.send("from them");
    talkTo(peer);
    const Bytes data = connection.takeData();
    CHECK(std::string(data.begin(), data.end()) == "from them");
    CHECK(peer.received() == "from us");
  }
  RandomStream stream;
  crypto::StreamEntropy entropy{stream};
  Connection connection;
  std::string line;
};

Bytes masterOf(const SSL_SESSION *session) {
  Bytes master(48);
  master.resize(SSL_SESSION_get_master_key(session, master.data(), master.size()));
  return master;
}

/// OpenSSL's end where it is to do what it seldom does.
struct Odd12 {
  explicit Odd12(const SSL_METHOD *method) : context(SSL_CTX_new(method), SSL_CTX_free) {
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  }
  void open() {
    ssl = {SSL_new(context.get()), SSL_free};
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  }
  void certify(const Identity &identity) {
    View der = identity.chain.front().der();
    SSL_CTX_use_certificate_ASN1(context.get(), static_cast<int>(der.size()), der.data());
    const std::string pem = identity.key.pem();
    const std::shared_ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                   BIO_free_all);
    const std::shared_ptr<EVP_PKEY> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    der = identity.chain.back().der();
    const unsigned char *at = der.data();
    SSL_CTX_add_extra_chain_cert(context.get(),
                                 d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  }
  void talkTo(Own12 &own) {
    Hands h = own.hands();
    own.connection.start(h);
    for (bool more = true; more;) {
      const Bytes ours = own.connection.takeOutput();
      if (!ours.empty())
        BIO_write(SSL_get_rbio(ssl.get()), ours.data(), static_cast<int>(ours.size()));
      SSL_do_handshake(ssl.get());
      std::array<char, 256> data{};
      const int count = SSL_read(ssl.get(), data.data(), static_cast<int>(data.size()));
      if (count > 0) received.append(data.data(), static_cast<std::size_t>(count));
      Bytes theirs(BIO_ctrl_pending(SSL_get_wbio(ssl.get())));
      if (!theirs.empty())
        BIO_read(SSL_get_wbio(ssl.get()), theirs.data(), static_cast<int>(theirs.size()));
      own.connection.feed(theirs, h);
      more = !ours.empty() || !theirs.empty();
    }
  }
  std::shared_ptr<SSL_CTX> context;
  std::shared_ptr<SSL> ssl;
  std::string received;
};

} // namespace

TEST_CASE("our client and OpenSSL's server agree in TLS 1.2 with every suite, and resume") {
  const auto all = cases12();
  const Case12 of = GENERATE_REF(from_range(all));
  INFO(of.name << " " << crypto::name(of.kind));
  ClientConfig config = ownClient12(of.suite);
  const OpenSslSetup setup = opensslServer12(of.kind, of.name);
  OpenSslPeer peer(setup);
  Own12 own(config);
  own.talkTo(peer);
  INFO(peer.error() << (own.connection.failure() ? own.connection.failure()->why : ""));
  REQUIRE(own.connection.established());
  REQUIRE(peer.established());
  CHECK(peer.suite() == nameOfSuite(of.suite));
  CHECK(peer.alpn() == "http/1.1");
  CHECK(own.connection.facts().alpn == "http/1.1");
  CHECK(own.connection.facts().validation.trusted());
  const Bytes master = own.loggedMaster();
  CHECK(master == masterOf(peer.session().get()));
  own.exchange(peer);

  const auto sessions = own.connection.takeSessions();
  REQUIRE(sessions.size() == 1);
  config.session = std::make_shared<const Session>(sessions.front());
  OpenSslPeer second(peer, setup);
  Own12 again(config, 12);
  again.talkTo(second);
  INFO(second.error());
  REQUIRE(again.connection.established());
  REQUIRE(second.established());
  CHECK(again.connection.facts().resumed);
  CHECK(second.resumed());
  CHECK(again.loggedMaster() == master);
  again.exchange(second);
}

TEST_CASE("our server and OpenSSL's client agree in TLS 1.2 with every suite, and resume") {
  const auto all = cases12();
  const Case12 of = GENERATE_REF(from_range(all));
  INFO(of.name << " " << crypto::name(of.kind));
  const ServerConfig config = ownServer12(of.kind, of.suite);
  OpenSslSetup setup = opensslClient12(of.name);
  OpenSslPeer peer(setup);
  Own12 own(config);
  own.talkTo(peer);
  INFO(peer.error() << (own.connection.failure() ? own.connection.failure()->why : ""));
  REQUIRE(own.connection.established());
  REQUIRE(peer.established());
  CHECK(peer.suite() == nameOfSuite(of.suite));
  CHECK(peer.alpn() == "http/1.1");
  CHECK(peer.peerSubject() == "www.example.com");
  CHECK(own.connection.facts().serverName == "www.example.com");
  const Bytes master = own.loggedMaster();
  CHECK(master == masterOf(peer.session().get()));
  own.exchange(peer);

  setup.session = peer.session();
  OpenSslPeer second(peer, setup);
  Own12 again(config, 12);
  again.talkTo(second);
  INFO(second.error());
  REQUIRE(again.connection.established());
  REQUIRE(second.established());
  CHECK(again.connection.facts().resumed);
  CHECK(second.resumed());
  CHECK(again.loggedMaster() == master);
  again.exchange(second);
}

TEST_CASE("every curve is agreed on with OpenSSL in TLS 1.2") {
  const auto [name, number] = GENERATE(
      table<std::string, std::uint16_t>({{"X25519", 0x1d}, {"P-256", 0x17}, {"P-384", 0x18}}));
  SECTION("our client") {
    OpenSslSetup setup = opensslServer12(KeyKind::Rsa2048);
    setup.groups = name;
    OpenSslPeer peer(setup);
    Own12 own(ownClient12(0xc02f));
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().group == number);
    own.exchange(peer);
  }
  SECTION("our server") {
    OpenSslSetup setup = opensslClient12();
    setup.groups = name;
    OpenSslPeer peer(setup);
    Own12 own(ownServer12(KeyKind::Rsa2048, 0xc02f));
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().group == number);
    own.exchange(peer);
  }
}

TEST_CASE("client certificates are shown to and by OpenSSL in TLS 1.2") {
  const KeyKind kind = GENERATE(KeyKind::EcP256, KeyKind::Ed25519, KeyKind::Rsa2048);
  SECTION("by our client") {
    OpenSslSetup setup = opensslServer12();
    setup.rootPem = opposite12().root.pem();
    setup.wantClientCertificate = true;
    OpenSslPeer peer(setup);
    ClientConfig config = ownClient12();
    config.identity = identityFor12(kind, true);
    Own12 own(config);
    own.talkTo(peer);
    INFO(peer.error());
    REQUIRE(peer.established());
    REQUIRE(own.connection.established());
    CHECK(peer.peerSubject() == "visitor");
    own.exchange(peer);
  }
  SECTION("to our server") {
    ServerConfig config = ownServer12();
    config.requestClientCertificate = config.requireClientCertificate = true;
    OpenSslSetup setup = opensslClient12();
    setup.identity = identityFor12(kind, true);
    OpenSslPeer peer(setup);
    Own12 own(config);
    own.talkTo(peer);
    INFO((own.connection.failure() ? own.connection.failure()->why : ""));
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().peerChain.front().commonName() == "visitor");
    CHECK(own.connection.facts().validation.trusted());
    own.exchange(peer);
  }
}

TEST_CASE("a client or server that can do both versions meets OpenSSL that can do 1.2 alone") {
  SECTION("our client") {
    ClientConfig config = clientConfig(opposite12());
    OpenSslPeer peer(opensslServer12());
    Own12 own(config);
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().version == Version::Tls12);
    own.exchange(peer);
  }
  SECTION("our server") {
    ServerConfig config = serverConfig(opposite12());
    OpenSslPeer peer(opensslClient12());
    Own12 own(config);
    own.talkTo(peer);
    REQUIRE(own.connection.established());
    CHECK(own.connection.facts().version == Version::Tls12);
    own.exchange(peer);
  }
}

TEST_CASE("without the extended master secret the classic one is OpenSSL's, and is not resumed") {
  SECTION("our client") {
    Odd12 odd(TLS_server_method());
    SSL_CTX_set_options(odd.context.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    odd.certify(*identityFor12(KeyKind::EcP256));
    odd.open();
    SSL_set_accept_state(odd.ssl.get());
    Own12 own(ownClient12());
    odd.talkTo(own);
    REQUIRE(own.connection.established());
    CHECK(own.loggedMaster() == masterOf(SSL_get_session(odd.ssl.get())));
  }
  SECTION("our server") {
    Odd12 odd(TLS_client_method());
    SSL_CTX_set_options(odd.context.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    for (int round = 0; round < 2; ++round) {
      const std::shared_ptr<SSL> before = odd.ssl;
      odd.open();
      SSL_set_connect_state(odd.ssl.get());
      if (before) SSL_set_session(odd.ssl.get(), SSL_get_session(before.get()));
      Own12 own(ownServer12(), static_cast<std::uint64_t>(round));
      odd.talkTo(own);
      REQUIRE(own.connection.established());
      CHECK_FALSE(own.connection.facts().resumed); // RFC 7627 section 5.3
      CHECK(own.loggedMaster() == masterOf(SSL_get_session(odd.ssl.get())));
    }
  }
}

TEST_CASE("our client agrees in a group that the server itself has brought") {
  const std::string name = GENERATE("modp_1536", "ffdhe3072");
  Odd12 odd(TLS_server_method());
  SSL_CTX_set_security_level(odd.context.get(), 1);
  SSL_CTX_set_cipher_list(odd.context.get(), "DHE-RSA-AES128-GCM-SHA256");
  const std::shared_ptr<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr),
                                            EVP_PKEY_CTX_free);
  EVP_PKEY *parameters = nullptr;
  EVP_PKEY_paramgen_init(maker.get());
  REQUIRE(EVP_PKEY_CTX_set_group_name(maker.get(), name.c_str()) == 1);
  REQUIRE(EVP_PKEY_generate(maker.get(), &parameters) == 1);
  REQUIRE(SSL_CTX_set0_tmp_dh_pkey(odd.context.get(), parameters) == 1);
  odd.certify(*identityFor12(KeyKind::Rsa2048));
  odd.open();
  SSL_set_accept_state(odd.ssl.get());
  Own12 own(ownClient12(0x009e));
  odd.talkTo(own);
  REQUIRE(own.connection.established());
  CHECK(own.connection.facts().group == 0);
  CHECK(own.loggedMaster() == masterOf(SSL_get_session(odd.ssl.get())));
}

TEST_CASE("OpenSSL's wish for a second handshake is refused, and it is its own choice to go") {
  const bool ofClient = GENERATE(false, true);
  Odd12 odd(ofClient ? TLS_client_method() : TLS_server_method());
  std::optional<Own12> own;
  if (ofClient) {
    own.emplace(ownServer12());
  } else {
    odd.certify(*identityFor12(KeyKind::EcP256));
    own.emplace(ownClient12());
  }
  odd.open();
  if (ofClient)
    SSL_set_connect_state(odd.ssl.get());
  else
    SSL_set_accept_state(odd.ssl.get());
  odd.talkTo(*own);
  REQUIRE(own->connection.established());
  REQUIRE(SSL_renegotiate(odd.ssl.get()) == 1);
  odd.talkTo(*own);
  CHECK(own->connection.failure().has_value() == own->connection.failedByPeer());
  bool refused = false;
  for (const Event &e : own->connection.takeEvents())
    refused = refused || (e.name == "no_renegotiation" && e.value == "sent");
  CHECK(refused);
}

TEST_CASE("a client that falls back although both ends can do TLS 1.3 is turned away") {
  Odd12 odd(TLS_client_method());
  SSL_CTX_set_mode(odd.context.get(), SSL_MODE_SEND_FALLBACK_SCSV);
  odd.open();
  SSL_set_connect_state(odd.ssl.get());
  ServerConfig config = ownServer12();
  const bool both = GENERATE(false, true);
  if (both) config.versions = {Version::Tls13, Version::Tls12};
  if (both) config.suites = {};
  Own12 own(config);
  odd.talkTo(own);
  CHECK(own.connection.established() != both);
  if (both) CHECK(own.connection.failure()->alert == Alert::InappropriateFallback);
}
