// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half12.h"
#include "tests/core/tls/pair.h"
#include "tests/support/catch.h"

using namespace tlstest;

// What either end of TLS 1.2 says to a message that the other must not send.
namespace {

const Authority &witness12() {
  static const Authority authority = makeAuthority();
  return authority;
}

ClientConfig believingClient() {
  ClientConfig config = clientConfig(witness12());
  config.versions = {Version::Tls12};
  return config;
}

ServerConfig believingServer(crypto::KeyKind kind = crypto::KeyKind::EcP256) {
  ServerConfig config = serverConfig(witness12(), kind);
  config.versions = {Version::Tls12};
  return config;
}

/// Messages in clear, changed one by one; one that comes back empty is left out.
using Forgery = std::function<Bytes(HandshakeType, const Bytes &body)>;
void forge(Bytes &records, const Forgery &forgery) {
  Bytes out;
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t length = std::size_t{records[at + 3]} << 8 | records[at + 4];
    const View payload = View(records).subspan(at + 5, length);
    const View record = View(records).subspan(at, 5 + length);
    at += 5 + length;
    if (record[0] != 22) { // from here on it is encrypted
      crypto::append(out, View(records).subspan(at - record.size()));
      break;
    }
    Bytes messages;
    for (std::size_t i = 0; i < payload.size();) {
      const std::size_t size =
          std::size_t{payload[i + 1]} << 16 | std::size_t{payload[i + 2]} << 8 | payload[i + 3];
      const View body = payload.subspan(i + 4, size);
      crypto::append(messages, forgery(static_cast<HandshakeType>(payload[i]),
                                       Bytes(body.begin(), body.end())));
      i += 4 + size;
    }
    if (!messages.empty()) RecordWriter().write(ContentType::Handshake, messages, out);
  }
  records = out;
}

/// How the receiver of a forged flight fails.
Alert answerTo(Pair &pair, Role liar, const Forgery &forgery) {
  pair.run([&](Role from, Bytes &bytes) {
    if (from == liar) forge(bytes, forgery);
  });
  const Connection &victim = pair.of(other(liar));
  CHECK_FALSE(victim.established());
  CHECK(pair.of(liar).failedByPeer());
  REQUIRE(victim.failure().has_value());
  INFO(victim.failure()->why);
  return victim.failure()->alert;
}

Forgery onServerHello(const std::function<void(ServerHello &)> &change) {
  return [change](HandshakeType type, const Bytes &body) {
    if (type != HandshakeType::ServerHello) return handshake(type, body);
    ServerHello hello = *readServerHello(body);
    change(hello);
    return handshake(type, write(hello));
  };
}

Forgery onExchange(bool ecdhe, const std::function<void(ServerKeyExchange &)> &change) {
  return [=](HandshakeType type, const Bytes &body) {
    if (type != HandshakeType::ServerKeyExchange) return handshake(type, body);
    ServerKeyExchange exchange = *readServerKeyExchange(body, ecdhe);
    change(exchange);
    return handshake(type, write(exchange));
  };
}

Forgery onClientHello(const std::function<void(ClientHello &)> &change) {
  return [change](HandshakeType type, const Bytes &body) {
    if (type != HandshakeType::ClientHello) return handshake(type, body);
    ClientHello hello = *readClientHello(body);
    change(hello);
    return handshake(type, write(hello));
  };
}

Forgery replacing(HandshakeType which, const Bytes &with) {
  return [=](HandshakeType type, const Bytes &body) {
    return handshake(type, type == which ? with : body);
  };
}

Forgery without(HandshakeType which) {
  return [=](HandshakeType type, const Bytes &body) {
    return type == which ? Bytes{} : handshake(type, body);
  };
}

void setExtension(Extensions &extensions, const Extension &wanted) {
  for (Extension &e : extensions)
    if (e.type == wanted.type) {
      e = wanted;
      return;
    }
  extensions.push_back(wanted);
}

} // namespace

