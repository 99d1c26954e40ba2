// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/certificate.h"

#include <string>

namespace packetarium::crypto::pki {

constexpr std::int64_t day = 86400;
constexpr std::int64_t now = 1'780'000'000; ///< 2026-05-28 20:26:40 UTC

inline PrivateKey key(KeyKind kind, std::uint64_t seed) {
  RandomStream stream(seed, "test", "key");
  StreamEntropy entropy(stream);
  return PrivateKey::generate(kind, entropy);
}

inline CertificateSpec authoritySpec(std::string commonName) {
  CertificateSpec spec;
  spec.commonName = std::move(commonName);
  spec.organization = "Example";
  spec.notBefore = now - 100 * day;
  spec.notAfter = now + 100 * day;
  spec.authority = true;
  return spec;
}

inline CertificateSpec leafSpec() {
  CertificateSpec spec;
  spec.commonName = "www.example.com";
  spec.dnsNames = {"www.example.com", "*.wild.example.com", "192.0.2.7"};
  spec.notBefore = now - 10 * day;
  spec.notAfter = now + 10 * day;
  spec.serial = 77;
  return spec;
}

/// A root, an authority below it, and a key for the leaf.
struct Pki {
  RandomStream stream{1, "test", "pki"};
  StreamEntropy entropy{stream};
  PrivateKey rootKey, middleKey, leafKey;
  Certificate root, middle;

  explicit Pki(KeyKind kind)
      : rootKey(key(kind, 1)),
        middleKey(key(kind, 2)),
        leafKey(key(kind, 3)),
        root(issueSelfSigned(authoritySpec("Root"), rootKey, entropy)),
        middle(issue(authoritySpec("Middle"), middleKey.publicKey(), {root, rootKey}, entropy)) {}

  Certificate leaf(const CertificateSpec &spec) {
    return issue(spec, leafKey.publicKey(), {middle, middleKey}, entropy);
  }
  TrustStore trust() const { return {{root}, {}, false}; }
};

} // namespace packetarium::crypto::pki
