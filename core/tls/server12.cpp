// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half12.h"
#include "core/tls/hello.h"
#include "core/tls/tickets.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

/// Suites that are none: wishes of the client (RFC 5746 section 3.3, RFC 7507 section 2).
constexpr std::uint16_t renegotiationSignal = 0x00ff, fallbackSignal = 0x5600;

/// The server's half of TLS 1.2 (RFC 5246 section 7.3).
class Server12 final : public HandshakeOf<Server12> {
public:
  explicit Server12(std::shared_ptr<const ServerConfig> config) : m_config(std::move(config)) {}

  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &e, Hands &hands) override;

private:
  enum class Wait : std::uint8_t {
    Hello,
    Certificate,
    KeyExchange,
    CertificateVerify,
    ChangeCipherSpec,
    Finished,
    Nothing
  };
  /// What a ClientHello holds for us.
  struct Read {
    ClientHello hello;
    std::vector<std::uint16_t> groups, schemes;
    std::optional<Bytes> ticket;
    bool extended = false;
    bool offersSuite(std::uint16_t id) const {
      return std::find(hello.suites.begin(), hello.suites.end(), id) != hello.suites.end();
    }
  };
  bool asksClient() const {
    return m_config->requestClientCertificate || m_config->requireClientCertificate;
  }
  Outcome onHello(Endpoint &e, const Message &m, Hands &hands);
  Outcome readHello(const Message &m, Read &in) const;
  Outcome checkSignals(const Read &in) const;
  std::uint16_t chooseCurve(const Read &in) const;
  bool mayUseDhe(const Read &in) const;
  bool canDo(const Suite &suite, const Read &in) const;
  Outcome chooseSuite(const Read &in, const Suite *&suite) const;
  Outcome chooseSession(const Endpoint &e, const Read &in, const Hands &hands,
                        std::optional<Session> &session) const;
  void sendServerHello(Endpoint &e, const Read &in, Hands &hands);
  Extensions extensions(const Endpoint &e, const Read &in) const;
  void resume(Endpoint &e, const Session &session);
  Outcome sendFirstFlight(Endpoint &e, const Read &in, Hands &hands);
  Outcome sendKeyExchange(Endpoint &e, const Read &in, Hands &hands);
  Outcome onCertificate(Endpoint &e, const Message &m, Hands &hands);
  Outcome onKeyExchange(Endpoint &e, const Message &m, Hands &hands);
  Bytes decryptPremaster(View sealed, Hands &hands) const;
  Outcome onCertificateVerify(Endpoint &e, const Message &m);
  Outcome onFinished(Endpoint &e, const Message &m, Hands &hands);
  void sendTicket(Endpoint &e, Hands &hands);

  std::shared_ptr<const ServerConfig> m_config;
  Wait m_wait = Wait::Hello;
  Secrets12 m_secrets;
  std::optional<crypto::KeyShare> m_share;
  std::uint16_t m_clientVersion = 0;
  bool m_extended = false;    ///< an extended master secret was agreed on
  bool m_ticketDue = false;   ///< NewSessionTicket was promised
  bool m_clientSigns = false; ///< the client sent a certificate
  unsigned m_asked = 0;       ///< wishes for another handshake
};

Outcome Server12::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  using Type = HandshakeType;
  switch (m_wait) {
  case Wait::Hello:
    if (m.type == Type::ClientHello) return onHello(e, m, hands);
    break;
  case Wait::Certificate:
    if (m.type == Type::Certificate) return onCertificate(e, m, hands);
    break;
  case Wait::KeyExchange:
    if (m.type == Type::ClientKeyExchange) return onKeyExchange(e, m, hands);
    break;
  case Wait::CertificateVerify:
    if (m.type == Type::CertificateVerify) return onCertificateVerify(e, m);
    break;
  case Wait::Finished:
    if (m.type == Type::Finished) return onFinished(e, m, hands);
    break;
  case Wait::Nothing:
    if (m.type == Type::ClientHello) return refuseRenegotiation(e, m_asked);
    break;
  case Wait::ChangeCipherSpec: break;
  }
  return unexpected(m.type, m_wait == Wait::Nothing ? "after the handshake" : "out of order");
}

