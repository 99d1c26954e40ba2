// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/crypto/signing.h"

#include <memory>
#include <string>
#include <vector>

namespace packetarium::crypto {

/// An X.509 certificate (RFC 5280), shared by its copies.
class Certificate {
public:
  static Result<Certificate> fromDer(View der);
  static Result<Certificate> fromPem(std::string_view pem);

  const Bytes &der() const;
  std::string pem() const;
  std::string subject() const; ///< "CN=www.example.com, O=Example"
  std::string issuer() const;
  std::string commonName() const; ///< of the subject; empty without one
  std::string serial() const;     ///< hexadecimal
  std::int64_t notBefore() const; ///< seconds since 1970
  std::int64_t notAfter() const;
  /// Of subjectAltName, IPv4 addresses among them.
  std::vector<std::string> dnsNames() const;
  bool isAuthority() const;  ///< basicConstraints CA
  bool isSelfIssued() const; ///< subject and issuer are the same
  PublicKey publicKey() const;
  std::string signatureAlgorithm() const; ///< "ecdsa-with-SHA256"
  Bytes fingerprint() const;              ///< SHA-256 of the DER form
  bool operator==(const Certificate &other) const { return der() == other.der(); }

  struct Data;
  explicit Certificate(std::shared_ptr<const Data> data) : m_data(std::move(data)) {}
  const Data &data() const { return *m_data; }

private:
  std::shared_ptr<const Data> m_data;
};

/// What to certify.
struct CertificateSpec {
  std::string commonName;
  std::string organization;          ///< empty: left out
  std::vector<std::string> dnsNames; ///< subjectAltName; "*.example.com" and "10.0.0.1" as well
  std::int64_t notBefore = 0;        ///< seconds since 1970
  std::int64_t notAfter = 0;
  std::uint64_t serial = 1;
  bool authority = false;  ///< may sign other certificates
  int pathLength = -1;     ///< of an authority: authorities allowed below it; -1: any number
  bool forClients = false; ///< extended key usage: client instead of server authentication
};

/// Who signs: an authority's certificate with its key.
struct Issuer {
  Certificate certificate;
  PrivateKey key;
};

/// Signed with SHA-256. The same entropy makes the same certificate.
Certificate issue(const CertificateSpec &spec, const PublicKey &subject, const Issuer &issuer,
                  Entropy &entropy);
Certificate issueSelfSigned(const CertificateSpec &spec, const PrivateKey &key, Entropy &entropy);

/// A list of revoked certificates (RFC 5280 section 5).
class RevocationList {
public:
  static Result<RevocationList> fromDer(View der);
  static RevocationList issue(const Issuer &issuer, const std::vector<std::uint64_t> &serials,
                              std::int64_t thisUpdate, std::int64_t nextUpdate, Entropy &entropy);
  const Bytes &der() const;
  std::string issuer() const;

  struct Data;
  explicit RevocationList(std::shared_ptr<const Data> data) : m_data(std::move(data)) {}
  const Data &data() const { return *m_data; }

private:
  std::shared_ptr<const Data> m_data;
};

/// Whom one believes: root certificates, and lists of what was revoked.
struct TrustStore {
  std::vector<Certificate> roots;
  std::vector<RevocationList> revoked;
  bool checkRevocation = false; ///< for the leaf; only where its issuer's list is present
};

enum class CertificateFault : std::uint8_t {
  None,
  Unreadable,
  NoCertificate,
  NotYetValid,
  Expired,
  WrongName,
  SelfSigned,    ///< the leaf is its own issuer, and not trusted
  UnknownIssuer, ///< the chain ends at nobody one trusts
  NotAuthority,  ///< something that is no authority has signed
  BadSignature,
  Revoked,
  WrongPurpose,
  Other
};
std::string_view name(CertificateFault fault); ///< "wrong-name"
/// A sentence for people.
std::string_view sentence(CertificateFault fault);

/// One question that was asked of a chain, with its answer.
struct CertificateCheck {
  enum class Verdict : std::uint8_t { Passed, Failed, NotReached };
  std::string name;   ///< "signature", "validity", "name", "issuer trusted", "revocation", …
  std::string detail; ///< "www.example.com is among its names"
  std::string source; ///< "RFC 5280 section 6.1.3"
  Verdict verdict = Verdict::NotReached;
};

/// What came of validating a chain.
struct Validation {
  CertificateFault fault = CertificateFault::None; ///< the first one, None: trusted
  std::vector<CertificateCheck> checks;            ///< all of them, leaf first
  std::vector<Certificate> path;                   ///< leaf to root, as far as it could be built
  bool trusted() const { return fault == CertificateFault::None; }
};

enum class Purpose : std::uint8_t { Server, Client };
/// Path validation by libcrypto (RFC 5280 section 6, names by RFC 6125) at an instant (seconds
/// since 1970). presented: leaf first, intermediates in any order. host empty: no name is checked.
Validation validate(const std::vector<Certificate> &presented, const TrustStore &trust,
                    std::string_view host, std::int64_t at, Purpose purpose);

} // namespace packetarium::crypto
