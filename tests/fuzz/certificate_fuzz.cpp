// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates and lists from anywhere: what is read comes out again byte for byte, tells all about
// itself and can be judged.
#include "core/crypto/certificate.h"

#include <cstdlib>

using namespace packetarium::crypto;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const View bytes(data, size);
  if (const auto list = RevocationList::fromDer(bytes)) (void)list->issuer();
  const auto certificate = Certificate::fromDer(bytes);
  if (!certificate) return 0;
  require(certificate->der() == Bytes(data, data + size));
  (void)(certificate->subject() + certificate->issuer() + certificate->commonName());
  (void)(certificate->serial() + certificate->signatureAlgorithm());
  (void)certificate->dnsNames();
  (void)(certificate->notBefore() + certificate->notAfter());
  (void)certificate->publicKey().der();
  const auto again = Certificate::fromPem(certificate->pem());
  require(again.ok() && *again == *certificate);
  const auto judged = validate({*certificate}, {{*certificate}, {}, false}, "www.example.com",
                               certificate->notBefore(), Purpose::Server);
  require(!judged.checks.empty());
  return 0;
}
