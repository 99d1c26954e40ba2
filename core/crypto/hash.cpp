// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/hash.h"

#include "core/crypto/libcrypto.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

namespace packetarium::crypto {

std::size_t size(Hash hash) {
  constexpr std::array<std::size_t, 4> sizes = {32, 48, 64, 20};
  return sizes[static_cast<std::size_t>(hash)];
}

std::string_view name(Hash hash) {
  constexpr std::array<std::string_view, 4> names = {"SHA-256", "SHA-384", "SHA-512", "SHA-1"};
  return names[static_cast<std::size_t>(hash)];
}

Bytes digest(Hash hash, View data) {
  Bytes out(size(hash));
  require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, messageDigest(hash), nullptr) ==
              1,
          "a hash failed");
  return out;
}

struct Digest::Context {
  MdContextPtr state{EVP_MD_CTX_new()};
};

Digest::Digest(Hash hash) : m_hash(hash), m_context(std::make_unique<Context>()) {
  require(EVP_DigestInit_ex2(m_context->state.get(), messageDigest(hash), nullptr) == 1,
          "a hash failed");
}

Digest::Digest(const Digest &other) : m_hash(other.m_hash), m_context(std::make_unique<Context>()) {
  require(EVP_MD_CTX_copy_ex(m_context->state.get(), other.m_context->state.get()) == 1,
          "a hash cannot be copied");
}

Digest &Digest::operator=(const Digest &other) {
  if (this != &other) *this = Digest(other);
  return *this;
}

Digest::Digest(Digest &&) noexcept = default;
Digest &Digest::operator=(Digest &&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(View data) {
  if (data.empty()) return;
  require(EVP_DigestUpdate(m_context->state.get(), data.data(), data.size()) == 1, "a hash failed");
}

Bytes Digest::value() const {
  const Digest copy(*this);
  Bytes out(size(m_hash));
  require(EVP_DigestFinal_ex(copy.m_context->state.get(), out.data(), nullptr) == 1,
          "a hash failed");
  return out;
}

namespace {

using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, Release<EVP_MAC_CTX_free>>;

MacContextPtr makeMacContext(Hash hash) {
  static EVP_MAC *const mac = EVP_MAC_fetch(library(), "HMAC", nullptr);
  MacContextPtr context(EVP_MAC_CTX_new(mac));
  // The parameter is only read.
  auto *const digestName = const_cast<char *>(libraryName(hash));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digestName, 0),
      OSSL_PARAM_construct_end()};
  require(EVP_MAC_CTX_set_params(context.get(), params) == 1, "HMAC cannot be had");
  return context;
}

/// Naming the hash costs more than a short HMAC, so each thread keeps one context for each hash.
/// What is in it between two calls never matters.
EVP_MAC_CTX *macContext(Hash hash) {
  thread_local std::array<MacContextPtr, 4> contexts;
  MacContextPtr &context = contexts[static_cast<std::size_t>(hash)];
  if (!context) context = makeMacContext(hash);
  return context.get();
}

/// The code of up to three parts one after the other, into out (size(hash) bytes).
void macInto(Hash hash, View key, std::initializer_list<View> parts, std::uint8_t *out) {
  EVP_MAC_CTX *const context = macContext(hash);
  static constexpr std::uint8_t nothing = 0; // an empty key must not be a null pointer
  bool good = EVP_MAC_init(context, key.empty() ? &nothing : key.data(), key.size(), nullptr) == 1;
  for (const View part : parts)
    good = good && (part.empty() || EVP_MAC_update(context, part.data(), part.size()) == 1);
  std::size_t written = 0;
  require(good && EVP_MAC_final(context, out, &written, size(hash)) == 1, "HMAC failed");
}

} // namespace

Bytes hmac(Hash hash, View key, View data) {
  Bytes out(size(hash));
  macInto(hash, key, {data}, out.data());
  return out;
}

Bytes hkdfExtract(Hash hash, View salt, View keyMaterial) { return hmac(hash, salt, keyMaterial); }

Bytes hkdfExpand(Hash hash, View pseudorandomKey, View info, std::size_t length) {
  require(length <= 255 * size(hash), "HKDF gives at most 255 blocks");
  Bytes out;
  std::array<std::uint8_t, 64> block{};
  View previous;
  for (std::uint8_t counter = 1; out.size() < length; ++counter) {
    macInto(hash, pseudorandomKey, {previous, info, View(&counter, 1)}, block.data());
    previous = View(block.data(), size(hash));
    append(out, previous.first(std::min(size(hash), length - out.size())));
  }
  return out;
}

Bytes tls12Prf(Hash hash, View secret, std::string_view label, View seed, std::size_t length) {
  Bytes out;
  std::array<std::uint8_t, 64> a{};
  std::array<std::uint8_t, 64> block{};
  const View link(a.data(), size(hash));
  macInto(hash, secret, {viewOf(label), seed}, a.data());
  while (out.size() < length) {
    macInto(hash, secret, {link, viewOf(label), seed}, block.data());
    append(out, View(block.data(), std::min(size(hash), length - out.size())));
    if (out.size() < length) macInto(hash, secret, {link}, a.data());
  }
  return out;
}

} // namespace packetarium::crypto
