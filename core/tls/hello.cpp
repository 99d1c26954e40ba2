// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/hello.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::tls {

const std::array<std::uint8_t, 8> downgradeMark12 = {'D', 'O', 'W', 'N', 'G', 'R', 'D', 1};

bool ClientOffer::offersSuite(std::uint16_t id) const {
  return std::find(hello.suites.begin(), hello.suites.end(), id) != hello.suites.end();
}

std::vector<std::uint16_t> suitesOf(const CommonConfig &config, Version version) {
  if (config.suites.empty()) return suitesOf(version);
  std::vector<std::uint16_t> ids;
  for (const std::uint16_t id : config.suites) {
    const Suite *suite = findSuite(id);
    if (suite != nullptr && suite->version == version) ids.push_back(id);
  }
  return ids;
}

bool speaks(const CommonConfig &config, Version version) {
  const auto &versions = config.versions;
  return std::find(versions.begin(), versions.end(), version) != versions.end() &&
         !suitesOf(config, version).empty();
}

Outcome chooseAlpn(const CommonConfig &own, const Extensions &hello, std::string &chosen) {
  const Extension *extension = find(hello, ExtensionType::Alpn);
  if (extension == nullptr || own.alpn.empty()) return {};
  const auto offered = readAlpn(extension->data);
  if (!offered) return undecodable(HandshakeType::ClientHello);
  for (const std::string &protocol : own.alpn) {
    if (std::find(offered->begin(), offered->end(), protocol) == offered->end()) continue;
    chosen = protocol;
    return {};
  }
  return Failure{Alert::NoApplicationProtocol,
                 "Client and server have no application protocol in common."};
}

std::string namesOf(const std::vector<std::uint16_t> &numbers, std::string (*name)(std::uint16_t)) {
  std::string text;
  for (const std::uint16_t n : numbers) text += (text.empty() ? "" : ", ") + name(n);
  return text;
}

void tellOffer(Endpoint &e, const ClientHello &hello) {
  if (!e.observed) return;
  const auto list = [&](ExtensionType type, std::string_view what, auto read, auto name) {
    const Extension *extension = find(hello.extensions, type);
    if (extension == nullptr) return;
    if (const auto numbers = read(extension->data))
      e.tell(Event::Kind::Offer, what, namesOf(*numbers, name));
  };
  if (find(hello.extensions, ExtensionType::SupportedVersions) != nullptr)
    list(ExtensionType::SupportedVersions, "versions", readSupportedVersions, nameOfVersion);
  else
    e.tell(Event::Kind::Offer, "versions", nameOfVersion(hello.legacyVersion));
  e.tell(Event::Kind::Offer, "cipher suites", namesOf(hello.suites, nameOfSuite));
  list(ExtensionType::SupportedGroups, "groups", readUint16List, nameOfGroup);
  list(ExtensionType::SignatureAlgorithms, "signature algorithms", readUint16List,
       nameOfSignatureScheme);
  if (const Extension *shares = find(hello.extensions, ExtensionType::KeyShare)) {
    std::vector<std::uint16_t> groups;
    if (const auto entries = readKeyShares(shares->data))
      for (const KeyShareEntry &entry : *entries) groups.push_back(entry.group);
    e.tell(Event::Kind::Offer, "key shares", namesOf(groups, nameOfGroup), "public, in clear");
  }
  if (const Extension *alpn = find(hello.extensions, ExtensionType::Alpn)) {
    std::string text;
    if (const auto names = readAlpn(alpn->data))
      for (const std::string &n : *names) text += (text.empty() ? "" : ", ") + n;
    e.tell(Event::Kind::Offer, "application protocols", text);
  }
  if (const Extension *host = find(hello.extensions, ExtensionType::ServerName))
    e.tell(Event::Kind::Offer, "server name", readServerName(host->data).value_or(""), "in clear");
}

Random randomFrom(const std::optional<Random> &preset, crypto::Entropy &entropy) {
  if (preset) return *preset;
  Random random;
  entropy.fill(random);
  return random;
}

void order(Extensions &extensions, const std::vector<std::uint16_t> &wanted) {
  const auto place = [&](const Extension &e) {
    return std::find(wanted.begin(), wanted.end(), e.type) - wanted.begin();
  };
  std::stable_sort(extensions.begin(), extensions.end(),
                   [&](const Extension &a, const Extension &b) { return place(a) < place(b); });
}

