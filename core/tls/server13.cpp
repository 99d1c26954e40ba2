// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/half13.h"
#include "core/tls/hello.h"
#include "core/tls/hello13.h"
#include "core/tls/tickets.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

/// Tickets whose age differs by more from what the client says carry no early data
/// (RFC 8446 section 8.3).
constexpr std::int64_t ageToleranceMs = 10'000;
/// Early data that is refused may come for a while (also when none was allowed).
constexpr std::size_t skippedMax = 64 * 1024;

/// The server's half of TLS 1.3 (RFC 8446 appendix A.2).
class Server13 final : public HandshakeOf<Server13> {
public:
  explicit Server13(std::shared_ptr<const ServerConfig> config) : m_config(std::move(config)) {}

  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &e, Hands &) override {
    if (!e.facts.established) return {};
    return Failure{Alert::UnexpectedMessage, "ChangeCipherSpec came after the handshake."};
  }
  /// A client whose early data was taken is answered at once.
  bool maySendEarly(std::size_t) const override {
    return m_wait == Wait::EndOfEarlyData && !m_config->requestClientCertificate;
  }
  bool takesEarly() const override { return m_wait == Wait::EndOfEarlyData; }
  Outcome onEarlyData(std::size_t bytes) override;
  Outcome updateKeys(Endpoint &e, bool askPeer) override {
    sendKeyUpdate(e, m_secrets, askPeer);
    return {};
  }

private:
  enum class Wait : std::uint8_t {
    Hello,
    SecondHello,
    EndOfEarlyData,
    Certificate,
    CertificateVerify,
    Finished,
    Nothing
  };
  Outcome chooseSuite(const Hello13 &in, const Suite *&suite) const;
  Outcome chooseGroup(const Hello13 &in, std::uint16_t &group, const KeyShareEntry *&share) const;
  Outcome checkSecondHello(const Hello13 &in) const;
  Outcome onHello(Endpoint &e, const Message &m, Hands &hands);
  void sendRetry(Endpoint &e, const Hello13 &in, const Message &m, const Suite &suite,
                 std::uint16_t group);
  Outcome choosePsk(const Endpoint &e, const Hello13 &in, const Message &m, const Hands &hands,
                    const Suite &suite, std::optional<Session> &psk) const;
  bool acceptsEarly(const Endpoint &e, const Hello13 &in, const std::optional<Session> &psk,
                    const Hands &hands) const;
  Outcome answer(Endpoint &e, const Hello13 &in, const Message &m, const Suite &suite,
                 const KeyShareEntry &share, Hands &hands);
  void sendServerHello(Endpoint &e, const Hello13 &in, const Suite &suite,
                       const crypto::KeyShare &own, bool resumed, Hands &hands);
  void sendChangeCipherSpec(Endpoint &e, const Hello13 &in);
  void sendEncryptedExtensions(Endpoint &e, const Hello13 &in);
  Outcome sendAuthentication(Endpoint &e, const Hello13 &in, Hands &hands);
  void installRead(Endpoint &e, const Hello13 &in, const Bytes &psk, const Bytes &helloHash);
  Outcome onCertificate(Endpoint &e, const Message &m, Hands &hands);
  Outcome onFinished(Endpoint &e, const Message &m, Hands &hands);
  void sendTickets(Endpoint &e, Hands &hands);

  std::shared_ptr<const ServerConfig> m_config;
  Wait m_wait = Wait::Hello;
  Secrets13 m_secrets;
  std::uint16_t m_retryGroup = 0, m_retrySuite = 0;
  bool m_changeCipherSent = false, m_asked = false;
  std::size_t m_earlyLeft = 0;
};

