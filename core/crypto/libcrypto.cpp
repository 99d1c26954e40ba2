// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/libcrypto.h"

#include "core/crypto/random_provider.h"

#include <openssl/bio.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <array>
#include <limits>
#include <stdexcept>

namespace packetarium::crypto {

void require(bool holds, const char *what) {
  if (!holds) throw std::runtime_error(what);
}

namespace {

OSSL_LIB_CTX *makeLibrary() {
  OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
  require(context != nullptr, "libcrypto gives no context");
  require(OSSL_PROVIDER_add_builtin(context, "packetarium", initRandomProvider) == 1 &&
              RAND_set_DRBG_type(context, randomAlgorithm, nullptr, nullptr, nullptr) == 1 &&
              OSSL_PROVIDER_load(context, "packetarium") != nullptr &&
              OSSL_PROVIDER_load(context, "default") != nullptr,
          "libcrypto's default provider cannot be loaded");
  return context;
}

} // namespace

OSSL_LIB_CTX *library() {
  // Never freed: keys in static objects may outlive every order of destruction.
  static OSSL_LIB_CTX *const context = makeLibrary();
  return context;
}

const char *libraryName(Hash hash) {
  constexpr std::array names = {"SHA256", "SHA384", "SHA512", "SHA1"};
  return names[static_cast<std::size_t>(hash)];
}

const EVP_MD *messageDigest(Hash hash) {
  static const std::array<const EVP_MD *, 4> fetched = [] {
    std::array<const EVP_MD *, 4> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = EVP_MD_fetch(library(), libraryName(static_cast<Hash>(i)), nullptr);
      require(all[i] != nullptr, "libcrypto lacks a hash function");
    }
    return all;
  }();
  return fetched[static_cast<std::size_t>(hash)];
}

NumberPtr numberOf(View bigEndian) {
  require(bigEndian.size() <= std::numeric_limits<int>::max(), "a number is too long");
  NumberPtr number(BN_bin2bn(bigEndian.data(), static_cast<int>(bigEndian.size()), nullptr));
  require(number != nullptr, "no memory for a number");
  return number;
}

Bytes bytesOf(const BIGNUM *number, std::size_t size) {
  const auto least = static_cast<std::size_t>(BN_num_bytes(number));
  Bytes out(std::max(least, size));
  BN_bn2binpad(number, out.data(), static_cast<int>(out.size()));
  return out;
}

BioPtr readerOf(View bytes) {
  require(bytes.size() <= std::numeric_limits<int>::max(), "a text is too long");
  BioPtr bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  require(bio != nullptr, "no memory to read from");
  return bio;
}

Bytes writtenTo(BIO *bio) {
  char *data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? Bytes(data, data + size) : Bytes();
}

} // namespace packetarium::crypto
