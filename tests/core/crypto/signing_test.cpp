// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/hash.h"
#include "core/crypto/signing.h"
#include "tests/support/catch.h"

#include <thread>

using namespace packetarium;
using namespace packetarium::crypto;

namespace {

const std::vector<SignatureScheme> schemes = {
    SignatureScheme::RsaPkcs1Sha1,         SignatureScheme::RsaPkcs1Sha256,
    SignatureScheme::RsaPkcs1Sha384,       SignatureScheme::RsaPkcs1Sha512,
    SignatureScheme::EcdsaSecp256r1Sha256, SignatureScheme::EcdsaSecp384r1Sha384,
    SignatureScheme::RsaPssRsaeSha256,     SignatureScheme::RsaPssRsaeSha384,
    SignatureScheme::RsaPssRsaeSha512,     SignatureScheme::Ed25519};
const std::vector<KeyKind> kinds = {KeyKind::EcP256, KeyKind::EcP384, KeyKind::Ed25519,
                                    KeyKind::Rsa2048};

PrivateKey seededKey(KeyKind kind, std::uint64_t seed) {
  RandomStream stream(seed, "test", "key");
  StreamEntropy entropy(stream);
  return PrivateKey::generate(kind, entropy);
}

std::optional<Bytes> seededSignature(const PrivateKey &key, SignatureScheme scheme, View message,
                                     std::uint64_t seed) {
  RandomStream stream(seed, "test", "signature");
  StreamEntropy entropy(stream);
  return key.sign(scheme, message, entropy);
}

} // namespace

TEST_CASE("Every scheme signs with its kinds of key and no other") {
  for (const KeyKind kind : kinds) {
    const PrivateKey key = seededKey(kind, 1);
    const PublicKey half = key.publicKey();
    CHECK(half.kind() == kind);
    const auto read = PublicKey::fromDer(half.der());
    REQUIRE(read.ok());
    for (const SignatureScheme scheme : schemes) {
      CAPTURE(name(kind), name(scheme));
      const auto signature = seededSignature(key, scheme, viewOf("a message"), 3);
      CHECK(signature.has_value() == fits(scheme, kind));
      if (!signature) {
        CHECK_FALSE(half.verify(scheme, viewOf("a message"), Bytes(64, 1)));
        continue;
      }
      CHECK(read->verify(scheme, viewOf("a message"), *signature));
      CHECK_FALSE(half.verify(scheme, viewOf("a massage"), *signature));
      Bytes bad = *signature;
      bad[bad.size() / 2] ^= 1;
      CHECK_FALSE(half.verify(scheme, viewOf("a message"), bad));
      CHECK_FALSE(half.verify(scheme, viewOf("a message"), {}));
    }
  }
  CHECK(name(static_cast<SignatureScheme>(0x0707)).empty());
  CHECK_FALSE(fits(static_cast<SignatureScheme>(0x0707), KeyKind::Rsa2048));
}

TEST_CASE("The same entropy makes the same keys and signatures, on every thread, after anything") {
  for (const KeyKind kind : kinds) {
    const PrivateKey key = seededKey(kind, 5);
    std::string elsewhere;
    std::vector<Bytes> signedElsewhere;
    std::thread other([&] {
      const PrivateKey mine = seededKey(kind, 5);
      elsewhere = mine.pem();
      for (const SignatureScheme scheme : schemes)
        signedElsewhere.push_back(
            seededSignature(mine, scheme, viewOf("text"), 6).value_or(Bytes{}));
    });
    other.join();
    CHECK(elsewhere == key.pem());
    for (int round = 0; round < 40; ++round) // a key's blinding is renewed every 32 uses
      for (std::size_t i = 0; i < schemes.size(); ++i)
        REQUIRE(seededSignature(key, schemes[i], viewOf("text"), 6).value_or(Bytes{}) ==
                signedElsewhere[i]);
    const auto other6 =
        seededSignature(key, SignatureScheme::EcdsaSecp256r1Sha256, viewOf("text"), 7);
    if (other6) CHECK(*other6 != signedElsewhere[4]); // another nonce
  }
}

