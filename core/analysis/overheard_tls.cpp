// SPDX-License-Identifier: GPL-3.0-or-later
// What of TLS travels in clear (RFC 8446 appendix E.3 and E.6; RFC 5246 section 7.4).
#include "core/analysis/overheard_readers.h"
#include "core/crypto/certificate.h"
#include "core/wire/tls_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

namespace tls = wire::tls;

constexpr std::size_t handshakeHeaderBytes = 4;
/// More than any handshake message in clear needs; a peer that announces more is not followed.
constexpr std::size_t messagesMax = 1 << 17;

OverheardItem tlsItem(const Passing &passing, Exposure exposure, std::string what, std::string text,
                      std::uint64_t bytes, bool telling = false) {
  return {passing.at, passing.sent, passing.back,    exposure,
          telling,    bytes,        std::move(what), std::move(text)};
}

std::string joinedNames(const std::vector<std::uint16_t> &numbers,
                        std::string (*nameOf)(std::uint16_t)) {
  std::vector<std::string> names;
  for (const std::uint16_t n : numbers) names.push_back(nameOf(n));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// What a message in clear gives away, apart from those that have a reader of their own.
std::string_view meaningOf(tls::HandshakeType type) {
  switch (type) {
  case tls::HandshakeType::ServerKeyExchange:
    return "the server's public half of the key agreement, signed: no use without the secret half";
  case tls::HandshakeType::ClientKeyExchange:
    return "the client's part of the key agreement: no use without a secret that never travels";
  case tls::HandshakeType::ServerHelloDone: return "the server has said what it has to say";
  case tls::HandshakeType::CertificateRequest: return "the server wants to know who the client is";
  case tls::HandshakeType::CertificateVerify:
    return "a signature that proves who holds the client's key";
  case tls::HandshakeType::NewSessionTicket:
    return "a ticket for the next visit: whoever sees it again knows that it is the same client";
  default: return "in clear";
  }
}

} // namespace

void TlsEar::lose(bool back) {
  Way &way = m_ways[back ? 1 : 0];
  const bool encrypted = way.encrypted;
  way = Way();
  way.encrypted = encrypted;
  way.lost = true;
}

void TlsEar::feed(Conversation &told, const Passing &passing, tls::View data) {
  Way &way = m_ways[passing.back ? 1 : 0];
  if (way.lost && !tls::startsRecord(data)) {
    told.ways[passing.back ? 1 : 0].hidden += data.size();
    return;
  }
  way.lost = false;
  while (!data.empty()) {
    if (way.header.size() < tls::recordHeaderBytes) {
      const std::size_t n = std::min(tls::recordHeaderBytes - way.header.size(), data.size());
      way.header.insert(way.header.end(), data.begin(),
                        data.begin() + static_cast<std::ptrdiff_t>(n));
      data = data.subspan(n);
      if (way.header.size() < tls::recordHeaderBytes) return;
      if (!tls::startsRecord(way.header)) return lose(passing.back);
      way.missing = static_cast<std::size_t>(way.header[3]) << 8 | way.header[4];
    } else {
      const std::size_t n = std::min(way.missing, data.size());
      const bool opaque =
          way.header[0] == static_cast<std::uint8_t>(tls::ContentType::ApplicationData);
      if (!opaque)
        way.body.insert(way.body.end(), data.begin(),
                        data.begin() + static_cast<std::ptrdiff_t>(n));
      way.missing -= n;
      data = data.subspan(n);
    }
    if (way.missing > 0) continue;
    onRecord(told, passing, way);
    way.header.clear();
    way.body.clear();
  }
}

void TlsEar::onHidden(Conversation &told, const Passing &passing, const Way &way,
                      const char *what) {
  const std::uint64_t bytes =
      tls::recordHeaderBytes + (static_cast<std::uint64_t>(way.header[3]) << 8 | way.header[4]);
  if (passing.back && isTls13() && !m_certificateTold) {
    m_certificateTold = true;
    told.list(tlsItem(
        passing, Exposure::Hidden, "certificate",
        m_resumed ? "none travels: a session is resumed" : "TLS 1.3 sends it encrypted", 0));
  }
  told.ways[passing.back ? 1 : 0].hidden += bytes;
  told.list(tlsItem(passing, Exposure::Hidden, what, fmt::format("an {} of {} bytes", what, bytes),
                    bytes));
}

void TlsEar::onRecord(Conversation &told, const Passing &passing, Way &way) {
  const std::uint64_t bytes = tls::recordHeaderBytes + way.body.size();
  switch (static_cast<tls::ContentType>(way.header[0])) {
  case tls::ContentType::ApplicationData: return onHidden(told, passing, way, "encrypted record");
  case tls::ContentType::Handshake:
    if (way.encrypted) return onHidden(told, passing, way, "encrypted handshake record");
    return onHandshake(told, passing, way);
  case tls::ContentType::Alert:
    // In 1.3 an encrypted alert looks like any other record.
    if (way.encrypted || way.body.size() != 2)
      return onHidden(told, passing, way, "encrypted alert");
    told.list(tlsItem(
        passing, Exposure::Metadata, "alert",
        fmt::format("{}: {}", tls::nameOfAlert(way.body[1]), tls::sentenceOfAlert(way.body[1])),
        bytes, true));
    return;
  case tls::ContentType::ChangeCipherSpec:
    way.encrypted = m_version != 0 && !isTls13();
    told.list(tlsItem(passing, Exposure::Metadata, "Change Cipher Spec",
                      way.encrypted ? "from here on this side encrypts"
                                    : "means nothing in TLS 1.3: it calms old middleboxes",
                      bytes));
  }
}

