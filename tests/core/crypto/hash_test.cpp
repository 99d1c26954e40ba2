// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/hash.h"
#include "tests/support/catch.h"

using namespace packetarium::crypto;

TEST_CASE("Hashes give the values of FIPS 180's examples") {
  const Bytes abc = fromHex("616263");
  CHECK(hex(digest(Hash::Sha1, abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(digest(Hash::Sha256, abc)) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(digest(Hash::Sha384, abc)) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7");
  CHECK(hex(digest(Hash::Sha512, abc)) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  CHECK(hex(digest(Hash::Sha256,
                   viewOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(digest(Hash::Sha256, {})) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(size(Hash::Sha384) == 48);
  CHECK(name(Hash::Sha512) == "SHA-512");
}

TEST_CASE("A hash copied in the middle goes on by itself") {
  Digest whole(Hash::Sha256);
  whole.update(viewOf("a"));
  Digest copy(whole);
  CHECK(copy.value() == digest(Hash::Sha256, viewOf("a")));
  copy.update(viewOf("bc"));
  whole.update(viewOf("x"));
  CHECK(copy.value() == digest(Hash::Sha256, viewOf("abc")));
  CHECK(copy.value() == digest(Hash::Sha256, viewOf("abc")));
  CHECK(whole.value() == digest(Hash::Sha256, viewOf("ax")));
  whole = copy;
  whole.update(viewOf("d"));
  CHECK(whole.value() == digest(Hash::Sha256, viewOf("abcd")));
  CHECK(copy.value() == digest(Hash::Sha256, viewOf("abc")));
  Digest moved(std::move(whole));
  CHECK(moved.value() == digest(Hash::Sha256, viewOf("abcd")));
  CHECK(Digest(Hash::Sha384).value() == digest(Hash::Sha384, {}));
}

TEST_CASE("HMAC gives the values of RFC 4231") {
  const Bytes key1(20, 0x0b);
  CHECK(hex(hmac(Hash::Sha256, key1, viewOf("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac(Hash::Sha384, key1, viewOf("Hi There"))) ==
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
        "faea9ea9076ede7f4af152e8b2fa9cb6");
  CHECK(hex(hmac(Hash::Sha512, key1, viewOf("Hi There"))) ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  CHECK(hex(hmac(Hash::Sha256, viewOf("Jefe"), viewOf("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Bytes longKey(131, 0xaa);
  CHECK(hex(hmac(Hash::Sha256, longKey,
                 viewOf("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HMAC takes an empty key whatever key came before") {
  (void)hmac(Hash::Sha256, viewOf("another key"), viewOf("text"));
  CHECK(hex(hmac(Hash::Sha256, {}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("HKDF gives the values of RFC 5869") {
  const Bytes ikm(22, 0x0b);
  const Bytes prk = hkdfExtract(Hash::Sha256, fromHex("000102030405060708090a0b0c"), ikm);
  CHECK(hex(prk) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  CHECK(hex(hkdfExpand(Hash::Sha256, prk, fromHex("f0f1f2f3f4f5f6f7f8f9"), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  const Bytes plain = hkdfExtract(Hash::Sha256, {}, ikm); // test case 3: no salt, no info
  CHECK(hex(plain) == "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  CHECK(hex(hkdfExpand(Hash::Sha256, plain, {}, 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  CHECK(hkdfExpand(Hash::Sha256, prk, {}, 0).empty());
  CHECK(hkdfExpand(Hash::Sha384, Bytes(48, 1), {}, 255 * 48).size() == 255 * 48);
}

TEST_CASE("The pseudorandom function of TLS 1.2 gives the widely used test vector") {
  CHECK(hex(tls12Prf(Hash::Sha256, fromHex("9bbe436ba940f017b17652849a71db35"), "test label",
                     fromHex("a0ba9f936cda311827a6f796ffd5198c"), 100)) ==
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
        "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
        "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
        "87347b66");
}

TEST_CASE("Hexadecimal text and bytes are two forms of the same") {
  CHECK(hex(Bytes{0x00, 0xff, 0x1a}) == "00ff1a");
  CHECK(fromHex("00Ff1A") == Bytes{0x00, 0xff, 0x1a});
  for (const char *bad : {"", "0", "0g", "00 ff", "0x00"}) CHECK(fromHex(bad).empty());
  CHECK(sameSecret(fromHex("0102"), fromHex("0102")));
  CHECK_FALSE(sameSecret(fromHex("0102"), fromHex("0103")));
  CHECK_FALSE(sameSecret(fromHex("0102"), fromHex("01")));
  CHECK(sameSecret({}, {}));
}
