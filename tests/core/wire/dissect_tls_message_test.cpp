// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect.h"
#include "core/wire/tls_messages.h"
#include "tests/support/catch.h"

#include <string>

using namespace packetarium;
using namespace packetarium::wire;

namespace {

Bytes fromHexText(std::string_view text) {
  Bytes out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
      continue;
    }
    out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = -1;
  }
  return out;
}

std::string valueOf(const Dissection &d, std::string_view abbrev) {
  const Field *field = findField(d, abbrev);
  return field == nullptr ? "none" : field->value;
}

/// RFC 8448 section 3: the server's EncryptedExtensions.
const Bytes &encryptedExtensions() {
  static const Bytes bytes = fromHexText(
      "08 00 00 24 00 22 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01 01 01 02 01 "
      "03 01 04 00 1c 00 02 40 01 00 00 00 00");
  return bytes;
}

Bytes ticket13() {
  tls::NewSessionTicket13 ticket;
  ticket.lifetime = 30;
  ticket.ageAdd = 0xfad6aac5;
  ticket.nonce = {0, 0};
  ticket.ticket = Bytes(178, 0x2c);
  return tls::handshake(tls::HandshakeType::NewSessionTicket, tls::write(ticket));
}

} // namespace

TEST_CASE("What 1.3 encrypts on the wire is taken apart for who has the keys") {
  const Dissection extensions = dissectHandshake(encryptedExtensions(), true);
  CHECK(extensions.info == "Encrypted Extensions");
  CHECK(valueOf(extensions, "tls.handshake.extensions_length") == "34");
  CHECK(valueOf(extensions, "tls.handshake.extensions_supported_group").find("x25519") !=
        std::string::npos);
  const Dissection ticket = dissectHandshake(ticket13(), true);
  CHECK(valueOf(ticket, "tls.handshake.session_ticket_lifetime_hint") == "30");
  CHECK(valueOf(ticket, "tls.handshake.session_ticket_age_add") == std::to_string(0xfad6aac5U));
  CHECK(valueOf(ticket, "tls.handshake.session_ticket_length") == "178");
  for (const Dissection *d : {&extensions, &ticket}) {
    REQUIRE(d->layers.size() == 1);
    CHECK_FALSE(d->layers.front().malformed);
  }
}

TEST_CASE("A certificate of 1.3 has a context and extensions, one of 1.2 has neither") {
  const tls::CertificateMessage message{{}, {{Bytes(50, 0x30), {}}, {Bytes(70, 0x30), {}}}};
  const Bytes modern =
      tls::handshake(tls::HandshakeType::Certificate, tls::writeCertificate13(message));
  const Bytes old =
      tls::handshake(tls::HandshakeType::Certificate, tls::writeCertificate12(message));
  const Dissection a = dissectHandshake(modern, true);
  const Dissection b = dissectHandshake(old, false);
  CHECK(valueOf(a, "tls.handshake.certificate_request_context_length") == "0");
  CHECK(valueOf(b, "tls.handshake.certificate_request_context_length") == "none");
  for (const Dissection *d : {&a, &b}) {
    CHECK(valueOf(*d, "tls.handshake.certificate_length") == "50");
    CHECK_FALSE(d->layers.front().malformed);
  }
}

TEST_CASE("A message that is cut or mixed up is said to be malformed, never read beyond") {
  for (const Bytes &whole : {encryptedExtensions(), ticket13()})
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Dissection d = dissectHandshake(std::span(whole).first(length), true);
      if (length <= 4) continue;
      INFO(length);
      REQUIRE(d.layers.size() == 1);
      CHECK(d.layers.front().malformed);
    }
  Bytes wrong = ticket13();
  for (std::uint8_t type = 0; type < 30; ++type) {
    wrong[0] = type;
    dissectHandshake(wrong, true);
    dissectHandshake(wrong, false);
  }
}