Outcome Server13::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  using Type = HandshakeType;
  switch (m_wait) {
  case Wait::Hello:
  case Wait::SecondHello:
    if (m.type == Type::ClientHello) return onHello(e, m, hands);
    break;
  case Wait::EndOfEarlyData:
    if (m.type != Type::EndOfEarlyData) break;
    if (!m.body.empty()) return undecodable(m.type);
    e.transcript.add(m.whole);
    e.installRead(Version::Tls13, m_secrets.handshakeKeys(Role::Client),
                  handshakeKeysName(Role::Client));
    m_wait = Wait::Finished;
    return {};
  case Wait::Certificate:
    if (m.type == Type::Certificate) return onCertificate(e, m, hands);
    break;
  case Wait::CertificateVerify:
    if (m.type != Type::CertificateVerify) break;
    m_wait = Wait::Finished;
    return verifyTranscript(e, *m_config, m);
  case Wait::Finished:
    if (m.type == Type::Finished) return onFinished(e, m, hands);
    break;
  case Wait::Nothing:
    if (m.type == Type::KeyUpdate) {
      bool wanted = false;
      if (auto failure = onKeyUpdate(e, m_secrets, m, wanted)) return failure;
      if (wanted) sendKeyUpdate(e, m_secrets, false);
      return {};
    }
    break;
  }
  return unexpected(m.type, m_wait == Wait::Nothing ? "after the handshake" : "out of order");
}

Outcome Server13::chooseSuite(const Hello13 &in, const Suite *&suite) const {
  const auto own = suitesOf(*m_config, Version::Tls13);
  const auto &first = m_config->preferOwnOrder ? own : in.hello.suites;
  const auto &second = m_config->preferOwnOrder ? in.hello.suites : own;
  for (const std::uint16_t id : first) {
    if (std::find(second.begin(), second.end(), id) == second.end()) continue;
    suite = findSuite(id);
    return {};
  }
  return Failure{Alert::HandshakeFailure, "Client and server have no cipher suite in common."};
}

Outcome Server13::chooseGroup(const Hello13 &in, std::uint16_t &group,
                              const KeyShareEntry *&share) const {
  for (std::size_t i = 0; i < in.shares.size(); ++i) {
    const auto same = [&](const KeyShareEntry &s) { return s.group == in.shares[i].group; };
    const auto begin = in.shares.begin();
    const bool twice = std::any_of(begin, begin + static_cast<std::ptrdiff_t>(i), same);
    const bool listed =
        std::find(in.groups.begin(), in.groups.end(), in.shares[i].group) != in.groups.end();
    if (twice || !listed)
      return Failure{Alert::IllegalParameter, "Key shares do not fit the groups offered."};
  }
  for (const std::uint16_t own : m_config->groups) {
    if (crypto::name(static_cast<crypto::Group>(own)).empty()) continue;
    if (std::find(in.groups.begin(), in.groups.end(), own) == in.groups.end()) continue;
    if (group == 0) group = own;
    const auto found = std::find_if(in.shares.begin(), in.shares.end(),
                                    [&](const KeyShareEntry &s) { return s.group == own; });
    if (found == in.shares.end()) continue;
    group = own;
    share = &*found;
    return {};
  }
  if (group == 0)
    return Failure{Alert::HandshakeFailure, "Client and server have no group in common."};
  return {};
}

Outcome Server13::checkSecondHello(const Hello13 &in) const {
  if (in.early)
    return Failure{Alert::IllegalParameter, "Early data is offered again after a retry."};
  if (in.shares.size() != 1 || in.shares.front().group != m_retryGroup)
    return Failure{Alert::IllegalParameter,
                   "The second ClientHello does not bring the key share it was asked for."};
  return {};
}

Outcome Server13::onHello(Endpoint &e, const Message &m, Hands &hands) {
  Hello13 in;
  if (auto failure = readHello13(m, in)) return failure;
  const bool second = m_wait == Wait::SecondHello;
  if (second)
    if (auto failure = checkSecondHello(in)) return failure;
  const Suite *suite = nullptr;
  std::uint16_t group = 0;
  const KeyShareEntry *share = nullptr;
  if (auto failure = chooseSuite(in, suite)) return failure;
  if (second && suite->id != m_retrySuite)
    return Failure{Alert::IllegalParameter, "The second ClientHello offers other suites."};
  if (auto failure = chooseGroup(in, group, share)) return failure;
  e.facts.version = Version::Tls13;
  e.facts.suite = suite;
  e.facts.group = group;
  if (in.early) e.reader.skipEarlyData(skippedMax);
  if (share == nullptr) {
    if (second)
      return Failure{Alert::IllegalParameter, "The second ClientHello brings no fitting share."};
    sendRetry(e, in, m, *suite, group);
    return {};
  }
  return answer(e, in, m, *suite, *share, hands);
}

