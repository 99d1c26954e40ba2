// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/x509.h"

#include <algorithm>
#include <array>

namespace packetarium::crypto {

namespace {

void issued(bool holds) { require(holds, "a certificate cannot be made"); }

using TimePtr = std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Release<X509_NAME_free>>;

TimePtr asn1Time(std::int64_t secondsSince1970) {
  constexpr std::int64_t last = 253402300799; // the end of the year 9999
  TimePtr time(ASN1_TIME_set(nullptr, std::clamp<std::int64_t>(secondsSince1970, 0, last)));
  issued(time != nullptr);
  return time;
}

IntegerPtr asn1Integer(std::uint64_t value) {
  IntegerPtr number(ASN1_INTEGER_new());
  issued(number && ASN1_INTEGER_set_uint64(number.get(), value) == 1);
  return number;
}

/// RFC 5280 appendix A.1 gives such a part 64 characters: what is longer is cut. Bytes that are no
/// UTF-8 become question marks.
void addPart(X509_NAME *name, int kind, std::string text) {
  if (text.empty()) return;
  constexpr std::size_t longest = 64;
  if (text.size() > longest) text.resize(longest);
  const auto add = [&] {
    const auto *const bytes = reinterpret_cast<const std::uint8_t *>(text.data());
    return X509_NAME_add_entry_by_NID(name, kind, MBSTRING_UTF8, bytes,
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  if (add()) return;
  for (char &c : text)
    if (static_cast<std::uint8_t>(c) >= 0x80) c = '?';
  issued(add());
}

NamePtr subjectOf(const CertificateSpec &spec) {
  NamePtr name(X509_NAME_new());
  issued(name != nullptr);
  addPart(name.get(), NID_organizationName, spec.organization);
  addPart(name.get(), NID_commonName, spec.commonName);
  return name;
}

void addExtension(X509 *x509, int kind, void *value, bool critical) {
  issued(X509_add1_ext_i2d(x509, kind, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1);
}

void addConstraints(X509 *x509, const CertificateSpec &spec) {
  const std::unique_ptr<BASIC_CONSTRAINTS, Release<BASIC_CONSTRAINTS_free>> limits(
      BASIC_CONSTRAINTS_new());
  issued(limits != nullptr);
  limits->ca = spec.authority ? 0xff : 0;
  if (spec.authority && spec.pathLength >= 0)
    limits->pathlen = asn1Integer(static_cast<std::uint64_t>(spec.pathLength)).release();
  addExtension(x509, NID_basic_constraints, limits.get(), true);
}

/// RFC 5280 sections 4.2.1.3 and 4.2.1.12.
void addUsage(X509 *x509, const CertificateSpec &spec, KeyKind kind) {
  const std::unique_ptr<ASN1_BIT_STRING, Release<ASN1_BIT_STRING_free>> usage(
      ASN1_BIT_STRING_new());
  const bool encrypts = kind == KeyKind::Rsa2048 || kind == KeyKind::Rsa;
  const auto set = [&](int bit) { issued(ASN1_BIT_STRING_set_bit(usage.get(), bit, 1) == 1); };
  if (spec.authority) {
    set(5); // keyCertSign
    set(6); // cRLSign
  } else {
    set(0);                                   // digitalSignature
    if (encrypts && !spec.forClients) set(2); // keyEncipherment
  }
  addExtension(x509, NID_key_usage, usage.get(), true);
  if (spec.authority) return;
  const std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>> purposes(
      EXTENDED_KEY_USAGE_new());
  issued(purposes &&
         sk_ASN1_OBJECT_push(purposes.get(),
                             OBJ_nid2obj(spec.forClients ? NID_client_auth : NID_server_auth)) > 0);
  addExtension(x509, NID_ext_key_usage, purposes.get(), false);
}

/// A name, or an IPv4 address as RFC 5280 section 4.2.1.6 wants it.
void setAlternative(GENERAL_NAME *out, const std::string &text) {
  if (ASN1_OCTET_STRING *const address = a2i_IPADDRESS(text.c_str())) {
    GENERAL_NAME_set0_value(out, GEN_IPADD, address);
    return;
  }
  ASN1_IA5STRING *const name = ASN1_IA5STRING_new();
  issued(name && ASN1_STRING_set(name, text.data(), static_cast<int>(text.size())) == 1);
  GENERAL_NAME_set0_value(out, GEN_DNS, name);
}

void addNames(X509 *x509, const std::vector<std::string> &dnsNames) {
  if (dnsNames.empty()) return;
  const std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> names(GENERAL_NAMES_new());
  issued(names != nullptr);
  for (const std::string &text : dnsNames) {
    GENERAL_NAME *const each = GENERAL_NAME_new();
    issued(each && sk_GENERAL_NAME_push(names.get(), each) > 0);
    setAlternative(each, text);
  }
  addExtension(x509, NID_subject_alt_name, names.get(), false);
}

using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, Release<ASN1_OCTET_STRING_free>>;

/// The first method of RFC 5280 section 4.2.1.2: SHA-1 of the public key.
void addSubjectKeyId(X509 *x509) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> value{};
  unsigned int length = 0;
  const OctetsPtr id(ASN1_OCTET_STRING_new());
  issued(id && X509_pubkey_digest(x509, messageDigest(Hash::Sha1), value.data(), &length) == 1 &&
         ASN1_OCTET_STRING_set(id.get(), value.data(), static_cast<int>(length)) == 1);
  addExtension(x509, NID_subject_key_identifier, id.get(), false);
}

using AuthorityIdPtr = std::unique_ptr<AUTHORITY_KEYID, Release<AUTHORITY_KEYID_free>>;

/// Null when the issuer's certificate has no identifier.
AuthorityIdPtr authorityIdOf(X509 *issuer) {
  const ASN1_OCTET_STRING *const known = X509_get0_subject_key_id(issuer);
  if (!known) return {};
  AuthorityIdPtr id(AUTHORITY_KEYID_new());
  issued(id != nullptr);
  id->keyid = ASN1_OCTET_STRING_dup(known);
  return id;
}

/// Ed25519 has its hash within.
const EVP_MD *signatureHash(KeyKind kind) {
  return kind == KeyKind::Ed25519 ? nullptr : messageDigest(Hash::Sha256);
}

/// All but the signature. Null issuer: it is its own.
X509Ptr unsignedCertificate(const CertificateSpec &spec, const PublicKey &subject, X509 *issuer) {
  X509Ptr made(X509_new_ex(library(), nullptr));
  X509 *const x509 = made.get();
  issued(x509 != nullptr);
  X509 *const authority = issuer ? issuer : x509;
  issued(X509_set_version(x509, X509_VERSION_3) == 1 &&
         X509_set_serialNumber(x509, asn1Integer(spec.serial).get()) == 1 &&
         X509_set_subject_name(x509, subjectOf(spec).get()) == 1 &&
         X509_set_issuer_name(x509, X509_get_subject_name(authority)) == 1 &&
         X509_set1_notBefore(x509, asn1Time(spec.notBefore).get()) == 1 &&
         X509_set1_notAfter(x509, asn1Time(spec.notAfter).get()) == 1 &&
         X509_set_pubkey(x509, subject.key().pkey.get()) == 1);
  addConstraints(x509, spec);
  addUsage(x509, spec, subject.kind());
  addNames(x509, spec.dnsNames);
  addSubjectKeyId(x509);
  if (const AuthorityIdPtr id = issuer ? authorityIdOf(issuer) : nullptr)
    addExtension(x509, NID_authority_key_identifier, id.get(), false);
  return made;
}

Certificate signedBy(const PrivateKey &key, X509Ptr x509, Entropy &entropy) {
  {
    const EntropyScope scope(entropy);
    issued(X509_sign(x509.get(), key.key().pkey.get(), signatureHash(key.kind())) > 0);
  }
  std::uint8_t *der = nullptr;
  const int size = i2d_X509(x509.get(), &der);
  issued(size > 0);
  // Read again, as whoever receives it does: libcrypto has looked into the unfinished one already.
  const Result<Certificate> made = Certificate::fromDer(View(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  issued(made.ok());
  return *made;
}

void addRevoked(X509_CRL *list, std::uint64_t serial, const ASN1_TIME *since) {
  std::unique_ptr<X509_REVOKED, Release<X509_REVOKED_free>> entry(X509_REVOKED_new());
  issued(entry && X509_REVOKED_set_serialNumber(entry.get(), asn1Integer(serial).get()) == 1 &&
         // It only copies the time.
         X509_REVOKED_set_revocationDate(entry.get(), const_cast<ASN1_TIME *>(since)) == 1 &&
         X509_CRL_add0_revoked(list, entry.get()) == 1);
  (void)entry.release(); // the list has it now
}

void addListExtensions(X509_CRL *list, X509 *issuer, std::uint64_t number) {
  issued(X509_CRL_add1_ext_i2d(list, NID_crl_number, asn1Integer(number).get(), 0,
                               X509V3_ADD_DEFAULT) == 1);
  if (const AuthorityIdPtr id = authorityIdOf(issuer))
    issued(X509_CRL_add1_ext_i2d(list, NID_authority_key_identifier, id.get(), 0,
                                 X509V3_ADD_DEFAULT) == 1);
}

} // namespace

Certificate issue(const CertificateSpec &spec, const PublicKey &subject, const Issuer &issuer,
                  Entropy &entropy) {
  return signedBy(issuer.key,
                  unsignedCertificate(spec, subject, issuer.certificate.data().x509.get()),
                  entropy);
}

Certificate issueSelfSigned(const CertificateSpec &spec, const PrivateKey &key, Entropy &entropy) {
  return signedBy(key, unsignedCertificate(spec, key.publicKey(), nullptr), entropy);
}

RevocationList RevocationList::issue(const Issuer &issuer,
                                     const std::vector<std::uint64_t> &serials,
                                     std::int64_t thisUpdate, std::int64_t nextUpdate,
                                     Entropy &entropy) {
  const X509ListPtr list(X509_CRL_new_ex(library(), nullptr));
  X509 *const authority = issuer.certificate.data().x509.get();
  const TimePtr since = asn1Time(thisUpdate);
  issued(list && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
         X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority)) == 1 &&
         X509_CRL_set1_lastUpdate(list.get(), since.get()) == 1 &&
         X509_CRL_set1_nextUpdate(list.get(), asn1Time(nextUpdate).get()) == 1);
  for (const std::uint64_t serial : serials) addRevoked(list.get(), serial, since.get());
  addListExtensions(list.get(), authority,
                    static_cast<std::uint64_t>(std::max<std::int64_t>(thisUpdate, 0)));
  X509_CRL_sort(list.get());
  const EntropyScope scope(entropy);
  issued(X509_CRL_sign(list.get(), issuer.key.key().pkey.get(), signatureHash(issuer.key.kind())) >
         0);
  std::uint8_t *der = nullptr;
  const int size = i2d_X509_CRL(list.get(), &der);
  issued(size > 0);
  const Result<RevocationList> made = fromDer(View(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  issued(made.ok());
  return *made;
}

} // namespace packetarium::crypto
