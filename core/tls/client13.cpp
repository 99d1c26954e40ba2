// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half13.h"
#include "core/tls/hello.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

/// The client's half from ServerHello on (RFC 8446 appendix A.1).
class Client13 final : public HandshakeOf<Client13> {
public:
  explicit Client13(ClientOffer offer) : m_offer(std::move(offer)) {}

  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &e, Hands &) override {
    if (!e.facts.established) return {};
    return Failure{Alert::UnexpectedMessage, "ChangeCipherSpec came after the handshake."};
  }
  Outcome updateKeys(Endpoint &e, bool askPeer) override {
    sendKeyUpdate(e, m_secrets, askPeer);
    return {};
  }

private:
  enum class Wait : std::uint8_t {
    ServerHello,
    EncryptedExtensions,
    CertificateOrRequest,
    Certificate,
    CertificateVerify,
    Finished,
    Nothing
  };
  const ClientConfig &config() const { return *m_offer.config; }
  Outcome onServerHello(Endpoint &e, const Message &m);
  Outcome checkServerHello(const ServerHello &hello, const Suite *suite) const;
  Outcome takePsk(Endpoint &e, const ServerHello &hello, const Suite &suite, Bytes &psk);
  Outcome takeShare(const ServerHello &hello, Bytes &shared, std::uint16_t &group) const;
  Outcome onEncryptedExtensions(Endpoint &e, const Message &m);
  Outcome takeAlpn(Endpoint &e, const Extensions &extensions) const;
  Outcome onCertificateRequest(Endpoint &e, const Message &m);
  Outcome onCertificate(Endpoint &e, const Message &m, Hands &hands);
  Outcome onFinished(Endpoint &e, const Message &m, Hands &hands);
  Outcome sendOwn(Endpoint &e, Hands &hands);
  Outcome onTicket(Endpoint &e, const Message &m, const Hands &hands);
  void installHandshakeWrite(Endpoint &e);

  ClientOffer m_offer;
  Wait m_wait = Wait::ServerHello;
  Secrets13 m_secrets;
  bool m_requested = false; ///< the server wants a certificate
  Bytes m_requestContext;
  std::vector<std::uint16_t> m_requestSchemes;
};

Outcome Client13::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  using Type = HandshakeType;
  switch (m_wait) {
  case Wait::ServerHello: return onServerHello(e, m);
  case Wait::EncryptedExtensions:
    if (m.type == Type::EncryptedExtensions) return onEncryptedExtensions(e, m);
    break;
  case Wait::CertificateOrRequest:
    if (m.type == Type::CertificateRequest) return onCertificateRequest(e, m);
    if (m.type == Type::Certificate) return onCertificate(e, m, hands);
    break;
  case Wait::Certificate:
    if (m.type == Type::Certificate) return onCertificate(e, m, hands);
    break;
  case Wait::CertificateVerify:
    if (m.type != Type::CertificateVerify) break;
    m_wait = Wait::Finished;
    return verifyTranscript(e, config(), m);
  case Wait::Finished:
    if (m.type == Type::Finished) return onFinished(e, m, hands);
    break;
  case Wait::Nothing:
    if (m.type == Type::NewSessionTicket) return onTicket(e, m, hands);
    if (m.type == Type::KeyUpdate) {
      bool answer = false;
      if (auto failure = onKeyUpdate(e, m_secrets, m, answer)) return failure;
      if (answer) sendKeyUpdate(e, m_secrets, false);
      return {};
    }
    break;
  }
  return unexpected(m.type, m_wait == Wait::Nothing ? "after the handshake" : "out of order");
}

