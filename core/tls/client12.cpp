// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half12.h"
#include "core/tls/hello.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

/// The client's half of TLS 1.2 from ServerHello on (RFC 5246 section 7.3).
class Client12 final : public HandshakeOf<Client12> {
public:
  explicit Client12(ClientOffer offer) : m_offer(std::move(offer)) {}

  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &e, Hands &hands) override;

private:
  enum class Wait : std::uint8_t {
    ServerHello,
    Certificate,
    KeyExchange,
    RequestOrDone,
    Done,
    Ticket,
    ChangeCipherSpec,
    Finished,
    Nothing
  };
  const ClientConfig &config() const { return *m_offer.config; }
  Outcome onHelloRequest(Endpoint &e, const Message &m);
  Outcome onServerHello(Endpoint &e, const Message &m);
  Outcome checkServerHello(const ServerHello &hello, const Suite *suite) const;
  Outcome checkExtension(const Extension &extension) const;
  Outcome takeExtensions(Endpoint &e, const ServerHello &hello);
  Outcome takeAlpn(Endpoint &e, const Extension &extension) const;
  Outcome checkResumption(const Suite &suite) const;
  Outcome onCertificate(Endpoint &e, const Message &m, Hands &hands);
  Outcome onKeyExchange(Endpoint &e, const Message &m);
  Outcome checkGroup(Endpoint &e) const;
  Outcome onCertificateRequest(Endpoint &e, const Message &m);
  Outcome onDone(Endpoint &e, const Message &m, Hands &hands);
  Outcome sendKeyExchange(Endpoint &e, Hands &hands);
  Outcome encryptPremaster(Endpoint &e, Hands &hands, Bytes &premaster, Bytes &value) const;
  Outcome agree(Endpoint &e, Hands &hands, Bytes &premaster, Bytes &value) const;
  const Identity *chooseIdentity() const;
  Outcome signMessages(Endpoint &e, Hands &hands) const;
  Outcome onTicket(Endpoint &e, const Message &m);
  Outcome onFinished(Endpoint &e, const Message &m, Hands &hands);
  void establish(Endpoint &e, const Hands &hands);

  ClientOffer m_offer;
  Wait m_wait = Wait::ServerHello;
  Secrets12 m_secrets;
  bool m_extended = false;       ///< an extended master secret was agreed on
  bool m_ticketPromised = false; ///< NewSessionTicket will come
  bool m_requested = false;      ///< the server wants a certificate
  CertificateRequest12 m_request;
  ServerKeyExchange m_exchange;
  NewSessionTicket12 m_ticket;
  unsigned m_asked = 0; ///< wishes for another handshake
};

Outcome Client12::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  using Type = HandshakeType;
  if (m.type == Type::HelloRequest && m_wait != Wait::ServerHello) return onHelloRequest(e, m);
  switch (m_wait) {
  case Wait::ServerHello: return onServerHello(e, m);
  case Wait::Certificate:
    if (m.type == Type::Certificate) return onCertificate(e, m, hands);
    break;
  case Wait::KeyExchange:
    if (m.type == Type::ServerKeyExchange) return onKeyExchange(e, m);
    break;
  case Wait::RequestOrDone:
    if (m.type == Type::CertificateRequest) return onCertificateRequest(e, m);
    if (m.type == Type::ServerHelloDone) return onDone(e, m, hands);
    break;
  case Wait::Done:
    if (m.type == Type::ServerHelloDone) return onDone(e, m, hands);
    break;
  case Wait::Ticket:
    if (m.type == Type::NewSessionTicket) return onTicket(e, m);
    break;
  case Wait::Finished:
    if (m.type == Type::Finished) return onFinished(e, m, hands);
    break;
  case Wait::ChangeCipherSpec:
  case Wait::Nothing: break;
  }
  return unexpected(m.type, m_wait == Wait::Nothing ? "after the handshake" : "out of order");
}

