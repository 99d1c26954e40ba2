// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cow.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/ring.h"
#include "core/base/sim_time.h"
#include "tests/support/catch.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

using namespace packetarium;

namespace {

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

/// Counts how often it is copied.
struct Counted {
  int *copies = nullptr;
  int value = 0;
  Counted() = default;
  Counted(int *c, int v) : copies(c), value(v) {}
  Counted(const Counted &o) : copies(o.copies), value(o.value) { ++*copies; }
  Counted(Counted &&) = default;
  Counted &operator=(const Counted &) = default;
};

} // namespace

TEST_CASE("Sums of times stop at the ends of the range") {
  const Duration least = Duration::ns(lowest);
  CHECK(Duration::max() + Duration::ns(1) == Duration::max());
  CHECK(least - Duration::ns(1) == least);
  CHECK(Duration::ns(0) - least == Duration::max());
  CHECK(Duration::ns(-1) - least == Duration::max());
  CHECK(Duration::max() * 2 == Duration::max());
  CHECK(Duration::max() * -2 == least);
  CHECK(least / -1 == Duration::max());
  CHECK(SimTime::max() + Duration::seconds(1) == SimTime::max());
  CHECK(SimTime::fromNs(highest) - SimTime::fromNs(lowest) == Duration::max());
  CHECK(SimTime::zero() - least == SimTime::max());
  CHECK(Duration::seconds(highest) == Duration::max());
  CHECK(Duration::ms(lowest) == least);
}