void Server13::sendRetry(Endpoint &e, const Hello13 &in, const Message &m, const Suite &suite,
                         std::uint16_t group) {
  e.transcript.add(m.whole);
  e.transcript.choose(suite.hash);
  e.transcript.restart();
  ServerHello retry;
  retry.random = helloRetryRandom;
  retry.sessionId = in.hello.sessionId;
  retry.suite = suite.id;
  retry.extensions.push_back(keyShareGroup(group));
  if (m_config->presets.cookie) retry.extensions.push_back(cookie(*m_config->presets.cookie));
  retry.extensions.push_back(selectedVersion(number(Version::Tls13)));
  if (!m_config->extensionOrder.empty()) order(retry.extensions, m_config->extensionOrder);
  e.send(HandshakeType::ServerHello, write(retry));
  e.flush();
  sendChangeCipherSpec(e, in);
  e.tellPhase(phase::helloRetry, nameOfGroup(group));
  e.facts.retried = true;
  if (in.early) e.facts.early = Facts::Early::Rejected;
  m_retryGroup = group;
  m_retrySuite = suite.id;
  m_wait = Wait::SecondHello;
}

void Server13::sendChangeCipherSpec(Endpoint &e, const Hello13 &in) {
  if (m_changeCipherSent || in.hello.sessionId.empty()) return;
  m_changeCipherSent = true;
  const std::uint8_t one[] = {1};
  e.sendRecord(ContentType::ChangeCipherSpec, one);
}

/// The first identity is the one that counts: it is what a client would send early data with.
Outcome Server13::choosePsk(const Endpoint &e, const Hello13 &in, const Message &m,
                            const Hands &hands, const Suite &suite,
                            std::optional<Session> &psk) const {
  if (!in.psk) return {};
  auto session = openTicket(m_config->ticketKey, in.psk->identities.front().identity);
  const bool usable = session && session->version == Version::Tls13 &&
                      findSuite(session->suite)->hash == suite.hash &&
                      session->serverName == e.facts.serverName &&
                      hands.nowMs - session->receivedAtMs <= 1000LL * session->lifetime;
  if (!usable) return {};
  const View truncated = m.whole.first(m.whole.size() - bindersSize(*in.psk));
  const KeySchedule early(suite.hash, session->secret);
  const Bytes key = early.derive("res binder", crypto::digest(suite.hash, {}));
  const Bytes expected =
      finishedValue(suite.hash, key, e.transcript.valueWith(suite.hash, truncated));
  if (!crypto::sameSecret(expected, in.psk->binders.front()))
    return Failure{Alert::DecryptError, "The binder does not fit: whoever offers the ticket does "
                                        "not have its secret."};
  psk = std::move(session);
  return {};
}

bool Server13::acceptsEarly(const Endpoint &e, const Hello13 &in, const std::optional<Session> &psk,
                            const Hands &hands) const {
  if (!in.early || !psk || m_wait != Wait::Hello || m_config->maxEarlyData == 0) return false;
  const bool same = psk->suite == e.facts.suite->id && psk->alpn == e.facts.alpn;
  const std::uint32_t said = in.psk->identities.front().obfuscatedAge - psk->ageAdd;
  const std::int64_t off = std::int64_t{said} - (hands.nowMs - psk->receivedAtMs);
  if (!same || off > ageToleranceMs || off < -ageToleranceMs) return false;
  return !hands.isFirstTime || hands.isFirstTime(in.psk->binders.front());
}

