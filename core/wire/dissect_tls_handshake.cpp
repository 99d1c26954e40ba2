// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect_tls.h"

#include <fmt/format.h>

namespace packetarium::wire::tls {

bool Walk::need(std::size_t bytes) {
  if (m_stopped) return false;
  if (bytes <= left()) return true;
  stop(fmt::format("{} bytes are needed here, {} are left", bytes, left()));
  return false;
}

void Walk::stop(std::string what) {
  if (!m_stopped && !m_cut) Dissector::malformed(m_into, m_at, left(), std::move(what));
  m_stopped = true;
}

std::uint64_t Walk::number(std::string_view abbrev, std::size_t bytes, Namer name) {
  if (!need(bytes)) return 0;
  const std::uint64_t v = m_d.read(m_at, bytes);
  std::string text;
  if (name != nullptr)
    text = fmt::format("{} (0x{:0{}x})", name(static_cast<std::uint16_t>(v)), v, 2 * bytes);
  m_into.children.push_back(m_d.number(abbrev, m_at, bytes, std::move(text)));
  m_at += bytes;
  return v;
}

void Walk::raw(std::string_view abbrev, std::size_t bytes) {
  constexpr std::size_t shownWhole = 32;
  if (m_stopped || bytes == 0) return;
  if (!m_cut && !need(bytes)) return;
  const std::size_t here = std::min(bytes, left());
  if (here > 0) {
    std::string hex;
    for (const std::uint8_t byte : m_d.frame.subspan(m_at, here))
      hex += fmt::format("{:02x}", byte);
    Field f = m_d.blob(abbrev, m_at, here);
    if (here <= shownWhole) f.value = hex;
    f.key = std::move(hex);
    m_into.children.push_back(std::move(f));
    m_at += here;
  }
  m_stopped = here < bytes;
}

void Walk::text(std::string_view abbrev, std::size_t bytes) {
  if (!need(bytes)) return;
  m_into.children.push_back(m_d.text(abbrev, m_at, bytes));
  m_at += bytes;
}

Walk Walk::part(Field &field, std::size_t bytes) {
  if (!m_cut && !need(bytes)) return Walk(m_d, field, m_at, m_at, true);
  const std::size_t here = m_stopped ? 0 : std::min(bytes, left());
  if (&field != &m_into) field.length = static_cast<std::uint32_t>(here);
  Walk inner(m_d, field, m_at, m_at + here, here < bytes);
  m_at += here;
  m_stopped = m_stopped || here < bytes;
  return inner;
}

void Walk::push(Field &&field) {
  m_into.malformed = m_into.malformed || field.malformed;
  m_into.children.push_back(std::move(field));
}

void Walk::finish() {
  if (more()) stop(fmt::format("{} bytes too many", left()));
}

namespace {

std::size_t sizeOf(std::uint64_t length) { return static_cast<std::size_t>(length); }

std::string compressionName(std::uint16_t method) { return method == 0 ? "null" : "unknown"; }
std::string curveTypeName(std::uint16_t type) { return type == 3 ? "named_curve" : "unknown"; }
std::string certificateTypeName(std::uint16_t type) {
  switch (type) { // RFC 5246 section 7.4.4, RFC 8422 section 5.5
  case 1: return "RSA Sign";
  case 2: return "DSS Sign";
  case 64: return "ECDSA Sign";
  default: return "other";
  }
}

void walkHelloStart(Walk &w) {
  w.number("tls.handshake.version", 2, nameOfVersion);
  w.raw("tls.handshake.random", 32);
  w.raw("tls.handshake.session_id", sizeOf(w.number("tls.handshake.session_id_length", 1)));
}

void walkClientHello(Walk &w) {
  walkHelloStart(w);
  w.list("tls.handshake.cipher_suites_length", 2, "tls.handshake.ciphersuites",
         [](Walk &in) { in.number("tls.handshake.ciphersuite", 2, nameOfSuite); });
  w.list("tls.handshake.comp_methods_length", 1, "tls.handshake.comp_methods",
         [](Walk &in) { in.number("tls.handshake.comp_method", 1, compressionName); });
  if (w.more()) walkExtensions(w, HelloKind::Client);
}

void walkServerHello(Walk &w) {
  const bool retry = isHelloRetry(w.view());
  walkHelloStart(w);
  w.number("tls.handshake.ciphersuite", 2, nameOfSuite);
  w.number("tls.handshake.comp_method", 1, compressionName);
  if (w.more()) walkExtensions(w, retry ? HelloKind::Retry : HelloKind::Server);
}

/// The form of TLS 1.2: that of 1.3 is always encrypted.
void walkCertificate(Walk &w) {
  w.list("tls.handshake.certificates_length", 3, "tls.handshake.certificates", [](Walk &in) {
    const auto bytes = sizeOf(in.number("tls.handshake.certificate_length", 3));
    in.raw("tls.handshake.certificate", bytes);
  });
}

void walkSignature(Walk &w) {
  walkScheme(w);
  w.raw("tls.handshake.sig", sizeOf(w.number("tls.handshake.sig_len", 2)));
}

void walkServerKeyExchange(Walk &w) {
  constexpr std::uint8_t namedCurve = 3; // the length of p does not start like this
  if (w.more() && w.view()[0] == namedCurve) {
    w.number("tls.handshake.server_curve_type", 1, curveTypeName);
    w.number("tls.handshake.server_named_curve", 2, nameOfGroup);
    w.raw("tls.handshake.server_point", sizeOf(w.number("tls.handshake.server_point_len", 1)));
  } else {
    w.raw("tls.handshake.p", sizeOf(w.number("tls.handshake.p_len", 2)));
    w.raw("tls.handshake.g", sizeOf(w.number("tls.handshake.g_len", 2)));
    w.raw("tls.handshake.ys", sizeOf(w.number("tls.handshake.ys_len", 2)));
  }
  walkSignature(w);
}

void walkClientKeyExchange(Walk &w, std::size_t length) {
  if (w.more() && w.view()[0] + std::size_t{1} == length) {
    w.raw("tls.handshake.client_point", sizeOf(w.number("tls.handshake.client_point_len", 1)));
    return;
  }
  // The suite decides whether this is Diffie-Hellman's public value or RSA's encrypted secret, and
  // that stands in another segment.
  const auto bytes = sizeOf(w.number("tls.handshake.client_exchange_len", 2));
  w.raw("tls.handshake.client_exchange", bytes);
}

void walkCertificateRequest(Walk &w) {
  w.list("tls.handshake.cert_types_count", 1, "tls.handshake.cert_types",
         [](Walk &in) { in.number("tls.handshake.cert_type", 1, certificateTypeName); });
  walkSchemes(w);
  w.list("tls.handshake.dnames_len", 2, "tls.handshake.dnames", [](Walk &in) {
    in.raw("tls.handshake.dname", sizeOf(in.number("tls.handshake.dname_len", 2)));
  });
}

void walkCertificateVerify(Walk &w) {
  walkScheme(w);
  const auto bytes = sizeOf(w.number("tls.handshake.client_cert_vrfy.sig_len", 2));
  w.raw("tls.handshake.client_cert_vrfy.sig", bytes);
}

void walkNewSessionTicket(Walk &w) {
  w.number("tls.handshake.session_ticket_lifetime_hint", 4);
  const auto bytes = sizeOf(w.number("tls.handshake.session_ticket_length", 2));
  w.raw("tls.handshake.session_ticket", bytes);
}

void walkMessage(Walk &w, const MessageView &m) {
  switch (static_cast<HandshakeType>(m.type)) {
  case HandshakeType::ClientHello: return walkClientHello(w);
  case HandshakeType::ServerHello: return walkServerHello(w);
  case HandshakeType::Certificate: return walkCertificate(w);
  case HandshakeType::ServerKeyExchange: return walkServerKeyExchange(w);
  case HandshakeType::CertificateRequest: return walkCertificateRequest(w);
  case HandshakeType::CertificateVerify: return walkCertificateVerify(w);
  case HandshakeType::ClientKeyExchange: return walkClientKeyExchange(w, m.length);
  case HandshakeType::NewSessionTicket: return walkNewSessionTicket(w);
  case HandshakeType::Finished: return w.raw("tls.handshake.verify_data", w.left());
  default: return w.raw("tls.handshake.body", w.left());
  }
}

} // namespace

Field messageField(const Dissector &d, const MessageView &m, std::size_t from) {
  const std::size_t at = from + m.at;
  const std::size_t body = from + m.body();
  Field f = Dissector::make("tls.handshake", at, 4 + m.present, nameOfHandshake(m.type));
  const auto server = static_cast<std::uint8_t>(HandshakeType::ServerHello);
  if (m.type == server && isHelloRetry(d.frame.subspan(body, m.present)))
    f.value = "Hello Retry Request";
  const bool cut = m.present < m.length;
  if (cut) f.value += fmt::format(", {} of {} bytes", m.present, m.length);
  f.children.push_back(d.number("tls.handshake.type", at, 1,
                                fmt::format("{} ({})", nameOfHandshake(m.type), m.type)));
  f.children.push_back(d.number("tls.handshake.length", at + 1, 3));
  Walk w(d, f, body, body + m.present, cut);
  walkMessage(w, m);
  w.finish();
  return f;
}

} // namespace packetarium::wire::tls