TEST_CASE("a client of TLS 1.2 takes no answer that it has not asked for") {
  Pair pair(believingClient(), believingServer());
  const auto answer = [&](const std::function<void(ServerHello &)> &change) {
    return answerTo(pair, Role::Server, onServerHello(change));
  };
  using enum Alert;
  SECTION("a suite that was not offered") {
    CHECK(answer([](ServerHello &h) { h.suite = 0x009d; }) == IllegalParameter);
  }
  SECTION("a suite of TLS 1.3") {
    CHECK(answer([](ServerHello &h) { h.suite = 0x1301; }) == IllegalParameter);
  }
  SECTION("a suite that the certificate does not fit") {
    CHECK(answer([](ServerHello &h) { h.suite = 0xc02f; }) == UnsupportedCertificate);
  }
  SECTION("compression") {
    CHECK(answer([](ServerHello &h) { h.compression = 1; }) == IllegalParameter);
  }
  SECTION("an older version") {
    CHECK(answer([](ServerHello &h) { h.legacyVersion = 0x0302; }) == ProtocolVersion);
  }
  SECTION("an extension that was not offered") {
    CHECK(answer([](ServerHello &h) {
            h.extensions.push_back({0x7777, {}});
          }) == UnsupportedExtension);
  }
  SECTION("an extension twice") {
    CHECK(answer([](ServerHello &h) { h.extensions.push_back(h.extensions.front()); }) ==
          IllegalParameter);
  }
  SECTION("an extension of hellos of clients") {
    CHECK(answer([](ServerHello &h) { h.extensions.push_back(signatureAlgorithms({0x0403})); }) ==
          IllegalParameter);
  }
  SECTION("a name where there is none") {
    CHECK(answer([](ServerHello &h) { setExtension(h.extensions, serverName("a")); }) ==
          DecodeError);
  }
  SECTION("a protocol that was not offered") {
    CHECK(answer([](ServerHello &h) { setExtension(h.extensions, alpn({"h2"})); }) ==
          IllegalParameter);
  }
  SECTION("a renegotiation") {
    CHECK(answer([](ServerHello &h) {
            setExtension(h.extensions, renegotiationInfo(Bytes(24)));
          }) == HandshakeFailure); // RFC 5746 section 3.4
  }
  SECTION("compressed points alone") {
    CHECK(answer([](ServerHello &h) {
            setExtension(h.extensions, {11, {1, 1}});
          }) == IllegalParameter); // RFC 8422 section 5.1.2
  }
}

TEST_CASE("a client of TLS 1.2 believes no resumption that cannot be") {
  ClientConfig client = believingClient();
  const auto echo = onServerHello([](ServerHello &h) { h.sessionId = Bytes(32, 5); });
  SECTION("of a session that it does not have") {
    client.presets.sessionId = Bytes(32, 5);
    Pair pair(client, believingServer());
    CHECK(answerTo(pair, Role::Server, echo) == Alert::IllegalParameter);
  }
  SECTION("with another suite") {
    Pair first(client, believingServer());
    first.run();
    client.session = std::make_shared<const Session>(first.client.takeSessions().at(0));
    Pair pair(client, believingServer());
    CHECK(answerTo(pair, Role::Server, onServerHello([](ServerHello &h) { h.suite = 0xc02c; })) ==
          Alert::IllegalParameter);
  }
  SECTION("with a changed hello, which Finished shows") {
    Pair first(client, believingServer());
    first.run();
    client.session = std::make_shared<const Session>(first.client.takeSessions().at(0));
    Pair pair(client, believingServer());
    pair.run([](Role from, Bytes &bytes) {
      if (from != Role::Client) return;
      forge(bytes, onClientHello([](ClientHello &h) {
              setExtension(h.extensions, signatureAlgorithms({0x0403}));
            }));
    });
    REQUIRE(pair.client.failure().has_value());
    CHECK(pair.client.failure()->alert == Alert::DecryptError);
    CHECK_FALSE(pair.server.established());
  }
}