Outcome Server13::answer(Endpoint &e, const Hello13 &in, const Message &m, const Suite &suite,
                         const KeyShareEntry &share, Hands &hands) {
  const auto group = static_cast<crypto::Group>(share.group);
  const auto preset = std::find_if(m_config->presets.shares.begin(), m_config->presets.shares.end(),
                                   [&](const crypto::KeyShare &s) { return s.group() == group; });
  const crypto::KeyShare own = preset != m_config->presets.shares.end()
                                   ? *preset
                                   : crypto::KeyShare::generate(group, hands.entropy);
  const auto shared = own.agree(share.key);
  if (!shared)
    return Failure{Alert::IllegalParameter,
                   "The client's key share is no value of " + nameOfGroup(share.group) + "."};
  std::optional<Session> psk;
  if (auto failure = choosePsk(e, in, m, hands, suite, psk)) return failure;
  if (auto failure = chooseAlpn(*m_config, in.hello.extensions, e.facts.alpn)) return failure;
  const bool early = acceptsEarly(e, in, psk, hands);
  if (in.early && m_wait == Wait::Hello)
    e.facts.early = early ? Facts::Early::Accepted : Facts::Early::Rejected;
  if (!psk && in.schemes.empty())
    return Failure{Alert::MissingExtension, "ClientHello has no signature algorithms."};
  e.facts.resumed = psk.has_value();
  e.transcript.add(m.whole);
  e.transcript.choose(suite.hash);
  const Bytes helloHash = early ? e.transcript.value() : Bytes{};
  e.tellTranscript("ClientHello");
  sendServerHello(e, in, suite, own, psk.has_value(), hands);
  const Bytes secret = psk ? psk->secret : Bytes{};
  m_secrets.begin(e, suite, secret);
  m_secrets.agree(e, *shared);
  sendChangeCipherSpec(e, in);
  e.installWrite(Version::Tls13, m_secrets.handshakeKeys(Role::Server),
                 handshakeKeysName(Role::Server));
  sendEncryptedExtensions(e, in);
  if (!psk)
    if (auto failure = sendAuthentication(e, in, hands)) return failure;
  e.send(HandshakeType::Finished, m_secrets.finished(Role::Server, e.transcript));
  e.tellPhase(phase::serverFinished);
  e.tellTranscript("server Finished");
  m_secrets.master(e);
  e.installWrite(Version::Tls13, m_secrets.applicationKeys(Role::Server),
                 m_secrets.applicationName(Role::Server));
  installRead(e, in, secret, helloHash);
  m_wait = e.facts.early == Facts::Early::Accepted ? Wait::EndOfEarlyData
           : m_asked                               ? Wait::Certificate
                                                   : Wait::Finished;
  return {};
}

void Server13::sendServerHello(Endpoint &e, const Hello13 &in, const Suite &suite,
                               const crypto::KeyShare &own, bool resumed, Hands &hands) {
  ServerHello hello;
  hello.random = e.serverRandom = randomFrom(m_config->presets.random, hands.entropy);
  hello.sessionId = in.hello.sessionId;
  hello.suite = suite.id;
  hello.extensions.push_back(
      keyShare({static_cast<std::uint16_t>(own.group()), own.publicValue()}));
  if (resumed) hello.extensions.push_back(selectedPsk(0));
  hello.extensions.push_back(selectedVersion(number(Version::Tls13)));
  if (!m_config->extensionOrder.empty()) order(hello.extensions, m_config->extensionOrder);
  e.tell(Event::Kind::Choice, "version", nameOfVersion(number(Version::Tls13)));
  e.tell(Event::Kind::Choice, "cipher suite", nameOfSuite(suite.id));
  e.tell(Event::Kind::Choice, "group", nameOfGroup(e.facts.group));
  e.send(HandshakeType::ServerHello, write(hello));
  e.flush();
  e.tellPhase(phase::serverHello, nameOfSuite(suite.id));
  e.tellTranscript("ServerHello");
}

void Server13::sendEncryptedExtensions(Endpoint &e, const Hello13 &in) {
  Extensions extensions;
  const bool named = find(in.hello.extensions, ExtensionType::ServerName) != nullptr;
  if (named && !e.facts.resumed) extensions.push_back(emptyExtension(ExtensionType::ServerName));
  if (!e.facts.alpn.empty()) {
    extensions.push_back(alpn({e.facts.alpn}));
    e.tell(Event::Kind::Choice, "application protocol", e.facts.alpn);
  }
  if (e.facts.early == Facts::Early::Accepted) extensions.push_back(earlyData());
  extensions.insert(extensions.end(), m_config->extra.begin(), m_config->extra.end());
  if (!m_config->extensionOrder.empty()) order(extensions, m_config->extensionOrder);
  e.send(HandshakeType::EncryptedExtensions, writeEncryptedExtensions(extensions));
}

Outcome Server13::sendAuthentication(Endpoint &e, const Hello13 &in, Hands &hands) {
  if (m_config->requestClientCertificate) {
    CertificateRequest13 request;
    request.extensions.push_back(signatureAlgorithms(m_config->schemes));
    e.send(HandshakeType::CertificateRequest, write(request));
    m_asked = true;
  }
  sendCertificate(e, m_config->identity.get(), {});
  return signTranscript(e, *m_config, in.schemes, hands);
}