Outcome Client12::onChangeCipherSpec(Endpoint &e, Hands &) {
  if (m_wait != Wait::ChangeCipherSpec)
    return Failure{Alert::UnexpectedMessage, "ChangeCipherSpec came out of order."};
  changeReadKeys(e, m_secrets);
  m_wait = Wait::Finished;
  return {};
}

/// RFC 5246 section 7.4.1.1: ignored during a handshake, and never in the transcript.
Outcome Client12::onHelloRequest(Endpoint &e, const Message &m) {
  if (!m.body.empty()) return undecodable(m.type);
  if (m_wait == Wait::Nothing) return refuseRenegotiation(e, m_asked);
  return {};
}

Outcome Client12::checkServerHello(const ServerHello &hello, const Suite *suite) const {
  if (suite == nullptr || suite->version != Version::Tls12 || !m_offer.offersSuite(hello.suite))
    return Failure{Alert::IllegalParameter, "The server chose " + nameOfSuite(hello.suite) +
                                                ", which was not offered for TLS 1.2."};
  if (hello.compression != 0)
    return Failure{Alert::IllegalParameter, "The server chose a compression."};
  if (hasDuplicates(hello.extensions))
    return Failure{Alert::IllegalParameter, "ServerHello repeats an extension."};
  for (const Extension &extension : hello.extensions)
    if (auto failure = checkExtension(extension)) return failure;
  return {};
}

Outcome Client12::checkExtension(const Extension &extension) const {
  using enum ExtensionType;
  const auto type = static_cast<ExtensionType>(extension.type);
  if (!m_offer.offers(type))
    return Failure{Alert::UnsupportedExtension, "ServerHello answers the extension " +
                                                    nameOfExtension(extension.type) +
                                                    ", which was not offered."};
  const bool misplaced = type == ExtensionType::KeyShare || type == PreSharedKey ||
                         type == PskKeyExchangeModes || type == Cookie || type == EarlyData ||
                         type == SignatureAlgorithms;
  if (misplaced)
    return Failure{Alert::IllegalParameter,
                   nameOfExtension(extension.type) + " may not stand in a ServerHello of TLS 1.2."};
  const bool mustBeEmpty =
      type == ServerName || type == ExtendedMasterSecret || type == SessionTicket;
  if (mustBeEmpty && !extension.data.empty()) return undecodable(HandshakeType::ServerHello);
  return {};
}

Outcome Client12::takeExtensions(Endpoint &e, const ServerHello &hello) {
  using enum ExtensionType;
  m_extended = find(hello.extensions, ExtendedMasterSecret) != nullptr;
  m_ticketPromised = find(hello.extensions, SessionTicket) != nullptr;
  if (const Extension *info = find(hello.extensions, RenegotiationInfo)) {
    const auto verifyData = readRenegotiationInfo(info->data);
    if (!verifyData) return undecodable(HandshakeType::ServerHello);
    if (!verifyData->empty()) // RFC 5746 section 3.4
      return Failure{Alert::HandshakeFailure,
                     "The server takes a first handshake for a renegotiation."};
  }
  if (const Extension *formats = find(hello.extensions, EcPointFormats)) {
    const auto uncompressed = hasUncompressed(formats->data);
    if (!uncompressed) return undecodable(HandshakeType::ServerHello);
    if (!*uncompressed)
      return Failure{Alert::IllegalParameter, "The server reads no uncompressed points."};
  }
  if (const Extension *alpn = find(hello.extensions, Alpn)) return takeAlpn(e, *alpn);
  return {};
}

Outcome Client12::takeAlpn(Endpoint &e, const Extension &extension) const {
  const auto names = readAlpn(extension.data);
  if (!names) return undecodable(HandshakeType::ServerHello);
  const auto &offered = config().alpn;
  const bool fits = names->size() == 1 &&
                    std::find(offered.begin(), offered.end(), names->front()) != offered.end();
  if (!fits)
    return Failure{Alert::IllegalParameter,
                   "The server chose an application protocol that was not offered."};
  e.facts.alpn = names->front();
  e.tell(Event::Kind::Choice, "application protocol", e.facts.alpn);
  return {};
}