Outcome Server12::onChangeCipherSpec(Endpoint &e, Hands &) {
  if (m_wait != Wait::ChangeCipherSpec)
    return Failure{Alert::UnexpectedMessage, "ChangeCipherSpec came out of order."};
  changeReadKeys(e, m_secrets);
  m_wait = Wait::Finished;
  return {};
}

Outcome Server12::readHello(const Message &m, Read &in) const {
  using enum ExtensionType;
  auto hello = readClientHello(m.body);
  if (!hello) return undecodable(m.type);
  in.hello = std::move(*hello);
  const auto get = [&](ExtensionType type) { return find(in.hello.extensions, type); };
  // Who names none can do all curves (RFC 8422 section 4), and signs with SHA-1 (RFC 5246 section
  // 7.4.1.4.1).
  const auto list = [&](ExtensionType type, std::vector<std::uint16_t> otherwise,
                        std::vector<std::uint16_t> &out) {
    const Extension *x = get(type);
    const auto numbers = x != nullptr ? readUint16List(x->data) : std::optional(otherwise);
    if (numbers) out = *numbers;
    return numbers.has_value();
  };
  if (!list(SupportedGroups, {0x001d, 0x0017, 0x0018}, in.groups) ||
      !list(SignatureAlgorithms, {0x0201, 0x0203}, in.schemes))
    return undecodable(m.type);
  if (const Extension *x = get(EcPointFormats)) {
    const auto uncompressed = hasUncompressed(x->data);
    if (!uncompressed) return undecodable(m.type);
    if (!*uncompressed)
      return Failure{Alert::IllegalParameter, "The client reads no uncompressed points."};
  }
  if (const Extension *x = get(SessionTicket)) in.ticket = x->data;
  if (const Extension *x = get(ExtendedMasterSecret)) {
    if (!x->data.empty()) return undecodable(m.type);
    in.extended = true;
  }
  return checkSignals(in);
}

Outcome Server12::checkSignals(const Read &in) const {
  if (const Extension *x = find(in.hello.extensions, ExtensionType::RenegotiationInfo)) {
    const auto verifyData = readRenegotiationInfo(x->data);
    if (!verifyData) return undecodable(HandshakeType::ClientHello);
    if (!verifyData->empty()) // RFC 5746 section 3.6
      return Failure{Alert::HandshakeFailure,
                     "The client takes a first handshake for a renegotiation."};
  }
  if (in.offersSuite(fallbackSignal) && speaks(*m_config, Version::Tls13))
    return Failure{Alert::InappropriateFallback,
                   "The client came back with a lower version than both ends can do."};
  return {};
}

/// 0: there is none in common.
std::uint16_t Server12::chooseCurve(const Read &in) const {
  const auto &first = m_config->preferOwnOrder ? m_config->groups : in.groups;
  const auto &second = m_config->preferOwnOrder ? in.groups : m_config->groups;
  for (const std::uint16_t group : first)
    if (isCurve12(group) && std::find(second.begin(), second.end(), group) != second.end())
      return group;
  return 0;
}

/// RFC 7919 section 4: a client that names groups of this kind gets one of these or no such suite.
bool Server12::mayUseDhe(const Read &in) const {
  const auto has = [](const std::vector<std::uint16_t> &groups) {
    return std::find(groups.begin(), groups.end(), ffdhe2048Group) != groups.end();
  };
  const bool names = std::any_of(in.groups.begin(), in.groups.end(),
                                 [](std::uint16_t group) { return group >> 8 == 0x01; });
  return has(m_config->groups) && (!names || has(in.groups));
}

bool Server12::canDo(const Suite &suite, const Read &in) const {
  const crypto::KeyKind kind = m_config->identity->key.kind();
  if (!fits(suite, kind)) return false;
  if (suite.exchange == KeyExchange::Ecdhe && chooseCurve(in) == 0) return false;
  if (suite.exchange == KeyExchange::Dhe && !mayUseDhe(in)) return false;
  return !isSigned(suite) ||
         chooseScheme(m_config->schemes, in.schemes, kind, Version::Tls12).has_value();
}

