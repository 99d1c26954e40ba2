// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/payload.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

using namespace packetarium;
using namespace packetarium::wire;

TEST_CASE("A pattern is the alphabet over and over, from its place in the stream") {
  const Payload p = Payload::pattern(24, 5);
  CHECK(p.toText() == "yzabc");
  CHECK(p.isPattern());
  CHECK(p.view().empty());
  CHECK(p.slice(1, 3).toText() == "zab");
  CHECK(Payload::pattern(1ULL << 40, 1).toText() == std::string(1, char('a' + (1ULL << 40) % 26)));
}

TEST_CASE("Slicing and joining payloads equals slicing and joining text") {
  CHECK(rc::check("payloads", [](std::uint64_t seed) {
    RandomStream r(seed, "test", "payload");
    Payload p;
    std::string text;
    for (int step = 0; step < 12; ++step) {
      const auto size = static_cast<std::uint32_t>(r.below(30));
      const Payload part = r.chance(0.5) ? Payload::pattern(r.below(100), size)
                                         : Payload::of(std::string(size, char('A' + step)));
      text += part.toText();
      p = p.followedBy(part);
      if (r.chance(0.3) && p.size() > 0) {
        const auto from = static_cast<std::uint32_t>(r.below(p.size()));
        const auto length = static_cast<std::uint32_t>(r.below(p.size() - from + 1));
        p = p.slice(from, length);
        text = text.substr(from, length);
      }
      RC_ASSERT(p.size() == text.size());
      RC_ASSERT(p.toText() == text);
      RC_ASSERT(p.sameBytes(Payload::of(text)));
      const Bytes bytes = p.toBytes();
      RC_ASSERT(std::string(bytes.begin(), bytes.end()) == text);
    }
  }));
}

TEST_CASE("Neighbouring slices merge without a copy and patterns stay virtual") {
  const Payload whole = Payload::of("hello world");
  const Payload joined = whole.slice(0, 5).followedBy(whole.slice(5, 6));
  CHECK(joined.view().data() == whole.view().data());
  CHECK(joined.toText() == "hello world");
  CHECK(Payload::pattern(3, 10).followedBy(Payload::pattern(13, 7)).isPattern());
  CHECK_FALSE(Payload::pattern(3, 10).followedBy(Payload::pattern(14, 7)).isPattern());
}

TEST_CASE("The same content in the same form has the same hash") {
  CHECK(Payload::of("abc").hash() == Payload::of("xabcx").slice(1, 3).hash());
  CHECK(Payload::pattern(1, 9).hash() == Payload::pattern(27, 9).hash());
  CHECK(Payload::pattern(1, 9).hash() != Payload::pattern(2, 9).hash());
  CHECK(Payload::of("abc").hash() != Payload::of("abd").hash());
  CHECK(Payload{}.hash() == Payload::of("x").slice(1, 0).hash());
}