/// The server echoes the session id: it takes the session up again (RFC 5077 section 3.4).
Outcome Client12::checkResumption(const Suite &suite) const {
  if (m_offer.session == nullptr || m_offer.session->version != Version::Tls12)
    return Failure{Alert::IllegalParameter, "The server resumes a session that was not offered."};
  if (m_offer.session->suite != suite.id)
    return Failure{Alert::IllegalParameter, "The server resumes a session with another suite."};
  if (m_offer.session->extendedMasterSecret != m_extended) // RFC 7627 section 5.3
    return Failure{Alert::HandshakeFailure,
                   "The server resumes a session and answers for its master secret as it was not."};
  return {};
}

Outcome Client12::onServerHello(Endpoint &e, const Message &m) {
  if (e.facts.early != Facts::Early::None) { // RFC 8446 appendix D.3
    e.writer.unprotect();
    e.writeKeys = "no key";
    return Failure{Alert::ProtocolVersion,
                   "The server answers with TLS 1.2 to early data of TLS 1.3."};
  }
  const auto hello = readServerHello(m.body);
  if (!hello) return undecodable(m.type);
  const Suite *suite = findSuite(hello->suite);
  if (auto failure = checkServerHello(*hello, suite)) return failure;
  if (auto failure = takeExtensions(e, *hello)) return failure;
  const bool resumed = !hello->sessionId.empty() && hello->sessionId == m_offer.hello.sessionId;
  if (resumed)
    if (auto failure = checkResumption(*suite)) return failure;
  e.serverRandom = hello->random;
  e.facts.version = Version::Tls12;
  e.facts.suite = suite;
  e.facts.resumed = resumed;
  e.tell(Event::Kind::Choice, "version", nameOfVersion(number(Version::Tls12)));
  e.tell(Event::Kind::Choice, "cipher suite", nameOfSuite(hello->suite),
         resumed ? "as in the session that is resumed" : "");
  e.transcript.choose(suite->hash);
  e.transcript.add(m.whole);
  e.tellTranscript("ServerHello");
  m_wait = Wait::Certificate;
  if (!resumed) return {};
  m_secrets.resume(e, *suite, m_offer.session->secret);
  m_wait = m_ticketPromised ? Wait::Ticket : Wait::ChangeCipherSpec;
  return {};
}

Outcome Client12::onCertificate(Endpoint &e, const Message &m, Hands &hands) {
  const auto certificate = readCertificate12(m.body);
  if (!certificate) return undecodable(m.type);
  if (certificate->entries.empty())
    return Failure{Alert::DecodeError, "The server sent no certificate."};
  if (auto failure = e.judgePeer(certificate->entries, config().trust.get(), config().serverName,
                                 hands.nowMs, config().verify))
    return failure;
  const Suite &suite = *e.facts.suite;
  if (!fits(suite, e.facts.peerChain.front().publicKey().kind()))
    return Failure{Alert::UnsupportedCertificate,
                   "The server's certificate holds no key for " + nameOfSuite(suite.id) + "."};
  e.transcript.add(m.whole);
  if (isSigned(suite)) {
    m_wait = Wait::KeyExchange;
    return {};
  }
  e.tell(Event::Kind::Note, {},
         "The key exchange by RSA encryption is obsolete: whoever gets the server's private key "
         "can read what was recorded before (RFC 9325 section 4.1).");
  e.tellPhase(phase::certificateVerification, e.facts.validation.trusted()
                                                  ? "the certificate holds"
                                                  : "accepted although it does not hold");
  m_wait = Wait::RequestOrDone;
  return {};
}

