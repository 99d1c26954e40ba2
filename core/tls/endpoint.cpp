// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::tls {

std::string_view name(Event::Kind kind) {
  switch (kind) {
  case Event::Kind::Sent: return "sent";
  case Event::Kind::Received: return "received";
  case Event::Kind::Offer: return "offer";
  case Event::Kind::Choice: return "choice";
  case Event::Kind::Secret: return "secret";
  case Event::Kind::Keys: return "keys";
  case Event::Kind::Transcript: return "transcript";
  case Event::Kind::Certificate: return "certificate";
  case Event::Kind::Check: return "check";
  case Event::Kind::KeyLog: return "keylog";
  case Event::Kind::Phase: return "phase";
  case Event::Kind::Alert: return "alert";
  case Event::Kind::Note: return "note";
  }
  return {};
}

void Transcript::add(View message) {
  crypto::append(m_bytes, message);
  if (m_digest) m_digest->update(message);
}

void Transcript::choose(crypto::Hash hash) {
  if (m_digest && m_digest->hash() == hash) return;
  m_digest.emplace(hash);
  m_digest->update(m_bytes);
}

void Transcript::restart() {
  const Bytes hash = value();
  m_bytes = handshake(HandshakeType::MessageHash, hash);
  m_digest.emplace(m_digest->hash());
  m_digest->update(m_bytes);
}

Bytes Transcript::value() const { return m_digest->value(); }

Bytes Transcript::valueWith(View more) const {
  crypto::Digest copy = *m_digest;
  copy.update(more);
  return copy.value();
}

Bytes Transcript::valueWith(crypto::Hash hash, View more) const {
  if (m_digest && m_digest->hash() == hash) return valueWith(more);
  crypto::Digest whole(hash);
  whole.update(m_bytes);
  whole.update(more);
  return whole.value();
}

void Endpoint::send(HandshakeType type, View body) {
  const Bytes message = handshake(type, body);
  transcript.add(message);
  crypto::append(m_queued, message);
  if (observed)
    tell(Event::Kind::Sent, nameOfHandshake(static_cast<std::uint8_t>(type)), crypto::hex(message),
         writeKeys);
}

void Endpoint::flush() {
  if (m_queued.empty()) return;
  sendRecord(ContentType::Handshake, m_queued);
  m_queued.clear();
}

void Endpoint::installWrite(Version version, const TrafficKeys &keys, std::string_view name) {
  flush();
  writer.protect(version, keys);
  writeKeys = name;
  tell(Event::Kind::Keys, name, crypto::name(keys.kind), "write");
}

void Endpoint::installRead(Version version, const TrafficKeys &keys, std::string_view name) {
  reader.protect(version, keys);
  readKeys = name;
  tell(Event::Kind::Keys, name, crypto::name(keys.kind), "read");
}

void Endpoint::tell(Event::Kind kind, std::string_view name, std::string_view value,
                    std::string_view detail) {
  if (!observed) return;
  events.push_back({kind, std::string(name), std::string(value), std::string(detail)});
}

void Endpoint::tellSecret(std::string_view name, View value, std::string_view detail) {
  if (observed) tell(Event::Kind::Secret, name, crypto::hex(value), detail);
}

void Endpoint::tellKeyLog(std::string_view label, View secret) {
  if (!keyLogged) return;
  events.push_back({Event::Kind::KeyLog,
                    std::string(label),
                    fmt::format("{} {} {}", label, crypto::hex(clientRandom), crypto::hex(secret)),
                    {}});
}

void Endpoint::tellChain(std::string_view whose, const std::vector<crypto::Certificate> &chain) {
  if (!observed) return;
  for (std::size_t i = 0; i < chain.size(); ++i)
    tell(Event::Kind::Certificate, fmt::format("{} {} of {}", whose, i + 1, chain.size()),
         crypto::hex(chain[i].der()));
}

