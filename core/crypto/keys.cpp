// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/keys.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>

namespace packetarium::crypto {

namespace {

constexpr std::size_t ed25519KeySize = 32;

Fault unreadableKey(const char *message) {
  ERR_clear_error();
  return {"", message};
}

PkeyPtr generatedKey(KeyKind kind, Entropy &entropy) {
  if (kind == KeyKind::Ed25519) {
    const Bytes seed = entropy.bytes(ed25519KeySize);
    return PkeyPtr(
        EVP_PKEY_new_raw_private_key_ex(library(), "ED25519", nullptr, seed.data(), seed.size()));
  }
  const EntropyScope scope(entropy);
  if (kind == KeyKind::Rsa2048)
    return PkeyPtr(EVP_PKEY_Q_keygen(library(), nullptr, "RSA", std::size_t{2048}));
  const char *const curve = kind == KeyKind::EcP256 ? "P-256" : "P-384";
  return PkeyPtr(EVP_PKEY_Q_keygen(library(), nullptr, "EC", curve));
}

/// An encrypted key is not asked about on the terminal.
int noPassword(char *, int, int, void *) { return -1; }

/// All that a private RSA key consists of, RFC 8017 section 3.2.
struct RsaNumbers {
  NumberPtr n, e, d, p, q, dp, dq, qInverse;
};

NumberPtr remainderBelow(const BIGNUM *value, const BIGNUM *prime, BN_CTX *work) {
  const NumberPtr less(BN_dup(prime));
  NumberPtr out(BN_new());
  const bool good = less && out && BN_sub_word(less.get(), 1) == 1 && !BN_is_zero(less.get()) &&
                    BN_mod(out.get(), value, less.get(), work) == 1;
  return good ? std::move(out) : NumberPtr();
}

bool complete(RsaNumbers &key) {
  const NumberContextPtr work(BN_CTX_new_ex(library()));
  const NumberPtr product(BN_new());
  if (BN_mul(product.get(), key.p.get(), key.q.get(), work.get()) != 1 ||
      BN_cmp(product.get(), key.n.get()) != 0 || BN_num_bits(key.n.get()) < 512)
    return false;
  key.dp = remainderBelow(key.d.get(), key.p.get(), work.get());
  key.dq = remainderBelow(key.d.get(), key.q.get(), work.get());
  key.qInverse.reset(BN_mod_inverse(nullptr, key.q.get(), key.p.get(), work.get()));
  return key.dp && key.dq && key.qInverse;
}

PkeyPtr rsaKey(const RsaNumbers &key) {
  using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  const std::array<std::pair<const char *, const BIGNUM *>, 8> parts = {{
      {OSSL_PKEY_PARAM_RSA_N, key.n.get()},
      {OSSL_PKEY_PARAM_RSA_E, key.e.get()},
      {OSSL_PKEY_PARAM_RSA_D, key.d.get()},
      {OSSL_PKEY_PARAM_RSA_FACTOR1, key.p.get()},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, key.q.get()},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1, key.dp.get()},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, key.dq.get()},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key.qInverse.get()},
  }};
  for (const auto &[part, number] : parts) OSSL_PARAM_BLD_push_BN(builder.get(), part, number);
  const std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>> params(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(library(), "RSA", nullptr));
  EVP_PKEY *made = nullptr;
  if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, params.get());
  return PkeyPtr(made);
}

/// Whether the two halves belong together.
bool consistent(EVP_PKEY *pkey) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library(), pkey, nullptr));
  return context && EVP_PKEY_check(context.get()) == 1;
}

} // namespace

Result<PublicKey> PublicKey::fromDer(View subjectPublicKeyInfo) {
  const BlindingScope blinding;
  const std::uint8_t *next = subjectPublicKeyInfo.data();
  const std::uint8_t *const end = next + subjectPublicKeyInfo.size();
  PkeyPtr pkey(d2i_PUBKEY_ex(nullptr, &next, static_cast<long>(subjectPublicKeyInfo.size()),
                             library(), nullptr));
  if (!pkey || next != end) return unreadableKey("this is no public key in DER form");
  return publicKeyOf(std::move(pkey));
}

Bytes PublicKey::der() const {
  std::uint8_t *der = nullptr;
  const int size = i2d_PUBKEY(m_key->pkey.get(), &der);
  require(size > 0, "a key cannot be encoded");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

PrivateKey PrivateKey::generate(KeyKind kind, Entropy &entropy) {
  require(kind != KeyKind::Rsa && kind != KeyKind::Other, "keys of this kind are not made");
  PkeyPtr pkey = generatedKey(kind, entropy);
  require(pkey != nullptr, "a key cannot be made");
  return PrivateKey(std::make_shared<const Key>(Key{std::move(pkey), kind}));
}

Result<PrivateKey> PrivateKey::fromPem(std::string_view pem) {
  const BlindingScope blinding;
  const BioPtr bio = readerOf(viewOf(pem));
  PkeyPtr pkey(
      PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, noPassword, nullptr, library(), nullptr));
  if (!pkey) return unreadableKey("this is no unencrypted private key in PEM form");
  const KeyKind kind = kindOf(pkey.get());
  return PrivateKey(std::make_shared<const Key>(Key{std::move(pkey), kind}));
}

Result<PrivateKey> PrivateKey::fromDer(View pkcs8) {
  const BlindingScope blinding;
  const std::uint8_t *next = pkcs8.data();
  const std::uint8_t *const end = next + pkcs8.size();
  PkeyPtr pkey(
      d2i_AutoPrivateKey_ex(nullptr, &next, static_cast<long>(pkcs8.size()), library(), nullptr));
  if (!pkey || next != end) return unreadableKey("this is no private key in DER form");
  const KeyKind kind = kindOf(pkey.get());
  return PrivateKey(std::make_shared<const Key>(Key{std::move(pkey), kind}));
}

Result<PrivateKey> PrivateKey::fromRsa(View n, View e, View d, View p, View q) {
  const BlindingScope blinding;
  RsaNumbers numbers{numberOf(n), numberOf(e), numberOf(d), numberOf(p), numberOf(q), {}, {}, {}};
  PkeyPtr pkey = complete(numbers) ? rsaKey(numbers) : PkeyPtr();
  if (!pkey || !consistent(pkey.get())) return unreadableKey("these numbers make no RSA key");
  const KeyKind kind = kindOf(pkey.get());
  return PrivateKey(std::make_shared<const Key>(Key{std::move(pkey), kind}));
}

std::string PrivateKey::pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), m_key->pkey.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "a key cannot be written");
  const Bytes text = writtenTo(bio.get());
  return {text.begin(), text.end()};
}

PublicKey PrivateKey::publicKey() const {
  // Both halves in one object: PublicKey asks for the public one alone.
  EVP_PKEY *const pkey = m_key->pkey.get();
  require(EVP_PKEY_up_ref(pkey) == 1, "a key cannot be shared");
  return publicKeyOf(PkeyPtr(pkey));
}

} // namespace packetarium::crypto