Outcome Client13::checkServerHello(const ServerHello &hello, const Suite *suite) const {
  if (hello.legacyVersion != 0x0303)
    return Failure{Alert::IllegalParameter, "ServerHello has a legacy version other than 0x0303."};
  if (hello.sessionId != m_offer.hello.sessionId)
    return Failure{Alert::IllegalParameter, "ServerHello does not echo the session id."};
  if (suite == nullptr || suite->version != Version::Tls13 || !m_offer.offersSuite(hello.suite))
    return Failure{Alert::IllegalParameter,
                   "The server chose " + nameOfSuite(hello.suite) + ", which was not offered."};
  if (hello.compression != 0)
    return Failure{Alert::IllegalParameter, "The server chose a compression."};
  for (const Extension &extension : hello.extensions) {
    const auto type = static_cast<ExtensionType>(extension.type);
    if (type == ExtensionType::SupportedVersions) continue;
    const bool allowed = type == ExtensionType::KeyShare || type == ExtensionType::PreSharedKey;
    if (!m_offer.offers(type))
      return Failure{Alert::UnsupportedExtension, "ServerHello answers the extension " +
                                                      nameOfExtension(extension.type) +
                                                      ", which was not offered."};
    if (!allowed)
      return Failure{Alert::IllegalParameter,
                     nameOfExtension(extension.type) + " may not stand in a ServerHello."};
  }
  return {};
}

Outcome Client13::takePsk(Endpoint &e, const ServerHello &hello, const Suite &suite, Bytes &psk) {
  const Extension *extension = find(hello.extensions, ExtensionType::PreSharedKey);
  if (extension == nullptr) return {};
  const auto index = readUint16(extension->data);
  if (!index) return undecodable(HandshakeType::ServerHello);
  const bool fits = *index == 0 && m_offer.session != nullptr &&
                    findSuite(m_offer.session->suite)->hash == suite.hash;
  if (!fits)
    return Failure{Alert::IllegalParameter, "The server chose a pre-shared key that was not "
                                            "offered, or does not fit the suite."};
  psk = m_offer.session->secret;
  e.facts.resumed = true;
  return {};
}

Outcome Client13::takeShare(const ServerHello &hello, Bytes &shared, std::uint16_t &group) const {
  const Extension *extension = find(hello.extensions, ExtensionType::KeyShare);
  if (extension == nullptr)
    return Failure{Alert::MissingExtension, "ServerHello has no key share."};
  const auto entry = readKeyShare(extension->data);
  if (!entry) return undecodable(HandshakeType::ServerHello);
  for (const crypto::KeyShare &own : m_offer.shares) {
    if (static_cast<std::uint16_t>(own.group()) != entry->group) continue;
    const auto secret = own.agree(entry->key);
    if (!secret)
      return Failure{Alert::IllegalParameter,
                     "The server's key share is no value of " + nameOfGroup(entry->group) + "."};
    shared = *secret;
    group = entry->group;
    return {};
  }
  return Failure{Alert::IllegalParameter, "The server's key share is of a group for which the "
                                          "client sent none."};
}

Outcome Client13::onServerHello(Endpoint &e, const Message &m) {
  const auto hello = readServerHello(m.body);
  if (!hello) return undecodable(m.type);
  const Suite *suite = findSuite(hello->suite);
  if (auto failure = checkServerHello(*hello, suite)) return failure;
  Bytes psk, shared;
  std::uint16_t group = 0;
  if (auto failure = takePsk(e, *hello, *suite, psk)) return failure;
  if (auto failure = takeShare(*hello, shared, group)) return failure;
  e.serverRandom = hello->random;
  e.facts.version = Version::Tls13;
  e.facts.suite = suite;
  e.facts.group = group;
  e.tell(Event::Kind::Choice, "version", nameOfVersion(number(Version::Tls13)));
  e.tell(Event::Kind::Choice, "cipher suite", nameOfSuite(hello->suite));
  e.tell(Event::Kind::Choice, "group", nameOfGroup(group));
  e.transcript.choose(suite->hash);
  e.transcript.add(m.whole);
  e.tellTranscript("ServerHello");
  m_secrets.begin(e, *suite, psk);
  m_secrets.agree(e, shared);
  e.installRead(Version::Tls13, m_secrets.handshakeKeys(Role::Server),
                handshakeKeysName(Role::Server));
  // Early data goes on under its own key until EncryptedExtensions tells whether it was taken.
  if (e.facts.early != Facts::Early::Offered) installHandshakeWrite(e);
  m_wait = Wait::EncryptedExtensions;
  return {};
}