void Endpoint::tellTranscript(std::string_view lastMessage) {
  if (observed) tell(Event::Kind::Transcript, lastMessage, crypto::hex(transcript.value()));
}

Outcome Endpoint::judgePeer(const std::vector<CertificateEntry> &entries,
                            const crypto::TrustStore *trust, std::string_view host,
                            std::int64_t nowMs, bool mustHold) {
  facts.peerChain.clear();
  for (const CertificateEntry &entry : entries) {
    auto certificate = crypto::Certificate::fromDer(entry.der);
    if (!certificate.ok())
      return Failure{Alert::BadCertificate, "A certificate cannot be read: it is no X.509."};
    facts.peerChain.push_back(std::move(certificate).value());
  }
  const bool ofServer = facts.role == Role::Client;
  tellChain(ofServer ? "server" : "client", facts.peerChain);
  facts.validation =
      crypto::validate(facts.peerChain, trust != nullptr ? *trust : crypto::TrustStore{}, host,
                       nowMs / 1000, ofServer ? crypto::Purpose::Server : crypto::Purpose::Client);
  // The root is not sent; who checks has it at home.
  const auto &path = facts.validation.path;
  if (observed && path.size() > facts.peerChain.size())
    tell(Event::Kind::Certificate, ofServer ? "server root" : "client root",
         crypto::hex(path.back().der()), "from the trust store");
  for (const crypto::CertificateCheck &check : facts.validation.checks) {
    using Verdict = crypto::CertificateCheck::Verdict;
    tell(Event::Kind::Check, check.name,
         check.verdict == Verdict::Passed   ? "passed"
         : check.verdict == Verdict::Failed ? "failed"
                                            : "not reached",
         check.detail + (check.source.empty() ? "" : " (" + check.source + ")"));
  }
  if (facts.validation.trusted()) return {};
  const std::string why(crypto::sentence(facts.validation.fault));
  if (mustHold) return Failure{alertFor(facts.validation.fault), why};
  tell(Event::Kind::Note, {}, "Went on although the certificate does not hold: " + why);
  return {};
}

Alert alertFor(crypto::CertificateFault fault) {
  using enum crypto::CertificateFault;
  switch (fault) {
  case NotYetValid:
  case Expired: return Alert::CertificateExpired;
  case SelfSigned:
  case UnknownIssuer:
  case NotAuthority: return Alert::UnknownCa;
  case Revoked: return Alert::CertificateRevoked;
  case WrongPurpose: return Alert::UnsupportedCertificate;
  case BadSignature:
  case WrongName:
  case Unreadable:
  case NoCertificate: return Alert::BadCertificate;
  case None:
  case Other: break;
  }
  return Alert::CertificateUnknown;
}

Bytes signedContent(Role signer, View transcriptHash) {
  constexpr std::string_view client = "TLS 1.3, client CertificateVerify";
  constexpr std::string_view server = "TLS 1.3, server CertificateVerify";
  Bytes content(64, 0x20);
  crypto::append(content, crypto::viewOf(signer == Role::Client ? client : server));
  content.push_back(0);
  crypto::append(content, transcriptHash);
  return content;
}

std::optional<crypto::SignatureScheme> chooseScheme(const std::vector<std::uint16_t> &own,
                                                    const std::vector<std::uint16_t> &peer,
                                                    crypto::KeyKind key, Version version) {
  for (const std::uint16_t number : own) {
    const auto scheme = static_cast<crypto::SignatureScheme>(number);
    // RSASSA-PKCS1-v1_5 and SHA-1 do not sign handshakes of 1.3 (RFC 8446 section 4.2.3).
    const bool pkcs1 = (number & 0xff) == 0x01;
    if (version == Version::Tls13 && pkcs1) continue;
    if (!crypto::fits(scheme, key)) continue;
    if (std::find(peer.begin(), peer.end(), number) != peer.end()) return scheme;
  }
  return {};
}

} // namespace packetarium::tls
