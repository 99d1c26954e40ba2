// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/suites.h"

namespace packetarium::tls {

const std::vector<Suite> &allSuites() {
  using enum crypto::AeadKind;
  using enum crypto::Hash;
  using enum KeyExchange;
  constexpr auto v12 = Version::Tls12, v13 = Version::Tls13;
  constexpr auto any = Authentication::Any, rsa = Authentication::Rsa,
                 ecdsa = Authentication::Ecdsa;
  static const std::vector<Suite> suites = {
      {0x1301, v13, Aes128Gcm, Sha256, KeyExchange::Any, any},
      {0x1302, v13, Aes256Gcm, Sha384, KeyExchange::Any, any},
      {0x1303, v13, ChaCha20Poly1305, Sha256, KeyExchange::Any, any},
      {0xc02b, v12, Aes128Gcm, Sha256, Ecdhe, ecdsa},
      {0xc02f, v12, Aes128Gcm, Sha256, Ecdhe, rsa},
      {0xc02c, v12, Aes256Gcm, Sha384, Ecdhe, ecdsa},
      {0xc030, v12, Aes256Gcm, Sha384, Ecdhe, rsa},
      {0xcca9, v12, ChaCha20Poly1305, Sha256, Ecdhe, ecdsa},
      {0xcca8, v12, ChaCha20Poly1305, Sha256, Ecdhe, rsa},
      {0x009e, v12, Aes128Gcm, Sha256, Dhe, rsa},
      {0x009f, v12, Aes256Gcm, Sha384, Dhe, rsa},
      {0xccaa, v12, ChaCha20Poly1305, Sha256, Dhe, rsa},
      {0x009c, v12, Aes128Gcm, Sha256, KeyExchange::Rsa, rsa},
      {0x009d, v12, Aes256Gcm, Sha384, KeyExchange::Rsa, rsa},
  };
  return suites;
}

const Suite *findSuite(std::uint16_t id) {
  for (const Suite &suite : allSuites())
    if (suite.id == id) return &suite;
  return nullptr;
}

std::vector<std::uint16_t> suitesOf(Version version, bool obsoleteToo) {
  std::vector<std::uint16_t> ids;
  for (const Suite &suite : allSuites())
    if (suite.version == version && (obsoleteToo || !suite.obsolete())) ids.push_back(suite.id);
  return ids;
}

bool fits(const Suite &suite, crypto::KeyKind key) {
  if (key == crypto::KeyKind::Other) return suite.authentication == Authentication::Any;
  const bool rsa = key == crypto::KeyKind::Rsa2048 || key == crypto::KeyKind::Rsa;
  switch (suite.authentication) {
  case Authentication::Any: return true;
  case Authentication::Rsa: return rsa;
  case Authentication::Ecdsa: return !rsa; // Ed25519 too (RFC 8422 section 5.10)
  }
  return false;
}

} // namespace packetarium::tls