TEST_CASE("A signature draws 32 bytes from the run's stream, whatever the scheme") {
  for (const KeyKind kind : kinds)
    for (const SignatureScheme scheme : schemes) {
      if (!fits(scheme, kind)) continue;
      const PrivateKey key = seededKey(kind, 5);
      RandomStream used(6, "test", "signature");
      RandomStream counted(6, "test", "signature");
      StreamEntropy entropy(used);
      (void)key.sign(scheme, viewOf("text"), entropy);
      for (int i = 0; i < 4; ++i) (void)counted.next();
      CHECK(used.next() == counted.next());
    }
}

TEST_CASE("A given salt reproduces an RSASSA-PSS signature") {
  const PrivateKey key = seededKey(KeyKind::Rsa2048, 9);
  Bytes first;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const LiteralRandomScope salt(Bytes(32, 0x5a));
    const auto signature =
        seededSignature(key, SignatureScheme::RsaPssRsaeSha256, viewOf("text"), seed);
    REQUIRE(signature.has_value());
    CHECK(salt.unused() == 0);
    if (first.empty()) first = *signature;
    CHECK(*signature == first);
  }
  CHECK(seededSignature(key, SignatureScheme::RsaPssRsaeSha256, viewOf("text"), 1) != first);
}

TEST_CASE("Ed25519 gives the values of RFC 8032 section 7.1") {
  // PKCS #8 around the seed of test 2 (RFC 8410 section 7).
  const auto key = PrivateKey::fromDer(
      fromHex("302e020100300506032b657004220420"
              "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  REQUIRE(key.ok());
  CHECK(hex(key->publicKey().der()) ==
        "302a300506032b6570032100"
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = seededSignature(*key, SignatureScheme::Ed25519, fromHex("72"), 1);
  REQUIRE(signature.has_value());
  CHECK(hex(*signature) == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                           "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST_CASE("RSA encryption comes back, and refuses what was tampered with") {
  const PrivateKey key = seededKey(KeyKind::Rsa2048, 2);
  RandomStream stream(1, "test", "rsa");
  StreamEntropy entropy(stream);
  const Bytes secret = entropy.bytes(48);
  const auto sealed = key.publicKey().encrypt(secret, entropy);
  REQUIRE(sealed.has_value());
  CHECK(sealed->size() == 256);
  CHECK(key.decrypt(*sealed, entropy) == secret);
  Bytes bad = *sealed;
  bad[100] ^= 1;
  CHECK(key.decrypt(bad, entropy) != secret);
  CHECK_FALSE(key.decrypt({}, entropy).has_value());
  CHECK_FALSE(key.publicKey().encrypt(Bytes(256), entropy).has_value());
  const PrivateKey curve = seededKey(KeyKind::EcP256, 2);
  CHECK_FALSE(curve.publicKey().encrypt(secret, entropy).has_value());
  CHECK_FALSE(curve.decrypt(*sealed, entropy).has_value());
}

TEST_CASE("Keys come back from their texts; nonsense is a fault") {
  for (const KeyKind kind : kinds) {
    const PrivateKey key = seededKey(kind, 4);
    const auto read = PrivateKey::fromPem(key.pem());
    REQUIRE(read.ok());
    CHECK(read->kind() == kind);
    CHECK(read->pem() == key.pem());
    CHECK(read->publicKey().der() == key.publicKey().der());
    Bytes longer = key.publicKey().der();
    longer.push_back(0);
    CHECK_FALSE(PublicKey::fromDer(longer).ok());
    for (std::size_t i = 0; i < longer.size() - 1; ++i)
      CHECK_FALSE(PublicKey::fromDer(View(longer).first(i)).ok());
  }
  CHECK_FALSE(PrivateKey::fromPem("").ok());
  CHECK_FALSE(PrivateKey::fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                                  "-----END PRIVATE KEY-----\n")
                  .ok());
  CHECK_FALSE(PrivateKey::fromDer(Bytes{0x30, 0x00}).ok());
  CHECK_FALSE(
      PrivateKey::fromRsa(Bytes(64, 3), Bytes{3}, Bytes(64, 5), Bytes(32, 7), Bytes(32, 9)).ok());
  CHECK_FALSE(PrivateKey::fromRsa({}, {}, {}, {}, {}).ok());
}
