// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/aead.h"
#include "tests/support/catch.h"

using namespace packetarium::crypto;

namespace {

struct Vector {
  AeadKind kind;
  const char *key, *nonce, *associated, *plain, *sealed;
};

/// Test cases 1 to 4 and 13 to 16 of McGrew and Viega's paper on GCM (in NIST's submission), and
/// RFC 8439 section 2.8.2.
const Vector vectors[] = {
    {AeadKind::Aes128Gcm, "00000000000000000000000000000000", "000000000000000000000000", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {AeadKind::Aes128Gcm, "00000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    {AeadKind::Aes128Gcm, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
     "4d5c2af327cd64a62cf35abd2ba6fab4"},
    {AeadKind::Aes128Gcm, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {AeadKind::Aes256Gcm, "0000000000000000000000000000000000000000000000000000000000000000",
     "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {AeadKind::Aes256Gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {AeadKind::ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
     "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
     "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
     "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
     "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b6116"
     "1ae10b594f09e26a7e902ecbd0600691"},
};

} // namespace

TEST_CASE("Ciphers give the published ciphertexts and tags, and take them back") {
  for (const Vector &v : vectors) {
    Aead aead(v.kind, fromHex(v.key));
    for (int round = 0; round < 2; ++round) { // the same key serves many records
      Bytes sealed = {1, 2, 3};
      aead.seal(fromHex(v.nonce), fromHex(v.associated), fromHex(v.plain), sealed);
      CHECK(hex(sealed) == std::string("010203") + v.sealed);
      Bytes plain = {9};
      CHECK(aead.open(fromHex(v.nonce), fromHex(v.associated), fromHex(v.sealed), plain));
      CHECK(hex(plain) == std::string("09") + v.plain);
    }
  }
}

TEST_CASE("A record with one bit changed anywhere is refused, and leaves no trace") {
  for (const Vector &v : vectors) {
    Aead aead(v.kind, fromHex(v.key));
    const Bytes good = fromHex(v.sealed);
    const Bytes nonce = fromHex(v.nonce);
    const Bytes associated = fromHex(v.associated);
    Bytes out = {7};
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      CHECK_FALSE(aead.open(nonce, associated, bad, out));
      CHECK_FALSE(aead.open(nonce, associated, View(good).first(i), out));
    }
    Bytes otherNonce = nonce;
    otherNonce[11] ^= 1;
    CHECK_FALSE(aead.open(otherNonce, associated, good, out));
    CHECK_FALSE(aead.open(nonce, fromHex("aa"), good, out));
    CHECK_FALSE(aead.open(View(nonce).first(11), associated, good, out));
    CHECK(out == Bytes{7});
    CHECK(aead.open(nonce, associated, good, out)); // and the key still works
  }
}

TEST_CASE("A copied cipher has the same key and its own state") {
  for (const Vector &v : vectors) {
    Aead aead(v.kind, fromHex(v.key));
    Bytes sealed;
    aead.seal(fromHex("0102030405060708090a0b0c"), {}, viewOf("before"), sealed);
    Aead copy(aead);
    Aead assigned(AeadKind::Aes128Gcm, Bytes(16));
    assigned = copy;
    for (Aead *each : {&copy, &aead, &assigned}) {
      sealed.clear();
      each->seal(fromHex(v.nonce), fromHex(v.associated), fromHex(v.plain), sealed);
      CHECK(hex(sealed) == v.sealed);
    }
    CHECK(assigned.kind() == v.kind);
    CHECK(hex(assigned.key()) == v.key);
  }
}
