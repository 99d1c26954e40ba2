// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect_tls.h"

namespace packetarium::wire {
namespace tls {
namespace {

void walkVectorOf(Walk &w, std::string_view lengthAbbrev, std::size_t lengthBytes,
                  std::string_view abbrev) {
  w.raw(abbrev, static_cast<std::size_t>(w.number(lengthAbbrev, lengthBytes)));
}

void walkContext(Walk &w) {
  walkVectorOf(w, "tls.handshake.certificate_request_context_length", 1,
               "tls.handshake.certificate_request_context");
}

/// RFC 8446 section 4.4.2: each certificate has extensions of its own.
void walkCertificate13(Walk &w) {
  walkContext(w);
  w.list("tls.handshake.certificates_length", 3, "tls.handshake.certificates", [](Walk &in) {
    walkVectorOf(in, "tls.handshake.certificate_length", 3, "tls.handshake.certificate");
    if (in.more()) walkExtensions(in, HelloKind::Server);
  });
}

void walkTicket13(Walk &w) {
  w.number("tls.handshake.session_ticket_lifetime_hint", 4);
  w.number("tls.handshake.session_ticket_age_add", 4);
  walkVectorOf(w, "tls.handshake.session_ticket_nonce_length", 1,
               "tls.handshake.session_ticket_nonce");
  walkVectorOf(w, "tls.handshake.session_ticket_length", 2, "tls.handshake.session_ticket");
  if (w.more()) walkExtensions(w, HelloKind::Server);
}

std::string updateName(std::uint16_t asks) {
  return asks == 0 ? "update_not_requested" : asks == 1 ? "update_requested" : "unknown";
}

/// What 1.3 writes in another form than 1.2, or has alone. False: it is the same in both.
bool walkMessage13(Walk &w, std::uint8_t type) {
  switch (static_cast<HandshakeType>(type)) {
  case HandshakeType::EncryptedExtensions: walkExtensions(w, HelloKind::Server); return true;
  case HandshakeType::Certificate: walkCertificate13(w); return true;
  case HandshakeType::NewSessionTicket: walkTicket13(w); return true;
  case HandshakeType::CertificateRequest:
    walkContext(w);
    walkExtensions(w, HelloKind::Client);
    return true;
  case HandshakeType::KeyUpdate:
    w.number("tls.handshake.key_update.request_update", 1, updateName);
    return true;
  default: return false;
  }
}

Field messageField13(const Dissector &d, const MessageView &m) {
  Field f = Dissector::make("tls.handshake", 0, 4 + m.present, nameOfHandshake(m.type));
  f.children.push_back(d.number("tls.handshake.type", 0, 1,
                                nameOfHandshake(m.type) + " (" + std::to_string(m.type) + ")"));
  f.children.push_back(d.number("tls.handshake.length", 1, 3));
  Walk w(d, f, m.body(), m.body() + m.present, false);
  if (!walkMessage13(w, m.type)) return messageField(d, m, 0);
  w.finish();
  if (m.present < m.length)
    Dissector::malformed(f, m.body() + m.present, 0,
                         "it ends after " + std::to_string(m.present) + " of its " +
                             std::to_string(m.length) + " bytes");
  return f;
}

} // namespace
} // namespace tls

Dissection dissectHandshake(std::span<const std::uint8_t> message, bool tls13) {
  Dissection out;
  out.bytes.assign(message.begin(), message.end());
  out.protocol = "TLS";
  constexpr std::size_t head = 4;
  if (message.size() < head) return out;
  const Dissector d(message, {});
  tls::MessageView view;
  view.type = message[0];
  view.present = message.size() - head;
  view.length = static_cast<std::size_t>(d.read(1, 3));
  view.present = std::min(view.present, view.length);
  out.info = tls::nameOfHandshake(view.type);
  out.label = out.info;
  out.layers.push_back(tls13 ? tls::messageField13(d, view) : tls::messageField(d, view, 0));
  return out;
}

} // namespace packetarium::wire