namespace {

bool isAddress(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789.:") == host.npos;
}

/// Says hello, again when asked to, and finds out which version goes on.
class ClientStart final : public HandshakeOf<ClientStart> {
public:
  explicit ClientStart(std::shared_ptr<const ClientConfig> config) {
    m_offer.config = std::move(config);
  }
  ClientStart(const ClientStart &o)
      : HandshakeOf(o),
        m_offer(o.m_offer),
        m_next(o.m_next ? o.m_next->clone() : nullptr),
        m_cookie(o.m_cookie),
        m_retried(o.m_retried),
        m_early(o.m_early),
        m_retrySuite(o.m_retrySuite),
        m_earlySent(o.m_earlySent) {}

  Outcome start(Endpoint &e, Hands &hands) override;
  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &, Hands &) override { return {}; }
  std::unique_ptr<Handshake> successor() override { return std::move(m_next); }
  bool maySendEarly(std::size_t bytes) const override {
    return m_early && m_earlySent + bytes <= m_offer.session->maxEarlyData;
  }
  Outcome onEarlySent(std::size_t bytes) override {
    m_earlySent += bytes;
    return {};
  }

private:
  const ClientConfig &config() const { return *m_offer.config; }
  bool offers(Version v) const { return speaks(config(), v); }
  Bytes sessionId(Hands &hands) const;
  Extensions extensions(Hands &hands);
  void add13(Extensions &out, Hands &hands);
  void makeShares(Hands &hands);
  bool mayResume(const Session &session) const;
  bool resumes(Version version) const;
  void offerPsk(const Endpoint &e, const Hands &hands);
  void sendHello(Endpoint &e, Hands &hands);
  void startEarly(Endpoint &e);
  void sendChangeCipherSpec(Endpoint &e);
  Outcome retry(Endpoint &e, const ServerHello &hello, const Message &m, Hands &hands);
  Outcome acceptRetry(const ServerHello &hello, std::optional<std::uint16_t> &group);

  ClientOffer m_offer;
  std::unique_ptr<Handshake> m_next;
  std::optional<Bytes> m_cookie;
  bool m_retried = false, m_early = false;
  std::uint16_t m_retrySuite = 0;
  std::size_t m_earlySent = 0;
};

Bytes ClientStart::sessionId(Hands &hands) const {
  if (config().presets.sessionId) return *config().presets.sessionId;
  const bool compatible = config().middleboxCompatibility && offers(Version::Tls13);
  return compatible || resumes(Version::Tls12) ? hands.entropy.bytes(32) : Bytes{};
}

/// Without the extended master secret a session of 1.2 should not be resumed (RFC 7627 section
/// 5.3); without a session id the server's answer could not be told from a full handshake.
bool ClientStart::mayResume(const Session &session) const {
  if (findSuite(session.suite) == nullptr) return false;
  const bool noId = config().presets.sessionId && config().presets.sessionId->empty();
  return session.version == Version::Tls13 || (session.extendedMasterSecret && !noId);
}

bool ClientStart::resumes(Version version) const {
  return m_offer.session != nullptr && m_offer.session->version == version;
}

Extensions ClientStart::extensions(Hands &hands) {
  const ClientConfig &c = config();
  Extensions out;
  if (!c.serverName.empty() && !isAddress(c.serverName)) out.push_back(serverName(c.serverName));
  if (offers(Version::Tls12)) {
    out.push_back(emptyExtension(ExtensionType::ExtendedMasterSecret));
    out.push_back(renegotiationInfo({}));
    out.push_back(ecPointFormats());
    const Bytes ticket = resumes(Version::Tls12) ? m_offer.session->ticket : Bytes{};
    out.push_back({static_cast<std::uint16_t>(ExtensionType::SessionTicket), ticket});
  }
  out.push_back(supportedGroups(c.groups));
  if (!c.alpn.empty()) out.push_back(alpn(c.alpn));
  out.push_back(signatureAlgorithms(c.schemes));
  if (offers(Version::Tls13)) add13(out, hands);
  out.insert(out.end(), c.extra.begin(), c.extra.end());
  if (!c.extensionOrder.empty()) order(out, c.extensionOrder);
  return out;
}

void ClientStart::add13(Extensions &out, Hands &hands) {
  std::vector<std::uint16_t> versions;
  for (const Version v : config().versions)
    if (offers(v)) versions.push_back(number(v));
  out.push_back(supportedVersions(versions));
  out.push_back(pskModes({1})); // psk_dhe_ke
  if (m_offer.shares.empty()) makeShares(hands);
  std::vector<KeyShareEntry> entries;
  for (const crypto::KeyShare &share : m_offer.shares)
    entries.push_back({static_cast<std::uint16_t>(share.group()), share.publicValue()});
  out.push_back(keyShares(entries));
  if (m_cookie) out.push_back(cookie(*m_cookie));
  if (m_early) out.push_back(earlyData());
}

