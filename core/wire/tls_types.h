// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The numbers of TLS (RFC 8446, RFC 5246, IANA's registries) with their names.
namespace packetarium::wire::tls {

enum class Version : std::uint16_t { Ssl30 = 0x0300, Tls10, Tls11, Tls12, Tls13 };

enum class ContentType : std::uint8_t {
  ChangeCipherSpec = 20,
  Alert = 21,
  Handshake = 22,
  ApplicationData = 23
};

enum class HandshakeType : std::uint8_t {
  HelloRequest = 0,
  ClientHello = 1,
  ServerHello = 2,
  NewSessionTicket = 4,
  EndOfEarlyData = 5,
  EncryptedExtensions = 8,
  Certificate = 11,
  ServerKeyExchange = 12,
  CertificateRequest = 13,
  ServerHelloDone = 14,
  CertificateVerify = 15,
  ClientKeyExchange = 16,
  Finished = 20,
  KeyUpdate = 24,
  MessageHash = 254
};

enum class AlertLevel : std::uint8_t { Warning = 1, Fatal = 2 };

enum class Alert : std::uint8_t {
  CloseNotify = 0,
  UnexpectedMessage = 10,
  BadRecordMac = 20,
  RecordOverflow = 22,
  HandshakeFailure = 40,
  BadCertificate = 42,
  UnsupportedCertificate = 43,
  CertificateRevoked = 44,
  CertificateExpired = 45,
  CertificateUnknown = 46,
  IllegalParameter = 47,
  UnknownCa = 48,
  AccessDenied = 49,
  DecodeError = 50,
  DecryptError = 51,
  ProtocolVersion = 70,
  InsufficientSecurity = 71,
  InternalError = 80,
  InappropriateFallback = 86,
  UserCanceled = 90,
  NoRenegotiation = 100,
  MissingExtension = 109,
  UnsupportedExtension = 110,
  UnrecognizedName = 112,
  UnknownPskIdentity = 115,
  CertificateRequired = 116,
  NoApplicationProtocol = 120
};

enum class ExtensionType : std::uint16_t {
  ServerName = 0,
  SupportedGroups = 10,
  EcPointFormats = 11,
  SignatureAlgorithms = 13,
  Alpn = 16,
  ExtendedMasterSecret = 23,
  SessionTicket = 35,
  PreSharedKey = 41,
  EarlyData = 42,
  SupportedVersions = 43,
  Cookie = 44,
  PskKeyExchangeModes = 45,
  CertificateAuthorities = 47,
  SignatureAlgorithmsCert = 50,
  KeyShare = 51,
  RenegotiationInfo = 0xff01
};

/// As people and analysers write them; "0x1234" or "number 123" when unknown.
std::string nameOfVersion(std::uint16_t version);        ///< "TLS 1.3"
std::string nameOfContent(std::uint8_t type);            ///< "Application Data"
std::string nameOfHandshake(std::uint8_t type);          ///< "Client Hello"
std::string nameOfAlert(std::uint8_t description);       ///< "bad_record_mac"
std::string nameOfExtension(std::uint16_t type);         ///< "server_name"
std::string nameOfSuite(std::uint16_t suite);            ///< "TLS_AES_128_GCM_SHA256"
std::string nameOfGroup(std::uint16_t group);            ///< "x25519"
std::string nameOfSignatureScheme(std::uint16_t scheme); ///< "ecdsa_secp256r1_sha256"
/// What an alert means, as a sentence for people.
std::string_view sentenceOfAlert(std::uint8_t description);

} // namespace packetarium::wire::tls
