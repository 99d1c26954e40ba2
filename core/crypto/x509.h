// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/certificate.h"
#include "core/crypto/keys.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// For the files of this room alone: what certificates and lists are made of.
namespace packetarium::crypto {

using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using X509ListPtr = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;

struct Certificate::Data {
  X509Ptr x509;
  Bytes der;
  PublicKey key;
};

struct RevocationList::Data {
  X509ListPtr list;
  Bytes der;
};

/// Null when its key is of no known kind or its times are no times.
std::shared_ptr<const Certificate::Data> dataOf(X509Ptr x509);
/// "CN=www.example.com, O=Example"
std::string textOf(const X509_NAME *name);
/// Seconds since 1970; nothing when it is no time.
std::optional<std::int64_t> secondsOf(const ASN1_TIME *time);
/// "2026-01-01 00:00:00 UTC"
std::string timeText(std::int64_t secondsSince1970);

} // namespace packetarium::crypto