TEST_CASE("a client of TLS 1.2 checks what the server exchanges keys with") {
  using enum Alert;
  SECTION("on curves") {
    ClientConfig client = believingClient();
    client.groups = {0x0017};
    Pair pair(client, believingServer());
    const auto answer = [&](const std::function<void(ServerKeyExchange &)> &change) {
      return answerTo(pair, Role::Server, onExchange(true, change));
    };
    SECTION("the group was offered") {
      CHECK(answer([](ServerKeyExchange &x) { x.group = 0x001d; }) == IllegalParameter);
    }
    SECTION("the signature covers the parameters") {
      CHECK(answer([](ServerKeyExchange &x) { x.publicValue.back() ^= 1; }) == DecryptError);
    }
    SECTION("the signature is good") {
      CHECK(answer([](ServerKeyExchange &x) { x.signature.value.back() ^= 1; }) == DecryptError);
    }
    SECTION("the scheme was offered") {
      CHECK(answer([](ServerKeyExchange &x) { x.signature.scheme = 0x0203; }) == IllegalParameter);
    }
    SECTION("the scheme fits the certificate") {
      CHECK(answer([](ServerKeyExchange &x) { x.signature.scheme = 0x0804; }) == IllegalParameter);
    }
  }
  SECTION("in a group of its own, well signed, which is sound") {
    ClientConfig client = believingClient();
    client.suites = {0x009e};
    const ServerConfig server = believingServer(crypto::KeyKind::Rsa2048);
    RandomStream stream(5, "liar", "tls");
    crypto::StreamEntropy entropy(stream);
    Endpoint randoms(Role::Server);
    const auto answer = [&](const std::function<void(ServerKeyExchange &)> &change) {
      Pair pair(client, server);
      pair.run([&](Role, Bytes &bytes) {
        forge(bytes, [&](HandshakeType type, const Bytes &body) {
          if (type == HandshakeType::ClientHello)
            randoms.clientRandom = readClientHello(body)->random;
          if (type == HandshakeType::ServerHello)
            randoms.serverRandom = readServerHello(body)->random;
          if (type != HandshakeType::ServerKeyExchange) return handshake(type, body);
          ServerKeyExchange exchange = *readServerKeyExchange(body, false);
          change(exchange);
          const auto scheme = static_cast<crypto::SignatureScheme>(exchange.signature.scheme);
          exchange.signature.value =
              *server.identity->key.sign(scheme, signedExchange(randoms, exchange), entropy);
          return handshake(type, write(exchange));
        });
      });
      CHECK_FALSE(pair.server.established());
      return pair.client.failure() ? pair.client.failure()->alert : Alert::CloseNotify;
    };
    CHECK(answer([](ServerKeyExchange &x) { x.p.back() ^= 1; }) == IllegalParameter);
    CHECK(answer([](ServerKeyExchange &x) { x.p.resize(64); }) == IllegalParameter);
    CHECK(answer([](ServerKeyExchange &x) { x.g = {1}; }) == IllegalParameter);
    CHECK(answer([](ServerKeyExchange &x) { x.publicValue = {1}; }) == IllegalParameter);
    CHECK(answer([](ServerKeyExchange &x) { x.publicValue = x.p; }) == IllegalParameter);
  }
  SECTION("the message is complete") {
    Pair pair(believingClient(), believingServer());
    CHECK(answerTo(pair, Role::Server, replacing(HandshakeType::ServerKeyExchange, {3, 0})) ==
          DecodeError);
  }
}

TEST_CASE("a client of TLS 1.2 misses no message and takes none too many") {
  using enum HandshakeType;
  Pair pair(believingClient(), believingServer());
  SECTION("no certificate") {
    CHECK(answerTo(pair, Role::Server, without(Certificate)) == Alert::UnexpectedMessage);
  }
  SECTION("an empty list of certificates") {
    CHECK(answerTo(pair, Role::Server, replacing(Certificate, {0, 0, 0})) == Alert::DecodeError);
  }
  SECTION("no key exchange") {
    CHECK(answerTo(pair, Role::Server, without(ServerKeyExchange)) == Alert::UnexpectedMessage);
  }
  SECTION("an end that is not empty") {
    CHECK(answerTo(pair, Role::Server, replacing(ServerHelloDone, {0})) == Alert::DecodeError);
  }
  SECTION("a certificate twice") {
    CHECK(answerTo(pair, Role::Server, [](HandshakeType type, const Bytes &body) {
            Bytes out = handshake(type, body);
            if (type == Certificate) crypto::append(out, handshake(type, body));
            return out;
          }) == Alert::UnexpectedMessage);
  }
}

