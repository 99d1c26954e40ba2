// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/certificate.h"
#include "tests/core/crypto/pki_fixture.h"
#include "tests/support/catch.h"

#include <thread>

using namespace packetarium;
using namespace packetarium::crypto;
using namespace packetarium::crypto::pki;

namespace {

const CertificateCheck *checkCalled(const Validation &validation, std::string_view name) {
  for (const CertificateCheck &check : validation.checks)
    if (check.name == name) return &check;
  return nullptr;
}

std::size_t failures(const Validation &validation) {
  return static_cast<std::size_t>(
      std::count_if(validation.checks.begin(), validation.checks.end(), [](const auto &check) {
        return check.verdict == CertificateCheck::Verdict::Failed;
      }));
}

void lookAtAll(const Certificate &c) {
  (void)(c.pem().size() + c.subject().size() + c.issuer().size() + c.commonName().size());
  (void)(c.serial().size() + c.dnsNames().size() + c.signatureAlgorithm().size());
  (void)(c.notBefore() + c.notAfter() + c.isAuthority() + c.isSelfIssued());
  (void)c.publicKey().der();
  (void)validate({c}, {{c}, {}, false}, "www.example.com", now, Purpose::Server);
}

} // namespace

TEST_CASE("A certificate says what it was made of") {
  Pki pki(KeyKind::EcP256);
  CertificateSpec spec = leafSpec();
  spec.organization = "Example, \"Ltd\"";
  const Certificate leaf = pki.leaf(spec);
  CHECK(leaf.subject() == "CN=www.example.com, O=Example\\, \\\"Ltd\\\"");
  CHECK(leaf.issuer() == "CN=Middle, O=Example");
  CHECK(leaf.commonName() == "www.example.com");
  CHECK(leaf.serial() == "4d");
  CHECK(leaf.notBefore() == spec.notBefore);
  CHECK(leaf.notAfter() == spec.notAfter);
  CHECK(leaf.dnsNames() == spec.dnsNames);
  CHECK_FALSE(leaf.isAuthority());
  CHECK_FALSE(leaf.isSelfIssued());
  CHECK(pki.root.isAuthority());
  CHECK(pki.root.isSelfIssued());
  CHECK(leaf.signatureAlgorithm() == "ecdsa-with-SHA256");
  CHECK(leaf.publicKey().der() == pki.leafKey.publicKey().der());
  CHECK(leaf.fingerprint().size() == 32);
  const auto again = Certificate::fromPem(leaf.pem());
  REQUIRE(again.ok());
  CHECK(*again == leaf);
  const auto der = Certificate::fromDer(leaf.der());
  REQUIRE(der.ok());
  CHECK(*der == leaf);
}

TEST_CASE("The same entropy makes the same certificates on every thread") {
  for (const KeyKind kind : {KeyKind::EcP256, KeyKind::Ed25519, KeyKind::Rsa2048}) {
    Pki here(kind);
    const Certificate leaf = here.leaf(leafSpec());
    Bytes elsewhere;
    std::thread other([&] {
      Pki there(kind);
      elsewhere = there.leaf(leafSpec()).der();
    });
    other.join();
    CHECK(elsewhere == leaf.der());
  }
}

TEST_CASE("A good chain passes every check, whatever the keys and the order") {
  for (const KeyKind kind :
       {KeyKind::EcP256, KeyKind::EcP384, KeyKind::Ed25519, KeyKind::Rsa2048}) {
    Pki pki(kind);
    const Certificate leaf = pki.leaf(leafSpec());
    const auto plain =
        validate({leaf, pki.middle}, pki.trust(), "www.example.com", now, Purpose::Server);
    CHECK(plain.trusted());
    CHECK(failures(plain) == 0);
    REQUIRE(plain.path.size() == 3);
    CHECK(plain.path[0] == leaf);
    CHECK(plain.path[2] == pki.root);
    CHECK(
        validate({leaf, pki.root, pki.middle}, pki.trust(), "www.example.com", now, Purpose::Server)
            .trusted());
  }
}

TEST_CASE("Checks are in words that can be followed") {
  Pki pki(KeyKind::EcP256);
  const auto v = validate({pki.leaf(leafSpec()), pki.middle}, pki.trust(), "www.example.com", now,
                          Purpose::Server);
  REQUIRE(checkCalled(v, "validity"));
  CHECK(checkCalled(v, "validity")->detail ==
        "www.example.com is valid from 2026-05-18 20:26:40 UTC to 2026-06-07 20:26:40 UTC; "
        "it is 2026-05-28 20:26:40 UTC");
  CHECK(checkCalled(v, "signature")->detail ==
        "the signature on www.example.com (ecdsa-with-SHA256) fits the public key of Middle");
  CHECK(checkCalled(v, "authority")->detail == "Middle may sign certificates");
  CHECK(checkCalled(v, "issuer trusted")->detail == "Root is among the trusted roots");
  CHECK(checkCalled(v, "revocation")->verdict == CertificateCheck::Verdict::NotReached);
}

