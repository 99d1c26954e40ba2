// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/pair.h"
#include "tests/core/tls/rfc8448.h"
#include "tests/support/catch.h"

using namespace tlstest;
using crypto::fromHex;
using crypto::hex;

namespace {

constexpr std::int64_t in2018 = 1520000000;

Random randomOf(std::string_view record) {
  const Bytes bytes = fromHex(record);
  Random random;
  std::copy_n(bytes.begin() + 11, 32, random.begin()); // record header, handshake header, version
  return random;
}

Bytes numbersTo50() {
  Bytes data;
  for (std::uint8_t i = 0; i < 50; ++i) data.push_back(i);
  return data;
}

crypto::KeyShare shareFrom(const char *privateValue) {
  return *crypto::KeyShare::fromPrivate(crypto::Group::X25519, fromHex(privateValue));
}

std::vector<std::uint16_t> numbers(std::initializer_list<int> list) {
  return {list.begin(), list.end()};
}

crypto::Certificate certificate() {
  const Bytes message = fromHex(rfc8448::certificateMessage);
  const auto read = readCertificate13(View(message).subspan(4));
  return crypto::Certificate::fromDer(read->entries.front().der).value();
}

ClientConfig client8448() {
  ClientConfig c;
  c.versions = {Version::Tls13};
  c.suites = numbers({0x1301, 0x1303, 0x1302});
  c.groups = numbers({0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104});
  c.schemes = numbers({0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
                       0x0601, 0x0201, 0x0402, 0x0502, 0x0602, 0x0202});
  c.serverName = "server";
  c.verify = false; // the trace's certificate names nobody
  c.middleboxCompatibility = false;
  c.presets.random = randomOf(rfc8448::clientHelloRecord);
  c.presets.shares = {shareFrom(rfc8448::clientPrivate)};
  c.extra = {{0xff01, {0}}, {35, {}}, {28, {0x40, 0x01}}};
  c.extensionOrder = numbers({0, 0xff01, 10, 35, 51, 43, 13, 45, 28});
  return c;
}

ServerConfig server8448() {
  ServerConfig s;
  s.versions = {Version::Tls13};
  s.suites = numbers({0x1301});
  RandomStream stream(1, "rsa", "key");
  crypto::StreamEntropy entropy(stream);
  // Any RSA key: the published signature stands in for its own.
  s.identity = std::make_shared<const Identity>(
      Identity{{certificate()}, crypto::PrivateKey::generate(crypto::KeyKind::Rsa2048, entropy)});
  s.presets.random = randomOf(rfc8448::serverHelloRecord);
  s.presets.shares = {shareFrom(rfc8448::serverPrivate)};
  s.presets.signature = fromHex(rfc8448::signature);
  const Bytes ticket = fromHex(rfc8448::ticketMessage);
  s.presets.ticket = readNewSessionTicket13(View(ticket).subspan(4));
  s.extra = {supportedGroups(numbers({0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104})),
             {28, {0x40, 0x01}}};
  s.extensionOrder = numbers({51, 43, 10, 28, 0});
  return s;
}

} // namespace

TEST_CASE("the handshake of RFC 8448 section 3 is reproduced byte for byte") {
  Pair pair(client8448(), server8448());
  pair.nowMs = in2018 * 1000;
  Hands client = pair.handsOf(Role::Client), server = pair.handsOf(Role::Server);
  pair.client.start(client);
  const auto next = [&](Role from) {
    const std::size_t before = (from == Role::Client ? pair.clientSent : pair.serverSent).size();
    pair.carry(from);
    const Bytes &all = from == Role::Client ? pair.clientSent : pair.serverSent;
    return hex(View(all).subspan(before));
  };
  CHECK(next(Role::Client) == rfc8448::clientHelloRecord);
  CHECK(next(Role::Server) ==
        std::string(rfc8448::serverHelloRecord) + rfc8448::serverFlightRecord);
  CHECK(next(Role::Client) == rfc8448::clientFinishedRecord);
  CHECK(next(Role::Server) == rfc8448::ticketRecord);
  REQUIRE(pair.established());
  pair.client.send(numbersTo50(), client);
  CHECK(next(Role::Client) == rfc8448::clientDataRecord);
  pair.server.send(numbersTo50(), server);
  CHECK(next(Role::Server) == rfc8448::serverDataRecord);
  pair.client.close(client);
  CHECK(next(Role::Client) == rfc8448::clientAlertRecord);
  pair.server.close(server);
  CHECK(next(Role::Server) == rfc8448::serverAlertRecord);
  CHECK(pair.client.takeData() == numbersTo50());
  CHECK(pair.server.takeData() == numbersTo50());

  for (const rfc8448::Secret &secret : rfc8448::secrets) {
    INFO(secret.name);
    CHECK(pair.told(Role::Client, Event::Kind::Secret, secret.name) == secret.value);
    CHECK(pair.told(Role::Server, Event::Kind::Secret, secret.name) == secret.value);
  }
  const auto sessions = pair.client.takeSessions();
  REQUIRE(sessions.size() == 1);
  CHECK(sessions.front().maxEarlyData == 1024);
  CHECK(sessions.front().lifetime == 30);
}

TEST_CASE("the traffic keys of RFC 8448 section 3 come from its secrets") {
  for (const rfc8448::Keys &keys : rfc8448::keys) {
    INFO(keys.secret);
    const auto *secret = std::find_if(
        std::begin(rfc8448::secrets), std::end(rfc8448::secrets),
        [&](const rfc8448::Secret &s) { return std::string_view(s.name) == keys.secret; });
    const TrafficKeys made = trafficKeys(*findSuite(0x1301), fromHex(secret->value));
    CHECK(hex(made.key) == keys.key);
    CHECK(hex(made.iv) == keys.iv);
  }
}

TEST_CASE("the binder and early secrets of RFC 8448 section 4 come from section 3's ticket") {
  using crypto::Hash;
  const Bytes psk = fromHex(std::prev(std::end(rfc8448::secrets))->value);
  const KeySchedule early(Hash::Sha256, psk);
  CHECK(hex(early.secret()) == rfc8448::resumedEarlySecret);
  const Bytes key = early.derive("res binder", crypto::digest(Hash::Sha256, {}));
  CHECK(hex(key) == rfc8448::resumedBinderKey);
  Bytes hello = fromHex(rfc8448::resumedHello);
  const Bytes binder = finishedValue(Hash::Sha256, key, crypto::digest(Hash::Sha256, hello));
  CHECK(hex(binder) == rfc8448::resumedBinder);
  crypto::append(hello, Bytes{0, 33, 32});
  crypto::append(hello, binder);
  CHECK(readClientHello(View(hello).subspan(4)));
  CHECK(hex(early.derive("c e traffic", crypto::digest(Hash::Sha256, hello))) ==
        rfc8448::resumedEarlyTrafficSecret);
}
