// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/aead.h"
#include "core/crypto/hash.h"
#include "core/crypto/signing.h"
#include "core/tls/types.h"

#include <vector>

namespace packetarium::tls {

/// How the secret is agreed on; Any: the suite says nothing about it (TLS 1.3).
enum class KeyExchange : std::uint8_t { Any, Ecdhe, Dhe, Rsa };
/// What the server's certificate must hold.
enum class Authentication : std::uint8_t { Any, Rsa, Ecdsa };

struct Suite {
  std::uint16_t id = 0;
  Version version = Version::Tls13;
  crypto::AeadKind aead = crypto::AeadKind::Aes128Gcm;
  crypto::Hash hash = crypto::Hash::Sha256;
  KeyExchange exchange = KeyExchange::Any;
  Authentication authentication = Authentication::Any;
  /// No forward secrecy: offered only when asked for (RFC 9325 section 4.1).
  bool obsolete() const { return exchange == KeyExchange::Rsa; }
};

/// All suites that this room can do, best first.
const std::vector<Suite> &allSuites();
/// Null for one it cannot do.
const Suite *findSuite(std::uint16_t id);
/// Those of a version, best first; obsolete ones only when asked for.
std::vector<std::uint16_t> suitesOf(Version version, bool obsoleteToo = false);
/// Whether a server with that key may choose the suite.
bool fits(const Suite &suite, crypto::KeyKind key);

} // namespace packetarium::tls
