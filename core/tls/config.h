// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/key_share.h"
#include "core/tls/suites.h"

#include <memory>
#include <vector>

namespace packetarium::tls {

/// Who one is: a chain (leaf first, without the root) and the leaf's key.
struct Identity {
  std::vector<crypto::Certificate> chain;
  crypto::PrivateKey key;
};

/// What a client keeps to resume a session: a ticket and the secret that belongs to it.
struct Session {
  Version version = Version::Tls13;
  std::uint16_t suite = 0;
  Bytes secret; ///< PSK (1.3) or master secret (1.2)
  Bytes ticket;
  std::uint32_t lifetime = 0; ///< seconds
  std::uint32_t ageAdd = 0;
  std::uint32_t maxEarlyData = 0; ///< bytes; 0: none allowed
  std::int64_t receivedAtMs = 0;  ///< milliseconds since 1970
  std::string serverName, alpn;
  bool extendedMasterSecret = false; ///< 1.2 only
};

/// Instead of what would be drawn at random: to reproduce a published handshake.
struct Presets {
  std::optional<Random> random;
  std::optional<Bytes> sessionId;
  std::vector<crypto::KeyShare> shares;
  std::optional<Bytes> signature; ///< of CertificateVerify
  std::optional<NewSessionTicket13> ticket;
  std::optional<Bytes> cookie; ///< of a HelloRetryRequest
};

/// What both ends can be told. Numbers that this room cannot do may be offered, never chosen.
struct CommonConfig {
  std::vector<Version> versions{Version::Tls13, Version::Tls12};
  std::vector<std::uint16_t> suites; ///< empty: all but the obsolete ones, best first
  std::vector<std::uint16_t> groups{0x001d, 0x0017, 0x0018, 0x0100};
  std::vector<std::uint16_t> schemes{0x0403, 0x0807, 0x0804, 0x0401, 0x0503,
                                     0x0805, 0x0501, 0x0806, 0x0601};
  std::vector<std::string> alpn; ///< best first; empty: not spoken
  std::shared_ptr<const Identity> identity;
  std::shared_ptr<const crypto::TrustStore> trust;
  Presets presets;
  /// Order in which extensions stand in hellos; those not named follow.
  std::vector<std::uint16_t> extensionOrder;
  std::uint64_t keyUpdateBytes = 0; ///< new keys after so much data sent (1.3); 0: never
  Extensions extra;                 ///< further extensions for ClientHello or EncryptedExtensions
  bool observed = true;             ///< tells what views show
  bool keyLogged = true;            ///< tells the secrets that decrypt a capture
};

struct ClientConfig : CommonConfig {
  std::string serverName;                 ///< for SNI and the certificate's check
  std::vector<std::uint16_t> sharesFor;   ///< groups to send shares for; empty: the first
  bool verify = true;                     ///< false: a bad chain is told, and accepted
  std::shared_ptr<const Session> session; ///< to resume
  bool earlyData = false;                 ///< sends what it has at once when the session allows
  bool middleboxCompatibility = true;     ///< RFC 8446 appendix D.4
};

struct ServerConfig : CommonConfig {
  bool requestClientCertificate = false;
  bool requireClientCertificate = false;
  bool preferOwnOrder = true; ///< of suites and groups
  unsigned tickets = 1;       ///< sent after a full handshake; 0: no resumption
  std::uint32_t ticketLifetime = 7200;
  std::uint32_t maxEarlyData = 0; ///< bytes; 0: early data is refused
  Bytes ticketKey;                ///< 32 bytes; empty: no resumption
};

} // namespace packetarium::tls