Outcome Server12::chooseSuite(const Read &in, const Suite *&suite) const {
  const auto own = suitesOf(*m_config, Version::Tls12);
  const auto &first = m_config->preferOwnOrder ? own : in.hello.suites;
  const auto &second = m_config->preferOwnOrder ? in.hello.suites : own;
  bool common = false;
  for (const std::uint16_t id : first) {
    if (std::find(second.begin(), second.end(), id) == second.end()) continue;
    common = true;
    suite = findSuite(id);
    if (canDo(*suite, in)) return {};
  }
  return Failure{Alert::HandshakeFailure,
                 common ? "No cipher suite in common fits the server's certificate and the groups "
                          "and signatures that both ends can do."
                        : "Client and server have no cipher suite in common."};
}

/// Which session the client's ticket takes up again, if any (RFC 5077 section 3.4).
Outcome Server12::chooseSession(const Endpoint &e, const Read &in, const Hands &hands,
                                std::optional<Session> &session) const {
  if (!in.ticket || in.ticket->empty()) return {};
  auto found = openTicket(m_config->ticketKey, *in.ticket);
  if (!found || found->version != Version::Tls12) return {};
  const auto own = suitesOf(*m_config, Version::Tls12);
  const bool usable = std::find(own.begin(), own.end(), found->suite) != own.end() &&
                      in.offersSuite(found->suite) && found->serverName == e.facts.serverName &&
                      hands.nowMs - found->receivedAtMs <= 1000LL * found->lifetime;
  if (!usable) return {};
  if (found->extendedMasterSecret && !in.extended) // RFC 7627 section 5.3
    return Failure{Alert::HandshakeFailure,
                   "The client resumes a session with an extended master secret and offers none."};
  if (found->extendedMasterSecret) session = std::move(found);
  return {};
}

Outcome Server12::onHello(Endpoint &e, const Message &m, Hands &hands) {
  Read in;
  if (auto failure = readHello(m, in)) return failure;
  std::optional<Session> session;
  if (auto failure = chooseSession(e, in, hands, session)) return failure;
  const Suite *suite = session ? findSuite(session->suite) : nullptr;
  if (!session)
    if (auto failure = chooseSuite(in, suite)) return failure;
  if (auto failure = chooseAlpn(*m_config, in.hello.extensions, e.facts.alpn)) return failure;
  e.facts.version = Version::Tls12;
  e.facts.suite = suite;
  e.facts.resumed = session.has_value();
  m_clientVersion = in.hello.legacyVersion;
  m_extended = in.extended;
  const bool canIssue = !m_config->ticketKey.empty() && m_config->tickets > 0;
  m_ticketDue = !session && canIssue && in.ticket.has_value();
  e.transcript.add(m.whole);
  e.transcript.choose(suite->hash);
  e.tellTranscript("ClientHello");
  sendServerHello(e, in, hands);
  if (!session) return sendFirstFlight(e, in, hands);
  resume(e, *session);
  return {};
}

Extensions Server12::extensions(const Endpoint &e, const Read &in) const {
  using enum ExtensionType;
  const auto offered = [&](ExtensionType type) {
    return find(in.hello.extensions, type) != nullptr;
  };
  Extensions out;
  if (offered(ServerName) && !e.facts.resumed) out.push_back(emptyExtension(ServerName));
  if (m_extended) out.push_back(emptyExtension(ExtendedMasterSecret));
  if (offered(RenegotiationInfo) || in.offersSuite(renegotiationSignal))
    out.push_back(renegotiationInfo({}));
  if (offered(EcPointFormats) && e.facts.suite->exchange == KeyExchange::Ecdhe)
    out.push_back(ecPointFormats());
  if (!e.facts.alpn.empty()) out.push_back(alpn({e.facts.alpn}));
  if (m_ticketDue) out.push_back(emptyExtension(SessionTicket));
  if (!m_config->extensionOrder.empty()) order(out, m_config->extensionOrder);
  return out;
}

