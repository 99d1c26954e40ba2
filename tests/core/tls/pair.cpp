// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/pair.h"

namespace tlstest {

namespace {
constexpr std::int64_t year = 365 * 86400;
}

Authority makeAuthority(std::uint64_t seed) {
  RandomStream stream(seed, "authority", "tls");
  crypto::StreamEntropy entropy(stream);
  crypto::PrivateKey rootKey = crypto::PrivateKey::generate(crypto::KeyKind::EcP256, entropy);
  crypto::CertificateSpec root;
  root.commonName = "Example Root";
  root.notBefore = nowSeconds - year;
  root.notAfter = nowSeconds + 10 * year;
  root.authority = true;
  crypto::Certificate rootCertificate = crypto::issueSelfSigned(root, rootKey, entropy);
  crypto::PrivateKey middleKey = crypto::PrivateKey::generate(crypto::KeyKind::EcP256, entropy);
  crypto::CertificateSpec middle = root;
  middle.commonName = "Example Intermediate";
  middle.serial = 2;
  middle.pathLength = 0;
  crypto::Certificate middleCertificate =
      crypto::issue(middle, middleKey.publicKey(), {rootCertificate, rootKey}, entropy);
  return {rootCertificate, rootKey, middleCertificate, middleKey};
}

std::shared_ptr<const Identity> makeIdentity(const Authority &authority, crypto::KeyKind kind,
                                             const std::string &host, bool ofClient) {
  RandomStream stream(3, host, "identity");
  crypto::StreamEntropy entropy(stream);
  crypto::PrivateKey key = crypto::PrivateKey::generate(kind, entropy);
  crypto::CertificateSpec spec;
  spec.commonName = host;
  spec.dnsNames = {host};
  spec.notBefore = nowSeconds - 86400;
  spec.notAfter = nowSeconds + year;
  spec.serial = 3;
  spec.forClients = ofClient;
  crypto::Certificate leaf = crypto::issue(
      spec, key.publicKey(), {authority.intermediate, authority.intermediateKey}, entropy);
  return std::make_shared<const Identity>(Identity{{leaf, authority.intermediate}, key});
}

std::shared_ptr<const crypto::TrustStore> trustIn(const Authority &authority) {
  crypto::TrustStore store;
  store.roots.push_back(authority.root);
  return std::make_shared<const crypto::TrustStore>(std::move(store));
}

ClientConfig clientConfig(const Authority &authority) {
  ClientConfig config;
  config.serverName = "www.example.com";
  config.trust = trustIn(authority);
  config.alpn = {"http/1.1"};
  return config;
}

ServerConfig serverConfig(const Authority &authority, crypto::KeyKind kind) {
  ServerConfig config;
  config.identity = makeIdentity(authority, kind, "www.example.com");
  config.trust = trustIn(authority);
  config.alpn = {"http/1.1"};
  config.ticketKey = Bytes(32, 0x42);
  return config;
}

Pair::Pair(const ClientConfig &c, const ServerConfig &s, std::uint64_t seed)
    : clientStream(seed, "client", "tls"),
      serverStream(seed, "server", "tls"),
      client(std::make_shared<const ClientConfig>(c)),
      server(std::make_shared<const ServerConfig>(s)) {}

Hands Pair::handsOf(Role role) {
  return {role == Role::Client ? clientEntropy : serverEntropy, nowMs, isFirstTime};
}

bool Pair::carry(Role from, const Change &change) {
  Connection &sender = of(from);
  Bytes bytes = sender.takeOutput();
  auto &events = from == Role::Client ? clientEvents : serverEvents;
  for (Event &e : sender.takeEvents()) events.push_back(std::move(e));
  if (bytes.empty()) return false;
  crypto::append(from == Role::Client ? clientSent : serverSent, bytes);
  if (change) change(from, bytes);
  Hands hands = handsOf(other(from));
  of(other(from)).feed(bytes, hands);
  return true;
}

void Pair::run(const Change &change) {
  Hands hands = handsOf(Role::Client);
  client.start(hands);
  for (bool more = true; more;) {
    more = carry(Role::Client, change);
    more = carry(Role::Server, change) || more;
  }
}

void Pair::send(Role from, std::string_view text) {
  Hands hands = handsOf(from);
  of(from).send(crypto::viewOf(text), hands);
}

std::string Pair::received(Role at) {
  const Bytes data = of(at).takeData();
  return {data.begin(), data.end()};
}

std::string Pair::told(Role role, Event::Kind kind, std::string_view name) {
  for (const Event &e : role == Role::Client ? clientEvents : serverEvents)
    if (e.kind == kind && e.name == name) return e.value;
  return {};
}

} // namespace tlstest