void Client13::installHandshakeWrite(Endpoint &e) {
  const bool compatible = config().middleboxCompatibility && !m_offer.hello.sessionId.empty();
  if (compatible && !m_offer.changeCipherSent) {
    m_offer.changeCipherSent = true;
    const std::uint8_t one[] = {1};
    e.sendRecord(ContentType::ChangeCipherSpec, one);
  }
  e.installWrite(Version::Tls13, m_secrets.handshakeKeys(Role::Client),
                 handshakeKeysName(Role::Client));
}

Outcome Client13::takeAlpn(Endpoint &e, const Extensions &extensions) const {
  const Extension *extension = find(extensions, ExtensionType::Alpn);
  if (extension == nullptr) return {};
  const auto names = readAlpn(extension->data);
  if (!names) return undecodable(HandshakeType::EncryptedExtensions);
  const auto &offered = config().alpn;
  const bool fits = names->size() == 1 &&
                    std::find(offered.begin(), offered.end(), names->front()) != offered.end();
  if (!fits)
    return Failure{Alert::IllegalParameter, "The server chose an application protocol that was "
                                            "not offered."};
  e.facts.alpn = names->front();
  e.tell(Event::Kind::Choice, "application protocol", e.facts.alpn);
  return {};
}

Outcome Client13::onEncryptedExtensions(Endpoint &e, const Message &m) {
  const auto extensions = readEncryptedExtensions(m.body);
  if (!extensions) return undecodable(m.type);
  if (hasDuplicates(*extensions))
    return Failure{Alert::IllegalParameter, "EncryptedExtensions repeats an extension."};
  for (const Extension &extension : *extensions) {
    const auto type = static_cast<ExtensionType>(extension.type);
    const bool misplaced =
        type == ExtensionType::KeyShare || type == ExtensionType::PreSharedKey ||
        type == ExtensionType::SupportedVersions || type == ExtensionType::Cookie ||
        type == ExtensionType::SignatureAlgorithms || type == ExtensionType::PskKeyExchangeModes;
    if (misplaced)
      return Failure{Alert::IllegalParameter,
                     nameOfExtension(extension.type) + " may not stand in EncryptedExtensions."};
    if (!m_offer.offers(type))
      return Failure{Alert::UnsupportedExtension, "The server answers the extension " +
                                                      nameOfExtension(extension.type) +
                                                      ", which was not offered."};
  }
  if (auto failure = takeAlpn(e, *extensions)) return failure;
  const bool early = find(*extensions, ExtensionType::EarlyData) != nullptr;
  const bool fits = e.facts.early == Facts::Early::Offered && e.facts.resumed &&
                    m_offer.session->suite == e.facts.suite->id;
  if (early && !fits)
    return Failure{Alert::IllegalParameter, "The server takes early data that was not offered "
                                            "with this key."};
  if (e.facts.early == Facts::Early::Offered) {
    e.facts.early = early ? Facts::Early::Accepted : Facts::Early::Rejected;
    e.tell(Event::Kind::Choice, "early data", early ? "accepted" : "rejected");
    if (!early) installHandshakeWrite(e);
  }
  e.transcript.add(m.whole);
  m_wait = e.facts.resumed ? Wait::Finished : Wait::CertificateOrRequest;
  return {};
}

Outcome Client13::onCertificateRequest(Endpoint &e, const Message &m) {
  const auto request = readCertificateRequest13(m.body);
  if (!request) return undecodable(m.type);
  if (!request->context.empty())
    return Failure{Alert::IllegalParameter, "CertificateRequest has a context in the handshake."};
  const Extension *schemes = find(request->extensions, ExtensionType::SignatureAlgorithms);
  if (schemes == nullptr)
    return Failure{Alert::MissingExtension, "CertificateRequest names no signature algorithms."};
  const auto list = readUint16List(schemes->data);
  if (!list) return undecodable(m.type);
  m_requested = true;
  m_requestSchemes = *list;
  e.transcript.add(m.whole);
  m_wait = Wait::Certificate;
  return {};
}