void Server12::sendServerHello(Endpoint &e, const Read &in, Hands &hands) {
  ServerHello hello;
  hello.random = randomFrom(m_config->presets.random, hands.entropy);
  if (speaks(*m_config, Version::Tls13))
    std::copy(downgradeMark12.begin(), downgradeMark12.end(), hello.random.end() - 8);
  e.serverRandom = hello.random;
  if (e.facts.resumed) hello.sessionId = in.hello.sessionId;
  hello.suite = e.facts.suite->id;
  hello.extensions = extensions(e, in);
  e.tell(Event::Kind::Choice, "version", nameOfVersion(number(Version::Tls12)));
  e.tell(Event::Kind::Choice, "cipher suite", nameOfSuite(hello.suite),
         e.facts.resumed ? "as in the session that is resumed" : "");
  if (!e.facts.alpn.empty()) e.tell(Event::Kind::Choice, "application protocol", e.facts.alpn);
  e.send(HandshakeType::ServerHello, write(hello));
  e.tellPhase(phase::serverHello, nameOfSuite(hello.suite));
  e.tellTranscript("ServerHello");
}

/// The abbreviated handshake: the server finishes first.
void Server12::resume(Endpoint &e, const Session &session) {
  m_secrets.resume(e, *e.facts.suite, session.secret);
  changeWriteKeys(e, m_secrets);
  sendFinished12(e, m_secrets);
  m_wait = Wait::ChangeCipherSpec;
}

Outcome Server12::sendFirstFlight(Endpoint &e, const Read &in, Hands &hands) {
  sendCertificate12(e, m_config->identity.get());
  if (isSigned(*e.facts.suite)) {
    if (auto failure = sendKeyExchange(e, in, hands)) return failure;
  } else {
    e.tell(Event::Kind::Note, {},
           "The key exchange by RSA encryption is obsolete: whoever gets the server's private key "
           "can read what was recorded before (RFC 9325 section 4.1).");
  }
  if (asksClient()) {
    CertificateRequest12 request;
    request.types = {1, 64}; // rsa_sign, ecdsa_sign (EdDSA too, RFC 8422 section 5.5)
    request.schemes = m_config->schemes;
    e.send(HandshakeType::CertificateRequest, write(request));
  }
  e.send(HandshakeType::ServerHelloDone, {});
  e.flush();
  m_wait = asksClient() ? Wait::Certificate : Wait::KeyExchange;
  return {};
}

Outcome Server12::sendKeyExchange(Endpoint &e, const Read &in, Hands &hands) {
  const bool ecdhe = e.facts.suite->exchange == KeyExchange::Ecdhe;
  e.facts.group = ecdhe ? chooseCurve(in) : ffdhe2048Group;
  const auto group = static_cast<crypto::Group>(e.facts.group);
  for (const crypto::KeyShare &s : m_config->presets.shares)
    if (s.group() == group) m_share = s;
  if (!m_share) m_share = crypto::KeyShare::generate(group, hands.entropy);
  ServerKeyExchange exchange;
  if (ecdhe) {
    exchange.group = e.facts.group;
  } else {
    exchange.p = m_share->p();
    exchange.g = m_share->g();
  }
  exchange.publicValue = m_share->publicValue();
  const crypto::PrivateKey &key = m_config->identity->key;
  const auto scheme = chooseScheme(m_config->schemes, in.schemes, key.kind(), Version::Tls12);
  const Bytes content = signedExchange(e, exchange);
  const auto value = m_config->presets.signature ? m_config->presets.signature
                                                 : key.sign(*scheme, content, hands.entropy);
  if (!value) return Failure{Alert::InternalError, "The key could not sign."};
  e.facts.scheme = static_cast<std::uint16_t>(*scheme);
  exchange.signature = {e.facts.scheme, *value};
  e.tell(Event::Kind::Choice, "group", nameOfGroup(e.facts.group));
  e.tell(Event::Kind::Choice, "server's signature", nameOfSignatureScheme(e.facts.scheme),
         "proves possession of the certificate's key");
  e.send(HandshakeType::ServerKeyExchange, write(exchange));
  return {};
}

