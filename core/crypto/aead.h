// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/bytes.h"

#include <cstddef>
#include <memory>

namespace packetarium::crypto {

/// RFC 5116 and RFC 8439. All have nonces of 12 and tags of 16 bytes.
enum class AeadKind : std::uint8_t { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };
std::size_t keySize(AeadKind kind);
std::string_view name(AeadKind kind); ///< "AES-128-GCM"
constexpr std::size_t aeadNonceSize = 12;
constexpr std::size_t aeadTagSize = 16;

/// A key at work. A copy has the same key and makes its own working state when it is first used.
class Aead {
public:
  /// The key must have keySize(kind) bytes.
  Aead(AeadKind kind, View key);
  Aead(const Aead &other);
  Aead &operator=(const Aead &other);
  Aead(Aead &&) noexcept;
  Aead &operator=(Aead &&) noexcept;
  ~Aead();

  /// Appends ciphertext and tag (plain.size() + 16 bytes).
  void seal(View nonce, View associated, View plain, Bytes &out);
  /// Appends the plaintext; false (and out as it was) when the tag does not fit.
  bool open(View nonce, View associated, View sealed, Bytes &out);
  AeadKind kind() const { return m_kind; }
  const Bytes &key() const { return m_key; }

private:
  struct Context;
  Context &context(bool sealing);
  AeadKind m_kind;
  Bytes m_key;
  std::unique_ptr<Context> m_seal, m_open;
};

} // namespace packetarium::crypto