TEST_CASE("Units are powers of a thousand and instants differ by durations") {
  CHECK(Duration::seconds(1).ns() == 1'000'000'000);
  CHECK(Duration::ms(1).ns() == 1'000'000);
  CHECK(Duration::us(1).ns() == 1'000);
  CHECK(SimTime::fromNs(7) - SimTime::fromNs(10) == Duration::ns(-3));
  SimTime t = SimTime::fromNs(5);
  t += Duration::ns(6);
  CHECK(t.ns() == 11);
  CHECK(Duration::ms(1500).toSeconds() == Approx(1.5));
}

TEST_CASE("Durations are written exactly in the largest unit that is not below one") {
  CHECK(toString(Duration::ns(0)) == "0s");
  CHECK(toString(Duration::ns(1)) == "1ns");
  CHECK(toString(Duration::ns(999)) == "999ns");
  CHECK(toString(Duration::ns(1'050)) == "1.05us");
  CHECK(toString(Duration::ms(20)) == "20ms");
  CHECK(toString(Duration::ms(1500)) == "1.5s");
  CHECK(toString(Duration::ns(1'000'000'001)) == "1.000000001s");
  CHECK(toString(Duration::ns(-2'500'000)) == "-2.5ms");
  CHECK(toString(Duration::ns(lowest)) == "-9223372036.854775808s");
  CHECK(toString(SimTime::fromNs(250)) == "250ns");
}

TEST_CASE("A copy-on-write box copies on the first write after a copy, and only then") {
  int copies = 0;
  Cow<Counted> a(Counted(&copies, 1));
  Cow<Counted> b = a;
  CHECK(copies == 0);
  CHECK(a.sharedWith(b));
  b.write().value = 2;
  CHECK(copies == 1);
  CHECK_FALSE(a.sharedWith(b));
  CHECK(a->value == 1);
  CHECK(b->value == 2);
  b.write().value = 3;
  a.write().value = 4;
  CHECK(copies == 1);
}

TEST_CASE("Boxes can be assigned to themselves, moved from, and copied after that") {
  Cow<std::string> a(std::string("text"));
  const Cow<std::string> &alias = a;
  a = alias;
  CHECK(a.read() == "text");
  Cow<std::string> b = std::move(a);
  CHECK(b.read() == "text");
  Cow<std::string> c = a; // NOLINT: that a moved-from box can be copied is the point
  a = b;
  CHECK(a.read() == "text");
  CHECK(a.sharedWith(b));
  c = a;
  c.write() += "!";
  CHECK(a.read() == "text");
}

TEST_CASE("A ring behaves like a deque, through growth, wrapping and copies") {
  RandomStream random(8, "test", "ring");
  Ring<int> ring;
  std::deque<int> naive;
  for (int i = 0; i < 20'000; ++i) {
    if (naive.empty() || random.below(100) < 52) {
      ring.push(i);
      naive.push_back(i);
    } else {
      REQUIRE(ring.front() == naive.front());
      ring.pop();
      naive.pop_front();
    }
    if (i % 977 == 0) {
      Ring<int> copy = ring;
      ring = copy;
    }
    REQUIRE(ring.size() == naive.size());
    if (!naive.empty()) {
      REQUIRE(ring.back() == naive.back());
      const std::size_t at = random.below(naive.size());
      REQUIRE(ring[at] == naive[at]);
    }
  }
  ring.clear();
  CHECK(ring.empty());
  ring.push(5);
  CHECK(ring.front() == 5);
}

TEST_CASE("A ring lets go of what was popped, and its copies hold only what is in it") {
  auto first = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  ring.push(first);
  ring.push(std::make_shared<int>(2));
  ring.pop();
  CHECK(first.use_count() == 1);
  const auto second = ring.front();
  {
    const Ring<std::shared_ptr<int>> copy = ring;
    CHECK(second.use_count() == 3);
    CHECK(*copy.front() == 2);
  }
  ring.clear();
  CHECK(second.use_count() == 1);
}

TEST_CASE("A result holds a value or faults, also when the value is itself a text") {
  const Result<std::string> good = std::string("fine");
  CHECK(good.ok());
  CHECK(*good == "fine");
  const Result<std::string> bad = Fault{"links[3].rate_bps", "must be at least 1, got 0"};
  CHECK_FALSE(bad.ok());
  REQUIRE(bad.faults().size() == 1);
  CHECK(bad.faults()[0].text() == "links[3].rate_bps: must be at least 1, got 0");
  CHECK(Fault{"", "no path"}.text() == "no path");
  const Result<bool> no = false;
  CHECK(no.ok());
  CHECK_FALSE(*no);
}

TEST_CASE("Hashes are those of FNV-1a and SplitMix64, finished alike") {
  // FNV-1a of "a" is 0xaf63dc4c8601ec8c (published vector); SplitMix64 seeded with 0 first gives
  // 0xe220a8397b1dcdaf, which is its finaliser on the golden gamma.
  CHECK(hashText("a") == mix64(0xaf63dc4c8601ec8cULL));
  CHECK(hashText("") == mix64(0xcbf29ce484222325ULL));
  CHECK(mix64(0x9e3779b97f4a7c15ULL) == 0xe220a8397b1dcdafULL);
  CHECK(hashCombine(hashCombine(0, 1), 2) != hashCombine(hashCombine(0, 2), 1));
}

TEST_CASE("The hash of bytes feels every bit and the length, also behind the last whole word") {
  std::vector<std::uint8_t> bytes(21);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::uint64_t plain = hashBytes(bytes.data(), size);
    if (size > 0) CHECK(plain != hashBytes(bytes.data(), size - 1));
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      if (hashBytes(bytes.data(), size) == plain) FAIL("bit " << bit << " of " << size);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
  }
  // The bytes of a word count from the lowest, on any machine.
  const std::uint8_t two[] = {0x34, 0x12};
  std::uint64_t h = (0xcbf29ce484222325ULL ^ 2 ^ 0x1234) * 0x9e3779b97f4a7c15ULL;
  h ^= h >> 32;
  CHECK(hashBytes(two, 2) == mix64(h));
}

TEST_CASE("An index is invalid until it is set, and kinds of indices do not mix") {
  CHECK_FALSE(NodeIndex{}.valid());
  CHECK(NodeIndex{0}.valid());
  CHECK_FALSE(std::is_convertible_v<NodeIndex, LinkIndex>);
}