/// The group is one that was offered. An explicit one is checked when our own share is made in it.
Outcome Client12::checkGroup(Endpoint &e) const {
  if (e.facts.suite->exchange == KeyExchange::Dhe) {
    const auto known = crypto::KeyShare::fromPrivate(crypto::Group::Ffdhe2048, Bytes{2});
    const bool same = known && known->p() == m_exchange.p && known->g() == m_exchange.g;
    e.facts.group = same ? ffdhe2048Group : 0;
    e.tell(Event::Kind::Choice, "group",
           same ? nameOfGroup(ffdhe2048Group) : "Diffie-Hellman with the server's own parameters");
    return {};
  }
  const auto &groups = config().groups;
  const bool offered = std::find(groups.begin(), groups.end(), m_exchange.group) != groups.end();
  if (!offered || !isCurve12(m_exchange.group))
    return Failure{Alert::IllegalParameter, "The server chose the group " +
                                                nameOfGroup(m_exchange.group) +
                                                ", which was not offered."};
  e.facts.group = m_exchange.group;
  e.tell(Event::Kind::Choice, "group", nameOfGroup(e.facts.group));
  return {};
}

Outcome Client12::onKeyExchange(Endpoint &e, const Message &m) {
  const bool ecdhe = e.facts.suite->exchange == KeyExchange::Ecdhe;
  auto exchange = readServerKeyExchange(m.body, ecdhe);
  if (!exchange) return undecodable(m.type);
  m_exchange = std::move(*exchange);
  if (auto failure = checkGroup(e)) return failure;
  if (auto failure = checkSignature12(e, config(), m_exchange.signature,
                                      signedExchange(e, m_exchange), "RFC 5246 section 7.4.3"))
    return failure;
  e.facts.scheme = m_exchange.signature.scheme;
  e.tell(Event::Kind::Choice, "server's signature", nameOfSignatureScheme(e.facts.scheme),
         "proves possession of the certificate's key");
  e.transcript.add(m.whole);
  e.tellPhase(phase::certificateVerification, e.facts.validation.trusted()
                                                  ? "the certificate holds"
                                                  : "accepted although it does not hold");
  m_wait = Wait::RequestOrDone;
  return {};
}

Outcome Client12::onCertificateRequest(Endpoint &e, const Message &m) {
  auto request = readCertificateRequest12(m.body);
  if (!request) return undecodable(m.type);
  m_request = std::move(*request);
  m_requested = true;
  e.transcript.add(m.whole);
  m_wait = Wait::Done;
  return {};
}

/// RFC 5246 section 7.4.4 and RFC 8422 section 5.5: by the key's type and by signature scheme.
const Identity *Client12::chooseIdentity() const {
  const Identity *identity = config().identity.get();
  if (identity == nullptr || identity->chain.empty()) return nullptr;
  const crypto::KeyKind kind = identity->key.kind();
  const bool rsa = kind == crypto::KeyKind::Rsa2048 || kind == crypto::KeyKind::Rsa;
  const std::uint8_t type = rsa ? 1 : 64;
  const auto &types = m_request.types;
  if (std::find(types.begin(), types.end(), type) == types.end()) return nullptr;
  return chooseScheme(config().schemes, m_request.schemes, kind, Version::Tls12) ? identity
                                                                                 : nullptr;
}

Outcome Client12::signMessages(Endpoint &e, Hands &hands) const {
  const Identity &identity = *config().identity;
  const auto scheme =
      chooseScheme(config().schemes, m_request.schemes, identity.key.kind(), Version::Tls12);
  const auto value = identity.key.sign(*scheme, e.transcript.bytes(), hands.entropy);
  if (!value) return Failure{Alert::InternalError, "The key could not sign."};
  const auto id = static_cast<std::uint16_t>(*scheme);
  e.tell(Event::Kind::Choice, "client's signature", nameOfSignatureScheme(id),
         "proves possession of the certificate's key");
  e.send(HandshakeType::CertificateVerify, write(Signature{id, *value}));
  return {};
}

/// RFC 5246 section 7.4.7.1: the version offered goes into it, so that nobody can lower it.
Outcome Client12::encryptPremaster(Endpoint &e, Hands &hands, Bytes &premaster,
                                   Bytes &value) const {
  premaster = {static_cast<std::uint8_t>(m_offer.hello.legacyVersion >> 8),
               static_cast<std::uint8_t>(m_offer.hello.legacyVersion)};
  crypto::append(premaster, hands.entropy.bytes(masterSecretSize - premaster.size()));
  const auto sealed = e.facts.peerChain.front().publicKey().encrypt(premaster, hands.entropy);
  if (!sealed) return Failure{Alert::InternalError, "The server's key cannot encrypt."};
  value = *sealed;
  return {};
}

