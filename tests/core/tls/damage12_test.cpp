// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/pair.h"
#include "tests/support/catch.h"

using namespace tlstest;

// What becomes of a TLS 1.2 handshake whose bytes change or stop on the way.
namespace {

struct Scene12 {
  std::string name;
  ClientConfig client;
  ServerConfig server;
  std::size_t step = 1; ///< only each so manieth bit or length is tried
};

ClientConfig damagedClient(const Authority &authority, std::uint16_t suite) {
  ClientConfig config = clientConfig(authority);
  config.versions = {Version::Tls12};
  config.suites = {suite};
  return config;
}

ServerConfig damagedServer(const Authority &authority, crypto::KeyKind kind, std::uint16_t suite) {
  ServerConfig config = serverConfig(authority, kind);
  config.versions = {Version::Tls12};
  config.suites = {suite};
  return config;
}

Scene12 fullScene(const Authority &authority) {
  Scene12 scene{"full, both with certificates", damagedClient(authority, 0xc02b),
                damagedServer(authority, crypto::KeyKind::EcP256, 0xc02b), 23};
  scene.client.identity = makeIdentity(authority, crypto::KeyKind::Ed25519, "visitor", true);
  scene.server.requestClientCertificate = true;
  return scene;
}

Scene12 resumedScene(const Authority &authority) {
  Scene12 scene{"resumed", damagedClient(authority, 0xc02b),
                damagedServer(authority, crypto::KeyKind::EcP256, 0xc02b), 7};
  Pair first(scene.client, scene.server, 1);
  first.run();
  scene.client.session = std::make_shared<const Session>(first.client.takeSessions().at(0));
  return scene;
}

Scene12 rsaScene(const Authority &authority) {
  return {"encrypted premaster secret", damagedClient(authority, 0x009c),
          damagedServer(authority, crypto::KeyKind::Rsa2048, 0x009c), 97};
}

Scene12 dheScene(const Authority &authority) {
  return {"DHE", damagedClient(authority, 0x009e),
          damagedServer(authority, crypto::KeyKind::Rsa2048, 0x009e), 61};
}

const std::vector<Scene12> &scenes12() {
  static const std::vector<Scene12> scenes = [] {
    const Authority authority = makeAuthority();
    return std::vector<Scene12>{fullScene(authority), resumedScene(authority), rsaScene(authority),
                                dheScene(authority)};
  }();
  return scenes;
}

/// The minor version in a record's header means nothing (RFC 5246 appendix E.1) and is in no hash.
std::vector<bool> meaningless(const Bytes &stream) {
  std::vector<bool> out(stream.size());
  for (std::size_t at = 0; at + 5 <= stream.size();) {
    out[at + 2] = true;
    at += 5 + (std::size_t{stream[at + 3]} << 8 | stream[at + 4]);
  }
  return out;
}

/// Runs a handshake and lets `touch` have the bytes of one direction, with their place in it.
using Touch = std::function<void(Bytes &, std::size_t)>;
void runTouched(Pair &pair, Role from, const Touch &touch) {
  std::size_t passed = 0;
  pair.run([&](Role sender, Bytes &bytes) {
    if (sender != from) return;
    const std::size_t begin = passed;
    passed += bytes.size();
    touch(bytes, begin);
  });
}

} // namespace

TEST_CASE("no changed bit of a TLS 1.2 handshake goes unnoticed by its receiver") {
  const Scene12 scene = GENERATE(from_range(scenes12()));
  const Role from = GENERATE(Role::Client, Role::Server);
  Pair whole(scene.client, scene.server);
  whole.run();
  REQUIRE(whole.established());
  const Bytes &stream = from == Role::Client ? whole.clientSent : whole.serverSent;
  const std::vector<bool> unused = meaningless(stream);
  std::size_t tried = 0;
  for (std::size_t bit = 0; bit < 8 * stream.size(); bit += scene.step) {
    const std::size_t place = bit / 8;
    if (unused[place]) continue;
    Pair pair(scene.client, scene.server);
    runTouched(pair, from, [&](Bytes &bytes, std::size_t begin) {
      if (place >= begin && place - begin < bytes.size())
        bytes[place - begin] ^= static_cast<std::uint8_t>(1U << bit % 8);
    });
    ++tried;
    INFO(scene.name << ", bit " << bit);
    if (pair.of(other(from)).established()) FAIL("the receiver has not noticed");
  }
  CHECK(tried > 30);
}

TEST_CASE("a TLS 1.2 handshake that stops anywhere waits") {
  const Scene12 scene = GENERATE(from_range(scenes12()));
  const Role from = GENERATE(Role::Client, Role::Server);
  Pair whole(scene.client, scene.server);
  whole.run();
  const std::size_t size = (from == Role::Client ? whole.clientSent : whole.serverSent).size();
  const std::size_t step = scene.step / 7 + 1;
  for (std::size_t kept = 0; kept < size; kept += step) {
    Pair pair(scene.client, scene.server);
    runTouched(pair, from, [&](Bytes &bytes, std::size_t begin) {
      bytes.resize(std::min(bytes.size(), kept > begin ? kept - begin : 0));
    });
    INFO(scene.name << ", " << kept << " bytes");
    if (pair.client.failure() || pair.server.failure()) FAIL("waiting is no failure");
    if (pair.of(other(from)).established()) FAIL("established without the last bytes");
  }
  SUCCEED();
}

TEST_CASE("bytes of a TLS 1.2 handshake may come one by one") {
  const Scene12 scene = GENERATE(from_range(scenes12()));
  Pair pair(scene.client, scene.server);
  Hands hands = pair.handsOf(Role::Client);
  pair.client.start(hands);
  for (bool more = true; more;) {
    more = false;
    for (const Role from : {Role::Client, Role::Server}) {
      const Bytes bytes = pair.of(from).takeOutput();
      Hands h = pair.handsOf(other(from));
      for (const std::uint8_t &byte : bytes) pair.of(other(from)).feed(View(&byte, 1), h);
      more = more || !bytes.empty();
    }
  }
  CHECK(pair.established());
}
