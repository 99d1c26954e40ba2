// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/bytes.h"

#include <cstddef>
#include <memory>

namespace packetarium::crypto {

enum class Hash : std::uint8_t { Sha256, Sha384, Sha512, Sha1 };
/// Bytes of its value.
std::size_t size(Hash hash);
std::string_view name(Hash hash); ///< "SHA-256"

Bytes digest(Hash hash, View data);

/// A hash over a growing text, copyable in the middle.
class Digest {
public:
  explicit Digest(Hash hash);
  Digest(const Digest &other);
  Digest &operator=(const Digest &other);
  Digest(Digest &&) noexcept;
  Digest &operator=(Digest &&) noexcept;
  ~Digest();

  void update(View data);
  /// Of what has been taken in so far; more may follow.
  Bytes value() const;
  Hash hash() const { return m_hash; }

private:
  struct Context;
  Hash m_hash;
  std::unique_ptr<Context> m_context;
};

Bytes hmac(Hash hash, View key, View data); ///< RFC 2104
/// RFC 5869. An empty salt stands for a string of zeros.
Bytes hkdfExtract(Hash hash, View salt, View keyMaterial);
Bytes hkdfExpand(Hash hash, View pseudorandomKey, View info, std::size_t length);
/// The pseudorandom function of TLS 1.2, RFC 5246 section 5.
Bytes tls12Prf(Hash hash, View secret, std::string_view label, View seed, std::size_t length);

} // namespace packetarium::crypto