Outcome Client12::agree(Endpoint &e, Hands &hands, Bytes &premaster, Bytes &value) const {
  std::optional<crypto::KeyShare> own;
  const auto group = static_cast<crypto::Group>(e.facts.group);
  for (const crypto::KeyShare &s : config().presets.shares)
    if (e.facts.group != 0 && s.group() == group) own = s;
  if (!own && e.facts.group != 0) own = crypto::KeyShare::generate(group, hands.entropy);
  if (!own) own = crypto::KeyShare::generateDh(m_exchange.p, m_exchange.g, hands.entropy);
  if (!own)
    return Failure{Alert::IllegalParameter,
                   "The server's Diffie-Hellman parameters are no sound group."};
  const auto shared = own->agree(m_exchange.publicValue);
  if (!shared)
    return Failure{Alert::IllegalParameter, "The server's public value is none of its group."};
  premaster = premasterOf(e.facts.suite->exchange, *shared);
  value = own->publicValue();
  return {};
}

Outcome Client12::sendKeyExchange(Endpoint &e, Hands &hands) {
  const Suite &suite = *e.facts.suite;
  Bytes premaster, value;
  auto failure = isSigned(suite) ? agree(e, hands, premaster, value)
                                 : encryptPremaster(e, hands, premaster, value);
  if (failure) return failure;
  e.send(HandshakeType::ClientKeyExchange, writeClientKeyExchange(suite.exchange, value));
  e.tellTranscript("ClientKeyExchange");
  m_secrets.agree(e, suite, premaster, m_extended);
  return {};
}

Outcome Client12::onDone(Endpoint &e, const Message &m, Hands &hands) {
  if (!m.body.empty()) return undecodable(m.type);
  e.transcript.add(m.whole);
  const Identity *identity = m_requested ? chooseIdentity() : nullptr;
  if (m_requested) sendCertificate12(e, identity);
  if (auto failure = sendKeyExchange(e, hands)) return failure;
  if (identity != nullptr)
    if (auto failure = signMessages(e, hands)) return failure;
  changeWriteKeys(e, m_secrets);
  sendFinished12(e, m_secrets);
  m_wait = m_ticketPromised ? Wait::Ticket : Wait::ChangeCipherSpec;
  return {};
}

/// An empty ticket takes the promise back (RFC 5077 section 3.3).
Outcome Client12::onTicket(Endpoint &e, const Message &m) {
  auto ticket = readNewSessionTicket12(m.body);
  if (!ticket) return undecodable(m.type);
  m_ticket = std::move(*ticket);
  e.transcript.add(m.whole);
  m_wait = Wait::ChangeCipherSpec;
  return {};
}

Outcome Client12::onFinished(Endpoint &e, const Message &m, Hands &hands) {
  if (auto failure = takeFinished12(e, m_secrets, m)) return failure;
  if (e.facts.resumed) {
    changeWriteKeys(e, m_secrets);
    sendFinished12(e, m_secrets);
  }
  establish(e, hands);
  return {};
}

void Client12::establish(Endpoint &e, const Hands &hands) {
  e.transcript.forgetBytes();
  e.facts.established = true;
  m_wait = Wait::Nothing;
  if (m_ticket.ticket.empty()) return;
  constexpr std::uint32_t unspecified = 7200; // a hint of 0 leaves it to the client
  Session session = sessionOf(e, m_secrets, m_extended, hands.nowMs);
  session.ticket = m_ticket.ticket;
  session.lifetime = m_ticket.lifetime != 0 ? m_ticket.lifetime : unspecified;
  e.sessions.push_back(std::move(session));
}

} // namespace

std::unique_ptr<Handshake> client12(ClientOffer offer) {
  return std::make_unique<Client12>(std::move(offer));
}

} // namespace packetarium::tls
