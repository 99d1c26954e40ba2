// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/signing.h"

#include "core/crypto/keys.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

namespace packetarium::crypto {

namespace {

/// What a scheme consists of.
struct SchemeParts {
  SignatureScheme scheme;
  std::string_view name;
  KeyKind kind; ///< Rsa stands for keys of any size
  Hash hash;
  bool pss = false;
};

constexpr std::array<SchemeParts, 10> schemeTable = {{
    {SignatureScheme::RsaPkcs1Sha1, "rsa_pkcs1_sha1", KeyKind::Rsa, Hash::Sha1},
    {SignatureScheme::RsaPkcs1Sha256, "rsa_pkcs1_sha256", KeyKind::Rsa, Hash::Sha256},
    {SignatureScheme::RsaPkcs1Sha384, "rsa_pkcs1_sha384", KeyKind::Rsa, Hash::Sha384},
    {SignatureScheme::RsaPkcs1Sha512, "rsa_pkcs1_sha512", KeyKind::Rsa, Hash::Sha512},
    {SignatureScheme::EcdsaSecp256r1Sha256, "ecdsa_secp256r1_sha256", KeyKind::EcP256,
     Hash::Sha256},
    {SignatureScheme::EcdsaSecp384r1Sha384, "ecdsa_secp384r1_sha384", KeyKind::EcP384,
     Hash::Sha384},
    {SignatureScheme::RsaPssRsaeSha256, "rsa_pss_rsae_sha256", KeyKind::Rsa, Hash::Sha256, true},
    {SignatureScheme::RsaPssRsaeSha384, "rsa_pss_rsae_sha384", KeyKind::Rsa, Hash::Sha384, true},
    {SignatureScheme::RsaPssRsaeSha512, "rsa_pss_rsae_sha512", KeyKind::Rsa, Hash::Sha512, true},
    {SignatureScheme::Ed25519, "ed25519", KeyKind::Ed25519, Hash::Sha512},
}};

const SchemeParts *partsOf(SignatureScheme scheme) {
  for (const SchemeParts &parts : schemeTable)
    if (parts.scheme == scheme) return &parts;
  return nullptr;
}

bool isRsa(KeyKind kind) { return kind == KeyKind::Rsa || kind == KeyKind::Rsa2048; }

using InitFunction = int(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *, const char *,
                         EVP_PKEY *, const OSSL_PARAM[]);

/// Sets a context up to sign or to verify; null when the key cannot.
MdContextPtr contextFor(const SchemeParts &parts, EVP_PKEY *pkey, InitFunction *init) {
  // The parameters are only read.
  const OSSL_PARAM pss[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
                                       const_cast<char *>(OSSL_PKEY_RSA_PAD_MODE_PSS), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
                                       const_cast<char *>(OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST), 0),
      OSSL_PARAM_construct_end()};
  const bool pure = parts.kind == KeyKind::Ed25519;
  MdContextPtr context(EVP_MD_CTX_new());
  if (!context || init(context.get(), nullptr, pure ? nullptr : libraryName(parts.hash), library(),
                       nullptr, pkey, parts.pss ? pss : nullptr) != 1)
    context.reset();
  return context;
}

using CipherFunction = int(EVP_PKEY_CTX *, unsigned char *, std::size_t *, const unsigned char *,
                           std::size_t);

/// RSAES-PKCS1-v1_5 in either direction.
std::optional<Bytes> rsaCipher(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *), CipherFunction *work,
                               View in) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library(), pkey, nullptr));
  std::size_t size = 0;
  if (!context || init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      work(context.get(), nullptr, &size, in.data(), in.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  Bytes out(size);
  if (work(context.get(), out.data(), &size, in.data(), in.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

} // namespace

std::string_view name(KeyKind kind) {
  switch (kind) {
  case KeyKind::EcP256: return "ECDSA P-256";
  case KeyKind::EcP384: return "ECDSA P-384";
  case KeyKind::Ed25519: return "Ed25519";
  case KeyKind::Rsa2048: return "RSA 2048";
  case KeyKind::Rsa: return "RSA";
  case KeyKind::Other: break;
  }
  return "unknown kind";
}

std::string_view name(SignatureScheme scheme) {
  const SchemeParts *const parts = partsOf(scheme);
  return parts ? parts->name : std::string_view{};
}

bool fits(SignatureScheme scheme, KeyKind kind) {
  const SchemeParts *const parts = partsOf(scheme);
  return parts && (parts->kind == kind || (parts->kind == KeyKind::Rsa && isRsa(kind)));
}

KeyKind kindOf(const EVP_PKEY *pkey) {
  if (EVP_PKEY_is_a(pkey, "ED25519")) return KeyKind::Ed25519;
  if (EVP_PKEY_is_a(pkey, "RSA"))
    return EVP_PKEY_get_bits(pkey) == 2048 ? KeyKind::Rsa2048 : KeyKind::Rsa;
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (!EVP_PKEY_is_a(pkey, "EC") ||
      EVP_PKEY_get_group_name(pkey, group.data(), group.size(), &size) != 1)
    return KeyKind::Other;
  const std::string_view text(group.data(), size);
  if (text == "prime256v1") return KeyKind::EcP256;
  return text == "secp384r1" ? KeyKind::EcP384 : KeyKind::Other;
}

PublicKey publicKeyOf(PkeyPtr pkey) {
  const KeyKind kind = kindOf(pkey.get());
  return PublicKey(std::make_shared<const PublicKey::Key>(PublicKey::Key{std::move(pkey), kind}));
}

KeyKind PublicKey::kind() const { return m_key->kind; }
int PublicKey::bits() const { return EVP_PKEY_get_bits(m_key->pkey.get()); }

bool PublicKey::verify(SignatureScheme scheme, View message, View signature) const {
  if (!fits(scheme, m_key->kind)) return false;
  const MdContextPtr context =
      contextFor(*partsOf(scheme), m_key->pkey.get(), EVP_DigestVerifyInit_ex);
  const bool good = context && EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                                message.data(), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

std::optional<Bytes> PublicKey::encrypt(View message, Entropy &entropy) const {
  if (!isRsa(m_key->kind)) return std::nullopt;
  const EntropyScope scope(entropy);
  return rsaCipher(m_key->pkey.get(), EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, message);
}

std::optional<Bytes> PrivateKey::sign(SignatureScheme scheme, View message,
                                      Entropy &entropy) const {
  if (!fits(scheme, m_key->kind)) return std::nullopt;
  const EntropyScope scope(entropy);
  const MdContextPtr context =
      contextFor(*partsOf(scheme), m_key->pkey.get(), EVP_DigestSignInit_ex);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(m_key->pkey.get())));
  std::size_t size = out.size();
  if (!context ||
      EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    ERR_clear_error(); // e.g. a key that is too short for the scheme
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::optional<Bytes> PrivateKey::decrypt(View sealed, Entropy &entropy) const {
  if (!isRsa(m_key->kind)) return std::nullopt;
  const EntropyScope scope(entropy);
  return rsaCipher(m_key->pkey.get(), EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, sealed);
}

KeyKind PrivateKey::kind() const { return m_key->kind; }

} // namespace packetarium::crypto
