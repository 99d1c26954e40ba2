// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half12.h"

#include "core/wire/tls_codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::tls {
namespace {

/// So many wishes for another handshake are an attack.
constexpr unsigned renegotiationsMax = 32;

std::string_view endName(Role role) { return role == Role::Client ? "client" : "server"; }

std::string writeKeyName(Role whose) { return fmt::format("{} write key", endName(whose)); }

} // namespace

void Secrets12::agree(Endpoint &e, const Suite &suite, View premaster, bool extended) {
  using enum KeyExchange;
  e.tellSecret("premaster secret", premaster,
               suite.exchange == Ecdhe ? "own private value with the peer's public one (RFC 8422 "
                                         "section 5.10)"
               : suite.exchange == Dhe ? "own private value with the peer's public one (RFC 5246 "
                                         "section 8.1.2)"
                                       : "drawn by the client and encrypted for the server (RFC "
                                         "5246 section 8.1.1)");
  if (extended) {
    m_master = crypto::tls12Prf(suite.hash, premaster, "extended master secret",
                                e.transcript.value(), masterSecretSize);
  } else {
    Bytes seed(e.clientRandom.begin(), e.clientRandom.end());
    crypto::append(seed, e.serverRandom);
    m_master = crypto::tls12Prf(suite.hash, premaster, "master secret", seed, masterSecretSize);
  }
  e.tellSecret("master secret", m_master,
               extended ? "from the premaster secret and ClientHello..ClientKeyExchange (RFC 7627 "
                          "section 4)"
                        : "from the premaster secret and both randoms (RFC 5246 section 8.1)");
  expand(e, suite);
}

void Secrets12::resume(Endpoint &e, const Suite &suite, View master) {
  m_master.assign(master.begin(), master.end());
  e.tellSecret("master secret", m_master,
               "of the session that is resumed (RFC 5246 section F.1.4)");
  expand(e, suite);
}

void Secrets12::expand(Endpoint &e, const Suite &suite) {
  m_hash = suite.hash;
  m_keys = keyBlock(suite, m_master, e.clientRandom, e.serverRandom);
  constexpr std::string_view source =
      "part of the key block, from the master secret and both randoms (RFC 5246 section 6.3)";
  e.tellSecret("client_write_key", m_keys.client.key, source);
  e.tellSecret("server_write_key", m_keys.server.key, source);
  e.tellSecret("client_write_IV", m_keys.client.iv, source);
  e.tellSecret("server_write_IV", m_keys.server.iv, source);
  e.tellKeyLog("CLIENT_RANDOM", m_master);
  e.tellPhase(phase::sessionKeys, "the master secret and its keys exist");
}

Bytes Secrets12::finished(Role whose, const Transcript &transcript) const {
  constexpr std::size_t verifyDataSize = 12;
  return crypto::tls12Prf(m_hash, m_master,
                          whose == Role::Client ? "client finished" : "server finished",
                          transcript.value(), verifyDataSize);
}

bool isCurve12(std::uint16_t group) {
  using enum crypto::Group;
  const auto g = static_cast<crypto::Group>(group);
  return g == X25519 || g == Secp256r1 || g == Secp384r1;
}

Bytes premasterOf(KeyExchange exchange, View shared) {
  const auto first = exchange == KeyExchange::Dhe
                         ? std::find_if(shared.begin(), shared.end(), [](auto b) { return b != 0; })
                         : shared.begin();
  return {first, shared.end()};
}

Bytes writeClientKeyExchange(KeyExchange exchange, View value) {
  return Writer().vector(exchange == KeyExchange::Ecdhe ? 1 : 2, value).take();
}

std::optional<Bytes> readClientKeyExchange(KeyExchange exchange, View body) {
  Reader in(body);
  Bytes value = in.bytes(exchange == KeyExchange::Ecdhe ? 1 : 2, 1);
  if (!in.done()) return {};
  return value;
}

Bytes signedExchange(const Endpoint &e, const ServerKeyExchange &exchange) {
  Bytes content(e.clientRandom.begin(), e.clientRandom.end());
  crypto::append(content, e.serverRandom);
  crypto::append(content, writeParameters(exchange));
  return content;
}

