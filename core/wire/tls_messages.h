// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/payload.h"
#include "core/wire/tls_types.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The messages of the handshake as structs, for TLS 1.3 (RFC 8446 section 4) and 1.2 (RFC 5246
/// section 7.4). A reader gives nothing for bytes that are no such message: that is decode_error.
/// Bodies are without the header of 4 bytes (type and length), which handshake() puts before them.
namespace packetarium::wire::tls {

using View = std::span<const std::uint8_t>;
using Random = std::array<std::uint8_t, 32>;

struct Extension {
  std::uint16_t type = 0;
  Bytes data;
  bool operator==(const Extension &) const = default;
};
using Extensions = std::vector<Extension>;
const Extension *find(const Extensions &extensions, ExtensionType type);
bool hasDuplicates(const Extensions &extensions);

struct ClientHello {
  std::uint16_t legacyVersion = 0x0303;
  Random random{};
  Bytes sessionId; ///< at most 32 bytes
  std::vector<std::uint16_t> suites;
  Bytes compressions{0};
  Extensions extensions;
  bool operator==(const ClientHello &) const = default;
};
struct ServerHello {
  std::uint16_t legacyVersion = 0x0303;
  Random random{};
  Bytes sessionId;
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  Extensions extensions; ///< empty: the block is left out (as 1.2 allows)
  bool operator==(const ServerHello &) const = default;
};
/// The random that makes a ServerHello a HelloRetryRequest (RFC 8446 section 4.1.3).
extern const Random helloRetryRandom;

struct CertificateEntry {
  Bytes der;
  Extensions extensions; ///< 1.3 only
};
struct CertificateMessage {
  Bytes context; ///< 1.3 only
  std::vector<CertificateEntry> entries;
};
struct CertificateRequest13 {
  Bytes context;
  Extensions extensions;
};
struct CertificateRequest12 {
  Bytes types; ///< ClientCertificateType: 1 rsa_sign, 64 ecdsa_sign
  std::vector<std::uint16_t> schemes;
  std::vector<Bytes> authorities; ///< distinguished names
};
/// CertificateVerify; in 1.2 also what ends a ServerKeyExchange.
struct Signature {
  std::uint16_t scheme = 0;
  Bytes value;
};
struct NewSessionTicket13 {
  std::uint32_t lifetime = 0; ///< seconds
  std::uint32_t ageAdd = 0;
  Bytes nonce, ticket;
  Extensions extensions;
};
struct NewSessionTicket12 {
  std::uint32_t lifetime = 0; ///< seconds, a hint
  Bytes ticket;
};
/// RFC 8422 section 5.4 (named curve) or RFC 5246 section 7.4.3 (explicit Diffie-Hellman).
struct ServerKeyExchange {
  std::uint16_t group = 0; ///< 0: p and g count
  Bytes p, g;
  Bytes publicValue;
  Signature signature;
};

// Bodies. write… never fails: what is too long for its length field is our own mistake.
Bytes write(const ClientHello &m);
Bytes write(const ServerHello &m);
Bytes writeEncryptedExtensions(const Extensions &m);
Bytes writeCertificate13(const CertificateMessage &m);
Bytes writeCertificate12(const CertificateMessage &m);
Bytes write(const CertificateRequest13 &m);
Bytes write(const CertificateRequest12 &m);
Bytes write(const Signature &m); ///< CertificateVerify
Bytes write(const NewSessionTicket13 &m);
Bytes write(const NewSessionTicket12 &m);
Bytes write(const ServerKeyExchange &m);
/// The part of it that is signed after both randoms: all before the signature.
Bytes writeParameters(const ServerKeyExchange &m);

// The whole body must be used up.
std::optional<ClientHello> readClientHello(View body);
std::optional<ServerHello> readServerHello(View body);
std::optional<Extensions> readEncryptedExtensions(View body);
std::optional<CertificateMessage> readCertificate13(View body);
std::optional<CertificateMessage> readCertificate12(View body);
std::optional<CertificateRequest13> readCertificateRequest13(View body);
std::optional<CertificateRequest12> readCertificateRequest12(View body);
std::optional<Signature> readCertificateVerify(View body);
std::optional<NewSessionTicket13> readNewSessionTicket13(View body);
std::optional<NewSessionTicket12> readNewSessionTicket12(View body);
/// ecdhe: an elliptic curve (else Diffie-Hellman) was chosen by the suite.
std::optional<ServerKeyExchange> readServerKeyExchange(View body, bool ecdhe);

/// Type, length of 3 bytes, body.
Bytes handshake(HandshakeType type, View body);

// Extensions' contents.
struct KeyShareEntry {
  std::uint16_t group = 0;
  Bytes key;
  bool operator==(const KeyShareEntry &) const = default;
};
struct PskIdentity {
  Bytes identity;
  std::uint32_t obfuscatedAge = 0;
};
/// pre_shared_key of a ClientHello (RFC 8446 section 4.2.11).
struct PskOffer {
  std::vector<PskIdentity> identities;
  std::vector<Bytes> binders; ///< as many
};

Extension serverName(std::string_view host);                             ///< RFC 6066 section 3
Extension supportedVersions(const std::vector<std::uint16_t> &versions); ///< ClientHello
Extension selectedVersion(std::uint16_t version);                        ///< ServerHello
Extension supportedGroups(const std::vector<std::uint16_t> &groups);
Extension signatureAlgorithms(const std::vector<std::uint16_t> &schemes);
Extension keyShares(const std::vector<KeyShareEntry> &shares); ///< ClientHello
Extension keyShare(const KeyShareEntry &share);                ///< ServerHello
Extension keyShareGroup(std::uint16_t group);                  ///< HelloRetryRequest
Extension cookie(View value);
Extension alpn(const std::vector<std::string> &protocols); ///< RFC 7301
Extension pskModes(const Bytes &modes);
Extension preSharedKey(const PskOffer &offer);
Extension selectedPsk(std::uint16_t identity);
Extension earlyData();                       ///< empty
Extension maxEarlyData(std::uint32_t bytes); ///< NewSessionTicket
Extension ecPointFormats();
Extension emptyExtension(ExtensionType type);
Extension renegotiationInfo(View verifyData);

std::optional<std::string> readServerName(View data); ///< empty text: an empty extension
std::optional<std::vector<std::uint16_t>> readSupportedVersions(View data);
std::optional<std::uint16_t> readUint16(View data); ///< selected version, group or PSK
std::optional<std::vector<std::uint16_t>> readUint16List(View data); ///< groups, schemes
std::optional<std::vector<KeyShareEntry>> readKeyShares(View data);
std::optional<KeyShareEntry> readKeyShare(View data);
std::optional<Bytes> readCookie(View data);
std::optional<std::vector<std::string>> readAlpn(View data);
std::optional<Bytes> readPskModes(View data);
std::optional<PskOffer> readPreSharedKey(View data);
std::optional<std::uint32_t> readMaxEarlyData(View data);
std::optional<Bytes> readRenegotiationInfo(View data);
/// Bytes that the binders take up at the end of a ClientHello's body, with their length field.
std::size_t bindersSize(const PskOffer &offer);

} // namespace packetarium::wire::tls