Outcome Client13::onCertificate(Endpoint &e, const Message &m, Hands &hands) {
  const auto certificate = readCertificate13(m.body);
  if (!certificate) return undecodable(m.type);
  if (!certificate->context.empty())
    return Failure{Alert::IllegalParameter, "The server's Certificate has a context."};
  if (certificate->entries.empty())
    return Failure{Alert::DecodeError, "The server sent no certificate."};
  for (const CertificateEntry &entry : certificate->entries)
    for (const Extension &extension : entry.extensions)
      if (!m_offer.offers(static_cast<ExtensionType>(extension.type)))
        return Failure{Alert::UnsupportedExtension, "A certificate has the extension " +
                                                        nameOfExtension(extension.type) +
                                                        ", which was not asked for."};
  if (auto failure = e.judgePeer(certificate->entries, config().trust.get(), config().serverName,
                                 hands.nowMs, config().verify))
    return failure;
  e.transcript.add(m.whole);
  m_wait = Wait::CertificateVerify;
  return {};
}

Outcome Client13::onFinished(Endpoint &e, const Message &m, Hands &hands) {
  if (auto failure = checkFinished(e, m_secrets, m)) return failure;
  e.transcript.add(m.whole);
  e.tellTranscript("server Finished");
  m_secrets.master(e);
  if (auto failure = sendOwn(e, hands)) return failure;
  const std::string reads = m_secrets.applicationName(Role::Server);
  e.installRead(Version::Tls13, m_secrets.applicationKeys(Role::Server), reads);
  e.installWrite(Version::Tls13, m_secrets.applicationKeys(Role::Client),
                 m_secrets.applicationName(Role::Client));
  m_secrets.resumption(e);
  e.transcript.forgetBytes();
  e.facts.established = true;
  m_wait = Wait::Nothing;
  return {};
}

/// The client's own last flight.
Outcome Client13::sendOwn(Endpoint &e, Hands &hands) {
  if (e.facts.early == Facts::Early::Accepted) {
    e.send(HandshakeType::EndOfEarlyData, {});
    e.flush();
    installHandshakeWrite(e);
  }
  if (m_requested) {
    const Identity *identity = config().identity.get();
    const bool usable = identity != nullptr && chooseScheme(config().schemes, m_requestSchemes,
                                                            identity->key.kind(), Version::Tls13)
                                                   .has_value();
    sendCertificate(e, usable ? identity : nullptr, m_requestContext);
    if (usable)
      if (auto failure = signTranscript(e, config(), m_requestSchemes, hands)) return failure;
  }
  e.send(HandshakeType::Finished, m_secrets.finished(Role::Client, e.transcript));
  e.tellPhase(phase::clientFinished);
  return {};
}

Outcome Client13::onTicket(Endpoint &e, const Message &m, const Hands &hands) {
  const auto ticket = readNewSessionTicket13(m.body);
  if (!ticket) return undecodable(m.type);
  constexpr std::uint32_t week = 604800;
  if (ticket->lifetime > week)
    return Failure{Alert::IllegalParameter, "A ticket claims to hold for more than 7 days."};
  Session session;
  session.version = Version::Tls13;
  session.suite = e.facts.suite->id;
  session.secret = m_secrets.pskOf(ticket->nonce);
  session.ticket = ticket->ticket;
  session.lifetime = ticket->lifetime;
  session.ageAdd = ticket->ageAdd;
  session.receivedAtMs = hands.nowMs;
  session.serverName = config().serverName;
  session.alpn = e.facts.alpn;
  if (const Extension *early = find(ticket->extensions, ExtensionType::EarlyData)) {
    const auto most = readMaxEarlyData(early->data);
    if (!most) return undecodable(m.type);
    session.maxEarlyData = *most;
  }
  e.tellSecret("resumption PSK", session.secret,
               "from the resumption master secret and the ticket's nonce (RFC 8446 section 4.6.1)");
  if (session.lifetime > 0) e.sessions.push_back(std::move(session));
  return {};
}

} // namespace

std::unique_ptr<Handshake> client13(ClientOffer offer) {
  return std::make_unique<Client13>(std::move(offer));
}

} // namespace packetarium::tls