void TlsEar::onHandshake(Conversation &told, const Passing &passing, Way &way) {
  way.messages.insert(way.messages.end(), way.body.begin(), way.body.end());
  std::size_t at = 0;
  while (way.messages.size() - at >= handshakeHeaderBytes) {
    const std::uint8_t *m = way.messages.data() + at;
    const std::size_t length =
        static_cast<std::size_t>(m[1]) << 16 | static_cast<std::size_t>(m[2]) << 8 | m[3];
    if (length > messagesMax) {
      at = way.messages.size();
      break;
    }
    if (way.messages.size() - at - handshakeHeaderBytes < length) break;
    onMessage(told, passing, m[0], tls::View(m + handshakeHeaderBytes, length));
    at += handshakeHeaderBytes + length;
  }
  way.messages.erase(way.messages.begin(), way.messages.begin() + static_cast<std::ptrdiff_t>(at));
}

void TlsEar::onMessage(Conversation &told, const Passing &passing, std::uint8_t type,
                       tls::View body) {
  const auto kind = static_cast<tls::HandshakeType>(type);
  if (kind == tls::HandshakeType::ClientHello) return onClientHello(told, passing, body);
  if (kind == tls::HandshakeType::ServerHello) return onServerHello(told, passing, body);
  if (kind == tls::HandshakeType::Certificate) return onCertificate(told, passing, body);
  told.list(tlsItem(passing, Exposure::Metadata, tls::nameOfHandshake(type),
                    std::string(meaningOf(kind)), handshakeHeaderBytes + body.size()));
}

void TlsEar::onClientHello(Conversation &told, const Passing &passing, tls::View body) {
  const auto hello = tls::readClientHello(body);
  if (!hello) return;
  const auto metadata = [&](const char *what, std::string text, bool telling = false,
                            std::uint64_t bytes = 0) {
    told.list(tlsItem(passing, Exposure::Metadata, what, std::move(text), bytes, telling));
  };
  const auto extension = [&](tls::ExtensionType type) -> const tls::Extension * {
    return tls::find(hello->extensions, type);
  };
  std::vector<std::uint16_t> versions = {hello->legacyVersion};
  if (const auto *e = extension(tls::ExtensionType::SupportedVersions))
    if (auto offered = tls::readSupportedVersions(e->data)) versions = std::move(*offered);
  metadata("Client Hello", "offers " + joinedNames(versions, tls::nameOfVersion), true,
           handshakeHeaderBytes + body.size());
  if (const auto *e = extension(tls::ExtensionType::ServerName))
    if (const auto host = tls::readServerName(e->data); host && !host->empty()) {
      told.name = *host;
      metadata("server name", *host, true);
    }
  if (!hello->suites.empty())
    metadata("cipher suites offered",
             fmt::format("{}, {} in all", tls::nameOfSuite(hello->suites.front()),
                         hello->suites.size()));
  if (const auto *e = extension(tls::ExtensionType::Alpn))
    if (const auto protocols = tls::readAlpn(e->data))
      metadata("application protocols", fmt::format("{}", fmt::join(*protocols, ", ")));
  if (const auto *e = extension(tls::ExtensionType::KeyShare))
    if (const auto shares = tls::readKeyShares(e->data); shares && !shares->empty())
      metadata("key share", fmt::format("{}: the client's public half, no use without its secret "
                                        "half",
                                        tls::nameOfGroup(shares->front().group)));
  const auto *ticket = extension(tls::ExtensionType::SessionTicket);
  if (extension(tls::ExtensionType::PreSharedKey) != nullptr ||
      (ticket != nullptr && !ticket->data.empty()))
    metadata("ticket", "from an earlier visit: this client was here before", true);
  if (extension(tls::ExtensionType::EarlyData) != nullptr)
    metadata("early data", "a request travels with the first flight, encrypted", true);
}

void TlsEar::onServerHello(Conversation &told, const Passing &passing, tls::View body) {
  const auto hello = tls::readServerHello(body);
  if (!hello) return;
  m_version = hello->legacyVersion;
  if (const auto *e = tls::find(hello->extensions, tls::ExtensionType::SupportedVersions))
    m_version = tls::readUint16(e->data).value_or(m_version);
  m_resumed = tls::find(hello->extensions, tls::ExtensionType::PreSharedKey) != nullptr;
  told.version = tls::nameOfVersion(m_version);
  told.suite = tls::nameOfSuite(hello->suite);
  const bool retry = tls::isHelloRetry(body);
  told.list(tlsItem(passing, Exposure::Metadata, retry ? "Hello Retry Request" : "Server Hello",
                    fmt::format("{} {}, {}", retry ? "asks for another key share:" : "chooses",
                                told.version, told.suite),
                    handshakeHeaderBytes + body.size(), true));
}

void TlsEar::onCertificate(Conversation &told, const Passing &passing, tls::View body) {
  const auto message = tls::readCertificate12(body);
  if (!message) return;
  std::uint64_t bytes = handshakeHeaderBytes + body.size();
  for (const tls::CertificateEntry &entry : message->entries) {
    const auto certificate = crypto::Certificate::fromDer(entry.der);
    if (!certificate.ok()) continue;
    told.list(
        tlsItem(passing, Exposure::Metadata, "certificate",
                fmt::format("{}, issued by {}", certificate->subject(), certificate->issuer()),
                bytes, true));
    bytes = 0;
  }
}

} // namespace packetarium::analysis