void Server13::installRead(Endpoint &e, const Hello13 &in, const Bytes &psk,
                           const Bytes &helloHash) {
  if (e.facts.early != Facts::Early::Accepted) {
    e.installRead(Version::Tls13, m_secrets.handshakeKeys(Role::Client),
                  handshakeKeysName(Role::Client));
    if (!in.early) e.reader.skipEarlyData(0);
    return;
  }
  const Suite &suite = m_secrets.suite();
  const Bytes secret = KeySchedule(suite.hash, psk).derive("c e traffic", helloHash);
  e.tellSecret("client_early_traffic_secret", secret,
               "from the early secret and ClientHello (RFC 8446 section 7.1)");
  e.tellKeyLog("CLIENT_EARLY_TRAFFIC_SECRET", secret);
  e.reader.skipEarlyData(0);
  e.installRead(Version::Tls13, trafficKeys(suite, secret), "client early traffic");
  m_earlyLeft = m_config->maxEarlyData;
}

Outcome Server13::onEarlyData(std::size_t bytes) {
  if (bytes > m_earlyLeft)
    return Failure{Alert::UnexpectedMessage, "More early data came than the ticket allows."};
  m_earlyLeft -= bytes;
  return {};
}

Outcome Server13::onCertificate(Endpoint &e, const Message &m, Hands &hands) {
  const auto certificate = readCertificate13(m.body);
  if (!certificate) return undecodable(m.type);
  if (!certificate->context.empty())
    return Failure{Alert::IllegalParameter, "The client's Certificate has a context."};
  if (certificate->entries.empty()) {
    if (m_config->requireClientCertificate)
      return Failure{Alert::CertificateRequired, "The client has no certificate."};
    e.transcript.add(m.whole);
    m_wait = Wait::Finished;
    return {};
  }
  if (auto failure =
          e.judgePeer(certificate->entries, m_config->trust.get(), {}, hands.nowMs, true))
    return failure;
  e.transcript.add(m.whole);
  m_wait = Wait::CertificateVerify;
  return {};
}

Outcome Server13::onFinished(Endpoint &e, const Message &m, Hands &hands) {
  if (auto failure = checkFinished(e, m_secrets, m)) return failure;
  e.transcript.add(m.whole);
  e.installRead(Version::Tls13, m_secrets.applicationKeys(Role::Client),
                m_secrets.applicationName(Role::Client));
  e.reader.allowPlainAlerts(false);
  m_secrets.resumption(e);
  e.transcript.forgetBytes();
  e.facts.established = true;
  m_wait = Wait::Nothing;
  sendTickets(e, hands);
  return {};
}

void Server13::sendTickets(Endpoint &e, Hands &hands) {
  const bool any = !m_config->ticketKey.empty() || m_config->presets.ticket;
  for (unsigned i = 0; any && i < m_config->tickets; ++i) {
    NewSessionTicket13 ticket;
    if (m_config->presets.ticket) {
      ticket = *m_config->presets.ticket;
    } else {
      Session session;
      session.suite = m_secrets.suite().id;
      session.lifetime = ticket.lifetime = m_config->ticketLifetime;
      const Bytes add = hands.entropy.bytes(4);
      for (const std::uint8_t b : add) session.ageAdd = session.ageAdd << 8 | b;
      session.receivedAtMs = hands.nowMs;
      session.maxEarlyData = m_config->maxEarlyData;
      session.serverName = e.facts.serverName;
      session.alpn = e.facts.alpn;
      ticket.ageAdd = session.ageAdd;
      ticket.nonce = {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
      session.secret = m_secrets.pskOf(ticket.nonce);
      ticket.ticket = sealTicket(m_config->ticketKey, session, hands.entropy);
      if (m_config->maxEarlyData > 0)
        ticket.extensions.push_back(maxEarlyData(m_config->maxEarlyData));
    }
    e.tellSecret("resumption PSK", m_secrets.pskOf(ticket.nonce),
                 "from the resumption master secret and the ticket's nonce (RFC 8446 section "
                 "4.6.1)");
    e.send(HandshakeType::NewSessionTicket, write(ticket));
    e.flush();
  }
}

} // namespace

std::unique_ptr<Handshake> server13(std::shared_ptr<const ServerConfig> config) {
  return std::make_unique<Server13>(std::move(config));
}

} // namespace packetarium::tls
