// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/tls_types.h"

#include <fmt/format.h>

namespace packetarium::wire::tls {
namespace {

struct AlertText {
  Alert alert;
  std::string_view name;
  std::string_view sentence;
};
constexpr AlertText alertTexts[] = {
    {Alert::CloseNotify, "close_notify", "The sender has nothing more to send."},
    {Alert::UnexpectedMessage, "unexpected_message", "A message came that does not belong here."},
    {Alert::BadRecordMac, "bad_record_mac",
     "A record could not be authenticated: it was changed on the way, or the keys differ."},
    {Alert::RecordOverflow, "record_overflow", "A record was longer than TLS allows."},
    {Alert::HandshakeFailure, "handshake_failure",
     "The two sides share no set of parameters that both accept."},
    {Alert::BadCertificate, "bad_certificate", "The certificate is damaged or wrongly signed."},
    {Alert::UnsupportedCertificate, "unsupported_certificate",
     "The certificate is of a kind the sender cannot use."},
    {Alert::CertificateRevoked, "certificate_revoked",
     "The certificate was withdrawn by its issuer."},
    {Alert::CertificateExpired, "certificate_expired",
     "The certificate is not valid at this time."},
    {Alert::CertificateUnknown, "certificate_unknown",
     "The certificate was refused for some other reason."},
    {Alert::IllegalParameter, "illegal_parameter",
     "A field of the handshake holds a value that makes no sense there."},
    {Alert::UnknownCa, "unknown_ca",
     "The certificate's chain ends at an authority the sender does not trust."},
    {Alert::AccessDenied, "access_denied", "The certificate is valid but not let in."},
    {Alert::DecodeError, "decode_error", "A message could not be read."},
    {Alert::DecryptError, "decrypt_error", "A signature or a Finished message does not verify."},
    {Alert::ProtocolVersion, "protocol_version", "The version offered is not supported."},
    {Alert::InsufficientSecurity, "insufficient_security",
     "The server asks for stronger cryptography than the client offers."},
    {Alert::InternalError, "internal_error", "The sender failed for reasons of its own."},
    {Alert::InappropriateFallback, "inappropriate_fallback",
     "The client came back with a lower version than both sides support."},
    {Alert::UserCanceled, "user_canceled", "The handshake was called off."},
    {Alert::NoRenegotiation, "no_renegotiation", "The sender does not want a new handshake."},
    {Alert::MissingExtension, "missing_extension", "An extension that must be there is not."},
    {Alert::UnsupportedExtension, "unsupported_extension",
     "An extension came that was not offered."},
    {Alert::UnrecognizedName, "unrecognized_name", "The server does not know the name asked for."},
    {Alert::UnknownPskIdentity, "unknown_psk_identity",
     "The server does not know the shared key offered."},
    {Alert::CertificateRequired, "certificate_required",
     "The server wants a certificate from the client, which sent none."},
    {Alert::NoApplicationProtocol, "no_application_protocol",
     "The two sides share no application protocol."},
};

const AlertText *findAlert(std::uint8_t description) {
  for (const AlertText &text : alertTexts)
    if (static_cast<std::uint8_t>(text.alert) == description) return &text;
  return nullptr;
}

std::string unnamed(std::uint8_t number) { return fmt::format("number {}", number); }

} // namespace

std::string nameOfVersion(std::uint16_t version) {
  switch (static_cast<Version>(version)) {
  case Version::Ssl30: return "SSL 3.0";
  case Version::Tls10: return "TLS 1.0";
  case Version::Tls11: return "TLS 1.1";
  case Version::Tls12: return "TLS 1.2";
  case Version::Tls13: return "TLS 1.3";
  }
  return fmt::format("0x{:04x}", version);
}

std::string nameOfContent(std::uint8_t type) {
  switch (static_cast<ContentType>(type)) {
  case ContentType::ChangeCipherSpec: return "Change Cipher Spec";
  case ContentType::Alert: return "Alert";
  case ContentType::Handshake: return "Handshake";
  case ContentType::ApplicationData: return "Application Data";
  }
  return unnamed(type);
}

std::string nameOfHandshake(std::uint8_t type) {
  switch (static_cast<HandshakeType>(type)) {
  case HandshakeType::HelloRequest: return "Hello Request";
  case HandshakeType::ClientHello: return "Client Hello";
  case HandshakeType::ServerHello: return "Server Hello";
  case HandshakeType::NewSessionTicket: return "New Session Ticket";
  case HandshakeType::EndOfEarlyData: return "End of Early Data";
  case HandshakeType::EncryptedExtensions: return "Encrypted Extensions";
  case HandshakeType::Certificate: return "Certificate";
  case HandshakeType::ServerKeyExchange: return "Server Key Exchange";
  case HandshakeType::CertificateRequest: return "Certificate Request";
  case HandshakeType::ServerHelloDone: return "Server Hello Done";
  case HandshakeType::CertificateVerify: return "Certificate Verify";
  case HandshakeType::ClientKeyExchange: return "Client Key Exchange";
  case HandshakeType::Finished: return "Finished";
  case HandshakeType::KeyUpdate: return "Key Update";
  case HandshakeType::MessageHash: return "Message Hash";
  }
  return unnamed(type);
}

std::string nameOfAlert(std::uint8_t description) {
  const AlertText *text = findAlert(description);
  return text != nullptr ? std::string(text->name) : unnamed(description);
}

std::string_view sentenceOfAlert(std::uint8_t description) {
  const AlertText *text = findAlert(description);
  return text != nullptr ? text->sentence : "The sender met a condition without a known name.";
}

} // namespace packetarium::wire::tls