void ClientStart::makeShares(Hands &hands) {
  if (!config().presets.shares.empty()) {
    m_offer.shares = config().presets.shares;
    return;
  }
  std::vector<std::uint16_t> groups = config().sharesFor;
  if (groups.empty())
    for (const std::uint16_t g : config().groups)
      if (groups.empty() && !crypto::name(static_cast<crypto::Group>(g)).empty())
        groups.push_back(g);
  for (const std::uint16_t g : groups)
    m_offer.shares.push_back(
        crypto::KeyShare::generate(static_cast<crypto::Group>(g), hands.entropy));
}

/// RFC 8446 section 4.2.11: the binder covers the hello up to itself.
void ClientStart::offerPsk(const Endpoint &e, const Hands &hands) {
  const Session &session = *m_offer.session;
  const crypto::Hash hash = findSuite(session.suite)->hash;
  const auto age =
      static_cast<std::uint32_t>(std::max<std::int64_t>(0, hands.nowMs - session.receivedAtMs));
  PskOffer psk{{{session.ticket, age + session.ageAdd}}, {Bytes(crypto::size(hash))}};
  m_offer.hello.extensions.push_back(preSharedKey(psk));
  Bytes whole = handshake(HandshakeType::ClientHello, write(m_offer.hello));
  const View truncated = View(whole).first(whole.size() - bindersSize(psk));
  const KeySchedule early(hash, session.secret);
  const Bytes key = early.derive("res binder", crypto::digest(hash, {}));
  psk.binders[0] = finishedValue(hash, key, e.transcript.valueWith(hash, truncated));
  m_offer.hello.extensions.back() = preSharedKey(psk);
}

void ClientStart::sendHello(Endpoint &e, Hands &hands) {
  m_offer.hello.extensions = extensions(hands);
  if (resumes(Version::Tls13)) offerPsk(e, hands);
  tellOffer(e, m_offer.hello);
  e.send(HandshakeType::ClientHello, write(m_offer.hello));
  e.flush();
  e.tellPhase(phase::clientHello, config().serverName);
}

Outcome ClientStart::start(Endpoint &e, Hands &hands) {
  const bool any = offers(Version::Tls13) || offers(Version::Tls12);
  if (!any) return Failure{Alert::InternalError, "No version with a cipher suite is switched on."};
  m_offer.session = config().session;
  if (m_offer.session != nullptr && !offers(m_offer.session->version)) m_offer.session = nullptr;
  if (m_offer.session != nullptr && !mayResume(*m_offer.session)) m_offer.session = nullptr;
  m_early = resumes(Version::Tls13) && config().earlyData && m_offer.session->maxEarlyData > 0;
  m_offer.hello.random = e.clientRandom = randomFrom(config().presets.random, hands.entropy);
  m_offer.hello.sessionId = sessionId(hands);
  for (const Version v : config().versions) {
    const auto ids = suitesOf(config(), v);
    m_offer.hello.suites.insert(m_offer.hello.suites.end(), ids.begin(), ids.end());
  }
  e.facts.serverName = config().serverName;
  e.writer.setLegacyVersion(0x0301);
  sendHello(e, hands);
  e.writer.setLegacyVersion(0x0303);
  if (m_early) startEarly(e);
  return {};
}

void ClientStart::sendChangeCipherSpec(Endpoint &e) {
  if (m_offer.changeCipherSent || !config().middleboxCompatibility) return;
  if (m_offer.hello.sessionId.empty()) return;
  m_offer.changeCipherSent = true;
  const std::uint8_t one[] = {1};
  e.sendRecord(ContentType::ChangeCipherSpec, one);
}

void ClientStart::startEarly(Endpoint &e) {
  e.facts.early = Facts::Early::Offered;
  sendChangeCipherSpec(e);
  const Suite &suite = *findSuite(m_offer.session->suite);
  const KeySchedule early(suite.hash, m_offer.session->secret);
  const Bytes secret = early.derive("c e traffic", e.transcript.valueWith(suite.hash, {}));
  e.tellSecret("client_early_traffic_secret", secret,
               "from the early secret and ClientHello (RFC 8446 section 7.1)");
  e.tellKeyLog("CLIENT_EARLY_TRAFFIC_SECRET", secret);
  e.installWrite(Version::Tls13, trafficKeys(suite, secret), "client early traffic");
}

