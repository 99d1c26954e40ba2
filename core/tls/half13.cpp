// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half13.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::tls {
namespace {

std::string_view nameOf(Role role) { return role == Role::Client ? "client" : "server"; }
std::string_view upperNameOf(Role role) { return role == Role::Client ? "CLIENT" : "SERVER"; }

} // namespace

void Secrets13::begin(Endpoint &e, const Suite &suite, View psk) {
  m_suite = &suite;
  m_schedule = KeySchedule(suite.hash, psk);
  e.tellSecret("early secret", m_schedule.secret(),
               psk.empty() ? "HKDF-Extract of zeros: there is no pre-shared key (RFC 8446 section "
                             "7.1)"
                           : "HKDF-Extract of the pre-shared key (RFC 8446 section 7.1)");
}

void Secrets13::agree(Endpoint &e, View shared) {
  e.tellSecret("shared secret", shared,
               "own private key share with the peer's public one (RFC 8446 section 7.4)");
  m_schedule.agree(shared);
  e.tellSecret("handshake secret", m_schedule.secret(),
               "HKDF-Extract of the shared secret, salted by the early secret (RFC 8446 section "
               "7.1)");
  const Bytes hash = e.transcript.value();
  for (const Role role : {Role::Client, Role::Server}) {
    Bytes &secret = m_handshake[index(role)];
    secret = m_schedule.derive(role == Role::Client ? "c hs traffic" : "s hs traffic", hash);
    e.tellSecret(fmt::format("{}_handshake_traffic_secret", nameOf(role)), secret,
                 "from the handshake secret and ClientHello..ServerHello (RFC 8446 section 7.1)");
    e.tellKeyLog(fmt::format("{}_HANDSHAKE_TRAFFIC_SECRET", upperNameOf(role)), secret);
  }
  e.tellPhase(phase::sessionKeys, "handshake keys exist");
}

void Secrets13::master(Endpoint &e) {
  m_schedule.master();
  e.tellSecret("master secret", m_schedule.secret(),
               "HKDF-Extract of zeros, salted by the handshake secret (RFC 8446 section 7.1)");
  const Bytes hash = e.transcript.value();
  for (const Role role : {Role::Client, Role::Server}) {
    Bytes &secret = m_application[index(role)];
    secret = m_schedule.derive(role == Role::Client ? "c ap traffic" : "s ap traffic", hash);
    e.tellSecret(fmt::format("{}_application_traffic_secret_0", nameOf(role)), secret,
                 "from the master secret and ClientHello..server Finished (RFC 8446 section 7.1)");
    e.tellKeyLog(fmt::format("{}_TRAFFIC_SECRET_0", upperNameOf(role)), secret);
  }
  const Bytes exporter = m_schedule.derive("exp master", hash);
  e.tellSecret("exporter_master_secret", exporter,
               "from the master secret and ClientHello..server Finished (RFC 8446 section 7.5)");
  e.tellKeyLog("EXPORTER_SECRET", exporter);
}

void Secrets13::resumption(Endpoint &e) {
  m_resumption = m_schedule.derive("res master", e.transcript.value());
  e.tellSecret("resumption_master_secret", m_resumption,
               "from the master secret and ClientHello..client Finished (RFC 8446 section 7.1)");
}

void Secrets13::update(Endpoint &e, Role whose) {
  Bytes &secret = m_application[index(whose)];
  secret = nextTrafficSecret(m_suite->hash, secret);
  const unsigned generation = ++m_generation[index(whose)];
  e.tellSecret(fmt::format("{}_application_traffic_secret_{}", nameOf(whose), generation), secret,
               "from the secret before it (RFC 8446 section 7.2)");
  e.tellKeyLog(fmt::format("{}_TRAFFIC_SECRET_{}", upperNameOf(whose), generation), secret);
}

std::string Secrets13::applicationName(Role whose) const {
  const unsigned generation = m_generation[index(whose)];
  return fmt::format("{} application traffic{}", nameOf(whose),
                     generation == 0 ? "" : fmt::format(" {}", generation));
}

Bytes Secrets13::pskOf(View ticketNonce) const {
  return expandLabel(m_suite->hash, m_resumption, "resumption", ticketNonce,
                     crypto::size(m_suite->hash));
}

std::string handshakeKeysName(Role whose) {
  return fmt::format("{} handshake traffic", nameOf(whose));
}

