// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/key_share.h"

#include "core/crypto/libcrypto.h"

#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

namespace packetarium::crypto {

std::string_view name(Group group) {
  switch (group) {
  case Group::Secp256r1: return "secp256r1";
  case Group::Secp384r1: return "secp384r1";
  case Group::X25519: return "x25519";
  case Group::Ffdhe2048: return "ffdhe2048";
  case Group::None: break;
  }
  return {};
}

struct KeyShare::Key {
  Group group = Group::None;
  PkeyPtr pkey;
  Bytes publicValue;
};

namespace {

constexpr std::size_t x25519Size = 32;

using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using EcGroupPtr = std::unique_ptr<EC_GROUP, Release<EC_GROUP_free>>;
using EcPointPtr = std::unique_ptr<EC_POINT, Release<EC_POINT_clear_free>>;

bool isCurve(Group group) { return group == Group::Secp256r1 || group == Group::Secp384r1; }
std::size_t fieldSize(Group group) { return group == Group::Secp256r1 ? 32 : 48; }

/// As libcrypto names it.
const char *groupName(Group group) {
  if (group == Group::Secp256r1) return "P-256";
  return group == Group::Secp384r1 ? "P-384" : "ffdhe2048";
}

PkeyPtr pkeyOf(const char *type, int selection, OSSL_PARAM_BLD *builder) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(library(), type, nullptr));
  EVP_PKEY *made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, selection, params.get()) != 1)
    ERR_clear_error();
  return PkeyPtr(made);
}

PkeyPtr generatedBy(EVP_PKEY_CTX *context) {
  EVP_PKEY *made = nullptr;
  if (EVP_PKEY_generate(context, &made) != 1) ERR_clear_error();
  return PkeyPtr(made);
}

PkeyPtr generatedIn(Group group) {
  const PkeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(library(), isCurve(group) ? "EC" : "DH", nullptr));
  const bool good = context && EVP_PKEY_keygen_init(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_group_name(context.get(), groupName(group)) == 1;
  return good ? generatedBy(context.get()) : PkeyPtr();
}

PkeyPtr x25519Key(View privateValue) {
  return PkeyPtr(EVP_PKEY_new_raw_private_key_ex(library(), "X25519", nullptr, privateValue.data(),
                                                 privateValue.size()));
}

/// The uncompressed point that a scalar leads to; empty when the scalar is out of range.
Bytes pointOf(Group group, const BIGNUM *scalar) {
  const EcGroupPtr curve(EC_GROUP_new_by_curve_name_ex(
      library(), nullptr, group == Group::Secp256r1 ? NID_X9_62_prime256v1 : NID_secp384r1));
  if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(curve.get())) >= 0) return {};
  const BlindingScope blinding;
  const EcPointPtr point(EC_POINT_new(curve.get()));
  const NumberContextPtr work(BN_CTX_new_ex(library()));
  Bytes out(1 + 2 * fieldSize(group));
  require(EC_POINT_mul(curve.get(), point.get(), scalar, nullptr, nullptr, work.get()) == 1 &&
              EC_POINT_point2oct(curve.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                 out.data(), out.size(), work.get()) == out.size(),
          "a point cannot be computed");
  return out;
}

PkeyPtr curveKey(Group group, View privateValue) {
  const NumberPtr scalar = numberOf(privateValue);
  const Bytes point = pointOf(group, scalar.get());
  if (point.empty()) return {};
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, groupName(group), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  const BlindingScope blinding;
  return pkeyOf("EC", EVP_PKEY_KEYPAIR, builder.get());
}

NumberPtr numberIn(const EVP_PKEY *pkey, const char *parameter) {
  BIGNUM *number = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, parameter, &number) != 1) ERR_clear_error();
  return NumberPtr(number);
}

/// 1 < x < p - 1
bool insideGroup(const BIGNUM *x, const BIGNUM *p) {
  const NumberPtr last(BN_dup(p));
  require(last && BN_sub_word(last.get(), 1) == 1, "no memory for a number");
  return BN_cmp(x, BN_value_one()) > 0 && BN_cmp(x, last.get()) < 0;
}

const BIGNUM *ffdhe2048Prime() {
  static const NumberPtr prime = [] {
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "ffdhe2048", 0);
    const PkeyPtr group = pkeyOf("DH", EVP_PKEY_KEY_PARAMETERS, builder.get());
    require(group != nullptr, "libcrypto lacks a group");
    return numberIn(group.get(), OSSL_PKEY_PARAM_FFC_P);
  }();
  return prime.get();
}

PkeyPtr ffdheKey(View privateValue) {
  const BIGNUM *const prime = ffdhe2048Prime();
  const NumberPtr exponent = numberOf(privateValue);
  if (!insideGroup(exponent.get(), prime)) return {};
  BN_set_flags(exponent.get(), BN_FLG_CONSTTIME);
  const NumberPtr generator = numberOf(Bytes{2}); // RFC 7919 appendix A.1
  const NumberPtr power(BN_new());
  const NumberContextPtr work(BN_CTX_new_ex(library()));
  require(BN_mod_exp(power.get(), generator.get(), exponent.get(), prime, work.get()) == 1,
          "a power cannot be computed");
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "ffdhe2048", 0);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, power.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, exponent.get());
  return pkeyOf("DH", EVP_PKEY_KEYPAIR, builder.get());
}

Bytes publicValueOf(const EVP_PKEY *pkey, Group group) {
  if (group == Group::X25519) {
    Bytes out(x25519Size);
    std::size_t size = out.size();
    EVP_PKEY_get_raw_public_key(pkey, out.data(), &size);
    return out;
  }
  if (isCurve(group)) {
    Bytes out(1 + 2 * fieldSize(group));
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out.data(),
                                            out.size(), &size) == 1 &&
                size == out.size(),
            "a key has no public value");
    return out;
  }
  return bytesOf(
      numberIn(pkey, OSSL_PKEY_PARAM_PUB_KEY).get(),
      static_cast<std::size_t>(BN_num_bytes(numberIn(pkey, OSSL_PKEY_PARAM_FFC_P).get())));
}