Outcome ClientStart::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  if (m.type != HandshakeType::ServerHello)
    return unexpected(m.type, "instead of the server's hello");
  const auto hello = readServerHello(m.body);
  if (!hello) return undecodable(m.type);
  if (hasDuplicates(hello->extensions))
    return Failure{Alert::IllegalParameter, "ServerHello repeats an extension."};
  const Extension *selected = find(hello->extensions, ExtensionType::SupportedVersions);
  if (selected != nullptr) {
    const auto version = readUint16(selected->data);
    if (!version) return undecodable(m.type);
    if (*version != number(Version::Tls13) || !offers(Version::Tls13))
      return Failure{Alert::IllegalParameter, "The server chose the version " +
                                                  nameOfVersion(*version) + " where it may not."};
    if (hello->random == helloRetryRandom) return retry(e, *hello, m, hands);
    if (m_retried && hello->suite != m_retrySuite)
      return Failure{Alert::IllegalParameter, "The server changed its mind about the suite."};
    m_next = client13(m_offer);
  } else {
    if (m_retried || hello->legacyVersion != 0x0303 || !offers(Version::Tls12))
      return Failure{Alert::ProtocolVersion, "The server speaks " +
                                                 nameOfVersion(hello->legacyVersion) +
                                                 ", which this client does not."};
    const bool marked =
        std::equal(downgradeMark12.begin(), downgradeMark12.begin() + 7, hello->random.end() - 8) &&
        hello->random.back() <= 1;
    if (marked && offers(Version::Tls13))
      return Failure{Alert::IllegalParameter,
                     "The server can do more than TLS 1.2 and marked its random so: somebody on "
                     "the way has weakened the client's offer."};
    m_next = client12(m_offer);
  }
  return m_next->onMessage(e, m, hands);
}

Outcome ClientStart::acceptRetry(const ServerHello &hello, std::optional<std::uint16_t> &group) {
  if (m_retried) return Failure{Alert::UnexpectedMessage, "A second HelloRetryRequest came."};
  const Suite *suite = findSuite(hello.suite);
  if (suite == nullptr || suite->version != Version::Tls13 || !m_offer.offersSuite(hello.suite) ||
      hello.sessionId != m_offer.hello.sessionId || hello.compression != 0)
    return Failure{Alert::IllegalParameter, "HelloRetryRequest chooses what was not offered."};
  for (const Extension &extension : hello.extensions) {
    const auto type = static_cast<ExtensionType>(extension.type);
    if (type == ExtensionType::KeyShare) {
      group = readUint16(extension.data);
      if (!group) return undecodable(HandshakeType::ServerHello);
    } else if (type == ExtensionType::Cookie) {
      m_cookie = readCookie(extension.data);
      if (!m_cookie) return undecodable(HandshakeType::ServerHello);
    } else if (type != ExtensionType::SupportedVersions) {
      return Failure{Alert::UnsupportedExtension, "HelloRetryRequest has the extension " +
                                                      nameOfExtension(extension.type) +
                                                      ", which it must not."};
    }
  }
  if (!group && !m_cookie)
    return Failure{Alert::IllegalParameter, "HelloRetryRequest asks for no change."};
  if (!group) return {};
  const auto &groups = config().groups;
  const bool offered = std::find(groups.begin(), groups.end(), *group) != groups.end() &&
                       !crypto::name(static_cast<crypto::Group>(*group)).empty();
  const bool had =
      std::any_of(m_offer.shares.begin(), m_offer.shares.end(), [&](const crypto::KeyShare &s) {
        return static_cast<std::uint16_t>(s.group()) == *group;
      });
  if (!offered || had)
    return Failure{Alert::IllegalParameter,
                   "HelloRetryRequest asks for a group that was not offered, or was sent already."};
  return {};
}

Outcome ClientStart::retry(Endpoint &e, const ServerHello &hello, const Message &m, Hands &hands) {
  std::optional<std::uint16_t> group;
  if (auto failure = acceptRetry(hello, group)) return failure;
  m_retried = e.facts.retried = true;
  m_retrySuite = hello.suite;
  const crypto::Hash hash = findSuite(hello.suite)->hash;
  e.transcript.choose(hash);
  e.transcript.restart();
  e.transcript.add(m.whole);
  e.tellPhase(phase::helloRetry, group ? nameOfGroup(*group) : std::string("cookie"));
  if (m_early) {
    e.facts.early = Facts::Early::Rejected;
    e.writer.unprotect();
    e.writeKeys = "no key";
    m_early = false;
  }
  if (resumes(Version::Tls13) && findSuite(m_offer.session->suite)->hash != hash)
    m_offer.session = nullptr;
  if (group) {
    m_offer.shares.clear();
    const auto wanted = static_cast<crypto::Group>(*group);
    for (const crypto::KeyShare &s : config().presets.shares)
      if (s.group() == wanted) m_offer.shares.push_back(s);
    if (m_offer.shares.empty())
      m_offer.shares.push_back(crypto::KeyShare::generate(wanted, hands.entropy));
  }
  sendChangeCipherSpec(e);
  sendHello(e, hands);
  return {};
}