void sendCertificate(Endpoint &e, const Identity *identity, View context) {
  CertificateMessage message;
  message.context.assign(context.begin(), context.end());
  if (identity != nullptr) {
    for (const crypto::Certificate &c : identity->chain) message.entries.push_back({c.der(), {}});
    e.tellChain(nameOf(e.facts.role), identity->chain);
  }
  e.send(HandshakeType::Certificate, writeCertificate13(message));
}

Outcome signTranscript(Endpoint &e, const CommonConfig &own, const std::vector<std::uint16_t> &peer,
                       Hands &hands) {
  const Identity &identity = *own.identity;
  const auto scheme = chooseScheme(own.schemes, peer, identity.key.kind(), Version::Tls13);
  if (!scheme)
    return Failure{Alert::HandshakeFailure,
                   "The peer accepts no signature that this end's key can make."};
  const Bytes content = signedContent(e.facts.role, e.transcript.value());
  const auto value = own.presets.signature ? own.presets.signature
                                           : identity.key.sign(*scheme, content, hands.entropy);
  if (!value) return Failure{Alert::InternalError, "The key could not sign."};
  const auto number = static_cast<std::uint16_t>(*scheme);
  if (e.facts.role == Role::Server) e.facts.scheme = number;
  e.tell(Event::Kind::Choice,
         e.facts.role == Role::Server ? "server's signature" : "client's signature",
         nameOfSignatureScheme(number), "proves possession of the certificate's key");
  e.send(HandshakeType::CertificateVerify, write(Signature{number, *value}));
  return {};
}

Outcome verifyTranscript(Endpoint &e, const CommonConfig &own, const Message &m) {
  const auto signature = readCertificateVerify(m.body);
  if (!signature) return undecodable(m.type);
  const auto scheme = static_cast<crypto::SignatureScheme>(signature->scheme);
  const bool offered =
      std::find(own.schemes.begin(), own.schemes.end(), signature->scheme) != own.schemes.end();
  const crypto::PublicKey key = e.facts.peerChain.front().publicKey();
  const bool pkcs1 = (signature->scheme & 0xff) == 0x01;
  if (!offered || pkcs1 || !crypto::fits(scheme, key.kind()))
    return Failure{Alert::IllegalParameter,
                   "CertificateVerify is signed by " + nameOfSignatureScheme(signature->scheme) +
                       ", which was not offered or does not fit the certificate."};
  const Role signer = other(e.facts.role);
  const bool good =
      key.verify(scheme, signedContent(signer, e.transcript.value()), signature->value);
  e.tell(Event::Kind::Check, "handshake signature", good ? "passed" : "failed",
         "the peer has the private key of its certificate (RFC 8446 section 4.4.3)");
  if (!good)
    return Failure{Alert::DecryptError,
                   "The signature over the handshake is wrong: who sent it does not have the "
                   "certificate's private key, or a message was changed on the way."};
  if (signer == Role::Server) e.facts.scheme = signature->scheme;
  e.transcript.add(m.whole);
  e.tellPhase(phase::certificateVerification, e.facts.validation.trusted()
                                                  ? "the certificate holds"
                                                  : "accepted although it does "
                                                    "not hold");
  return {};
}

Outcome checkFinished(const Endpoint &e, const Secrets13 &secrets, const Message &m) {
  const Bytes expected = secrets.finished(other(e.facts.role), e.transcript);
  if (m.body.size() != expected.size()) return undecodable(m.type);
  if (!crypto::sameSecret(m.body, expected))
    return Failure{Alert::DecryptError,
                   "Finished does not fit: both ends have not seen the same handshake."};
  return {};
}

Outcome onKeyUpdate(Endpoint &e, Secrets13 &secrets, const Message &m, bool &answer) {
  if (m.body.size() != 1) return undecodable(m.type);
  if (m.body[0] > 1)
    return Failure{Alert::IllegalParameter, "KeyUpdate asks for something unknown."};
  const Role peer = other(e.facts.role);
  secrets.update(e, peer);
  e.installRead(Version::Tls13, secrets.applicationKeys(peer), secrets.applicationName(peer));
  answer = m.body[0] == 1;
  return {};
}

void sendKeyUpdate(Endpoint &e, Secrets13 &secrets, bool askPeer) {
  const std::uint8_t body[] = {static_cast<std::uint8_t>(askPeer ? 1 : 0)};
  e.send(HandshakeType::KeyUpdate, body);
  const Role own = e.facts.role;
  secrets.update(e, own);
  e.installWrite(Version::Tls13, secrets.applicationKeys(own), secrets.applicationName(own));
  e.tellPhase(phase::keyUpdate);
}

} // namespace packetarium::tls