Outcome Server12::onCertificate(Endpoint &e, const Message &m, Hands &hands) {
  const auto certificate = readCertificate12(m.body);
  if (!certificate) return undecodable(m.type);
  if (!certificate->entries.empty()) {
    if (auto failure =
            e.judgePeer(certificate->entries, m_config->trust.get(), {}, hands.nowMs, true))
      return failure;
    m_clientSigns = true;
  } else if (m_config->requireClientCertificate) { // RFC 5246 section 7.4.6
    return Failure{Alert::HandshakeFailure, "The client has no certificate."};
  }
  e.transcript.add(m.whole);
  m_wait = Wait::KeyExchange;
  return {};
}

/// RFC 5246 section 7.4.7.1: whether the padding or the version in it is wrong shows nowhere; the
/// handshake then fails at Finished.
Bytes Server12::decryptPremaster(View sealed, Hands &hands) const {
  constexpr std::size_t versionSize = 2;
  Bytes premaster = {static_cast<std::uint8_t>(m_clientVersion >> 8),
                     static_cast<std::uint8_t>(m_clientVersion)};
  crypto::append(premaster, hands.entropy.bytes(masterSecretSize - versionSize));
  const auto opened = m_config->identity->key.decrypt(sealed, hands.entropy);
  if (opened && opened->size() == masterSecretSize)
    std::copy(opened->begin() + versionSize, opened->end(), premaster.begin() + versionSize);
  return premaster;
}

Outcome Server12::onKeyExchange(Endpoint &e, const Message &m, Hands &hands) {
  const Suite &suite = *e.facts.suite;
  const auto value = readClientKeyExchange(suite.exchange, m.body);
  if (!value) return undecodable(m.type);
  Bytes premaster;
  if (isSigned(suite)) {
    const auto shared = m_share->agree(*value);
    if (!shared)
      return Failure{Alert::IllegalParameter,
                     "The client's public value is none of " + nameOfGroup(e.facts.group) + "."};
    premaster = premasterOf(suite.exchange, *shared);
    m_share.reset();
  } else {
    premaster = decryptPremaster(*value, hands);
  }
  e.transcript.add(m.whole);
  e.tellTranscript("ClientKeyExchange");
  m_secrets.agree(e, suite, premaster, m_extended);
  m_wait = m_clientSigns ? Wait::CertificateVerify : Wait::ChangeCipherSpec;
  return {};
}

Outcome Server12::onCertificateVerify(Endpoint &e, const Message &m) {
  const auto signature = readCertificateVerify(m.body);
  if (!signature) return undecodable(m.type);
  if (auto failure = checkSignature12(e, *m_config, *signature, e.transcript.bytes(),
                                      "RFC 5246 section 7.4.8"))
    return failure;
  e.transcript.add(m.whole);
  m_wait = Wait::ChangeCipherSpec;
  return {};
}

Outcome Server12::onFinished(Endpoint &e, const Message &m, Hands &hands) {
  if (auto failure = takeFinished12(e, m_secrets, m)) return failure;
  if (!e.facts.resumed) {
    if (m_ticketDue) sendTicket(e, hands);
    changeWriteKeys(e, m_secrets);
    sendFinished12(e, m_secrets);
  }
  e.transcript.forgetBytes();
  e.facts.established = true;
  m_wait = Wait::Nothing;
  return {};
}

void Server12::sendTicket(Endpoint &e, Hands &hands) {
  Session session = sessionOf(e, m_secrets, m_extended, hands.nowMs);
  session.lifetime = m_config->ticketLifetime;
  NewSessionTicket12 ticket;
  ticket.lifetime = m_config->ticketLifetime;
  ticket.ticket = sealTicket(m_config->ticketKey, session, hands.entropy);
  e.send(HandshakeType::NewSessionTicket, write(ticket));
}

} // namespace

std::unique_ptr<Handshake> server12(std::shared_ptr<const ServerConfig> config) {
  return std::make_unique<Server12>(std::move(config));
}

} // namespace packetarium::tls
