// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/crypto/hash.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

/// For the files of this room alone: libcrypto with a random generator that only EntropyScope
/// feeds.
namespace packetarium::crypto {

/// One context for the process. Its generator fails on a thread without an EntropyScope, so that
/// nothing is ever random by accident.
OSSL_LIB_CTX *library();

template <auto release> struct Release {
  template <class T> void operator()(T *object) const { release(object); }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Release<BN_clear_free>>;
using NumberContextPtr = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;

/// Fetched once.
const EVP_MD *messageDigest(Hash hash);
/// "SHA256", as libcrypto calls it.
const char *libraryName(Hash hash);

/// For what cannot fail with correct arguments but for want of memory: throws std::runtime_error.
void require(bool holds, const char *what);

NumberPtr numberOf(View bigEndian);
/// Big-endian, filled up with zeros to the size when one is given.
Bytes bytesOf(const BIGNUM *number, std::size_t size = 0);
/// Reads from the bytes, which must outlive it.
BioPtr readerOf(View bytes);
/// All that was written into a memory BIO.
Bytes writtenTo(BIO *bio);

/// While it lives, libcrypto on this thread gets random bytes on which no result depends: it
/// blinds its arithmetic with them.
class BlindingScope {
public:
  BlindingScope();
  ~BlindingScope();
  BlindingScope(const BlindingScope &) = delete;
  BlindingScope &operator=(const BlindingScope &) = delete;

private:
  RandomStream m_stream;
  RandomStream *m_outer;
  bool m_outerBlinds;
};

} // namespace packetarium::crypto