TEST_CASE("Names are compared as RFC 6125 says") {
  Pki pki(KeyKind::EcP256);
  const Certificate leaf = pki.leaf(leafSpec());
  const auto faultFor = [&](std::string_view host) {
    return validate({leaf, pki.middle}, pki.trust(), host, now, Purpose::Server).fault;
  };
  for (const char *good :
       {"www.example.com", "WWW.Example.COM", "a.wild.example.com", "192.0.2.7", ""})
    CHECK(faultFor(good) == CertificateFault::None);
  for (const char *bad : {"example.com", "www.example.org", "a.b.wild.example.com",
                          "wild.example.com", "192.0.2.8", "xwww.example.com"})
    CHECK(faultFor(bad) == CertificateFault::WrongName);
}

TEST_CASE("Several things wrong are all told, and the gravest is the fault") {
  Pki pki(KeyKind::EcP256);
  CertificateSpec spec = leafSpec();
  spec.notAfter = now - day;
  spec.forClients = true;
  const auto v =
      validate({pki.leaf(spec), pki.middle}, {}, "other.example.com", now, Purpose::Server);
  CHECK(v.fault == CertificateFault::UnknownIssuer);
  for (const char *name : {"validity", "name", "purpose", "issuer trusted"}) {
    REQUIRE(checkCalled(v, name));
    CHECK(checkCalled(v, name)->verdict == CertificateCheck::Verdict::Failed);
  }
  CHECK(checkCalled(v, "signature")->verdict == CertificateCheck::Verdict::Passed);
  CHECK(v.path.size() == 2);
}

TEST_CASE("A leaf that is trusted itself needs nobody else") {
  Pki pki(KeyKind::EcP256);
  const Certificate own = issueSelfSigned(leafSpec(), pki.leafKey, pki.entropy);
  CHECK(validate({own}, {{own}, {}, false}, "www.example.com", now, Purpose::Server).trusted());
  CHECK(validate({own}, pki.trust(), "www.example.com", now, Purpose::Server).fault ==
        CertificateFault::SelfSigned);
  CHECK(validate({}, pki.trust(), "www.example.com", now, Purpose::Server).fault ==
        CertificateFault::NoCertificate);
  CHECK(validate({pki.leaf(leafSpec())}, {{pki.middle}, {}, false}, "www.example.com", now,
                 Purpose::Server)
            .trusted());
}

TEST_CASE("Lists of revoked certificates come back from their bytes and count while current") {
  Pki pki(KeyKind::EcP256);
  const Certificate leaf = pki.leaf(leafSpec());
  const Issuer middle{pki.middle, pki.middleKey};
  const auto faultWith = [&](const std::vector<std::uint64_t> &serials, std::int64_t next) {
    const auto list = RevocationList::issue(middle, serials, now - 5 * day, next, pki.entropy);
    const auto again = RevocationList::fromDer(list.der());
    REQUIRE(again.ok());
    CHECK(again->issuer() == "CN=Middle, O=Example");
    TrustStore trust{{pki.root}, {*again}, true};
    return validate({leaf, pki.middle}, trust, "", now, Purpose::Server).fault;
  };
  CHECK(faultWith({5, 77}, now + day) == CertificateFault::Revoked);
  CHECK(faultWith({5, 78}, now + day) == CertificateFault::None);
  CHECK(faultWith({}, now + day) == CertificateFault::None);
  CHECK(faultWith({}, now - day) == CertificateFault::Other);
  const auto list = RevocationList::issue(middle, {77}, now - day, now + day, pki.entropy);
  CHECK(validate({leaf, pki.middle}, {{pki.root}, {list}, false}, "", now, Purpose::Server)
            .trusted());
}

TEST_CASE("Cut and changed certificates are refused or read, but never more") {
  Pki pki(KeyKind::EcP256);
  const Bytes good = pki.leaf(leafSpec()).der();
  for (std::size_t i = 0; i < good.size(); ++i)
    CHECK_FALSE(Certificate::fromDer(View(good).first(i)).ok());
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(Certificate::fromDer(longer).ok());
  RandomStream stream(1, "test", "bytes");
  for (int round = 0; round < 3000; ++round) {
    Bytes bad = good;
    for (std::uint64_t n = 1 + stream.below(3); n > 0; --n)
      bad[stream.below(bad.size())] = static_cast<std::uint8_t>(stream.next());
    if (const auto read = Certificate::fromDer(bad)) lookAtAll(*read);
    Bytes noise(stream.below(200));
    for (auto &byte : noise) byte = static_cast<std::uint8_t>(stream.next());
    CHECK_FALSE(Certificate::fromDer(noise).ok());
    CHECK_FALSE(RevocationList::fromDer(noise).ok());
  }
  CHECK_FALSE(Certificate::fromPem("").ok());
  CHECK_FALSE(Certificate::fromPem("-----BEGIN CERTIFICATE-----\nMIIB\n"
                                   "-----END CERTIFICATE-----\n")
                  .ok());
}

TEST_CASE("Long, foreign and broken names make certificates too") {
  Pki pki(KeyKind::EcP256);
  const std::string tooLong(200, 'x');
  for (const char *const text : {tooLong.c_str(), "b\u00fccher", "\xff\xfe", ""}) {
    CertificateSpec spec = leafSpec();
    spec.commonName = text;
    const Certificate leaf = pki.leaf(spec);
    CHECK(leaf.commonName().size() <= 64);
    CHECK(validate({leaf, pki.middle}, pki.trust(), "www.example.com", now, Purpose::Server)
              .trusted());
  }
}