Outcome checkSignature12(Endpoint &e, const CommonConfig &own, const Signature &signature,
                         View content, std::string_view source) {
  const auto scheme = static_cast<crypto::SignatureScheme>(signature.scheme);
  const bool offered =
      std::find(own.schemes.begin(), own.schemes.end(), signature.scheme) != own.schemes.end();
  const crypto::PublicKey key = e.facts.peerChain.front().publicKey();
  if (!offered || !crypto::fits(scheme, key.kind()))
    return Failure{Alert::IllegalParameter,
                   "The signature is made by " + nameOfSignatureScheme(signature.scheme) +
                       ", which was not offered or does not fit the certificate."};
  const bool good = key.verify(scheme, content, signature.value);
  e.tell(Event::Kind::Check, "handshake signature", good ? "passed" : "failed",
         fmt::format("the peer has the private key of its certificate ({})", source));
  if (good) return {};
  return Failure{Alert::DecryptError,
                 "The signature in the handshake is wrong: who sent it does not have the "
                 "certificate's private key, or a message was changed on the way."};
}

std::optional<bool> hasUncompressed(View pointFormats) {
  Reader in(pointFormats);
  const Bytes formats = in.bytes(1, 1);
  if (!in.done()) return {};
  return std::find(formats.begin(), formats.end(), 0) != formats.end();
}

void sendCertificate12(Endpoint &e, const Identity *identity) {
  CertificateMessage message;
  if (identity != nullptr) {
    for (const crypto::Certificate &c : identity->chain) message.entries.push_back({c.der(), {}});
    e.tellChain(endName(e.facts.role), identity->chain);
  }
  e.send(HandshakeType::Certificate, writeCertificate12(message));
}

void changeWriteKeys(Endpoint &e, const Secrets12 &secrets) {
  const Role own = e.facts.role;
  const std::uint8_t one[] = {1};
  e.flush();
  e.sendRecord(ContentType::ChangeCipherSpec, one);
  e.installWrite(Version::Tls12, secrets.keys(own), writeKeyName(own));
}

void changeReadKeys(Endpoint &e, const Secrets12 &secrets) {
  const Role peer = other(e.facts.role);
  e.installRead(Version::Tls12, secrets.keys(peer), writeKeyName(peer));
  e.reader.allowPlainAlerts(false);
}

void sendFinished12(Endpoint &e, const Secrets12 &secrets) {
  const Role own = e.facts.role;
  e.send(HandshakeType::Finished, secrets.finished(own, e.transcript));
  e.flush();
  e.tellPhase(own == Role::Client ? phase::clientFinished : phase::serverFinished);
  e.tellTranscript(fmt::format("{} Finished", endName(own)));
}

Outcome takeFinished12(Endpoint &e, const Secrets12 &secrets, const Message &m) {
  const Role peer = other(e.facts.role);
  const Bytes expected = secrets.finished(peer, e.transcript);
  if (m.body.size() != expected.size()) return undecodable(m.type);
  if (!crypto::sameSecret(m.body, expected))
    return Failure{Alert::DecryptError,
                   "Finished does not fit: both ends have not seen the same handshake."};
  e.transcript.add(m.whole);
  e.tellTranscript(fmt::format("{} Finished", endName(peer)));
  return {};
}

Session sessionOf(const Endpoint &e, const Secrets12 &secrets, bool extended, std::int64_t nowMs) {
  Session session;
  session.version = Version::Tls12;
  session.suite = e.facts.suite->id;
  session.secret = secrets.master();
  session.receivedAtMs = nowMs;
  session.serverName = e.facts.serverName;
  session.alpn = e.facts.alpn;
  session.extendedMasterSecret = extended;
  return session;
}

Outcome refuseRenegotiation(Endpoint &e, unsigned &asked) {
  if (++asked > renegotiationsMax)
    return Failure{Alert::UnexpectedMessage, "The peer asks again and again for a new handshake."};
  constexpr auto alert = static_cast<std::uint8_t>(Alert::NoRenegotiation);
  const std::uint8_t body[] = {static_cast<std::uint8_t>(AlertLevel::Warning), alert};
  e.flush();
  e.sendRecord(ContentType::Alert, body);
  e.tell(Event::Kind::Alert, nameOfAlert(alert), "sent",
         "A connection has one handshake (RFC 5246 section 7.2.2).");
  return {};
}

} // namespace packetarium::tls
