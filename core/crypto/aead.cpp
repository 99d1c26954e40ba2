// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/aead.h"

#include "core/crypto/libcrypto.h"

#include <array>
#include <limits>

namespace packetarium::crypto {

std::size_t keySize(AeadKind kind) { return kind == AeadKind::Aes128Gcm ? 16 : 32; }

std::string_view name(AeadKind kind) {
  constexpr std::array<std::string_view, 3> names = {"AES-128-GCM", "AES-256-GCM",
                                                     "ChaCha20-Poly1305"};
  return names[static_cast<std::size_t>(kind)];
}

namespace {

const EVP_CIPHER *aeadCipher(AeadKind kind) {
  static const std::array<const EVP_CIPHER *, 3> fetched = {
      EVP_CIPHER_fetch(library(), "AES-128-GCM", nullptr),
      EVP_CIPHER_fetch(library(), "AES-256-GCM", nullptr),
      EVP_CIPHER_fetch(library(), "ChaCha20-Poly1305", nullptr)};
  return fetched[static_cast<std::size_t>(kind)];
}

bool fitsInt(View bytes) { return bytes.size() <= std::numeric_limits<int>::max(); }

} // namespace

struct Aead::Context {
  std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>> state{EVP_CIPHER_CTX_new()};
};

Aead::Aead(AeadKind kind, View key) : m_kind(kind), m_key(key.begin(), key.end()) {
  require(key.size() == keySize(kind), "a cipher's key has the wrong size");
}

Aead::Aead(const Aead &other) : m_kind(other.m_kind), m_key(other.m_key) {}

Aead &Aead::operator=(const Aead &other) {
  if (this != &other) *this = Aead(other);
  return *this;
}

Aead::Aead(Aead &&) noexcept = default;
Aead &Aead::operator=(Aead &&) noexcept = default;
Aead::~Aead() = default;

Aead::Context &Aead::context(bool sealing) {
  std::unique_ptr<Context> &made = sealing ? m_seal : m_open;
  if (!made) {
    auto fresh = std::make_unique<Context>();
    require(EVP_CipherInit_ex2(fresh->state.get(), aeadCipher(m_kind), m_key.data(), nullptr,
                               sealing ? 1 : 0, nullptr) == 1,
            "a cipher takes no key");
    made = std::move(fresh);
  }
  return *made;
}

void Aead::seal(View nonce, View associated, View plain, Bytes &out) {
  require(nonce.size() == aeadNonceSize && fitsInt(plain) && fitsInt(associated),
          "a cipher's nonce or text has the wrong size");
  EVP_CIPHER_CTX *const state = context(true).state.get();
  const std::size_t start = out.size();
  out.resize(start + plain.size() + aeadTagSize);
  std::uint8_t *const sealed = out.data() + start;
  int size = 0;
  bool good = EVP_EncryptInit_ex2(state, nullptr, nullptr, nonce.data(), nullptr) == 1;
  if (!associated.empty())
    good = good && EVP_EncryptUpdate(state, nullptr, &size, associated.data(),
                                     static_cast<int>(associated.size())) == 1;
  if (!plain.empty())
    good = good && EVP_EncryptUpdate(state, sealed, &size, plain.data(),
                                     static_cast<int>(plain.size())) == 1;
  good = good && EVP_EncryptFinal_ex(state, sealed + plain.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_GET_TAG, aeadTagSize, sealed + plain.size()) == 1;
  require(good, "a cipher failed");
}

bool Aead::open(View nonce, View associated, View sealed, Bytes &out) {
  if (nonce.size() != aeadNonceSize || sealed.size() < aeadTagSize) return false;
  if (!fitsInt(sealed) || !fitsInt(associated)) return false;
  EVP_CIPHER_CTX *const state = context(false).state.get();
  const View body = sealed.first(sealed.size() - aeadTagSize);
  std::array<std::uint8_t, aeadTagSize> tag{};
  std::copy(sealed.end() - aeadTagSize, sealed.end(), tag.begin());
  const std::size_t start = out.size();
  out.resize(start + body.size());
  std::uint8_t none = 0;
  std::uint8_t *const plain = body.empty() ? &none : out.data() + start;
  int size = 0;
  bool good = EVP_DecryptInit_ex2(state, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
              EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_SET_TAG, aeadTagSize, tag.data()) == 1;
  if (!associated.empty())
    good = good && EVP_DecryptUpdate(state, nullptr, &size, associated.data(),
                                     static_cast<int>(associated.size())) == 1;
  if (!body.empty())
    good = good &&
           EVP_DecryptUpdate(state, plain, &size, body.data(), static_cast<int>(body.size())) == 1;
  good = good && EVP_DecryptFinal_ex(state, plain + body.size(), &size) == 1;
  if (!good) out.resize(start);
  return good;
}

} // namespace packetarium::crypto