/// Reads the client's hello only to find out which version goes on.
class ServerStart final : public HandshakeOf<ServerStart> {
public:
  explicit ServerStart(std::shared_ptr<const ServerConfig> config) : m_config(std::move(config)) {}
  ServerStart(const ServerStart &o)
      : HandshakeOf(o), m_config(o.m_config), m_next(o.m_next ? o.m_next->clone() : nullptr) {}

  Outcome onMessage(Endpoint &e, const Message &m, Hands &hands) override;
  Outcome onChangeCipherSpec(Endpoint &, Hands &) override {
    return Failure{Alert::UnexpectedMessage, "ChangeCipherSpec came before a ClientHello."};
  }
  std::unique_ptr<Handshake> successor() override { return std::move(m_next); }

private:
  Outcome chooseVersion(const ClientHello &hello, Version &chosen) const;
  std::shared_ptr<const ServerConfig> m_config;
  std::unique_ptr<Handshake> m_next;
};

Outcome ServerStart::chooseVersion(const ClientHello &hello, Version &chosen) const {
  std::vector<std::uint16_t> offered;
  if (const Extension *extension = find(hello.extensions, ExtensionType::SupportedVersions)) {
    const auto versions = readSupportedVersions(extension->data);
    if (!versions) return undecodable(HandshakeType::ClientHello);
    offered = *versions;
  } else if (hello.legacyVersion >= 0x0303) {
    offered = {0x0303};
  }
  for (const Version v : {Version::Tls13, Version::Tls12}) {
    if (!speaks(*m_config, v)) continue;
    if (std::find(offered.begin(), offered.end(), number(v)) == offered.end()) continue;
    chosen = v;
    return {};
  }
  return Failure{
      Alert::ProtocolVersion,
      "Client and server have no version of TLS in common: the client offers " +
          (offered.empty() ? nameOfVersion(hello.legacyVersion) : namesOf(offered, nameOfVersion)) +
          "."};
}

Outcome ServerStart::onMessage(Endpoint &e, const Message &m, Hands &hands) {
  if (m.type != HandshakeType::ClientHello)
    return unexpected(m.type, "instead of the client's hello");
  const auto hello = readClientHello(m.body);
  if (!hello) return undecodable(m.type);
  if (hasDuplicates(hello->extensions))
    return Failure{Alert::IllegalParameter, "ClientHello repeats an extension."};
  const auto isPsk = [](const Extension &x) {
    return x.type == static_cast<std::uint16_t>(ExtensionType::PreSharedKey);
  };
  const auto psk = std::find_if(hello->extensions.begin(), hello->extensions.end(), isPsk);
  if (psk != hello->extensions.end() && psk + 1 != hello->extensions.end())
    return Failure{Alert::IllegalParameter, "pre_shared_key is not the last extension."};
  if (std::find(hello->compressions.begin(), hello->compressions.end(), 0) ==
      hello->compressions.end())
    return Failure{Alert::IllegalParameter, "ClientHello does not offer to leave compression out."};
  Version version{};
  if (auto failure = chooseVersion(*hello, version)) return failure;
  if (m_config->identity == nullptr)
    return Failure{Alert::InternalError, "The server has no certificate."};
  e.clientRandom = hello->random;
  if (const Extension *host = find(hello->extensions, ExtensionType::ServerName)) {
    const auto read = readServerName(host->data);
    if (!read) return undecodable(m.type);
    e.facts.serverName = *read;
  }
  tellOffer(e, *hello);
  m_next = version == Version::Tls13 ? server13(m_config) : server12(m_config);
  return m_next->onMessage(e, m, hands);
}

} // namespace

std::unique_ptr<Handshake> clientStart(std::shared_ptr<const ClientConfig> config) {
  return std::make_unique<ClientStart>(std::move(config));
}

std::unique_ptr<Handshake> serverStart(std::shared_ptr<const ServerConfig> config) {
  return std::make_unique<ServerStart>(std::move(config));
}

} // namespace packetarium::tls
