// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/version_vector.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <set>
#include <utility>

using namespace packetarium::cluster;

namespace {

/// What a vector says, spelt out: every single write that is known.
using History = std::set<std::pair<int, int>>;

History historyOf(const std::vector<int> &counts) {
  History all;
  for (int member = 0; member < static_cast<int>(counts.size()); ++member)
    for (int i = 1; i <= counts[static_cast<std::size_t>(member)]; ++i) all.emplace(member, i);
  return all;
}

VersionVector vectorOf(const std::vector<int> &counts) {
  VersionVector vector;
  for (std::size_t m = 0; m < counts.size(); ++m)
    vector.add({std::string(1, static_cast<char>('a' + m)), static_cast<std::uint64_t>(counts[m])});
  return vector;
}

std::vector<int> someCounts() {
  return *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(0, 4));
}

} // namespace

TEST_CASE("Vectors compare as the sets of writes they stand for") {
  CHECK(rc::check([] {
    const auto a = someCounts(), b = someCounts();
    const History here = historyOf(a), there = historyOf(b);
    const bool includes = std::includes(here.begin(), here.end(), there.begin(), there.end());
    const bool included = std::includes(there.begin(), there.end(), here.begin(), here.end());
    const Order expected = includes && included ? Order::Equal
                           : includes           ? Order::After
                           : included           ? Order::Before
                                                : Order::Concurrent;
    RC_ASSERT(vectorOf(a).compare(vectorOf(b)) == expected);
  }));
}

TEST_CASE("Merging vectors is the union of what they stand for") {
  CHECK(rc::check([] {
    const auto a = someCounts(), b = someCounts();
    History both = historyOf(a);
    both.merge(historyOf(b));
    VersionVector merged = vectorOf(a);
    merged.merge(vectorOf(b));
    for (int m = 0; m < 4; ++m)
      for (int i = 1; i < 5; ++i)
        RC_ASSERT(merged.covers(Dot{std::string(1, static_cast<char>('a' + m)),
                                    static_cast<std::uint64_t>(i)}) == both.contains({m, i}));
  }));
}

TEST_CASE("Vectors of sites that wrote in different partitions are found to be concurrent") {
  const auto left = VersionVector::parse("a:3,c:1"), right = VersionVector::parse("a:2,c:2");
  REQUIRE((left.ok() && right.ok()));
  CHECK(left->compare(*right) == Order::Concurrent);
  CHECK(VersionVector::parse("a:2,c:1")->compare(*left) == Order::Before);
  CHECK(left->next("a").text() == "a:4");
  CHECK(left->next("b").text() == "b:1");
}

TEST_CASE("A vector's text reads back, and nothing else is read") {
  CHECK(rc::check([] {
    const VersionVector vector = vectorOf(someCounts());
    const auto back = VersionVector::parse(vector.text());
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == vector);
  }));
  for (const char *bad : {"a", "a:", ":1", "a:0", "a:-1", "a:1,", ",a:1", "a:1,a:2", "a:1 ",
                          "a b:1", "a:99999999999999999999", "a:1;b:2"})
    CHECK_FALSE(VersionVector::parse(bad).ok());
  CHECK(VersionVector::parse("")->empty());
  CHECK_FALSE(VersionVector::parse(std::string(30000, 'a')).ok());
}
