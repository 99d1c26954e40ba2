// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/crypto/bytes.h"
#include "core/crypto/entropy.h"

#include <memory>
#include <optional>

namespace packetarium::crypto {

/// Rsa: of another size than 2048 bits.
enum class KeyKind : std::uint8_t { EcP256, EcP384, Ed25519, Rsa2048, Rsa, Other };
std::string_view name(KeyKind kind); ///< "ECDSA P-256"

/// Signature algorithms, numbered as in TLS (RFC 8446 section 4.2.3).
enum class SignatureScheme : std::uint16_t {
  RsaPkcs1Sha1 = 0x0201,
  RsaPkcs1Sha256 = 0x0401,
  RsaPkcs1Sha384 = 0x0501,
  RsaPkcs1Sha512 = 0x0601,
  EcdsaSecp256r1Sha256 = 0x0403,
  EcdsaSecp384r1Sha384 = 0x0503,
  RsaPssRsaeSha256 = 0x0804,
  RsaPssRsaeSha384 = 0x0805,
  RsaPssRsaeSha512 = 0x0806,
  Ed25519 = 0x0807
};
std::string_view name(SignatureScheme scheme); ///< "ecdsa_secp256r1_sha256"; empty: unknown
/// Whether a key of that kind can sign so.
bool fits(SignatureScheme scheme, KeyKind kind);

/// A public key; copies share it.
class PublicKey {
public:
  static Result<PublicKey> fromDer(View subjectPublicKeyInfo);
  KeyKind kind() const;
  int bits() const;
  Bytes der() const; ///< SubjectPublicKeyInfo
  bool verify(SignatureScheme scheme, View message, View signature) const;
  /// RSA only (RSAES-PKCS1-v1_5, for the obsolete key exchange of TLS 1.2).
  std::optional<Bytes> encrypt(View message, Entropy &entropy) const;

  struct Key;
  explicit PublicKey(std::shared_ptr<const Key> key) : m_key(std::move(key)) {}
  const Key &key() const { return *m_key; }

private:
  std::shared_ptr<const Key> m_key;
};

/// A private key; copies share it.
class PrivateKey {
public:
  /// The same entropy gives the same key. RSA takes some tenths of a second. Not of the kinds Rsa
  /// and Other.
  static PrivateKey generate(KeyKind kind, Entropy &entropy);
  /// PKCS #8 or traditional, unencrypted.
  static Result<PrivateKey> fromPem(std::string_view pem);
  static Result<PrivateKey> fromDer(View pkcs8);
  /// From an RSA key's numbers, big-endian (modulus, public and private exponent, p, q).
  static Result<PrivateKey> fromRsa(View n, View e, View d, View p, View q);
  std::string pem() const;
  KeyKind kind() const;
  PublicKey publicKey() const;
  /// Nothing when the scheme does not fit the key.
  std::optional<Bytes> sign(SignatureScheme scheme, View message, Entropy &entropy) const;
  /// RSA only; nothing when the padding is wrong.
  std::optional<Bytes> decrypt(View sealed, Entropy &entropy) const;

  struct Key;
  const Key &key() const { return *m_key; }

private:
  explicit PrivateKey(std::shared_ptr<const Key> key) : m_key(std::move(key)) {}
  std::shared_ptr<const Key> m_key;
};

} // namespace packetarium::crypto
