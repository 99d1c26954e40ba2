// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/aead.h"
#include "core/crypto/hash.h"
#include "core/tls/records.h"
#include "core/tls/suites.h"

#include <string_view>

/// The key schedule of TLS 1.3 (RFC 8446 section 7) and the keys of 1.2 (RFC 5246 section 6.3).
namespace packetarium::tls {

/// HKDF-Expand-Label, section 7.1; the label without its "tls13 ".
Bytes expandLabel(crypto::Hash hash, View secret, std::string_view label, View context,
                  std::size_t length);
/// Derive-Secret with the hash of the transcript given.
Bytes deriveSecret(crypto::Hash hash, View secret, std::string_view label, View transcriptHash);

/// The three stages from pre-shared key to master secret.
class KeySchedule {
public:
  KeySchedule() = default;
  /// Early Secret; psk empty: there is none (zeros take its place).
  KeySchedule(crypto::Hash hash, View psk);
  /// Handshake Secret from the (elliptic curve) Diffie-Hellman secret.
  void agree(View shared);
  /// Master Secret.
  void master();

  const Bytes &secret() const { return m_secret; }
  Bytes derive(std::string_view label, View transcriptHash) const {
    return deriveSecret(m_hash, m_secret, label, transcriptHash);
  }
  crypto::Hash hash() const { return m_hash; }

private:
  void next(View input);
  crypto::Hash m_hash = crypto::Hash::Sha256;
  Bytes m_secret;
};

/// Section 7.3: key and iv from a traffic secret.
TrafficKeys trafficKeys(const Suite &suite, View secret);
/// Section 7.2: the next generation of a traffic secret.
Bytes nextTrafficSecret(crypto::Hash hash, View secret);
/// Section 4.4.4: HMAC over the transcript's hash with the key derived from a base key.
Bytes finishedValue(crypto::Hash hash, View baseKey, View transcriptHash);

/// TLS 1.2: both directions' keys of a master secret.
struct KeyBlock {
  TrafficKeys client, server;
};
KeyBlock keyBlock(const Suite &suite, View masterSecret, const Random &client,
                  const Random &server);

} // namespace packetarium::tls
