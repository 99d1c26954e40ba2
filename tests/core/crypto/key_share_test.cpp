// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/key_share.h"
#include "tests/support/catch.h"

#include <thread>

using namespace packetarium;
using namespace packetarium::crypto;

namespace {

const std::vector<Group> groups = {Group::Secp256r1, Group::Secp384r1, Group::X25519,
                                   Group::Ffdhe2048};

KeyShare seededShare(Group group, std::uint64_t seed) {
  RandomStream stream(seed, "test", "share");
  StreamEntropy entropy(stream);
  return KeyShare::generate(group, entropy);
}

Bytes mustAgree(const KeyShare &ours, View theirs) {
  const auto secret = ours.agree(theirs);
  REQUIRE(secret.has_value());
  return *secret;
}

} // namespace

TEST_CASE("X25519 gives the values of RFC 7748 sections 5.2 and 6.1") {
  const auto first = KeyShare::fromPrivate(
      Group::X25519, fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  REQUIRE(first.has_value());
  CHECK(hex(mustAgree(*first, fromHex("e6db6867583030db3594c1a424b15f7c"
                                      "726624ec26b3353b10a903a6d0ab1c4c"))) ==
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  const auto alice = KeyShare::fromPrivate(
      Group::X25519, fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  REQUIRE(alice.has_value());
  CHECK(hex(alice->publicValue()) ==
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  const auto bob = KeyShare::fromPrivate(
      Group::X25519, fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  REQUIRE(bob.has_value());
  CHECK(hex(bob->publicValue()) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  CHECK(hex(mustAgree(*alice, bob->publicValue())) ==
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(mustAgree(*alice, bob->publicValue()) == mustAgree(*bob, alice->publicValue()));
}

TEST_CASE("P-256 gives the values of RFC 5903 section 8.1") {
  const auto ours = KeyShare::fromPrivate(
      Group::Secp256r1,
      fromHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
  const auto theirs = KeyShare::fromPrivate(
      Group::Secp256r1,
      fromHex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"));
  REQUIRE(ours.has_value());
  REQUIRE(theirs.has_value());
  CHECK(hex(ours->publicValue()) ==
        "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c"
        "456fa3e59ab1f45b33accf5f58389e0577b8990bb3");
  CHECK(hex(theirs->publicValue()) ==
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e815785"
        "4c13c58d6aac23f046ada30f8353e74f33039872ab");
  CHECK(hex(mustAgree(*ours, theirs->publicValue())) ==
        "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

TEST_CASE("Two sides of every group agree on one secret") {
  for (const Group group : groups) {
    const KeyShare a = seededShare(group, 1);
    const KeyShare b = seededShare(group, 2);
    CAPTURE(name(group));
    CHECK(a.publicValue() != b.publicValue());
    CHECK(mustAgree(a, b.publicValue()) == mustAgree(b, a.publicValue()));
    const auto again = KeyShare::fromPrivate(group, a.privateValue());
    REQUIRE(again.has_value());
    CHECK(again->publicValue() == a.publicValue());
    CHECK(mustAgree(*again, b.publicValue()) == mustAgree(a, b.publicValue()));
    CHECK(a.p().size() == (group == Group::Ffdhe2048 ? 256U : 0U));
    CHECK(a.g() == (group == Group::Ffdhe2048 ? Bytes{2} : Bytes{}));
  }
}

TEST_CASE("The same entropy makes the same share on every thread, after anything") {
  for (const Group group : groups) {
    const Bytes expected = seededShare(group, 7).publicValue();
    (void)seededShare(Group::Secp384r1, 8);
    CHECK(seededShare(group, 7).publicValue() == expected);
    Bytes elsewhere;
    std::thread other([&] { elsewhere = seededShare(group, 7).publicValue(); });
    other.join();
    CHECK(elsewhere == expected);
    RandomStream used(7, "test", "share");
    RandomStream counted(7, "test", "share");
    StreamEntropy entropy(used);
    (void)KeyShare::generate(group, entropy);
    for (int i = 0; i < 4; ++i) (void)counted.next();
    CHECK(used.next() == counted.next()); // exactly 32 bytes were drawn
  }
}

TEST_CASE("Values that are not of the group are refused") {
  for (const Group group : {Group::Secp256r1, Group::Secp384r1}) {
    const KeyShare share = seededShare(group, 3);
    Bytes off = seededShare(group, 4).publicValue();
    off.back() ^= 1;
    CHECK_FALSE(share.agree(off).has_value());
    Bytes compressed(share.publicValue().begin(),
                     share.publicValue().begin() +
                         static_cast<std::ptrdiff_t>((share.publicValue().size() + 1) / 2));
    compressed[0] = 2;
    CHECK_FALSE(share.agree(compressed).has_value());
    CHECK_FALSE(share.agree(Bytes{0}).has_value()); // infinity
    CHECK_FALSE(share.agree(Bytes(share.publicValue().size())).has_value());
    CHECK_FALSE(KeyShare::fromPrivate(group, Bytes{0}).has_value());
    CHECK_FALSE(KeyShare::fromPrivate(group, Bytes(group == Group::Secp256r1 ? 32 : 48, 0xff)));
  }
  const KeyShare x = seededShare(Group::X25519, 3);
  CHECK_FALSE(x.agree(Bytes(32)).has_value()); // the all-zero secret
  CHECK_FALSE(x.agree(Bytes(31, 9)).has_value());
  CHECK_FALSE(x.agree({}).has_value());
  CHECK_FALSE(KeyShare::fromPrivate(Group::X25519, Bytes(31)).has_value());
  CHECK_FALSE(KeyShare::fromPrivate(Group::None, Bytes(32)).has_value());

  const KeyShare dh = seededShare(Group::Ffdhe2048, 3);
  Bytes last = dh.p();
  last.back() -= 1;
  CHECK_FALSE(dh.agree({}).has_value());
  CHECK_FALSE(dh.agree(Bytes{0}).has_value());
  CHECK_FALSE(dh.agree(Bytes{1}).has_value());
  CHECK_FALSE(dh.agree(last).has_value());
  CHECK_FALSE(dh.agree(dh.p()).has_value());
  CHECK_FALSE(dh.agree(Bytes(256, 0xff)).has_value());
  CHECK(mustAgree(dh, Bytes{2}) == dh.publicValue()); // g to the power of x
}

TEST_CASE("Explicit Diffie-Hellman parameters make padded values and secrets") {
  const KeyShare known = seededShare(Group::Ffdhe2048, 1);
  RandomStream stream(5, "test", "dh");
  StreamEntropy entropy(stream);
  const auto a = KeyShare::generateDh(known.p(), known.g(), entropy);
  const auto b = KeyShare::generateDh(known.p(), Bytes{0, 2}, entropy);
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  CHECK(a->group() == Group::None);
  CHECK(a->p() == known.p());
  CHECK(a->g() == Bytes{2});
  CHECK(a->publicValue().size() == 256);
  CHECK(mustAgree(*a, b->publicValue()) == mustAgree(*b, a->publicValue()));
  CHECK(mustAgree(*a, known.publicValue()) == mustAgree(known, a->publicValue()));
  CHECK(mustAgree(*a, Bytes{2}) == a->publicValue());

  Bytes even = known.p();
  even.back() &= 0xfe;
  CHECK_FALSE(KeyShare::generateDh(even, Bytes{2}, entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh(known.p(), Bytes{1}, entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh(known.p(), Bytes{}, entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh(known.p(), known.p(), entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh(Bytes(64, 0xff), Bytes{2}, entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh(Bytes(1025, 0xff), Bytes{2}, entropy).has_value());
  CHECK_FALSE(KeyShare::generateDh({}, {}, entropy).has_value());
}

TEST_CASE("A secret with leading zeros keeps its length") {
  const KeyShare dh = seededShare(Group::Ffdhe2048, 3);
  // 2 to the power of x for small x: the agreement of the side with that x and g.
  const auto small = KeyShare::fromPrivate(Group::Ffdhe2048, Bytes{5});
  REQUIRE(small.has_value());
  CHECK(small->publicValue().size() == 256);
  CHECK(small->publicValue().back() == 32);
  Bytes expected(256);
  expected.back() = 32;
  CHECK(mustAgree(*small, dh.g()) == expected);
}