TEST_CASE("a server of TLS 1.2 refuses a hello that makes no sense") {
  using enum Alert;
  Pair pair(believingClient(), believingServer());
  const auto answer = [&](const std::function<void(ClientHello &)> &change) {
    return answerTo(pair, Role::Client, onClientHello(change));
  };
  SECTION("without uncompressed points") {
    CHECK(answer([](ClientHello &h) {
            setExtension(h.extensions, {11, {1, 1}});
          }) == IllegalParameter);
  }
  SECTION("with point formats that cannot be read") {
    CHECK(answer([](ClientHello &h) { setExtension(h.extensions, {11, {9}}); }) == DecodeError);
  }
  SECTION("as a renegotiation") {
    CHECK(answer([](ClientHello &h) {
            setExtension(h.extensions, renegotiationInfo(Bytes(12)));
          }) == HandshakeFailure); // RFC 5746 section 3.6
  }
  SECTION("with an extended master secret that says something") {
    CHECK(answer([](ClientHello &h) { setExtension(h.extensions, {23, {0}}); }) == DecodeError);
  }
  SECTION("with no protocol that the server speaks") {
    CHECK(answer([](ClientHello &h) { setExtension(h.extensions, alpn({"h2"})); }) ==
          NoApplicationProtocol);
  }
  SECTION("with the wish to fall back") {
    ServerConfig server = believingServer();
    server.versions = {Version::Tls13, Version::Tls12};
    Pair both(believingClient(), server);
    CHECK(answerTo(both, Role::Client, onClientHello([](ClientHello &h) {
                     h.suites.push_back(0x5600);
                   })) == InappropriateFallback);
  }
}

TEST_CASE("a server of TLS 1.2 checks what the client exchanges keys with") {
  using enum HandshakeType;
  SECTION("a point off its curve") {
    ServerConfig server = believingServer();
    server.groups = {0x0017};
    Bytes point(66, 1);
    point[0] = 65;
    point[1] = 4;
    Pair pair(believingClient(), server);
    CHECK(answerTo(pair, Role::Client, replacing(ClientKeyExchange, point)) ==
          Alert::IllegalParameter);
  }
  SECTION("a value of X25519 that gives zero") {
    Bytes point(33);
    point[0] = 32;
    Pair pair(believingClient(), believingServer());
    CHECK(answerTo(pair, Role::Client, replacing(ClientKeyExchange, point)) ==
          Alert::IllegalParameter);
  }
  SECTION("the Diffie-Hellman value 1") {
    ClientConfig client = believingClient();
    client.suites = {0x009e};
    Pair pair(client, believingServer(crypto::KeyKind::Rsa2048));
    CHECK(answerTo(pair, Role::Client, replacing(ClientKeyExchange, {0, 1, 1})) ==
          Alert::IllegalParameter);
  }
  SECTION("no value at all") {
    Pair pair(believingClient(), believingServer());
    CHECK(answerTo(pair, Role::Client, replacing(ClientKeyExchange, {0})) == Alert::DecodeError);
  }
  SECTION("no key exchange") {
    Pair pair(believingClient(), believingServer());
    CHECK(answerTo(pair, Role::Client, without(ClientKeyExchange)) == Alert::UnexpectedMessage);
  }
}

TEST_CASE("a server of TLS 1.2 checks that the client has the key of its certificate") {
  ClientConfig client = believingClient();
  client.identity = makeIdentity(witness12(), crypto::KeyKind::EcP256, "visitor", true);
  ServerConfig server = believingServer();
  server.requestClientCertificate = true;
  Pair pair(client, server);
  const auto answer = [&](const std::function<void(Signature &)> &change) {
    return answerTo(pair, Role::Client, [&](HandshakeType type, const Bytes &body) {
      if (type != HandshakeType::CertificateVerify) return handshake(type, body);
      Signature signature = *readCertificateVerify(body);
      change(signature);
      return handshake(type, write(signature));
    });
  };
  SECTION("by a good signature") {
    CHECK(answer([](Signature &s) { s.value.back() ^= 1; }) == Alert::DecryptError);
  }
  SECTION("by a scheme that fits") {
    CHECK(answer([](Signature &s) { s.scheme = 0x0807; }) == Alert::IllegalParameter);
  }
  SECTION("by a signature at all") {
    CHECK(answerTo(pair, Role::Client, without(HandshakeType::CertificateVerify)) ==
          Alert::UnexpectedMessage);
  }
  SECTION("which somebody issued whom it trusts") {
    client.identity = makeIdentity(makeAuthority(9), crypto::KeyKind::EcP256, "visitor", true);
    Pair strangers(client, server);
    strangers.run();
    REQUIRE(strangers.server.failure().has_value());
    CHECK(strangers.server.failure()->alert == Alert::UnknownCa);
  }
}