bool saneGroup(const BIGNUM *p, const BIGNUM *g) {
  const int bits = BN_num_bits(p);
  return bits >= 1024 && bits <= 8192 && BN_is_odd(p) && insideGroup(g, p);
}

/// The peer's value as a key of the same group as ours; null when it does not lie in it.
PkeyPtr peerKey(const EVP_PKEY *ours, Group group, View value) {
  if (group == Group::X25519)
    return PkeyPtr(
        EVP_PKEY_new_raw_public_key_ex(library(), "X25519", nullptr, value.data(), value.size()));
  if (isCurve(group)) {
    if (value.size() != 1 + 2 * fieldSize(group) || value[0] != 4) return {};
  } else {
    const NumberPtr p = numberIn(ours, OSSL_PKEY_PARAM_FFC_P);
    if (value.size() > static_cast<std::size_t>(BN_num_bytes(p.get())) ||
        !insideGroup(numberOf(value).get(), p.get()))
      return {};
  }
  PkeyPtr peer(EVP_PKEY_new());
  if (!peer || EVP_PKEY_copy_parameters(peer.get(), ours) != 1 ||
      EVP_PKEY_set1_encoded_public_key(peer.get(), value.data(), value.size()) != 1)
    return {};
  return peer;
}

std::optional<Bytes> derived(EVP_PKEY *ours, EVP_PKEY *peer, bool padded) {
  const BlindingScope blinding;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library(), ours, nullptr));
  std::size_t size = 0;
  // The peer's value was checked when it was read: it need not be checked once more.
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      (padded && EVP_PKEY_CTX_set_dh_pad(context.get(), 1) != 1) ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
    return std::nullopt;
  Bytes secret(size);
  if (EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) return std::nullopt;
  secret.resize(size);
  return secret;
}

} // namespace

KeyShare KeyShare::fromKey(Key key) {
  key.publicValue = publicValueOf(key.pkey.get(), key.group);
  return KeyShare(std::make_shared<const Key>(std::move(key)));
}

KeyShare KeyShare::generate(Group group, Entropy &entropy) {
  Key key{group, {}, {}};
  if (group == Group::X25519) {
    key.pkey = x25519Key(entropy.bytes(x25519Size));
  } else {
    require(group != Group::None, "a share needs a group");
    const EntropyScope scope(entropy);
    key.pkey = generatedIn(group);
  }
  require(key.pkey != nullptr, "a key cannot be made");
  return fromKey(std::move(key));
}

std::optional<KeyShare> KeyShare::fromPrivate(Group group, View privateValue) {
  Key key{group, {}, {}};
  if (group == Group::X25519 && privateValue.size() == x25519Size)
    key.pkey = x25519Key(privateValue);
  else if (isCurve(group) && privateValue.size() <= fieldSize(group))
    key.pkey = curveKey(group, privateValue);
  else if (group == Group::Ffdhe2048 && privateValue.size() <= 256)
    key.pkey = ffdheKey(privateValue);
  if (!key.pkey) return std::nullopt;
  return fromKey(std::move(key));
}

std::optional<KeyShare> KeyShare::generateDh(View p, View g, Entropy &entropy) {
  constexpr std::size_t longest = 1024;
  if (p.size() > longest || g.size() > longest) return std::nullopt;
  const NumberPtr prime = numberOf(p);
  const NumberPtr generator = numberOf(g);
  if (!saneGroup(prime.get(), generator.get())) return std::nullopt;
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, prime.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, generator.get());
  const PkeyPtr parameters = pkeyOf("DH", EVP_PKEY_KEY_PARAMETERS, builder.get());
  if (!parameters) return std::nullopt;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library(), parameters.get(), nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) return std::nullopt;
  const EntropyScope scope(entropy);
  Key key{Group::None, generatedBy(context.get()), {}};
  if (!key.pkey) return std::nullopt;
  return fromKey(std::move(key));
}

Group KeyShare::group() const { return m_key->group; }
const Bytes &KeyShare::publicValue() const { return m_key->publicValue; }

Bytes KeyShare::privateValue() const {
  if (m_key->group == Group::X25519) {
    Bytes out(x25519Size);
    std::size_t size = out.size();
    EVP_PKEY_get_raw_private_key(m_key->pkey.get(), out.data(), &size);
    return out;
  }
  return bytesOf(numberIn(m_key->pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY).get(),
                 isCurve(m_key->group) ? fieldSize(m_key->group) : 0);
}

Bytes KeyShare::p() const {
  if (m_key->group == Group::X25519 || isCurve(m_key->group)) return {};
  return bytesOf(numberIn(m_key->pkey.get(), OSSL_PKEY_PARAM_FFC_P).get());
}

Bytes KeyShare::g() const {
  if (m_key->group == Group::X25519 || isCurve(m_key->group)) return {};
  return bytesOf(numberIn(m_key->pkey.get(), OSSL_PKEY_PARAM_FFC_G).get());
}

std::optional<Bytes> KeyShare::agree(View peerPublic) const {
  const PkeyPtr peer = peerKey(m_key->pkey.get(), m_key->group, peerPublic);
  const bool padded = m_key->group == Group::Ffdhe2048 || m_key->group == Group::None;
  auto secret = peer ? derived(m_key->pkey.get(), peer.get(), padded) : std::nullopt;
  if (!secret) ERR_clear_error();
  return secret;
}

} // namespace packetarium::crypto
