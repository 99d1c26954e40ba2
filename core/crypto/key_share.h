// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/bytes.h"
#include "core/crypto/entropy.h"

#include <memory>
#include <optional>

namespace packetarium::crypto {

/// Groups for key agreement, numbered as in TLS (RFC 8446 section 4.2.7, RFC 7919).
enum class Group : std::uint16_t {
  None = 0, ///< explicit Diffie-Hellman parameters
  Secp256r1 = 0x0017,
  Secp384r1 = 0x0018,
  X25519 = 0x001d,
  Ffdhe2048 = 0x0100
};
std::string_view name(Group group); ///< "x25519"; empty for an unknown one

/// One side of an (elliptic curve) Diffie-Hellman key agreement. Copies share the immutable key.
class KeyShare {
public:
  static KeyShare generate(Group group, Entropy &entropy);
  /// From a private value (X25519: 32 bytes; otherwise the number, big-endian). Nothing when it is
  /// no key of that group.
  static std::optional<KeyShare> fromPrivate(Group group, View privateValue);
  /// With explicit parameters, as servers send them in TLS 1.2 (RFC 5246 section 7.4.3). Nothing
  /// when they are no sane group (p of 1024 to 8192 bits, odd; 1 < g < p - 1).
  static std::optional<KeyShare> generateDh(View p, View g, Entropy &entropy);

  Group group() const;
  /// X25519: 32 bytes; curves: the uncompressed point; ffdhe: as long as p.
  const Bytes &publicValue() const;
  Bytes privateValue() const;
  /// The parameters of a Diffie-Hellman share, big-endian; empty for curves.
  Bytes p() const;
  Bytes g() const;
  /// The shared secret (RFC 8446 section 7.4): of Diffie-Hellman as long as p, with leading zeros
  /// (TLS 1.2 strips them). Nothing when the peer's value is not of the group or gives the
  /// all-zero secret.
  std::optional<Bytes> agree(View peerPublic) const;

private:
  struct Key;
  static KeyShare fromKey(Key key);
  explicit KeyShare(std::shared_ptr<const Key> key) : m_key(std::move(key)) {}
  std::shared_ptr<const Key> m_key;
};

} // namespace packetarium::crypto
